"""The calls of the vendor's SDK (``wallaroo``): modules of its generated client, and classes of bodies.

``models/get_version_by_id`` is missing: the generated client has it by its other path.
"""

from collections.abc import Sequence

from msgspec import Struct

SDK_VERSION = "2026.1.3"


class SdkCall(Struct, frozen=True):
    """A function of the generated client."""

    group: str
    """The package below ``api`` that has the module."""
    function: str
    """The module, which has the functions ``sync`` and ``sync_detailed``."""
    body: str
    """The class of its body, in ``models``."""


_CALLS = {
    "models/get": SdkCall("model", "models_get", "ModelsGetBody"),
    "models/get_by_id": SdkCall("model", "v1_model_get_model_by_id", "V1ModelGetModelByIdBody"),
    "models/get_config_by_id": SdkCall("model", "v1_model_get_config", "V1ModelGetConfigBody"),
    "models/get_model_version_by_id": SdkCall("model", "get_model_version_by_id", "GetModelByIdRequest"),
    "models/get_upload_logs": SdkCall("model", "get_upload_logs", "UploadLogsRequest"),
    "models/insert_model_config": SdkCall("model", "insert_model_config", "InsertModelConfigRequest"),
    "models/list": SdkCall("model", "list_models", "ListModelsRequest"),
    "models/list_versions": SdkCall("model", "models_list_versions", "ModelsListVersionsBody"),
    "models/list_versions_for_model": SdkCall("model", "list_versions_for_model", "ListModelVersionsRequest"),
    "pipelines/get_pipeline_by_name": SdkCall("pipelines", "get_pipeline_by_name", "GetPipelineByNameBody"),
    "pipelines/get_version": SdkCall("pipelines", "pipelines_get_version", "PipelinesGetVersionBody"),
    "pipelines/list_pipeline_versions": SdkCall(
        "pipelines", "list_pipeline_versions", "ListPipelineVersionsBody"
    ),
    "pipelines/list_pipelines": SdkCall("pipelines", "list_pipelines", "ListPipelinesBody"),
    "status/get_deployment": SdkCall("misc", "status_get_deployment", "StatusGetDeploymentBody"),
    "users/query": SdkCall("user", "users_query", "UsersQueryBody"),
    "workspaces/list": SdkCall("workspace", "workspaces_list", "WorkspacesListBody"),
    "workspaces/list_users": SdkCall("workspace", "workspaces_list_users", "WorkspacesListUsersBody"),
}
_UPLOADS = {
    "models/upload": SdkCall("model", "models_upload", "UploadPayloadDoc"),
    "models/upload_and_convert": SdkCall("model", "models_upload_and_convert", "UploadPayloadDoc"),
}


def sdk_upload_call(route: str) -> SdkCall:
    """Return the SDK's function for a route of uploads, whose body is a file and not JSON alone."""
    return _UPLOADS[route]


def sdk_call(paths: Sequence[str]) -> SdkCall | None:
    """Return the SDK's function for the first path that it has one for; None if it has none."""
    return next((_CALLS[path] for path in paths if path in _CALLS), None)
