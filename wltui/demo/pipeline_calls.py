"""The calls about pipelines and deployments below ``/v1/api``. Nothing deploys or undeploys."""

import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

import msgspec

from .deployment_status import SCENES, build_status, needs_container, sidekick_name
from .deployments import Deployment, Json, Pipeline, PipelineVersion
from .keycloak import DEMO
from .refusals import RefusalError
from .releases import Era, created_on
from .requests import (
    DeploymentKey,
    NewPipeline,
    PipelineKey,
    PipelineNameKey,
    PipelineUrlKey,
    PipelineVersionKey,
    PublishesKey,
    SidekickKey,
    SidekickLogsKey,
    TopicKey,
    WorkspaceFilter,
)
from .world import Workspace, World, random_uuid, stamp

Handlers = dict[str, tuple[type[msgspec.Struct], Callable[[Any], object]]]
CRASHES = (
    "Loading the artifacts of the model",
    "Traceback (most recent call last):",
    '  File "/app/serve.py", line 41, in main',
    "MemoryError: the container may use 1Gi",
)


class PipelineCalls:
    """Answers these calls from a world's data."""

    def __init__(self, world: World, clock: Callable[[], datetime], era: Era) -> None:
        self._world, self._clock = world, clock
        self._era: Era = era

    def handlers(self) -> Handlers:
        """Return the calls that the release has."""
        calls: Handlers = {
            "status/get_deployment": (DeploymentKey, self._status),
            "admin/get_pipeline_external_url": (PipelineUrlKey, self._url),
            "plateau/get_topic_name": (TopicKey, self._topic),
            "pipelines/create": (NewPipeline, self._create),
            "pipelines/get_version": (PipelineVersionKey, self._version),
            "pipelines/list_publishes_for_pipeline": (PublishesKey, self._publishes),
        }
        if self._era >= "2025.1":
            calls |= {
                "pipelines/list_pipelines": (WorkspaceFilter, self._list),
                "pipelines/list_pipeline_versions": (PipelineKey, self._list_versions),
            }
        if self._era >= "2026.1":
            calls |= {
                "pipelines/get_pipeline_by_name": (PipelineNameKey, self._by_name),
                "pipelines/get_sidekick_pods_history": (SidekickKey, self._pods),
                "pipelines/get_sidekick_pod_logs": (SidekickLogsKey, self._pod_logs),
            }
        return calls

    def _list(self, query: WorkspaceFilter) -> object:
        return {
            "pipelines": [
                self._item(pipeline, pipeline.versions[-1])
                for workspace in self._world.workspaces.values()
                if query.workspace_id in (None, workspace.id)
                and query.workspace_name in (None, workspace.name)
                for pipeline in workspace.pipelines
            ]
        }

    def _list_versions(self, query: PipelineKey) -> object:
        found = self._named(query.pipeline_id, query.workspace_id)
        return {
            "pipeline_versions": [
                self._item(pipeline, version) for pipeline in found for version in pipeline.versions
            ]
        }

    def _by_name(self, query: PipelineNameKey) -> object:
        for pipeline in self._named(query.pipeline_name, query.workspace_id):
            item = self._item(pipeline, pipeline.versions[-1])
            return {key: item[key] for key in ("pipeline", "plateau_topic", "workspace")}
        raise RefusalError(404, "Pipeline not found")

    def _named(self, name: str, workspace_id: int) -> Iterable[Pipeline]:
        workspace = self._world.workspaces.get(workspace_id)
        return [each for each in (workspace.pipelines if workspace else ()) if each.name == name]

    def _item(self, pipeline: Pipeline, version: PipelineVersion) -> Json:
        workspace = self._world.workspaces[pipeline.workspace_id]
        item = {
            "pipeline": {
                "id": pipeline.id,
                "name": pipeline.name,
                "created_at": pipeline.created_at,
                "updated_at": pipeline.updated_at,
            },
            "plateau_topic": topic_name(pipeline),
            "workspace": nested_workspace(workspace),
            "deployment": self._deployment(pipeline.deployment),
            "pipeline_version": {
                "id": str(version.id),
                "workspace_id": pipeline.workspace_id,
                "version": version.uuid,
                "steps": version.definition["steps"],
                "created_at": version.created_at,
                "created_by": version.created_by,
                "created_on_version": created_on(version, self._era),
            },
        }
        if self._era < "2025.2":
            del item["plateau_topic"]
        return item

    @staticmethod
    def _deployment(deployment: Deployment | None) -> Json | None:
        if deployment is None:
            return None
        return {
            "id": deployment.id,
            "deploy_id": deployment.name,
            "deployed": deployment.deployed,
            "engine_config": deployment.engine_config,
            "limit_status": deployment.limit_status,
            "node_selector": None,
            "created_at": deployment.created_at,
            "updated_at": deployment.updated_at,
            "updated_by": deployment.updated_by,
        }

    def _version(self, query: PipelineVersionKey) -> object:
        for version in self._world.pipeline_versions.values():
            if version.uuid == query.version:
                pipeline = self._world.pipelines[version.pipeline_id]
                return {
                    "pipeline_id": pipeline.name,
                    "version": version.uuid,
                    "definition": version.definition,
                }
        raise RefusalError(400, "The provided pipeline version was not found.")

    def _create(self, query: NewPipeline) -> object:
        """Add a version, to the pipeline of that name if the workspace has one."""
        world, now = self._world, stamp(self._clock())
        if query.workspace_id not in world.workspaces:
            raise RefusalError(500, "Internal Server Error: GraphQL Returned error: Foreign key violation.")
        found = next(iter(self._named(query.pipeline_id, query.workspace_id)), None)
        pipeline = found or Pipeline(
            id=world.next_pipeline_id(),
            name=query.pipeline_id,
            workspace_id=query.workspace_id,
            created_at=now,
            updated_at=now,
        )
        number = world.next_pipeline_version_id()
        version = PipelineVersion(
            id=number,
            uuid=random_uuid(world.random(number)),
            pipeline_id=pipeline.id,
            definition={"steps": [], **(query.definition or {})},
            created_at=now,
            created_by=DEMO.email,
        )
        pipeline.versions.append(version)
        pipeline.updated_at = now
        world.pipeline_versions[version.id] = version
        if found is None:
            world.add_pipeline(pipeline)
        return {
            "pipeline_pk_id": pipeline.id,
            "pipeline_variant_pk_id": version.id,
            "pipeline_variant_version": version.uuid,
        }

    def _status(self, query: DeploymentKey) -> object:
        name, _, number = query.name.rpartition("-")
        deployment = self._world.deployments.get(int(number) if re.fullmatch(r"\d{1,12}", number) else 0)
        if deployment is None or deployment.name != name or not deployment.deployed:
            raise RefusalError(404, "Deployment not found")
        return build_status(self._world, deployment, self._era)

    def _url(self, query: PipelineUrlKey) -> object:
        for pipeline in self._named(query.pipeline_name, query.workspace_id):
            if pipeline.deployment and pipeline.deployment.deployed:
                place = f"{pipeline.name}-{pipeline.deployment.id}/{pipeline.name}"
                return {"url": f"https://wallaroo.example.com/v1/api/pipelines/infer/{place}"}
        raise RefusalError(404, "Pipeline not found")

    def _topic(self, query: TopicKey) -> object:
        if query.pipeline_pk_id not in self._world.pipelines:
            raise RefusalError(400, "The provided pipeline id was not found.")
        return {"topic_name": topic_name(self._world.pipelines[query.pipeline_pk_id])}

    @staticmethod
    def _publishes(_: PublishesKey) -> object:
        return {"publishes": [], "edges": []}

    def _pods(self, query: SidekickKey) -> object:
        """Return the containers of before: those that crashed, newest first."""
        pods: list[Json] = []
        for pipeline in self._named(query.pipeline_name, query.workspace_id):
            deployment = pipeline.deployment
            if deployment is None or SCENES.get(deployment.scene) is not SCENES["crash_loop"]:
                continue
            for step, tie in enumerate(deployment.ties):
                version = self._world.versions[tie.version_id]
                model = self._world.models[version.model_id].name
                if needs_container(self._world, tie) and query.model_id in (None, model):
                    pods += [
                        {
                            "sidekick_name": sidekick_name(self._world, tie, f"7c9f{number}-x{number}k2v"),
                            "started_at": deployment.updated_at,
                            "pipeline_model_step": f"{step}",
                            "model_sha": version.sha,
                            "model_version": version.uuid,
                        }
                        for number in (2, 1)
                    ]
        return {"pods": pods}

    def _pod_logs(self, query: SidekickLogsKey) -> object:
        if not re.fullmatch(r"engine-sidekick-.+-\d+-[\w-]+", query.sidekick_name):
            raise RefusalError(400, "The sidekick pod was not found.")
        for limit in (query.start_datetime, query.end_datetime):
            if limit is not None and not limit.endswith("Z"):
                raise RefusalError(400, "Datetimes need to be in UTC and end in Z.")
        return {"logs": list(reversed(CRASHES))[: query.limit]}


def topic_name(pipeline: Pipeline) -> str:
    """Return the topic that holds a pipeline's inference logs."""
    return f"workspace-{pipeline.workspace_id}-pipeline-{pipeline.name}-inference"


def nested_workspace(workspace: Workspace) -> Json:
    """Return a workspace as it comes with its models and pipelines."""
    return {
        "id": workspace.id,
        "name": workspace.name,
        "created_by": workspace.created_by,
        "archived": workspace.archived,
        "created_at": workspace.created_at,
        "group_id": None,
    }
