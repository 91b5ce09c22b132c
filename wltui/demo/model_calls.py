"""The calls about models, their versions and configs below ``/v1/api``."""

from collections.abc import Callable, Iterable
from datetime import datetime

from .pipeline_calls import Handlers, nested_workspace
from .refusals import RefusalError
from .releases import Era, created_on, inserted_row, short_row, whole_row
from .requests import (
    ConfigKey,
    LogsKey,
    ModelKey,
    NameKey,
    NewConfig,
    VersionKey,
    VersionsKey,
    WorkspaceFilter,
)
from .world import Config, Json, Model, Version, World


class ModelCalls:
    """Answers these calls from a world's data."""

    def __init__(self, world: World, clock: Callable[[], datetime], era: Era, listed_row: int) -> None:
        self._world, self._clock = world, clock
        self._era: Era = era
        self._listed_row = listed_row
        self._flat = era == "2023.4"

    def handlers(self) -> Handlers:
        """Return the calls that the release has."""
        calls: Handlers = {
            "models/list": (WorkspaceFilter, self._list_models),
            "models/get": (ModelKey, self._get_model),
            "models/get_by_id": (ModelKey, self._get_model_by_id),
            "models/list_versions": (VersionsKey, self._list_versions),
            "models/list_versions_for_model": (NameKey, self._list_versions_for_model),
            "models/get_config_by_id": (ConfigKey, self._get_config),
            "models/insert_model_config": (NewConfig, self._insert_config),
        }
        if not self._flat:
            calls |= {
                "models/get_version_by_id": (VersionKey, self._get_version),
                "models/get_model_version_by_id": (VersionKey, self._get_version),
            }
        if self._era >= "2025.2":
            calls["models/get_upload_logs"] = (LogsKey, self._get_logs)
        return calls

    def _list_models(self, query: WorkspaceFilter) -> object:
        models = [
            model
            for workspace in self._world.workspaces.values()
            if query.workspace_id in (None, workspace.id) and query.workspace_name in (None, workspace.name)
            for model in workspace.models
        ]
        if self._flat:
            models.sort(key=lambda model: model.created_at, reverse=True)
            return {"models": [self._flat_model(model) for model in models]}
        # Rows come in the order in which they were last written, which no client should take for one by id.
        models.sort(key=lambda model: model.updated_at)
        return {"models": [self._nested_model(model) for model in models]}

    def _flat_model(self, model: Model) -> Json:
        return {
            "id": model.id,
            "name": model.name,
            "owner_id": '""',
            "created_at": model.created_at,
            "updated_at": model.updated_at,
        }

    def _nested_model(self, model: Model) -> Json:
        workspace = self._world.workspaces[model.workspace_id]
        return {
            "model": {**self._flat_model(model), "workspace_id": model.workspace_id},
            "model_versions": [self._nested_version(version) for version in reversed(model.versions)],
            "workspace": nested_workspace(workspace),
        }

    def _nested_version(self, version: Version, *, whole: bool = False) -> Json:
        """Return a version with one of its config rows, usually the first, even if it was configured again since."""
        config = version.configs[self._listed_row % len(version.configs)]
        answer = self._version_fields(version)
        if self._era < "2025.2":
            del answer["error_summary"]
        return {"model_version": answer, "config": whole_row(config, listed=not whole, era=self._era)}

    def _version_fields(self, version: Version) -> Json:
        model = self._world.models[version.model_id]
        status = version.build.status(self._clock())
        return {
            "name": model.name,
            "visibility": version.visibility,
            "workspace_id": model.workspace_id,
            "conversion": version.conversion,
            "id": version.id,
            "image_path": version.image_path if status == "ready" else None,
            "status": status,
            "task_id": version.task_id,
            "file_info": {
                "version": version.uuid,
                "sha": version.sha,
                "file_name": version.file_name,
                "size": version.size,
            },
            "created_on_version": created_on(version, self._era),
            "created_by": version.created_by,
            "created_at": version.created_at,
            "deployed": self._world.is_deployed(version),
            "error_summary": version.error_summary if status in ("ready", "error") else None,
        }

    def _flat_version(self, version: Version) -> Json:
        status = version.build.status(self._clock())
        return {
            "sha": version.sha,
            "models_pk_id": version.model_id,
            "model_version": version.uuid,
            "owner_id": '""' if self._flat else version.owner_id,
            "model_id": self._world.models[version.model_id].name,
            "id": version.id,
            "file_name": version.file_name,
            "image_path": version.image_path if status == "ready" else None,
            "status": status,
        }

    def _get_model(self, query: ModelKey) -> object:
        """Return a model, its versions by their last change, and without a status."""
        model = self._model(query.id)
        versions = [self._flat_version(version) for version in _by_change(model.versions)]
        for version in versions:
            del version["status"]
        answer = {**self._flat_model(model), "models": versions}
        if not self._flat:
            workspace = self._world.workspaces[model.workspace_id]
            answer["workspace"] = {"id": workspace.id, "name": workspace.name}
        return answer

    def _get_model_by_id(self, query: ModelKey) -> object:
        """Return a model with the config of the *version* of this number, whichever model that belongs to."""
        model = self._model(query.id)
        version = self._world.versions.get(query.id)
        return {
            "id": model.id,
            "owner_id": '""',
            "workspace_id": model.workspace_id,
            "name": model.name,
            "updated_at": model.updated_at,
            "created_at": model.created_at,
            "model_config": version and short_row(version.configs[-1]),
        }

    def _list_versions(self, query: VersionsKey) -> object:
        """Return the versions of every model that has this name *or* this id, in all workspaces."""
        models = {model.id: model for model in self._world.by_name.get(query.model_id or "", [])}
        if query.models_pk_id in self._world.models:
            models[query.models_pk_id] = self._world.models[query.models_pk_id]
        versions = [version for model in models.values() for version in model.versions]
        return [self._flat_version(version) for version in _by_change(versions)]

    def _list_versions_for_model(self, query: NameKey) -> object:
        models = [
            model
            for model in self._world.by_name.get(query.model_id, [])
            if model.workspace_id == query.workspace_id
        ]
        if self._era >= "2025.2":
            return {"models": [self._nested_model(model) for model in models]}
        return {
            "model_versions": [
                self._nested_version(version) for model in models for version in reversed(model.versions)
            ]
        }

    def _get_config(self, query: ConfigKey) -> object:
        version = self._world.versions.get(query.model_id)
        return {"model_config": version and short_row(version.configs[-1])}

    def _insert_config(self, query: NewConfig) -> object:
        version = self._world.versions.get(query.model_version_id)
        if version is None:
            raise RefusalError(
                500,
                "Internal Server Error: GraphQL Returned error: Foreign key violation. insert or update on "
                'table "model_config" violates foreign key constraint "model_config_model_version_id_fkey"',
            )
        config = Config(
            id=self._world.next_config_id(),
            model_version_id=version.id,
            runtime=version.configs[-1].runtime,
            filter_threshold=query.filter_threshold,
            tensor_fields=query.tensor_fields,
            input_schema=query.input_schema,
            output_schema=query.output_schema,
            batch_config=query.batch_config,
            dynamic_batching_config=query.dynamic_batching_config,
            continuous_batching_config=query.continuous_batching_config,
            openai=query.openai_config,
        )
        version.configs.append(config)
        return {"model_config": inserted_row(config, self._era)}

    def _get_version(self, query: VersionKey) -> object:
        return {"model_version": self._nested_version(self._version(query.model_version_id), whole=True)}

    def _get_logs(self, query: LogsKey) -> object:
        version = self._version(query.model_version_id)
        ended = version.build.status(self._clock()) in ("ready", "error")
        logs = [line.at(version.build.started) for line in version.logs] if ended else []
        return {"logs": logs if query.lines is None else logs[max(0, len(logs) - query.lines) :]}

    def _model(self, number: int) -> Model:
        try:
            return self._world.models[number]
        except KeyError:
            raise RefusalError(400, "The provided model id was not found.") from None

    def _version(self, number: int) -> Version:
        try:
            return self._world.versions[number]
        except KeyError:
            raise RefusalError(400, "The provided model version id was not found.") from None


def _by_change(versions: Iterable[Version]) -> list[Version]:
    return sorted(versions, key=lambda version: version.updated_at, reverse=True)
