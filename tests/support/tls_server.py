"""Servers on loopback with certificates of a private CA, and a proxy before them."""

import asyncio
import base64
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import trustme

from tests.support.servers import serving

NAME = "wallaroo.example"
"""A name that no DNS knows; a proxy or a test leads it to loopback."""
WORKSPACES = b'{"workspaces":[]}'


@asynccontextmanager
async def serve_tls(
    certificate: trustme.LeafCert, *, clients: trustme.CA | None = None, body: bytes = WORKSPACES
) -> AsyncIterator[int]:
    """A TLS server that gives every request one answer; its port.

    Where ``clients`` is a CA, a client has to show a certificate of it. The handshake is done by hand, so that
    the alert that refuses one is read before the connection ends, as of a server farther away.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    if clients:
        clients.configure_trust(context)
        context.verify_mode = ssl.CERT_REQUIRED
    answer = b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\nconnection: close\r\n\r\n" % len(body) + body

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inside, outside = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(inside, outside, server_side=True)
        said = b""
        shaken = False
        with suppress(ssl.SSLError, ConnectionError):
            while b"\r\n\r\n" not in said:
                try:
                    if not shaken:
                        tls.do_handshake()
                        shaken = True
                    said += tls.read(65_536)
                except ssl.SSLWantReadError:
                    writer.write(outside.read())
                    if not (more := await reader.read(65_536)):
                        break
                    inside.write(more)
            else:
                tls.write(answer)
        writer.write(outside.read())
        with suppress(ConnectionError):
            if said:
                writer.close()
            else:
                await reader.read()
                writer.close()

    async with serving(serve) as own_port:
        yield own_port


class Proxy:
    """A CONNECT proxy that leads every name to one port of loopback."""

    def __init__(self, port: int) -> None:
        self.asked: list[str] = []
        """The HOST:PORT of each request."""
        self.login: str | None = None
        """The ``USER:PASSWORD`` that it wants."""
        self.status = "200 Connection established"
        self.url = ""
        self._port = port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.split()[1])
        status = self.status
        if self.login and f"Basic {base64.b64encode(self.login.encode()).decode()}" not in head:
            status = "407 Proxy Authentication Required"
        writer.write(f"HTTP/1.1 {status}\r\n\r\n".encode())
        if status.startswith("200"):
            upstream, downstream = await asyncio.open_connection("127.0.0.1", self._port)
            try:
                await asyncio.gather(_pump(reader, downstream), _pump(upstream, writer))
            finally:
                downstream.close()
        writer.close()


@asynccontextmanager
async def serve_proxy(port: int) -> AsyncIterator[Proxy]:
    """A proxy to that port of loopback."""
    proxy = Proxy(port)
    async with serving(proxy.serve) as own_port:
        proxy.url = f"http://127.0.0.1:{own_port}"
        yield proxy


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while some := await reader.read(65_536):
            writer.write(some)
            await writer.drain()
    with suppress(OSError):
        writer.close()
