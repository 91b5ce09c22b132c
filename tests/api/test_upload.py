"""The request of an upload: its bytes, its memory, that it goes out once, and answers that come too early."""

import asyncio
import hashlib
import os
import ssl
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
import trustme
from msgspec.structs import replace

from tests.api.conftest import OpenClient
from tests.support.servers import serving
from tests.support.tls_server import serve_proxy
from wltui.api.client import Client
from wltui.api.upload import PIECE, FileToSend, UploadBody, upload_call
from wltui.core.errors import (
    ApiRefused,
    FileChanged,
    NotSignedIn,
    OutcomeUnknown,
    ReadOnlyMode,
)
from wltui.core.settings import Network, Secret
from wltui.demo import Demo

CONTENT = b"\r\n--x\r\nmodel"
LARGE = 48 << 20
METADATA = b'{"name":"fresh"}'
CALL = upload_call("models/upload_and_convert", {"name": "fresh"}, "The upload of m.pkl")
TAKEN = b'{"insert_models":{"returning":[{"models":[{"id":7}]}]}}'


def answer(status: str = "202 Accepted", body: bytes = TAKEN, head: str = "") -> bytes:
    return f"HTTP/1.1 {status}\r\ncontent-length: {len(body)}\r\n{head}\r\n".encode() + body


class Server:
    """Takes uploads in as the test says, and counts them."""

    def __init__(
        self, *, answers: bytes = b"", early_after: int | None = None, keeps_reading: bool = False
    ) -> None:
        self.answers = answers or answer()
        self.early_after, self.keeps_reading = early_after, keeps_reading
        self.heads: list[bytes] = []
        self.bodies: list[bytes] = []
        self.came = 0
        """Bytes of the last body, of which only the first megabyte is kept."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if head := await _read_head(reader):
            self.heads.append(head)
            self.bodies.append(b"")
            self.came = 0
            length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
            stop = length if self.early_after is None else self.early_after
            await self._take(reader, stop)
            writer.write(self.answers)
            await writer.drain()
            if self.early_after is not None:
                with suppress(OSError):  # the client may have gone already
                    if not self.keeps_reading and writer.can_write_eof():
                        writer.write_eof()
                    await self._take(reader, length)  # a reset at once might overtake the answer

    async def _take(self, reader: asyncio.StreamReader, until: int) -> None:
        while self.came < until and (part := await reader.read(min(1 << 18, until - self.came))):
            self.came += len(part)
            self.bodies[-1] += part[: max(0, (1 << 20) - len(self.bodies[-1]))]


async def _read_head(reader: asyncio.StreamReader) -> bytes:
    try:
        return await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, ConnectionError):
        return b""


@asynccontextmanager
async def opened(open_client: OpenClient, server: Server, **options: object) -> AsyncIterator[Client]:
    async with serving(server.serve) as port:
        yield open_client(f"http://127.0.0.1:{port}", auth=None, **options)


def file_to_send(path: Path, name: str = "m.pkl") -> FileToSend:
    status = path.stat()
    return FileToSend(
        path=path,
        name=name,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        inode=status.st_ino,
    )


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "m.pkl"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """48 MB that take no disk: more than sockets and servers hold."""
    path = tmp_path / "large.pkl"
    with path.open("wb") as file:
        file.truncate(LARGE)
    return path


# What is sent.


async def test_the_request_is_that_of_the_sdk(open_client: OpenClient, small: Path) -> None:
    server, progress = Server(), list[int]()
    async with opened(open_client, server) as client:
        body = UploadBody(METADATA, file_to_send(small), progress.append)
        assert await client.upload(CALL, body) == 7
    (head,) = server.heads
    (sent,) = server.bodies
    assert head.startswith(b"POST /v1/api/models/upload_and_convert HTTP/1.1\r\n")
    assert b"transfer-encoding" not in head.lower()
    boundary = head.partition(b"boundary=")[2].partition(b"\r\n")[0]
    assert sent == (
        b"--" + boundary + b'\r\nContent-Disposition: form-data; name="metadata"\r\n'
        b"Content-Type: application/json\r\n\r\n" + METADATA + b"\r\n--" + boundary +
        b'\r\nContent-Disposition: form-data; name="file"; filename="m.pkl"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + CONTENT +
        b"\r\n--" + boundary + b"--\r\n"
    )  # fmt: skip
    assert progress == [len(CONTENT)]
    assert body.is_complete


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ('a"b\\c\r\nX: y\x7f.pkl', b'filename="a%22b\\\\c%0D%0AX: y%7F.pkl"\r\n'),
        ("modèle 漢.pkl", 'filename="modèle 漢.pkl"\r\n'.encode()),
        (os.fsdecode(b"\xff.pkl"), b'filename="?.pkl"\r\n'),
    ],
)
async def test_no_file_name_breaks_out_of_its_header(
    open_client: OpenClient, small: Path, name: str, header: bytes
) -> None:
    server = Server()
    async with opened(open_client, server) as client:
        await client.upload(CALL, UploadBody(METADATA, file_to_send(small, name)))
    assert header in server.bodies[0]


async def test_an_empty_file_is_sent(open_client: OpenClient, tmp_path: Path) -> None:
    empty = tmp_path / "m.pkl"
    empty.touch()
    server = Server()
    async with opened(open_client, server) as client:
        assert await client.upload(CALL, UploadBody(METADATA, file_to_send(empty))) == 7
    assert server.bodies[0].endswith(b"--\r\n")


async def test_a_large_file_takes_little_memory_and_reports_its_progress(
    open_client: OpenClient, large: Path
) -> None:
    server, progress, file = Server(), list[int](), file_to_send(large)
    async with opened(open_client, server) as client:
        tracemalloc.start()
        try:
            await client.upload(CALL, UploadBody(METADATA, file, progress.append))
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert peak < 10 << 20
    assert server.came == int(server.heads[0].lower().partition(b"content-length: ")[2].split()[0])
    assert progress == sorted(set(progress))
    assert progress[-1] == LARGE


async def test_no_byte_is_sent_in_a_read_only_session(open_client: OpenClient, small: Path) -> None:
    server = Server()
    async with opened(open_client, server, read_only=True) as client:
        with pytest.raises(ReadOnlyMode):
            await client.upload(CALL, UploadBody(METADATA, file_to_send(small)))
    assert server.heads == []


# It goes out once.


@pytest.mark.parametrize(
    "said",
    [
        answer("401 Unauthorized", b'{"msg":"no","code":401}'),
        answer("307 Temporary Redirect", b"", "location: /v1/api/models/upload\r\n"),
        answer("503 Service Unavailable", b"no healthy upstream", "retry-after: 0\r\n"),
        answer("429 Too Many Requests", b""),
        answer("502 Bad Gateway", b"<h1>Bad Gateway</h1>"),
        answer("200 OK", b"{}"),
        b"HTTP/1.1 202 Accepted\r\ncontent-length: 99\r\n\r\n{",
    ],
    ids=["401", "redirect", "503", "429", "502", "unreadable", "cut off"],
)
async def test_it_goes_out_once_whatever_the_answer(
    open_client: OpenClient, small: Path, said: bytes
) -> None:
    server = Server(answers=said)
    async with opened(open_client, server) as client:
        with pytest.raises((OutcomeUnknown, ApiRefused)):
            await client.upload(CALL, UploadBody(METADATA, file_to_send(small)))
    assert len(server.heads) == 1


async def test_a_refused_token_is_not_renewed_for_a_second_try(
    open_client: OpenClient, demo: Demo, small: Path
) -> None:
    client = open_client(demo.url)
    await client.renew_token()
    demo.sign_everybody_out()
    with pytest.raises(OutcomeUnknown) as caught:
        await client.upload(CALL, UploadBody(METADATA, file_to_send(small)))
    assert isinstance(caught.value.refusal, NotSignedIn)
    assert demo.uploads_begun == 1


async def test_a_body_can_be_sent_once_only(open_client: OpenClient, small: Path) -> None:
    server = Server()
    body = UploadBody(METADATA, file_to_send(small))
    async with opened(open_client, server) as client:
        await client.upload(CALL, body)
        with pytest.raises(OutcomeUnknown):
            await client.upload(CALL, body)
    assert [bool(each) for each in server.bodies[1:]] in ([], [False])


# Answers that come before the file has been sent.


@pytest.mark.parametrize("keeps_reading", [True, False], ids=["waits", "hangs up"])
@pytest.mark.parametrize("way", ["plain", "tls", "tls through a proxy"])
async def test_an_early_answer_is_read_and_ends_the_sending(
    open_client: OpenClient, large: Path, tmp_path: Path, way: str, *, keeps_reading: bool
) -> None:
    server = Server(
        answers=answer("507 Insufficient Storage", b""), early_after=1 << 20, keeps_reading=keeps_reading
    )
    context, network = None, Network()
    if way != "plain":
        ca = trustme.CA()
        ca.cert_pem.write_to_path(tmp_path / "ca.pem")
        context, network = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), Network(ca_bundle=tmp_path / "ca.pem")
        ca.issue_cert("127.0.0.1").configure_cert(context)
    body = UploadBody(METADATA, file_to_send(large))
    async with serving(server.serve, context) as port, serve_proxy(port) as proxy:
        if way.endswith("proxy"):
            network = replace(network, proxy=Secret(proxy.url))
        client = open_client(f"http{'s' * bool(context)}://127.0.0.1:{port}", auth=None, network=network)
        with pytest.raises(ApiRefused) as caught:
            await client.upload(CALL, body)
        assert bool(proxy.asked) is way.endswith("proxy")
    assert caught.value.status == 507
    assert not body.is_complete
    assert server.came < LARGE / 2


async def test_an_interim_answer_ends_nothing(open_client: OpenClient, large: Path) -> None:
    server = Server(answers=b"HTTP/1.1 102 Processing\r\n\r\n", early_after=1 << 20, keeps_reading=True)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await server.serve(reader, writer)
        writer.write(answer())

    async with serving(serve) as port:
        client = open_client(f"http://127.0.0.1:{port}", auth=None)
        assert await client.upload(CALL, UploadBody(METADATA, file_to_send(large))) == 7


# A file that is another one by now.


@pytest.mark.parametrize("change", ["content", "shorter", "longer", "touched", "replaced", "gone"])
@pytest.mark.parametrize("when", ["before", "while"])
async def test_a_changed_file_is_never_sent_whole(
    open_client: OpenClient, tmp_path: Path, change: str, when: str
) -> None:
    path = tmp_path / "m.pkl"
    path.write_bytes(b"x" * (3 << 20))
    file = file_to_send(path)

    def mend(sent: int = 0) -> None:
        if sent > PIECE:
            return
        if change in ("replaced", "gone"):
            path.unlink()
        if change == "replaced":
            path.write_bytes(b"y")
        elif change == "shorter":
            os.truncate(path, 1 << 20)
        elif change == "touched":
            os.utime(path, ns=(0, 0))
        elif change in ("content", "longer"):
            with path.open("r+b") as out:
                out.seek(-1 if change == "content" else 0, os.SEEK_END)
                out.write(b"y")
            if change == "content":
                os.utime(path, ns=(file.mtime_ns, file.mtime_ns))  # as a tool does that hides its traces

    server = Server()
    body = UploadBody(METADATA, file, mend if when == "while" else lambda _: None)
    if when == "before":
        mend()
    async with opened(open_client, server) as client:
        if when == "while" and change in ("replaced", "gone"):
            assert await client.upload(CALL, body) == 7, "the open file is still the same"
            return
        with pytest.raises(FileChanged) as caught:
            await client.upload(CALL, body)
    assert "Nothing was stored" in caught.value.advice
    assert not body.is_complete
    assert not any(sent.endswith(b"--\r\n") for sent in server.bodies)
