"""The texts that a save from the command line prints: the change, an earlier save, and where to look an outcome up."""

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

from wltui.config.edit import FieldChange, format_diff
from wltui.core.records import ModelVersion, Outcome
from wltui.lifecycle.console import escape_line, say, say_error
from wltui.service.edit_sources import WrongConfig
from wltui.ui.text.format import day_time
from wltui.ui.text.save_words import doubt_words, outcome_words, warning_words

if TYPE_CHECKING:
    from wltui.service.headless_edit import EditPlan

_COLOURS = {"-": "\x1b[31m", "+": "\x1b[32m"}
_END = "\x1b[0m"


def say_line(text: str) -> None:
    """Print a message in one line on standard error; it may contain text from outside."""
    say(escape_line(text), error=True)


def name_version(version: ModelVersion) -> str:
    """Return ``Version 16 of ccfraud``."""
    return f"Version {version.id}" + (f" of {version.model_name}" if version.model_name else "")


def diff_lines(changes: Iterable[FieldChange], *, in_colour: bool) -> list[str]:
    """Return the changes line by line, safe to print: each field's key, its old lines and its new ones."""
    lines: list[str] = []
    for change in changes:
        (_, key), *values = format_diff([change])
        lines.append(f"  {key}")
        for sign, text in values:
            line = f"{sign} {escape_line(text)}".rstrip()
            colour = _COLOURS.get(sign, "") if in_colour else ""
            lines.append(f"{colour}{line}{_END}" if colour else line)
    return lines


def has_colour(stream: object) -> bool:
    """Return whether a stream is a terminal on which the user wants colours."""
    isatty = getattr(stream, "isatty", None)
    is_plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") in ("dumb", None)
    return bool(isatty and isatty()) and not is_plain


def earlier_save(plan: "EditPlan") -> tuple[str, ...]:
    """Return sentences on an earlier save: its outcome, if that is news, or the doubt about it."""
    settled = plan.settled
    if settled is None or not settled.is_news:
        return ()
    when = day_time(settled.entry.at.isoformat())
    if settled.saved.outcome is not Outcome.UNKNOWN:
        return (f"Your save of {when}: {outcome_words(settled.saved)[0]}",)
    return f"Your save of {when} {doubt_words(settled.saved)}", warning_words(settled)


def look_up_words(plan: "EditPlan") -> str:
    """Return how to look up the outcome of a save."""
    return (
        f"The next wltui config command on it looks again, such as wltui config diff {plan.version.id} FILE."
    )


def print_problems(error: WrongConfig) -> int:
    """Print the problems of a config, a line each, and return the exit code."""
    for line in error.lines:
        say_error(line)
    return 2
