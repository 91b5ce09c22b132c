"""``wltui upload``: a file becomes a new version of a model, or the first one of a new model."""

import argparse
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from wltui.cli.arguments import parse_duration
from wltui.cli.command import add_instance_flags, add_read_only, explain, find_settings
from wltui.core.errors import UsageError
from wltui.core.records import ModelVersion, VersionId
from wltui.core.settings import Settings

if TYPE_CHECKING:
    from wltui.cli.upload_prepare import UploadFlags
    from wltui.service.headless_edit import EditSource
    from wltui.service.service import Service

REQUESTS = ("curl", "requests", "sdk")
"""The request as a program of another."""
OUTPUTS = ("id", "json", *REQUESTS)
NOTES = """\
The framework is guessed from the file, the name of a new model from the file's
name; schemas, architecture and acceleration that are not given are those of the
model's newest version. The file is checked, and all of it is shown before you are
asked. It is sent once. If the answer is lost, the version is looked up by the
file's hash. ctrl+c breaks the upload off before its last byte, and then nothing is
stored. Standard output has the id of the new version alone, or with -o json a
record."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the words and flags, and the help."""
    add = parser.add_argument
    add("file", metavar="FILE", type=Path, help="the model: .onnx, .zip, .pt, .pkl or .h5")
    add("--workspace", dest="in_workspace", metavar="NAME|ID", default="", help="the workspace it goes to")
    add("--name", metavar="MODEL", help="the model's name; by default that of the file")
    add("--framework", metavar="NAME", help="such as onnx or custom; by default a guess, which is shown")
    add("--input-schema", metavar="FILE", type=Path, help="an Arrow or Parquet file, or base64 of a schema")
    add("--output-schema", metavar="FILE", type=Path, help="likewise")
    add("--arch", metavar="NAME", help="x86, arm or power10")
    add("--accel", metavar="NAME", help="none, cuda, jetson, openvino, qaic or rocm")
    add(
        "--option",
        dest="options",
        metavar="KEY=VALUE",
        action="append",
        default=[],
        help="a setting of vllm, sglang, custom or qaic; may be repeated",
    )
    add("--config-from", metavar="VERSION|FILE", help="the config that the new version gets; shown before")
    add("--wait", action="store_true", help="until the version is ready; 1 if it fails")
    add("--timeout", metavar="30m", type=parse_duration, help="how long --wait waits at most")
    add("-y", "--yes", action="store_true", help="send without a question; for scripts")
    add("--confirm", metavar="MODEL", help="the model's name; in place of --yes if the profile is protected")
    add("--force", action="store_true", help="send what the checks say will be refused, too")
    add("--dry-run", action="store_true", help="show what would be sent, and send nothing")
    add("--unrecorded", action="store_true", help="send it even if the history can't be written")
    add(
        "-o",
        "--output",
        choices=OUTPUTS,
        default="id",
        help="print the version's id or a JSON record; with --dry-run the metadata, or the request as a program",
    )
    add_read_only(parser)
    add_instance_flags(parser)
    explain(
        parser,
        "Upload a file as a new version of a model.",
        [
            "wltui upload ccfraud.onnx --workspace fraud",
            "wltui upload byop.zip --workspace fraud --name ccfraud --wait --yes",
            "wltui upload llm.zip --workspace 7 --framework vllm --accel cuda --option max_model_len=4096",
            "wltui upload ccfraud.onnx --workspace fraud --config-from 166 --yes -o json",
            "wltui upload byop.zip --workspace fraud --dry-run -o curl",
        ],
        {
            0: "uploaded; with --wait also ready",
            1: "not stored, or with --wait: it has failed",
            2: "wrong usage, or the platform would refuse the file",
            8: "it is not known whether it was stored",
        },
        usual=(3, 4, 5, 6),
        notes=NOTES,
    )


def run(arguments: argparse.Namespace) -> int:
    """Obey, and return the exit code; raise WltuiError if it fails."""
    if arguments.output in REQUESTS and not arguments.dry_run:
        raise UsageError(f"-o {arguments.output} shows a request", "", "Add --dry-run")
    options = _parse_options(arguments.options)
    settings = find_settings(arguments)
    from wltui.cli.session import run_service
    from wltui.cli.upload_prepare import UploadFlags

    flags = UploadFlags(
        file=arguments.file,
        workspace=arguments.in_workspace,
        name=arguments.name,
        framework=arguments.framework,
        arch=arguments.arch,
        accel=arguments.accel,
        options=options,
        input_schema=arguments.input_schema,
        output_schema=arguments.output_schema,
        yes=arguments.yes,
        confirm=arguments.confirm,
        force=arguments.force,
        dry_run=arguments.dry_run,
        unrecorded=arguments.unrecorded,
        output=arguments.output,
    )
    return run_service(settings, partial(_upload, settings=settings, flags=flags, arguments=arguments))


async def _upload(
    service: "Service", *, settings: Settings, flags: "UploadFlags", arguments: argparse.Namespace
) -> int:
    from wltui.cli.ask import ask_on_terminal
    from wltui.cli.session import has_terminal
    from wltui.cli.upload_after import After, obey_upload

    config = await _find_config(service, arguments.config_from) if arguments.config_from else None
    after = After(config=config, is_followed=arguments.wait, limit=arguments.timeout)
    return await obey_upload(service, settings, flags, after, ask_on_terminal if has_terminal() else None)


async def _find_config(service: "Service", source: str) -> "EditSource":
    """Return the config that a version is to get; it is read before the upload, so that a mistake sends nothing."""
    from wltui.cli.commands.config import read_file
    from wltui.core.threads import run_in_thread
    from wltui.service.edit_sources import file_source, predecessor_source

    if source.isascii() and source.isdigit():
        return predecessor_source(await service.config_to_edit(ModelVersion(id=VersionId(int(source)))))
    return file_source(await run_in_thread(read_file, source), source)


def _parse_options(words: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if not equals or not key:
            raise UsageError(f"{word!r} is no setting", "", "Write KEY=VALUE, such as max_model_len=4096")
        found[key] = value
    return found
