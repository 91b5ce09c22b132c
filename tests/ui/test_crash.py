"""An error that nobody expected ends the program, is kept for the report, and is not printed with its variables."""

from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from threading import Thread

import pytest
from textual.widget import Widget

from tests.support.session import OpenApp, Session
from wltui.core.settings import Secret, Settings
from wltui.demo import Demo
from wltui.lifecycle.start import Start
from wltui.service.open import open_service
from wltui.ui.app.app import WltuiApp
from wltui.ui.screens.base import frame
from wltui.ui.screens.base.frame import Frame
from wltui.ui.text.spans import Spans


class Broken(Frame[None]):
    @property
    def crumb(self) -> Spans:
        return ()

    def body(self) -> Iterable[Widget]:
        raise LookupError("nobody expected this")


def in_a_screen(session: Session) -> None:
    session.app.push_screen(Broken())


def in_a_read(session: Session) -> None:
    async def work() -> None:
        raise LookupError("nobody expected this")

    screen = session.app.screen
    assert isinstance(screen, Frame)
    screen.start(work, group="read")


@pytest.mark.parametrize("break_it", [in_a_screen, in_a_read])
async def test_an_unexpected_error_is_kept_for_the_report(
    break_it: Callable[[Session], None], open_app: OpenApp, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(LookupError, match="nobody expected"):  # noqa: PT012  it ends the session
        async with open_app() as session:
            app = session.app
            break_it(session)
            await session.pilot.pause()
    assert isinstance(app.crash, LookupError)
    assert app.return_code == 1
    assert "LookupError" not in capsys.readouterr().err


class ToldToEnd(WltuiApp):
    """An app that is asked to end, by the thread that waits for signals, while its first screen is being mounted."""

    CSS_PATH = str(Path(frame.__file__).with_suffix(".tcss"))

    def begin(self) -> None:
        super().begin()
        asking = Thread(target=partial(self.exit, return_code=143))
        asking.start()
        asking.join()


async def test_a_signal_while_the_first_screen_is_being_mounted_is_no_crash(
    demo: Demo, tmp_path: Path
) -> None:
    settings = Settings(endpoint=demo.url, login=("demo", Secret("demo")))
    app = ToldToEnd(
        Start(settings), opener=lambda start: open_service(start.settings, None), state_dir=tmp_path / "state"
    )
    await app.run_async(headless=True)
    assert app.crash is None
    assert app.return_code == 143
