"""Uploads: reading the multipart body, refusing what is refused, and the build that follows."""

import hashlib
import io
import zipfile
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.parser import HeaderParser
from pathlib import PurePosixPath

import msgspec

from .http import Request
from .keycloak import DEMO
from .logs import LogLine
from .world import Build, Config, Json, Model, Version, World, random_uuid, stamp

SUFFIXES = {".zip", ".pt", ".onnx", ".h5", ".pkl"}
NATIVE = {"onnx": "onnx", "tensorflow": "tensorflow", "keras": "tensorflow"}
"""Frameworks that run without a container, and their runtimes."""
IMAGE = "proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/mac-deploy:v2025.2.1-6555"
BY_NATIVE = (("uploading", 3), ("pending_load_native", 7), ("attempting_load_native", 20))
BY_CONTAINER = (*BY_NATIVE, ("pending_load_container", 15), ("attempting_load_container", 60))
"""A container is built once the native engine has declined; seconds, near the lower end of what is usual."""
EMPTY_FILE = (LogLine(25, "stdout", "Loading model…"), LogLine(26, "stderr", "EOFError: Ran out of input"))


class RefusalError(Exception):
    """The API says no."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status, message)
        self.status, self.message = status, message


class Metadata(msgspec.Struct):
    """The JSON part of an upload."""

    name: str
    workspace_id: int
    visibility: str = "private"
    conversion: Json | None = None
    input_schema: str | None = None
    output_schema: str | None = None
    image_path: str | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """What an upload carried."""

    metadata: Metadata
    file_name: str
    content: bytes


def parse_upload(request: Request) -> Upload:
    """The upload in a request's body; its two parts may come in either order.

    Raises:
        RefusalError: it is none, or its file is of no known kind.
    """
    kind = Message()
    kind["content-type"] = request.headers.get("content-type", "")
    boundary = kind.get_boundary()
    if kind.get_content_type() != "multipart/form-data" or not boundary:
        raise RefusalError(415, "Unsupported content type: ")
    parts = _parts(request.body, boundary)
    for name in ("metadata", "file"):
        if name not in parts:
            raise RefusalError(400, f"Bad request: missing field `{name}`")
    try:
        metadata = msgspec.json.decode(parts["metadata"][1], type=Metadata)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusalError(400, f"Json deserialize error: {error}") from None
    head, content = parts["file"]
    file_name = head.get_filename() or ""
    suffix = PurePosixPath(file_name).suffix
    if suffix not in SUFFIXES:
        raise RefusalError(
            400, "Bad request: The provided file needs to be a .zip, .pt, .onnx, .h5, or .pkl file."
        )
    if suffix == ".zip" and not zipfile.is_zipfile(io.BytesIO(content)):
        raise RefusalError(400, "Bad request: Not a valid ZIP file.")
    return Upload(metadata, file_name, content)


def _parts(body: bytes, boundary: str) -> dict[str, tuple[Message, bytes]]:
    """The parts of a multipart body by name, each with its header and its content."""
    parts = {}
    for piece in (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1"))[1:-1]:
        lines, _, content = piece.partition(b"\r\n\r\n")
        head = HeaderParser().parsestr(lines.decode("utf-8", "replace").lstrip())
        parts[str(head.get_param("name", header="content-disposition"))] = head, content
    return parts


def store_upload(world: World, upload: Upload, now: datetime) -> Version:
    """Makes the version that an upload asks for, of a new model where the workspace has none of that name.

    Its build ends in ``ready``, or in ``error`` when the file is empty.

    Raises:
        RefusalError: there is no such workspace.
    """
    metadata = upload.metadata
    if metadata.workspace_id not in world.workspaces:
        raise RefusalError(
            500,
            "Internal Server Error: GraphQL Returned error: Foreign key violation. insert or update on table "
            '"models" violates foreign key constraint "models_workspace_id_fkey"',
        )
    model = _model(world, metadata, stamp(now))
    number = world.next_version_id()
    framework = str((metadata.conversion or {}).get("framework", "onnx"))
    runtime = NATIVE.get(framework, "flight")
    rng = world.random(number)
    version = Version(
        id=number,
        model_id=model.id,
        uuid=random_uuid(rng),
        sha=hashlib.sha256(upload.content).hexdigest(),
        file_name=upload.file_name,
        size=len(upload.content),
        build=Build(
            now, BY_NATIVE if framework in NATIVE else BY_CONTAINER, "ready" if upload.content else "error"
        ),
        configs=[
            Config(
                id=world.next_config_id(),
                model_version_id=number,
                runtime=runtime,
                input_schema=metadata.input_schema,
                output_schema=metadata.output_schema,
            )
        ],
        image_path=None if framework in NATIVE else metadata.image_path or IMAGE,
        error_summary=None if upload.content else "Could not load the model: the file is empty",
        logs=() if upload.content else EMPTY_FILE,
        conversion=metadata.conversion,
        visibility=metadata.visibility,
        owner_id=DEMO.id,
        created_at=stamp(now),
        created_by=DEMO.email,
        updated_at=stamp(now),
        task_id=random_uuid(rng),
    )
    world.add_version(version)
    return version


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
