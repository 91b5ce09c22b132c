"""The command line: arguments and environment to settings, and settings to a running program.

``--help``, ``--version`` and every mistake are answered before anything large is imported.
"""

import argparse
import gc
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec.structs import replace

from wltui import __version__
from wltui.core.credentials import FILE
from wltui.core.settings import DRIVERS, Secret, Settings
from wltui.lifecycle.console import escape_line, guarded, say
from wltui.lifecycle.first_picture import FirstPicture
from wltui.lifecycle.signals import Lifeline
from wltui.lifecycle.terminal import Terminal, detect

from .arguments import Parser, positive, refresh
from .profile_file import Profiles, config_file
from .resolve import add_instance, choose, demo_settings

if TYPE_CHECKING:
    from wltui.lifecycle.prefetch import Prefetch

_USAGE = """\
wltui [flags]
       wltui login|logout|whoami [flags]
       wltui doctor [flags]
       wltui cache info|clear [flags]
       wltui demo-server [flags]
       wltui help [command]"""
_EPILOG = """\
commands:
  login, logout         sign in to an instance and stay so, or sign out again
  whoami                show who is signed in
  doctor                show where each setting comes from, and test it
  cache info            show what is kept on disk of which instance
  cache clear           delete that
  demo-server           serve the embedded Wallaroo alone, for curl and SDKs
  help [command]        show the flags of a command

environment:
  WALLAROO_URL          as --endpoint
  WLTUI_PROFILE         as --profile
  WLTUI_TOKEN           a bearer token; no flag, as command lines can be read
  WALLAROO_USER, WALLAROO_PASSWORD, WALLAROO_SDK_CREDENTIALS,
  WALLAROO_SDK_AUTH_TYPE, WALLAROO_SDK_AUTH_ENDPOINT
                        as in the vendor's SDK
  WALLAROO_REQUEST_TIMEOUT
                        seconds to wait for an answer (45)
  WLTUI_CACHE_MB        megabytes of answers to keep on disk, for each instance
                        and user (64)
  WLTUI_CACHE_DAYS      how many days to keep them (30)
  NO_COLOR              no colours, if it is not empty
  ESCDELAY              milliseconds that esc waits for the rest of a key (25)
  XDG_CONFIG_HOME, XDG_CACHE_HOME, XDG_STATE_HOME
                        the folders that hold the folders of wltui

files:
  {config}
                        profiles: README.md shows one

exit codes:
  0                     ended by the user
  1                     wltui failed
  2                     wrong usage, or no terminal that it could use
  128+n                 ended by signal n, such as 129 for a lost connection
"""


class App(Protocol):
    """What :func:`run_app` asks of the app."""

    @property
    def return_code(self) -> int | None: ...

    def run(self) -> object: ...

    def exit(self, *, return_code: int) -> None:
        """End; called from any thread, and returning at once."""

    def flush(self) -> None:
        """Put on disk what may not be lost; called from any thread."""


def main(argv: Sequence[str] | None = None, *, first: FirstPicture | None = None) -> int:
    """Do what ``argv``, by default the command line, says, and return the exit code.

    ``first`` is what may be on the terminal by now.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    return guarded(lambda: _obey(words, first), give_back=lambda: _leave(first))


def _obey(words: Sequence[str], first: FirstPicture | None) -> int:
    if words[:1] == ["help"]:
        words = [*words[1:2], "--help"]
    if words[:1] == ["demo-server"]:
        from wltui.cli.commands.demo_server import demo_server

        return demo_server(words[1:])
    if words[:1] == ["cache"]:
        from wltui.cli.commands.cache import cache

        return cache(words[1:])
    if words[:1] == ["doctor"]:
        from wltui.cli.commands.doctor import doctor

        return doctor(words[1:])
    if words[:1] in (["login"], ["logout"], ["whoami"]):
        from .commands import login

        return login.COMMANDS[words[0]](words[1:])
    arguments = _parser().parse(words)
    if arguments.demo:
        settings = demo_settings(arguments, os.environ)
    else:
        if first and not arguments.offline:  # where the cache may be what tells who the user is
            _watch(first)
        chosen = choose(arguments, os.environ)
        if isinstance(chosen, Profiles):
            if chosen.wrong_default:
                raise chosen.wrong_default
            _leave(first)
            say(_nowhere_to_go(chosen), error=True, end="")
            return 2
        settings = chosen.settings
    terminal = detect(os.environ)
    settings = replace(settings, ascii=settings.ascii or terminal.ascii)
    if not (settings.exposure and not settings.offline):
        return _run_app(settings, terminal, arguments, first)
    painted = bool(first and first.shown)
    if not painted:
        say(f"wltui: {settings.exposure}.", error=True)
    code = _run_app(settings, terminal, arguments, first)
    if painted:  # there was no place for it before
        say(f"wltui: {settings.exposure}.", error=True)
    return code


def _watch(first: FirstPicture) -> None:
    """Note how the files are that decide whose data is shown, before any of them is read."""
    from wltui.auth.token_store import TokenStore
    from wltui.store.private_files import state_folder

    told = os.environ.get(FILE, "")
    first.watch(
        [config_file(), TokenStore(state_folder()).folder, *([os.path.abspath(told)] if told else [])]
    )


def _leave(first: FirstPicture | None) -> None:
    """Give the terminal back, for what is to be said in its stead."""
    if first:
        first.leave()


def _run_app(
    settings: Settings, terminal: Terminal, arguments: argparse.Namespace, first: FirstPicture | None
) -> int:
    terminal.prepare(os.environ)
    gc.disable()  # what is imported stays, and going through it again and again takes a tenth of the start
    demo = arguments.demo

    ahead: Prefetch | None = None

    def make(settings: Settings, cache_dir: Path, state_dir: Path) -> App:
        from wltui.service.open import open_service
        from wltui.service.service import Service
        from wltui.ui.app.app import WltuiApp

        from .instances import NamedInstances

        def opened(settings: Settings) -> Service:
            nonlocal ahead
            given, ahead = ahead, None
            return open_service(settings, cache_dir, state_dir, prefetch=given)

        instances = (
            None
            if demo
            else NamedInstances(
                arguments, os.environ, state_dir, start=settings.endpoint, ascii=settings.ascii
            )
        )
        return WltuiApp(
            settings,
            opener=opened,
            state_dir=state_dir,
            instances=instances,
            first=None if demo else first,
        )

    if not demo:
        from wltui.auth.identity import identify
        from wltui.lifecycle.prefetch import start_prefetch
        from wltui.store.private_files import state_folder
        from wltui.store.response_cache import cache_folder

        user = identify(settings, cache_folder(), state_folder())  # or it can't, which is better said now
        ahead = start_prefetch(settings, user, state_folder())

    # It is older than every other thread that takes signals.
    with Lifeline(first.attributes if first else None) as lifeline:
        if not demo:
            from wltui.store.private_files import state_folder
            from wltui.store.response_cache import cache_folder

            return run_app(
                lambda: make(settings, cache_folder(), state_folder()),
                lifeline,
                settings.secrets,
                first=first,
            )

        from tempfile import TemporaryDirectory

        from wltui.demo import Demo

        folder = TemporaryDirectory(prefix="wltui-demo-", ignore_cleanup_errors=True)
        with folder as path, Demo() as server:
            visit = replace(
                settings,
                endpoint=server.url,
                login=("demo", Secret("demo")),
                source="the demo",
                place="embedded Wallaroo",
                lasting=False,
            )
            return run_app(
                lambda: make(visit, Path(path) / "cache", Path(path) / "state"),
                lifeline,
                cleanup=folder.cleanup,
            )


def _nowhere_to_go(profiles: Profiles) -> str:
    ways = {
        "to look around in made-up data:": "wltui --demo",
        "to open a Wallaroo instance:": "wltui --endpoint https://HOST   (or set WALLAROO_URL)",
        "to open one of your profiles:": f"wltui --profile {'|'.join(profiles.names)}"
        if profiles.names
        else "",
        "to read about signing in:": "README.md",
    }
    lines = [f"{what:34}{how}\n" for what, how in ways.items() if how]
    return f"wltui: {'       '.join(lines)}"


def run_app(
    make: Callable[[], App],
    lifeline: Lifeline,
    secrets: Sequence[str] = (),
    cleanup: Callable[[], object] | None = None,
    first: FirstPicture | None = None,
) -> int:
    """Run the app to its end, report a crash on standard error, and return the exit code.

    Args:
        make: imports and builds the app. Where that has an attribute ``crash``, it holds the unexpected error
            that ended it and that it has not printed, or None; where it has ``secrets``, they are added to those
            given here. It turns the collection of garbage on.
        lifeline: has been started.
        secrets: texts that a crash report may not hold.
        cleanup: what to do should the process have to be ended under the app.
        first: what may be on the terminal.
    """
    hidden = list(secrets)

    def run() -> int:
        app = make()
        lifeline.attach(save=app.flush, ask_exit=lambda code: app.exit(return_code=code), cleanup=cleanup)
        try:
            app.run()
        finally:
            hidden.extend(getattr(app, "secrets", ()))
        _leave(first)  # where it has not come as far as its driver
        lifeline.done()
        if crash := getattr(app, "crash", None):
            raise crash if isinstance(crash, Exception) else RuntimeError("wltui was interrupted") from crash
        return 130 if app.return_code is None else app.return_code  # none: asyncio cancelled it, by SIGINT

    def give_back() -> None:
        _leave(first)
        lifeline.restore_terminal()
        lifeline.done()

    return guarded(run, give_back=give_back, secrets=lambda: hidden)


def _parser() -> Parser:
    parser = Parser(
        "wltui",
        _USAGE,
        "A terminal dashboard for Wallaroo MLOps: models, versions and configs over SSH.",
        _EPILOG.format(config=escape_line(config_file())),
    )
    add = parser.add_argument
    add("--demo", action="store_true", help="open an embedded Wallaroo with made-up data")
    add_instance(parser)
    add("--workspace", metavar="ID", type=positive, help="the workspace to begin with")
    add("--read-only", action="store_true", help="refuse everything that changes something")
    add("--protected", action="store_true", help="ask for the model's name before a config is saved")
    add("--offline", action="store_true", help="show what was read before, and connect to nothing")
    add("--refresh", metavar="SECONDS", type=refresh, help="how often to read what is on screen; 0 for never")
    add("--notify", action="store_true", help="a desktop notification when a version is ready or failed")
    add("--no-bell", action="store_true", help="no bell then")
    add("--no-toasts", action="store_true", help="no message on screen then")
    add("--ascii", action="store_true", help="draw with ASCII characters only")
    add("--driver", choices=DRIVERS, help="what draws: lean sends only what changed, stock is Textual's own")
    add("-V", "--version", action="version", version=f"wltui {__version__}", help="show the version and exit")
    return parser
