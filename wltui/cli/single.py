"""Print one version, config or pipeline."""

import argparse
from operator import itemgetter
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wltui.core.errors import ConnectionFailed, WltuiError
from wltui.core.records import ModelVersion, Phase, VersionId, phase
from wltui.core.settings import Settings
from wltui.core.threads import run_in_thread
from wltui.lifecycle.console import open_output
from wltui.service.answers import Answer
from wltui.service.service import Service
from wltui.service.table import Column, Kind, Table

from .output import print_table
from .records import Names, names_of, not_found, read_fleet, read_pipelines, read_workspaces
from .session import newest, say_age

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wltui.config.detail import VersionDetail
    from wltui.core.upload_log import LogLine


async def read_version(
    service: Service, settings: Settings, version_id: VersionId, *, is_quiet: bool = False
) -> "Answer[VersionDetail]":
    """Read a version with its newest config.

    A screen has the version's row of a list, which is read here only if a server needs it: 2023.4 has no call for a
    version, and without GraphQL the pipelines of a version are found by its workspace and UUID.

    Raises:
        NotFound: there is no such version.
    """
    answer = await newest(service.version(ModelVersion(id=version_id)), settings, is_quiet=True)
    version, row = answer.value.version, None
    if not version.model_name:
        versions = (await read_fleet(service, settings)).value.versions(archived=True)
        row = next((each for each in versions if each.id == version_id), None)
        if row is None:
            raise not_found("version", str(version_id))
    elif answer.value.uses is None and version.workspace_id is not None:
        row = version
    if row is not None:
        answer = await newest(service.version(row), settings, is_quiet=True)
    if not (answer.live or is_quiet):
        say_age(answer.as_of)
    return answer


async def read_reason(
    service: "Service", settings: Settings, version: "ModelVersion"
) -> "tuple[Sequence[ModelVersion], Sequence[LogLine] | None]":
    """Return versions with the same file and the upload log, if the version failed and does not say why."""
    from wltui.core.diagnosis import says_why
    from wltui.core.upload_frameworks import WITH_LOGS
    from wltui.core.upload_log import missing_log_reason, parse_log

    if phase(version.status) is not Phase.ERROR or says_why(version.error_summary):
        return (), None
    siblings = await service.cached_same_file(version)
    if version.framework not in WITH_LOGS or missing_log_reason(version):
        return siblings, None
    try:
        answer = await newest(service.upload_log(version), settings, is_quiet=True)
    except WltuiError:  # the text then says that its log is not read
        return siblings, None
    return siblings, parse_log(answer.value.lines)


async def read_names(service: Service, settings: Settings) -> Names:
    """Read the names of workspaces; none if they can't be read."""
    try:
        return names_of((await read_workspaces(service, settings)).value)
    except ConnectionFailed:
        return {}


async def print_version(service: Service, settings: Settings, arguments: argparse.Namespace) -> None:
    """Print one version, with its config, its tags and where it runs."""
    from wltui.core.diagnosis import diagnose
    from wltui.service.tables import detail_table

    answer = await read_version(service, settings, arguments.id, is_quiet=True)
    version = answer.value.version
    siblings, log = await read_reason(service, settings, version)
    diagnosis = diagnose(version, log=log, siblings=siblings)
    table = detail_table(answer, await read_names(service, settings), diagnosis)
    if arguments.output in (None, "table") and not getattr(arguments, "columns", ""):
        short = [
            name for name in table.names if not name.endswith("_schema")
        ]  # long base64, which nobody reads
        table = table.with_columns(short)
    print_table(table, arguments, is_single=True)


async def print_config(service: Service, settings: Settings, arguments: argparse.Namespace) -> None:
    """Print the newest config of a version, in a form that ``wltui config apply`` takes."""
    from wltui.config.detail import empty_row
    from wltui.config.text_forms import config_record, format_config
    from wltui.service.tables import configs_table

    answer = await read_version(
        service, settings, arguments.id, is_quiet=arguments.output not in (None, "toml")
    )
    detail = answer.value
    if arguments.output in (None, "toml"):
        text = await run_in_thread(format_config, detail, "toml", arguments.schemas)
        with open_output() as stream:
            stream.write(text.encode())
        return
    if arguments.output in ("json", "jsonl"):
        record = await run_in_thread(config_record, detail, schemas=arguments.schemas or "base64")
        columns = [Column(name, Kind.JSON, name, "", itemgetter(name), has_null=True) for name in record]
        print_table(Table("configs", columns, (record,), answer.as_of, answer.live), arguments)
        return
    config = detail.config or empty_row(detail.version.id)
    print_table(
        configs_table(answer.of((replace(config, version_id=detail.version.id),))), arguments, is_single=True
    )


async def print_pipeline(service: Service, settings: Settings, arguments: argparse.Namespace) -> None:
    """Print one pipeline; raise NotFound if there is none with this number."""
    from wltui.service.tables import pipelines_table

    listed = await read_workspaces(service, settings)
    workspaces = [each for each in listed.value if arguments.id in each.pipelines] or listed.value
    answer, errors = await read_pipelines(service, settings, workspaces)
    rows = [row for row in answer.value if row.id == arguments.id]
    if not rows:
        raise errors[0] if errors else not_found("pipeline", str(arguments.id))
    table = pipelines_table(answer, names_of(listed.value)).with_records(rows)
    print_table(table, arguments, is_single=True)
