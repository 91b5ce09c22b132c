# mypy: ignore-errors
"""Call the vendor's SDK and print what came of each call as one line of JSON: its answer, or its error's name.

It runs in a Python that has the SDK (``wallaroo``), and is given the base URL of an embedded Wallaroo. At the end it
makes the uploads in ``uploads.json``, and runs the programs in ``snippets.json``.
"""

import io
import json
import os
import pathlib
import sys
import zipfile

import pyarrow
import wallaroo
from wallaroo.engine_config import Acceleration, Architecture, QaicConfig
from wallaroo.framework import CustomConfig, Framework, SGLangConfig, VLLMConfig
from wallaroo.model_config import ModelConfig
from wallaroo.object import EntityNotFoundError
from wallaroo.wallaroo_ml_ops_api_client import models as bodies
from wallaroo.wallaroo_ml_ops_api_client.api.admin import admin_get_pipeline_external_url
from wallaroo.wallaroo_ml_ops_api_client.api.misc import features_list
from wallaroo.wallaroo_ml_ops_api_client.api.model import list_versions_for_model
from wallaroo.wallaroo_ml_ops_api_client.api.pipelines import (
    get_sidekick_pods_history,
    list_pipeline_versions,
    pipelines_get_version,
)
from wallaroo.wallaroo_ml_ops_api_client.api.workspace import workspaces_list_users

client = wallaroo.Client(api_endpoint=sys.argv[1], auth_type="user_password", interactive=False)
workspaces = client.list_workspaces()
SCHEMA = pyarrow.schema([("amount", pyarrow.float32())])
UUID = "9150b046-5df0-4c41-a60b-3016355f89d5"


def workspace(number):
    return client.set_current_workspace(next(each for each in workspaces if each.id() == number))


def zipped(name="model.py"):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(name, "")
    return buffer.getvalue()


def upload(name, framework, file_name, content=b"x", wait=True, **more):
    file = pathlib.Path(file_name)
    file.write_bytes(content)
    schemas = {"input_schema": SCHEMA, "output_schema": SCHEMA}
    return client.upload_model(name, file, framework=framework, convert_wait=wait, **schemas, **more)


workspace(10)
version = client.get_model("api-upload-pytorch-multi-io", UUID)
config = version.config()
uploaded = upload("sdk-upload", Framework.PYTORCH, "weights.pt")
empty = upload("sdk-empty", Framework.PYTORCH, "weights.pt", b"")
native = upload("sdk-onnx", Framework.ONNX, "m.onnx")


def later(name, framework, file_name, content=None, **more):
    content = content or (zipped() if file_name.endswith(".zip") else b"x")
    return upload(name, framework, file_name, content, wait=False, **more).config().runtime()


def upload_as_planned(framework, file, accel, accel_config, framework_config, **more):
    settings = {"custom": CustomConfig, "vllm": VLLMConfig, "sglang": SGLangConfig}
    if framework_config:
        more["framework_config"] = settings[framework](**framework_config)
    accel = Acceleration(accel)
    accel = accel.with_config(QaicConfig(**accel_config)) if accel_config else accel
    content = zipped() if file.endswith(".zip") else b"x"
    name, arch = more.pop("name"), Architecture(more.pop("arch"))
    return upload(name, Framework(framework), file, content, wait=False, accel=accel, arch=arch, **more)


def pipeline():
    workspace(4)
    return client.get_pipeline("ccfraud-pipeline")


def mlops(call, body_name, **keys):
    return call.sync(client=client.mlops(), body=getattr(bodies, body_name)(**keys))


def register():
    image = client.register_model_image("sdk-image", "example.com/image:1")
    return [image.status(), image.image_path()]


def versions_for_model():
    found = mlops(
        list_versions_for_model, "ListModelVersionsRequest", model_id="ccfraud-model", workspace_id=4
    )
    return [each.model_version.id for each in found.models[0].model_versions]


CALLS = {
    "workspaces": lambda: [[each.id(), each.name()] for each in workspaces],
    "workspaces as table": lambda: len(workspaces._repr_html_()) > 100,
    "get_workspace": lambda: client.get_workspace("ccfraud-quickstart").id(),
    "workspace.users": lambda: [user.email() for user in workspace(4).users()],
    "workspace.models": lambda: [model.name() for model in workspace(4).models()],
    "workspace.pipelines": lambda: [each.name() for each in workspace(4).pipelines()],
    "workspace.list_connections": lambda: list(workspace(4).list_connections()),
    "create_workspace": lambda: client.create_workspace("sdk-workspace").name(),
    "workspaces/list_users": lambda: len(
        mlops(workspaces_list_users, "WorkspacesListUsersBody", workspace_id=4).users
    ),
    "list_models": lambda: [[model.id(), model.name()] for model in client.list_models(workspace_id=10)],
    "list_models by name": lambda: len(client.list_models(workspace_name="api-tutorial")),
    "model.versions": lambda: [each.id() for each in client.list_models(workspace_id=4)[0].versions()],
    "model_by_name": lambda: client.model_by_name("api-upload-pytorch-multi-io", UUID).id(),
    "model_version_by_name": lambda: client.model_version_by_name("api-upload-pytorch-multi-io", UUID).id(),
    "version": lambda: [version.id(), version.status(), version.image_path(), version.arch()],
    "version as table": lambda: "9150b046" in version._repr_html_(),
    "version.workspace": lambda: version.workspace().name(),
    "config": lambda: [config.runtime(), config.tensor_fields(), config.filter_threshold()],
    "config by GraphQL": lambda: ModelConfig(client, {"id": 20}).model_version().id(),
    "configure": lambda: (
        version.configure(filter_threshold=0.1, batch_config="single").config().filter_threshold()
    ),
    "uploaded": lambda: [uploaded.status(), uploaded.config().runtime()],
    "empty": lambda: [empty.status(), empty.error_summary()],
    "logs": lambda: [line.split(" ", 3)[3] for line in empty.get_upload_logs()],
    "logs limited": lambda: len(empty.get_upload_logs(limit=1)),
    "native": lambda: [native.status(), native.config().runtime()],
    "upload tensorflow": lambda: later("sdk-tf", Framework.TENSORFLOW, "m.zip"),
    "upload sklearn": lambda: later("sdk-sk", Framework.SKLEARN, "m.pkl"),
    "upload keras": lambda: later("sdk-keras", Framework.KERAS, "m.h5"),
    "upload custom": lambda: later("sdk-custom", Framework.CUSTOM, "m.zip"),
    "upload python": lambda: later("sdk-python", Framework.PYTHON, "m.zip"),
    "upload hugging face": lambda: later("sdk-hf", Framework.HUGGING_FACE_SUMMARIZATION, "m.zip"),
    "upload vllm": lambda: later("sdk-vllm", Framework.VLLM, "m.zip"),
    "upload sglang": lambda: later("sdk-sglang", Framework.SGLANG, "m.zip"),
    "upload for arm and cuda": lambda: later(
        "sdk-arm", Framework.SKLEARN, "m.pkl", arch=Architecture.ARM, accel=Acceleration.CUDA
    ),
    "register_model_image": register,
    "upload command": lambda: (
        "upload_and_convert"
        in client.generate_upload_model_api_command(
            "http://x", "a", "m.pt", Framework.PYTORCH, SCHEMA, SCHEMA
        )
    ),
    "list_versions_for_model": versions_for_model,
    "list_pipelines": lambda: len(client.list_pipelines()) > 20,
    "list_pipelines of a workspace": lambda: [each.name() for each in client.list_pipelines(workspace_id=4)],
    "pipelines as table": lambda: "ccfraud-pipeline" in client.list_pipelines(workspace_id=4)._repr_html_(),
    "get_pipeline": lambda: pipeline().name(),
    "get_pipeline by version": lambda: client.get_pipeline(
        "ccfraud-pipeline", version=pipeline().versions()[0].name()
    ).name(),
    "pipeline as table": lambda: "ccfraud-quickstart" in pipeline()._repr_html_(),
    "pipeline.versions": lambda: len(pipeline().versions()),
    "pipeline.tags": lambda: [tag.tag() for tag in pipeline().tags()],
    "pipeline.status": lambda: pipeline().status()["status"],
    "pipeline.workspace": lambda: pipeline().workspace().id(),
    "pipeline.publishes": lambda: list(pipeline().publishes()),
    "pipeline.url": lambda: pipeline().url().endswith("ccfraud-pipeline-1/ccfraud-pipeline"),
    "pipeline version's definition": lambda: len(pipeline().versions()[0].definition()["steps"]),
    "pipelines_by_name": lambda: 1 in [each.id() for each in client.pipelines_by_name("ccfraud-pipeline")],
    "list_deployments": lambda: [
        client.list_deployments()[0].name(),
        client.list_deployments()[0].deployed(),
    ],
    "deployment_by_name": lambda: client.deployment_by_name("ccfraud-pipeline").status()["status"],
    "deployment.model_configs": lambda: [
        each.id() for each in client.deployment_by_name("api-sample-pipeline").model_configs()
    ],
    "deployment.pipeline_name": lambda: next(each.pipeline_name() for each in client.list_deployments()),
    "list_pipeline_versions": lambda: len(
        mlops(
            list_pipeline_versions, "ListPipelineVersionsBody", pipeline_id="ccfraud-pipeline", workspace_id=4
        ).pipeline_versions
    ),
    "pipelines/get_version": lambda: (
        mlops(
            pipelines_get_version, "PipelinesGetVersionBody", version=pipeline().versions()[0].name()
        ).pipeline_id
    ),
    "get_sidekick_pods_history": lambda: len(
        mlops(
            get_sidekick_pods_history,
            "GetSidekickPodsHistoryBody",
            pipeline_name="ccfraud-pipeline",
            workspace_id=4,
        ).pods
    ),
    "external url": lambda: (
        "infer"
        in mlops(
            admin_get_pipeline_external_url,
            "AdminGetPipelineExternalUrlBody",
            pipeline_name="ccfraud-pipeline",
            workspace_id=4,
        ).url
    ),
    "build_pipeline": lambda: client.build_pipeline("sdk-pipeline").name(),
    "search_models": lambda: sorted(each.id() for each in client.search_models("ccfraud", workspace_id=4)),
    "search_model_versions": lambda: len(client.search_model_versions("multi-io")),
    "search_pipelines": lambda: [
        each.pipeline().name() for each in client.search_pipelines("ccfraud", workspace_id=4)
    ],
    "search_pipelines by deployed": lambda: len(client.search_pipelines(deployed=True)) > 10,
    "search_pipeline_versions": lambda: len(client.search_pipeline_versions("api-sample")),
    "list_tags": lambda: sorted(tag.tag() for tag in client.list_tags()),
    "tags as table": lambda: "My Great Tag" in client.list_tags()._repr_html_(),
    "tag.list_model_versions": lambda: all(tag.list_model_versions() for tag in client.list_tags()),
    "tag.list_pipelines": lambda: any(tag.list_pipelines() for tag in client.list_tags()),
    "list_users": lambda: "jane@example.com" in [user.email() for user in client.list_users()],
    "get_user_by_email": lambda: client.get_user_by_email("jane@example.com").email(),
    "get_email_by_id": lambda: client.get_email_by_id("8f1f2a8e-0d0b-4d5e-8c7a-6a3f1c2b9e10"),
    "get_topic_name": lambda: client.get_topic_name(1),
    "list_publishes": lambda: list(client.list_publishes()),
    "list_orchestrations": lambda: list(client.list_orchestrations()),
    "list_tasks": lambda: list(client.list_tasks()),
    "list_connections": lambda: list(client.list_connections()),
    "list_model_registries": lambda: list(client.list_model_registries()),
    "features/list": lambda: features_list.sync(client=client.mlops()).is_auth_enabled,
    # These are refused, as they should be.
    "create_tag": lambda: client.create_tag("sdk-tag"),
    "update visibility": lambda: version._update_visibility("public"),
    "an unknown pipeline": lambda: client.get_pipeline("nothing"),
    "an unknown deployment": lambda: client.deployment_by_name("nothing"),
    "status of what is not deployed": lambda: client.deployment_by_name("api-sample-pipeline").status(),
    "a bad zip": lambda: upload("sdk-bad", Framework.CUSTOM, "m.zip", b"PK"),
    "a bad suffix": lambda: upload("sdk-bad", Framework.SKLEARN, "m.bin"),
    "a bad name": lambda: upload("Bad_Name", Framework.SKLEARN, "m.pkl"),
    "a workspace of the same name": lambda: client.create_workspace("api-tutorial"),
}

answers = {}
for name, call in CALLS.items():
    try:
        answers[name] = call()
    except EntityNotFoundError:
        answers[name] = "error: not found"
    except Exception as error:  # noqa: BLE001  whatever the SDK raises is what came of the call
        answers[name] = f"error: {type(error).__name__}: {error}"
workspace(4)
for planned in json.loads(pathlib.Path("uploads.json").read_text()):
    upload_as_planned(**planned)
answers["frameworks"] = [framework.value for framework in Framework]
os.environ["WLTUI_TOKEN"] = client.auth._access_token().token
for program in json.loads(pathlib.Path("snippets.json").read_text()):
    exec(program, {"print": lambda answer: None})  # noqa: S102  our own
print(json.dumps(answers))
