"""Build the client of a session with its way to sign in; sign in for later sessions, and sign out again."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from msgspec.structs import replace

from wltui.api.auth import Auth, PasswordLogin, StaticToken, fetch_password_grant, renewal_time
from wltui.api.calls import Call
from wltui.api.client import REPEATS, Client
from wltui.api.device_flow import DeviceCode, request_code, wait_for_grant
from wltui.api.keycloak import Grant, Provider
from wltui.api.token_command import CommandToken
from wltui.core.errors import ServiceError, UsageError, WltuiError
from wltui.core.jwt import plain_text, user_id, user_name
from wltui.core.settings import Network, Secret, Settings
from wltui.core.threads import run_in_thread
from wltui.store.file_errors import remedy, why

from . import keyring
from .stored_login import StoredLogin, locked
from .token_store import Login, TokenStore

T = TypeVar("T")
Clock = Callable[[], float]

WITHOUT_KEYRING = "without it: then the tokens are in a file that only you can read"
"""The end of an advice to sign in without the keyring."""
OFFLINE_SCOPE = "openid offline_access"
"""The scope of a sign-in that outlasts the session in the browser."""


def build_auth(settings: Settings, login: Login | None, store: TokenStore | None) -> Auth | None:
    """Return the object that puts the token on requests, or None if there is no way to sign in.

    The first of these counts: a token, a command that prints one, a password, and the sign-in on disk.

    Raises:
        UsageError: no HTTP header can hold the token.
    """
    if settings.token:
        return StaticToken(settings.token)
    if settings.sign_in.token_command:
        return CommandToken(settings.sign_in.token_command)
    if settings.login:
        return PasswordLogin(
            settings.endpoint, *settings.login, sign_in=settings.sign_in, network=settings.network
        )
    if store is None or login is None:
        return None
    return StoredLogin(store, login, network=settings.network, command=settings.sign_in_command)


def build_client(
    settings: Settings,
    login: Login | None,
    store: TokenStore | None,
    *,
    repeats: int = REPEATS,
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    jitter: Callable[[], float] = random.random,
) -> Client:
    """Return the client of a session; raise as :func:`build_auth` and :class:`~wltui.api.client.Client` do."""
    return Client(
        settings.endpoint,
        build_auth(settings, login, store),
        timeout=settings.request_timeout,
        network=settings.network,
        read_only=settings.read_only,
        repeats=repeats,
        wait=wait,
        jitter=jitter,
    )


async def fetch_once(settings: Settings, login: Login | None, store: TokenStore, call: Call[T]) -> T:
    """Send one request as a session would, signing in included, and return its answer; the connection is closed."""
    client = build_client(settings, login, store)
    try:
        return await client.ask(call)
    finally:
        await client.aclose()


async def sign_in_by_device(
    settings: Settings,
    store: TokenStore,
    on_code: Callable[[DeviceCode], object],
    *,
    on_wait: Callable[[str, float], object] = lambda why, interval: None,
    scope: str = "",
    wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    clock: Clock = time.time,
) -> Login:
    """Sign in with a code that is typed into a browser anywhere; cancelling this is enough to give up.

    Args:
        settings: the instance and its sign-in service.
        store: where to save it.
        on_code: called with the code to show to the user.
        on_wait: called while it waits, as by :func:`~wltui.api.device_flow.wait_for_grant`.
        scope: the scope to ask for, such as :data:`OFFLINE_SCOPE`; empty for the usual one.
        wait: lets seconds pass.
        clock: seconds since 1970.

    Raises:
        WltuiError: the sign-in failed, or can't be saved.
    """
    provider = await _checked_provider(settings)
    code = await request_code(provider, clock, scope=scope)
    on_code(code)
    grant = await wait_for_grant(provider, code, wait=wait, clock=clock, on_wait=on_wait)
    return await _save(settings, store, provider, grant, clock)


async def sign_in_by_password(
    settings: Settings,
    store: TokenStore,
    user: str,
    password: Secret,
    *,
    scope: str = "",
    clock: Clock = time.time,
) -> Login:
    """Sign in as a user, whose password is not saved; raise as :func:`sign_in_by_device` does."""
    provider = await _checked_provider(settings)
    grant = await fetch_password_grant(provider, user, password, scope=scope)
    return await _save(settings, store, provider, grant, clock, user=user)


async def sign_out(store: TokenStore, login: Login, network: Network) -> str:
    """End a sign-in and delete it; return why the sign-in service may not know, or an empty text.

    Raises:
        WltuiError: it is still on disk.
    """
    reason = ""
    async with locked(store, login):
        try:
            newest = await run_in_thread(store.reload, login)
        except UsageError as error:
            newest, reason = None, error.why or error.what
        try:
            await run_in_thread(store.delete, login)
        except OSError as error:
            place = (
                "the entry wltui in the keyring" if login.provider.keyring else f"its file in {store.folder}"
            )
            raise WltuiError("The sign-in can't be deleted", why(error), f"Delete {place} yourself") from None
        if newest and newest.refresh:
            provider = Provider(newest.endpoint, newest.provider, network)
            try:
                if not await provider.end_session(newest.refresh):
                    reason = f"{provider.host} did not end the sign-in on its side"
            except ServiceError as error:
                reason = error.why
    return reason


async def _checked_provider(settings: Settings) -> Provider:
    """Return the sign-in service, after a check that its answer can be saved where the user wants it."""
    if settings.sign_in.keyring:
        try:
            await run_in_thread(keyring.check)
        except keyring.KeyringError as error:
            raise WltuiError(
                "The keyring can't be used", error.strerror or "", f"Sign in {WITHOUT_KEYRING}"
            ) from None
    return Provider(
        settings.endpoint,
        replace(settings.sign_in, token_command=()),
        settings.network,
        command=settings.sign_in_command,
    )


def _storage(settings: Settings, store: TokenStore) -> tuple[str, str]:
    """Return where a sign-in is kept, and what to do if it can't be."""
    if settings.sign_in.keyring:
        return "the keyring", f"Unlock it and sign in again, or sign in {WITHOUT_KEYRING}"
    return str(store.folder), "Make room or make the folder writable, and sign in again"


async def _save(
    settings: Settings, store: TokenStore, provider: Provider, grant: Grant, clock: Clock, *, user: str = ""
) -> Login:
    token = grant.access.reveal()
    now = clock()
    login = Login(
        endpoint=settings.endpoint,
        subject=user_id(token),
        name=user_name(token) or plain_text(user) or "signed in",
        provider=provider.sign_in,
        access=grant.access,
        refresh=grant.refresh,
        stale_at=renewal_time(grant, now),
        since=now,
    )
    async with locked(store, login):
        try:
            await run_in_thread(store.save, login)
        except OSError as error:
            place, usual = _storage(settings, store)
            raise WltuiError(
                f"The sign-in can't be kept in {place}", why(error), remedy(error, usual)
            ) from None
    return login
