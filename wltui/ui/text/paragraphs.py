"""Text from outside with several lines, such as a reason or a log, for the lines of a pane."""

from collections.abc import Sequence

from wltui.core.terminal_text import split_lines

from .spans import Role, Spans, clip, visible, wrap

MESSAGE_LINES = 6
"""Lines of a text that a message may have."""


def paragraphs(text: str, *, ascii: bool = False, most: int | None = None) -> list[str]:
    """Return the lines of a text without colours, with other control characters made visible.

    If there are more than ``most`` lines, those in the middle are left out.
    """
    lines = [visible(line, ascii=ascii) for line in split_lines(text)]
    if most is not None and len(lines) > most:
        left_out = f"({len(lines) - most + 1} lines are left out here)"
        head = most // 2
        lines = [*lines[:head], left_out, *lines[len(lines) - (most - head - 1) :]]
    return lines


def wrap_paragraphs(text: str, role: Role, cells: int, *, ascii: bool = False) -> list[Spans]:
    """Return the lines of a text, each wrapped to at most ``cells``."""
    return [line for text in paragraphs(text, ascii=ascii) for line in wrap(((text, role),), cells)]


def share_lines(texts: Sequence[Sequence[Spans]], cells: int, rows: int, ellipsis: str) -> list[Spans]:
    """Return the lines of several wrapped texts, at most ``rows`` if there are not more texts.

    Each text has room; one that is cut ends in an ellipsis.
    """
    share = max(1, rows // max(1, len(texts)))
    spare = rows - sum(min(len(lines), share) for lines in texts)
    shown: list[Spans] = []
    for lines in texts:
        most = share + max(0, spare)
        spare -= max(0, min(len(lines), most) - share)
        shown += lines[:most]
        if len(lines) > most:
            *begin, (text, role) = shown[-1]
            shown[-1] = clip((*begin, (f"{text.rstrip()} {ellipsis}", role)), cells, ellipsis)
    return shown
