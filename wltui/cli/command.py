"""The parts that commands about one instance share: their parser, and the settings of the instance."""

import argparse
import os
from collections.abc import Sequence

from wltui.core.settings import Settings
from wltui.lifecycle.console import escape_line, say

from .arguments import Parser
from .resolve import add_instance, choose

_EPILOG = "exit codes: 0 done, 1 if it failed, 2 for wrong usage, 130 after ctrl+c\n"


def build_parser(name: str, description: str, usage: str = "") -> Parser:
    """Return the parser of a command about one instance; ``usage`` shows the flags beside those of the instance."""
    words = f"wltui {name} [--profile NAME | --endpoint URL]{usage}"
    parser = Parser(f"wltui {name}", words, description, _EPILOG)
    add_instance(parser)
    return parser


def parse_instance(parser: Parser, words: Sequence[str]) -> tuple[argparse.Namespace, Settings]:
    """Return the arguments, and the settings of the instance that they, the environment and the profiles name.

    If others could read what is sent there, a warning is printed.

    Raises:
        NoInstance: nothing names an instance.
        UsageError: the words or the settings are wrong.
    """
    arguments = parser.parse(words)
    settings = choose(arguments, os.environ).settings
    if settings.exposure:
        say(f"wltui: {escape_line(settings.exposure)}.", error=True)
    return arguments, settings
