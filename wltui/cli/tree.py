"""The tree of commands: the parser of the dashboard's flags, and below it those of the commands."""

import textwrap
from collections.abc import Iterable

from wltui import __version__
from wltui.core.settings import DRIVERS
from wltui.lifecycle.console import EXIT_CODES, escape_line

from .arguments import PROGRAM, Parser, parse_positive, parse_refresh
from .commands import COMMANDS, NAMES, load_command
from .profile_file import config_file
from .resolve import add_instance

_USAGE = """\
wltui [flags]             open the dashboard
       wltui COMMAND [words]     such as wltui get models
       wltui help [COMMAND]      the words of a command, with examples"""
_EPILOG = """\
commands:
{commands}

environment:
  WALLAROO_URL          as --endpoint
  WLTUI_PROFILE         as --profile
  WLTUI_TOKEN           a bearer token; no flag, as command lines can be read
  WALLAROO_USER, WALLAROO_PASSWORD, WALLAROO_SDK_CREDENTIALS,
  WALLAROO_SDK_AUTH_TYPE, WALLAROO_SDK_AUTH_ENDPOINT
                        as in the vendor's SDK
  WALLAROO_REQUEST_TIMEOUT
                        seconds to wait for an answer (45)
  WLTUI_LOG             as --log-file
  WLTUI_CACHE_MB        megabytes of answers to keep on disk, for each instance
                        and user (64)
  WLTUI_CACHE_DAYS      how many days to keep them (30)
  TEXTUAL_THEME         the theme, such as wltui-light
  NO_COLOR              no colours, if it is not empty
  ESCDELAY              milliseconds that esc waits for the rest of a key (25)
  XDG_CONFIG_HOME, XDG_CACHE_HOME, XDG_STATE_HOME
                        the folders that hold the folders of wltui

files:
  {config}
                        profiles: README.md shows one

exit codes:
{codes}
  128+n ended by signal n, such as 129 for a lost connection
"""


def build_parser(names: Iterable[str]) -> Parser:
    """Return the parser of the dashboard's flags and of the named commands, whose modules are imported."""
    parser = Parser(
        PROGRAM,
        _USAGE,
        "A terminal dashboard for Wallaroo MLOps: models, versions and configs over SSH.",
        first=(*NAMES, "help"),
    )
    _add_flags(parser)
    if names := tuple(names):
        commands = parser.add_subparsers(dest="command")
        for name in names:
            load_command(name).add_arguments(commands.add_parser(name, help=COMMANDS[name]))
    else:
        parser.epilog = _format_epilog()
    return parser


def _format_epilog() -> str:
    width = max(map(len, NAMES)) + 2
    wrapped = (
        textwrap.fill(help, 79, initial_indent=f"  {name:{width}}", subsequent_indent=" " * (width + 2))
        for name, help in {**COMMANDS, "help": "show the words of a command, with examples"}.items()
    )
    return _EPILOG.format(
        commands="\n".join(wrapped),
        config=escape_line(config_file()),
        codes="\n".join(f"  {code:<6}{meaning}" for code, meaning in EXIT_CODES.items()),
    )


def _add_flags(parser: Parser) -> None:
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
