"""The async API service for screens and commands.

Every list and detail is read the same way and comes twice: first from the cache, at once, then from the API; only
what was fetched while the program started comes from the API alone. Without a network the stream ends after the
cached answer and raises the reason, one of :mod:`wltui.core.errors`::

    async for answer in service.models(workspace_id):
        table.show(answer.value)
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wltui.api import calls
from wltui.core.errors import NotFound, NotSignedIn
from wltui.core.pipelines import Deployment, DeploymentStatus, PipelineUse
from wltui.core.records import ConfigId, Model, ModelId, ModelVersion, VersionId, Workspace, WorkspaceId
from wltui.core.threads import run_in_thread
from wltui.lifecycle.prefetch import Prefetch
from wltui.store.drafts import Drafts
from wltui.store.response_cache import Cache
from wltui.store.save_history import History
from wltui.store.upload_history import UploadHistory

from . import reads
from .answers import Answer, Source
from .cached_fleet import cached_models, cached_workspaces
from .exchange import Exchange
from .graphql import GraphQl
from .latest import Latest
from .session import Session
from .summaries import Summaries, Summary
from .visit import Visit

if TYPE_CHECKING:
    from wltui.api.client import Client
    from wltui.config.detail import VersionDetail
    from wltui.config.edit import ConfigEdit, FieldChange

    from .configs_in_use import ConfigsInUse
    from .deployments import PipelineRow
    from .editing import EditStart
    from .fleet import Fleet
    from .fleet_reader import FleetReader
    from .headless_edit import EditPlan, EditSource
    from .save_outcome import Saved
    from .upload.uploads import Uploads
    from .upload_log import UploadLog

__all__ = ["Answer", "Service", "Source", "Summary"]


class Service:
    """One session's reads and saves; callers know neither the cache nor the client.

    Without ``drafts`` and ``history`` both last as long as the service. Without ``graphql`` only the REST API is used.
    """

    def __init__(
        self,
        connect: Callable[[], "Client"],
        cache: Cache | None,
        *,
        drafts: Drafts | None = None,
        history: History | None = None,
        upload_history: UploadHistory | None = None,
        user: str = "",
        user_id: str = "",
        owner: str = "",
        offline: bool = False,
        graphql: bool = True,
        visit_path: Path | None = None,
        prefetch: Prefetch | None = None,
        clock: Callable[[], datetime],
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.user = user
        self.user_id = user_id
        """The user's id on the instance, or an empty string if it is not known."""
        self.owner = owner
        """The key of this session's cache, drafts and history; it reveals neither instance nor user."""
        self.clock = clock
        self.drafts = drafts or Drafts(None, "", clock)
        """Edits that were begun and not sent."""
        self.history = history or History(None, "", clock)
        """Saves and their outcomes."""
        self._upload_history = upload_history or UploadHistory(None, "", clock)
        self._uploads: Uploads | None = None
        self.visit = Visit(visit_path, clock, lambda config_id: self.history.row(config_id) is not None)
        """What has changed since the user's last visit."""
        self._exchange = Exchange(connect, cache, clock, offline=offline, prefetch=prefetch)
        self._exchange.observe = self.visit.observe
        self.latest = Latest(self._exchange)
        """Versions on their way to ready, read alone between two reads of their list."""
        self._session = Session(
            self._exchange, GraphQl(self._exchange, is_on=graphql), self.history, self.latest
        )
        self.counts = Summaries(self._exchange)
        self._fleet: FleetReader | None = None
        self._wait = wait

    @property
    def trouble(self) -> str | None:
        """Why something is not kept on disk, or was lost there; it may change. What can't be had again comes first."""
        cache = self._exchange.cache
        histories = self.history.trouble or self._upload_history.trouble
        return self.drafts.trouble or histories or (cache.trouble if cache else None)

    @property
    def graphql_limits(self) -> tuple[str, ...]:
        """Return the columns and queries that GraphQL does not answer here; empty until it has been asked."""
        return self._session.graphql.limits

    @property
    def waits_for_api(self) -> bool:
        """Return whether the API has been asked for something and not answered."""
        return bool(self._exchange.flights)

    def on_auth_change(self, on_change: Callable[[NotSignedIn | None], object]) -> None:
        """Call ``on_change`` with NotSignedIn when a request gets 401, and with None once one succeeds again."""
        self._exchange.on_auth_change = on_change

    async def close(self) -> None:
        """End what is in flight and close network and disk."""
        await run_in_thread(self.drafts.close)
        await self.visit.close()
        await self._exchange.close()

    # Reads

    def workspaces(self) -> AsyncIterator[Answer[tuple[Workspace, ...]]]:
        """Yield every workspace that the user can see, archived ones too."""
        return self._exchange.read(calls.list_workspaces())

    def summaries(
        self,
        workspaces: Iterable[WorkspaceId],
        first: Callable[[], Iterable[WorkspaceId]] = tuple,
        *,
        live: bool = True,
    ) -> AsyncIterator[tuple[WorkspaceId, Summary]]:
        """Yield the counts of each workspace in the order they become known; failed ones are left out.

        ``first`` returns those wanted most just now, and is called before each. Without ``live`` the cache answers.
        """
        return self.counts.read(workspaces, first, live=live)

    def models(
        self,
        workspace_id: WorkspaceId,
        first: Callable[[], Iterable[ModelId]] = tuple,
        *,
        background: bool = False,
    ) -> AsyncIterator[Answer[tuple[Model, ...]]]:
        """Yield the models of a workspace with their versions.

        Older servers list models without versions. Those are fetched model by model, and the answer is yielded again
        as they arrive: at first those that ``first`` returns. With ``background``, what the user waits for goes first.
        """
        return reads.models(self._session, workspace_id, first, background=background)

    def model(self, workspace_id: WorkspaceId, model_id: ModelId) -> AsyncIterator[Answer[Model]]:
        """Yield one model with its versions, from the same list that its workspace's screen reads.

        Raises:
            NotFound: the API no longer lists it.
        """
        return reads.model(self._session, workspace_id, model_id)

    def version(self, version: ModelVersion) -> "AsyncIterator[Answer[VersionDetail]]":
        """Yield a version and its newest config."""
        return reads.version(self._session, version)

    async def current_version(self, version_id: VersionId) -> ModelVersion:
        """Fetch a version for its status alone. Of a server without a call for that (2023.4), all lists are read.

        Raises:
            NotFound: there is no such version.
        """
        if answer := await self._exchange.live_or_none(calls.get_version(version_id)):
            return answer.value
        if (version := await self.fleet_reader.find_version(version_id)) is None:
            raise NotFound(f"Version {version_id} is not known", "the instance does not list it")
        return version

    def upload_log(self, version: ModelVersion) -> "AsyncIterator[Answer[UploadLog]]":
        """Yield what the server logged during the upload, and the version's status if that may have changed since."""
        from .upload_log import upload_log

        return upload_log(self._exchange, version)

    async def cached_workspaces(self) -> AsyncIterator[tuple[Workspace, tuple[Model, ...]]]:
        """Yield every workspace with its models, from the cache; see :mod:`wltui.service.cached_fleet`."""
        async for workspace, models in cached_workspaces(self._exchange):
            yield workspace, models.value if models else ()

    async def cached_models(self, workspace_id: WorkspaceId) -> tuple[Model, ...] | None:
        """Return the models of a workspace from the cache, or None if it does not have them."""
        answer = await cached_models(self._exchange, workspace_id)
        return answer.value if answer else None

    def fleet(self, *, now: bool = False) -> "AsyncIterator[Answer[Fleet]]":
        """Yield every version of the instance; see ``FleetReader.read``."""
        return self.fleet_reader.read(now=now)

    @property
    def fleet_reader(self) -> "FleetReader":
        """What reads every version of the instance."""
        from .fleet_reader import FleetReader

        if self._fleet is None:
            self._fleet = FleetReader(self._session)
        return self._fleet

    async def cached_same_file(self, version: ModelVersion) -> tuple[ModelVersion, ...]:
        """Return the versions with the same file, from the cache; one of them may say why this one failed."""
        from .same_file import cached_same_file

        return await cached_same_file(self._exchange, version)

    @property
    def uploads(self) -> "Uploads":
        """The uploads of this session, and those that former ones left open."""
        from .upload.uploads import Uploads

        if self._uploads is None:
            self._uploads = Uploads(self._exchange, self._upload_history, self.user, self._wait)
        return self._uploads

    def has_uploaded(self) -> bool:
        """Return whether this user has uploaded something to this instance from this host. Reads the disk."""
        return bool(self._upload_history.entries())

    # Where versions run

    def pipelines(self, workspace_id: WorkspaceId) -> "AsyncIterator[Answer[tuple[PipelineRow, ...]]]":
        """Yield the pipelines of a workspace, and which config each runs if GraphQL shows it.

        Raises:
            NoSuchEndpoint: the server is older than release 2024.2, and GraphQL answers nothing.
        """
        from .deployments import pipelines

        return pipelines(self._session, workspace_id)

    def configs_in_use(
        self, workspace_id: WorkspaceId | None, *, live: bool = True
    ) -> "AsyncIterator[Answer[ConfigsInUse]]":
        """Yield the configs that deployments run of a workspace's versions, or of all versions, and the newest ones.

        Nothing is yielded if GraphQL answers nothing, and no error is raised. Without ``live`` the cache answers alone.
        """
        from .configs_in_use import configs_in_use

        return configs_in_use(self._session, workspace_id, live=live)

    def deployment_status(self, deployment: Deployment) -> "AsyncIterator[Answer[DeploymentStatus]]":
        """Yield what runs of a deployment just now.

        Raises:
            NotFound, NoSuchEndpoint: the platform does not know the deployment, or not yet.
        """
        return self._exchange.read(calls.deployment_status(deployment))

    async def redeploy_changes(
        self, use: PipelineUse, *, live: bool = True
    ) -> "Answer[tuple[FieldChange, ...]] | None":
        """Return the fields that a redeploy changes, without ``live`` from the cache; None if they are not known."""
        from .deployments import redeploy_changes

        return await redeploy_changes(self._session, use, live=live)

    # Edits

    async def config_to_edit(self, version: ModelVersion) -> "VersionDetail":
        """Fetch the version and its newest config: an edit never begins from a cached one.

        If the version has no config row yet, the config is an empty one with the id
        :data:`~wltui.config.detail.NO_CONFIG`.
        """
        from .editing import fetch_config

        return (await fetch_config(self._session, version))[0]

    async def begin_edit(self, version: ModelVersion, edit: "ConfigEdit | None" = None) -> "EditStart":
        """Return the config that an edit begins from, and an earlier save that the user should know about.

        ``edit`` is the unsent edit of this version, if there is one.
        """
        from .editing import begin_edit

        return await begin_edit(self._session, version, edit)

    async def save_config(
        self,
        version: ModelVersion,
        edit: "ConfigEdit",
        *,
        unrecorded: bool = False,
        on_wait: Callable[[bool], object] = bool,
    ) -> "Saved":
        """Record an edit, send it, once, and read back the saved config.

        Args:
            unrecorded: Send it even if it can't be recorded in the history.
            on_wait: Called with True when it has to wait for another wltui that saves a config of this version, and
                with False when it begins. If cancelled before that, nothing was sent.

        Raises:
            ConfigMoved: somebody else configured the version meanwhile; nothing was sent.
            HistoryUnwritable: it could not be recorded; nothing was sent.
            WltuiError: it was refused or could not be sent; nothing has changed.
        """
        from .saving import save

        user, session = self.user, self._session
        return await save(
            session, version, edit, user=user, unrecorded=unrecorded, on_wait=on_wait, wait=self._wait
        )

    async def plan_edit(
        self,
        version: ModelVersion,
        source: "EditSource",
        *,
        expected: ConfigId | None = None,
        cleared: Collection[str] = (),
    ) -> "EditPlan":
        """Return an edit on top of the newest config, made without a form; see ``headless_edit.plan_edit``."""
        from .headless_edit import plan_edit

        return await plan_edit(self._session, version, source, expected=expected, cleared=cleared)

    async def look_until_known(self, saved: "Saved", on_pause: "Callable[[Saved], object]") -> "Saved":
        """Return the outcome of a save after a few more looks if it is unknown; nothing is sent."""
        from .headless_edit import look_until_known

        return await look_until_known(self._session, saved, wait=self._wait, on_pause=on_pause)

    async def look_again(self, saved: "Saved") -> "Saved":
        """Fetch the newest config once more for a save whose outcome is unknown; nothing is sent."""
        from .saving import look_up

        return await look_up(self._session, saved.sent) if saved.sent else saved
