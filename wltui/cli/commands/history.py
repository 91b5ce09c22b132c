"""``wltui history``: the saves of configs from this host."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from wltui.cli.command import add_instance_flags, explain
from wltui.cli.local import find_local_settings, print_work
from wltui.cli.output import add_output, add_selection, check_output
from wltui.cli.records import parse_version
from wltui.cli.session import run_service
from wltui.core.settings import Settings

if TYPE_CHECKING:
    from wltui.service.service import Service


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags and the help."""
    parser.add_argument("ids", nargs="*", type=parse_version, metavar="ID", help="of these versions only")
    add_output(parser)
    add_selection(parser)
    add_instance_flags(parser)
    explain(
        parser,
        "List the saves of configs from this host, newest first. Nothing is sent.",
        ["wltui history 46", "wltui history --filter 'status:may age<7d'"],
        usual=(2,),
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the saves and return the exit code.

    Raises:
        UsageError: the settings are wrong.
    """
    check_output(arguments)
    settings = find_local_settings(arguments)
    return run_service(settings, partial(_print_history, settings=settings, arguments=arguments))


async def _print_history(service: "Service", *, settings: Settings, arguments: argparse.Namespace) -> int:
    from wltui.core.threads import run_in_thread
    from wltui.lifecycle.console import say
    from wltui.service.tables import history_table

    saves = await run_in_thread(service.history.entries)
    if service.history.unreadable:
        say(f"wltui: {service.history.unreadable}", error=True)
    wanted = [save for save in saves if not arguments.ids or save.version_id in arguments.ids]
    await print_work(service, settings, arguments, history_table, wanted)
    return 0
