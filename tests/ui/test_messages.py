"""Messages on what ended or arrived: they cover nothing, and any key ends them and does its own work."""

from collections.abc import Callable

import pytest

from tests.support.session import OpenApp
from wltui.ui.app.messages import GRAVE, LEAST_SECONDS, MOST, Messages
from wltui.ui.screens.workspaces import WorkspacesScreen
from wltui.ui.text.paragraphs import share_lines, wrap_paragraphs
from wltui.ui.text.spans import Role, plain
from wltui.ui.widgets.table.table import RecordTable

WELCOME = "enter opens, / filters, ! shows problems, ? lists every key."
LONG = (
    "Version 19: saved as config 31. To use it, deploy ccfraud-pipeline, fraud-shadow and another one again."
)


def test_a_message_stays_for_a_moment_whatever_is_typed_and_esc_ends_it_at_once() -> None:
    timers: list[Callable[[], None]] = []
    changes: list[int] = []
    messages = Messages(lambda _, end: timers.append(end), lambda: changes.append(1))
    for number in range(MOST + 1):
        messages.show(str(number), Role.SUCCESS, seconds=5)
    assert [message.text for message in messages.all] == ["1", "2", "3"]
    timers[0]()  # of one that has gone
    timers[1]()
    assert [message.text for message in messages.all] == ["2", "3"]
    since = messages.all[-1].since
    messages.on_key("j", since + LEAST_SECONDS / 2)
    messages.on_key("escape", messages.all[0].since - 1)  # pressed before it was shown
    assert len(messages.all) == 2
    messages.on_key("j", since + LEAST_SECONDS)
    assert messages.all == []
    before = len(changes)
    messages.on_key("j", since + LEAST_SECONDS)
    assert len(changes) == before
    messages.show("4", Role.SUCCESS)
    messages.on_key("escape", messages.all[0].since)
    assert messages.all == []


def test_what_is_grave_stays_longer_and_gives_way_to_nothing_less_grave() -> None:
    messages = Messages(lambda _, end: None, lambda: None)
    for text, role in (("lost", Role.WARNING), ("refused", Role.ERROR), *[("ready", Role.SUCCESS)] * MOST):
        messages.show(text, role)
    assert [message.text for message in messages.all] == ["lost", "refused", "ready"]
    messages.on_key("j", messages.all[-1].since + LEAST_SECONDS)
    assert [message.text for message in messages.all] == ["lost", "refused"]
    messages.on_key("j", messages.all[-1].since + GRAVE * LEAST_SECONDS)
    assert messages.all == []


def test_each_of_several_messages_has_room_and_one_that_is_cut_says_so() -> None:
    texts = [wrap_paragraphs("word " * words, Role.ERROR, 20) for words in (1, 30, 40)]
    shown = [plain(line).strip() for line in share_lines(texts, 20, 6, "…")]
    assert shown == ["word", *["word word word word"] * 2, "word word word word…", "word word word word",
                     "word word word word…"]  # fmt: skip
    assert len(share_lines(texts, 20, 1, "...")) == 3
    assert share_lines(texts[:1], 20, 6, "…") == texts[0]
    assert share_lines([], 20, 6, "…") == []


@pytest.mark.parametrize("size", [(80, 24), (200, 60)])
async def test_a_message_covers_nothing_and_a_key_ends_it_and_does_its_own_work(
    size: tuple[int, int], open_app: OpenApp
) -> None:
    async with open_app(size=size) as session:
        table, messages = session.app.screen.query_one(RecordTable), session.app.messages
        full = table.region
        messages.show("Version 19: saved as config 30.", Role.SUCCESS)
        await session.settle()
        assert session.text.split("\n")[-2].startswith(" Version 19: saved as config 30.")
        assert table.region == full
        await session.press("enter")
        assert "saved as" not in session.text
        messages.show(LONG, Role.WARNING)
        await session.press("question_mark")
        messages.show(LONG, Role.WARNING)
        await session.settle()
        assert LONG in session.text  # whole, also where it needs lines of its own
        assert len(session.app.screen_stack) == 4
        await session.press("escape")
        assert LONG not in session.text
        assert len(session.app.screen_stack) == 3


async def test_a_first_start_explains_itself_once_in_a_line_of_its_own(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as session:
        session.app.choices.is_welcomed = False
        await session.press("r")
        assert session.text.split("\n")[-3].strip() == WELCOME
        assert "11 workspaces" in session.text.split("\n")[-2]
        assert isinstance(session.app.screen, WorkspacesScreen)
        assert not session.app.screen.is_as_at_start  # the next start does not show it
        await session.press("j")
        assert WELCOME not in session.text
        await session.press("r")
        assert WELCOME not in session.text
    async with open_app(size=(80, 24), lasting=False) as session:  # as the demo is
        session.app.choices.is_welcomed = False
        await session.press("r")
        assert WELCOME not in session.text
