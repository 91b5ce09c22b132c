"""The counts of each workspace, and which of them to count again, as each is a request for all its versions."""

from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct

from wltui.api import calls
from wltui.core.errors import ServiceError
from wltui.core.records import Model, Phase, VersionId, Workspace, WorkspaceId, missing_records, phase

from .answers import Answer
from .background import fetch_all
from .exchange import Exchange
from .rhythm import pause_for

SETTLED = timedelta(minutes=30)
"""How long a count holds of a workspace with the same versions, all of them ready or failed for good."""


class Summary(Struct, frozen=True):
    """How many models a workspace has, and how many of their versions are in each phase."""

    models: int
    phases: Mapping[Phase, int]
    live: bool = True
    """False if it comes from the cache."""


class Total(Struct, frozen=True):
    """The summaries of some workspaces, added up."""

    phases: Mapping[Phase, int]
    """The number of counted versions in each phase."""
    versions: int
    """All versions, those included that are listed but not counted."""
    uncounted: int
    """The workspaces without a summary."""
    cached: int
    """Those with one from the cache."""


def add_up(workspaces: Iterable[Workspace], summaries: Mapping[WorkspaceId, Summary]) -> Total:
    """Return the total of workspaces, by their summaries as far as there are some."""
    phases: Counter[Phase] = Counter()
    listed = uncounted = cached = 0
    for workspace in workspaces:
        if (summary := summaries.get(workspace.id)) is None:
            uncounted += 1
            listed += len(workspace.version_ids)
        else:
            cached += not summary.live
            phases.update(summary.phases)
    return Total(phases, listed + phases.total(), uncounted, cached)


class _Count(Struct, frozen=True):
    """A count of the API."""

    at: datetime
    size: int
    """Bytes on the wire."""
    version_ids: Sequence[VersionId] | None
    """The versions of the workspace when it was counted, as the list of workspaces had them; None if not known."""
    is_settled: bool
    """Whether no version is on its way any more."""


class Summaries:
    """Counts workspaces, and remembers when and of which size each was."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self._counts: dict[WorkspaceId, _Count] = {}
        self._version_ids: dict[WorkspaceId, Sequence[VersionId]] = {}
        """The versions of each workspace that :meth:`due` was asked for."""

    def due(self, workspaces: Iterable[Workspace]) -> list[WorkspaceId]:
        """Return the workspaces to count again, since their counts may have changed.

        The list of workspaces shows which versions each has, and a version that is ready or failed stays so. So the
        others hold for :data:`SETTLED`. Counting again takes no more bytes a second than a list does.
        """
        now = self._exchange.clock()
        self._version_ids.update((workspace.id, workspace.version_ids) for workspace in workspaces)
        unsettled = sum(count.size for count in self._counts.values() if not count.is_settled)
        pause = timedelta(seconds=pause_for(unsettled))

        def is_due(workspace: Workspace) -> bool:
            count = self._counts.get(workspace.id)
            if count is None:
                return True
            age = now - count.at
            if count.version_ids != workspace.version_ids:
                return age >= timedelta(seconds=pause_for(count.size))
            return age >= (SETTLED if count.is_settled else pause)

        return [workspace.id for workspace in workspaces if is_due(workspace)]

    async def read(
        self,
        workspaces: Iterable[WorkspaceId],
        first: Callable[[], Iterable[WorkspaceId]],
        *,
        live: bool,
    ) -> AsyncIterator[tuple[WorkspaceId, Summary]]:
        """Yield the counts of each workspace; see ``Service.summaries``."""
        wanted = list(workspaces)
        for workspace_id in wanted:
            if cached := await self._exchange.cached(calls.list_models(workspace_id)):
                yield workspace_id, _summary(cached.value, live=False)
        async for batch in fetch_all(wanted if live else (), self._fetch, first):
            for found in batch:
                if found:
                    yield found

    async def _fetch(self, workspace_id: WorkspaceId) -> tuple[WorkspaceId, Summary] | None:
        version_ids = self._version_ids.get(workspace_id)  # a list that comes meanwhile may know newer ones
        try:
            answer = await self._exchange.live(calls.list_models(workspace_id), background=True)
        except ServiceError:
            return None
        summary = _summary(answer.value)
        self._note(workspace_id, version_ids, answer, summary)
        return workspace_id, summary

    def _note(
        self,
        workspace_id: WorkspaceId,
        version_ids: Sequence[VersionId] | None,
        answer: Answer[tuple[Model, ...]],
        summary: Summary,
    ) -> None:
        counted = sum(summary.phases.values())
        final = summary.phases.get(Phase.READY, 0) + summary.phases.get(Phase.ERROR, 0)
        is_settled = counted == final and bool(counted or not version_ids)  # older servers list models alone
        self._counts[workspace_id] = _Count(answer.as_of, answer.size, version_ids, is_settled)


def _summary(models: tuple[Model, ...], *, live: bool = True) -> Summary:
    phases = Counter(phase(version.status) for model in models for version in model.versions or ())
    return Summary(len(models) + missing_records(models)[0], phases, live)
