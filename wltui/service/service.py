"""The async API service: what the screens ask.

Every list and detail is read the same way, and told twice: first what the cache knows, at once, then what the API
says; only what it has said already while the program started is told alone. Without a network the stream ends after
the first with the reason, one of :mod:`wltui.core.errors`::

    async for answer in service.models(workspace_id):
        table.show(answer.value)
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from wltui.api import calls
from wltui.auth.identity import identify
from wltui.auth.token_store import TokenStore
from wltui.core.errors import NotFound, NotSignedIn, ServiceError
from wltui.core.records import (
    Model,
    ModelConfig,
    ModelId,
    ModelVersion,
    Phase,
    VersionId,
    Workspace,
    WorkspaceId,
    partial_list,
    phase,
    unread,
)
from wltui.core.settings import Settings
from wltui.core.threads import run_in_thread
from wltui.lifecycle.prefetch import Prefetch
from wltui.store.drafts import Drafts
from wltui.store.response_cache import Cache, Owner, cache_path
from wltui.store.save_history import History

from .background import fetch_all
from .cached_fleet import cached_workspaces, with_versions
from .exchange import Answer, Exchange, Source

if TYPE_CHECKING:
    from wltui.api.client import Client
    from wltui.config.detail import VersionDetail
    from wltui.config.edit import ConfigEdit

    from .save_outcome import Saved
    from .saving import Settled

__all__ = [
    "Answer",
    "Service",
    "Source",
    "Summary",
    "open_service",
]

T = TypeVar("T")
U = TypeVar("U")


class Summary(Struct, frozen=True):
    """How the models of a workspace fare."""

    models: int
    phases: Mapping[Phase, int]
    live: bool = True
    """False where the cache says so."""


class Service:
    """What the screens ask; they know neither the cache nor the client.

    Without ``drafts`` and ``history`` both last as long as the service.
    """

    def __init__(
        self,
        connect: Callable[[], "Client"],
        cache: Cache | None,
        *,
        drafts: Drafts | None = None,
        history: History | None = None,
        user: str = "",
        owner: str = "",
        offline: bool = False,
        prefetch: Prefetch | None = None,
        clock: Callable[[], datetime],
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.user = user
        self.owner = owner
        """Names whose cache, drafts and history these are; tells neither instance nor user."""
        self.clock = clock
        self.drafts = drafts or Drafts(None, "", clock)
        """Edits that were begun and not sent."""
        self.history = history or History(None, "", clock)
        """Saves, and what became of them."""
        self._exchange = Exchange(connect, cache, clock, offline=offline, prefetch=prefetch)
        self._wait = wait

    @property
    def trouble(self) -> str | None:
        """Why something is not kept on disk, or what was lost there: a sentence for the user.

        It may change at any time. What can't be had again comes first.
        """
        cache = self._exchange.cache
        return self.drafts.trouble or self.history.trouble or (cache.trouble if cache else None)

    def on_auth_change(self, tell: Callable[[NotSignedIn | None], object]) -> None:
        """Have it told when the instance no longer knows the user, and, by None, that it does."""
        self._exchange.on_auth_change = tell

    async def close(self) -> None:
        """End what is in flight and let go of network and disk."""
        await run_in_thread(self.drafts.close)
        await self._exchange.close()

    # What the screens read

    async def workspaces(self) -> AsyncIterator[Answer[tuple[Workspace, ...]]]:
        """Every workspace that the user can see, archived ones too."""
        async for answer in self._exchange.read(calls.list_workspaces()):
            yield answer

    async def summaries(
        self,
        workspaces: Iterable[WorkspaceId],
        first: Callable[[], Iterable[WorkspaceId]] = tuple,
        *,
        live: bool = True,
    ) -> AsyncIterator[tuple[WorkspaceId, Summary]]:
        """The models of each workspace counted, in the order they become known; failed ones are left out.

        ``first`` tells which ones are wanted most just now; it is asked again and again. Without ``live`` they are
        those that the cache knows.
        """

        async def summary(workspace_id: WorkspaceId) -> tuple[WorkspaceId, Summary] | None:
            try:
                models = await self._exchange.live(calls.list_models(workspace_id), background=True)
            except ServiceError:
                return None
            return workspace_id, _summary(models.value)

        asked = list(workspaces)
        for workspace_id in asked:
            if cached := self._exchange.cached(calls.list_models(workspace_id)):
                yield workspace_id, _summary(cached.value, live=False)
        async for told in fetch_all(asked if live else (), summary, first):
            for found in told:
                if found:
                    yield found

    async def models(
        self,
        workspace_id: WorkspaceId,
        first: Callable[[], Iterable[ModelId]] = tuple,
        *,
        background: bool = False,
    ) -> AsyncIterator[Answer[tuple[Model, ...]]]:
        """The models of a workspace with their versions.

        Older servers list models without versions; those are then read model by model, and the answer is told
        again as they come in: at first those that ``first`` tells, which is asked again and again. With
        ``aside``, what the user waits for goes before all of it.
        """
        async for answer in self._exchange.read(calls.list_models(workspace_id), background=background):
            filled = self._fill_from_cache(answer)
            yield filled
            if answer.live:
                async for more in self._fill_in(filled, answer.value, first):
                    yield more

    async def model(self, workspace_id: WorkspaceId, model_id: ModelId) -> AsyncIterator[Answer[Model]]:
        """One model with its versions, from the same list that its workspace's screen reads.

        Raises:
            NotFound: the API no longer lists it.
        """
        async for answer in self._exchange.read(calls.list_models(workspace_id)):
            model = next((model for model in answer.value if model.id == model_id), None)
            if model is None:
                if answer.live:
                    raise NotFound(
                        f"Model {model_id} is gone",
                        f"workspace {workspace_id} no longer lists it",
                        "Go back with esc",
                    )
            elif model.versions is not None:
                yield answer.of(model)
            elif told := await self._with_versions(model) if answer.live else self._cached_versions(model):
                yield replace(told, sources=answer.sources + told.sources)

    async def version(self, version: ModelVersion) -> "AsyncIterator[Answer[VersionDetail]]":
        """A version and its newest config."""
        if newest := self._exchange.cached(calls.get_config(version.id)):
            whole = self._exchange.cached(calls.get_version(version.id))
            told = self._detail(version, whole, newest)
            yield told
            await run_in_thread(self.history.catch_up)
            if (more := self._detail(version, whole, newest)) != told:
                yield more
        yield await self._live_detail(version)

    async def upload_logs(self, version_id: VersionId) -> AsyncIterator[Answer[tuple[str, ...]]]:
        """What the server wrote while it took the upload in, oldest line first; often empty."""
        async for answer in self._exchange.read(calls.upload_logs(version_id)):
            yield answer

    async def cached_workspaces(self) -> AsyncIterator[tuple[Workspace, tuple[Model, ...]]]:
        """Every workspace with its models as far as the cache knows them; see :mod:`wltui.service.cached_fleet`."""
        async for told in cached_workspaces(self._exchange):
            yield told

    # What the editor does

    async def config_to_edit(self, version: ModelVersion) -> "VersionDetail":
        """The version and its newest config, read live: an edit never begins from a cached one.

        Where the version has no config row yet, the config is an empty one with the id
        :data:`~wltui.config.detail.NO_CONFIG`.
        """
        from wltui.config.detail import empty_row

        detail = (await self._live_detail(version, fresh=True)).value
        return detail if detail.config else replace(detail, config=empty_row(version.id))

    async def begin_edit(
        self, version: ModelVersion, edit: "ConfigEdit | None" = None
    ) -> "tuple[VersionDetail, Settled | None]":
        """Return what an edit begins from, and a save of before that the user has to hear of.

        ``edit`` is the unsent edit of this version, if there is one.
        """
        from .saving import settle

        now = self.history.now()
        detail = await self.config_to_edit(version)
        return detail, await settle(self.history, version.id, detail.config, now, edit)

    async def save_config(
        self, version: ModelVersion, edit: "ConfigEdit", *, unrecorded: bool = False
    ) -> "Saved":
        """Record an edit, send it, once, and read back what became of it.

        Args:
            version: What is configured.
            edit: What is sent.
            unrecorded: Send it even if it can't be recorded in the history.

        Raises:
            ConfigMoved: somebody else configured the version meanwhile; nothing was sent.
            HistoryUnwritable: it could not be recorded; nothing was sent.
            WltuiError: it was refused or could not be sent; nothing has changed.
        """
        from .saving import save

        return await save(
            self._exchange,
            self.history,
            version,
            edit,
            user=self.user,
            unrecorded=unrecorded,
            wait=self._wait,
        )

    async def look_again(self, saved: "Saved") -> "Saved":
        """Read once more what became of a save whose outcome is unknown; nothing is sent."""
        from .saving import look_up

        if saved.sent is None:
            return saved
        return await look_up(self._exchange, self.history, saved.sent)

    # How an answer is made

    async def _live_detail(self, version: ModelVersion, *, fresh: bool = False) -> "Answer[VersionDetail]":
        whole, newest = await _both(
            self._exchange.live_or_none(calls.get_version(version.id)),
            self._exchange.live(calls.get_config(version.id), fresh=fresh),
        )
        await run_in_thread(self.history.catch_up)
        return self._detail(version, whole, newest)

    def _detail(
        self, row: ModelVersion, whole: Answer[ModelVersion] | None, newest: Answer[ModelConfig | None]
    ) -> "Answer[VersionDetail]":
        from wltui.config.detail import combine_detail

        parts = (whole, newest) if whole else (newest,)
        return Answer(
            combine_detail(row, whole.value if whole else None, newest.value, self.history.row),
            min(part.as_of for part in parts),
            newest.live,
            tuple(source for part in parts for source in part.sources),
        )

    async def _with_versions(self, model: Model, *, background: bool = False) -> Answer[Model]:
        told = await self._exchange.live(calls.list_versions(model.id, model.name), background=background)
        return told.of(with_versions(model, told.value))

    def _cached_versions(self, model: Model) -> Answer[Model] | None:
        told = self._exchange.cached(calls.list_versions(model.id, model.name))
        return told.of(with_versions(model, told.value)) if told else None

    async def _fill_in(
        self,
        filled: Answer[tuple[Model, ...]],
        listed: Iterable[Model],
        first: Callable[[], Iterable[ModelId]],
    ) -> AsyncIterator[Answer[tuple[Model, ...]]]:
        """The answer with ever more versions of the models that were ``listed`` without."""
        missing = {model.id: model for model in listed if model.versions is None}

        async def read(number: ModelId) -> Answer[Model]:
            return await self._with_versions(missing[number], background=True)

        async for told in fetch_all(missing, read, first):
            found = {one.value.id: one.value for one in told}
            models = (found.get(model.id, model) for model in filled.value)
            value = partial_list(models, *unread(filled.value))
            sources = (source for one in told for source in one.sources)
            filled = replace(filled, value=value, sources=(*filled.sources, *sources))
            yield filled

    def _fill_from_cache(self, answer: Answer[tuple[Model, ...]]) -> Answer[tuple[Model, ...]]:
        def filled(model: Model) -> Model:
            told = self._cached_versions(model) if model.versions is None else None
            return told.value if told else model

        return answer.of(partial_list(map(filled, answer.value), *unread(answer.value)))


def _now() -> datetime:
    return datetime.now(UTC)


def open_service(
    settings: Settings,
    cache_dir: Path | None,
    state_dir: Path | None = None,
    *,
    prefetch: Prefetch | None = None,
    clock: Callable[[], datetime] = _now,
    ticks: Callable[[], float] = time.monotonic,
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    jitter: Callable[[], float] = random.random,
) -> Service:
    """The service for a session; nothing is sent or imported for the network before the first live read.

    ``cache_dir`` is for what can be read again, ``state_dir`` for what can't: drafts, history, sign-ins. What
    ``head_start`` asks for is not asked for again. ``wait`` lets seconds pass before a second look or a repeated
    read, of which ``jitter`` draws the length, as in :class:`~wltui.api.client.Client`.

    Raises:
        UsageError: offline, it is not known whose answers to show; or a sign-in on disk can't be used.
    """

    def connect() -> "Client":
        from wltui.auth.sign_in import client

        store = TokenStore(state_dir) if state_dir else None
        return client(settings, user.login, store, wait=wait, jitter=jitter)

    user = identify(settings, cache_dir, state_dir)
    cache = None
    if cache_dir is not None:
        cache = Cache(
            cache_path(cache_dir, user.key),
            max_bytes=settings.cache_bytes,
            max_age=timedelta(days=settings.cache_days),
            owner=Owner(settings.endpoint, user.name),
            clock=clock,
        )
    return Service(
        connect,
        cache,
        drafts=Drafts(state_dir, user.key, clock),
        history=History(state_dir, user.key, clock, ticks=ticks),
        user=user.name,
        owner=user.key,
        offline=settings.offline,
        prefetch=prefetch if prefetch and prefetch.owner == user.key else None,
        clock=clock,
        wait=wait,
    )


def _summary(models: tuple[Model, ...], *, live: bool = True) -> Summary:
    phases = Counter(phase(version.status) for model in models for version in model.versions or ())
    return Summary(len(models) + unread(models)[0], phases, live)


async def _both(first: Coroutine[object, object, T], second: Coroutine[object, object, U]) -> tuple[T, U]:
    """Both results, read side by side; the first failure ends both."""
    one, two = asyncio.create_task(first), asyncio.create_task(second)
    try:
        return await asyncio.gather(one, two)
    finally:
        one.cancel()
        two.cancel()
