"""Themes that the user chooses in the palette, or that are asked for at the start."""

from itertools import groupby

import pytest
from textual.app import App

from tests.support.editing import said
from tests.support.screens import words
from tests.support.session import OpenApp, Session
from wltui.core.themes import DARK, LIGHT, AskedTheme
from wltui.store.view_choices import ViewChoices


async def choose(session: Session, text: str) -> None:
    await session.press("ctrl+p")
    await session.type(text)
    await session.press("enter")


def chip(session: Session) -> tuple[str, str, str]:
    """The instance in the header, and the names of its colours."""
    for text, look, _ in session.app.screen._compositor.render_strips()[0]:
        if "acme" in text and look is not None and look.color and look.bgcolor:
            return text, look.color.name, look.bgcolor.name
    raise AssertionError(session.text)


def is_reversed(session: Session, line: int) -> list[bool]:
    """Whether the parts of a line are reversed, one value for each run of equal ones."""
    looks = [look for _, look, _ in session.app.screen._compositor.render_strips()[line]]
    return [value for value, _ in groupby(bool(look and look.reverse) for look in looks)]


async def test_a_theme_chosen_in_the_palette_is_shown_at_once_and_kept(open_app: OpenApp) -> None:
    async with open_app(profile="acme", colour="error") as session:
        assert session.app.theme == DARK
        assert chip(session) == (" acme  embedded Wallaroo ", "#ffffff", "#870000")
        await choose(session, "theme terminal")
        assert chip(session)[1:] == ("color(15)", "color(1)")
        assert is_reversed(session, 3) == [True, False, True]  # the number of ready versions keeps its colour
        await session.press("ctrl+p", *"theme light")
        assert is_reversed(session, 2) == [False, True, False]  # the cursor of the text
        await session.press("enter")
        assert session.app.theme == LIGHT
        assert chip(session) == (" acme  embedded Wallaroo ", "#ffffff", "#870000")
        await session.press("ctrl+p")
        await session.type("theme wltui")
        assert "wltui-light light, wltui's own now" in words(session)
        await session.press("escape")
        assert session.app.looks_like_next_start()
        elsewhere = ViewChoices(session.app._state_dir)
        await session.app.choices.wait(60)
    async with open_app() as session:
        assert session.app.theme == LIGHT
        elsewhere.choose_theme("nord")
        await elsewhere.wait(60)
        assert not session.app.looks_like_next_start()  # so that no picture in the former theme is saved


async def test_a_theme_that_is_asked_for_comes_before_the_kept_one(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        App.theme, "_default", LIGHT
    )  # as Textual sets it by TEXTUAL_THEME when it is imported
    async with open_app(theme=AskedTheme(LIGHT, "TEXTUAL_THEME")) as session:
        assert session.app.theme == LIGHT
        assert session.app.screen.styles.background.hex == "#FFFFFF"
        await choose(session, "theme nord")
        assert session.app.theme == "nord"
        assert "nord for this session: TEXTUAL_THEME asks for wltui-light." in words(session)
        assert session.app.choices.theme == ""
    problem = "TEXTUAL_THEME names no theme of wltui: nrod. Did you mean nord?"
    async with open_app(theme=AskedTheme(problem=problem)) as session:
        assert problem in said(session)
        assert session.app.theme == DARK
