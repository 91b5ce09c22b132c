"""Open the service of a session: who the user is, which files are theirs, and how to connect."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from wltui.auth.identity import Identity, identify
from wltui.auth.token_store import TokenStore
from wltui.core.settings import Settings
from wltui.lifecycle.prefetch import Prefetch
from wltui.store.drafts import Drafts
from wltui.store.last_visit import visit_path
from wltui.store.response_cache import Cache, Owner, cache_path
from wltui.store.save_history import History
from wltui.store.upload_history import UploadHistory

from .service import Service

if TYPE_CHECKING:
    from wltui.api.client import Client


def _now() -> datetime:
    return datetime.now(UTC)


def open_service(
    settings: Settings,
    cache_dir: Path | None,
    state_dir: Path | None = None,
    *,
    identity: Identity | None = None,
    prefetch: Prefetch | None = None,
    is_visit: bool = True,
    clock: Callable[[], datetime] = _now,
    ticks: Callable[[], float] = time.monotonic,
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
    jitter: Callable[[], float] = random.random,
) -> Service:
    """Return the service of a session; it connects at the first live read and imports nothing for that before.

    Args:
        settings: The instance and how to sign in to it.
        cache_dir: The folder for responses; None keeps nothing.
        state_dir: The folder for drafts, history and sign-ins; None keeps nothing.
        identity: The user, if they have been identified already.
        prefetch: Answers that were requested while the program started, to use in place of new requests.
        is_visit: Whether the user looks at what is read, so that only what changes after it is news to them.
        clock: The time in UTC.
        ticks: Seconds on a clock that nobody sets.
        wait: Lets seconds pass before a read is repeated, or looked at a second time.
        jitter: A number from 0 to 1 for the length of such a pause, see :class:`~wltui.api.client.Client`.

    Raises:
        UsageError: offline mode, and it is not known whose answers to show; or a sign-in on disk can't be used.
    """

    def connect() -> "Client":
        from wltui.auth.sign_in import build_client

        store = TokenStore(state_dir) if state_dir else None
        return build_client(settings, user.login, store, wait=wait, jitter=jitter)

    user = identity or identify(settings, cache_dir, state_dir)
    cache = None
    if cache_dir is not None:
        cache = Cache(
            cache_path(cache_dir, user.key),
            max_bytes=settings.cache_bytes,
            max_age=timedelta(days=settings.cache_days),
            owner=Owner(settings.endpoint, user.name),
            clock=clock,
        )
    return Service(
        connect,
        cache,
        drafts=Drafts(state_dir, user.key, clock),
        history=History(state_dir, user.key, clock, ticks=ticks),
        upload_history=UploadHistory(state_dir, user.key, clock, ticks=ticks),
        user=user.name,
        user_id=user.id,
        owner=user.key,
        offline=settings.offline,
        graphql=settings.graphql,
        visit_path=visit_path(cache_dir, user.key) if cache_dir and is_visit else None,
        prefetch=prefetch if prefetch and prefetch.owner == user.key else None,
        clock=clock,
        wait=wait,
    )
