"""The API client: sends calls, repeats reads, never repeats writes.

Reads are POSTs too, so the HTTP method does not show if one may be repeated; ``Call.write`` does. Importing this
module imports httpx, which takes a while: do it after the first picture.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, TypeVar

import httpx
from msgspec import Struct

from wltui.core.errors import (
    ApiFormatError,
    ConnectionFailed,
    NoSuchEndpoint,
    NotSignedIn,
    OutcomeUnknown,
    ReadOnlyMode,
    ServiceError,
    TimedOut,
    WltuiError,
)
from wltui.core.redaction import hide_secrets_in_bytes
from wltui.core.settings import CONNECT_TIMEOUT, DEFAULT_NETWORK, SIGN_IN_COMMAND, Network
from wltui.core.threads import run_in_thread

from .auth import WRITE, RenewableToken
from .body import BODY_LIMIT
from .calls import Call
from .connection import BODY, connect
from .failures import NOT_SENT, connection_error, refusal, retry_after, was_sent
from .graphql import PATH, check_query
from .reasons import reason
from .recording import record
from .request_log import TRY

if TYPE_CHECKING:
    from .upload import UploadBody

T = TypeVar("T")

REPEATS = 2
"""How often a failed read is repeated."""
FIRST_PAUSE, LONGEST_PAUSE = 0.3, 5.0
"""Maximum seconds before the first repeat, and before any repeat; each pause is random between 0 and that."""
LONGEST_RETRY_AFTER = 20.0
"""Maximum seconds of a ``Retry-After`` that is obeyed; if it is longer, the call fails at once."""
HIDDEN_IN_THREAD = 4 << 20
"""Bytes from which a body is searched for the token in a thread, since it takes long."""

_UNAVAILABLE = frozenset({429, 502, 503, 504})
"""Statuses after which a read may be repeated."""
LEAST_TOKEN = 16
"""Minimum characters of a token that is hidden in answers; shorter texts may occur by chance."""
_GATEWAY = frozenset({502, 503, 504})
"""Statuses of a gateway, after which the API behind it may have saved a write."""

_FULL = 507
"""Status of a full storage, which the API sends without words."""


class Failure(Struct, frozen=True):
    """Failure of one attempt."""

    error: WltuiError
    passing: bool = False
    """True if another attempt may succeed."""
    retry_after: float | None = None
    """Seconds that the server asked to wait."""


class Client:
    """Client of one Wallaroo instance, for one user."""

    def __init__(
        self,
        endpoint: str,
        auth: httpx.Auth | None,
        *,
        timeout: float,
        network: Network = DEFAULT_NETWORK,
        read_only: bool = False,
        repeats: int = REPEATS,
        wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        connect_timeout: float = CONNECT_TIMEOUT,
        body_limit: int = BODY_LIMIT,
        sign_in: str = SIGN_IN_COMMAND,
    ) -> None:
        """Create a client without sending anything. This may happen in any thread, before an event loop runs.

        Args:
            endpoint: The base URL, normalised (see :func:`wltui.core.settings.normalise_endpoint`).
            auth: Adds the token to requests; None to send none.
            timeout: Seconds between two parts of an answer; a whole attempt may take twice as long.
            network: How to reach the endpoint.
            read_only: Refuse writes.
            repeats: How often a failed read is repeated.
            wait: Waits for a number of seconds before a repeat.
            jitter: Returns a number from 0 to 1 for each pause, so that many clients do not return at once.
            clock: Returns the time, for a ``Retry-After`` that is a date.
            connect_timeout: Additional seconds to reach the server.
            body_limit: Maximum bytes of an answer, decompressed.
            sign_in: The command that signs in to this instance, for advice.

        Raises:
            UsageError: the endpoint or a proxy is not a valid address, or a certificate's file can't be used.
        """
        self._connect = partial(
            connect,
            endpoint,
            timeout=timeout,
            connect_timeout=connect_timeout,
            auth=auth,
            network=network,
            limit=body_limit,
        )
        self._http = self._connect()
        self._endpoint = endpoint
        self._host = httpx.URL(endpoint).host
        # A body that arrives slowly never exceeds the timeout between two parts.
        self._total = connect_timeout + 2 * timeout
        self._read_only = read_only
        self._sign_in = sign_in
        self._repeats = repeats
        self._wait, self._jitter, self._clock = wait, jitter, clock
        self.on_size: Callable[[Call[object], int], object] = lambda call, size: None
        """Called with each call that was answered, and the bytes of the answer as they came, compressed."""

    async def aclose(self) -> None:
        """Wait for a running renewal of the sign-in, then close the connections."""
        if isinstance(self._http.auth, RenewableToken):
            await self._http.auth.settle()
        await self._http.aclose()

    async def ask(self, call: Call[T]) -> T:
        """Send a call and return its decoded answer.

        Raises:
            WltuiError: as :meth:`send`; OutcomeUnknown if a write has an unreadable answer.
        """
        body = await self.send(call)
        try:
            return call.decode(body)
        except ApiFormatError as error:
            if call.write:
                raise _outcome_unknown(call, error) from None
            raise

    async def send(self, call: Call[T]) -> bytes:
        """Send a call and return the body of its answer, which is not checked yet.

        Raises:
            ServiceError: it failed; if it was a write, nothing has changed.
            OutcomeUnknown: a write was sent, and its answer does not show if it was saved.
            ReadOnlyMode: the call is a write and the client is read-only or calls are only shown, or a GraphQL
                document is not a query.
            UsageError: there is no way to sign in.
        """
        self._check_writable(call)
        if call.path == PATH:
            check_query(call)
        record(call)
        *others, last = (call.path, *call.alternatives)
        for path in others:
            with suppress(NoSuchEndpoint):
                return await self._persist(call, path)
        return await self._persist(call, last)

    async def renew_token(self) -> None:
        """Renew the token, if it can be renewed; a request that takes long begins with a fresh one."""
        if isinstance(self._http.auth, RenewableToken):
            await self._http.auth.renew_now()

    async def upload(self, call: Call[T], body: "UploadBody") -> T:
        """Send a file once, on a connection of its own, and return the decoded answer.

        A connection that has idled might be closed by the server just then, and the answer be lost for nothing.

        Raises:
            WltuiError: as :meth:`ask`. If the last byte was not sent, the error is never OutcomeUnknown, since the
                server can't have stored anything then.
        """
        self._check_writable(call)
        record(call)
        http = await run_in_thread(self._connect)
        request = http.build_request(
            "POST",
            call.url(self._endpoint),
            content=body,
            headers=body.headers,
            timeout=body.timeout,
            extensions={WRITE: True},
        )
        body.request = request
        try:
            outcome = await self._deliver(call, http, request, None, body)
        finally:
            await body.aclose()
            await http.aclose()
        if isinstance(outcome, Failure):
            raise outcome.error
        try:
            return call.decode(outcome)
        except ApiFormatError as error:
            raise _outcome_unknown(call, error) from None

    def _check_writable(self, call: Call[T]) -> None:
        if call.write and self._read_only:
            raise ReadOnlyMode(
                f"{call.what} was not saved", "this session is read-only", "Start wltui without --read-only"
            )

    async def _persist(self, call: Call[T], path: str) -> bytes:
        repeats = 0 if call.write or call.patience else self._repeats
        attempt = 0
        while isinstance(outcome := await self._attempt(call, path, attempt), Failure):
            asked = outcome.retry_after or 0.0
            if attempt == repeats or not outcome.passing or asked > LONGEST_RETRY_AFTER:
                raise outcome.error
            drawn = self._jitter() * min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)
            await self._wait(max(asked, drawn))
            attempt += 1
        return outcome

    async def _attempt(self, call: Call[T], path: str, tries: int) -> bytes | Failure:
        request = self._http.build_request(
            "GET" if call.is_open else "POST",
            call.url(self._endpoint, path),
            content=None if call.is_open else call.encode(),
            headers={} if call.is_open else {"Content-Type": "application/json"},
            extensions={WRITE: call.write, TRY: tries},
        )
        total = self._total if call.patience is None else min(call.patience, self._total)
        return await self._deliver(call, self._http, request, total)

    async def _deliver(
        self,
        call: Call[T],
        http: httpx.AsyncClient,
        request: httpx.Request,
        total: float | None,
        body: "UploadBody | None" = None,
    ) -> bytes | Failure:
        """Send a request once, within ``total`` seconds. ``body``: the file that it uploads."""
        what = f"{call.what} could not be {'saved' if call.write else 'read'}"
        try:
            async with asyncio.timeout(total):
                auth = None if call.is_open else httpx.USE_CLIENT_DEFAULT
                response = await http.send(request, auth=auth, stream=True)
                try:
                    content = await _read(response)
                finally:
                    await response.aclose()
        except WltuiError as error:  # of the sign-in; the request itself was not sent, or got a 401
            return Failure(error, passing=isinstance(error, ConnectionFailed))
        except httpx.HTTPError as error:
            failed = connection_error(error, what=what, endpoint=call.path, host=self._host)
            maybe_done = was_sent(request) and not isinstance(error, NOT_SENT)
        except TimeoutError:
            why = f"{self._host} did not finish its answer within {total:.0f} s"
            failed = TimedOut(what, why, "Try again, or raise WALLAROO_REQUEST_TIMEOUT", endpoint=call.path)
            maybe_done = was_sent(request)  # and not still signing in
        else:
            if not response.is_success:
                return self._refused(call, what, response, content, body)
            self.on_size(call, response.extensions[BODY].received)
            return content
        unknown = call.write and maybe_done and (body is None or body.is_complete)
        return Failure(
            _outcome_unknown(call, failed) if unknown else failed,
            passing=isinstance(failed, ConnectionFailed),
        )

    def _refused(
        self, call: Call[T], what: str, response: httpx.Response, content: bytes, body: "UploadBody | None"
    ) -> Failure:
        status = response.status_code
        wait = retry_after(response.headers, self._clock())
        refused = refusal(
            status,
            response.headers,
            content,
            wait,
            what=what,
            endpoint=call.path,
            sign_in=self._sign_in,
        )
        if status == 401 and "authorization" not in response.request.headers and not call.write:
            # The server's words about a missing token would look like a problem with a token.
            refused = NotSignedIn(what, "you are not signed in yet", refused.advice, endpoint=call.path)
        error: WltuiError = refused
        # A 5xx without the API's own words comes from a gateway, which can't know the outcome.
        lost = status in _GATEWAY or (status >= 500 and status != _FULL and reason(content) is None)
        maybe_done = call.write and (body is None or body.is_complete)
        if maybe_done and lost:
            error = _outcome_unknown(call, refused)
        elif maybe_done and (status == 401 or status >= 500):  # it may have failed after the write
            error = _outcome_unknown(call, refused, refusal=refused)
        return Failure(error, status in _UNAVAILABLE, wait)


async def _read(response: httpx.Response) -> bytes:
    """Return the body without the token."""
    whole = BytesIO()  # parts that are joined at the end would be in memory twice
    async for part in response.aiter_bytes():
        whole.write(part)
    body = whole.getvalue()
    del whole
    token = response.request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
    if len(body) < HIDDEN_IN_THREAD:
        return _without(body, token)
    return await run_in_thread(_without, body, token)


def _without(body: bytes, token: bytes) -> bytes:
    """Return a body without the sent token, which a server may repeat: it must not reach a screen or a disk."""
    return hide_secrets_in_bytes(body, [token.decode("ascii")]) if len(token) >= LEAST_TOKEN else body


def _outcome_unknown(
    call: Call[T], error: WltuiError, *, refusal: ServiceError | None = None
) -> OutcomeUnknown:
    return OutcomeUnknown(
        f"{call.what} may or may not have been saved",
        error.why,
        "Read it again before you save it once more",
        refusal=refusal,
    )
