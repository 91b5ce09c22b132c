"""What a start prepares: it is used for the first session of a process, and for no later one."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.pty_program import ROOT
from tests.support.session import Session, Waits
from wltui.auth.identity import Identity
from wltui.core.settings import Secret, Settings
from wltui.demo import Demo
from wltui.lifecycle.garbage import Garbage
from wltui.lifecycle.start import Start
from wltui.service.open import open_service
from wltui.service.service import Service
from wltui.ui.app.app import WltuiApp
from wltui.ui.instances import Instance

JANE = Identity("jane-key", "jane")


def test_a_user_who_was_identified_already_is_not_looked_for_again(tmp_path: Path) -> None:
    service = open_service(Settings("https://here"), None, tmp_path, identity=JANE)
    assert (service.user, service.owner) == ("jane", "jane-key")


@pytest.mark.parametrize("missing", ["fcntl", "resource", "termios"])
def test_a_system_that_is_no_unix_gets_one_sentence(missing: str) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None; from wltui.__main__ import main; sys.exit(main())"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert ended.stderr.startswith("wltui runs on Linux and macOS, and on Windows in WSL:")


async def test_another_session_begins_with_settings_alone(demo: Demo, tmp_path: Path) -> None:
    settings = Settings(demo.url, login=("demo", Secret("demo")), refresh=0.0)
    starts: list[Start] = []
    frames: list[int] = []

    def open_session(start: Start) -> Service:
        starts.append(start)
        return open_service(start.settings, tmp_path, None, identity=start.identity)

    class Counted(Garbage):
        def begin(self) -> None:
            frames.append(len(starts))

    waits = Waits()
    start = Start(settings, JANE, garbage=Counted())
    app = WltuiApp(start, open_session, wait=waits)
    async with app.run_test() as pilot:
        session = Session(app, pilot, waits)
        await session.until(lambda: frames == [1, 1], "the first frame, and the modules of the next ones")
        app.switch_to(Instance("other", settings))
        await session.until(lambda: len(starts) == 2 and not app.switching, "the other session")
        await session.settle()
    assert starts == [start, Start(settings)]
    assert frames == [1, 1]
