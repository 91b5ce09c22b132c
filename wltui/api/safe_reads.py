"""Build the call for a path and JSON that a user gave, if it is known to change nothing.

Names do not say it: ``workspaces/validate`` runs a migration, and ``pipelines/create`` makes a version of what is
there. So only the calls in :data:`SAFE_READS` are sent, and of GraphQL only queries.
"""

import difflib
from collections.abc import Mapping

import msgspec
from msgspec import Raw

from wltui.core.errors import ReadOnlyMode, UsageError

from .calls import Call
from .graphql import PATH as GRAPHQL
from .graphql import check_query
from .lenient import decode

SAFE_READS: Mapping[str, str] = {
    "workspaces/list": "",
    "workspaces/list_users": "workspace_id",
    "users/query": "user_ids",
    "models/list": "workspace_id; without it all",
    "models/get": "id of a model",
    "models/get_by_id": "id of a model",
    "models/list_versions": "model_id (a name), models_pk_id (an id)",
    "models/list_versions_for_model": "model_id (a name), workspace_id",
    "models/get_version_by_id": "model_version_id",
    "models/get_model_version_by_id": "model_version_id; the other name of that",
    "models/get_config_by_id": "model_id (of a version!)",
    "models/get_upload_logs": "model_version_id, lines",
    "pipelines/list_pipelines": "workspace_id",
    "pipelines/list_pipeline_versions": "pipeline_id (a name), workspace_id",
    "pipelines/get_pipeline_by_name": "pipeline_name, workspace_id",
    "pipelines/get_version": "version (a UUID)",
    "pipelines/list_publishes_for_pipeline": "pipeline_id",
    "pipelines/get_sidekick_pods_history": "pipeline_name, workspace_id",
    "pipelines/get_sidekick_pod_logs": "pipeline_, workspace_ and sidekick_name",
    "status/get_deployment": "name (PIPELINE-ID, of the deployment)",
    "admin/get_pipeline_external_url": "workspace_id, pipeline_name",
    "features/list": "",
}
"""The calls that change nothing, and what they take."""
_PREFIX = "v1/api/"
_OF_GRAPHQL = frozenset({"query", "variables", "operationName"})


def read_call(path: str, body: bytes) -> Call[bytes]:
    """Return the call for a path, such as ``models/list`` or ``/v1/graphql``; its answer is the body as received.

    The JSON is sent as it was understood here, since keys that occur twice could be read otherwise by a server.

    Raises:
        UsageError: the body is no JSON object.
        ReadOnlyMode: the call is not known to change nothing.
    """
    name = path.strip().strip("/").removeprefix(_PREFIX)
    fields = _decode_object(body)
    if name in ("graphql", GRAPHQL.strip("/")):
        call = _call(GRAPHQL, fields, "The query")
        check_query(call)
        if unknown := sorted(fields.keys() - _OF_GRAPHQL):
            raise ReadOnlyMode(
                "The query was not sent", f"wltui does not know what {unknown[0]!r} in it does"
            )
        return call
    if name not in SAFE_READS:
        near = difflib.get_close_matches(name, SAFE_READS, n=1, cutoff=0.8)
        advice = f"Did you mean {near[0]}?" if near else "See wltui api --help for those that are"
        raise ReadOnlyMode(f"{name} was not sent", "it is not known to change nothing", advice)
    return _call(name, fields, f"The answer of {name}")


def _call(path: str, fields: Mapping[str, object], what: str) -> Call[bytes]:
    def read(answer: bytes, before: bytes | None) -> bytes:
        decode(answer, Raw, what=f"{what} could not be read", endpoint=path)  # it may be a gateway's page
        return answer

    return Call(path, fields, read, what)


def _decode_object(body: bytes) -> dict[str, object]:
    try:
        return msgspec.json.decode(body, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UsageError(
            "The body is not a JSON object", str(error), "Write it such as '{\"workspace_id\": 1}'"
        ) from None
