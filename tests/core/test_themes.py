"""The theme that is asked for, by which of several places, and the advice for a name that no theme has."""

import pytest
from textual.theme import BUILTIN_THEMES

from wltui.core.themes import ANSI, DARK, LIGHT, NAMES, TERMINAL, AskedTheme, choose_theme, find_asked
from wltui.ui.theme import OWN


def test_the_names_are_those_of_textual_and_our_own() -> None:
    assert sorted(NAMES) == sorted([*BUILTIN_THEMES, *(theme.name for theme in OWN)])
    ansi = [theme.name for theme in (*BUILTIN_THEMES.values(), *OWN) if theme.ansi]
    assert sorted(ANSI) == sorted(ansi)


@pytest.mark.parametrize(
    ("variable", "written", "asked"),
    [
        ("", "", AskedTheme()),
        ("", "nord", AskedTheme("nord", "line 3")),
        ("dracula", "nord", AskedTheme("dracula", "TEXTUAL_THEME")),
        ("galaxy, dracula", "nord", AskedTheme("dracula", "TEXTUAL_THEME")),
        (
            "nrod",
            "gruvbox",
            AskedTheme(
                "gruvbox", "line 3", "TEXTUAL_THEME names no theme of wltui: nrod. Did you mean nord?"
            ),
        ),
        (
            "wltui_lite",
            "",
            AskedTheme(
                "", "", "TEXTUAL_THEME names no theme of wltui: wltui_lite. Did you mean wltui-light?"
            ),
        ),
    ],
)
def test_the_environment_counts_before_the_file(variable: str, written: str, asked: AskedTheme) -> None:
    assert find_asked({"TEXTUAL_THEME": variable}, written, "line 3") == asked


def test_a_name_like_no_other_gets_all_names() -> None:
    problem = find_asked({"TEXTUAL_THEME": "###"}).problem
    assert "wltui-dark, wltui-light, terminal, textual-dark" in problem


@pytest.mark.parametrize(
    ("asked", "kept", "colours", "is_colourless", "chosen"),
    [
        ("", "", "truecolor", False, DARK),
        ("", LIGHT, "256", False, LIGHT),
        ("nord", LIGHT, "256", False, "nord"),
        ("", "of a later release", "256", False, DARK),
        ("", "", "standard", False, TERMINAL),
        ("nord", LIGHT, "standard", False, TERMINAL),
        ("ansi-light", "", "standard", False, "ansi-light"),
        ("nord", "", "truecolor", True, TERMINAL),
    ],
)
def test_asked_for_comes_before_kept_and_no_theme_needs_more_colours_than_there_are(
    asked: str, kept: str, colours: str, is_colourless: bool, chosen: str
) -> None:
    assert choose_theme(asked, kept, colours=colours, is_colourless=is_colourless) == chosen
