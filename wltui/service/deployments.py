"""Where versions run: the pipelines that use them, and what runs of a deployment just now.

Only GraphQL shows which config row a deployment was made with. Over REST a pipeline's steps name versions, and the
deployment says whether it is deployed; so the config is unknown.
"""

from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from wltui.api import calls, graphql
from wltui.core.errors import NoSuchEndpoint, WltuiError
from wltui.core.pipelines import Pipeline, PipelineId, PipelineUse, Verdict
from wltui.core.records import ConfigId, ModelConfig, ModelVersion, VersionId, WorkspaceId

from .answers import Answer, join_answers
from .session import Session

if TYPE_CHECKING:
    from wltui.config.edit import FieldChange

CONTAINER = "flight"
"""The runtime of versions that run in a container of their own."""
RECENT = timedelta(seconds=30)
"""How old a list of pipelines may be that a version's detail is made with: one list serves all versions."""
Uses = tuple[PipelineUse, ...]


class PipelineRow(Struct, frozen=True):
    """A pipeline, and the versions that it runs."""

    pipeline: Pipeline
    uses: Uses | None = None
    """The versions of its deployment; None if they are not known."""
    newest: Mapping[VersionId, ConfigId] = {}
    """The newest config of each of these versions, as far as it is known."""
    in_containers: frozenset[VersionId] = frozenset()
    """Those of them that run in a container of their own, as far as that is known."""

    @property
    def id(self) -> PipelineId:
        """Return the number by which it is found again after a refresh."""
        return self.pipeline.id

    @property
    def is_deployed(self) -> bool | None:
        """Return whether it is deployed, or None if that is not known.

        The list shows no deployment for a pipeline that never had one, and none either if a server leaves it out. So
        only GraphQL, which shows all that is deployed, proves the former.
        """
        if self.pipeline.deployment is None and self.uses is not None:
            return bool(self.uses)
        return self.pipeline.is_deployed

    @property
    def outdated(self) -> Uses:
        """Return the versions that it runs with an older config than their newest."""
        return tuple(
            use for use in self.uses or () if use.verdict(self.newest.get(use.version_id)) is Verdict.OUTDATED
        )

    @property
    def verdict(self) -> Verdict:
        """Return the verdict on all versions that it runs; one with an older config decides."""
        if self.is_deployed is False:
            return Verdict.STOPPED
        verdicts = {use.verdict(self.newest.get(use.version_id)) for use in self.uses or ()}
        if Verdict.OUTDATED in verdicts:
            return Verdict.OUTDATED
        return Verdict.CURRENT if verdicts == {Verdict.CURRENT} else Verdict.UNKNOWN


Rows = tuple[PipelineRow, ...]


async def pipelines(session: Session, workspace_id: WorkspaceId) -> AsyncIterator[Answer[Rows]]:
    """Yield the pipelines of a workspace; see ``Service.pipelines``."""
    listing, using = calls.list_pipelines(workspace_id), graphql.uses_in_workspace(workspace_id)
    if listed := await session.exchange.cached(listing):
        uses = await session.graphql.cached(using)
        newest = await session.graphql.cached(newest_of(uses.value)) if uses else None
        yield _rows(listed, uses, newest)
    try:
        listed = await session.exchange.live(listing)
    except NoSuchEndpoint:  # before release 2024.2: GraphQL knows at least those that are deployed
        uses = await session.graphql.ask(using)
        if uses is None:
            raise
        listed = uses.of(_pipelines_of(uses.value))
    else:
        yield _rows(listed)
        uses = await session.graphql.ask(using)
    newest = await session.graphql.ask(newest_of(uses.value)) if uses and uses.value else None
    yield _rows(listed, uses, newest)


async def fetch_uses(session: Session, version: ModelVersion) -> Answer[Uses] | None:
    """Return the pipelines that use a version, or None if nobody says it. A failure counts as that."""
    answer = await session.graphql.ask(graphql.uses_of_version(version.id))
    if answer is not None:
        return answer.of(_by_pipeline(answer.value))
    if version.workspace_id is None or version.uuid is None:
        return None
    listing = calls.list_pipelines(version.workspace_id)
    listed = await session.exchange.cached(listing)
    if listed is None or session.exchange.clock() - listed.as_of > RECENT:
        try:
            listed = await session.exchange.live(listing)
        except WltuiError:
            return None
    return listed.of(_named_by(listed.value, version))


async def redeploy_changes(
    session: Session, use: PipelineUse, *, live: bool
) -> "Answer[tuple[FieldChange, ...]] | None":
    """Return the fields of a version's config that a redeploy changes; None if GraphQL does not show both rows."""
    from wltui.config.edit import config_changes  # a list of pipelines does not need it

    query = graphql.config_rows(use.version_id)
    answer = await (session.graphql.ask(query) if live else session.graphql.cached(query))
    rows = {row.id: row for row in answer.value} if answer else {}
    if answer is None or use.config_id not in rows:
        return None
    return answer.of(config_changes(rows[use.config_id], rows[max(rows)]))


async def cached_uses(session: Session, version: ModelVersion) -> Answer[Uses] | None:
    """Return the pipelines that use a version, as the cache has them."""
    if answer := await session.graphql.cached(graphql.uses_of_version(version.id)):
        return answer.of(_by_pipeline(answer.value))
    if version.workspace_id is None or version.uuid is None:
        return None
    listed = await session.exchange.cached(calls.list_pipelines(version.workspace_id))
    return listed.of(_named_by(listed.value, version)) if listed else None


def _rows(
    listed: Answer[tuple[Pipeline, ...]],
    uses: Answer[Uses] | None = None,
    newest: Answer[tuple[ModelConfig, ...]] | None = None,
) -> Answer[Rows]:
    ids = {row.version_id: row.id for row in newest.value if row.version_id} if newest else {}
    in_containers = (
        frozenset(row.version_id for row in newest.value if row.version_id and row.runtime == CONTAINER)
        if newest
        else frozenset()
    )
    by_pipeline: dict[PipelineId, list[PipelineUse]] = {}
    for use in uses.value if uses else ():
        by_pipeline.setdefault(use.pipeline_id, []).append(use)
    rows = tuple(
        PipelineRow(pipeline, tuple(by_pipeline.get(pipeline.id, ())) if uses else None, ids, in_containers)
        for pipeline in listed.value
    )
    return join_answers(rows, listed, uses, newest, live=listed.live)


def newest_of(uses: Iterable[PipelineUse]) -> graphql.Query[tuple[ModelConfig, ...]]:
    """Build the query for the newest configs of the versions in use."""
    return graphql.newest_configs({use.version_id for use in uses})


def _pipelines_of(uses: Iterable[PipelineUse]) -> tuple[Pipeline, ...]:
    """Return the pipelines that uses name, without their steps."""
    found = {
        use.pipeline_id: Pipeline(
            id=use.pipeline_id,
            name=use.pipeline_name,
            workspace_id=use.workspace_id,
            deployment=use.deployment,
        )
        for use in uses
    }
    return tuple(found.values())


def _by_pipeline(uses: Iterable[PipelineUse]) -> Uses:
    """Return one use of each pipeline: that with the newest config; deployed ones first."""
    newest: dict[PipelineId, PipelineUse] = {}
    for use in sorted(uses, key=lambda use: use.config_id or 0):
        newest[use.pipeline_id] = use
    return tuple(sorted(newest.values(), key=lambda use: (not use.is_deployed, use.pipeline_name)))


def _named_by(listed: Iterable[Pipeline], version: ModelVersion) -> Uses:
    return tuple(
        PipelineUse(
            pipeline_id=pipeline.id,
            pipeline_name=pipeline.name,
            workspace_id=pipeline.workspace_id,
            version_id=version.id,
            deployment=pipeline.deployment,
        )
        for pipeline in listed
        if pipeline.runs(version.uuid)
    )
