"""Fetch a token from a program that prints it."""

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
"""Maximum seconds for the program to run."""


class CommandToken(RenewableToken):
    """A token that a program prints. The program runs again before the token ends, or if the server refuses it."""

    def __init__(self, command: Sequence[str], *, clock: Callable[[], float] = time.time) -> None:
        """Set the program and its arguments, without running it. No shell interprets them."""
        super().__init__(clock)
        self._command = tuple(command)
        self._user = ""

    async def renew(self, seen: Tokens | None) -> Tokens:
        """Run the program and return its token; raise WltuiError if it fails or the token is of another user."""
        try:
            token = await self._run_command()
        except NotSignedIn as error:
            if seen is None:
                raise
            # It worked before, and may work again. NotSignedIn would stop every refresh.
            raise ApiRefused(error.what, error.why, error.advice) from None
        user = user_id(token)
        if seen is not None and user != self._user:
            raise self._failure("it now prints a token of another user", "Restart wltui")
        self._user = user
        return Tokens(bearer_header(Secret(token)), None, self._stale_at(expiry(token)))

    def _stale_at(self, end: float | None) -> float:
        """Return the time of the next run; infinity if the token has no end, or has ended by this clock."""
        now = self.clock()
        left = end - now if end is not None else 0
        return now + left - min(SKEW, left / 3) if left > 0 else math.inf

    async def _run_command(self) -> str:
        try:
            # In a session of its own it can't read from the terminal, which shows the screen.
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=PIPE,
                start_new_session=True,
                env=child_environment(),
            )
        except (OSError, ValueError) as error:
            raise self._failure(getattr(error, "strerror", None) or "it can't be run") from None
        try:
            async with asyncio.timeout(TIMEOUT):
                printed, complaint = await process.communicate()
        except TimeoutError:
            raise self._failure(f"it did not end within {TIMEOUT:.0f} s") from None
        finally:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.kill()
        if process.returncode:
            raise self._failure(excerpt(complaint) or f"it ended with code {process.returncode}")
        token = printed.decode("ascii", "replace").strip()
        if not is_sendable(token):
            raise self._failure("it did not print exactly one token")
        return token

    def _failure(self, why: str, advice: str = "Run it yourself to see what is wrong") -> NotSignedIn:
        return NotSignedIn(f"token_command {Path(self._command[0]).name!r} returned no token", why, advice)
