"""Where the program of a test keeps its files, and the instance that it talks to."""

import sys
from pathlib import Path

from tests.support.demo_server import sign_in
from tests.support.pty_program import Program


class Home:
    """The folders of one user, who has signed in to an instance, and the way to start ``wltui`` there."""

    size = 120, 40
    """Columns and rows of the terminal."""
    words: tuple[str, ...] = ()
    """What each command line begins with, after the endpoint."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url
        self.cache, self.state = folder / "cache", folder / "state"
        self.environ: dict[str, str | None] = {
            "HOME": str(folder),
            "XDG_CACHE_HOME": str(self.cache),
            "XDG_STATE_HOME": str(self.state),
            "WLTUI_TOKEN": sign_in(url),
            **dict.fromkeys(("NO_COLOR", "TEXTUAL_THEME", "WALLAROO_URL")),
        }

    def run(self, *flags: str, within: tuple[str, ...] = (), **environ: str | None) -> Program:
        """Start ``wltui``, by a command ``within`` that takes another one, and with changes to the environment."""
        argv = [*within, sys.executable, "-m", "wltui", "--endpoint", self.url, *self.words, *flags]
        return Program(argv, size=self.size, environ={**self.environ, **environ}, warm=True)
