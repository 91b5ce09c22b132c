"""What the tests of the config editor share: hands that find a field, eyes that read one, and what the server got."""

from typing import Any

from textual.events import Paste
from textual.widgets import TextArea

from tests.support.screen_text import fold
from tests.support.screens import Json, asked, crumbs
from tests.support.session import Session
from wltui.core.records import VersionId
from wltui.demo import Demo
from wltui.ui.screens.editor.editor import ConfigEditor

INSERT = "models/insert_model_config"
CONFIG = "models/get_config_by_id"
TITLES = (
    "Runtime", "Tensor fields", "Batch config", "Filter threshold", "Dynamic batching", "Continuous batching", "OpenAI",
    "Input schema", "Output schema",
)  # fmt: skip
DYNAMIC = "dynamic_batching_config"
CONTINUOUS = "continuous_batching_config"


def give(demo: Demo, **fields: Any) -> None:
    """Version 19 came with these values, so that all of them can be read."""
    for key, value in fields.items():
        setattr(demo.world.versions[VersionId(19)].configs[0], key, value)


def newest(demo: Demo, version: int = 19) -> Any:
    """The version's newest config on the server."""
    return demo.world.versions[VersionId(version)].configs[-1]


async def open_editor(session: Session, *keys: str) -> None:
    """From the models of workspace 10 to the editor of version 19; then these keys."""
    await session.press("enter", "e", "enter")
    assert crumbs(session).endswith("Edit config of version 19")
    await session.press(*keys)


async def to(session: Session, key: str) -> None:
    """Go on with tab until the cursor is in a field."""
    editor = session.app.screen
    assert isinstance(editor, ConfigEditor)
    for _ in range(20):
        if editor.form.field == key:
            return
        await session.press("tab")
    raise AssertionError(f"tab never comes to {key}")


async def paste(session: Session, text: str) -> None:
    """Paste at the cursor, as a terminal does."""
    session.app.post_message(Paste(text))
    await session.settle()


async def clear(session: Session) -> None:
    """Empty the box with the cursor."""
    await session.press("f7", "delete")


async def send(session: Session) -> None:
    """Review what was typed, and send it."""
    await session.press("ctrl+s")
    assert crumbs(session).endswith("Review"), session.text
    await session.press("right", "enter")


def shown(session: Session, title: str) -> list[str]:
    """What stands in a field's row, line by line, its problem too."""
    lines = [line.split("│")[0] for line in session.text.split("\n")]
    first = next(y for y, line in enumerate(lines) if line[2:].startswith(title))
    ends = (
        y
        for y, line in enumerate(lines)
        if y > first and (line[2:23].strip() in TITLES or not line.strip() or "─" in line)
    )
    return [line[23:].strip() for line in lines[first : next(ends)]]


def typed(session: Session) -> str:
    """The text in the box with the cursor."""
    box = session.app.focused
    assert isinstance(box, TextArea)
    return box.text


def sent(demo: Demo) -> Json:
    """The one request to save that the server got."""
    (body,) = asked(demo, INSERT)
    return body


def said(session: Session) -> str:
    """What the status line says, and the lines of messages above it, in one line."""
    first = session.app.screen.query_one("#trouble").region.y or -2
    return fold("\n".join(session.text.split("\n")[first:-1]))
