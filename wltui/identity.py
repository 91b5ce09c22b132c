"""Whose session it is: what one user's cache, drafts and saves are kept under, and the name for people."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from .api.claims import claims, subject
from .errors import UsageError
from .settings import Settings
from .store.files import owner_key


@dataclass(frozen=True, slots=True)
class Identity:
    """One user of one instance. ``key`` names the files, and tells neither."""

    key: str
    name: str


def identify(settings: Settings, cache_dir: Path | None) -> Identity:
    """Who the user is as far as it is known before signing in.

    Offline nobody signs in: without a token it is the one user whose answers the cache has.

    Raises:
        UsageError: the cache has the answers of several, and nothing says whose to show.
    """
    key = owner_key(settings.endpoint, _account(settings))
    if settings.token:
        return Identity(key, subject(settings.token.reveal()) or "token")
    if settings.login:
        return Identity(key, settings.login[0])
    nobody = Identity(key, "not signed in")
    if not settings.offline or cache_dir is None:
        return nobody
    known = _known(cache_dir, settings.endpoint)
    if nobody in known or not known:
        return nobody
    if len(known) > 1:
        raise UsageError(
            f"--offline can't tell whose answers of {settings.endpoint} to show",
            "those are kept of " + ", ".join(sorted(user.name for user in known)),
            "Set WLTUI_TOKEN to a token of one of them, which may have expired; it is sent nowhere",
        )
    return known[0]


def _account(settings: Settings) -> str:
    if settings.token:
        token = settings.token.reveal()
        return f"token {claims(token).get('sub') or hashlib.sha256(token.encode()).hexdigest()}"
    return f"user {settings.login[0]}" if settings.login else ""


def _known(cache_dir: Path, endpoint: str) -> list[Identity]:
    """The users of an instance who have answers in the cache."""
    from .store.inventory import cache_files

    return [
        Identity(file.path.name.partition(".")[0], file.owner.account)
        for file in cache_files(cache_dir)
        if file.answers and file.owner and file.owner.endpoint == endpoint
    ]
