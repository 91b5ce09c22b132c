"""``wltui logout``: forget every sign-in to an instance on this host."""

import argparse
import asyncio
import os

from wltui.auth.token_store import TokenStore
from wltui.cli.command import add_instance_flags, explain, find_settings
from wltui.core.settings import Settings
from wltui.lifecycle.console import escape_line, say
from wltui.lifecycle.first_picture import delete_pictures, list_pictures, pictures_folder
from wltui.store.file_errors import why
from wltui.store.private_files import state_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags and the help."""
    add_instance_flags(parser)
    explain(
        parser,
        "Sign out of an instance.",
        ["wltui logout --profile prod"],
        {1: "a sign-in is still on disk"},
        usual=(2, 6),
    )


def run(arguments: argparse.Namespace) -> int:
    """Sign out and return the exit code.

    Raises:
        UsageError: the settings are wrong.
        WltuiError: a sign-in is still on disk.
    """
    asyncio.run(_sign_out(find_settings(arguments)))
    return 0


async def _sign_out(settings: Settings) -> None:
    from wltui.auth.sign_in import sign_out

    store = TokenStore(state_folder())
    logins = store.load_all(settings.endpoint)
    if not logins:
        say(f"Nobody is signed in to {settings.endpoint} on this host.")
    try:
        delete_pictures(list_pictures(pictures_folder(os.environ)))
    except OSError as error:  # none is shown any more, as the sign-in is gone
        say(f"{escape_line(error.filename)} is left behind: {why(error)}.")
    for login in logins:
        trouble = await sign_out(store, login, settings.network)
        say(f"{escape_line(login.name)} is signed out of {settings.endpoint}.")
        if trouble:
            say(f"The sign-in service may not know: {escape_line(trouble)}.")
