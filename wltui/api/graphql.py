"""Build GraphQL queries: complete config rows, and the deployments of a version with their config rows.

An instance answers them at ``/v1/graphql``, with the same token as the API's own calls. GraphQL is not documented for
users, so every query has a fallback in :mod:`wltui.api.calls`. The vendor's SDK reads tables and config rows with it in
every release; these queries use only tables and columns that the SDK or the server uses.

The names of the tables are misleading: ``model`` holds *versions*, ``models`` holds models, ``model_id`` is a version's
number in ``model_config`` and a model's name in ``model``, and ``pipeline_id`` is a pipeline's name.

A server that lacks a column, or does not show it to the user's role, refuses the whole query. So each query can be
built without some of its columns (:class:`Selection`). Columns that were not requested are missing from the answer,
and so are unknown; see :mod:`wltui.service.graphql` for how that is remembered.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct, ValidationError, field

from wltui.core.errors import QueryRefused, ReadOnlyMode
from wltui.core.pipelines import PipelineId, PipelineUse
from wltui.core.records import ConfigId, ModelConfig, VersionId, WorkspaceId

from .calls import Call
from .knowledge import ConfigCall
from .lenient import decode, format_error
from .reasons import shorten
from .wire import records
from .wire_config import ConfigRow, Wire
from .wire_pipelines import DeploymentFields

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

PATH = "/v1/graphql"
ROOT = "query_root"
"""Hasura's name of the type whose fields are the tables."""
PATIENCE = 5.0
"""Maximum seconds of a query, since screens work without its answer."""
ROWS_OF_A_VERSION = 50
"""Maximum config rows of one version, newest first: the last few are enough to find the outcome of a save."""

Column = tuple[str, str]
"""A type of the server's schema, and a field of it."""


class Selection(Struct, frozen=True):
    """The fields of one type that a query selects."""

    type: str
    required: tuple[str, ...]
    """Columns without which a row is useless. An alias is written as ``name: column``."""
    optional: tuple[str, ...] = ()
    relations: Mapping[str, "Selection"] = {}

    def text(self, without: frozenset[Column]) -> str:
        """Return the selection in GraphQL, without some optional columns."""
        columns = [name for name in self.optional if (self.type, _column(name)) not in without]
        nested = [f"{name} {selected.text(without)}" for name, selected in self.relations.items()]
        return "{ " + " ".join((*self.required, *columns, *nested)) + " }"

    def needs(self, column: Column) -> bool:
        """Return whether the rows are worthless without a column."""
        own = {_column(name) for name in self.required} | self.relations.keys()
        return (self.type == column[0] and column[1] in own) or any(
            selected.needs(column) for selected in self.relations.values()
        )


class Query(Struct, Generic[T_co], frozen=True):
    """A query of one table."""

    name: str
    """The operation's name, under which its answers are kept."""
    table: str
    head: str
    """The declarations of the variables, such as ``($v: bigint!)``; empty without any."""
    arguments: str
    """Filter, order and limit of the rows, in GraphQL."""
    variables: Mapping[str, object]
    selection: Selection
    read: Callable[[bytes], T_co]
    """Return the records in an answer. Raises QueryRefused or ApiFormatError."""
    what: str

    def call(self, without: frozenset[Column] = frozenset()) -> Call[T_co]:
        """Return the call that sends the query, without some optional columns."""
        document = (
            f"query {self.name}{self.head} {{ {self.table}{self.arguments} {self.selection.text(without)} }}"
        )
        return Call(
            PATH,
            {"operationName": self.name, "variables": self.variables},
            lambda body, before: self.read(body),
            self.what,
            sent={"operationName": self.name, "query": document, "variables": self.variables},
            patience=PATIENCE,
        )

    def needs(self, column: Column) -> bool:
        """Return whether the query can't be sent to a server that lacks a column, or a table."""
        return column == (ROOT, self.table) or self.selection.needs(column)


CONFIG_ROW = Selection(
    "model_config",
    ("id", "model_version_id: model_id"),
    (
        "runtime", "tensor_fields", "filter_threshold", "batch_config", "input_schema", "output_schema",
        "dynamic_batching_config", "continuous_batching_config", "openai",
    ),
)  # fmt: skip
NEWEST_ROW = Selection("model_config", CONFIG_ROW.required, ("runtime",))
USE = Selection(
    "deployment_model_configs",
    (),
    relations={
        "model_config": Selection("model_config", ("id", "model_id")),
        "deployment": Selection(
            "deployment", ("id", "deploy_id", "deployed"), ("updated_at", "updated_by", "limit_status")
        ),
        "pipeline_version": Selection(
            "pipeline_version",
            (),
            relations={"pipeline": Selection("pipeline", ("id", "pipeline_id"), ("workspace_id",))},
        ),
    },
)


def newest_configs(versions: Iterable[VersionId]) -> Query[tuple[ModelConfig, ...]]:
    """Build the query for id and runtime of the newest config row of each version; those without a row are missing.

    Its other fields are left out: schemas alone may be 10 kB each.
    """
    return Query(
        "newest_configs",
        "model_config",
        "($versions: [bigint!]!)",
        "(where: {model_id: {_in: $versions}}, distinct_on: model_id, order_by: [{model_id: asc}, {id: desc}])",
        {"versions": sorted(versions)},
        NEWEST_ROW,
        reader(_Configs, _config, "The newest configs"),
        "The newest configs",
    )


def config_rows(version_id: VersionId) -> Query[tuple[ModelConfig, ...]]:
    """Build the query for the config rows of a version, complete and newest first."""
    return Query(
        "config_rows",
        "model_config",
        "($version: bigint!)",
        f"(where: {{model_id: {{_eq: $version}}}}, order_by: {{id: desc}}, limit: {ROWS_OF_A_VERSION})",
        {"version": version_id},
        CONFIG_ROW,
        reader(_Configs, _config, f"The configs of version {version_id}"),
        f"The configs of version {version_id}",
    )


def uses_of_version(version_id: VersionId) -> Query[tuple[PipelineUse, ...]]:
    """Build the query for the deployments that run or ran a version, with their config rows."""
    return _uses(
        "uses_of_version",
        "($version: bigint!)",
        "(where: {model_config: {model_id: {_eq: $version}}})",
        {"version": version_id},
        f"The pipelines of version {version_id}",
    )


def uses_in_workspace(workspace_id: WorkspaceId) -> Query[tuple[PipelineUse, ...]]:
    """Build the query for what the deployed pipelines of a workspace run."""
    return _uses(
        "uses_in_workspace",
        "($workspace: bigint!)",
        "(where: {deployment: {deployed: {_eq: true}},"
        " pipeline_version: {pipeline: {workspace_id: {_eq: $workspace}}}})",
        {"workspace": workspace_id},
        f"The deployments of workspace {workspace_id}",
    )


def deployed_uses(workspace_id: WorkspaceId | None) -> Query[tuple[PipelineUse, ...]]:
    """Build the query for the deployments that now run versions of a workspace, or of all workspaces if it is None.

    Unlike in :func:`uses_in_workspace`, the pipelines may be in any workspace.
    """
    if workspace_id is None:
        return _uses(
            "deployed_uses", "", "(where: {deployment: {deployed: {_eq: true}}})", {}, "The deployments"
        )
    return _uses(
        "deployed_uses",
        "($workspace: bigint!)",
        "(where: {deployment: {deployed: {_eq: true}},"
        " model_config: {model: {model: {workspace_id: {_eq: $workspace}}}}})",
        {"workspace": workspace_id},
        f"The deployments of the versions of workspace {workspace_id}",
    )


def _uses(
    name: str, head: str, arguments: str, variables: Mapping[str, object], what: str
) -> Query[tuple[PipelineUse, ...]]:
    read = reader(_Uses, _Use.record, what)
    return Query(name, "deployment_model_configs", head, arguments, variables, USE, read, what)


# The wire


class _Error(Wire, frozen=True, gc=False):
    message: str | None = None


class _Errors(Wire, frozen=True, gc=False):
    errors: tuple[_Error, ...] | None = None


class _ConfigRows(Wire, frozen=True, gc=False):
    rows: tuple[ConfigRow, ...] = field(name="model_config")


class _Configs(Wire, frozen=True, gc=False):
    data: _ConfigRows


class _UsedConfig(Wire, frozen=True, gc=False):
    id: ConfigId
    model_id: VersionId


class _Pipeline(Wire, frozen=True, gc=False):
    id: PipelineId
    pipeline_id: str
    workspace_id: WorkspaceId | None = None


class _PipelineVersion(Wire, frozen=True, gc=False):
    pipeline: _Pipeline


class _Use(Wire, frozen=True, gc=False):
    model_config: _UsedConfig
    deployment: DeploymentFields
    pipeline_version: _PipelineVersion

    def record(self) -> PipelineUse:
        pipeline = self.pipeline_version.pipeline
        deployment = self.deployment.record(pipeline.pipeline_id)
        if deployment is None:
            raise ValidationError("Object missing required field `id` - at `$.deployment`")
        return PipelineUse(
            pipeline_id=pipeline.id,
            pipeline_name=pipeline.pipeline_id,
            workspace_id=pipeline.workspace_id,
            version_id=self.model_config.model_id,
            config_id=self.model_config.id,
            deployment=deployment,
        )


class _UseRows(Wire, frozen=True, gc=False):
    rows: tuple[_Use, ...] = field(name="deployment_model_configs")


class _Uses(Wire, frozen=True, gc=False):
    data: _UseRows


def _config(row: ConfigRow) -> ModelConfig:
    return row.record(ConfigCall.GRAPHQL)


class Rows(Protocol):
    """The data of an answer: the rows of the one table that was queried."""

    @property
    def rows(self) -> tuple[Any, ...]:
        """Return the rows."""


class TableAnswer(Protocol):
    """The shape of an answer without errors."""

    @property
    def data(self) -> Rows:
        """Return the data."""


def reader(
    shape: type[TableAnswer], record: Callable[[Any], T], what: str
) -> Callable[[bytes], tuple[T, ...]]:
    """Return a function that converts an answer to records, or raises an error that says why it can't."""
    failed = f"{what} could not be read"

    def read(body: bytes) -> tuple[T, ...]:
        if message := find_refusal(body, failed):
            raise QueryRefused(failed, shorten(message), endpoint=PATH, unknown=_unknown(message))
        answer: TableAnswer = decode(body, shape, what=failed, endpoint=PATH)
        try:
            return records(answer.data.rows, record)
        except ValidationError as error:
            raise format_error(error, what=failed, endpoint=PATH) from None

    return read


def find_refusal(body: bytes, failed: str) -> str | None:
    """Return the server's words if an answer refuses the query, or None; ``failed`` is what the query is for.

    Raises:
        ApiFormatError: it is no answer of GraphQL.
    """
    errors = decode(body, _Errors, what=failed, endpoint=PATH).errors
    return (errors[0].message or "the query was refused") if errors else None


_UNKNOWN = re.compile(r"""field ['"](\w+)['"] not found in type:? ['"](\w+)['"]""", re.IGNORECASE)


def _unknown(message: str) -> Column | None:
    """Return the type and the field that the server does not have, by its message; None if it names none."""
    found = _UNKNOWN.search(message)
    return (found[2], found[1]) if found else None


def _column(name: str) -> str:
    return name.rpartition(" ")[2]


_NO_QUERY = re.compile(r"\b(mutation|subscription)\b")
_TEXTS = re.compile(r'"""(?:\\"""|(?!""")[\s\S])*+"""|"(?:\\.|[^"\\\n])*"|#[^\n\r]*')


def check_query(call: Call[object]) -> None:
    """Raise ReadOnlyMode if a document contains more than queries, since this program never writes by GraphQL.

    Raises:
        ReadOnlyMode: the document contains a mutation or a subscription, or is missing.
    """
    document = call.content.get("query")
    if not isinstance(document, str) or _NO_QUERY.search(_TEXTS.sub(" ", document)):
        raise ReadOnlyMode(
            f"{call.what} was not sent", "wltui sends GraphQL queries only, and this is not one"
        )
