"""What the commands share that read this host's files only: saves and unsent edits."""

import argparse
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar

from msgspec.structs import replace

from wltui.core.errors import ConnectionFailed
from wltui.core.settings import Settings

from .command import find_settings

if TYPE_CHECKING:
    from wltui.service.config_columns import Work
    from wltui.service.service import Service
    from wltui.service.table import Table
    from wltui.ui.text.facts import Facts

    from .records import Listing, Names

T = TypeVar("T")


def find_local_settings(arguments: argparse.Namespace) -> Settings:
    """Return the settings of the instance, by which nothing is sent."""
    return replace(find_settings(argparse.Namespace(**{**vars(arguments), "offline": True})), offline=True)


async def read_cached_names(service: "Service", settings: Settings) -> "Names":
    """Return the names of workspaces, as far as they are kept on this host."""
    from .records import names_of, read_workspaces

    try:
        return names_of((await read_workspaces(service, settings)).value)
    except ConnectionFailed:
        return {}


async def print_work(
    service: "Service",
    settings: Settings,
    arguments: argparse.Namespace,
    make_table: "Callable[[Sequence[T], datetime, Names], Table[Work]]",
    works: "Sequence[T]",
) -> None:
    """Print saves or unsent edits as the flags ask for; ``make_table`` makes their table."""
    from wltui.core.threads import run_in_thread

    from .output import print_table

    names = await read_cached_names(service, settings)
    table = await run_in_thread(make_table, works, service.clock(), names)
    listing = _work_listing(table, names).matching(arguments.filter, service.clock().timestamp())
    await run_in_thread(print_table, listing.table, arguments)


def _work_listing(table: "Table[Work]", names: "Names") -> "Listing":
    """Return saves or unsent edits with what a filter finds them by, as on the screen History."""
    from wltui.store.draft_files import Kept
    from wltui.ui.text.facts import facts
    from wltui.ui.widgets.save_view import draft_pairs, read_save, save_pairs

    from .records import Listing

    def known(work: "Work") -> "Sequence[Facts]":
        what, version = work.what, work.version
        if isinstance(what, Kept):
            pairs, config, user, since = draft_pairs(what), None, None, what.changed
        else:
            pairs = save_pairs(read_save(what), under_way=False)
            config, user, since = what.config, what.user, what.at
        place = names.get(version.workspace_id) if version.workspace_id is not None else None
        return (
            facts(
                ("model", version.model_name),
                ("ws", place),
                *pairs,
                hidden=(("by", user),),
                id=version.id,
                config=config.id if config else None,
                since=since.timestamp(),
            ),
        )

    return Listing(table, table.name, lambda work: (work.version.id, work.version.model_name), known)
