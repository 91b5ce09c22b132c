"""Obey the command line: run a command, or open the dashboard.

``--help``, ``--version`` and every mistake are answered before anything large is imported.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from wltui import __version__
from wltui.core.credentials import FILE
from wltui.core.folders import TOKENS, state_folder
from wltui.core.settings import DRIVERS, Settings
from wltui.lifecycle.console import escape_line, run_guarded, say
from wltui.lifecycle.first_picture import FirstPicture
from wltui.lifecycle.terminal import detect_terminal

from .arguments import Parser, parse_positive, parse_refresh
from .commands import COMMANDS, NAMES, load_command
from .profile_file import Profiles, config_file
from .resolve import NoInstance, add_instance, choose, demo_settings
from .run import run

_USAGE = "\n       ".join(
    ["wltui [flags]", *(f"wltui {words} [flags]" for words in COMMANDS), "wltui help [command]"]
)
_EPILOG = """\
commands:
{commands}
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


def main(argv: Sequence[str] | None = None, *, picture: FirstPicture | None = None) -> int:
    """Obey the command line and return the exit code.

    Args:
        argv: the words after ``wltui``; by default those that the process was started with.
        picture: the picture that may be on the terminal.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    picture = picture or FirstPicture(words, os.environ)
    return run_guarded(lambda: _obey(words, picture), restore_terminal=picture.restore_terminal)


def _obey(words: Sequence[str], picture: FirstPicture) -> int:
    if words[:1] == ["help"]:
        words = [*words[1:2], "--help"]
    if words and words[0] in NAMES:
        return load_command(words[0])(words[1:])
    return _open_dashboard(_parser().parse(words), picture)


def _open_dashboard(arguments: argparse.Namespace, picture: FirstPicture) -> int:
    try:
        settings = _settings(arguments, picture)
    except NoInstance as error:
        if error.profiles.wrong_default:
            raise
        picture.restore_terminal()
        say(_format_ways(error.profiles), error=True, end="")
        return 2
    terminal = detect_terminal(os.environ)
    settings = replace(settings, ascii=settings.ascii or terminal.ascii)
    warning = "" if settings.offline or not settings.exposure else f"wltui: {settings.exposure}."
    is_covered = bool(picture.text)  # the picture leaves no room for a warning before the app
    if warning and not is_covered:
        say(warning, error=True)
    code = run(settings, terminal, arguments, picture)
    if warning and is_covered:
        say(warning, error=True)
    return code


def _settings(arguments: argparse.Namespace, picture: FirstPicture) -> Settings:
    if arguments.demo:
        return demo_settings(arguments, os.environ)
    if not arguments.offline:  # offline the cache may decide who the user is
        _record_inputs(picture)
    return choose(arguments, os.environ).settings


def _record_inputs(picture: FirstPicture) -> None:
    """Record the state of the files that decide whose data is shown, before any of them is read."""
    paths = [config_file(), state_folder() / TOKENS]
    if sdk_file := os.environ.get(FILE):
        paths.append(Path(sdk_file).absolute())
    picture.record_inputs(paths)


def _format_ways(profiles: Profiles) -> str:
    """Return the ways to start, for a user who named no instance."""
    ways = {
        "to look around in made-up data:": "wltui --demo",
        "to open a Wallaroo instance:": "wltui --endpoint https://HOST   (or set WALLAROO_URL)",
        "to open one of your profiles:": f"wltui --profile {'|'.join(profiles.names)}"
        if profiles.names
        else "",
        "to read about signing in:": "README.md",
    }
    lines = [f"{purpose:34}{command}\n" for purpose, command in ways.items() if command]
    return f"wltui: {'       '.join(lines)}"


def _parser() -> Parser:
    parser = Parser(
        "wltui",
        _USAGE,
        "A terminal dashboard for Wallaroo MLOps: models, versions and configs over SSH.",
        _EPILOG.format(
            commands="\n".join(f"  {words:20}  {help}" for words, help in COMMANDS.items()),
            config=escape_line(config_file()),
        ),
    )
    add = parser.add_argument
    add("--demo", action="store_true", help="open an embedded Wallaroo with made-up data")
    add_instance(parser)
    add("--workspace", metavar="ID", type=parse_positive, help="the workspace to begin with")
    add("--read-only", action="store_true", help="refuse everything that changes something")
    add("--protected", action="store_true", help="ask for the model's name before a config is saved")
    add("--offline", action="store_true", help="show what was read before, and connect to nothing")
    add(
        "--refresh",
        metavar="SECONDS",
        type=parse_refresh,
        help="how often to read what is on screen; 0 for never",
    )
    add("--notify", action="store_true", help="a desktop notification when a version is ready or failed")
    add("--no-bell", action="store_true", help="no bell then")
    add("--no-toasts", action="store_true", help="no message on screen then")
    add("--ascii", action="store_true", help="draw with ASCII characters only")
    add("--driver", choices=DRIVERS, help="what draws: lean sends only what changed, stock is Textual's own")
    add("-V", "--version", action="version", version=f"wltui {__version__}", help="show the version and exit")
    return parser
