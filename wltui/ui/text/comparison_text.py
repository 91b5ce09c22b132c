"""The differences of two versions as plain text, for a chat or a ticket."""

from wltui.config.comparison import DIFFERENT, Comparison, State, Verdict
from wltui.core.terminal_text import split_lines

from .spans import visible


def differences(comparison: Comparison, left: str, right: str) -> str:
    """Return the differences as text: what each side is, then each field with its two values.

    Args:
        comparison: The compared versions.
        left: The name of the left one.
        right: The name of the right one.
    """
    lines = [f"--- {left}", f"+++ {right}"]
    for row in comparison.rows:
        if row.verdict not in DIFFERENT:
            continue
        lines.append(f"  {visible(row.label.strip())}")
        for sign, cell in (("-", row.left), ("+", row.right)):
            if cell.state is not State.ABSENT:
                lines += [f"{sign} {visible(line)}" for line in split_lines(cell.text) or [""]]
    unknown = dict.fromkeys(row.subject for row in comparison.rows if row.verdict is Verdict.UNKNOWN)
    if len(lines) == 2:
        lines.append("  no difference")
    if unknown:
        lines.append(f"? can't be compared: {visible(', '.join(unknown))}")
    return "\n".join(lines)
