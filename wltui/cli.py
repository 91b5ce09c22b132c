"""The command line: arguments and environment to settings, and settings to a running program.

``--help``, ``--version`` and every mistake are answered before anything large is imported.
"""

import argparse
import difflib
import math
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NoReturn, Protocol
from urllib.parse import urlsplit

from . import __version__
from .errors import UsageError
from .lifeline import Lifeline
from .records import WorkspaceId
from .settings import Secret, Settings, normalise_endpoint, request_timeout
from .terminal import Terminal, detect

_EPILOG = """\
commands:
  demo-server           the embedded Wallaroo alone, for curl and SDKs

environment:
  WALLAROO_URL          as --endpoint
  WLTUI_TOKEN           a bearer token; no flag, as command lines can be read
  WALLAROO_REQUEST_TIMEOUT
                        seconds to wait for an answer
  NO_COLOR              no colours

exit codes:
  0                     ended by the user
  1                     wltui failed
  2                     wrong usage, or no terminal that it could use
  128+n                 ended by signal n, such as 129 for a lost connection
"""
_SERVER_EPILOG = """\
The first line of its output is its address. Its user is demo, with the password demo.

exit codes: 0 after ctrl+c, 1 if it cannot listen there, 2 for wrong usage, 143 after kill
"""
_NOWHERE_TO_GO = """\
wltui: to look around in made-up data:   wltui --demo
       to open a Wallaroo instance:      wltui --endpoint https://HOST   (or set WALLAROO_URL)
       to read about signing in:         README.md
"""


class App(Protocol):
    """What :func:`run_app` asks of the app."""

    @property
    def return_code(self) -> int | None: ...

    def run(self) -> object: ...

    def exit(self, *, return_code: int) -> None:
        """End; called from any thread, and returning at once."""


def main(argv: Sequence[str] | None = None) -> int:
    """Do what ``argv``, by default the command line, says, and return the exit code."""
    words = list(sys.argv[1:] if argv is None else argv)
    try:
        if words[:1] == ["demo-server"]:
            return _demo_server(_parse(_server_parser(), words[1:]))
        arguments = _parse(_app_parser(), words)
        settings = _settings(arguments, os.environ)
        if settings is None:
            sys.stderr.write(_NOWHERE_TO_GO)
            return 2
        terminal = detect(os.environ)
        return _run_app(replace(settings, ascii=settings.ascii or terminal.ascii), terminal, arguments.demo)
    except UsageError as error:
        print(f"wltui: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _run_app(settings: Settings, terminal: Terminal, demo: bool) -> int:
    terminal.prepare(os.environ)

    def make(settings: Settings, cache_dir: Path | None) -> App:
        from .ui.app import WltuiApp

        return WltuiApp(settings, cache_dir=cache_dir)

    with Lifeline() as lifeline:  # before any other thread
        if not demo:
            import platformdirs

            secrets = [settings.token.reveal()] if settings.token else []
            cache = Path(platformdirs.user_cache_dir("wltui", appauthor=False))
            return run_app(lambda: make(settings, cache), lifeline, secrets)

        from tempfile import TemporaryDirectory

        from .demo import Demo

        folder = TemporaryDirectory(prefix="wltui-demo-", ignore_cleanup_errors=True)
        with folder as path, Demo() as server:
            visit = replace(
                settings, endpoint=server.url, login=("demo", Secret("demo")), place="embedded Wallaroo"
            )
            return run_app(lambda: make(visit, Path(path)), lifeline, cleanup=folder.cleanup)


def run_app(
    make: Callable[[], App],
    lifeline: Lifeline,
    secrets: Sequence[str] = (),
    cleanup: Callable[[], object] | None = None,
) -> int:
    """Run the app to its end, report a crash on standard error, and return the exit code.

    Args:
        make: imports and builds the app. Where that has an attribute ``crash``, it holds the unexpected error
            that ended it and that it has not printed, or None.
        lifeline: has been started.
        secrets: texts that a crash report may not hold.
        cleanup: what to do should the process have to be ended under the app.
    """
    try:
        app = make()
        lifeline.attach(ask_exit=lambda code: app.exit(return_code=code), cleanup=cleanup)
        app.run()
        crash, code = getattr(app, "crash", None), app.return_code
    except Exception as error:  # noqa: BLE001  the crash handler
        lifeline.restore_terminal()
        crash, code = error, 1
    lifeline.done()
    if crash is not None:
        from .crash import report

        print(report(crash, secrets), file=sys.stderr)
        return 1
    return 130 if code is None else code  # none: asyncio cancelled it, by SIGINT from outside


def _demo_server(arguments: argparse.Namespace) -> int:
    import asyncio

    from .demo import Demo

    demo = Demo(
        seed=arguments.seed,
        models=arguments.models,
        versions=arguments.versions,
        api=arguments.api,
        latency_ms=arguments.latency,
        failures=arguments.failures,
        host=arguments.host,
        port=arguments.port,
    )

    async def serve() -> int:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        code = 0

        def end(number: int) -> None:
            nonlocal code
            code = 0 if number == signal.SIGINT else 128 + number
            ended.set()

        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, end, number)
        print(demo.url, flush=True)
        serving = asyncio.create_task(demo.serve_forever())
        await ended.wait()
        serving.cancel()
        await asyncio.wait([serving])
        return code

    try:
        demo.bind()
    except OSError as error:
        reason = str(error.strerror).partition(" (while")[0]  # what follows tells the address again
        print(f"wltui: cannot listen on {arguments.host}:{arguments.port}: {reason}", file=sys.stderr)
        return 1
    return asyncio.run(serve())


def _settings(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Settings | None:
    """The session's settings; None where nothing says which instance to open. The demo's lack an endpoint."""
    address = arguments.endpoint or environ.get("WALLAROO_URL", "").strip()
    if arguments.demo:
        if arguments.endpoint:
            raise UsageError("--demo and --endpoint exclude each other")
        endpoint, profile, token = "", "demo", None
    elif address:
        endpoint, token = normalise_endpoint(address), _token(environ)
        profile = urlsplit(endpoint).hostname or endpoint
    else:
        return None
    return Settings(
        endpoint=endpoint,
        token=token,
        workspace=arguments.workspace,
        read_only=arguments.read_only,
        refresh=arguments.refresh,
        ascii=arguments.ascii,
        profile=profile,
        request_timeout=request_timeout(environ),
    )


def _token(environ: Mapping[str, str]) -> Secret | None:
    text = environ.get("WLTUI_TOKEN", "").strip()
    if not all("!" <= letter <= "~" for letter in text):
        raise UsageError(
            "WLTUI_TOKEN is not a token", "it holds a blank or another character that no token has",
            "Set it to the token alone, without the word Bearer",
        )  # fmt: skip
    return Secret(text) if text else None


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise UsageError(message, "", f"{self.prog} --help tells more")


def _parse(parser: _Parser, words: Sequence[str]) -> argparse.Namespace:
    arguments, unknown = parser.parse_known_args(words)
    if unknown:
        known = [*parser._option_string_actions, "demo-server"]
        near = difflib.get_close_matches(unknown[0].partition("=")[0], known, n=1)
        advice = f"Did you mean {near[0]}?" if near else f"{parser.prog} --help tells more"
        raise UsageError(f"there is no {unknown[0]!r}", "", advice)
    return arguments


def _app_parser() -> _Parser:
    parser = _Parser(
        prog="wltui",
        usage="wltui [flags]\n       wltui demo-server [flags]",
        description="A terminal dashboard for Wallaroo MLOps: models, versions and configs over SSH.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--demo", action="store_true", help="open an embedded Wallaroo with made-up data")
    add("--endpoint", metavar="URL", help="the instance to open, such as https://HOST")
    add("--workspace", metavar="ID", type=_positive, help="the workspace to begin with")
    add("--read-only", action="store_true", help="refuse everything that changes something")
    add(
        "--refresh", metavar="SECONDS", type=_refresh, help="how often to read what is on screen; 0 for never"
    )
    add("--ascii", action="store_true", help="draw with ASCII characters only")
    add("--version", action="version", version=f"wltui {__version__}", help="tell the version and exit")
    return parser


def _server_parser() -> _Parser:
    parser = _Parser(
        prog="wltui demo-server",
        usage="wltui demo-server [flags]",
        description="Serve the embedded Wallaroo of wltui --demo until it is stopped.",
        epilog=_SERVER_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("--host", default="127.0.0.1", help="the address to listen on (127.0.0.1)")
    add("--port", type=_port, default=0, help="0, which is the default, for any free one")
    add("--api", choices=("2025.2", "2023.4"), default="2025.2", help="the release to answer as (2025.2)")
    add("--models", metavar="N", type=_positive, help="how many models")
    add("--versions", metavar="N", type=_positive, help="how many model versions")
    add("--seed", metavar="N", type=_whole, default=1, help="other data for each number (1)")
    add("--latency", metavar="MS", type=_amount, default=0.0, help="milliseconds before every answer (0)")
    add("--failures", metavar="RATE", type=_share, default=0.0, help="share of calls that fail, 0 to 1 (0)")
    return parser


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def _positive(text: str) -> WorkspaceId:
    number = _whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not above 0")
    return WorkspaceId(number)


def _port(text: str) -> int:
    number = _whole(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 65535")
    return number


def _amount(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return number


def _refresh(text: str) -> float:
    seconds = _amount(text)
    if 0 < seconds < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is below one second")
    return seconds


def _share(text: str) -> float:
    rate = _amount(text)
    if rate > 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 1")
    return rate
