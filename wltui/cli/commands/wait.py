"""``wltui wait``: follow the status of a version until it is what the user waits for."""

import argparse
import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from wltui.cli.arguments import parse_amount, parse_duration
from wltui.cli.command import add_instance_flags, explain, find_settings
from wltui.cli.output import split_names
from wltui.cli.records import parse_version
from wltui.cli.session import run_service
from wltui.core.errors import UsageError
from wltui.lifecycle.console import EXIT_CODES, escape_line, say

if TYPE_CHECKING:
    from wltui.core.records import ModelVersion
    from wltui.service.service import Service

PAUSE = 5.0
"""Seconds between two reads, as on a screen."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags and the help."""
    parser.add_argument("id", type=parse_version, metavar="ID", help="number of the version")
    parser.add_argument(
        "--for",
        dest="wanted",
        metavar="STATUS,…",
        default="ready",
        help="ready (the default), error, or any status",
    )
    parser.add_argument(
        "--timeout",
        metavar="30m",
        type=parse_duration,
        help="how long to wait at most; 0s to look once; by default for ever",
    )
    parser.add_argument(
        "--interval", metavar="SECONDS", type=parse_amount, default=PAUSE, help="between two reads (5)"
    )
    add_instance_flags(parser)
    explain(
        parser,
        "Follow the status of a version, one line a change, until it is what you wait for.",
        ["wltui wait 46 --timeout 30m && echo ready", "wltui wait 46 --for ready,error"],
        {
            0: "it has that status",
            1: "it is ready or failed instead, so it will not get that status",
            4: EXIT_CODES[4],
            6: "it has another status at the end of the time, or did not answer",
        },
        notes="A failure to read is said once and tried again until the time is over.",
    )


def run(arguments: argparse.Namespace) -> int:
    """Follow the status and return the exit code.

    Raises:
        UsageError: the settings or the words are wrong.
    """
    if not split_names(arguments.wanted):
        raise UsageError("--for names no status", "", "Write --for ready")
    settings = find_settings(arguments)
    return run_service(settings, partial(_wait, arguments=arguments))


async def _wait(service: "Service", *, arguments: argparse.Namespace) -> int:
    from wltui.core.errors import TimedOut

    limit: timedelta | None = arguments.timeout
    seen: list[str] = []
    try:
        async with asyncio.timeout(limit.total_seconds() if limit else None):
            return await _follow(service, arguments, seen)
    except TimeoutError:
        last = f"its status is {seen[-1]}" if seen else "its status could not be read"
        raise TimedOut(
            f"Version {arguments.id} was not {arguments.wanted} in time", escape_line(last)
        ) from None


async def _follow(service: "Service", arguments: argparse.Namespace, seen: list[str]) -> int:
    """Print each new status, and return the exit code once it is a wanted one or will not become one."""
    from difflib import get_close_matches

    from wltui.cli.following import follow_version
    from wltui.core.records import STATUSES, Phase
    from wltui.service.table_cells import format_time

    def show(version: "ModelVersion", status: str) -> None:
        seen.append(status)
        reason = f"\t{escape_line(version.error_summary)}" if version.error_summary else ""
        say(f"{format_time(service.clock())}\t{version.id}\t{escape_line(status)}{reason}")

    async def give_up(pause: float) -> None:
        raise TimeoutError

    wait = give_up if arguments.timeout == timedelta(0) else asyncio.sleep
    wanted = {status.lower() for status in split_names(arguments.wanted)}
    known = {*STATUSES, *(each.value for each in Phase)}
    for status in sorted(wanted - known):  # the set of words is open: a server may have it all the same
        near = get_close_matches(status, known, n=1)
        hint = f" Did you mean {near[0]}?" if near else ""
        say(f"wltui: {escape_line(status)} is no status that wltui knows.{hint}", error=True)
    code = await follow_version(service, arguments.id, wanted, show, pause=arguments.interval, wait=wait)
    if code:
        say(f"wltui: version {arguments.id} will not become {' or '.join(sorted(wanted))}", error=True)
    return code
