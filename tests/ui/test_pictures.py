"""The README's pictures are what the program draws: each is drawn anew and compared byte for byte.

``pytest --redraw tests/ui/test_pictures.py`` writes them.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.services import configure
from tests.support.session import OpenApp
from tests.support.uploads import running_upload, write_custom_model
from tests.ui.test_sign_in import code
from wltui.core.settings import Settings, SignIn
from wltui.demo import Demo
from wltui.demo.keycloak import DEVICE_PATH
from wltui.ui.instances import Instance

FOLDER = Path(__file__).parents[2] / "screenshots"
WIDE, NARROW = (120, 40), (80, 24)
FRAUD = ("down", "down", "enter")
TUTORIAL = ("down", "enter", "enter")
"""To the guide's own model and its five versions."""
READY = (*TUTORIAL, "down", "down", "down")
"""To its ready version."""

SOMEBODY_SAVES = "somebody saves"
"""In place of a key: the ready version gets another config."""

AN_UPLOAD_RUNS = "an upload runs"
"""In place of a key: a large file is being uploaded."""

PICTURES: dict[str, tuple[tuple[int, int], tuple[str, ...]]] = {
    "workspaces": (WIDE, ()),
    "models": (WIDE, FRAUD),
    "versions": (WIDE, READY),
    "versions-80x24": (NARROW, READY),
    "version-80x24": (NARROW, (*READY, "enter")),
    "pipelines": (WIDE, (*FRAUD[:2], "D")),
    "problems": (WIDE, ("exclamation_mark", *["down"] * 17)),
    "problems-80x24": (NARROW, ("exclamation_mark",)),
    "version-groups": (WIDE, ("0", "b")),
    "version-failed": (WIDE, ("exclamation_mark", *["down"] * 17, "enter")),
    "version-pipelines": (WIDE, ("enter", "enter", "enter")),
    "deployment-80x24": (NARROW, (*FRAUD[:2], "D", "enter")),
    "filter-80x24": (NARROW, (*FRAUD, "slash", "f", "r", "a")),
    "json-80x24": (NARROW, (*READY, "y")),
    "copy-menu-80x24": (NARROW, (*READY, "c")),
    "editor": (WIDE, (*READY, "e", "enter", *"input_1", "tab", "right", "tab", *"0.1")),
    "editor-80x24": (NARROW, (*READY, "e", "enter", *"input_1,,input_2", "tab", "tab", *"0,5")),
    "review": (WIDE, (*READY, "e", "enter", *"input_1", "ctrl+s")),
    "conflict": (WIDE, (*READY, "e", "enter", *"input_1", "tab", "tab", *"0.1", "ctrl+s", SOMEBODY_SAVES, "right",
                        "enter")),
    "history": (WIDE, (*READY, "e", "enter", *"input_1", "ctrl+s", "right", "enter",
                       "e", "tab", "tab", "enter", *"0.1", "ctrl+s", "right", "enter", "H")),
    "compare": (WIDE, (*FRAUD, "down", "enter", "down", "space", *["down"] * 7, "space", "equals_sign")),
    "upload": (WIDE, (*TUTORIAL, "u", *"fraud.zip")),
    "upload-progress-80x24": (NARROW, (*TUTORIAL[:2], AN_UPLOAD_RUNS, "U")),
    "palette-80x24": (NARROW, (*FRAUD, "ctrl+p", *"frau")),
    "sign-in-80x24": (NARROW, ()),
    "profiles-80x24": (NARROW, ("P", "down")),
    "help-80x24": (NARROW, (*TUTORIAL, "question_mark")),
}  # fmt: skip


SETTINGS: dict[str, dict[str, Any]] = {
    "sign-in-80x24": {
        "login": None,
        "source": "",
        "sign_in": SignIn(browser_url="https://wallaroo.example.com/auth"),
    },
    "profiles-80x24": {"profile": "prod", "place": "wallaroo.example.com"},
}  # fmt: skip
"""Where a picture is of another session than the demo's."""
OF_GRAPHQL = {
    "problems",
    "problems-80x24",
    "version-groups",
    "version-failed",
    "pipelines",
    "version-pipelines",
    "deployment-80x24",
}


class Named:
    """Profiles with made-up sign-ins."""

    path = Path("config.toml")

    def all(self) -> Sequence[Instance]:
        prod = Settings("https://wallaroo.example.com", profile="prod", protected=True, colour="error")
        staging = Settings("https://staging.example.com", profile="staging")
        edge = Settings("https://edge.example.com", profile="edge", read_only=True)
        return [
            Instance("prod", prod, "jane@example.com"),
            Instance("staging", staging, "jane@example.com"),
            Instance("edge", edge, "not signed in"),
        ]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the program is started in, with a model to upload."""
    write_custom_model(tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", PICTURES)
async def test_a_picture_shows_what_the_program_draws(
    name: str, open_app: OpenApp, demo: Demo, redraw: bool, here: Path
) -> None:
    size, keys = PICTURES[name]
    demo.script(DEVICE_PATH, code())
    settings = SETTINGS.get(name, {}) | ({"graphql": True} if name in OF_GRAPHQL else {})
    async with open_app(size=size, instances=Named(), **settings) as session:
        for key in keys:
            if key == SOMEBODY_SAVES:
                configure(demo, 16, filter_threshold=0.75)
            elif key == AN_UPLOAD_RUNS:
                session.app.uploads.all.append(running_upload(here))
            else:
                await session.press(key)
        session.app.messages.clear()
        await session.settle()
        drawn = session.app.export_screenshot(title="wltui", simplify=True)
    path = FOLDER / f"{name}.svg"
    if redraw:
        path.write_text(drawn, encoding="utf-8")
    assert path.exists(), f"there is no {path.name}; pytest --redraw draws it"
    assert path.read_text(encoding="utf-8") == drawn, (
        f"{path.name} shows another screen; pytest --redraw draws it anew"
    )


def test_there_is_no_picture_that_nothing_draws() -> None:
    assert {path.stem for path in FOLDER.glob("*.svg")} == set(PICTURES)
