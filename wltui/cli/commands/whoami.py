"""``wltui whoami``: show who is signed in to an instance, and whether the instance agrees."""

import argparse
import asyncio

from wltui.auth.token_store import TokenStore
from wltui.cli.command import add_instance_flags, explain, find_settings
from wltui.lifecycle.console import escape_line, say
from wltui.store.private_files import state_folder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags and the help."""
    add_instance_flags(parser)
    explain(
        parser,
        "Show who is signed in to an instance, and whether it agrees.",
        ["wltui whoami --profile prod"],
        {3: "nobody is signed in, or the instance does not accept it"},
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the user, ask the instance whether it accepts them, and return the exit code.

    Raises:
        UsageError: the settings are wrong.
        WltuiError: the instance does not answer, or does not accept the user.
    """
    settings = find_settings(arguments)
    from wltui.api.calls import list_workspaces
    from wltui.auth.identity import identify
    from wltui.auth.sign_in import fetch_once

    source, user = settings.source, identify(settings, None, state_folder())
    if not (source or user.login):
        say(f"Nobody is signed in to {settings.endpoint}. Sign in: {settings.sign_in_command}")
        return 3
    say(f"{escape_line(user.name)} at {settings.endpoint}, by {source or 'wltui login'}")
    asyncio.run(fetch_once(settings, user.login, TokenStore(state_folder()), list_workspaces()))
    say("The instance accepts it.")
    return 0
