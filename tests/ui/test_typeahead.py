"""Keys that come in a burst, as over a slow link, do what they do one by one."""

from conftest import OpenApp

from wltui.ui.screens.config_editor import ConfigEditor


async def test_letters_after_tab_land_in_the_next_field(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter", "e")
        await session.burst(*"input_1", "tab", "right", "tab", *"0.25", "up", "up", *", b")
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
        await session.burst("enter", "enter", "enter")
        crumbs = session.text.splitlines()[1]
        assert crumbs.split() == ["Workspaces", "›", "api-tutorial", "⟨10⟩", "›", "api-upload-pytorch-multi-io", "⟨15⟩",
                                  "›", "version", "19"]  # fmt: skip


async def test_keys_after_ctrl_s_reach_the_review_and_not_the_form(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter", "e")
        await session.burst("a", "b", "ctrl+s", "right", "enter")
        assert "saved as config" in session.text


async def test_a_key_is_served_though_its_screen_has_gone(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("down", "enter", "enter", "enter")
        await session.burst("escape", "escape", "escape", "down")
        assert "▸    11  fraud-detection" in session.text
