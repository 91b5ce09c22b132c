"""``wltui login``: sign in to an instance, so that wltui uses and renews the sign-in from then on."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from getpass import getpass
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from wltui.auth.token_store import TokenStore
from wltui.cli.command import add_instance_flags, explain, find_settings
from wltui.core.credentials import load_credentials
from wltui.core.errors import UsageError
from wltui.core.settings import Secret, Settings
from wltui.lifecycle.console import escape_line, say
from wltui.lifecycle.terminal import can_show_unicode, original_environ
from wltui.store.private_files import state_folder
from wltui.ui.text.qr_code import qr_lines

if TYPE_CHECKING:
    from wltui.api.device_flow import DeviceCode

TEXT_ROWS = 5
"""Rows above the QR code that have to be visible with it: from the address on."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags and the help."""
    add_instance_flags(parser)
    for flag, description in {
        "--password": "with a user and a password, which is not kept",
        "--stay": "for days, where the instance allows it (offline_access)",
        "--keyring": "keep the tokens in the system's keyring, not in a file",
        "--insecure": "send the password even if others could read it on the way",
    }.items():
        parser.add_argument(flag, action="store_true", help=description)
    explain(
        parser,
        "Sign in to an instance with a browser anywhere; wltui uses and renews it from then on.",
        ["wltui login --profile prod --stay", "WALLAROO_USER=ci WALLAROO_PASSWORD=… wltui login --password"],
        {1: "the sign-in can't be kept", 3: "the sign-in was refused"},
        usual=(2, 6, 130),
    )


def run(arguments: argparse.Namespace) -> int:
    """Sign in and return the exit code.

    Raises:
        UsageError: the settings are wrong, or there is nobody to ask for a password.
        WltuiError: the sign-in failed, or can't be saved.
    """
    settings = find_settings(arguments)
    from wltui.auth.sign_in import OFFLINE_SCOPE, sign_in_by_device, sign_in_by_password

    store, scope = TokenStore(state_folder()), OFFLINE_SCOPE if arguments.stay else ""
    if arguments.password:
        _confirm_exposure(settings.exposure, is_accepted=arguments.insecure)
        user, password = _ask_password()
        signing_in = sign_in_by_password(settings, store, user, password, scope=scope)
    else:
        signing_in = sign_in_by_device(settings, store, lambda code: _show_code(settings, code), scope=scope)
    login = asyncio.run(signing_in)
    place = ", in the keyring" if settings.sign_in.keyring else ""
    say(f"Signed in to {settings.endpoint} as {escape_line(login.name)}{place}.")
    if settings.source:
        say(f"{settings.source} comes before it, as long as it is set.")
    return 0


def _confirm_exposure(exposure: str, *, is_accepted: bool) -> None:
    """Ask whether to send a password that others could read.

    Raises:
        UsageError: the answer is no, or there is nobody to ask.
    """
    if not exposure or is_accepted:
        return
    if sys.stdin is not None and sys.stdin.isatty():
        say("Send the password all the same? [y/N] ", error=True, end="")
        if sys.stdin.readline().strip().lower() in ("y", "yes"):
            return
    raise UsageError("The password was not sent", exposure, "Use https://, or add --insecure to send it")


def _ask_password() -> tuple[str, Secret]:
    """Return user and password from the environment or the SDK's file, else from the terminal."""
    known = load_credentials({name: text for name, text in os.environ.items() if name != "WLTUI_TOKEN"}).login
    if known:
        return known
    user, password = os.environ.get("WALLAROO_USER", ""), os.environ.get("WALLAROO_PASSWORD", "")
    if sys.stdin is None or not sys.stdin.isatty():
        raise UsageError(
            "There is no terminal to ask for the password",
            "",
            "Set WALLAROO_USER and WALLAROO_PASSWORD, or WALLAROO_SDK_CREDENTIALS",
        )
    try:
        user = user or input("User: ").strip()
        return user, Secret(password or getpass("Password: "))
    except EOFError:
        raise KeyboardInterrupt from None


def _show_code(settings: Settings, code: "DeviceCode") -> None:
    """Print the address to open, the code, and a QR code if the terminal can show one."""
    if code.url_with_code:
        say(
            f"To sign in to {settings.endpoint}, open in any browser\n\n    {escape_line(code.url_with_code)}\n"
        )
        say(f"where the code should be {escape_line(code.code)}. ", end="")
    else:
        say(f"To sign in to {settings.endpoint}, open in any browser\n\n    {escape_line(code.url)}\n")
        say(f"and type the code {escape_line(code.code)}. ", end="")
    if foreign := settings.foreign_host(code.url_with_code or code.url):
        say(f"That is another host than the instance's: {escape_line(foreign)}. ", end="")
    say("Waiting; ctrl+c gives up.")
    for line in _qr_code(code):
        say(f"\x1b[38;5;231;48;5;16m{line}\x1b[0m")  # white on black, whatever the terminal's theme


def _qr_code(code: "DeviceCode") -> Sequence[str]:
    """Return the lines of a QR code for a phone; none if it does not fit below the same address in words."""
    is_plain = bool(os.environ.get("NO_COLOR")) or os.environ.get("TERM") == "dumb"
    if is_plain or sys.stdout is None or not sys.stdout.isatty():
        return ()
    if not can_show_unicode(original_environ(os.environ), sys.stdout.encoding):
        return ()
    columns, rows = get_terminal_size()
    return qr_lines(escape_line(code.url_with_code or code.url), columns, rows - TEXT_ROWS)
