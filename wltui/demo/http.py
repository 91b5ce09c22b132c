"""HTTP/1.1 for one connection: h11 parses the bytes, asyncio moves them."""

import asyncio
import socket
import struct
import zlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Literal

import h11

MAX_BODY = 256 << 20
"""Bytes; a larger request is refused with 413."""
LINGER_SECONDS = 30.0
"""Seconds for which the rest of a body is dropped after an early answer, as by nginx."""
API = "/v1/api/"
ZIPPED_FROM = 1 << 10
"""Bytes of a body from which on it is compressed, for clients that accept that; gateways have such a limit too."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request, with its whole body."""

    method: str
    path: str
    """Below ``/v1/api/`` (``models/list``); any other target as it came, with its query."""
    body: bytes
    headers: Mapping[str, str]
    """By lower-case name."""
    reception: "Reception | None" = None
    """What took the body in while it came; then ``body`` holds only its beginning."""


@dataclass(frozen=True, slots=True)
class Response:
    """The answer to a request."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    """More headers, or others, than the content type of JSON."""


@dataclass(slots=True)
class Traffic:
    """Bytes that went over the wire, heads included."""

    received: int = 0
    sent: int = 0

    @property
    def total(self) -> int:
        """Bytes in both directions."""
        return self.received + self.sent


Outcome = Response | bytes | None
"""An answer, or bytes to write as they are before the connection is closed, or None to reset it."""
Answer = Callable[[Request], Awaitable[Outcome]]


class Reception:
    """Takes in a body while it comes, so that a large one is never held whole."""

    beginning: bytes | bytearray = b""
    """The beginning of the body, for those who look at requests."""
    pause = 0.0
    """Seconds to wait before the next piece is read, as on a slow link."""

    def begin(self) -> Outcome | Literal[False]:
        """Return an answer that does not wait for the body, or False to wait."""
        raise NotImplementedError

    def feed(self, data: bytes) -> Outcome | Literal[False]:
        """Take in a piece; return an answer that does not wait for the rest, or False to go on."""
        raise NotImplementedError


Receive = Callable[[Request], Reception | None]
"""Returns what takes in the body of a request that has just begun, or None to hold it whole."""


async def converse(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    answer: Answer,
    receive: Receive,
    traffic: Traffic,
) -> None:
    """Answer the requests of one connection, one after another, until either side ends it; count its bytes.

    After an early answer nothing more is sent, and what still comes of the body is dropped for some seconds: closed at
    once, the connection would be reset, and whether the client sees the answer would be a matter of luck.
    """
    connection = h11.Connection(h11.SERVER)
    try:
        while request := await _receive(connection, reader, writer, receive, traffic):
            outcome = request.outcome if isinstance(request, _Early) else await answer(request)
            if not isinstance(outcome, Response):
                return _break_off(writer, outcome)
            is_head = isinstance(request, Request) and request.method == "HEAD"
            if isinstance(request, Request) and "gzip" in request.headers.get("accept-encoding", ""):
                outcome = _zipped(outcome)
            encoded = _encode(connection, outcome, head_only=is_head)
            traffic.sent += len(encoded)
            writer.write(encoded)
            await writer.drain()
            if isinstance(request, _Early):
                return await _linger(reader, writer)
            if connection.our_state is h11.MUST_CLOSE:
                return None
            connection.start_next_cycle()
    except h11.RemoteProtocolError as error:
        if connection.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            refusal = Response(
                error.error_status_hint, b'{"msg":"Bad request","code":400}', {"connection": "close"}
            )
            writer.write(_encode(connection, refusal))
    except ConnectionError:
        pass
    finally:
        writer.close()


@dataclass(frozen=True, slots=True)
class _Early:
    """An answer that does not wait for the rest of a body."""

    outcome: Outcome

    @classmethod
    def closing(cls, outcome: Outcome) -> "_Early":
        """Return an answer that says that the connection is closed behind it."""
        if isinstance(outcome, Response):
            outcome = replace(outcome, headers={**outcome.headers, "connection": "close"})
        return cls(outcome)


async def _receive(
    connection: h11.Connection,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    receive: Receive,
    traffic: Traffic,
) -> Request | _Early | None:
    """Return the next request whole, or an early answer to it, or None when the client has gone."""
    head: h11.Request | None = None
    body = bytearray()
    reception: Reception | None = None
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            if connection.they_are_waiting_for_100_continue:
                writer.write(connection.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
            data = await reader.read(1 << 18)
            traffic.received += len(data)
            connection.receive_data(data)
        elif isinstance(event, h11.Request):
            head = event
            reception = receive(_request(head, b""))
            if reception and (early := reception.begin()) is not False:
                return _Early.closing(early)
        elif isinstance(event, h11.Data) and reception:
            if (early := reception.feed(bytes(event.data))) is not False:
                return _Early.closing(early)
            if reception.pause:
                await asyncio.sleep(reception.pause)
        elif isinstance(event, h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                raise h11.RemoteProtocolError("too large", error_status_hint=413)
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            if reception:
                return replace(_request(head, bytes(reception.beginning)), reception=reception)
            return _request(head, bytes(body))
        else:
            return None


def _request(head: h11.Request, body: bytes) -> Request:
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
    target = head.target.decode("ascii")
    return Request(head.method.decode("ascii"), target.removeprefix(API), body, headers)


def _encode(connection: h11.Connection, response: Response, *, head_only: bool = False) -> bytes:
    headers = {
        "content-type": "application/json",
        "server": "envoy",
        "content-length": str(len(response.body)),
    }
    headers |= {name.lower(): value for name, value in response.headers.items()}
    events: list[h11.Event] = [h11.Response(status_code=response.status, headers=list(headers.items()))]
    if not head_only:
        events.append(h11.Data(data=response.body))
    return b"".join(connection.send(event) or b"" for event in (*events, h11.EndOfMessage()))


def _zipped(response: Response) -> Response:
    """Return a response as gzip, or the same if it is small or has an encoding."""
    if len(response.body) < ZIPPED_FROM or "content-encoding" in map(str.lower, response.headers):
        return response
    packer = zlib.compressobj(1, wbits=31)  # 31: with the header of gzip, whose time is 0
    body = packer.compress(response.body) + packer.flush()
    return replace(response, body=body, headers={**response.headers, "content-encoding": "gzip"})


async def _linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Say that nothing more comes, and drop what the client still sends until it closes the connection, or too long."""
    with suppress(TimeoutError, OSError):  # the client may have gone already
        writer.write_eof()
        async with asyncio.timeout(LINGER_SECONDS):
            while await reader.read(1 << 18):
                pass


def _break_off(writer: asyncio.StreamWriter, last_words: bytes | None) -> None:
    """End the connection: by a reset, or orderly after ``last_words``."""
    if last_words is not None:
        writer.write(last_words)
        return
    # Closing without lingering makes the kernel send a reset.
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
