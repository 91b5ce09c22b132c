"""The configs that deployments run now, and the newest ones: which versions need a redeploy, for a list of versions.

Only GraphQL shows it, in two queries for a workspace or for the whole instance, however many versions there are.
"""

from collections.abc import AsyncIterator, Mapping
from functools import cached_property

from msgspec import Struct

from wltui.api import graphql
from wltui.core.pipelines import PipelineUse, Verdict
from wltui.core.records import ConfigId, ModelConfig, VersionId, WorkspaceId

from .answers import Answer, join_answers
from .deployments import Uses, newest_of
from .session import Session


class ConfigsInUse(Struct, frozen=True, dict=True):
    """What is deployed now, and the newest config of each version in it."""

    uses: Uses
    newest: Mapping[VersionId, ConfigId]

    @cached_property
    def deployed(self) -> frozenset[VersionId]:
        """Return the versions that a deployed pipeline runs."""
        return frozenset(use.version_id for use in self.uses)

    @cached_property
    def outdated(self) -> Mapping[VersionId, Uses]:
        """Return the versions that a deployed pipeline runs with an older config than their newest, and where."""
        found: dict[VersionId, list[PipelineUse]] = {}
        for use in self.uses:
            if use.verdict(self.newest.get(use.version_id)) is Verdict.OUTDATED:
                found.setdefault(use.version_id, []).append(use)
        return {version_id: tuple(uses) for version_id, uses in found.items()}


async def configs_in_use(
    session: Session, workspace_id: WorkspaceId | None, *, live: bool
) -> AsyncIterator[Answer[ConfigsInUse]]:
    """Yield the configs in use of a workspace's versions, or of all; see ``Service.configs_in_use``."""
    if session.graphql.off_reason:
        return
    using = graphql.deployed_uses(workspace_id)
    if uses := await session.graphql.cached(using):
        newest = await session.graphql.cached(newest_of(uses.value)) if uses.value else None
        if newest or not uses.value:
            yield _joined(uses, newest)
    uses = await session.graphql.ask(using) if live else None
    if uses is None:
        return
    newest = await session.graphql.ask(newest_of(uses.value)) if uses.value else None
    if newest or not uses.value:
        yield _joined(uses, newest)


def _joined(uses: Answer[Uses], newest: Answer[tuple[ModelConfig, ...]] | None) -> Answer[ConfigsInUse]:
    ids = {row.version_id: row.id for row in newest.value if row.version_id} if newest else {}
    return join_answers(ConfigsInUse(uses.value, ids), uses, newest, live=uses.live)
