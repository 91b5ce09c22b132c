"""Every version of the instance, read in one request where the instance answers that, else workspace by workspace."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from msgspec.structs import replace

from wltui.api import calls
from wltui.api.graphql_versions import ChangedVersion, unready_versions
from wltui.core.errors import ConnectionFailed, NotSignedIn, ServiceError
from wltui.core.records import Model, ModelVersion, VersionId, Workspace, WorkspaceId, missing_records

from .answers import Answer, join_answers
from .background import fetch_all, started
from .cached_fleet import by_workspace, cached_workspaces
from .reads import whole_models
from .session import Session

AT_ONCE = 4
"""Workspaces that are read at once: a server reads all models for each of them."""
PAUSE, LONG_PAUSE = timedelta(seconds=60), timedelta(minutes=5)
"""The shortest time from the end of one read of all lists to the next; the long one if GraphQL shows no change."""
REST = 10
"""The same, as a multiple of the time that the last read took."""

Models = tuple[Model, ...]
Workspaces = Answer[tuple[Workspace, ...]]
WorkspaceModels = tuple[WorkspaceId, Answer[Models] | ServiceError]


class Fleet(Struct, frozen=True):
    """The workspaces of an instance, with all models and versions that are known so far."""

    workspaces: tuple[Workspace, ...] = ()
    models: Mapping[WorkspaceId, Models] = {}
    """The models of each workspace that has been read."""
    newer: Mapping[VersionId, ModelVersion] = {}
    """Versions that GraphQL has shown since their workspace was read; some may be in no list yet."""
    changed_at: Mapping[VersionId, str] = {}
    """Times of the last change of versions that are not ready, if GraphQL shows them."""
    left: int = 0
    """How many workspaces are still to be read."""
    unread: Mapping[WorkspaceId, ServiceError] = {}
    """Why workspaces could not be read this time; what is known of them is older."""

    @property
    def missing(self) -> tuple[int, str]:
        """Return how many records could not be read, and the reason for the first."""
        lists = (
            self.workspaces, *self.models.values(),
            *(model.versions for models in self.models.values() for model in models),
        )  # fmt: skip
        found = [missing_records(records) for records in lists]
        return sum(number for number, _ in found), next((reason for number, reason in found if number), "")

    def versions(self, *, archived: bool = False) -> list[ModelVersion]:
        """Return all versions, those of archived workspaces only if ``archived`` is true; newest first by id."""
        hidden = set() if archived else {each.id for each in self.workspaces if each.archived}
        found = {
            version.id: version
            for workspace_id, models in self.models.items()
            if workspace_id not in hidden
            for model in models
            for version in model.versions or ()
        }
        for version in self.newer.values():
            if version.workspace_id not in hidden:
                found[version.id] = _joined(found.get(version.id), version)
        return sorted(found.values(), key=lambda version: version.id, reverse=True)


def _joined(known: ModelVersion | None, newer: ModelVersion) -> ModelVersion:
    """Return a version with its newer status; all that a status does not change is kept."""
    if known is None:
        return newer
    return replace(known, status=newer.status, error_summary=newer.error_summary, image_path=newer.image_path)


class FleetReader:
    """Reads all lists of an instance, now and then, and remembers how the instance answers."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._workspaces: Workspaces | None = None
        self._parts: dict[WorkspaceId, Answer[Models]] = {}
        self._unread: dict[WorkspaceId, ServiceError] = {}
        self._changed: Answer[tuple[ChangedVersion, ...]] | None = None
        self._answers_at_once = True
        """Whether one request may do; False once an answer to it has been refused or incomplete."""
        self._begun: datetime | None = None
        """When the last complete read began."""
        self._due: datetime | None = None
        """When the next one may begin, None if none has been complete."""

    async def read(self, *, now: bool = False) -> AsyncIterator[Answer[Fleet]]:
        """Yield the fleet as the cache has it, and then ever more of it as it is read.

        All lists are read at most every minute, and less often if they are large; ``now`` reads them at once.
        Between, only the small answer of GraphQL is fetched, if there is one. A workspace that can't be read is in
        ``unread``, and the others are read all the same.

        Raises:
            WltuiError: the list of workspaces can't be read, or no workspace, since the network is gone or the
                sign-in has ended.
        """
        if self._workspaces is None and (known := await self._load()):
            yield self._answer(known, live=False)
        exchange = self._session.exchange
        before = self._statuses()
        async with started(self._session.graphql.ask(unready_versions())) as changed:
            workspaces = self._workspaces = await exchange.live(calls.list_workspaces())
            self._forget_gone(workspaces.value)
            self._changed = await changed or self._changed
            due = self._due
            if before != self._statuses() and self._begun is not None:
                due = min(self._due or self._begun, self._begun + PAUSE)
            if now or due is None or exchange.clock() >= due:
                if self._changed is not None:
                    yield self._answer(workspaces, left=len(workspaces.value))
                async for answer in self._read_all(workspaces):
                    yield answer
            else:
                yield self._answer(workspaces)

    async def _load(self) -> Workspaces | None:
        """Load what the cache has, and return the workspaces; None if it has the models of none."""
        exchange = self._session.exchange
        workspaces = await exchange.cached(calls.list_workspaces())
        if workspaces is None:
            return None
        self._changed = await self._session.graphql.cached(unready_versions())
        async for workspace, models in cached_workspaces(exchange):
            if models is not None:
                self._parts[workspace.id] = models
        if not self._parts:
            return None
        self._workspaces = workspaces
        return workspaces

    async def _read_all(self, workspaces: Workspaces) -> AsyncIterator[Answer[Fleet]]:
        exchange = self._session.exchange
        began = exchange.clock()
        if self._answers_at_once and (parts := await self._fetch_at_once(workspaces.value)):
            self._parts, self._unread = parts, {}
        else:
            self._answers_at_once = False
            left = {workspace.id for workspace in workspaces.value}
            order = [each.id for each in sorted(workspaces.value, key=lambda workspace: workspace.archived)]
            async for batch in fetch_all(order, self._fetch, tuple, at_once=AT_ONCE):
                for workspace_id, found in batch:
                    left.discard(workspace_id)
                    if isinstance(found, ServiceError):
                        self._unread[workspace_id] = found
                    else:
                        self._parts[workspace_id] = found
                        self._unread.pop(workspace_id, None)
                if left:
                    yield self._answer(workspaces, left=len(left))
        ended = exchange.clock()
        pause = LONG_PAUSE if self._changed is not None else PAUSE
        self._begun, self._due = began, ended + max(pause, REST * (ended - began))
        yield self._answer(workspaces)

    async def _fetch_at_once(
        self, workspaces: Sequence[Workspace]
    ) -> dict[WorkspaceId, Answer[Models]] | None:
        """Return the models of all workspaces by one request, or None if the instance does not answer it so."""
        try:
            answer = await self._session.exchange.live(calls.list_all_models(), background=True)
        except (NotSignedIn, ConnectionFailed):
            raise
        except ServiceError:
            return None
        return by_workspace(answer, workspaces)

    async def _fetch(self, workspace_id: WorkspaceId) -> WorkspaceModels:
        try:
            return workspace_id, await whole_models(self._session.exchange, workspace_id)
        except (NotSignedIn, ConnectionFailed):
            raise
        except ServiceError as error:
            return workspace_id, error

    def _forget_gone(self, workspaces: Iterable[Workspace]) -> None:
        """Drop the workspaces that the user does not see any more."""
        seen = {workspace.id for workspace in workspaces}
        for known in (self._parts, self._unread):
            for gone in known.keys() - seen:
                del known[gone]

    def _statuses(self) -> set[tuple[VersionId, str | None]]:
        """Return the versions that are not ready, as GraphQL last showed them."""
        rows = self._changed.value if self._changed else ()
        return {(row.version.id, row.version.status) for row in rows}

    def _newer(self, workspaces: Iterable[Workspace]) -> dict[VersionId, ModelVersion]:
        """Return the versions that GraphQL has shown since their workspace was read."""
        changed = self._changed
        if changed is None:
            return {}
        seen = {workspace.id for workspace in workspaces}
        found = (row.version for row in changed.value if row.version.workspace_id in seen)
        return {
            version.id: version for version in found if self._is_older(version.workspace_id, changed.as_of)
        }

    def _is_older(self, workspace_id: WorkspaceId | None, than: datetime) -> bool:
        part = self._parts.get(workspace_id) if workspace_id is not None else None
        return part is None or part.as_of < than

    def _answer(self, workspaces: Workspaces, *, left: int = 0, live: bool = True) -> Answer[Fleet]:
        fleet = Fleet(
            workspaces=workspaces.value,
            models={workspace_id: part.value for workspace_id, part in self._parts.items()},
            newer=self._newer(workspaces.value),
            changed_at={
                row.version.id: row.changed_at
                for row in (self._changed.value if self._changed else ())
                if row.changed_at
            },
            left=left,
            unread=dict(self._unread),
        )
        parts = {id(part.sources): part for part in self._parts.values()}.values()
        return join_answers(
            fleet, workspaces, self._changed, *parts, live=live and all(p.live for p in parts)
        )
