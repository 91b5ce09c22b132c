"""The review before a save: what it asks for."""

from tests.support.screens import asked, crumbs, line_with, words
from tests.support.session import OpenApp
from wltui.demo import Demo

INSERT = "models/insert_model_config"
NAME = "api-upload-pytorch-multi-io"
"""Of the model that version 19 belongs to."""


async def test_a_protected_instance_asks_for_the_models_name(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, protected=True) as session:
        await session.press("enter", "e", "enter")
        await session.type("a")
        await session.press("ctrl+s")
        assert f"of {NAME}" in line_with(session, "Change  of version 19")
        await session.press("right", "enter")
        assert "Not sent. Type the model's name here first." in session.text
        await session.type("another")
        await session.press("enter", "enter")
        assert crumbs(session).endswith("Review")
        assert asked(demo, INSERT) == []
        await session.press("ctrl+u", "ctrl+k")
        await session.type(NAME)
        await session.press("enter", "enter")
        assert "saved as config" in words(session)
        assert len(asked(demo, INSERT)) == 1


async def test_a_protected_review_starts_on_cancel(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, protected=True, size=(80, 24)) as session:
        await session.press("enter", "e", "enter", "a", "ctrl+s", "enter")
        assert crumbs(session).endswith("Edit config of version 19")
        await session.press("ctrl+s", "shift+tab")
        await session.type(NAME)
        assert "Protected: type the model's name to send" in session.text
        await session.press("tab", "enter")
        assert crumbs(session).endswith("Edit config of version 19")
        assert asked(demo, INSERT) == []
