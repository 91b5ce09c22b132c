"""Every version of the instance, read in one request where the instance answers that, else workspace by workspace."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import datetime, timedelta

from msgspec.structs import replace

from wltui.api import calls
from wltui.api.graphql_versions import ChangedVersion, unready_versions
from wltui.core.errors import (
    ApiRefused,
    ConnectionFailed,
    NoSuchEndpoint,
    NotFound,
    NotSignedIn,
    ServiceError,
    TimedOut,
)
from wltui.core.records import (
    Model,
    ModelVersion,
    Phase,
    VersionId,
    Workspace,
    WorkspaceId,
    phase,
)

from .answers import Answer, join_answers
from .background import fetch_all, started
from .cached_fleet import by_workspace, cached_workspaces
from .fleet import Fleet
from .latest import joined
from .reads import whole_models
from .rhythm import pause_for
from .session import Session

AT_ONCE = 4
"""Workspaces that are read at once: a server reads all models for each of them."""
PAUSE, LONG_PAUSE = timedelta(seconds=60), timedelta(minutes=5)
"""The shortest time from the end of one read of all lists to the next; the long one if GraphQL shows changes."""
TIMEOUTS = 2
"""How often in a row the request for all models may take too long before it is not sent any more."""
REST = 10
"""The shortest time as a multiple of the time that the last read took."""
LONGEST_PAUSE = timedelta(minutes=10)
"""The longest pause that comes of it."""

Models = tuple[Model, ...]
Workspaces = Answer[tuple[Workspace, ...]]
Changed = tuple[ChangedVersion, ...]
WorkspaceModels = tuple[WorkspaceId, Answer[Models] | ServiceError]


class FleetReader:
    """Reads all lists of an instance, now and then, and remembers how the instance answers."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._workspaces: Workspaces | None = None
        self._parts: dict[WorkspaceId, Answer[Models]] = {}
        self._unread: dict[WorkspaceId, ServiceError] = {}
        self._changed: Answer[Changed] | None = None
        """The versions that are not ready, by GraphQL; None if it did not answer last time."""
        self._changed_at: dict[VersionId, str] = {}
        self._answers_at_once = True
        """Whether one request may do; False once an answer to it has been refused, or had less than half."""
        self._timeouts = 0
        """How often in a row that request has taken too long."""
        self._whole: asyncio.Task[Answer[Models]] | None = None
        """That request, which goes on if the screen is left."""
        self._begun: datetime | None = None
        """When the last read of all lists began, also if it was left before its end."""
        self._is_unfinished = False
        self._done: set[WorkspaceId] = set()
        """The workspaces that this read has read, whether they could be read or not."""
        self._found: dict[VersionId, ModelVersion] = {}
        """Versions that :meth:`find_version` has found in the lists."""
        self._due: datetime | None = None
        """When the next one may begin, None if none has been complete."""

    async def find_version(self, version_id: VersionId) -> ModelVersion | None:
        """Return a version with its status now; None if the instance does not list it.

        All lists are read at first, and again when the version has arrived. Meanwhile the list of its model, which
        is small and has no reasons of failures, shows its status.
        """
        known = self._found.get(version_id)
        if known and (moving := await self._find_moving(known)):
            return moving
        found = None
        async for answer in self.read(now=True):
            if answer.live:
                versions = answer.value.versions(archived=True)
                found = next((version for version in versions if version.id == version_id), None)
        if found:
            self._found[version_id] = found
        return found

    async def _find_moving(self, known: ModelVersion) -> ModelVersion | None:
        """Return a version as the list of its model shows it, or None if it is not on its way there."""
        if known.model_id is None:
            return None
        try:
            answer = await self._session.exchange.live(calls.list_versions(known.model_id, known.model_name))
        except (NoSuchEndpoint, NotFound):
            return None
        return next(
            (
                joined(known, version)
                for version in answer.value
                if version.id == known.id and phase(version.status) is Phase.PENDING
            ),
            None,
        )

    async def read(self, *, now: bool = False) -> AsyncIterator[Answer[Fleet]]:
        """Yield the fleet as the cache has it, and then ever more of it as it is read.

        All lists are read at most every minute, and less often if they are large; ``now`` reads them at once. A read
        that was left goes on where it was. Between, only the small answer of GraphQL is fetched, if there is one. A
        workspace that can't be read is in ``unread``, and is read again after a minute; the others are read all the
        same.

        Raises:
            WltuiError: the list of workspaces can't be read, or no workspace, since the network is gone or the
                sign-in has ended.
        """
        if known := self._workspaces or await self._load():
            yield self._answer(known, live=False)
        exchange = self._session.exchange
        async with started(self._session.graphql.ask(unready_versions())) as changed:
            workspaces = self._workspaces = await exchange.live(calls.list_workspaces())
            self._forget_gone(workspaces.value)
            if not (now or self._is_due()):
                self._take(await changed)
            if not (now or self._is_due()):
                yield self._answer(workspaces)
                return
            if now or not self._is_unfinished:
                self._begun, self._is_unfinished = exchange.clock(), True
                self._done.clear()
            async for left in self._read_all(workspaces.value, changed):
                yield self._answer(workspaces, left=left)
            self._take(await changed)
            self._finish()
            yield self._answer(workspaces)

    def _is_due(self) -> bool:
        return self._due is None or self._is_unfinished or self._session.exchange.clock() >= self._due

    def _finish(self) -> None:
        """Decide when all lists are read again."""
        ended = self._session.exchange.clock()
        pause = LONG_PAUSE if self._changed is not None and not self._unread else PAUSE
        self._is_unfinished = False
        took = ended - (self._begun or ended)  # a read that was left for a while may have taken long
        self._due = ended + max(pause, self._fair_pause, min(REST * took, LONGEST_PAUSE))

    @property
    def _fair_pause(self) -> timedelta:
        """The shortest time between two reads of all lists, that their bytes don't fill a slow network."""
        return timedelta(seconds=pause_for(sum(part.size for part in self._distinct_parts())))

    def _distinct_parts(self) -> Iterable[Answer[Models]]:
        """Return the answers that the models came with; one may have those of all workspaces."""
        return {id(part.sources): part for part in self._parts.values()}.values()

    def _take(self, changed: Answer[Changed] | None) -> None:
        """Remember what GraphQL shows; a version whose status has changed brings the next read forward."""
        before, self._changed = self._changed, changed
        if changed is None:
            if self._session.graphql.off_reason:
                self._changed_at = {}
            return
        self._changed_at = {row.version.id: row.changed_at for row in changed.value if row.changed_at}
        is_other = before is not None and _statuses(before.value) != _statuses(changed.value)
        if is_other and self._due is not None and self._begun is not None:
            self._due = min(self._due, self._begun + max(PAUSE, self._fair_pause))

    async def _load(self) -> Workspaces | None:
        """Load what the cache has, and return the workspaces; None if it has the models of none."""
        exchange = self._session.exchange
        workspaces = await exchange.cached(calls.list_workspaces())
        if workspaces is None:
            return None
        if not self._session.graphql.off_reason and (
            changed := await self._session.graphql.cached(unready_versions())
        ):
            self._take(changed)
        async for workspace, models in cached_workspaces(exchange):
            if models is not None:
                self._parts[workspace.id] = models
        if not self._parts:
            return None
        self._workspaces = workspaces
        return workspaces

    async def _read_all(
        self, workspaces: Sequence[Workspace], changed: asyncio.Task[Answer[Changed] | None]
    ) -> AsyncIterator[int]:
        """Read all lists, and yield how many are left whenever some have been read or GraphQL has answered."""
        if self._answers_at_once and not self._done:
            whole = self._ask_for_all()
            await asyncio.wait({whole, changed}, return_when=asyncio.FIRST_COMPLETED)
            if changed.done() and not whole.done() and changed.result():
                self._take(changed.result())
                yield len(workspaces)
            await self._take_all(whole, workspaces)
        order = [each.id for each in sorted(workspaces, key=_is_archived) if each.id not in self._done]
        left = len(order)
        async for batch in fetch_all(order, self._fetch, tuple, at_once=AT_ONCE):
            for workspace_id, found in batch:
                left -= 1
                self._done.add(workspace_id)
                if isinstance(found, ServiceError):
                    self._unread[workspace_id] = found
                else:
                    self._parts[workspace_id] = found
                    self._unread.pop(workspace_id, None)
            if changed.done() and self._changed is None:
                self._take(changed.result())
            if left:
                yield left

    def _ask_for_all(self) -> asyncio.Task[Answer[Models]]:
        """Return the request for the models of all workspaces, which may be under way already."""
        if self._whole is None or self._whole.done():
            whole = self._session.exchange.live(calls.list_all_models(), background=True)
            self._whole = asyncio.create_task(whole)
            self._whole.add_done_callback(_retrieve)
        return self._whole

    async def _take_all(self, whole: asyncio.Task[Answer[Models]], workspaces: Sequence[Workspace]) -> None:
        """Wait for the request for all models, and take the workspaces that its answer has wholly."""
        try:
            answer = await asyncio.shield(whole)
        except (NotSignedIn, ConnectionFailed):
            raise
        except TimedOut:
            self._timeouts += 1
            self._answers_at_once = self._timeouts < TIMEOUTS
            return
        except ApiRefused as error:  # what a server refuses for the moment it may answer next time
            self._answers_at_once = error.status >= 500 or error.retry_after > 0
            return
        except ServiceError:
            self._answers_at_once = False
            return
        self._timeouts = 0
        parts, complete = by_workspace(answer, workspaces)
        self._answers_at_once = 2 * len(complete) >= len(workspaces)
        for workspace_id in complete:
            self._parts[workspace_id] = parts[workspace_id]
            self._unread.pop(workspace_id, None)
        self._done |= complete

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

    def latest(self) -> Answer[Fleet] | None:
        """Return what is known now, with the versions that were read alone since; None if nothing has been read."""
        return self._answer(self._workspaces) if self._workspaces else None

    def _newer(self, workspaces: Iterable[Workspace]) -> dict[VersionId, ModelVersion]:
        """Return the versions that GraphQL, or reads of their own, have shown since their workspace was read."""
        changed, seen = self._changed, {workspace.id for workspace in workspaces}
        found: dict[VersionId, ModelVersion] = {}
        if changed is not None:
            found = {
                row.version.id: row.version
                for row in changed.value
                if row.version.workspace_id in seen
                and self._is_older(row.version.workspace_id, changed.as_of)
            }
        oldest = min((part.as_of for part in self._parts.values()), default=None)
        for number, alone in self._session.latest.newer_than(oldest).items() if oldest else ():
            place = alone.value.workspace_id
            is_newest = number not in found or changed is None or changed.as_of < alone.as_of
            if is_newest and place in seen and self._is_older(place, alone.as_of):
                found[number] = alone.value
        return found

    def _is_older(self, workspace_id: WorkspaceId | None, than: datetime) -> bool:
        part = self._parts.get(workspace_id) if workspace_id is not None else None
        return part is None or part.as_of < than

    def _answer(self, workspaces: Workspaces, *, left: int = 0, live: bool = True) -> Answer[Fleet]:
        fleet = Fleet(
            workspaces=workspaces.value,
            models={workspace_id: part.value for workspace_id, part in self._parts.items()},
            newer=self._newer(workspaces.value),
            changed_at=dict(self._changed_at),
            left=left,
            unread=dict(self._unread),
        )
        parts = self._distinct_parts()
        joint = join_answers(
            fleet, workspaces, self._changed, *parts, live=live and all(p.live for p in parts)
        )
        return replace(joint, size=workspaces.size + (self._changed.size if self._changed else 0))


def _is_archived(workspace: Workspace) -> bool:
    return workspace.archived


def _statuses(changed: Changed) -> set[tuple[VersionId, str | None]]:
    return {(row.version.id, row.version.status) for row in changed}


def _retrieve(task: asyncio.Task[Answer[Models]]) -> None:
    """Retrieve the error of a request that nobody waits for any more; else asyncio would report it."""
    if not task.cancelled():
        task.exception()
