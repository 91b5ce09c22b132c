"""An error that nobody expected ends the program, is kept for the report, and is not printed with its variables."""

from collections.abc import Callable, Iterable

import pytest
from conftest import OpenApp, Session
from textual.widget import Widget

from wltui.ui.screens.frame import Frame
from wltui.ui.spans import Spans


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
