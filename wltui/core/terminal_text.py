"""Clean text that a program wrote for a terminal, such as upload logs and reasons of failures."""

import re

_CONTROL = re.compile(
    r"\x1b\[[0-9;:]*[mABCDGK]"  # colours; cursor steps and line erasure of progress bars
    r"|\x1b\[\?25[hl]"  # hiding and showing the cursor
    r"|\x1b[()][0-9A-B]"  # character sets
    r"|\x1b\]8;[^\x07\x1b]*(?:\x07|\x1b\\)"  # both ends of a link; its text stays
)
_BREAK = re.compile("[\n\v\f\x85\u2028\u2029]")
_ERROR = re.compile(
    r"error\b|exception\b|\b(?:critical|failed|failure|fatal|killed|panic|traceback)\b|^\s*×", re.IGNORECASE
)


def split_lines(text: str) -> list[str]:
    r"""Return the lines that a terminal would show, without colours and without empty ones at either end.

    If a line was overwritten (``50%\r100%``), only its last part is kept. Other control characters stay; callers
    must escape them before showing the line.
    """
    lines = [_last_part(line).expandtabs().rstrip() for line in _BREAK.split(_CONTROL.sub("", text))]
    while lines and not lines[-1]:
        lines.pop()
    first = next((number for number, line in enumerate(lines) if line), 0)
    return lines[first:]


def is_error(line: str) -> bool:
    """Return whether a line contains a word that programs use to report errors."""
    return _ERROR.search(line) is not None


def _last_part(line: str) -> str:
    return next((part for part in reversed(line.split("\r")) if part.strip()), "")
