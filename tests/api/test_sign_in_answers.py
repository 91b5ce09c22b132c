"""Answers of a sign-in service that nobody has thought of: records or errors of this program, and no secret in any."""

import asyncio
import base64
import json
import random
import traceback
from collections.abc import Iterable

import pytest

from wltui.api.auth import fetch_password_grant
from wltui.api.device_flow import DeviceCode, request_code, wait_for_grant
from wltui.api.keycloak import Provider
from wltui.core.errors import WltuiError
from wltui.core.settings import Secret

PASSWORD, REFRESH, DEVICE = "sesame/str+eet=\u00fc", "refresh.abc/def+ghi==", "device/code+secret"
ADDRESSES = (
    "https://a.example/x",
    "https://u:p@b.example",
    "javascript:1",
    "http://[::1",
    "https://w\u0430.example/",
)
ODD: tuple[object, ...] = (None, True, 0, -1, 59.5, 1e308, "60", "", "soon", [], {"a": 1}, "a\nb\u202e", "\ud800",
       *ADDRESSES)  # fmt: skip
RAW = ("9" * 400, "9" * 5000, "1e400", "NaN", '"\\ud800"', "[" * 3000)
STATUSES = (200, 200, 200, 204, 302, 400, 401, 403, 404, 418, 429, 500, 503)


class Service:
    """A sign-in service that answers at random, the same in every run."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.sent = ""
        """The secret that it was sent, and may say back."""
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        await reader.readexactly(int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]))
        body, status = self._body(), self._random.choice(STATUSES)
        location = self._random.choice([*ADDRESSES, "about:blank", f"https://a.example/{self.sent}"])
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}", "Connection: close"]
        lines += [f"Location: {location}"] if status == 302 else []
        writer.write(
            "\r\n".join([*lines, "", ""]).encode("utf-8", "replace") + (b"" if status == 204 else body)
        )
        writer.close()

    def _body(self) -> bytes:
        choose = self._random.choice
        token = {"access_token": self._token(), "refresh_token": "another", "expires_in": 60}
        code = {
            "device_code": DEVICE,
            "user_code": "AB-CD",
            "verification_uri": choose(ADDRESSES),
            "interval": 5,
        }
        error: dict[str, object] = {
            "error": choose(["invalid_grant", "authorization_pending", "slow_down", "Forbidden", "x"]),
            "error_description": f"no {self.sent}",
        }
        page = f"<h1>{self.sent}</h1>"
        text = choose(
            [*[self._written(fields) for fields in (token, code, error)], page, "[" * 99_999, "", "null"]
        )
        body = bytearray(text.encode("utf-8", "surrogatepass"))
        for _ in range(choose([0, 0, 0, 3]) if body else 0):
            body[self._random.randrange(len(body))] = self._random.randrange(256)
        return bytes(body)

    def _token(self) -> str:
        payload = self._random.choice([b"{}", b"\xff", b'{"sub":"\\ud800"}', b'{"exp":' + b"9" * 400 + b"}"])
        return f"e30.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.sig"

    def _written(self, fields: dict[str, object]) -> str:
        """JSON, with odd values in place of some that are as they should be, and with escapes of all kinds."""
        choose = self._random.choice
        told: Iterable[str] = (
            choose([*RAW, *map(json.dumps, ODD)]) if self._random.random() < 0.2 else json.dumps(value)
            for value in fields.values()
        )
        text = ",".join(f'"{name}":{value}' for name, value in zip(fields, told, strict=True))
        return f"{{{text.replace('/', choose(['/', chr(92) + '/', chr(92) + 'u002f']))}}}"


def plain(text: str) -> str:
    """A text with the escapes of JSON read."""
    return text.replace("\\u002f", "/").replace("\\/", "/").replace("\\u00fc", "\u00fc")


async def ask(provider: Provider, kind: int) -> object:
    """One of the things that a sign-in service is asked."""
    match kind:
        case 0:
            return await fetch_password_grant(provider, "j\udcfc", Secret(PASSWORD))
        case 1:
            return await provider.grant(grant_type="refresh_token", refresh_token=REFRESH)
        case 2:
            code = await request_code(provider, lambda: 0.0)
            assert code.url.startswith("https://")
            assert code.url.isascii()
            assert "@" not in code.url
            return code
    asked = iter(range(0, 1000, 100))

    async def at_once(_: float) -> None:
        """A pause that takes no time."""

    shown = DeviceCode(Secret(DEVICE), "https://a.example", "x", "", 5, 300)
    return await wait_for_grant(provider, shown, wait=at_once, clock=lambda: next(asked))


@pytest.mark.parametrize("kind", range(4))
async def test_whatever_a_sign_in_service_answers_is_a_record_or_an_error_without_a_secret(kind: int) -> None:
    service = Service(seed=kind)
    service.sent = (PASSWORD, REFRESH, "nothing", DEVICE)[kind]
    async with await asyncio.start_server(service.serve, "127.0.0.1", 0) as server:
        service.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        for _ in range(60):
            try:
                told = repr(await ask(Provider(service.url), kind))
            except WltuiError as error:
                told = "".join((str(error), repr(error), *traceback.format_exception(error)))
            for secret in (PASSWORD, REFRESH, DEVICE):
                assert secret not in plain(told)
