"""As much of ``/v1/graphql`` as the vendor's SDK needs to fill in a workspace, a version or a config.

There is no query engine: a query is told by the root field that it names, and answered with all that is known.
The schema exists because the SDK checks its queries against it; its leaves are all of one scalar type.
"""

import re
from collections.abc import Callable
from datetime import datetime

import msgspec

from .releases import Era, created_on
from .world import Json, Version, World

SCALARS = ("String", "Int", "Boolean", "bigint", "jsonb")
OBJECTS = {
    "query_root": "workspace_by_pk:workspace user_default_workspace:[user_default_workspace] model_by_pk:model "
    "model:[model] model_config_by_pk:model_config",
    "user_default_workspace": "workspace:workspace",
    "workspace": "id name archived created_at created_by users:[workspace_users] models:[models] pipelines:[pipeline]",
    "workspace_users": "user_id user_type",
    "pipeline": "id pipeline_id",
    "models": "id name created_at updated_at owner_id workspace:workspace models:[model]",
    "model": "id model_id model_version models_pk_id sha status error_summary file_name image_path created_at "
    "updated_at created_on_version visibility owner_id conversion model_tags:[model_tag] model:models",
    "model_tag": "tag:tag",
    "tag": "id tag",
    "model_config": "id runtime tensor_fields filter_threshold input_schema output_schema batch_config "
    "dynamic_batching_config continuous_batching_config openai model:model",
}
"""Fields by type; what follows a colon is a field's own type, in brackets where there are many."""
ARGUMENTS = {"id": "bigint", "where": "jsonb", "order_by": "jsonb", "limit": "Int", "path": "String"}


class Query(msgspec.Struct):
    """A request's body."""

    query: str
    variables: Json | None = None


class GraphQL:
    """Answers the SDK's own queries, and no others."""

    def __init__(self, world: World, clock: Callable[[], datetime], era: Era) -> None:
        self._world, self._clock = world, clock
        self._era: Era = era
        self._roots: dict[str, Callable[[Query], object]] = {
            "__schema": lambda _: _schema(),
            "workspace_by_pk": lambda query: self._workspace(_number(query)),
            "user_default_workspace": lambda _: [{"workspace": self._workspace(min(self._world.workspaces))}],
            "model_by_pk": lambda query: self._version(self._world.versions.get(_number(query))),
            "model_config_by_pk": lambda query: self._config(_number(query)),
            "model": self._versions_named,
        }

    def answer(self, body: bytes) -> Json:
        """The answer's body. An unknown query is answered with ``errors``, as GraphQL does, not with a status."""
        try:
            query = msgspec.json.decode(body, type=Query)
        except msgspec.DecodeError as error:
            return {"errors": [{"message": str(error)}]}
        root = re.search(r"\{\s*(\w+)", query.query[query.query.find("{") :])
        if root is None or root[1] not in self._roots:
            return {"errors": [{"message": f"field '{root and root[1]}' not found in type: 'query_root'"}]}
        return {"data": {root[1]: self._roots[root[1]](query)}}

    def _workspace(self, number: int) -> Json | None:
        workspace = self._world.workspaces.get(number)
        if workspace is None:
            return None
        return {
            "id": workspace.id,
            "name": workspace.name,
            "archived": workspace.archived,
            "created_at": workspace.created_at,
            "created_by": workspace.created_by,
            "users": [{"user_id": workspace.created_by, "user_type": "OWNER"}],
            "models": [
                {"id": model.id, "models": [{"id": version.id} for version in model.versions]}
                for model in workspace.models
            ],
            "pipelines": [{"id": pipeline} for pipeline in workspace.pipelines],
        }

    def _version(self, version: Version | None) -> Json | None:
        if version is None:
            return None
        model = self._world.models[version.model_id]
        workspace = self._world.workspaces[model.workspace_id]
        status = version.build.status(self._clock())
        conversion = version.conversion or {}
        return {
            "id": version.id,
            "model_id": model.name,
            "model_version": version.uuid,
            "models_pk_id": model.id,
            "sha": version.sha,
            "status": status,
            "error_summary": version.error_summary,
            "file_name": version.file_name,
            "image_path": version.image_path if status == "ready" else None,
            "created_at": version.created_at,
            "updated_at": version.updated_at,
            "created_on_version": created_on(version, self._era),
            "visibility": version.visibility,
            "arch": conversion.get("arch"),
            "accel": conversion.get("accel"),
            "model_tags": [],
            "model": {"workspace": {"id": workspace.id, "name": workspace.name}},
        }

    def _config(self, number: int) -> Json | None:
        for version in self._world.versions.values():
            for config in version.configs:
                if config.id == number:
                    return {**msgspec.structs.asdict(config), "model": {"id": version.id}}
        return None

    def _versions_named(self, query: Query) -> list[Json | None]:
        wanted = query.variables or {}
        return [
            self._version(version)
            for model in self._world.by_name.get(str(wanted.get("model_id")), [])
            for version in reversed(model.versions)
            if wanted.get("model_version") in (None, version.uuid)
        ]


def _number(query: Query) -> int:
    """The id that is asked for: the one variable, or written into the query."""
    written = re.search(r"id:\s*(\d+)", query.query)
    if written:
        return int(written[1])
    return next((value for value in (query.variables or {}).values() if isinstance(value, int)), 0)


def _schema() -> Json:
    scalars = [{"kind": "SCALAR", "name": name} for name in SCALARS]
    objects = [
        {
            "kind": "OBJECT",
            "name": name,
            "fields": [_field(*field.partition(":")[::2]) for field in fields.split()],
            "interfaces": [],
        }
        for name, fields in OBJECTS.items()
    ]
    return {"queryType": {"name": "query_root"}, "types": [*scalars, *objects], "directives": []}


def _field(name: str, kind: str) -> Json:
    inner = {"kind": "OBJECT", "name": kind.strip("[]")} if kind else {"kind": "SCALAR", "name": "jsonb"}
    return {
        "name": name,
        "args": [
            {"name": each, "type": {"kind": "SCALAR", "name": type}} for each, type in ARGUMENTS.items()
        ],
        "type": {"kind": "LIST", "ofType": inner} if kind.startswith("[") else inner,
        "isDeprecated": False,
    }
