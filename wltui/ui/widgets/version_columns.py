"""Columns that several lists of versions share."""

from collections.abc import Callable
from datetime import datetime

from wltui.core.records import ModelVersion
from wltui.ui.text.format import age_order, age_since, base_name
from wltui.ui.text.glyphs import Glyphs

from .table.columns import Column


def id_column() -> Column[ModelVersion]:
    """Return the column of version numbers, sorted from the newest by default."""
    return Column(
        "id", "ID", lambda v: str(v.id), sort=lambda v: v.id, width=6, align="right", descending=True
    )


def file_column(glyphs: Glyphs, *, width: int, priority: int) -> Column[ModelVersion]:
    """Return the column of file names, without their folders."""
    return Column(
        "file",
        "File",
        lambda v: base_name(v.file_name) or glyphs.dash,
        width=width,
        flex=1,
        max_width=40,
        priority=priority,
    )


def age_column(glyphs: Glyphs, clock: Callable[[], datetime], *, priority: int = 0) -> Column[ModelVersion]:
    """Return the column of ages, sorted from the youngest by default."""
    return Column(
        "age",
        "Age",
        lambda v: age_since(v.created_at, clock()) or glyphs.dash,
        sort=lambda v: age_order(v.created_at),
        width=6,
        align="right",
        filter=False,
        priority=priority,
    )
