"""A token that another program prints."""

import asyncio
import math
import time
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from wltui.core.credentials import child_environment
from wltui.core.errors import ApiRefused, NotSignedIn
from wltui.core.jwt import expiry, user_id
from wltui.core.settings import Secret

from .auth import SKEW, RenewableToken, Tokens, bearer_header
from .keycloak import is_sendable
from .reasons import excerpt

TIMEOUT = 30.0
"""Seconds that the program may take."""


class CommandToken(RenewableToken):
    """The token that a program prints; it is run again before the token ends, or when the server refuses it."""

    def __init__(self, command: Sequence[str], *, clock: Callable[[], float] = time.time) -> None:
        """``command``: a program and its arguments; no shell reads them."""
        super().__init__(clock)
        self._command = tuple(command)
        self._user = ""

    async def renew(self, seen: Tokens | None) -> Tokens:
        try:
            token = await self._printed()
        except NotSignedIn as error:
            if seen is None:
                raise
            # It has worked before, and may do so again: that nobody is signed in would end all reading.
            raise ApiRefused(error.what, error.why, error.advice) from None
        user = user_id(token)
        if seen is not None and user != self._user:
            raise self._failed("it now prints a token of another user", "Start wltui again")
        self._user = user
        return Tokens(bearer_header(Secret(token)), None, self._stale_at(expiry(token)))

    def _stale_at(self, end: float | None) -> float:
        """When to run it again; never where the token does not say, or by this clock has ended already."""
        now = self.clock()
        left = end - now if end is not None else 0
        return now + left - min(SKEW, left / 3) if left > 0 else math.inf

    async def _printed(self) -> str:
        try:
            # In a session of its own it can't ask the terminal, which is the screen's.
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                start_new_session=True,
                env=child_environment(),
            )
        except (OSError, ValueError) as error:
            raise self._failed(getattr(error, "strerror", None) or "it can't be run") from None
        try:
            async with asyncio.timeout(TIMEOUT):
                said, complaint = await process.communicate()
        except TimeoutError:
            raise self._failed(f"it did not end within {TIMEOUT:.0f} s") from None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
        if process.returncode:
            raise self._failed(excerpt(complaint) or f"it ended with code {process.returncode}")
        token = said.decode("ascii", "replace").strip()
        if not is_sendable(token):
            raise self._failed("it printed something else than one token")
        return token

    def _failed(self, why: str, advice: str = "Run it yourself to see what is wrong") -> NotSignedIn:
        return NotSignedIn(f"token_command {Path(self._command[0]).name!r} gives no token", why, advice)
