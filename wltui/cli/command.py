"""The parts that commands share: their help, and the flags and settings of the instance that they are about."""

import argparse
import os
from collections.abc import Iterable, Mapping

from wltui.core.settings import Settings
from wltui.lifecycle.console import EXIT_CODES, escape_line, say

from .resolve import add_instance, choose

INSTANCE_CODES = (2, 3, 5, 6)
"""Exit codes that each command has which asks an instance; see :data:`~wltui.lifecycle.console.EXIT_CODES`."""


def explain(
    parser: argparse.ArgumentParser,
    description: str,
    examples: Iterable[str] = (),
    codes: Mapping[int, str] | None = None,
    *,
    usual: Iterable[int] = INSTANCE_CODES,
    notes: str = "",
) -> None:
    """Set the description of a command, and the end of its help: notes, examples and exit codes.

    Args:
        parser: the command's parser.
        description: what it does, as one sentence.
        examples: command lines, each with a comment if it needs one.
        codes: exit codes that mean something of their own here, beside 0.
        usual: exit codes with their usual meaning.
        notes: paragraphs that stand before the examples.
    """
    meanings = {0: EXIT_CODES[0], **{code: EXIT_CODES[code] for code in usual}, **(codes or {})}
    parts = [
        notes.strip(),
        "\n  ".join(["examples:", *examples]) if examples else "",
        "\n  ".join(["exit codes:", *(f"{code:<4} {meanings[code]}" for code in sorted(meanings))]),
    ]
    parser.description = description
    parser.epilog = "\n\n".join(filter(None, parts)) + "\n"


def add_instance_flags(parser: argparse.ArgumentParser) -> None:
    """Add the flags that name an instance."""
    add_instance(parser.add_argument_group("instance"))


def add_read_only(parser: argparse.ArgumentParser) -> None:
    """Add the flag that refuses every write."""
    parser.add_argument("--read-only", action="store_true", help="refuse everything that changes something")


def add_freshness(parser: argparse.ArgumentParser) -> None:
    """Add the flags that choose between the instance and what was read from it before."""
    parser.add_argument(
        "--cached",
        "--offline",
        dest="offline",
        action="store_true",
        help="show what was read before, at once, and connect to nothing",
    )


def find_settings(arguments: argparse.Namespace) -> Settings:
    """Return the settings of the instance that the arguments, the environment and the profiles name.

    If others could read what is sent there, a warning is printed.

    Raises:
        NoInstance: nothing names an instance.
        UsageError: the settings are wrong.
    """
    settings = choose(arguments, os.environ).settings
    if settings.exposure and not settings.offline:
        say(f"wltui: {escape_line(settings.exposure)}.", error=True)
    return settings
