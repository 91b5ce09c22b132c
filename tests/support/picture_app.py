"""An app that begins on a terminal which shows a picture; r shows its own, q leaves and tells the last one."""

import os
import sys

from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.widgets import Static

from wltui.ui.terminal.driver import LeanDriver

KEPT = "\x1b[1;1Hkept line\x1b[2;1Hboth know this line\x1b[H"


class Driver(LeanDriver):
    """Takes a picture over as soon as it is made."""

    def start_application_mode(self) -> None:
        self.take_over(KEPT)
        super().start_application_mode()


class FirstPicture(App[str]):
    CSS = "Screen { background: ansi_default; } Static { width: auto; background: ansi_default; color: ansi_default; }"
    BINDINGS = [Binding("r", "show"), Binding("q", "leave")]

    def __init__(self) -> None:
        super().__init__(driver_class=Driver, ansi_color=True)

    def compose(self) -> ComposeResult:
        yield Static("fresh line\nboth know this line")

    def action_show(self) -> None:
        assert isinstance(self._driver, LeanDriver)
        self._driver.release()

    def action_leave(self) -> None:
        assert isinstance(self._driver, LeanDriver)
        picture = self._driver.picture()
        self.exit(message=f"picture again: {picture is not None and 'fresh line' in picture}")


assert sys.__stderr__ is not None
os.write(sys.__stderr__.fileno(), f"\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J{KEPT}".encode())
FirstPicture().run()
