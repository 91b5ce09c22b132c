"""Ask before something is sent: by a flag in a script, by a question on a terminal."""

import asyncio
from collections.abc import Awaitable, Callable

from wltui.core.errors import SaveDeclined, WltuiError
from wltui.core.settings import Settings
from wltui.lifecycle.console import escape_line, say

Ask = Callable[[str], Awaitable[str]]
"""Prints a question, and returns what the user typed; empty if they ended it."""


async def confirm_send(
    ask: Ask | None,
    settings: Settings,
    name: str,
    not_sent: str,
    *,
    yes: bool,
    confirm: str | None,
    doubt: WltuiError | None = None,
) -> None:
    """Return once somebody has confirmed that something is sent.

    Args:
        ask: Asks the user; None if there is no terminal.
        settings: Of the session; a protected profile wants the model's name.
        name: The model's.
        not_sent: The beginning of an error, such as "The config of version 16 was not sent".
        yes: The flag ``--yes``, which is not enough for a protected profile.
        confirm: The flag ``--confirm``, the model's name.
        doubt: Why a person has to decide whatever the flags say; raised if there is none.

    Raises:
        SaveDeclined: nobody has confirmed it.
    """
    protected = settings.protected
    if confirm is not None and confirm not in spellings(name):
        raise SaveDeclined(not_sent, f"--confirm names {confirm!r}, which is not the model's name")
    if protected and not name:
        raise SaveDeclined(not_sent, "the profile is protected, and the model's name can't be read")
    is_given = confirm is not None or (yes and not protected)
    if is_given and doubt is None:
        return
    if ask is None:
        if is_given and doubt is not None:
            raise doubt
        advice = "Add --confirm with the model's name" if protected else "Add --yes"
        why = "the profile is protected, and " if protected else ""
        raise SaveDeclined(not_sent, f"{why}there is no terminal to ask on", advice)
    wants_name = protected and confirm is None
    wanted = "The profile is protected: type the model's name" if wants_name else "Type yes"
    question = f"Send it to {escape_line(settings.host)}, once? {wanted} to send: "
    try:
        typed = (await ask(question)).strip()
    except asyncio.CancelledError:
        say("Nothing was sent.", error=True)
        raise
    if typed not in (spellings(name) if wants_name else ("yes",)):
        raise SaveDeclined(not_sent, "it was not confirmed")


def spellings(name: str) -> tuple[str, ...]:
    """Return a model's name as it is, and as it is shown, since not every name can be typed."""
    return tuple({name, name.strip(), escape_line(name), escape_line(name).strip()} - {""})
