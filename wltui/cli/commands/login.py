"""``wltui login``, ``logout`` and ``whoami``: who is signed in to an instance on this host."""

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from getpass import getpass
from shutil import get_terminal_size
from typing import TYPE_CHECKING

from wltui.auth.token_store import TokenStore
from wltui.cli.arguments import Parser
from wltui.cli.resolve import Choice, add_instance, choose
from wltui.core.credentials import load_credentials
from wltui.core.errors import UsageError, WltuiError
from wltui.core.settings import Secret, Settings
from wltui.lifecycle.console import escape_line, say, say_error
from wltui.lifecycle.first_picture import delete_pictures, list_pictures, pictures_folder
from wltui.lifecycle.terminal import can_show_unicode, original_environ
from wltui.store.private_files import state_folder, why
from wltui.ui.text.qr_code import qr_lines

if TYPE_CHECKING:
    from wltui.api.device_flow import DeviceCode

TEXT_ROWS = 5
"""Rows above the QR code that are to be seen with it: from the address on."""
_EPILOG = "exit codes: 0 done, 1 if it failed, 2 for wrong usage, 130 after ctrl+c\n"


def login(words: Sequence[str]) -> int:
    """Sign in so that it lasts, and return the exit code; raises UsageError."""
    parser = _parser(
        "login", "Sign in to an instance with a browser anywhere; wltui uses and renews it from then on."
    )
    parser.add_argument(
        "--password", action="store_true", help="with a user and a password, which is not kept"
    )
    parser.add_argument(
        "--stay", action="store_true", help="for days, where the instance allows it (offline_access)"
    )
    parser.add_argument(
        "--keyring", action="store_true", help="keep the tokens in the system's keyring, not in a file"
    )
    parser.add_argument(
        "--insecure", action="store_true", help="send the password even if others could read it on the way"
    )
    arguments, chosen = _instance(parser, words)
    settings, store = chosen.settings, TokenStore(state_folder())
    from wltui.auth.sign_in import OFFLINE_SCOPE, sign_in_by_device, sign_in_by_password

    scope = OFFLINE_SCOPE if arguments.stay else ""

    if arguments.password:
        _ask_about(settings.exposure, insecure=arguments.insecure)
        user, password = _user_and_password()
        signing_in = sign_in_by_password(settings, store, user, password, scope=scope)
    else:
        signing_in = sign_in_by_device(settings, store, lambda code: _show(settings, code), scope=scope)

    async def sign_in() -> None:
        name, place = (await signing_in).name, ", in the keyring" if settings.sign_in.keyring else ""
        say(f"Signed in to {settings.endpoint} as {escape_line(name)}{place}.")

    code = _run(sign_in())
    if not code and (first := settings.source):
        say(f"{first} comes before it, as long as it is set.")
    return code


def logout(words: Sequence[str]) -> int:
    """Forget every sign-in to an instance, and return the exit code; raises UsageError."""
    _, chosen = _instance(_parser("logout", "Sign out of an instance."), words)
    settings, store = chosen.settings, TokenStore(state_folder())
    from wltui.auth.sign_in import sign_out

    async def forget() -> None:
        logins = store.load_all(settings.endpoint)
        if not logins:
            say(f"Nobody is signed in to {settings.endpoint} on this host.")
        try:
            delete_pictures(list_pictures(pictures_folder(os.environ)))
        except OSError as error:  # none is shown any more, as the sign-in is gone
            say(f"{escape_line(error.filename)} is left behind: {why(error)}.")
        for kept in logins:
            trouble = await sign_out(store, kept, settings.network)
            say(f"{escape_line(kept.name)} is signed out of {settings.endpoint}.")
            if trouble:
                say(f"The sign-in service may not know: {escape_line(trouble)}.")

    return _run(forget())


def whoami(words: Sequence[str]) -> int:
    """Tell who wltui would be, ask the instance whether it agrees, and return the exit code; raises UsageError."""
    parser = _parser("whoami", "Tell who is signed in to an instance, and whether it agrees.")
    _, chosen = _instance(parser, words)
    settings, state_dir = chosen.settings, state_folder()
    from wltui.api.calls import list_workspaces
    from wltui.auth.identity import identify
    from wltui.auth.sign_in import build_client

    first = settings.source  # what comes before a sign-in on disk
    user = identify(settings, None, state_dir)
    if not (first or user.login):
        say(f"Nobody is signed in to {settings.endpoint}. Sign in: {settings.sign_in_command}")
        return 1
    say(f"{escape_line(user.name)} at {settings.endpoint}, by {first or 'wltui login'}")

    async def ask() -> None:
        asking = build_client(settings, user.login, TokenStore(state_dir))
        try:
            await asking.ask(list_workspaces())
        finally:
            await asking.aclose()
        say("The instance accepts it.")

    return _run(ask())


def _instance(parser: Parser, words: Sequence[str]) -> tuple[argparse.Namespace, Choice]:
    """The arguments, and the instance that they, the environment and the profiles mean."""
    arguments = parser.parse(words)
    chosen = choose(arguments, os.environ)
    if exposure := chosen.settings.exposure:
        say(f"wltui: {escape_line(exposure)}.", error=True)
    return arguments, chosen


def _ask_about(exposure: str, *, insecure: bool) -> None:
    """Ask whether to send a password that others could read.

    Raises:
        UsageError: the answer is no, or there is nobody to ask.
    """
    if not exposure or insecure:
        return
    if sys.stdin.isatty():
        say("Send the password all the same? [y/N] ", error=True, end="")
        if sys.stdin.readline().strip().lower() in ("y", "yes"):
            return
    raise UsageError("The password was not sent", exposure, "Use https://, or add --insecure to send it")


def _user_and_password() -> tuple[str, Secret]:
    """From the environment or the SDK's file; what neither tells is asked for."""
    told = load_credentials({name: text for name, text in os.environ.items() if name != "WLTUI_TOKEN"}).login
    if told:
        return told
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


def _show(settings: Settings, code: "DeviceCode") -> None:
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
    """The address for a phone, where the terminal shows it below the same address in words."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb"
    if plain or not (
        sys.stdout
        and sys.stdout.isatty()
        and can_show_unicode(original_environ(os.environ), sys.stdout.encoding)
    ):
        return ()
    columns, rows = get_terminal_size()
    return qr_lines(escape_line(code.url_with_code or code.url), columns, rows - TEXT_ROWS)


def _run(work: Coroutine[object, object, None]) -> int:
    try:
        asyncio.run(work)
    except UsageError:
        raise
    except WltuiError as error:
        say_error(error)
        return 1
    return 0


def _parser(command: str, what: str) -> Parser:
    flags = " [--password [--insecure]] [--stay] [--keyring]" if command == "login" else ""
    usage = f"wltui {command} [--profile NAME | --endpoint URL]{flags}"
    parser = Parser(f"wltui {command}", usage, what, _EPILOG)
    add_instance(parser)
    return parser


COMMANDS: Mapping[str, Callable[[Sequence[str]], int]] = {"login": login, "logout": logout, "whoami": whoami}
"""By the word that they are called by."""
