"""Why an action does not work is declared beside it."""

from wltui.ui.actions import disabled_if, find_reason, hidden_if, is_hidden


def closed(door: "Door") -> str:
    return "" if door.is_open else "the door is closed"


def dark(door: "Door") -> str:
    return "" if door.is_lit else "it is dark"


def gone(door: "Door") -> bool:
    return door.is_gone


class Door:
    is_open = is_lit = True
    is_gone = False

    @disabled_if(closed, dark)
    def action_enter(self) -> None:
        """Go in."""

    @hidden_if(gone)
    @disabled_if(dark)
    def action_paint(self, colour: str) -> None:
        """Paint it."""

    def action_look(self) -> None:
        """Look at it."""


class Gate(Door):
    def action_enter(self) -> None:
        """Go through."""

    @disabled_if()
    def action_paint(self, colour: str) -> None:
        """Paint it, also in the dark."""


def test_the_first_reason_counts() -> None:
    door = Door()
    assert find_reason(door, "enter") == ""
    door.is_lit = False
    assert find_reason(door, "enter") == "it is dark"
    door.is_open = False
    assert find_reason(door, "enter") == "the door is closed"
    assert find_reason(door, "look") == find_reason(door, "fly") == ""


def test_an_action_may_be_hidden_and_have_arguments() -> None:
    door = Door()
    door.is_gone, door.is_lit = True, False
    assert is_hidden(door, "paint('red')")
    assert find_reason(door, "paint('red')") == "it is dark"
    assert not is_hidden(door, "enter")


def test_an_action_that_overrides_another_keeps_its_reasons_or_has_its_own() -> None:
    gate = Gate()
    gate.is_open = gate.is_lit = False
    gate.is_gone = True
    assert find_reason(gate, "enter") == "the door is closed"
    assert find_reason(gate, "paint") == ""
    assert not is_hidden(gate, "paint")
