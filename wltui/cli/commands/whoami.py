"""``wltui whoami``: show who is signed in to an instance, and whether the instance agrees."""

import asyncio
from collections.abc import Sequence

from wltui.auth.token_store import TokenStore
from wltui.cli.command import build_parser, parse_instance
from wltui.lifecycle.console import escape_line, say
from wltui.store.private_files import state_folder


def run(words: Sequence[str]) -> int:
    """Print the user, ask the instance whether it accepts them, and return the exit code.

    Raises:
        UsageError: the words or the settings are wrong.
        WltuiError: the instance does not answer, or does not accept the user.
    """
    parser = build_parser("whoami", "Show who is signed in to an instance, and whether it agrees.")
    _, settings = parse_instance(parser, words)
    from wltui.api.calls import list_workspaces
    from wltui.auth.identity import identify
    from wltui.auth.sign_in import fetch_once

    source, user = settings.source, identify(settings, None, state_folder())
    if not (source or user.login):
        say(f"Nobody is signed in to {settings.endpoint}. Sign in: {settings.sign_in_command}")
        return 1
    say(f"{escape_line(user.name)} at {settings.endpoint}, by {source or 'wltui login'}")
    asyncio.run(fetch_once(settings, user.login, TokenStore(state_folder()), list_workspaces()))
    say("The instance accepts it.")
    return 0
