"""The data of the vendor's Model Management guide, to the letter: workspace 10 and its models 14 and 15.

Beside them model 3 of the vendor's first tutorial, whose config 20 belongs to version 6.
"""

from datetime import datetime
from typing import NamedTuple

from .deployments import Deployment, Pipeline, PipelineVersion, Tie
from .schemas import PYTORCH_INPUT, PYTORCH_OUTPUT
from .world import Build, Config, Model, Version, Workspace, World

SHA_A = "792db9ee9f41aded3c1d4705f50ccdedd21cafb8b6232c03e4a849b6da1050a8"
SHA_B = "bc85ce596945f876256f41515c7501c399fd97ebcb9ab3dd41bf03f8937b4507"
SIZES = {SHA_A: 86_028, SHA_B: 1_928}
MLFLOW_IMAGE = "proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/mlflow-deploy:v2023.4.0-4103"
AUTHOR = "b030ff9c-41eb-49b4-afdf-2ccbecb6be5d"
REASON = "Model failed to load: the file takes 2 inputs, the schema names 1"


class Row(NamedTuple):
    """A version; days and times are UTC."""

    id: int
    model_id: int
    uuid: str
    sha: str
    day: str
    created: str
    updated: str
    config_ids: tuple[int, ...]
    error: str | None = None
    file_name: str = "ccfraud.onnx"
    image_path: str | None = None


# Id, name, created.
WORKSPACES = (
    (4, "ccfraud-quickstart", "2023-10-30T14:02:11.480922+00:00"),
    (10, "api-tutorial", "2023-11-29T16:23:38.742913+00:00"),
)
# Id, workspace, name, created, updated.
MODELS = (
    (3, 4, "ccfraud-model", "2023-10-30T14:05:37.121053+00:00", "2023-10-30T14:21:02.66713+00:00"),
    (14, 10, "api-sample-model", "2023-11-29T16:26:06.011817+00:00", "2023-11-29T16:26:06.011817+00:00"),
    (15, 10, "api-upload-pytorch-multi-io",
     "2023-11-29T16:30:53.716526+00:00", "2023-11-29T18:20:39.610964+00:00"),
)  # fmt: skip
# The last change of each puts model 15's versions into the guide's order: 19, 17, 15, 18, 16.
VERSIONS = (
    Row(3, 3, "7f7e6c0d-1b4a-4d5a-9b29-61c2a1a1c0de", SHA_B,
        "2023-10-30", "14:05:37.121053", "14:05:37.121053", (12, 35)),
    Row(6, 3, "f9f53a1e-6c36-4b1c-8b6f-0d6d8be0b8a4", SHA_B,
        "2023-10-30", "14:21:02.66713", "14:21:02.66713", (15, 20)),
    Row(14, 14, "0ed2ef5f-1b31-4b37-8f40-2f8b2a0a3d0b", SHA_B,
        "2023-11-29", "16:26:06.011817", "16:26:06.011817", (24,)),
    Row(15, 15, "a6762893-be27-4142-ba09-4ce1b87b74a8", SHA_A,
        "2023-11-29", "16:30:53.716526", "17:44:55.904117", (25,), "", "api-upload-pytorch-multi-io"),
    Row(16, 15, "9150b046-5df0-4c41-a60b-3016355f89d5", SHA_B,
        "2023-11-29", "16:44:12.380561", "16:44:12.380561", (26,), image_path=MLFLOW_IMAGE),
    Row(17, 15, "ce648f2a-faee-4c8d-8a7b-e2789f3ab919", SHA_B,
        "2023-11-29", "16:58:27.70419", "18:02:16.530077", (27,), "null"),
    Row(18, 15, "0f96fae1-8ebc-41d8-a11d-3eaa3bc26526", SHA_B,
        "2023-11-29", "17:31:40.118242", "17:31:40.118242", (28,), "null"),
    Row(19, 15, "271875ae-92ee-4137-b54f-c2ce1e88121c", SHA_A,
        "2023-11-29", "18:20:39.610964", "18:20:39.610964", (29,), REASON,
        "model-auto-conversion_pytorch_multi_io_model.pt"),
)  # fmt: skip


class PipelineRow(NamedTuple):
    """A pipeline of one step, with one version and its deployment."""

    workspace_id: int
    name: str
    version_id: int
    config_id: int
    deployed: bool
    uuid: str
    created: str
    updated: str


PIPELINES = (
    PipelineRow(4, "ccfraud-pipeline", 6, 15, True, "1f9d2f0c-52b4-4c39-a0e1-7a6a3f0f5b11",
                "2023-10-30T14:25:40.90321+00:00", "2023-10-30T14:26:03.118805+00:00"),
    PipelineRow(10, "api-sample-pipeline", 16, 26, False, "6b1e64f2-9c0d-4f53-8a57-0de5b8a7c942",
                "2023-11-29T18:40:12.340117+00:00", "2023-11-29T19:02:55.70093+00:00"),
)  # fmt: skip
"""The first runs a config that is older than the version's newest; the second ran once and does not now."""


def add_guide(world: World) -> None:
    """Add the guide's data to a world that does not hold these numbers yet."""
    for number, name, created_at in WORKSPACES:
        world.add_workspace(Workspace(id=number, name=name, created_at=created_at, created_by=AUTHOR))
    for number, home, name, created_at, updated_at in MODELS:
        world.add_model(
            Model(id=number, name=name, workspace_id=home, created_at=created_at, updated_at=updated_at)
        )
    for row in VERSIONS:
        world.add_version(_version(row))
    for pipeline in PIPELINES:
        world.add_pipeline(_pipeline(world, pipeline))


def _pipeline(world: World, row: PipelineRow) -> Pipeline:
    version = world.versions[row.version_id]
    step = {"name": world.models[version.model_id].name, "version": version.uuid, "sha": version.sha}
    pipeline = Pipeline(
        id=world.next_pipeline_id(),
        name=row.name,
        workspace_id=row.workspace_id,
        created_at=row.created,
        updated_at=row.updated,
    )
    state = PipelineVersion(
        id=world.next_pipeline_version_id(),
        uuid=row.uuid,
        pipeline_id=pipeline.id,
        definition={"id": row.name, "steps": [{"ModelInference": {"models": [step]}}]},
        created_at=row.updated,
        created_by="author@example.com",
        created_on_version="2023.4.0",
    )
    pipeline.versions.append(state)
    pipeline.deployment = Deployment(
        id=world.next_deployment_id(),
        name=row.name,
        pipeline_id=pipeline.id,
        pipeline_version_id=state.id,
        deployed=row.deployed,
        engine_config={"engine": {"cpu": 1}, "enginelb": {}, "engineAux": {"images": {}}},
        created_at=row.created,
        updated_at=row.updated,
        updated_by="author@example.com",
    )
    pipeline.deployment.ties.append(
        Tie(
            id=world.next_tie_id(),
            deployment_id=pipeline.deployment.id,
            config_id=row.config_id,
            version_id=row.version_id,
            pipeline_version_id=state.id,
        )
    )
    return pipeline


def _version(row: Row) -> Version:
    created_at = f"{row.day}T{row.created}+00:00"
    framework, runtime = ("pytorch", "flight") if row.model_id == 15 else ("onnx", "onnx")
    inputs, outputs = (PYTORCH_INPUT.base64, PYTORCH_OUTPUT.base64) if row.model_id == 15 else (None, None)
    return Version(
        id=row.id,
        model_id=row.model_id,
        uuid=row.uuid,
        sha=row.sha,
        file_name=row.file_name,
        size=SIZES[row.sha],
        build=Build(datetime.fromisoformat(created_at), outcome="ready" if row.error is None else "error"),
        configs=[
            Config(
                id=id, model_version_id=row.id, runtime=runtime, input_schema=inputs, output_schema=outputs
            )
            for id in row.config_ids
        ],
        image_path=row.image_path,
        error_summary=row.error,
        conversion={
            "framework": framework,
            "requirements": [],
            "python_version": "3.8",
            "arch": "x86",
            "accel": "none",
            "framework_config": None,
        },
        created_at=created_at,
        created_by="author@example.com",
        created_on_version="2023.4.0",
        updated_at=f"{row.day}T{row.updated}+00:00",
    )
