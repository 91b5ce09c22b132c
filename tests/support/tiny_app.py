"""A small app for tests of the process's life: ``python -m tests.tiny_app FOLDER``.

It draws so much that a terminal which is not read fills up at once, and leaves its marks in the folder. Keys:
``q`` quits, ``x`` meets an error that it did not expect, ``w`` one in a worker, ``e`` runs an editor.
"""

import sys
from pathlib import Path
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static
from textual.worker import WorkerFailed

from wltui.cli.run import run_app
from wltui.lifecycle.signals import SignalGuard, run_in_foreground

FOLDER = Path(sys.argv[1])


class TinyApp(App[None]):
    takes_mouse = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit"),
        Binding("x", "break"),
        Binding("w", "break_worker"),
        Binding("e", "edit"),
    ]
    CSS = "Static { height: 100%; }"
    crash: Exception | None = None
    secrets: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        yield Static("")

    def on_mount(self) -> None:
        self.frame = 0
        self.set_interval(1 / 50, self.draw)

    def draw(self) -> None:
        self.frame += 1
        ready = "ready" if self.frame > 2 else ""
        line = chr(ord("a") + self.frame % 26) * (self.size.width - 1)
        self.query_one(Static).update("\n".join([ready, *[line] * (self.size.height - 2)]))

    def action_break(self) -> None:
        local = "hunter".join(["", "2"])
        raise LookupError(f"no such thing, said the server to the bearer of {SECRET}", len(local))

    def action_break_worker(self) -> None:
        async def work() -> None:
            raise LookupError("no such thing in the worker")

        self.run_worker(work())

    def action_edit(self) -> None:
        with self.suspend():
            code = run_in_foreground(["sh", "-c", "echo editing; read line; kill -TERM $$"])
        (FOLDER / "edited").write_text(str(code))

    def flush(self) -> None:
        (FOLDER / "saved").touch()

    def _handle_exception(self, error: Exception) -> None:
        super()._handle_exception(error)
        self._exit_renderables.clear()  # Textual would print every local variable
        if self.crash is None:
            cause = error.error if isinstance(error, WorkerFailed) else error
            self.crash = cause if isinstance(cause, Exception) else error


SECRET = "s3cr3t-t0k3n"

if __name__ == "__main__":
    with SignalGuard() as guard:
        sys.exit(run_app(TinyApp, guard, [SECRET], (FOLDER / "cleaned-up").touch))
