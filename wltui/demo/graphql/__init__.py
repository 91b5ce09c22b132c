"""``POST /v1/graphql``: the read roots of a Hasura, over the data of the embedded Wallaroo.

The vendor's SDK, the web dashboard and other clients read by it the columns that the calls below ``/v1/api`` leave out.
Each table has the roots ``<table>``, ``<table>_by_pk(id)`` and ``<table>_aggregate``; lists, also nested ones, take
``where``, ``order_by``, ``limit``, ``offset`` and ``distinct_on``. Arguments may hold variables, fields may have
aliases, and ``jsonb`` columns take a ``path``. ``search_models`` and ``search_pipelines`` take
``args: {search: …}``. There are ``__schema`` and ``__type(name)``; there is no mutation and no subscription.

The names mislead: ``model`` is a *version*, ``models`` a model, ``model_config.model_id`` a version's id,
``model.model_id`` and ``pipeline.pipeline_id`` are *names*, and ``deployment.pipeline_id`` is a number again.

==============================  =============================================================================
table                           columns; then relations, of which those in brackets are lists
==============================  =============================================================================
``workspace``                   id name archived created_at created_by group_id owner_id; [users: workspace_users]
                                [models] [pipelines: pipeline]
``workspace_users``             id workspace_id user_id user_type; workspace
``user_default_workspace``      id user_id workspace_id; workspace
``models``                      id name workspace_id owner_id created_at updated_at; workspace [models: model]
``model``                       id model_id model_version models_pk_id sha status error_summary file_name file_size
                                image_path visibility task_id conversion owner_id created_by created_at updated_at
                                created_on_version; model: models, [model_configs: model_config] [model_tags] [files]
``model_config``                id model_id runtime tensor_fields filter_threshold batch_config input_schema
                                output_schema dynamic_batching_config continuous_batching_config openai; model
                                [deployment_model_configs]
``pipeline``                    id pipeline_id workspace_id owner_id visibility created_at updated_at; workspace
                                deployment [pipeline_versions] [pipeline_tags]
``pipeline_version``            id version definition pipeline_pk_id created_at updated_at created_by
                                created_on_version; pipeline [deployment_pipeline_versions]
                                [deployment_model_configs] [pipeline_publishes]
``deployment``                  id deploy_id deployed pipeline_id engine_config node_selector limit_status created_at
                                updated_at updated_by; pipeline [deployment_model_configs]
                                [deployment_pipeline_versions]
``deployment_model_configs``    id deployment_id model_config_id pipeline_version_pk_id; model_config deployment
                                pipeline_version
``deployment_pipeline_version`` id deployment_id pipeline_version_pk_id created_at updated_at; deployment
                                pipeline_version
``tag``                         id tag; [model_tags: model_tag] [pipeline_tags: pipeline_tag]
``model_tag``                   id model_id tag_id; tag model
``pipeline_tag``                id pipeline_pk_id tag_pk_id; tag pipeline
``file``                        filename sha size; model
``pipeline_publish``            (no rows)
==============================  =============================================================================

Older releases lack some columns (``visible.SINCE``). ``Access`` says how much of this a server shows.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Literal, get_args

import msgspec

from wltui.demo.releases import Era
from wltui.demo.world import Json, World

from .document import Document, Operation, SyntaxProblem, parse_document
from .errors import QueryError
from .execution import Execution
from .tables import Source
from .visible import UNKNOWN_IN_PART, visible_tables

Access = Literal["whole", "partial", "refused", "absent"]
"""``partial``: some tables and columns are unknown; ``refused``: 403 for everybody; ``absent``: 404."""
ACCESSES: tuple[Access, ...] = get_args(Access)
REFUSED = {
    "errors": [
        {
            "message": "Access to this service is denied for the role of the token",
            "extensions": {"path": "$", "code": "access-denied"},
        }
    ]
}


class Query(msgspec.Struct):
    """A request's body."""

    query: str
    variables: dict[str, object] | None = None
    operation_name: str | None = msgspec.field(name="operationName", default=None)


class GraphQL:
    """Answers queries from a world's data."""

    def __init__(
        self,
        world: World,
        clock: Callable[[], datetime],
        era: Era,
        access: Access = "whole",
        hidden: Collection[str] = (),
    ) -> None:
        self._world, self._clock = world, clock
        self._era: Era = era
        gone = frozenset(hidden) | (UNKNOWN_IN_PART if access == "partial" else frozenset())
        self._tables = visible_tables(era, gone)

    def answer(self, body: bytes) -> Json:
        """Return the answer's body; a query that is refused gets ``errors``, as GraphQL has it, not a status."""
        try:
            query = msgspec.json.decode(body, type=Query)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return QueryError(f"Error in $: {error}", "$", "invalid-json").answer()
        source = Source(self._world, self._clock(), self._era)
        try:
            document = parse_document(query.query)
            operation = _operation(document, query.operation_name)
            variables: Mapping[str, object] = query.variables or {}
            return {"data": Execution(self._tables, source, document, variables).run(operation)}
        except SyntaxProblem as problem:
            return QueryError(f"not a valid graphql query: {problem}", "$.query").answer()
        except QueryError as error:
            return error.answer()


def _operation(document: Document, name: str | None) -> Operation:
    """Return the one operation, or the one of that name."""
    chosen = [each for each in document.operations if name in (None, each.name)]
    if len(chosen) == 1:
        return chosen[0]
    if name is None:
        raise QueryError(
            "exactly one operation has to be present in the document when operationName is not given"
        )
    raise QueryError(f"no such operation found in the document: '{name}'")
