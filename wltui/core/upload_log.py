"""Read the log of an upload: its lines without the container runtime's frame, and the one that says why it failed.

No line is taken for the reason because the word ERROR is in it: packaging logs one for a leftover that is not there,
and goes on.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta

from msgspec import Struct

from .records import ModelVersion
from .terminal_text import split_lines
from .times import parse_timestamp
from .upload_frameworks import has_upload_logs

_FRAME = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\S* (?:stdout|stderr) ([FP]) ?")
"""``time stream F text``; P instead of F if the next line continues the text."""
_NEW_ENTRY = re.compile(
    r"\s*(?:\[\d\d:\d\d:\d\d\]|\[?\d{4}-\d\d-\d\d[ T]\d\d:\d\d|\[?(?:DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL)\b"
    r"|Error: |Traceback \()"
)
_HEAD = re.compile(r"^(?:\[\d\d:\d\d:\d\d\] *)?(?:(?:DEBUG|INFO|WARNING|ERROR|CRITICAL) +)?(?:Error: +)?")
_SOURCE = re.compile(r"(?<=\s)\S+\.py:\d+\s*$")
"""The file and line that a logger writes at the right margin. ``\\s+`` in front would be quadratic in spaces."""
_REASON = re.compile(r"^\s*Error: +\S")
_RESOLVER = re.compile(r"^\s*(?:×|x (?=No solution|Failed))")
_RESOLVER_WHY = re.compile(r"\s*(?:╰─▶|`->)\s*")
_DETAILS = (
    (re.compile(r"Failed to load module\b", re.IGNORECASE), re.compile("module", re.IGNORECASE)),
    (re.compile(r"Failed to parse requirement\b", re.IGNORECASE), re.compile("requirement|parse", re.IGNORECASE)),
)  # fmt: skip
"""Lines that say more than the reason at the end, each with what the reason has to be about."""
_ABOUT_PACKAGES = re.compile("requirement|install", re.IGNORECASE)
_TRACEBACK = "Traceback (most recent call last)"
_EXCEPTION = re.compile(r"(?:\w+\.)*[A-Z]\w*(?:Error|Exception)(?:: |$)")
MOST_CONTINUED = 8
"""The most lines that one entry of a log is read over."""


class LogLine(Struct, frozen=True, gc=False):
    """A line of a log, without colours and overwritten progress. Other control characters stay."""

    text: str
    at: str = ""
    """``yyyy-mm-ddThh:mm:ssZ``; empty if the line does not begin with a time."""

    @property
    def time(self) -> str:
        """The time of the day in UTC, ``hh:mm:ss``; empty if there is none."""
        return self.at[11:19]


class DecisiveLine(Struct, frozen=True, gc=False):
    """The entry of a log that says why the upload failed."""

    index: int
    """Its first line."""
    lines: int
    """The number of its lines."""
    text: str
    """Its words in one line, without ``Error:``."""


def missing_log_reason(version: ModelVersion) -> str:
    """Return why the platform has no upload log of a version, or an empty string if it may have one."""
    if version.framework is None:
        return ""
    if version.task_id is None:
        return "no conversion task ran for this upload"
    if not has_upload_logs(version.framework):
        return f"the platform logs no uploads of the framework {version.framework}"
    return ""


def parse_log(lines: Iterable[str]) -> tuple[LogLine, ...]:
    """Return the lines that a terminal would show, of an answer whose lines have the container runtime's format."""
    parsed: list[LogLine] = []
    begun: list[str] = []
    at = ""
    for line in lines:
        frame = _FRAME.match(line)
        if not begun:
            at = f"{frame[1]}Z" if frame else ""
        begun.append(line[frame.end() :] if frame else line)
        if frame is None or frame[2] == "F":
            parsed += [LogLine(text, at) for text in split_lines("".join(begun)) or [""]]
            begun = []
    return (*parsed, *(LogLine(text, at) for text in split_lines("".join(begun))))


def decisive_line(log: Sequence[LogLine]) -> DecisiveLine | None:
    """Return the entry that says why an upload failed, or None if no line is known to.

    That is the last line ``Error: …``, or a line before it that says more about the same; without one, the last
    failure of the package resolver, or the last line of a traceback.
    """
    last = _last(log, _REASON)
    reason = _entry(log, last) if last is not None else None
    if (reason is None or _ABOUT_PACKAGES.search(reason.text)) and (resolver := _of_resolver(log)):
        return resolver
    for detail, subject in _DETAILS:
        index = _last(log, detail) if reason is None or subject.search(reason.text) else None
        if index is not None:
            return _entry(log, index)
    return reason or _of_traceback(log)


def _last(log: Sequence[LogLine], pattern: re.Pattern[str]) -> int | None:
    """Return the index of the last line with the pattern, or None."""
    return next((index for index in reversed(range(len(log))) if pattern.search(log[index].text)), None)


def _entry(log: Sequence[LogLine], first: int) -> DecisiveLine:
    """Return an entry with the lines that continue it."""
    end = _end(log, first)
    words = " ".join(_SOURCE.sub("", line.text).strip() for line in log[first:end])
    return DecisiveLine(first, end - first, _HEAD.sub("", words))


def _end(log: Sequence[LogLine], first: int) -> int:
    """Return the index of the line after an entry.

    That is a blank line, one of another second, the next entry, or the one after ``MOST_CONTINUED``. An entry is
    written at once, so that lines which a program wrote later are not part of it.
    """
    end, last = first + 1, min(len(log), first + MOST_CONTINUED)
    while end < last and _continues(log[end], log[first]):
        end += 1
    return end


def _continues(line: LogLine, first: LogLine) -> bool:
    """Return whether a line may be part of the entry that a line began; a second may have ended in between."""
    if not line.text or _NEW_ENTRY.match(line.text):
        return False
    at, began = parse_timestamp(line.at), parse_timestamp(first.at)
    return not (at and began) or at - began <= timedelta(seconds=1)


def _of_resolver(log: Sequence[LogLine]) -> DecisiveLine | None:
    """Return the last failure of uv: the line with ``×``, and the words behind its last arrow."""
    first = _last(log, _RESOLVER)
    if first is None:
        return None
    end = first + 1
    while end < min(len(log), first + 2 * MOST_CONTINUED) and re.match(r"\s+\S|\s*[│├╰]", log[end].text):
        end += 1
    why = next(
        (index for index in reversed(range(first, end)) if _RESOLVER_WHY.match(log[index].text)), first
    )
    words = " ".join(line.text.strip() for line in log[why:end])
    return DecisiveLine(first, end - first, re.sub(r"^(?:╰─▶|`->|×|x)\s*", "", words))


def _of_traceback(log: Sequence[LogLine]) -> DecisiveLine | None:
    """Return the exception below the last traceback, or in the last line.

    In recorded logs it is the last line. An exception that lines follow was handled, unless they go on with its words.
    """
    last = next((index for index in reversed(range(len(log))) if log[index].text), None)
    if last is None:
        return None
    traceback = next((index for index in reversed(range(len(log))) if _TRACEBACK in log[index].text), last)
    below = range(traceback + 1, last + 1)
    raised = next((index for index in below if re.match(r"[^\s│╭╰|+]", log[index].text)), None)
    if raised is not None and not _NEW_ENTRY.match(log[raised].text) and _end(log, raised) > last:
        return DecisiveLine(raised, 1, log[raised].text.strip())
    if _EXCEPTION.match(log[last].text):
        return DecisiveLine(last, 1, log[last].text.strip())
    return None
