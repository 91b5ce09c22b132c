"""``wltui describe``: everything that the API says about a version, as text."""

import argparse
from functools import partial
from typing import TYPE_CHECKING

from wltui.cli.command import add_freshness, add_instance_flags, explain, find_settings
from wltui.cli.records import parse_version
from wltui.cli.session import run_service
from wltui.core.settings import Settings
from wltui.lifecycle.console import EXIT_CODES

if TYPE_CHECKING:
    from wltui.service.service import Service


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the kinds of records, their flags and the help."""
    explain(parser, "Show everything about a version as text.", ["wltui describe version 46"], usual=(2,))
    kinds = parser.add_subparsers(dest="kind", metavar="KIND", title="kinds")
    version = kinds.add_parser(
        "version", help="a version, why it is not ready, its config, and where it runs"
    )
    version.add_argument("id", type=parse_version, metavar="ID", help="its number")
    add_freshness(version)
    add_instance_flags(version)
    explain(
        version,
        "Show a version as its screen does: why it is not ready, its config, and where it runs.",
        ["wltui describe version 46 | less"],
        {4: EXIT_CODES[4]},
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the version and return the exit code.

    Raises:
        UsageError: the settings are wrong.
    """
    settings = find_settings(arguments)
    return run_service(settings, partial(_describe, settings=settings, arguments=arguments))


async def _describe(service: "Service", *, settings: Settings, arguments: argparse.Namespace) -> int:
    from wltui.cli.colours import find_cells, find_glyphs, print_lines
    from wltui.cli.single import read_names, read_reason, read_version
    from wltui.core.diagnosis import diagnose
    from wltui.core.records import WorkspaceId
    from wltui.core.threads import run_in_thread
    from wltui.ui.widgets.config_lines import SCHEMAS, decode_or_error
    from wltui.ui.widgets.version_view import VersionView

    detail = (await read_version(service, settings, arguments.id)).value
    version = detail.version
    names = await read_names(service, settings)
    siblings, log = await read_reason(service, settings, version)
    texts = [getattr(detail.config, name) for name in SCHEMAS] if detail.config else []
    schemas = await run_in_thread(
        lambda: {text: decode_or_error(text) for text in texts if isinstance(text, str)}
    )
    drafts = await run_in_thread(service.drafts.all)
    place: WorkspaceId | None = version.workspace_id
    view = VersionView(
        version,
        detail,
        "" if place is None else f"{names[place]} ({place})" if place in names else str(place),
        service.clock(),
        find_glyphs(),
        schemas,
        unsent=any(kept.version.id == version.id for kept in drafts),
        diagnosis=diagnose(version, log=log, siblings=siblings),
        has_log=log is not None,
    )
    title = f"version {version.id}" + (f" of {version.model_name}" if version.model_name else "")
    from wltui.ui.text.spans import Role

    print_lines([((find_glyphs().text(title), Role.BOLD),), *view.lines(find_cells())])
    return 0
