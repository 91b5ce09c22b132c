"""Identify the user of a session: a key for their cache, drafts and saves, and a name for people."""

import hashlib
from pathlib import Path

from msgspec import Struct

from wltui.core.errors import UsageError
from wltui.core.jwt import user_id, user_name
from wltui.core.redaction import encode_text
from wltui.core.settings import Settings
from wltui.store.private_files import owner_key

from .token_store import Login, TokenStore, account


class Identity(Struct, frozen=True):
    """One user of one instance. ``key`` names their files, and reveals neither user nor instance."""

    key: str
    name: str
    login: Login | None = None
    """The sign-in on disk, if the session uses it."""
    id: str = ""
    """The user's id on the instance, which answers name users by; empty if it is not known before signing in."""


def identify(settings: Settings, cache_dir: Path | None, state_dir: Path | None = None) -> Identity:
    """Return the user as far as they are known before signing in.

    The first of these counts: a token, a command that prints one, a password, and the last sign-in on this host.
    Offline, if there is none of them, it is the one user whose answers the cache has.

    Raises:
        UsageError: the cache has answers of several users, and nothing names one of them; or a sign-in can't be used.
    """
    key = owner_key(settings.endpoint, _account(settings))
    if settings.token:
        token = settings.token.reveal()
        return Identity(key, user_name(token) or "token", id=user_id(token))
    if settings.sign_in.token_command:
        return Identity(key, "token_command")
    if settings.login:
        return Identity(key, settings.login[0])
    if login := TokenStore(state_dir).find_current(settings.endpoint) if state_dir else None:
        return Identity(login.key, login.name, login, login.subject)
    nobody = Identity(key, "not signed in")
    if not settings.offline or cache_dir is None:
        return nobody
    cached = _cached_users(cache_dir, settings.endpoint)
    if nobody in cached or not cached:
        return nobody
    if len(cached) > 1:
        raise UsageError(
            f"--offline does not know whose answers of {settings.endpoint} to show",
            "those are kept of " + ", ".join(sorted(user.name for user in cached)),
            "Set WLTUI_TOKEN to a token of one of them, which may have expired; it is sent nowhere",
        )
    return cached[0]


def _account(settings: Settings) -> str:
    if settings.token:
        token = settings.token.reveal()
        return account(user_id(token) or _hash(token))
    if settings.sign_in.token_command:  # run only when it is needed, and so the same user's each time
        return f"command {_hash(repr(settings.sign_in.token_command))}"
    return f"user {settings.login[0]}" if settings.login else ""


def _hash(text: str) -> str:
    return hashlib.sha256(encode_text(text)).hexdigest()


def _cached_users(cache_dir: Path, endpoint: str) -> list[Identity]:
    """Return the users of an instance who have answers in the cache."""
    from wltui.store.inventory import cache_files

    return [
        Identity(file.path.name.partition(".")[0], file.owner.account)
        for file in cache_files(cache_dir)
        if file.answers and file.owner and file.owner.endpoint == endpoint
    ]
