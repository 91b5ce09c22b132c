"""What the tests of the screens share: snapshots as plain text, what is seen, what was asked, and answers to script."""

import io
import json
import re
from collections.abc import Callable
from difflib import unified_diff
from pathlib import Path
from typing import Any

import pytest

from tests.support.screen_text import fold
from tests.support.session import Session
from tests.support.unseen import draw_each_frame
from wltui.demo import Demo, Scripted
from wltui.ui.screens.base.file_keys import FileKeys

Json = dict[str, Any]

SNAPSHOTS = Path(__file__).parents[1] / "snapshots"
SIZES = ((80, 24), (120, 40))
"""Columns and rows: the least that people use, and a usual window."""


def check_screen(session: Session, name: str, redraw: bool) -> None:
    """The screen is as ``snapshots/<name>-<columns>x<rows>.txt`` says, to the byte; ``redraw`` writes that anew."""
    columns, rows = session.app.size
    file = SNAPSHOTS / f"{name}-{columns}x{rows}.txt"
    seen = session.text + "\n"
    if redraw:
        file.write_bytes(seen.encode())
        return
    if not file.exists():
        pytest.fail(f"{file.name} is missing; draw it with pytest --redraw", pytrace=False)
    kept = file.read_bytes().decode()
    if seen != kept:
        lines = unified_diff(kept.split("\n"), seen.split("\n"), file.name, "on screen", lineterm="")
        pytest.fail("\n".join([*lines, "", "If it should be so: pytest --redraw"]), pytrace=False)


async def check_sizes(session: Session, name: str, redraw: bool) -> None:
    """The same in each of ``SIZES``; the window is left at the last of them. Does not wait for reads."""
    for size in SIZES:
        await session.pilot.resize_terminal(*size)
        await session.pilot.pause()
        check_screen(session, name, redraw)


def frames(session: Session) -> list[str]:
    """The screen at every paint from now on."""
    draw_each_frame(session.app)
    seen: list[str] = []
    display: Callable[..., None] = session.app._display

    def watched(screen: object, renderable: object) -> None:
        if renderable is not None and not session.app._batch_count:
            seen.append(session.text)
        display(screen, renderable)

    session.app._display = watched  # type: ignore[method-assign]
    return seen


def words(session: Session) -> str:
    """The screen's text in one line, wherever it was wrapped."""
    return fold(session.text)


def header(session: Session) -> str:
    """The first line of the screen."""
    return session.text.split("\n")[0]


def crumbs(session: Session) -> str:
    """The breadcrumb, without the line that it stands in."""
    return re.split(r" ─| -(?=-|$)", session.text.split("\n")[1])[0][2:]


def line_with(session: Session, text: str) -> str:
    """The one line on screen that holds a text."""
    (line,) = [line for line in session.text.split("\n") if text in line]
    return line


def counts_of(session: Session, text: str) -> str:
    """The numbers of versions by status in the one row that holds a text."""
    (heading,) = [line for line in session.text.split("\n") if "   ✖    ◐    ✔" in line]
    start = heading.index("   ✖    ◐    ✔") - 2
    return " ".join(line_with(session, text)[start:][: 2 + 20].split())


def cursor_line(session: Session, sign: str = "▸") -> str:
    """The row under the cursor."""
    (line,) = [line for line in session.text.split("\n") if line.startswith(sign)]
    return line


def asked(demo: Demo, path: str) -> list[Json]:
    """The bodies of the requests that a path has had, in order."""
    return [json.loads(request.body) for request in demo.requests if request.path == path]


def calls(demo: Demo, since: int = 0) -> list[str]:
    """The paths of the API's requests from the one numbered ``since`` on; signing in is left out."""
    return [request.path for request in demo.requests[since:] if not request.path.startswith("/")]


# Answers to script


def answer(value: object, **asked: object) -> Scripted:
    """An answer with this JSON, to a request with these fields.

    Characters beyond ASCII are escaped, so that it may hold a lone surrogate.
    """
    return Scripted(body=json.dumps(value).encode(), asked=asked)


def refused(status: int, message: str, **asked: object) -> Scripted:
    """A refusal in the API's own form, of a request with these fields."""
    return Scripted(status, json.dumps({"msg": message, "code": status}).encode(), asked=asked)


def version_item(number: int, name: str = "m", *, config: Json | None = None, **fields: object) -> Json:
    """A version as ``models/list`` and ``get_version_by_id`` tell it; ``fields`` are its own, or its file's."""
    file = {key: fields.pop(key) for key in ("file_name", "sha", "version", "size") if key in fields}
    told = {"status": "ready", "created_at": "2026-03-01T12:00:00+00:00", "workspace_id": 10} | fields
    version = {"id": number, "name": name, "file_info": file, **told}
    return {
        "model_version": version,
        "config": {"id": 100 + number, "model_version_id": number, "runtime": "onnx"} | (config or {}),
    }


def custom_item(number: int = 1, **fields: object) -> Json:
    """A custom model that failed, so that its conversion may be logged."""
    told: Json = {
        "status": "error",
        "sha": "ab" * 32,
        "task_id": "a-task",
        "conversion": {"framework": "custom"},
    }
    return version_item(number, **told | fields)


def model_item(number: int, name: str = "m", *versions: Json, **fields: object) -> Json:
    """A model as ``models/list`` tells it."""
    model = {
        "id": number,
        "name": name,
        "updated_at": "2026-03-01T12:00:00+00:00",
        "workspace_id": 10,
    } | fields
    return {"model": model, "model_versions": list(versions), "workspace": {"id": 10}}


def models(*items: Json) -> Scripted:
    """The answer of ``models/list``."""
    return answer({"models": items})


def offered(session: Session, suffix: str = "json") -> str:
    """What o would write of the screen in front, without the screen that asks for a path."""
    screen = session.app.screen
    assert isinstance(screen, FileKeys)
    content = screen.file_content()
    assert content is not None
    assert suffix in content.suffixes
    assert re.fullmatch(r"[\w.-]+-2026-03-0[23]", content.name)
    stream = io.BytesIO()
    content.write(suffix, stream, lambda rows: None)
    return stream.getvalue().decode()
