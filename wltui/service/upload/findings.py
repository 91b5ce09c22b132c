"""Findings of the checks, in plain words."""

from enum import Enum

from msgspec import Struct

from wltui.core.escapes import escape_line


class Severity(Enum):
    """How sure it is that the upload comes to nothing."""

    CERTAIN = "refused for sure"
    """The platform refuses the upload, or can't make a model of the file."""
    LIKELY = "will probably fail"
    REPEAT = "may be stored twice"
    """An upload of the same file to the same model has no known outcome yet."""
    NOTE = "worth knowing"


class Finding(Struct, frozen=True):
    """Something that is wrong with an upload, or odd. Both sentences are without control characters."""

    severity: Severity
    cause: str
    remedy: str = ""
    """How to mend it; empty if there is nothing to do."""
    is_recorded: bool = False
    """Whether uploads were recorded that failed by exactly this."""
    place: str = "file"
    """What of the upload it is about: ``file``, ``name``, ``framework``, ``arch``, ``accel``, ``input_schema``,
    ``output_schema``, or the key of a setting."""


def shorten(text: str, longest: int = 60) -> str:
    """Return text from a file on one line, escaped, and cut if it is long."""
    escaped = escape_line(text[: longest + 1])
    return escaped if len(escaped) <= longest else f"{escaped[: longest - 1]}…"
