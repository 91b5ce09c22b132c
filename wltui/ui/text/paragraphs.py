"""Text from outside with several lines, such as a reason or a log, for the lines of a pane."""

from wltui.core.terminal_text import split_lines

from .spans import Role, Spans, visible, wrap

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
