"""Keys work alike on every screen, and the user's own are checked, and shown wherever a key is named."""

import string
from pathlib import Path

import pytest
from textual.keys import _character_to_key

from tests.support import key_table
from tests.support.key_table import classes, screens
from wltui.cli.key_settings import parse_key
from wltui.ui.key_names import key_name, usual_keys

TABLE = Path(__file__).parents[2] / "wltui" / "ui" / "key_table.py"


def test_the_table_that_settings_are_checked_against_is_what_the_bindings_say(redraw: bool) -> None:
    text = key_table.render()
    if redraw:
        TABLE.write_text(text, encoding="utf-8")
    assert TABLE.read_text(encoding="utf-8") == text, "pytest --redraw tests/ui/test_keymap.py writes it anew"
