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
    """The body of ``models/insert_model_config``; what is left out is null in the new row."""

    model_version_id: int
    tensor_fields: list[str] | None = None
    filter_threshold: float | None = None
    input_schema: str | None = None
    output_schema: str | None = None
    batch_config: str | None = None
    dynamic_batching_config: Json | None = None
    continuous_batching_config: Json | None = None
    openai_config: Json | None = None
