"""``wltui logs``: what the server logged while a version was uploaded."""

import argparse
import asyncio
from functools import partial
from typing import TYPE_CHECKING

from wltui.cli.arguments import parse_amount
from wltui.cli.command import add_freshness, add_instance_flags, explain, find_settings
from wltui.cli.records import parse_version
from wltui.cli.session import run_service
from wltui.core.settings import Settings
from wltui.lifecycle.console import EXIT_CODES, escape_line, say, say_error

if TYPE_CHECKING:
    from wltui.core.records import ModelVersion
    from wltui.service.service import Service

PAUSE = 5.0
"""Seconds between two reads of a log that is followed, as on a screen."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags and the help."""
    parser.add_argument("id", type=parse_version, metavar="ID", help="number of the version")
    parser.add_argument(
        "-f", "--follow", action="store_true", help="print new lines until it is ready or failed"
    )
    parser.add_argument(
        "--interval", type=parse_amount, default=PAUSE, metavar="SECONDS", help="between two reads (5)"
    )
    add_freshness(parser)
    add_instance_flags(parser)
    explain(
        parser,
        "Print what the server logged while a version was uploaded.",
        ["wltui logs 46", "wltui logs 46 -f"],
        {4: EXIT_CODES[4]},
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the log and return the exit code.

    Raises:
        UsageError: the settings are wrong.
    """
    settings = find_settings(arguments)
    return run_service(settings, partial(_print_log, settings=settings, arguments=arguments))


async def _print_log(service: "Service", *, settings: Settings, arguments: argparse.Namespace) -> int:
    from wltui.cli.following import may_pass
    from wltui.cli.session import newest
    from wltui.cli.single import read_version
    from wltui.core.errors import ServiceError
    from wltui.core.records import Phase, phase
    from wltui.core.upload_log import decisive_line, parse_log

    version = (await read_version(service, settings, arguments.id, is_quiet=True)).value.version
    printed, failure, is_known = 0, "", False
    while True:
        try:
            answer = await newest(service.upload_log(version), settings)
        except ServiceError as error:
            if not (arguments.follow and may_pass(error, is_known=is_known)) or settings.offline:
                raise
            if str(error) != failure:
                say_error(error)
            failure = str(error)
            await asyncio.sleep(arguments.interval)
            continue
        failure, is_known = "", True
        version = answer.value.version
        log = parse_log(answer.value.lines)
        new = log[printed:]
        say(
            "".join(f"{line.at} {escape_line(line.text)}\n".lstrip(" ") for line in new),
            end="",
        )
        printed = max(printed, len(log))
        if not (arguments.follow and answer.value.may_grow and not settings.offline):
            break
        await asyncio.sleep(arguments.interval)
    if not printed:
        say(f"wltui: {_empty_reason(version)}", error=True)
    if phase(version.status) is Phase.ERROR and (cause := decisive_line(log)):
        say(f"wltui: line {cause.index + 1:,} says why: {escape_line(cause.text)}", error=True)
    return 0


def _empty_reason(version: "ModelVersion") -> str:
    from wltui.core.upload_log import missing_log_reason

    if reason := missing_log_reason(version):
        return f"there is no upload log: {escape_line(reason)}"
    return (
        "the server has no upload log of it. Logs are kept for 30 days, and written for custom models mostly"
    )
