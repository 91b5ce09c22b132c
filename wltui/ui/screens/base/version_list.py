"""A list of versions: of one model, or of the whole instance."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from wltui.core.pipelines import PipelineUse
from wltui.core.records import ModelVersion, VersionId, WorkspaceId
from wltui.service.service import Answer
from wltui.ui.actions import disabled_if
from wltui.ui.text.facts import Facts, Pair
from wltui.ui.text.record_facts import version_facts

from .frame import QuitKeys
from .pane_list import PaneListScreen
from .version_actions import no_version

T = TypeVar("T")


def nothing_to_compare(screen: "VersionListScreen[Any]") -> str:
    """Return why no versions can be compared, or an empty string if they can.

    Two marked versions can be compared even if there is none under the cursor.
    """
    two = screen.answer is not None and len(screen.table.marked) == 2
    return "" if two else no_version(screen)


class VersionListScreen(PaneListScreen[T, ModelVersion], QuitKeys[None]):
    """A list of versions with the detail of one beside it; knows which of them need a redeploy."""

    NOUN = "version"
    MARKS = True

    def __init__(self) -> None:
        super().__init__()
        self.outdated: Mapping[VersionId, Collection[PipelineUse]] = {}
        """The versions that a deployed pipeline runs with an older config than their newest, and where."""
        self.deployed: Collection[VersionId] = frozenset()
        """The versions that a deployed pipeline runs, as far as GraphQL shows it."""

    @property
    def place(self) -> WorkspaceId | None:
        """The workspace of the versions, or None for all."""
        raise NotImplementedError

    @property
    def visible_versions(self) -> Collection[VersionId]:
        return {version.id for version in self.table.in_view}

    @property
    def version(self) -> ModelVersion | None:
        return self.record if self.answer else None

    def _receive(self, answer: Answer[T]) -> None:
        super()._receive(answer)
        if answer is self.answer and self.is_outdated_due(answer):  # False for an older answer of the cache
            self.start(partial(self._find_outdated, live=answer.live), group="read configs in use")

    def is_outdated_due(self, answer: Answer[T]) -> bool:
        """Return whether to look, after an answer, which versions need a redeploy."""
        return self.is_more_due

    async def _find_outdated(self, *, live: bool) -> None:
        async for answer in self.app.service.configs_in_use(self.place, live=live):
            found = answer.value
            if found.outdated != self.outdated or found.deployed != self.deployed:
                self.outdated, self.deployed = found.outdated, found.deployed
                self.show_outdated()

    def show_outdated(self) -> None:
        """Show which versions need a redeploy, since that has changed."""
        self.table.redraw()
        self.redraw()

    def redeploy_sign(self, version: ModelVersion) -> str:
        """Return the sign of a version that needs a redeploy, with a space before it, or an empty string."""
        return f" {self.glyphs.redeploy}" if version.id in self.outdated else ""

    def unsent_sign(self, version: ModelVersion) -> str:
        """Return the sign of a version with an unsent edit, with a space before it, or an empty string."""
        return f" {self.glyphs.unsent}" if version.id in self.app.saves.drafted else ""

    def workspace_of(self, version: ModelVersion) -> str:
        """Return the name of a version's workspace, its number if the name is not known, or a dash."""
        names, number = self.app.workspace_names, version.workspace_id
        return self.glyphs.dash if number is None else names.get(number, str(number))

    def facts(self, record: ModelVersion) -> Sequence[Facts]:
        return (self.facts_of(record),)

    def facts_of(self, version: ModelVersion, *more: Pair, since: datetime | None = None) -> Facts:
        """Return what is known of a version, with the signs that it has on screen as words, and ``more``."""
        number = version.workspace_id or self.place
        return version_facts(
            version,
            ("ws", self.app.workspace_names.get(number) if number is not None else None),
            ("ws", str(number or "")),
            ("is", "redeploy" if version.id in self.outdated else None),
            ("is", "unsent" if version.id in self.app.saves.drafted else None),
            *more,
            same=() if self.place is None else ("ws", "model"),
            since=since,
        )

    def open(self, record: ModelVersion) -> None:
        from wltui.ui.screens.version import VersionScreen

        self.app.push_screen(VersionScreen(record))

    @disabled_if(nothing_to_compare)
    def action_compare(self) -> None:
        """Compare the two marked versions, the marked one and this one, or this one and one that the user picks."""
        marked = self.table.marked
        if len(marked) > 2:
            self.flash(
                f"{len(marked)} are marked, and two are compared: {self.key_of('list.mark')} takes a mark off, "
                "esc all of them."
            )
        elif len(marked) == 2:
            self._compare(*marked)
        elif self.version is not None:
            others = [version for version in marked if version.id != self.version.id]
            if others:
                self._compare(others[0], self.version)
            else:
                self._compare_with_another(self.version)
