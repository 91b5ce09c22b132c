"""The effect of a redeploy: compare the config that a pipeline runs with the newest one."""

from collections.abc import AsyncIterator, Sequence
from functools import partial

from wltui.config.edit import FieldChange
from wltui.core.pipelines import PipelineUse
from wltui.service.service import Answer, Source
from wltui.ui.screens.base.reader import About, Reader
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, wrap
from wltui.ui.widgets.diff_view import ROLES, diff_lines
from wltui.ui.widgets.labelled import heading
from wltui.ui.widgets.pager import Pager

Changes = tuple[tuple[PipelineUse, tuple[FieldChange, ...] | None], ...]
"""Each version with the changes of its config; None if these are unknown."""


class ConfigChangeScreen(Reader[Changes]):
    """The fields that a redeploy changes, for each version that runs with an older config."""

    LOADING = "Reading both configs"

    def __init__(self, pipeline: str, uses: Sequence[PipelineUse]) -> None:
        super().__init__()
        self._pipeline, self._uses = pipeline, uses

    @property
    def crumb(self) -> Spans:
        return (("What a redeploy changes", Role.PLAIN),)

    @property
    def about(self) -> About:
        name = ("redeploy", self._pipeline)
        return About(name, f"What a redeploy of pipeline {self.shown(self._pipeline)} changes")

    async def answers(self) -> AsyncIterator[Answer[Changes]]:
        """Yield the changes of all versions in one answer."""
        service = self.app.service
        found: list[tuple[PipelineUse, tuple[FieldChange, ...] | None]] = []
        sources: list[Source] = []
        for use in self._uses:
            answer = await service.redeploy_changes(use)
            found.append((use, answer.value if answer else None))
            sources += answer.sources if answer else ()
        yield Answer(tuple(found), service.clock(), live=True, sources=tuple(sources))

    def status_spans(self) -> tuple[Spans, Spans]:
        if not self.answer or not any(changed for _, changed in self.answer.value):
            return super().status_spans()
        signs: Spans = (
            ("-", ROLES["-"]), (" as it runs now   ", Role.PLAIN), ("+", ROLES["+"]), (" after a redeploy", Role.PLAIN)
        )  # fmt: skip
        return signs, self.hit_spans()

    def show(self, value: Changes) -> None:
        self.query_one(Pager).show(partial(_lines, self.shown(self._pipeline), value, self.glyphs))


def _lines(pipeline: str, changes: Changes, glyphs: Glyphs, cells: int) -> Sequence[Spans]:
    lines: list[Spans] = []
    for use, changed in changes:
        runs = f"  pipeline {pipeline} runs config {use.config_id}"
        head = heading(f"version {use.version_id}", cells, glyphs, ((runs, Role.PLAIN),))
        lines += [(), *wrap(head, cells)] if lines else wrap(head, cells)
        if changed is None:
            lines += wrap((("The configs can't be read.", Role.WARNING),), cells)
        elif not changed:
            lines += wrap(
                (("No field that can be set differs: a redeploy changes nothing.", Role.MUTED),),
                cells,
            )
        else:
            lines += diff_lines(changed, cells)
    return lines
