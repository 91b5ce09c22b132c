"""Uploads: read the multipart body, refuse what is refused, and plan the build that follows."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from urllib.parse import parse_qs

import msgspec

from .failures import Failure
from .faults import FOREIGN_KEY, UploadFault, UploadReception
from .http import Request
from .keycloak import DEMO
from .logs import LogLine
from .metadata import Metadata, parse_metadata, stored_conversion
from .multipart import Multipart, SentFile, Stream, boundary_of
from .refusals import RefusalError
from .releases import Era
from .validation import check_custom
from .world import Build, Config, Model, Version, World, random_uuid, stamp

SUFFIXES = {".zip", ".pt", ".onnx", ".h5", ".pkl"}
IMAGE = "proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/mac-deploy:v2025.2.1-6555"
NATIVE_STAGES = (("pending_load_native", 7), ("attempting_load_native", 20))
CONTAINER_STAGES = (("pending_load_container", 15), ("attempting_load_container", 60))
DECLINED_STAGES = (*NATIVE_STAGES, *CONTAINER_STAGES)
"""A container is built after the native engine has declined; seconds, near the lower end of what is usual."""
NATIVE_RUNTIMES = frozenset({"onnx", "tensorflow"})
HANGING: tuple[tuple[str, float], ...] = (
    *NATIVE_STAGES, ("pending_load_container", 15), ("attempting_load_container", float("inf")),
)  # fmt: skip
"""How every recorded conversion of an ONNX file went."""
EMPTY_FILE = Failure(
    "null", (LogLine(25, "stdout", "Loading model…"), LogLine(26, "stderr", "EOFError: Ran out of input"))
)


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload: its metadata and its file."""

    metadata: Metadata
    file: SentFile
    is_conversion: bool


def parse_upload(request: Request, era: Era, *, is_conversion: bool) -> Upload:
    """Return the upload in a request's body; its two parts may come in either order.

    Args:
        request: The request, with the reception of its body.
        era: The release, which knows some frameworks or not.
        is_conversion: Whether it is to be converted; if not, an image may be registered without a file.

    Raises:
        RefusalError: it is none, or its file is of no known kind.
    """
    reception = request.reception
    body = reception.body if isinstance(reception, UploadReception) else None
    if not isinstance(body, Multipart):
        raise RefusalError(415, "Unsupported content type: ")
    if body.metadata is None:
        raise RefusalError(400, "Bad request: missing field `metadata`")
    try:
        metadata = parse_metadata(body.metadata, era)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusalError(400, f"Json deserialize error: {error}") from None
    file = body.file
    if file is None:
        if is_conversion or metadata.framework != "mlflow" or not metadata.image_path:
            raise RefusalError(400, "Bad request: missing field `file`")
        return Upload(metadata, SentFile(""), is_conversion=False)
    suffix = PurePosixPath(file.name).suffix
    if suffix not in SUFFIXES:
        raise RefusalError(
            400, "Bad request: The provided file needs to be a .zip, .pt, .onnx, .h5, or .pkl file."
        )
    if suffix == ".zip" and not file.is_zip:
        raise RefusalError(400, "Bad request: Not a valid ZIP file.")
    return Upload(metadata, file, is_conversion)


def parse_stream(request: Request) -> Upload:
    """Return the upload of ``models/upload_stream``: fields in the query, and the file as the whole body.

    Raises:
        RefusalError: a field is missing or wrong.
    """
    query = stream_query(request)
    file_name = query.pop("filename", "")
    framework = "onnx" if file_name.endswith(".onnx") else "tensorflow"
    fields = {**query, "conversion": {"framework": framework, "requirements": []}}
    try:
        metadata = msgspec.convert(fields, Metadata, strict=False)
    except msgspec.ValidationError as error:
        raise RefusalError(400, f"Query deserialize error: {error}") from None
    body = request.reception.body if isinstance(request.reception, UploadReception) else None
    return Upload(metadata, body.file if isinstance(body, Stream) else SentFile(""), is_conversion=False)


def stream_query(request: Request) -> dict[str, str]:
    """Return the fields in a request's query."""
    return {name: values[0] for name, values in parse_qs(request.path.partition("?")[2]).items()}


def receive_upload(
    request: Request, fault: UploadFault, *, kept: int, signed_in: bool = True
) -> UploadReception:
    """Return what takes in the body of an upload.

    Args:
        request: Its head.
        fault: The trouble that it meets.
        kept: Bytes of its beginning to keep.
        signed_in: Whether the token was good when the request began; only then is it looked at.
    """
    headers = request.headers
    body: Multipart | Stream | None
    if request.path.startswith("models/upload_stream"):
        body = Stream(stream_query(request).get("filename", ""))
    else:
        boundary = boundary_of(headers.get("content-type", ""))
        body = Multipart(boundary) if boundary else None
    return UploadReception(
        fault, body, int(headers.get("content-length", "0")), kept=kept, signed_in=signed_in
    )


def store_upload(world: World, upload: Upload, now: datetime) -> Version:
    """Store the version that an upload asks for, of a new model if the workspace has none of that name.

    Raises:
        RefusalError: there is no such workspace.
    """
    metadata = upload.metadata
    if metadata.workspace_id not in world.workspaces:
        raise RefusalError(500, FOREIGN_KEY)
    model = _model(world, metadata, stamp(now))
    number = world.next_version_id()
    sha = upload.file.sha
    runtime = choose_runtime(metadata.framework, sha)
    build, failure = plan_build(upload, runtime, now)
    is_native = runtime in NATIVE_RUNTIMES
    rng = world.random(number)
    version = Version(
        id=number,
        model_id=model.id,
        uuid=random_uuid(rng),
        sha=sha,
        file_name=upload.file.name,
        size=upload.file.size,
        build=build,
        configs=[
            Config(
                id=world.next_config_id(),
                model_version_id=number,
                runtime=runtime,
                input_schema=metadata.input_schema,
                output_schema=metadata.output_schema,
            )
        ],
        image_path=None if is_native else metadata.image_path or IMAGE,
        error_summary=failure and failure.summary,
        logs=failure.logs if failure else (),
        conversion=stored_conversion(metadata.conversion, upload.file.name),
        visibility=metadata.visibility,
        owner_id=DEMO.id,
        created_at=stamp(now),
        created_by=DEMO.email,
        updated_at=stamp(now),
        task_id=random_uuid(rng) if upload.is_conversion else None,
    )
    world.add_version(version)
    return version


def choose_runtime(framework: str, sha: str) -> str:
    """Return the runtime of a version: half of the XGBoost models are converted, the others get a container."""
    if framework == "xgboost":
        return "onnx" if int(sha[0], 16) % 2 else "flight"
    return {"onnx": "onnx", "tensorflow": "tensorflow", "pytorch": "onnx"}.get(framework, "flight")


def plan_build(upload: Upload, runtime: str, now: datetime) -> tuple[Build, Failure | None]:
    """Return how the build goes, and why it fails if it does.

    A file that is not converted is ready at once; the conversion of ONNX never ends. A large file is not looked into.
    """
    if not upload.is_conversion:
        return Build(now), None
    if upload.metadata.framework == "onnx":
        return Build(now, HANGING), None
    failure = None
    content = upload.file.content
    if not upload.file.size:
        failure = EMPTY_FILE
    elif upload.metadata.framework == "custom" and content is not None:
        failure = check_custom(content)
    stages: tuple[tuple[str, float], ...] = NATIVE_STAGES if runtime in NATIVE_RUNTIMES else CONTAINER_STAGES
    if upload.metadata.framework == "xgboost" and stages is CONTAINER_STAGES:
        stages = DECLINED_STAGES
    return Build(now, stages, "error" if failure else "ready"), failure


def _model(world: World, metadata: Metadata, now: str) -> Model:
    for model in world.by_name.get(metadata.name, []):
        if model.workspace_id == metadata.workspace_id:
            model.updated_at = now
            return model
    model = Model(
        id=world.next_model_id(),
        name=metadata.name,
        workspace_id=metadata.workspace_id,
        created_at=now,
        updated_at=now,
    )
    world.add_model(model)
    return model
