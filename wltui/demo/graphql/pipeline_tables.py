"""The tables of pipelines, their versions and deployments, and of tags."""

from collections.abc import Iterable

from wltui.demo.deployments import Deployment, PipelineVersion, Tie
from wltui.demo.releases import created_on

from .model_tables import StoredConfig, model_tags, pipeline_tags
from .tables import Source, Table, make_table


def _tied_config(source: Source, tie: Tie) -> StoredConfig | None:
    rows = source.world.versions[tie.version_id].configs
    return next((StoredConfig(row) for row in rows if row.id == tie.config_id), None)


def _pipeline_version_release(source: Source, version: PipelineVersion) -> str:
    return created_on(version, source.era)


def _deployments(source: Source) -> Iterable[Deployment]:
    return source.world.deployments.values()


def _deployment_of(source: Source, version: PipelineVersion) -> list[Deployment]:
    deployment = source.world.pipelines[version.pipeline_id].deployment
    return [deployment] if deployment and deployment.pipeline_version_id == version.id else []


PIPELINES: Table = make_table(
    "pipeline",
    lambda source: source.world.pipelines.values(),
    "id:bigint workspace_id:bigint owner_id:String visibility:String created_at:timestamptz "
    "updated_at:timestamptz",
    columns={"pipeline_id": ("String", lambda _, row: row.name)},
    one={
        "workspace": ("workspace", lambda source, row: source.world.workspaces[row.workspace_id]),
        "deployment": ("deployment", lambda _, row: row.deployment),
    },
    many={
        "pipeline_versions": ("pipeline_version", lambda _, row: row.versions),
        "pipeline_tags": ("pipeline_tag", lambda source, row: source.pipeline_tags.get(row.id, [])),
    },
    find=lambda source, key: source.world.pipelines.get(key),
)
PIPELINE_VERSIONS: Table = make_table(
    "pipeline_version",
    lambda source: source.world.pipeline_versions.values(),
    "id:bigint definition:jsonb created_at:timestamptz created_by:String",
    columns={
        "version": ("uuid", lambda _, row: row.uuid),
        "pipeline_pk_id": ("bigint", lambda _, row: row.pipeline_id),
        "updated_at": ("timestamptz", lambda _, row: row.created_at),
        "created_on_version": ("String", _pipeline_version_release),
    },
    one={"pipeline": ("pipeline", lambda source, row: source.world.pipelines[row.pipeline_id])},
    many={
        "deployment_pipeline_versions": ("deployment_pipeline_version", _deployment_of),
        "deployment_model_configs": (
            "deployment_model_configs",
            lambda source, row: [tie for each in _deployment_of(source, row) for tie in each.ties],
        ),
        "pipeline_publishes": ("pipeline_publish", lambda _, row: []),
    },
    find=lambda source, key: source.world.pipeline_versions.get(key),
)
DEPLOYMENTS = [
    make_table(
        "deployment",
        _deployments,
        "id:bigint deployed:Boolean pipeline_id:bigint engine_config:jsonb limit_status:String "
        "created_at:timestamptz updated_at:timestamptz updated_by:String",
        columns={
            "deploy_id": ("String", lambda _, row: row.name),
            "node_selector": ("String", lambda _, row: None),
        },
        one={"pipeline": ("pipeline", lambda source, row: source.world.pipelines[row.pipeline_id])},
        many={
            "deployment_model_configs": ("deployment_model_configs", lambda _, row: row.ties),
            "deployment_pipeline_versions": ("deployment_pipeline_version", lambda _, row: [row]),
        },
        find=lambda source, key: source.world.deployments.get(key),
    ),
    make_table(
        "deployment_model_configs",
        lambda source: source.world.ties.values(),
        "id:bigint deployment_id:bigint",
        columns={
            "model_config_id": ("bigint", lambda _, row: row.config_id),
            "pipeline_version_pk_id": ("bigint", lambda _, row: row.pipeline_version_id),
        },
        one={
            "model_config": ("model_config", _tied_config),
            "deployment": ("deployment", lambda source, row: source.world.deployments[row.deployment_id]),
            "pipeline_version": (
                "pipeline_version",
                lambda source, row: source.world.pipeline_versions[row.pipeline_version_id],
            ),
        },
        find=lambda source, key: source.world.ties.get(key),
    ),
    make_table(
        "deployment_pipeline_version",
        _deployments,
        "id:bigint created_at:timestamptz updated_at:timestamptz",
        columns={
            "deployment_id": ("bigint", lambda _, row: row.id),
            "pipeline_version_pk_id": ("bigint", lambda _, row: row.pipeline_version_id),
        },
        one={
            "deployment": ("deployment", lambda _, row: row),
            "pipeline_version": (
                "pipeline_version",
                lambda source, row: source.world.pipeline_versions[row.pipeline_version_id],
            ),
        },
        find=lambda source, key: source.world.deployments.get(key),
    ),
    make_table(
        "pipeline_publish",
        lambda _: (),
        "id:bigint pipeline_version_id:bigint status:String error:String pipeline_url:String engine_url:String "
        "chart_url:String engine_config:jsonb user_images:jsonb created_at:timestamptz created_by:String "
        "updated_at:timestamptz created_on_version:String",
        one={"pipeline_version": ("pipeline_version", lambda _, row: None)},
    ),
]
TAGS = [
    make_table(
        "tag",
        lambda source: source.world.tags.values(),
        "id:bigint",
        columns={"tag": ("String", lambda _, row: row.text)},
        many={
            "model_tags": (
                "model_tag",
                lambda source, row: [each for each in model_tags(source) if each.tag is row],
            ),
            "pipeline_tags": (
                "pipeline_tag",
                lambda source, row: [each for each in pipeline_tags(source) if each.tag is row],
            ),
        },
        find=lambda source, key: source.world.tags.get(key),
    ),
    make_table(
        "model_tag",
        model_tags,
        "id:bigint",
        columns={
            "model_id": ("bigint", lambda _, row: row.key),
            "tag_id": ("bigint", lambda _, row: row.tag.id),
        },
        one={
            "tag": ("tag", lambda _, row: row.tag),
            "model": ("model", lambda source, row: source.world.versions.get(row.key)),
        },
    ),
    make_table(
        "pipeline_tag",
        pipeline_tags,
        "id:bigint",
        columns={
            "pipeline_pk_id": ("bigint", lambda _, row: row.key),
            "tag_pk_id": ("bigint", lambda _, row: row.tag.id),
        },
        one={
            "tag": ("tag", lambda _, row: row.tag),
            "pipeline": ("pipeline", lambda source, row: source.world.pipelines.get(row.key)),
        },
    ),
]
PIPELINE_TABLES = (PIPELINES, PIPELINE_VERSIONS, *DEPLOYMENTS, *TAGS)
