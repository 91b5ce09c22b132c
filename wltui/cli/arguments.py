"""Parse command lines: mistakes are reported in one line, and numbers are checked."""

import argparse
import math
import re
import sys
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NoReturn

from wltui.core.errors import UsageError
from wltui.lifecycle.console import say

PROGRAM = "wltui"
LONGEST = timedelta(days=365 * 1_000)
"""The longest duration that a flag takes; the time so long ago still has a date."""


class UnknownWord(UsageError):
    """A command line has a word that its parser does not know."""

    def __init__(self, word: str, advice: str) -> None:
        super().__init__(f"there is no {word!r}", "", advice)
        self.word = word


class Parser(argparse.ArgumentParser):
    """A parser that raises UsageError, shows its epilog as it stands, and takes flags between its other words.

    Its commands, which ``add_subparsers`` begins, are such parsers too, and one of them has to be given.
    """

    def __init__(self, *args: Any, first: Sequence[str] = (), **named: Any) -> None:
        """``first`` are words that are no flags of this parser, but may stand in the place of its first one."""
        named = {"formatter_class": argparse.RawDescriptionHelpFormatter, "allow_abbrev": False, **named}
        super().__init__(*args, **named)
        self._first = tuple(first)
        self._is_parsing = False
        self._commands: argparse._SubParsersAction[Parser] | None = None

    def add_subparsers(self, **named: Any) -> "argparse._SubParsersAction[Parser]":  # type: ignore[override]
        """Begin the commands of this parser; return the action whose ``add_parser`` adds each."""
        named = {"required": True, "metavar": "COMMAND", "title": "commands", "prog": self.prog, **named}
        self._commands = super().add_subparsers(**named)
        return self._commands

    def _print_message(self, message: str, file: object = None) -> None:  # argparse ignores failures to print
        say(message, end="", error=file is sys.stderr)

    def error(self, message: str) -> NoReturn:
        """Raise UsageError with the message, in place of printing the whole usage."""
        raise UsageError(message, "", f"See {self.prog} --help")

    def _check_value(self, action: argparse.Action, value: Any) -> None:
        """Raise UsageError if a word is none of an action's choices; it names the nearest command, or all choices."""
        if action.choices is None or value in action.choices:
            return
        choices = [str(choice) for choice in action.choices]
        if action is not self._commands:
            name = "/".join(action.option_strings) or action.metavar or action.dest
            raise UsageError(f"{name}: there is no {value!r}", "", f"Choose from {', '.join(choices)}")
        import difflib

        near = difflib.get_close_matches(str(value), choices, n=1)
        raise UnknownWord(
            str(value), f"Did you mean {near[0]}?" if near else f"Choose from {', '.join(choices)}"
        )

    def parse(self, words: Sequence[str]) -> argparse.Namespace:
        """Return the arguments that the words make.

        Raises:
            UsageError: a word is wrong; the error names the nearest valid one.
        """
        return self.parse_args(words)

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Return the arguments, and an empty list, as an unknown word raises UnknownWord here.

        The parser of a command is called by that of the program, so that each names its own flags.
        """
        if self._is_parsing:  # called back by parse_known_intermixed_args
            return super().parse_known_args(args, namespace)
        self._is_parsing = True
        try:
            arguments, unknown = super().parse_known_args(args, namespace)
            if unknown and not unknown[0].startswith("-") and not self._has_rest:
                # Slower, as it formats the usage; only it takes words behind flags if there may be any number of them.
                arguments, unknown = self.parse_known_intermixed_args(args, namespace)
        except UnknownWord as error:
            raise self._foreign_flag(error) or error from None
        finally:
            self._is_parsing = False
        if unknown:
            raise self._unknown(unknown[0])
        return arguments, []

    @property
    def _has_rest(self) -> bool:
        """Whether one of its words takes all that follow it, so that no flag of this parser can stand behind."""
        rest = (argparse.PARSER, argparse.REMAINDER)
        return any(action.nargs in rest for action in self._get_positional_actions())

    def _unknown(self, word: str) -> UsageError:
        flag = word.partition("=")[0]
        if flag in self._first:
            return UsageError(f"{flag} comes first", "", f"Write {self.prog} {flag}, then its flags")
        import difflib

        near = difflib.get_close_matches(flag, [*self._option_string_actions, *self._first], n=1)
        return UnknownWord(word, f"Did you mean {near[0]}?" if near else f"See {self.prog} --help")

    def _foreign_flag(self, error: UnknownWord) -> UsageError | None:
        """Return a better error if the flag that one command does not know belongs to another one."""
        flag = error.word.partition("=")[0]
        owners = [
            parser.prog.removeprefix(f"{PROGRAM} ")
            for parser in (self._commands.choices.values() if self._commands else ())
            if flag in parser._option_string_actions
        ]
        others = "other commands, such as " if len(owners) > 1 else ""
        return UsageError(f"{flag} belongs to {others}{owners[0]}") if owners else None


def parse_whole(text: str) -> int:
    """Return a whole number; raise ArgumentTypeError for any other text."""
    if not re.fullmatch(r"[+-]?[0-9]{1,30}", text):  # int() also takes 1_0 and digits of all scripts
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number")
    return int(text)


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


def parse_duration(text: str) -> timedelta:
    """Return a length of time such as ``90s``, ``30m`` or ``7d``, as the filter language writes it.

    Raises:
        ArgumentTypeError: it is written otherwise, or too long.
    """
    from wltui.ui.text.query import UNITS

    found = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)([a-z])", text.strip().lower())
    if found is None or found[2] not in UNITS:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration: a number, then s, m, h, d, w or y")
    seconds = float(found[1]) * UNITS[found[2]]
    if seconds > LONGEST.total_seconds():
        raise argparse.ArgumentTypeError(f"{text!r} is too long")
    return timedelta(seconds=seconds)
