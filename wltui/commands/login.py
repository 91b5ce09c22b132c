"""``wltui login``, ``logout`` and ``whoami``: who is signed in to an instance on this host."""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import replace
from getpass import getpass
from typing import TYPE_CHECKING

from wltui.credentials import credentials
from wltui.errors import UsageError, WltuiError
from wltui.settings import Secret, Settings, normalise_endpoint, request_timeout
from wltui.store.files import state_folder
from wltui.store.tokens import TokenStore
from wltui.ui.spans import visible

from .arguments import Parser

if TYPE_CHECKING:
    from wltui.api.device import DeviceCode

_EPILOG = "exit codes: 0 done, 1 if it failed, 2 for wrong usage, 130 after ctrl+c\n"


def login(words: Sequence[str]) -> int:
    """Sign in so that it lasts, and return the exit code; raises UsageError."""
    parser = _parser(
        "login", "Sign in to an instance with a browser anywhere; wltui uses and renews it from then on."
    )
    parser.add_argument(
        "--password", action="store_true", help="with a user and a password, which is not kept"
    )
    arguments = parser.parse(words)
    settings, store = _settings(arguments.endpoint), TokenStore(state_folder())
    from wltui.signing_in import sign_in_by_device, sign_in_by_password

    if arguments.password:
        user, password = _user_and_password()
        signing_in = sign_in_by_password(settings, store, user, password)
    else:
        signing_in = sign_in_by_device(settings, store, lambda code: _show(settings, code))

    async def sign_in() -> None:
        _say(f"Signed in to {settings.endpoint} as {(await signing_in).name}.")

    code = _run(sign_in())
    if not code and (first := _first(settings)):
        _say(f"{first} is set, and comes before it.")
    return code


def logout(words: Sequence[str]) -> int:
    """Forget every sign-in to an instance, and return the exit code; raises UsageError."""
    arguments = _parser("logout", "Sign out of an instance.").parse(words)
    settings, store = _settings(arguments.endpoint), TokenStore(state_folder())
    from wltui.signing_in import sign_out

    async def forget() -> None:
        logins = store.logins(settings.endpoint)
        if not logins:
            _say(f"Nobody is signed in to {settings.endpoint} on this host.")
        for kept in logins:
            trouble = await sign_out(store, kept, settings.network)
            _say(f"{kept.name} is signed out of {settings.endpoint}.")
            if trouble:
                _say(f"The sign-in service may not know: {trouble}.")

    return _run(forget())


def whoami(words: Sequence[str]) -> int:
    """Tell who wltui would be, ask the instance whether it agrees, and return the exit code; raises UsageError."""
    arguments = _parser("whoami", "Tell who is signed in to an instance, and whether it agrees.").parse(words)
    settings, state_dir = _settings(arguments.endpoint), state_folder()
    from wltui.api.calls import list_workspaces
    from wltui.api.client import Client
    from wltui.identity import identify
    from wltui.signing_in import way

    first = _first(settings)
    settings = _with_credentials(settings)
    user = identify(settings, None, state_dir)
    _say(f"{user.name} at {settings.endpoint}, by {first or 'wltui login'}" if first or user.login else
         f"Nobody is signed in to {settings.endpoint}. Sign in: wltui login")  # fmt: skip
    if not (first or user.login):
        return 1

    async def ask() -> None:
        auth = way(settings, user.login, TokenStore(state_dir))
        client = Client(settings.endpoint, auth, timeout=settings.request_timeout, network=settings.network)
        try:
            await client.ask(list_workspaces())
        finally:
            await client.aclose()
        _say("The instance accepts it.")

    return _run(ask())


def _settings(address: str | None) -> Settings:
    """What there is to know of the instance, without who signs in."""
    address = address or os.environ.get("WALLAROO_URL", "").strip()
    if not address:
        raise UsageError("No instance is named", "", "Add --endpoint https://HOST, or set WALLAROO_URL")
    return Settings(normalise_endpoint(address), request_timeout=request_timeout(os.environ))


def _with_credentials(settings: Settings) -> Settings:
    told = credentials(os.environ)
    return replace(settings, token=told.token, login=told.login)


def _first(settings: Settings) -> str:
    """What comes before a sign-in on disk; empty if nothing does."""
    told = credentials(os.environ)
    if told.source != "WLTUI_TOKEN" and settings.sign_in.token_command:
        return "token_command"
    return told.source


def _user_and_password() -> tuple[str, Secret]:
    """From the environment or the SDK's file; what neither tells is asked for."""
    told = credentials({name: text for name, text in os.environ.items() if name != "WLTUI_TOKEN"}).login
    if told:
        return told
    user, password = os.environ.get("WALLAROO_USER", ""), os.environ.get("WALLAROO_PASSWORD", "")
    if not sys.stdin.isatty():
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
        _say(f"To sign in to {settings.endpoint}, open in any browser\n\n    {visible(code.url_with_code)}\n")
        _say(f"where the code should be {visible(code.code)}. ", end="")
    else:
        _say(f"To sign in to {settings.endpoint}, open in any browser\n\n    {visible(code.url)}\n")
        _say(f"and type the code {visible(code.code)}. ", end="")
    _say("Waiting; ctrl+c gives up.")


def _run(work: Coroutine[object, object, None]) -> int:
    try:
        asyncio.run(work)
    except UsageError:
        raise
    except WltuiError as error:
        print(f"wltui: {visible(str(error))}", file=sys.stderr)
        return 1
    return 0


def _say(text: str, *, end: str = "\n") -> None:
    print(text, end=end, flush=True)


def _parser(command: str, what: str) -> Parser:
    flags = " [--password]" if command == "login" else ""
    parser = Parser(f"wltui {command}", f"wltui {command} [--endpoint URL]{flags}", what, _EPILOG)
    parser.add_argument(
        "--endpoint", metavar="URL", help="the instance, such as https://HOST; else WALLAROO_URL"
    )
    return parser


COMMANDS: Mapping[str, Callable[[Sequence[str]], int]] = {"login": login, "logout": logout, "whoami": whoami}
"""By the word that they are called by."""
