"""``wltui get``: list workspaces, models, versions or pipelines; show one version, config or pipeline."""

import argparse
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from wltui.cli.command import INSTANCE_CODES, add_freshness, add_instance_flags, explain, find_settings
from wltui.cli.listings import list_records
from wltui.cli.output import FORMATS, add_output, add_selection, check_output, print_table
from wltui.cli.records import parse_version
from wltui.cli.session import run_service
from wltui.core.settings import Settings
from wltui.lifecycle.console import EXIT_CODES

if TYPE_CHECKING:
    from wltui.service.service import Service

LISTS = {
    "workspaces": (
        "all workspaces",
        "wltui get workspaces --columns id,name,failed_versions --sort failed_versions:desc",
    ),
    "models": ("the models of the instance, or of a workspace", "wltui get models --workspace fraud -o name"),
    "versions": (
        "the versions of the instance, of a workspace or of a model",
        "wltui get versions --filter 'status:error age<24h' -o csv > failed.csv",
    ),
    "pipelines": (
        "the pipelines of the instance, or of a workspace",
        "wltui get pipelines --filter is:redeploy",
    ),
}
"""The lists, each with its help and an example."""
CONFIG_FORMATS = ("toml", *FORMATS)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the kinds of records, their flags and the help."""
    explain(
        parser,
        "List workspaces, models, versions or pipelines, or show one version, config or pipeline.",
        [example for _, example in LISTS.values()],
        usual=(*INSTANCE_CODES, 4),
        notes="wltui help get versions shows the flags of that list.",
    )
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", title="kinds")
    for kind, (help, example) in LISTS.items():
        _add_list(kinds.add_parser(kind, help=help), kind, help, example)
    one = kinds.add_parser("version", help="one version, with its config and where it runs")
    _add_one(
        one,
        "Show one version, its newest config, its tags and where it runs.",
        "wltui get version 46 -o json",
    )
    config = kinds.add_parser("config", help="the newest config of a version")
    config.add_argument(
        "--schemas", choices=("text", "base64"), help="how schemas are written; by default text in TOML"
    )
    _add_one(
        config,
        "Show the newest config of a version: as TOML it is the file that wltui config apply takes.",
        "wltui get config 46 > fraud.toml",
        CONFIG_FORMATS,
    )
    one = kinds.add_parser("pipeline", help="one pipeline, and which configs it runs")
    _add_one(one, "Show one pipeline, and which configs it runs.", "wltui get pipeline 7")


def _add_list(parser: argparse.ArgumentParser, kind: str, help: str, example: str) -> None:
    parser.add_argument("words", nargs="*", metavar="NAME|ID", help="these only: numbers, or whole names")
    if kind != "workspaces":
        parser.add_argument(
            "--workspace", dest="in_workspace", metavar="NAME|ID", help="of this workspace only"
        )
    if kind == "versions":
        parser.add_argument("--model", metavar="NAME|ID", help="of this model only")
    parser.add_argument(
        "--archived", action="store_true", help="archived workspaces too, and what is in them"
    )
    add_output(parser)
    add_selection(parser)
    add_freshness(parser)
    add_instance_flags(parser)
    explain(
        parser,
        f"List {help}.",
        [example, f"wltui get {kind} -o json | jq '.items[]'"],
        {4: "a name or number that was given does not exist"},
    )


def _add_one(
    parser: argparse.ArgumentParser, description: str, example: str, formats: Sequence[str] = FORMATS
) -> None:
    parser.add_argument("id", type=parse_version, metavar="ID", help="its number")
    add_output(parser, formats)
    add_freshness(parser)
    add_instance_flags(parser)
    explain(parser, description, [example], {4: EXIT_CODES[4]})


def run(arguments: argparse.Namespace) -> int:
    """Print the records and return the exit code.

    Raises:
        UsageError: the settings are wrong.
    """
    check_output(arguments)
    settings = find_settings(arguments)
    work = _print_list if arguments.kind in LISTS else _print_one
    return run_service(settings, partial(work, settings=settings, arguments=arguments))


async def _print_list(service: "Service", *, settings: Settings, arguments: argparse.Namespace) -> int:
    listing = await list_records(service, settings, arguments)
    found = listing.named(arguments.words).matching(arguments.filter, service.clock().timestamp())
    print_table(found.table, arguments)
    return 0


async def _print_one(service: "Service", *, settings: Settings, arguments: argparse.Namespace) -> int:
    from wltui.cli.single import print_config, print_pipeline, print_version

    work = {"version": print_version, "config": print_config, "pipeline": print_pipeline}[arguments.kind]
    await work(service, settings, arguments)
    return 0
