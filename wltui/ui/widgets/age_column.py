"""A column of ages, for a list of anything; apart from those of versions, as the first screen needs no more."""

from collections.abc import Callable
from datetime import datetime

from wltui.ui.text.format import age_order, age_since
from wltui.ui.text.glyphs import Glyphs

from .table.columns import Column, R


def age_of(
    key: str,
    title: str,
    stamp: Callable[[R], str | None],
    glyphs: Glyphs,
    clock: Callable[[], datetime],
    *,
    width: int = 9,
    priority: int,
    seconds: Callable[[R], float | None] | None = None,
) -> Column[R]:
    """Return a column of how long ago API timestamps were, sorted from the youngest by default.

    ``seconds``: returns the same time in seconds since 1970, if the record has it without parsing.
    """

    def order(record: R) -> float | None:
        if seconds is None:
            return age_order(stamp(record))
        since = seconds(record)
        return None if since is None else -since

    return Column(
        key,
        title,
        lambda record: age_since(stamp(record), clock()) or glyphs.dash,
        sort=order,
        width=width,
        align="right",
        filter=False,
        priority=priority,
    )
