"""A running embedded Wallaroo, and a plain HTTP client that is signed in to it."""

import base64
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pyarrow as pa
import pytest

from tests.support.clock import Clock
from wltui.demo import Demo

TOKEN_PATH = "/auth/realms/master/protocol/openid-connect/token"
DAYS = 30 * 86_400
"""Seconds; long enough for tests that move the clock and have no interest in tokens."""
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Client:
    """Calls below ``/v1/api``, with a token."""

    def __init__(self, demo: Demo) -> None:
        self.http = httpx.Client(base_url=demo.url, trust_env=False)
        self.tokens = self.sign_in()

    def token(self, **form: str) -> httpx.Response:
        return self.http.post(TOKEN_PATH, data={"client_id": "sdk-client", **form})

    def sign_in(self) -> dict[str, Any]:
        tokens: dict[str, Any] = self.token(grant_type="password", username="demo", password="demo").json()
        self.http.headers["authorization"] = f"Bearer {tokens['access_token']}"
        return tokens

    def post(self, path: str, **query: object) -> httpx.Response:
        return self.http.post(f"/v1/api/{path}", json=query)

    def ask(self, path: str, **query: object) -> Any:
        """The decoded answer to a call that succeeds."""
        response = self.post(path, **query)
        assert response.status_code == 200, response.text
        return response.json()

    def upload(
        self, metadata: str, file_name: str, content: bytes, route: str = "upload_and_convert"
    ) -> httpx.Response:
        return self.http.post(
            f"/v1/api/models/{route}",
            files=[("metadata", (None, metadata, "application/json")), ("file", (file_name, content))],
        )


Start = Callable[..., tuple[Demo, Client]]
Decode = Callable[[str], pa.Schema]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOON)


@pytest.fixture
def start(clock: Clock) -> Iterator[Start]:
    """Starts a server with the given options, by the test's clock, and a client of it."""
    running: list[tuple[Demo, Client]] = []

    def start(**options: Any) -> tuple[Demo, Client]:
        demo = Demo(**{"clock": clock, "token_ttl": DAYS, **options}).start()
        running.append((demo, Client(demo)))
        return running[-1]

    yield start
    for demo, client in running:
        client.http.close()
        demo.stop()


@pytest.fixture
def client(start: Start) -> Client:
    return start()[1]


@pytest.fixture
def decode() -> Decode:
    """Reads a schema as the API carries it."""
    return lambda text: pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text, validate=True)))
