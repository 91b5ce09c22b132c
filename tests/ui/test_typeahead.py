"""Keys that come in a burst, as over a slow link, do what they do one by one."""

from collections.abc import Iterable

from conftest import OpenApp, Session
from textual.events import Key
from textual.keys import _character_to_key

from wltui.ui.screens.config_editor import ConfigEditor


def burst(session: Session, keys: Iterable[str]) -> None:
    """Send keys as the terminal does when they arrive in one packet: all at once."""
    for key in keys:
        name = _character_to_key(key) if len(key) == 1 else key
        session.app.post_message(Key(name, key if len(key) == 1 else None))


async def test_letters_after_tab_land_in_the_next_field(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter", "e")
        burst(session, [*"input_1", "tab", "right", "tab", *"0.25", "up", "up", *", b"])
        await session.settle()
        assert isinstance(session.app.screen, ConfigEditor)
        draft = session.app.screen.form.draft
        assert draft is not None
        assert dict(draft.edit.values) == {
            "tensor_fields": ("input_1", "b"),
            "batch_config": "single",
            "filter_threshold": 0.25,
        }


async def test_a_second_enter_does_not_open_a_row_twice(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter", "escape", "escape")
        burst(session, ["enter", "enter", "enter"])
        await session.settle()
        crumbs = session.text.splitlines()[1]
        assert crumbs.split() == ["Workspaces", "›", "api-tutorial", "⟨10⟩", "›", "api-upload-pytorch-multi-io", "⟨15⟩",
                                  "›", "version", "19"]  # fmt: skip


async def test_keys_after_ctrl_s_reach_the_review_and_not_the_form(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter", "e")
        burst(session, ["a", "b", "ctrl+s", "right", "enter"])
        await session.settle()
        assert "saved as config" in session.text


async def test_a_key_is_served_though_its_screen_has_gone(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter", "enter")
        burst(session, ["escape", "escape", "escape", "down"])
        await session.settle()
        assert "▸    11  fraud-detection" in session.text
