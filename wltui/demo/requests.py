"""The bodies of the calls below ``/v1/api``."""

import msgspec

from .world import Json


class WorkspaceFilter(msgspec.Struct):
    """The body of ``models/list``. Without either key: everything."""

    workspace_id: int | None = None
    workspace_name: str | None = None


class ModelKey(msgspec.Struct):
    """The body of ``models/get`` and ``models/get_by_id``: a model's id."""

    id: int


class VersionsKey(msgspec.Struct):
    """The body of ``models/list_versions``: a model's name, its id, or both."""

    model_id: str | None = None
    models_pk_id: int | None = None


class NameKey(msgspec.Struct):
    """The body of ``models/list_versions_for_model``: a model's name."""

    model_id: str
    workspace_id: int


class ConfigKey(msgspec.Struct):
    """The body of ``models/get_config_by_id``; a *version's* id, whatever it is called."""

    model_id: int


class VersionKey(msgspec.Struct):
    """The body of ``models/get_version_by_id``."""

    model_version_id: int


class LogsKey(msgspec.Struct):
    """The body of ``models/get_upload_logs``. ``lines``: only so many, of the newest."""

    model_version_id: int
    lines: int | None = None


class NewConfig(msgspec.Struct):
    """The body of ``models/insert_model_config``; a field that is left out is null in the new row."""

    model_version_id: int
    tensor_fields: list[str] | None = None
    filter_threshold: float | None = None
    input_schema: str | None = None
    output_schema: str | None = None
    batch_config: str | None = None
    dynamic_batching_config: Json | None = None
    continuous_batching_config: Json | None = None
    openai_config: Json | None = None


class DeploymentKey(msgspec.Struct):
    """The body of ``status/get_deployment``: ``<deploy_id>-<deployment id>``."""

    name: str


class PipelineKey(msgspec.Struct):
    """The body of ``pipelines/list_pipeline_versions``; ``pipeline_id`` is a name."""

    pipeline_id: str
    workspace_id: int


class PipelineNameKey(msgspec.Struct):
    """The body of ``pipelines/get_pipeline_by_name``."""

    pipeline_name: str
    workspace_id: int


class PipelineVersionKey(msgspec.Struct):
    """The body of ``pipelines/get_version``: a UUID."""

    version: str


class NewPipeline(msgspec.Struct):
    """The body of ``pipelines/create``; ``pipeline_id`` is a name."""

    pipeline_id: str
    workspace_id: int
    definition: Json | None = None


class PipelineUrlKey(msgspec.Struct):
    """The body of ``admin/get_pipeline_external_url``."""

    workspace_id: int
    pipeline_name: str


class PublishesKey(msgspec.Struct):
    """The body of ``pipelines/list_publishes_for_pipeline``."""

    pipeline_id: int | None = None
    workspace_id: int | None = None


class TopicKey(msgspec.Struct):
    """The body of ``plateau/get_topic_name``: a pipeline's id."""

    pipeline_pk_id: int


class SidekickKey(msgspec.Struct):
    """The body of ``pipelines/get_sidekick_pods_history``; ``model_id`` is a name."""

    pipeline_name: str
    workspace_id: int
    model_id: str | None = None


class SidekickLogsKey(msgspec.Struct):
    """The body of ``pipelines/get_sidekick_pod_logs``."""

    pipeline_name: str
    workspace_name: str
    sidekick_name: str
    limit: int = 100
    start_datetime: str | None = None
    end_datetime: str | None = None


class WorkspaceKey(msgspec.Struct):
    """The body of ``workspaces/list_users``."""

    workspace_id: int


class NewWorkspace(msgspec.Struct):
    """The body of ``workspaces/create``."""

    workspace_name: str


class UsersFilter(msgspec.Struct):
    """The body of ``users/query``; without ids: everybody."""

    user_ids: list[str] | None = None
