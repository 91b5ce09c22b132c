"""``wltui drafts``: the edits that were begun on this host and not sent."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from wltui.cli.command import add_instance_flags, explain
from wltui.cli.local import find_local_settings, print_work
from wltui.cli.output import add_output, add_selection, check_output
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
    from wltui.core.threads import run_in_thread
    from wltui.service.tables import drafts_table

    await print_work(service, settings, arguments, drafts_table, await run_in_thread(service.drafts.all))
    return 0
