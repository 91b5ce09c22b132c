"""Parse command lines: mistakes are reported in one line, and numbers are checked."""

import argparse
import difflib
import math
import sys
from collections.abc import Sequence
from typing import NoReturn

from wltui.core.errors import UsageError
from wltui.lifecycle.console import say

from .commands import NAMES


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError, and shows its epilog as it stands."""

    def __init__(self, prog: str, usage: str, description: str, epilog: str) -> None:
        super().__init__(
            prog=prog,
            usage=usage,
            description=description,
            epilog=epilog,
            formatter_class=argparse.RawDescriptionHelpFormatter,
            allow_abbrev=False,
        )

    def _print_message(self, message: str, file: object = None) -> None:  # argparse ignores failures to print
        say(message, end="", error=file is sys.stderr)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with the message, in place of printing the whole usage."""
        raise UsageError(message, "", f"See {self.prog} --help")

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """Return the arguments that the words make.

        Raises:
            UsageError: a word is wrong; the error names the nearest valid one.
        """
        arguments, unknown = self.parse_known_args(words)
        if unknown:
            known = [*self._option_string_actions, *NAMES, "help"]
            if unknown[0] in (*NAMES, "help"):
                raise UsageError(f"{unknown[0]} comes first", "", f"Write wltui {unknown[0]}, then its flags")
            near = difflib.get_close_matches(unknown[0].partition("=")[0], known, n=1)
            advice = f"Did you mean {near[0]}?" if near else f"See {self.prog} --help"
            raise UsageError(f"there is no {unknown[0]!r}", "", advice)
        return arguments


def parse_whole(text: str) -> int:
    """Return a whole number; raise ArgumentTypeError for any other text."""
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def parse_positive(text: str) -> int:
    """Return a whole number above 0; raise ArgumentTypeError for any other text."""
    number = parse_whole(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not above 0")
    return number


def parse_port(text: str) -> int:
    """Return the number of a port; raise ArgumentTypeError for any other text."""
    number = parse_whole(text)
    if not 0 <= number <= 65_535:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 65535")
    return number


def parse_amount(text: str) -> float:
    """Return a number from 0 on; raise ArgumentTypeError for any other text."""
    try:
        number = float(text)
    except ValueError:
        number = -1
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return number


def parse_refresh(text: str) -> float:
    """Return seconds: 0, or at least 1; raise ArgumentTypeError for any other text."""
    seconds = parse_amount(text)
    if 0 < seconds < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is below one second")
    return seconds


def parse_share(text: str) -> float:
    """Return a number from 0 to 1; raise ArgumentTypeError for any other text."""
    rate = parse_amount(text)
    if rate > 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not between 0 and 1")
    return rate
