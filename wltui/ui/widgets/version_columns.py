"""Columns that several lists of versions share."""

from collections.abc import Callable, Iterable
from datetime import datetime
from operator import attrgetter

from wltui.core.records import ModelVersion, Phase, phase
from wltui.ui.text.format import base_name
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, plain, shortened, width

from .age_column import age_of
from .image_path import image_path, short_image
from .status import status, worst_first
from .table.columns import Column

STATUS_CELLS = 16
"""Cells of a status at first: ``✖ error``, ``◐ uploading``, ``◐ pending…native``."""


def id_column(*, lends: bool = False) -> Column[ModelVersion]:
    """Return the column of version numbers, sorted from the newest by default.

    ``lends``: whether it lends cells; only for lists whose first rows have the greatest numbers.
    """
    return Column("id", "ID", lambda v: str(v.id), sort=attrgetter("id"), width=6, align="right", descending=True,
                  lends=lends)  # fmt: skip


def status_column(
    glyphs: Glyphs,
    *,
    text: Callable[[ModelVersion], str] = lambda version: version.status or "unknown",
    signs: Callable[[ModelVersion], Spans] = lambda version: (),
    grow: tuple[tuple[int, int], ...] = (),
) -> Column[ModelVersion]:
    """Return the column of statuses, those first that need attention; long words are shortened.

    Args:
        glyphs: The signs to draw with.
        text: Returns the words that the filter searches.
        signs: Returns signs to draw after the status.
        grow: Ranks at which the column becomes wider, and to how many cells.
    """

    def cell(version: ModelVersion, cells: int) -> Spans:
        after = signs(version)
        return (*status(version.status, glyphs, cells - width(after)), *after)

    return Column("status", "Status", text, cell=cell, sort=lambda v: worst_first(v.status),
                  width=STATUS_CELLS, grow=grow, lends=True)  # fmt: skip


def image_column(
    glyphs: Glyphs,
    *,
    width: int,
    grow: tuple[tuple[int, int], ...],
    priority: int = 0,
    differs: Callable[[ModelVersion], bool] = lambda version: False,
    siblings: Callable[[ModelVersion], Iterable[ModelVersion]] = lambda version: (),
) -> Column[ModelVersion]:
    """Return the column of images; a failed version without one shows its reason there.

    The words of wltui are muted, the server's are not. Neither is red, so that the statuses stand out.
    """

    def why(version: ModelVersion) -> Spans:
        if version.image_path or phase(version.status) is not Phase.ERROR:
            return ()
        from wltui.core.diagnosis import NO_REASON_SHORT, diagnose  # which a start does not need

        found = diagnose(version, siblings=siblings(version))
        text = found.reason or found.cause or NO_REASON_SHORT
        return ((" ".join(shortened(text).split()), Role.PLAIN if found.reason else Role.MUTED),)

    def text(version: ModelVersion) -> str:
        if version.image_path:
            return short_image(version.image_path)
        return plain(why(version)) or glyphs.dash

    def cell(version: ModelVersion, cells: int) -> Spans:
        return why(version) or image_path(version.image_path, cells, glyphs, differs=differs(version))

    return Column(
        "image", "Image or reason", text, cell=cell, width=width, grow=grow, priority=priority, lends=True
    )


def file_column(
    glyphs: Glyphs, *, width: int, priority: int, grow: tuple[tuple[int, int], ...] = ()
) -> Column[ModelVersion]:
    """Return the column of file names, without their folders."""
    return Column("file", "File", lambda v: base_name(v.file_name) or glyphs.dash, width=width, grow=grow,
                  priority=priority, cut="middle", lends=True)  # fmt: skip


def age_column(glyphs: Glyphs, clock: Callable[[], datetime], *, priority: int = 0) -> Column[ModelVersion]:
    """Return the column of ages, sorted from the youngest by default."""
    return age_of("age", "Age", lambda v: v.created_at, glyphs, clock, width=6, priority=priority,
                  seconds=lambda v: v.created_seconds)  # fmt: skip
