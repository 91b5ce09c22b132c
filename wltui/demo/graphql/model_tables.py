"""The tables of workspaces, models, versions and configs, and of the tags on them."""

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

from wltui.demo.deployments import Tie
from wltui.demo.keycloak import USERS
from wltui.demo.releases import created_on, stored_row
from wltui.demo.world import Config, Model, Version, Workspace

from .tables import Reader, Source, Table, Tagged, make_table


class User(NamedTuple):
    """A row of ``workspace_users`` or ``user_default_workspace``."""

    id: int
    user_id: str
    workspace: Workspace
    user_type: str = "OWNER"


class File(NamedTuple):
    """A row of ``file``."""

    version: Version


class StoredConfig(NamedTuple):
    """A config row as the database holds it: its threshold went through 32 bits."""

    row: Config

    @property
    def id(self) -> int:
        """The config's id."""
        return self.row.id


def _status(source: Source, version: Version) -> str:
    return version.build.status(source.now)


def _image(source: Source, version: Version) -> str | None:
    return version.image_path if _status(source, version) == "ready" else None


def _reason(source: Source, version: Version) -> str | None:
    return version.error_summary if _status(source, version) in ("ready", "error") else None


def _model(source: Source, version: Version) -> Model:
    return source.world.models[version.model_id]


def _configs(source: Source) -> Iterable[StoredConfig]:
    return (StoredConfig(config) for version in source.world.versions.values() for config in version.configs)


def _config_column(name: str, type: str) -> tuple[str, Reader]:
    return type, lambda _, config: stored_row(config.row)[name]


def _users(_: Source, workspace: Workspace) -> list[User]:
    return [User(workspace.id, workspace.created_by, workspace)]


def _default_users(source: Source) -> list[User]:
    """Return a default workspace for everybody who can sign in; they share it."""
    workspaces = source.world.workspaces
    shared = workspaces[min(workspaces)]
    return [User(number, user.id, shared) for number, user in enumerate(USERS.values(), 1)]


def model_tags(source: Source) -> Iterable[Tagged]:
    """Return the rows of ``model_tag``."""
    return chain.from_iterable(source.model_tags.values())


def pipeline_tags(source: Source) -> Iterable[Tagged]:
    """Return the rows of ``pipeline_tag``."""
    return chain.from_iterable(source.pipeline_tags.values())


def _ties_of_config(source: Source, config: StoredConfig) -> list[Tie]:
    version = source.world.versions[config.row.model_version_id]
    return [tie for tie in source.world.ties_of(version) if tie.config_id == config.id]


WORKSPACE: Table = make_table(
    "workspace",
    lambda source: source.world.workspaces.values(),
    "id:bigint name:String archived:Boolean created_at:timestamptz created_by:String",
    columns={
        "group_id": ("bigint", lambda _, row: None),
        "owner_id": ("String", lambda _, row: row.created_by),
    },
    many={
        "users": ("workspace_users", _users),
        "models": ("models", lambda _, row: row.models),
        "pipelines": ("pipeline", lambda _, row: row.pipelines),
    },
    find=lambda source, key: source.world.workspaces.get(key),
)
USER_TABLES = [
    make_table(
        "workspace_users",
        lambda source: (user for row in source.world.workspaces.values() for user in _users(source, row)),
        "id:bigint user_id:String user_type:String",
        columns={"workspace_id": ("bigint", lambda _, row: row.workspace.id)},
        one={"workspace": ("workspace", lambda _, row: row.workspace)},
    ),
    make_table(
        "user_default_workspace",
        _default_users,
        "id:bigint",
        columns={
            "user_id": ("String", lambda _, row: row.user_id),
            "workspace_id": ("bigint", lambda _, row: row.workspace.id),
        },
        one={"workspace": ("workspace", lambda _, row: row.workspace)},
    ),
]
MODELS: Table = make_table(
    "models",
    lambda source: source.world.models.values(),
    "id:bigint name:String workspace_id:bigint created_at:timestamptz updated_at:timestamptz",
    columns={"owner_id": ("String", lambda _, row: '""')},
    one={"workspace": ("workspace", lambda source, row: source.world.workspaces[row.workspace_id])},
    many={"models": ("model", lambda _, row: row.versions)},
    find=lambda source, key: source.world.models.get(key),
)
VERSIONS: Table = make_table(
    "model",
    lambda source: source.world.versions.values(),
    "id:bigint sha:bpchar file_name:String visibility:String task_id:String conversion:jsonb owner_id:String "
    "created_by:String created_at:timestamptz updated_at:timestamptz",
    columns={
        "model_id": ("String", lambda source, row: _model(source, row).name),
        "model_version": ("String", lambda _, row: row.uuid),
        "models_pk_id": ("bigint", lambda _, row: row.model_id),
        "status": ("String", _status),
        "error_summary": ("String", _reason),
        "image_path": ("String", _image),
        "created_on_version": ("String", lambda source, row: created_on(row, source.era)),
        "file_size": ("bigint", lambda _, row: row.size),
    },
    one={"model": ("models", _model)},
    many={
        "model_configs": ("model_config", lambda _, row: [StoredConfig(config) for config in row.configs]),
        "model_tags": ("model_tag", lambda source, row: source.model_tags.get(row.id, [])),
        "files": ("file", lambda _, row: [File(row)]),
    },
    find=lambda source, key: source.world.versions.get(key),
)
CONFIGS: Table = make_table(
    "model_config",
    _configs,
    "id:bigint",
    columns={
        "model_id": ("bigint", lambda _, row: row.row.model_version_id),
        "runtime": _config_column("runtime", "String"),
        "filter_threshold": _config_column("filter_threshold", "float8"),
        "tensor_fields": _config_column("tensor_fields", "jsonb"),
        "batch_config": _config_column("batch_config", "String"),
        "input_schema": _config_column("input_schema", "String"),
        "output_schema": _config_column("output_schema", "String"),
        "dynamic_batching_config": _config_column("dynamic_batching_config", "jsonb"),
        "continuous_batching_config": _config_column("continuous_batching_config", "jsonb"),
        "openai": _config_column("openai", "jsonb"),
    },
    one={"model": ("model", lambda source, row: source.world.versions[row.row.model_version_id])},
    many={"deployment_model_configs": ("deployment_model_configs", _ties_of_config)},
)
FILES: Table = make_table(
    "file",
    lambda source: (File(version) for version in source.world.versions.values()),
    "",
    columns={
        "filename": ("String", lambda _, row: f"{row.version.uuid}/{row.version.file_name}"),
        "sha": ("String", lambda _, row: row.version.sha),
        "size": ("bigint", lambda _, row: row.version.size),
    },
    one={"model": ("model", lambda _, row: row.version)},
)
MODEL_TABLES = (WORKSPACE, *USER_TABLES, MODELS, VERSIONS, CONFIGS, FILES)
