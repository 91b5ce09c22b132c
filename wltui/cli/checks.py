"""Check whether a session would work: the way to the instance, the sign-in, one read, and the folders on disk."""

import os
import shutil
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from wltui.api import calls, graphql
from wltui.api.probe import ProbeResult, probe_instance
from wltui.auth.identity import Identity, identify
from wltui.auth.sign_in import fetch_once
from wltui.auth.token_store import TokenStore
from wltui.core.errors import UsageError, WltuiError
from wltui.core.jwt import expiry
from wltui.core.records import VersionId
from wltui.core.settings import Settings, is_loopback
from wltui.core.times import from_seconds, to_local
from wltui.store import private_files
from wltui.store.file_errors import advice_to_enter

MIN_FREE = 20 << 20
"""Bytes that the disk of a folder should have free."""


class Check(Struct, frozen=True, rename={"finding": "told"}):
    """One check and its result; ``wltui doctor --json`` prints it."""

    name: str
    ok: bool | None
    """None if it was skipped or is undetermined."""
    finding: str
    advice: str = ""
    seconds: float | None = None
    """How long it took, or None if that is of no interest."""


async def check_instance(settings: Settings, state_dir: Path) -> AsyncIterator[Check]:
    """Check the way to the instance step by step; nothing is tried behind a step that failed."""
    try:
        found = await probe_instance(settings)
    except UsageError as error:
        yield Check("Network", False, _sentence(error), error.advice)
        return
    for check in _steps(settings, found):
        yield check
    user = _user(settings, state_dir)
    yield user if isinstance(user, Check) else _sign_in(settings, user)
    api = Check("API", None, "not tried")
    if found.error is None:
        api = Check("API", True, f"answers at {settings.endpoint}/v1/api", seconds=found.api_seconds)
    elif found.tcp_seconds is not None and (found.tls_seconds is not None or not _secure(settings)):
        api = Check("API", False, found.error.why or found.error.what, found.error.advice)
    yield api
    if isinstance(user, Check) or not api.ok:
        yield Check("Read", None, "not tried")
        return
    yield await _read(settings, user, state_dir)
    yield await _graphql(settings, user, state_dir)


def _steps(settings: Settings, found: ProbeResult) -> tuple[Check, ...]:
    """Return the checks of name, TCP and TLS. An error belongs to the first step that has no time."""
    why, advice = (found.error.why, found.error.advice) if found.error else ("", "")
    peer = f"the proxy {found.peer}" if found.proxied else found.peer
    if not found.addresses:
        # Where a proxy knows a name that this computer does not, the proxy is the peer.
        return (
            Check("Name", False, f"no address is known for {peer}", advice, found.name_seconds),
            Check("TCP", None, "not tried"),
            Check("TLS", None, "not tried"),
        )
    more = f" and {len(found.addresses) - 1} more" if found.addresses[1:] else ""
    name = Check("Name", True, f"{peer} is {found.addresses[0]}{more}", seconds=found.name_seconds)
    if found.tcp_seconds is None:
        return name, Check("TCP", False, why, advice), Check("TLS", None, "not tried")
    tcp = Check("TCP", True, f"{peer} takes connections", seconds=found.tcp_seconds)
    if not _secure(settings):
        local = is_loopback(urlsplit(settings.endpoint).hostname or "")
        finding = "none: the endpoint is http://" + (
            "" if local else ", and everybody on the way can read along"
        )
        return name, tcp, Check("TLS", True if local else None, finding, "" if local else "Use https://")
    if found.tls_seconds is None:
        return name, tcp, Check("TLS", False, why, advice)
    if not settings.network.verify:
        finding = f"{found.tls or 'TLS'}, NOT VERIFIED: verify = false in the profile"
        return name, tcp, Check("TLS", None, finding, "Set ca_bundle instead", found.tls_seconds)
    return name, tcp, Check("TLS", True, found.tls or "trusted", seconds=found.tls_seconds)


def _secure(settings: Settings) -> bool:
    return settings.endpoint.startswith("https:")


def _user(settings: Settings, state_dir: Path) -> Identity | Check:
    """Return who the user is, or a failed check if nobody is signed in."""
    try:
        user = identify(settings, None, state_dir)
    except WltuiError as error:
        return Check("Sign-in", False, _sentence(error), error.advice)
    if settings.token or settings.login or settings.sign_in.token_command or user.login:
        return user
    return Check(
        "Sign-in", False, "nobody is signed in", f"Sign in by {settings.sign_in_command}, or set WLTUI_TOKEN"
    )


def _sign_in(settings: Settings, user: Identity) -> Check:
    """Check how the session signs in, as far as it is known without asking anybody."""
    if not settings.token:
        where = ", in the keyring" if user.login and user.login.provider.keyring else ""
        how = (
            f"wltui login{where}"
            if user.login
            else "a password"
            if settings.login
            else "the profile's command"
        )
        return Check("Sign-in", True, f"{user.name}, by {how}")
    end = expiry(settings.token.reveal())
    until = from_seconds(end)
    if until is not None and until <= datetime.now(UTC):
        return Check(
            "Sign-in", False, f"the token of {user.name} has expired", "Set WLTUI_TOKEN to a fresh one"
        )
    if until is None:
        return Check("Sign-in", True, f"{user.name}, by a token that does not say how long it lasts")
    return Check("Sign-in", True, f"{user.name}, by a token until {to_local(until):%Y-%m-%d %H:%M:%S}")


def _sentence(error: WltuiError) -> str:
    return f"{error.what}: {error.why}".removesuffix(": ")


async def _read(settings: Settings, user: Identity, state_dir: Path) -> Check:
    """Read once as the session would, signing in included."""
    began = time.monotonic()
    try:
        reading = replace(settings, read_only=True)
        workspaces = await fetch_once(reading, user.login, TokenStore(state_dir), calls.list_workspaces())
    except WltuiError as error:
        return Check("Read", False, _sentence(error), error.advice)
    seconds = time.monotonic() - began
    if not workspaces:
        return Check("Read", True, "no workspace is yours to see", "Ask an administrator", seconds)
    finding = f"{len(workspaces)} workspace{'s' if workspaces[1:] else ''}, signed in as {user.name}"
    return Check("Read", True, finding, seconds=seconds)


async def _graphql(settings: Settings, user: Identity, state_dir: Path) -> Check:
    """Check what GraphQL shows, which wltui can do without."""
    if not settings.graphql:
        return Check("GraphQL", None, "switched off by graphql = false in the profile")
    nothing, began = VersionId(0), time.monotonic()
    limits: list[str] = []
    for query in (graphql.config_rows(nothing), graphql.uses_of_version(nothing)):
        try:
            await fetch_once(settings, user.login, TokenStore(state_dir), query.call())
        except WltuiError as error:
            limits.append(error.why or error.what)
    if limits:
        advice = (
            "wltui does without it: some fields of a config, or which config a pipeline runs, stay unknown"
        )
        return Check("GraphQL", None, "; ".join(dict.fromkeys(limits)), advice)
    seconds = time.monotonic() - began
    return Check(
        "GraphQL", True, "shows whole configs, and which of them each pipeline runs", seconds=seconds
    )


def check_folder(name: str, folder: Path) -> Check:
    """Check whether wltui can keep files in a folder, for this user alone. Nothing is made."""
    there = next(path for path in (folder, *folder.parents) if os.path.exists(path))
    check = Check(name, True, str(folder) if there == folder else f"{folder}, which is not there yet")
    try:
        private_files.check_folder(there, own=there == folder or private_files.OWN in there.parts)
    except private_files.Unsafe as error:
        return replace(check, ok=False, finding=f"{error.filename}: {error.strerror}", advice=error.advice)
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        return replace(check, ok=False, finding=f"{folder} can't be written", advice=advice_to_enter(there))
    if there == folder and folder.stat().st_mode & private_files.READABLE:
        return replace(
            check, ok=False, finding=f"others can look into {folder}", advice=f"chmod 700 {folder}"
        )
    if (free := shutil.disk_usage(there).free) < MIN_FREE:
        return replace(
            check, ok=False, finding=f"the disk of {folder} has {free / 1e6:.1f} MB left", advice="Make room"
        )
    return check
