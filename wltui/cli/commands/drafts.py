"""``wltui drafts``: the edits that were begun on this host and not sent."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from wltui.cli.command import add_instance_flags, explain
from wltui.cli.local import find_local_settings, read_cached_names
from wltui.cli.output import add_output, add_selection, check_output, print_table
from wltui.cli.session import run_service
from wltui.core.settings import Settings

if TYPE_CHECKING:
    from wltui.service.service import Service


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags and the help."""
    add_output(parser)
    add_selection(parser)
    add_instance_flags(parser)
    explain(
        parser,
        "List the edits of configs that were begun on this host and not sent. Nothing is sent.",
        ["wltui drafts", "wltui drafts -o json | jq '.items[].values'"],
        usual=(2,),
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the unsent edits and return the exit code.

    Raises:
        UsageError: the settings are wrong.
    """
    check_output(arguments)
    settings = find_local_settings(arguments)
    return run_service(settings, partial(_print_drafts, settings=settings, arguments=arguments))


async def _print_drafts(service: "Service", *, settings: Settings, arguments: argparse.Namespace) -> int:
    from wltui.cli.local import work_listing
    from wltui.core.threads import run_in_thread
    from wltui.service.tables import drafts_table

    names = await read_cached_names(service, settings)
    drafts = await run_in_thread(service.drafts.all)
    table = await run_in_thread(drafts_table, drafts, service.clock(), names)
    listing = work_listing(table, names).matching(arguments.filter, service.clock().timestamp())
    await run_in_thread(print_table, listing.table, arguments)
    return 0
