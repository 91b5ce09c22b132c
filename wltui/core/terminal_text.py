"""Text that a program wrote for a terminal: upload logs, reasons, what a server says about a failure."""

import re

_CONTROL = re.compile(
    r"\x1b\[[0-9;:]*[mABCDGK]"  # colours; and what progress bars need: steps of the cursor, erasing a line
    r"|\x1b\[\?25[hl]"  # the cursor hidden meanwhile
    r"|\x1b[()][0-9A-B]"  # character sets
    r"|\x1b\]8;[^\x07\x1b]*(?:\x07|\x1b\\)"  # the ends of a link, whose text stays
)
_BREAK = re.compile("[\n\v\f\x85\u2028\u2029]")
_ERROR = re.compile(
    r"error\b|exception\b|\b(?:critical|failed|failure|fatal|killed|panic|traceback)\b|^\s*×", re.IGNORECASE
)


def split_lines(text: str) -> list[str]:
    r"""Return the lines that a terminal would show, without colours and without empty ones at either end.

    Of a line that was written over (``50%\r100%``) the last part is left. Other control characters stay in it, for
    whoever shows it to spell out.
    """
    lines = [_last_part(line).expandtabs().rstrip() for line in _BREAK.split(_CONTROL.sub("", text))]
    while lines and not lines[-1]:
        lines.pop()
    first = next((number for number, line in enumerate(lines) if line), 0)
    return lines[first:]


def is_error(line: str) -> bool:
    """Return whether a line holds a word by which programs report errors."""
    return _ERROR.search(line) is not None


def _last_part(line: str) -> str:
    return next((part for part in reversed(line.split("\r")) if part.strip()), "")
