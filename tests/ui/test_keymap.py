"""Keys work alike on every screen, and the user's own are checked, and shown wherever a key is named."""

from pathlib import Path

from tests.support import key_table

TABLE = Path(__file__).parents[2] / "wltui" / "ui" / "key_table.py"


def test_the_table_that_settings_are_checked_against_is_what_the_bindings_say(redraw: bool) -> None:
    text = key_table.render()
    if redraw:
        TABLE.write_text(text, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == text, "pytest --redraw tests/ui/test_keymap.py writes it anew"
