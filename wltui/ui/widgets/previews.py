"""The columns of models beside a workspace and of versions beside a model: fewer than those of their own lists."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime

from wltui.core.records import Model, ModelVersion, phase
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, plain, shortened

from .age_column import age_of
from .status import COUNTS_CELLS, counts, counts_heading, status
from .table.columns import Column
from .version_columns import STATUS_CELLS, age_column, id_column, image_column, status_column


def model_columns(glyphs: Glyphs, clock: Callable[[], datetime]) -> Sequence[Column[Model]]:
    """Return the columns of a workspace's models: the number of versions by status, and the newest one's status."""

    def newest(model: Model, cells: int) -> Spans:
        return (
            status(model.versions[0].status, glyphs, cells)
            if model.versions
            else ((glyphs.dash, Role.MUTED),)
        )

    def word(model: Model) -> str:
        return (model.versions[0].status or "unknown") if model.versions else ""

    def fare(model: Model) -> Spans:
        return counts(Counter(phase(v.status) for v in model.versions or ()), glyphs)

    return (
        Column("name", "Name", lambda m: m.name, cell=lambda m, _: ((shortened(m.name), Role.BOLD),), width=18,
               grow=((1, 24), (4, 64)), cut="middle", lends=True),
        Column("all", "", lambda m: plain(fare(m)), heading=counts_heading(glyphs), cell=lambda m, _: fare(m),
               width=COUNTS_CELLS, lends=True),
        Column("newest", "Newest", word, cell=newest, width=9, grow=((2, STATUS_CELLS - 1),), lends=True),
        age_of("updated", "Updated", updated, glyphs, clock, priority=3),
    )  # fmt: skip


def updated(model: Model) -> str:
    """Return when a model was last changed."""
    return model.updated_at or model.created_at or ""


def version_columns(glyphs: Glyphs, clock: Callable[[], datetime]) -> Sequence[Column[ModelVersion]]:
    """Return the columns of a model's versions."""
    return (
        id_column(),
        status_column(glyphs),
        age_column(glyphs, clock),
        image_column(glyphs, width=10, grow=((2, 84),), priority=1),
    )
