"""``wltui diff``: compare two versions, or the newest config of one with the config that runs."""

import argparse
import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from wltui.cli.command import INSTANCE_CODES, add_freshness, add_instance_flags, explain, find_settings
from wltui.cli.output import add_output, check_output, print_table
from wltui.cli.records import parse_version
from wltui.cli.session import not_kept, run_service, say_age
from wltui.core.errors import NotFound, ServiceError, UsageError
from wltui.core.settings import Settings
from wltui.lifecycle.console import EXIT_CODES, say

if TYPE_CHECKING:
    from datetime import datetime

    from wltui.config.comparison import Comparison
    from wltui.config.edit import FieldChange
    from wltui.core.pipelines import PipelineUse
    from wltui.core.records import VersionId
    from wltui.service.service import Service

FORMATS = ("table", "json", "jsonl", "csv", "tsv")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags and the help."""
    parser.add_argument("id", type=parse_version, metavar="A", help="number of a version")
    parser.add_argument("other", type=parse_version, metavar="B", nargs="?", help="number of another version")
    parser.add_argument(
        "--running",
        action="store_true",
        help="compare its newest config with the one that each pipeline runs",
    )
    parser.add_argument("--all", action="store_true", help="what is equal or can't be compared too")
    add_output(parser, FORMATS)
    add_freshness(parser)
    add_instance_flags(parser)
    explain(
        parser,
        "Compare two versions field by field, or the newest config of a version with the one that runs.",
        ["wltui diff 46 45", "wltui diff 46 --running || echo 'deploy it again'"],
        {0: "nothing differs of what is known on both sides", 1: "they differ", 4: EXIT_CODES[4]},
        usual=INSTANCE_CODES,
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the differences and return the exit code.

    Raises:
        UsageError: the settings or the words are wrong.
    """
    if arguments.running is (arguments.other is not None):
        raise UsageError("diff takes two versions, or one and --running", "", "See wltui diff --help")
    check_output(arguments)
    settings = find_settings(arguments)
    work = _diff_running if arguments.running else _diff_versions
    return run_service(settings, partial(work, settings=settings, arguments=arguments))


async def _diff_versions(service: "Service", *, settings: Settings, arguments: argparse.Namespace) -> int:
    from wltui.cli.single import read_version
    from wltui.config.compare import compare
    from wltui.config.comparison import DIFFERENT
    from wltui.core.threads import run_in_thread
    from wltui.service.answers import Answer
    from wltui.service.tables import comparison_table

    left, right = await asyncio.gather(
        *(
            read_version(service, settings, number, is_quiet=True)
            for number in (arguments.id, arguments.other)
        )
    )
    comparison = await run_in_thread(compare, left.value, right.value)
    as_of, is_live = min(left.as_of, right.as_of), left.live and right.live
    if _is_for_people(arguments):
        from wltui.cli.single import read_names

        if not is_live:
            say_age(as_of)
        names = await read_names(service, settings)
        _print_comparison(comparison, service.clock(), names, folded=not arguments.all)
    else:
        table = comparison_table(
            left.value.version.id, right.value.version.id, Answer(comparison, as_of, is_live)
        )
        rows = [each for each in table.records if arguments.all or each.row.verdict in DIFFERENT]
        print_table(table.with_records(rows), arguments)
    if comparison.unknown:
        say(
            f"wltui: {len(comparison.unknown)} fields can't be compared, as not both sides are known",
            error=True,
        )
    return int(bool(comparison.different))


def _is_for_people(arguments: argparse.Namespace) -> bool:
    from wltui.cli.colours import is_terminal

    return arguments.output == "table" or (arguments.output is None and is_terminal())


def _print_comparison(comparison: "Comparison", now: "datetime", names: Any, *, folded: bool) -> None:
    from wltui.cli.colours import find_cells, find_glyphs, print_lines
    from wltui.ui.widgets.compare_view import CompareView, render_summary

    cells, glyphs = find_cells(), find_glyphs()
    shown = {number: glyphs.text(name) for number, name in names.items()}
    view = CompareView(comparison, glyphs, now, shown, folded)
    print_lines([*view.lay_out(cells).lines, (), render_summary(comparison, cells, glyphs.ellipsis)])


async def _diff_running(service: "Service", *, settings: Settings, arguments: argparse.Namespace) -> int:
    from wltui.cli.single import read_version
    from wltui.service.detail_columns import RedeployRow
    from wltui.service.tables import redeploy_table

    is_for_people = _is_for_people(arguments)
    answer = await read_version(service, settings, arguments.id, is_quiet=not is_for_people)
    detail = answer.value
    uses = [use for use in detail.uses or () if use.is_deployed]
    if detail.uses is not None and not uses:
        raise NotFound(f"No deployed pipeline runs version {arguments.id}")
    found: list[tuple[PipelineUse, Sequence[FieldChange]]] = []
    for use in uses:
        changes = await service.redeploy_changes(use, live=not settings.offline) if use.config_id else None
        if changes is None:
            uses = []
            break
        found.append((use, changes.value))
    if not uses:
        raise _unknown(arguments.id, service, settings)
    if is_for_people:
        _print_changes(found)
    else:
        rows = [RedeployRow(use, change) for use, changed in found for change in changed]
        table = redeploy_table(rows, service.clock())
        print_table(replace(table, as_of=answer.as_of, live=answer.live), arguments)
    if columns := [limit for limit in service.graphql_limits if "model_config." in limit]:
        say(f"wltui: fields that GraphQL does not show are not compared: {'; '.join(columns)}", error=True)
    return int(any(changed for _, changed in found))


def _unknown(version_id: "VersionId", service: "Service", settings: Settings) -> ServiceError:
    """Return the error that nobody says which config of a version runs."""
    what = f"The config that runs of version {version_id} is not known"
    if settings.offline:
        return not_kept(what)
    if service.graphql_limits:  # then it does not answer later either
        return ServiceError(what, f"only GraphQL shows it: {service.graphql_limits[0]}")
    return ServiceError(what, "only GraphQL shows it, and it does not answer", "Try again")


def _print_changes(found: "Sequence[tuple[PipelineUse, Sequence[FieldChange]]]") -> None:
    from wltui.cli.colours import find_cells, find_glyphs, print_lines
    from wltui.ui.text.spans import Role, Spans
    from wltui.ui.widgets.diff_view import diff_lines

    lines: list[Spans] = []
    for use, changes in found:
        name = find_glyphs().text(use.pipeline_name)
        words = "" if changes else ", which has the same values as the newest"
        lines.append(((f"pipeline {name} runs config {use.config_id}{words}", Role.BOLD),))
        lines += diff_lines(changes, find_cells())
    print_lines(lines)
