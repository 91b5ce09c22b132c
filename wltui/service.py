"""The async API service: cache and client as one stream of answers.

Every list and detail is read the same way, and told twice: first what the cache knows, at once, then what the API
says. Without a network the stream ends after the first with the reason, one of :mod:`wltui.errors`::

    async for answer in service.models(workspace_id):
        table.show(answer.value.models)

Beneath it there is one gate: at most 16 requests at once, identical requests in flight are one request, and a
request that nobody waits for any more is cancelled. Writes pass once.
"""

import asyncio
import hashlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

import msgspec

from .api import calls
from .api.calls import Call
from .api.claims import claims, subject
from .config_edit import ConfigEdit, FieldChange, read_back
from .errors import (
    ApiFormatError,
    ConfigMoved,
    NoSuchEndpoint,
    NotFound,
    OutcomeUnknown,
    ServiceError,
    WltuiError,
)
from .records import (
    UNSET,
    ConfigId,
    Model,
    ModelConfig,
    ModelId,
    ModelVersion,
    Phase,
    VersionId,
    Workspace,
    WorkspaceId,
    phase,
)
from .settings import Settings
from .store.cache import Cache, cache_path

if TYPE_CHECKING:
    from .api.client import Client

T = TypeVar("T")
U = TypeVar("U")

REQUESTS_AT_ONCE = 16
BEHIND_AT_ONCE = 4
"""Requests at once for what fills in behind a list: counts must not crowd out what the user waits for."""

SINCE_2024 = ("dynamic_batching_config", "continuous_batching_config", "openai_config", "queue_depth", "sidekick_uri")
"""Fields that a whole config row lacks on servers older than they are."""

NO_CONFIG = ConfigId(0)
"""The id that an edit begins from where a version has no config row yet."""


@dataclass(frozen=True, slots=True)
class Source:
    """One response as received, for the JSON view."""

    path: str
    request: Mapping[str, object]
    body: bytes


@dataclass(frozen=True, slots=True)
class Answer(Generic[T]):
    """A value, when it was true, and whether the API said so just now."""

    value: T
    as_of: datetime
    live: bool
    sources: tuple[Source, ...] = ()


@dataclass(frozen=True, slots=True)
class Summary:
    """How the models of a workspace fare."""

    models: int
    phases: Mapping[Phase, int]


@dataclass(frozen=True, slots=True)
class VersionDetail:
    """A version with the newest config as far as the API lets it be read."""

    version: ModelVersion
    config: ModelConfig | None
    """The newest row. Fields that no call tells are ``UNSET``: not readable, which is not the same as empty."""
    complete: bool = True
    """False where the server has no call for the whole version (2023.4 and before)."""

    @property
    def superseded(self) -> ModelConfig | None:
        """The row that came with the version, where a newer one has taken its place."""
        first = self.version.config
        return first if first and self.config and first.id != self.config.id else None


class Outcome(Enum):
    """What became of a save."""

    TOOK = "took"
    DID_NOT_TAKE = "did not take"
    UNKNOWN = "can't tell yet"


@dataclass(frozen=True, slots=True)
class Saved:
    """A save's outcome, the config that the server has now, and where that differs from what was sent."""

    outcome: Outcome
    config: ModelConfig | None = None
    differences: tuple[FieldChange, ...] = ()
    reason: WltuiError | None = None
    """Why the outcome had to be looked up, where the answer was lost."""


class _Flight:
    """One request on its way, and how many wait for it."""

    def __init__(self, task: asyncio.Task[bytes]) -> None:
        self.task, self.waiting = task, 0


class Service:
    """What the screens ask; they know neither the cache nor the client."""

    def __init__(
        self,
        connect: Callable[[], "Client"],
        cache: Cache | None,
        *,
        user: str = "",
        clock: Callable[[], datetime],
    ) -> None:
        self.user = user
        self.clock = clock
        self._connect = connect
        self._connecting: asyncio.Task[Client] | None = None
        self._cache = cache
        self._flights: dict[tuple[str, bytes], _Flight] = {}
        self._gate = asyncio.Semaphore(REQUESTS_AT_ONCE)

    async def close(self) -> None:
        """End what is in flight and let go of network and disk."""
        for flight in list(self._flights.values()):
            flight.task.cancel()
        if self._connecting is not None and not self._connecting.cancelled():
            await (await self._connecting).aclose()
        if self._cache is not None:
            self._cache.close()

    # What the screens read

    async def workspaces(self) -> AsyncIterator[Answer[tuple[Workspace, ...]]]:
        """Every workspace that the user can see, archived ones too."""
        async for answer in self._read(calls.list_workspaces()):
            yield answer

    async def summaries(
        self, workspaces: Iterable[WorkspaceId]
    ) -> AsyncIterator[tuple[WorkspaceId, Summary]]:
        """The models of each workspace counted, in the order they become known; failed ones are left out."""

        async def summary(workspace_id: WorkspaceId) -> tuple[WorkspaceId, Summary] | None:
            try:
                models = (await self._live(calls.list_models(workspace_id))).value
            except ServiceError:
                return None
            return workspace_id, _summary(models)

        asked = list(workspaces)
        for workspace_id in asked:
            if cached := self._cached(calls.list_models(workspace_id)):
                yield workspace_id, _summary(cached.value)
        async for found in _behind(asked, summary):
            if found:
                yield found

    async def models(self, workspace_id: WorkspaceId) -> AsyncIterator[Answer[tuple[Model, ...]]]:
        """The models of a workspace with their versions.

        Older servers list models without versions; those are then read model by model, and the answer is told
        again as they come in.
        """
        async for answer in self._read(calls.list_models(workspace_id)):
            filled = self._fill_from_cache(answer)
            yield filled
            missing = [model for model in answer.value if model.versions is None]
            if not answer.live or not missing:
                continue

            async def versions(model: Model) -> Answer[Model]:
                told = await self._live(calls.list_versions(model.id, model.name))
                return replace_value(told, _with_versions(model, told.value))

            async for told in _behind(missing, versions):
                models = tuple(told.value if model.id == told.value.id else model for model in filled.value)
                filled = replace(filled, value=models, sources=filled.sources + told.sources)
                yield filled

    async def model(self, workspace_id: WorkspaceId, model_id: ModelId) -> AsyncIterator[Answer[Model]]:
        """One model with its versions, from the same list that its workspace's screen reads."""
        async for answer in self._read(calls.list_models(workspace_id)):
            model = next((model for model in answer.value if model.id == model_id), None)
            if model is None:
                if answer.live:
                    raise NotFound(
                        f"Model {model_id} is gone",
                        f"workspace {workspace_id} no longer lists it",
                        "Go back with esc",
                    )
                continue
            if model.versions is not None:
                yield replace_value(answer, model)
                continue
            call = calls.list_versions(model.id, model.name)
            told = await self._live(call) if answer.live else self._cached(call)
            if told:
                whole = _with_versions(model, told.value)
                yield Answer(whole, told.as_of, told.live, answer.sources + told.sources)

    async def version(self, version: ModelVersion) -> AsyncIterator[Answer[VersionDetail]]:
        """A version and its newest config."""
        whole, config = calls.get_version(version.id), calls.get_config(version.id)
        if (kept := self._cached(config)) is not None:
            yield self._detail(self._cached(whole), kept, version)
        told, newest = await _both(self._live_or_none(whole), self._live(config))
        yield self._detail(told, newest, version)

    async def upload_logs(self, version_id: VersionId) -> AsyncIterator[Answer[tuple[str, ...]]]:
        """What the server wrote while it took the upload in, oldest line first; often empty."""
        async for answer in self._read(calls.upload_logs(version_id)):
            yield answer

    # What the editor does

    async def config_to_edit(self, version: ModelVersion) -> VersionDetail:
        """The version and its newest config, read live: an edit never begins from a cached one.

        Where the version has no config row yet, the config is an empty one with the id :data:`NO_CONFIG`.
        """
        whole, newest = await _both(
            self._live_or_none(calls.get_version(version.id)), self._live(calls.get_config(version.id))
        )
        detail = self._detail(whole, newest, version).value
        return detail if detail.config else replace(detail, config=_empty_config(version.id))

    async def save_config(self, edit: ConfigEdit) -> Saved:
        """Send an edit, once, and read back what became of it.

        Raises:
            ConfigMoved: somebody else configured the version meanwhile; nothing was sent.
            WltuiError: it was refused or could not be sent; nothing has changed.
        """
        before = await self._config_id(edit.version_id)
        if before != edit.base.id:
            raise ConfigMoved(
                f"Version {edit.version_id} was configured by somebody else meanwhile",
                f"this edit began from config {edit.base.id or 'none'}, the newest is {before or 'none'}",
                "Nothing was sent. Leave the editor and open it again to begin from the newest",
            )
        request = edit.request()
        call = calls.insert_config(request)
        client = await self._client()
        try:
            body = await client.send(call)
            config = call.decode(body)
        except (OutcomeUnknown, ApiFormatError) as reason:
            return await self._look_up(edit, reason)
        self._remember(config.id, body)
        try:
            newest = (await self._live(calls.get_config(edit.version_id))).value
        except ServiceError as reason:
            return Saved(Outcome.TOOK, config, read_back(request, config), reason)
        if newest is None or newest.id < config.id:
            return Saved(Outcome.UNKNOWN, newest)
        # A still newer one is somebody else's; ours took all the same.
        kept = _overlay(config, newest) if newest.id == config.id else config
        return Saved(Outcome.TOOK, kept, read_back(request, kept))

    async def _look_up(self, edit: ConfigEdit, reason: WltuiError) -> Saved:
        """What became of a save whose answer was lost, as far as the newest config tells; nothing is sent again."""
        try:
            newest = (await self._live(calls.get_config(edit.version_id))).value
        except ServiceError:
            return Saved(Outcome.UNKNOWN, reason=reason)
        if newest is None or newest.id == edit.base.id:
            return Saved(Outcome.DID_NOT_TAKE, newest, reason=reason)
        differences = read_back(edit.request(), newest)
        return Saved(Outcome.UNKNOWN if differences else Outcome.TOOK, newest, differences, reason)

    # How an answer is made

    async def _read(self, call: Call[T]) -> AsyncIterator[Answer[T]]:
        if cached := self._cached(call):
            yield cached
        yield await self._live(call)

    def _cached(self, call: Call[T]) -> Answer[T] | None:
        entry = self._cache.get(call.path, call.body) if self._cache else None
        if entry is None:
            return None
        try:
            value = call.decode(entry.body)
        except ApiFormatError:  # written by a program that understood it differently
            return None
        return Answer(value, entry.received, live=False, sources=(Source(call.path, call.body, entry.body),))

    async def _live(self, call: Call[T]) -> Answer[T]:
        body = await self._fetch(call)
        now = self.clock()
        value = call.decode(body)
        if self._cache:
            self._cache.put(call.path, call.body, body, now)
        return Answer(value, now, live=True, sources=(Source(call.path, call.body, body),))

    async def _live_or_none(self, call: Call[T]) -> Answer[T] | None:
        """None where the server does not have this call."""
        try:
            return await self._live(call)
        except NoSuchEndpoint:
            return None

    async def _fetch(self, call: Call[object]) -> bytes:
        """The body of a read's answer; identical reads share one request."""
        key = call.path, msgspec.json.encode(call.body, order="deterministic")
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(asyncio.create_task(self._request(call)))
            flight.task.add_done_callback(lambda _: self._flights.pop(key, None))
        flight.waiting += 1
        try:
            return await asyncio.shield(flight.task)
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                flight.task.cancel()
                self._flights.pop(key, None)

    async def _request(self, call: Call[object]) -> bytes:
        client = await self._client()
        async with self._gate:
            return await client.send(call)

    async def _client(self) -> "Client":
        """The client, made off the event loop at first use: its imports take a fifth of a second."""
        if self._connecting is None:
            self._connecting = asyncio.create_task(asyncio.to_thread(self._connect))
        try:
            return await asyncio.shield(self._connecting)
        except WltuiError:
            self._connecting = None
            raise

    # Configs

    async def _config_id(self, version_id: VersionId) -> ConfigId:
        newest = (await self._live(calls.get_config(version_id))).value
        return newest.id if newest else NO_CONFIG

    def _detail(
        self, whole: Answer[ModelVersion] | None, newest: Answer[ModelConfig | None], row: ModelVersion
    ) -> Answer[VersionDetail]:
        """Put together what the calls told; ``row`` is what the list told, for servers without the whole version."""
        version = _overlay(row, whole.value) if whole else row
        config = self._newest(version.config if whole else None, newest.value)
        parts = [part for part in (whole, newest) if part is not None]
        return Answer(
            VersionDetail(version, config, complete=whole is not None),
            min(part.as_of for part in parts),
            all(part.live for part in parts),
            tuple(source for part in parts for source in part.sources),
        )

    def _newest(self, first: ModelConfig | None, newest: ModelConfig | None) -> ModelConfig | None:
        """The newest config row as fully as it can be known.

        ``get_config_by_id`` tells the newest row's id and three more fields; the row that comes with the version
        tells all fields, but may be an older one. Rows that this program inserted are remembered whole.
        """
        if newest is None:
            return _whole(first) if first else None
        if first is not None and first.id == newest.id:
            return _whole(_overlay(first, newest))
        remembered = self._cache.get(*_remembered(newest.id)) if self._cache else None
        if remembered is not None:
            try:
                return _whole(_overlay(calls.insert_config({}).decode(remembered.body), newest))
            except ApiFormatError:
                return newest
        return newest

    def _remember(self, config_id: ConfigId, body: bytes) -> None:
        if self._cache:
            self._cache.put(*_remembered(config_id), body, self.clock())

    def _fill_from_cache(self, answer: Answer[tuple[Model, ...]]) -> Answer[tuple[Model, ...]]:
        def filled(model: Model) -> Model:
            if model.versions is None and (told := self._cached(calls.list_versions(model.id, model.name))):
                return _with_versions(model, told.value)
            return model

        return replace_value(answer, tuple(map(filled, answer.value)))


def _now() -> datetime:
    return datetime.now(UTC)


def open_service(
    settings: Settings, cache_dir: Path | None, *, clock: Callable[[], datetime] = _now
) -> Service:
    """The service for a session; nothing is sent or imported for the network before the first live read."""

    def connect() -> "Client":
        from .api.auth import PasswordLogin, StaticToken
        from .api.client import Client

        auth = (
            StaticToken(settings.token)
            if settings.token
            else PasswordLogin(settings.endpoint, *settings.login)
            if settings.login
            else None
        )
        return Client(settings.endpoint, auth, timeout=settings.request_timeout, read_only=settings.read_only)

    cache = Cache(cache_path(cache_dir, settings.endpoint, account(settings))) if cache_dir else None
    return Service(connect, cache, user=user_name(settings), clock=clock)


def account(settings: Settings) -> str:
    """Who the user is as far as it is known before signing in; caches are kept apart by it."""
    if settings.login:
        return settings.login[0]
    if settings.token:
        token = settings.token.reveal()
        return str(claims(token).get("sub") or hashlib.sha256(token.encode()).hexdigest())
    return ""


def user_name(settings: Settings) -> str:
    """Who the user is, for people."""
    if settings.login:
        return settings.login[0]
    return (subject(settings.token.reveal()) or "token") if settings.token else "not signed in"


def replace_value(answer: Answer[T], value: U) -> Answer[U]:
    """The same answer with another value."""
    return Answer(value, answer.as_of, answer.live, answer.sources)


def _with_versions(model: Model, versions: tuple[ModelVersion, ...]) -> Model:
    return msgspec.structs.replace(
        model,
        versions=tuple(
            version
            if version.workspace_id
            else msgspec.structs.replace(version, workspace_id=model.workspace_id)
            for version in versions
        ),
    )


def _summary(models: tuple[Model, ...]) -> Summary:
    phases = Counter(phase(version.status) for model in models for version in model.versions or ())
    return Summary(len(models), phases)


S = TypeVar("S", bound=msgspec.Struct)


def _overlay(under: S, over: S) -> S:
    """``under`` with every field of ``over`` that was told."""

    def told(value: object) -> bool:
        return value is not UNSET and value is not None and value not in ("", ())

    if isinstance(over, ModelConfig):
        fields = {
            name: value for name in over.__struct_fields__ if (value := getattr(over, name)) is not UNSET
        }
    else:
        fields = {name: value for name in over.__struct_fields__ if told(value := getattr(over, name))}
    return msgspec.structs.replace(under, **fields)


def _whole(config: ModelConfig) -> ModelConfig:
    """A row that was told whole: fields that its server does not have yet are null, not unreadable."""
    missing = {name: None for name in SINCE_2024 if getattr(config, name) is UNSET}
    return msgspec.structs.replace(config, **missing)


def _empty_config(version_id: VersionId) -> ModelConfig:
    fields = [name for name in ModelConfig.__struct_fields__ if name not in ("id", "version_id")]
    return ModelConfig(id=NO_CONFIG, version_id=version_id, **dict.fromkeys(fields))


def _remembered(config_id: ConfigId) -> tuple[str, Mapping[str, object]]:
    """Under which name the cache keeps the answer to one of our own inserts."""
    return "models/insert_model_config", {"config_id": config_id}


async def _both(first: Coroutine[object, object, T], second: Coroutine[object, object, U]) -> tuple[T, U]:
    """Both results, read side by side; the first failure ends both."""
    one, two = asyncio.create_task(first), asyncio.create_task(second)
    try:
        return await asyncio.gather(one, two)
    finally:
        one.cancel()
        two.cancel()


async def _behind(items: Iterable[T], work: Callable[[T], Awaitable[U]]) -> AsyncIterator[U]:
    """The results of ``work`` on each item as they come, a few at a time; leaving the loop cancels the rest."""
    gate = asyncio.Semaphore(BEHIND_AT_ONCE)

    async def one(item: T) -> U:
        async with gate:
            return await work(item)

    tasks = [asyncio.create_task(one(item)) for item in items]
    try:
        for done in asyncio.as_completed(tasks):
            yield await done
    finally:
        for task in tasks:
            task.cancel()
