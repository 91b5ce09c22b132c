"""``wltui problems``: the versions that need attention, as the screen Problems lists them."""

import argparse
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from wltui.cli.arguments import parse_duration
from wltui.cli.command import add_freshness, add_instance_flags, explain, find_settings
from wltui.cli.output import add_output, add_selection, check_output, print_table
from wltui.cli.session import run_service
from wltui.core.compact import replace_fields
from wltui.core.settings import Settings
from wltui.lifecycle.console import EXIT_CODES

if TYPE_CHECKING:
    from wltui.cli.records import Listing
    from wltui.service.problem_columns import ProblemRow
    from wltui.service.service import Service
    from wltui.ui.text.facts import Facts

UNREAD = 6
"""The exit code if nobody knows whether there are problems."""
NOTES = """\
A version is a problem if its upload failed, if it is deployed and not ready, if
it has been pending for longer than is normal, if its status is unknown, or if a
pipeline runs it with an older config than its newest, which only GraphQL shows.
If there are none, nothing is printed, so that cron sends no mail.
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags and the help."""
    parser.add_argument("--since", metavar="24h", type=parse_duration,
                        help="only those that are known to have begun since then")  # fmt: skip
    parser.add_argument("--exit-code", action="store_true", help="exit with 1 if there are any")
    parser.add_argument("--workspace", dest="in_workspace", metavar="NAME|ID", help="of this workspace only")
    parser.add_argument("--archived", action="store_true", help="those of archived workspaces too")
    add_output(parser)
    add_selection(parser)
    add_freshness(parser)
    add_instance_flags(parser)
    explain(
        parser,
        "List the versions that need attention, with reason, cause and remedy.",
        [
            "wltui problems --since 24h --exit-code",
            "wltui problems --filter 'is:stuck' --columns id,model,since",
        ],
        {
            1: "with --exit-code, there are problems",
            4: "there is no such workspace",
            UNREAD: f"{EXIT_CODES[UNREAD]}; with --exit-code also if no problem is in a list with gaps",
        },
        notes=NOTES,
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the problems and return the exit code.

    Raises:
        UsageError: the settings are wrong.
    """
    check_output(arguments)
    settings = find_settings(arguments)
    return run_service(settings, partial(_print_problems, settings=settings, arguments=arguments))


async def _print_problems(service: "Service", *, settings: Settings, arguments: argparse.Namespace) -> int:
    listing = await _list_problems(service, settings, arguments)
    found = listing.matching(arguments.filter, service.clock().timestamp())
    print_table(found.table, arguments)
    if not arguments.exit_code:
        return 0
    return 1 if found.table.records else 0 if found.table.complete else UNREAD


async def _list_problems(service: "Service", settings: Settings, arguments: argparse.Namespace) -> "Listing":
    """Read all versions and what is deployed, and find problems as the screen does."""
    from wltui.cli.records import Listing, find_workspace, names_of, read_configs_in_use, read_fleet
    from wltui.core.threads import run_in_thread
    from wltui.service.tables import problems_table, with_gaps, with_gaps_of
    from wltui.ui.text.fleet_rows import FleetRows
    from wltui.ui.text.record_facts import version_facts, workspace_pairs
    from wltui.ui.widgets.trouble import trouble_text

    answer = await read_fleet(service, settings)
    fleet = answer.value
    place = find_workspace(fleet.workspaces, arguments.in_workspace) if arguments.in_workspace else None
    used, gap = await read_configs_in_use(service, settings, None)
    known = FleetRows(service.clock, is_problems=True)
    versions = fleet.versions(archived=arguments.archived)
    judged = await run_in_thread(known.judge, versions, used.outdated, used.deployed, fleet.changed_at)
    known.take(judged)
    workspaces = {each.id: each for each in fleet.workspaces}

    def facts(row: "ProblemRow") -> "Sequence[Facts]":
        version = row.version if row.problem.since else replace_fields(row.version, created_at=None)
        workspace = workspaces.get(version.workspace_id) if version.workspace_id is not None else None
        pairs = workspace_pairs(workspace) if workspace else ()
        why = ("reason", known.why(row.version)[0])
        word = ("is", trouble_text(row.version, row.problem))
        return (version_facts(version, *pairs, why, word, since=row.problem.since),)  # type: ignore[arg-type]

    listed = [
        version
        for group in judged.groups
        for version in group
        if place is None or version.workspace_id == place.id
    ]
    table = problems_table(
        answer.of(listed), judged.problems, judged.same_file, used.outdated, names_of(fleet.workspaces)
    )
    since: timedelta | None = arguments.since
    if since is not None:
        limit = service.clock() - since
        recent = [row for row in table.records if row.problem.since and row.problem.since >= limit]
        table = table.with_records(recent)
    is_usual = bool(service.graphql_limits) and not settings.offline and "is:old" not in arguments.filter
    if gap and not is_usual:  # an instance without GraphQL would send a mail a day
        table = with_gaps(table, 0, gap, True)
    return Listing(
        with_gaps_of(table, fleet), "problem", lambda row: (row.version.id, row.version.model_name), facts
    )
