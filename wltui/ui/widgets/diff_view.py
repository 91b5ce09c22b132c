"""Changes line by line, as spans."""

from collections.abc import Iterable, Sequence

from wltui.config.edit import FieldChange, format_diff
from wltui.ui.text.spans import Role, Spans, visible, wrap

ROLES = {"-": Role.ERROR, "+": Role.SUCCESS, " ": Role.PLAIN}


def diff_lines(changes: Iterable[FieldChange], cells: int) -> Sequence[Spans]:
    """Render each changed field: its key, its old lines and its new ones."""
    lines: list[Spans] = []
    for change in changes:
        (_, key), *values = format_diff([change])
        lines += [(), ((f"  {key}", Role.BOLD),)] if lines else [((f"  {key}", Role.BOLD),)]
        for sign, text in values:
            first, *rest = wrap(((visible(text), ROLES[sign]),), max(4, cells - 2))
            lines.append(((f"{sign} ", ROLES[sign]), *first))
            lines += [(("  ", Role.PLAIN), *line) for line in rest]
    return lines
