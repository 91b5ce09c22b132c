"""Signing in, renewing, and who one is."""

import asyncio
import base64
import gc
import json
import traceback
from collections.abc import Iterator

import pytest

from tests.api.conftest import PASSWORD, HeldServer, OpenClient, sent
from tests.support.clock import Clock
from tests.support.waiting import LIMIT, limit
from wltui.api import calls
from wltui.api.auth import PasswordLogin, StaticToken
from wltui.api.client import Client
from wltui.core.errors import (
    ApiFormatError,
    ApiRefused,
    ConnectionFailed,
    NotSignedIn,
    OutcomeUnknown,
    ServiceError,
    UsageError,
    WltuiError,
)
from wltui.core.jwt import expiry, parse_claims, user_id, user_name
from wltui.core.settings import Secret
from wltui.demo import Demo, Scripted

TOKEN = "/auth/realms/master/protocol/openid-connect/token"
READ = calls.list_workspaces()
WRITE = calls.insert_config({"model_version_id": 16})


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def demo(clock: Clock) -> Iterator[Demo]:
    with Demo(seed=1, clock=clock, token_ttl=60) as server:
        yield server


@pytest.fixture
def login(demo: Demo, clock: Clock) -> PasswordLogin:
    return PasswordLogin(demo.url, "demo", PASSWORD, clock=clock.seconds)


def grants(demo: Demo) -> list[str]:
    """How tokens were asked for, in order."""
    asked = [request.body.decode() for request in demo.requests if request.path == TOKEN]
    return ["refresh" if "grant_type=refresh_token" in form else "password" for form in asked]


async def test_one_sign_in_serves_many_calls(
    open_client: OpenClient, demo: Demo, login: PasswordLogin
) -> None:
    client = open_client(auth=login)
    await client.ask(READ)
    await client.ask(READ)
    assert grants(demo) == ["password"]
    assert b"client_id=sdk-client" in demo.requests[0].body
    assert "authorization" not in {name.lower() for name in demo.requests[0].headers}


async def test_trap_16_a_token_is_renewed_before_it_ends(
    open_client: OpenClient, demo: Demo, login: PasswordLogin, clock: Clock
) -> None:
    client = open_client(auth=login)
    await client.ask(READ)
    clock.advance(44)
    await client.ask(READ)
    assert grants(demo) == ["password"]
    clock.advance(1)
    await client.ask(READ)
    assert grants(demo) == ["password", "refresh"]
    assert sent(demo, READ.path) == 3, "no call met with a 401"


async def test_a_very_short_token_lives_two_thirds_of_its_life(open_client: OpenClient, clock: Clock) -> None:
    with Demo(seed=1, clock=clock, token_ttl=9) as brief:
        client = open_client(brief.url, auth=PasswordLogin(brief.url, "demo", PASSWORD, clock=clock.seconds))
        await client.ask(READ)
        clock.advance(5)
        await client.ask(READ)
        assert grants(brief) == ["password"]
        clock.advance(1)
        await client.ask(READ)
        assert grants(brief) == ["password", "refresh"]


async def test_trap_16_twenty_calls_at_expiry_make_one_refresh(
    open_client: OpenClient, demo: Demo, login: PasswordLogin, clock: Clock
) -> None:
    client = open_client(auth=login)
    await asyncio.gather(*(client.ask(READ) for _ in range(20)))
    assert grants(demo) == ["password"]
    clock.advance(61)
    await asyncio.gather(*(client.ask(READ) for _ in range(20)))
    assert grants(demo) == ["password", "refresh"]
    assert sent(demo, READ.path) == 40


async def test_trap_16_twenty_calls_that_meet_a_401_make_one_refresh(
    open_client: OpenClient, demo: Demo, clock: Clock
) -> None:
    slow_watch = PasswordLogin(demo.url, "demo", PASSWORD, clock=lambda: 0.0)
    client = open_client(auth=slow_watch)
    await client.ask(READ)
    clock.advance(61)
    await asyncio.gather(*(client.ask(READ) for _ in range(20)))
    assert grants(demo) == ["password", "refresh"]
    assert sent(demo, READ.path) > 21, "some met with a 401 first"


async def test_a_write_that_was_answered_with_a_401_is_not_sent_again(
    open_client: OpenClient, demo: Demo, login: PasswordLogin
) -> None:
    client = open_client(auth=login)
    demo.script(WRITE.path, Scripted(401, processed=True))
    with pytest.raises(OutcomeUnknown) as caught:
        await client.ask(WRITE)
    assert isinstance(caught.value.refusal, NotSignedIn)
    assert sent(demo, WRITE.path) == 1
    assert await client.ask(READ), "the client is as good as before"


async def test_a_401_after_the_renewal_is_final(
    open_client: OpenClient, demo: Demo, login: PasswordLogin
) -> None:
    client = open_client(auth=login)
    demo.script(READ.path, Scripted(401), Scripted(401))
    with pytest.raises(NotSignedIn):
        await client.ask(READ)
    assert sent(demo, READ.path) == 2


async def test_a_refused_refresh_falls_back_to_the_password(
    open_client: OpenClient, demo: Demo, login: PasswordLogin, clock: Clock
) -> None:
    client = open_client(auth=login)
    await client.ask(READ)
    clock.advance(3600)
    await client.ask(READ)
    assert grants(demo) == ["password", "refresh", "password"]


async def test_a_caller_who_leaves_does_not_end_the_sign_in_of_the_others(
    open_client: OpenClient, held: HeldServer
) -> None:
    client = open_client(held.url)
    leaving, staying = asyncio.create_task(client.ask(READ)), asyncio.create_task(client.ask(READ))
    async with limit(lambda: "a knock at the held"):
        await held.knocked.wait()
    leaving.cancel()
    await asyncio.wait([leaving])
    held.opened.set()
    assert await staying == ()
    assert held.knocks == 2, "one sign-in, one list"


async def test_a_sign_in_that_nobody_waits_for_fails_in_silence(
    open_client: OpenClient, held: HeldServer, caplog: pytest.LogCaptureFixture
) -> None:
    client = open_client(held.url)
    held.status = 403
    leaving = asyncio.create_task(client.ask(READ))
    async with limit(lambda: "a knock at the held"):
        await held.knocked.wait()
    others = asyncio.all_tasks() - {leaving, asyncio.current_task()}
    leaving.cancel()
    await asyncio.wait([leaving])
    held.opened.set()
    await asyncio.wait(others, timeout=LIMIT)
    del others
    gc.collect()
    assert "never retrieved" not in caplog.text


@pytest.mark.parametrize(
    ("answer", "kind", "why"),
    [
        (None, NotSignedIn, "Invalid user credentials"),
        (Scripted(404, b"<h1>Not here</h1>"), ApiRefused, "has no sign-in service"),
        (Scripted(403, b"<h1>Not here</h1>"), ApiRefused, "answers 403, but not as a sign-in service"),
        (Scripted(401, b'{"error":"Unauthorized"}'), ApiRefused, "answers 401, but not as"),
        (Scripted(400, b'{"message":"no Route matched"}'), ApiRefused, "answers 400, but not as"),
        (
            Scripted(400, b'{"error":"invalid_grant","error_description":"no ses\\u0061me"}'),
            NotSignedIn,
            "[hidden]",
        ),
        (Scripted(503, b"no healthy upstream"), ServiceError, "no healthy upstream"),
        (Scripted(200, b"<h1>Welcome</h1>"), ApiFormatError, "not with a token"),
        (Scripted(200, b'{"access_token":"se\\nsame"}'), ApiFormatError, "not with a token"),
        (Scripted(200, b'{"access_token":7,"x":"sesame"}'), ApiFormatError, "not with a token"),
        (
            Scripted(302, headers={"location": "https://elsewhere.example/"}),
            ServiceError,
            "elsewhere.example",
        ),
        (Scripted(drop=True), ConnectionFailed, "lost"),
    ],
)
async def test_a_failed_sign_in_says_why_and_keeps_the_password(
    open_client: OpenClient, demo: Demo, answer: Scripted | None, kind: type[WltuiError], why: str
) -> None:
    client = open_client(auth=PasswordLogin(demo.url, "demo", Secret("sesame")))
    if answer:
        demo.script(TOKEN, *[answer] * 4)
    for call in (READ, WRITE):
        with pytest.raises(kind) as caught:
            await client.ask(call)
        if call is READ:
            assert why in caught.value.why
        assert caught.value.what == "Signing in failed"
        told = "".join((str(caught.value), repr(caught.value), *traceback.format_exception(caught.value)))
        assert "sesame" not in told
    assert sent(demo, WRITE.path) == 0
    assert "sesame" not in repr(client.__dict__)


async def test_a_static_token_is_sent_as_it_is(open_client: OpenClient, demo: Demo) -> None:
    client = open_client(auth=StaticToken(Secret(" abc.def\n")))
    with pytest.raises(NotSignedIn):
        await client.ask(READ)
    assert [request.headers["authorization"] for request in demo.requests] == ["Bearer abc.def"]


@pytest.mark.parametrize("token", ["", " \n", "a b", "caf\u00e9", "a\r\nx: y", "a\x00"])
def test_a_token_that_no_header_can_hold_is_refused_at_once(token: str) -> None:
    with pytest.raises(UsageError) as caught:
        StaticToken(Secret(token))
    assert not token.strip() or token not in str(caught.value)


def jwt(payload: bytes) -> str:
    return f"e30.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.sig"


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ({"sub": "id-1", "preferred_username": "jane", "email": "jane@example.com"}, "jane@example.com"),
        ({"sub": "id-1", "preferred_username": "jane", "email": None}, "jane"),
        ({"sub": "id-1"}, "id-1"),
        ({"sub": 7}, None),
        ({}, None),
    ],
)
def test_a_token_names_its_user(told: dict[str, object], name: str | None) -> None:
    token = jwt(json.dumps(told).encode())
    assert parse_claims(token) == told
    assert user_name(token) == name


@pytest.mark.parametrize(
    "token",
    ["", "opaque", "a.b", "a.b.c.d", "e30.!.x", "e30.\u00e9.x", jwt(b"[]"), jwt(b"\xff"), jwt(b"[" * 99_999)],
)
def test_what_is_no_jwt_claims_nothing(token: str) -> None:
    assert parse_claims(token) == {}


@pytest.mark.parametrize(
    ("payload", "exp", "user"),
    [
        (b'{"exp":' + b"9" * 400 + b',"sub":"1"}', None, "1"),
        (b'{"exp":' + b"9" * 5000 + b',"sub":"1"}', None, "1"),
        (b'{"exp":1e400,"sub":"1"}', None, "1"),
        (b'{"exp":NaN,"sub":"1"}', None, "1"),
        (b'{"exp":-5,"sub":"1"}', None, "1"),
        (b'{"exp":true,"sub":"1"}', None, "1"),
        (b'{"exp":"1700000000","sub":7}', 1700000000, "7"),
        (b'{"exp":1700000000.5,"sub":["1"]}', 1700000000.5, ""),
        (b'{"exp":1700000000,"sub":"\\ud800","name":"\xff"}', 1700000000, "?"),
        (b'{"exp":{},"sub":' + b"9" * 5000 + b"}", None, ""),
        (b"\xef\xbb\xbf{}", None, ""),
    ],
)
def test_odd_claims_are_no_trouble(payload: bytes, exp: float | None, user: str) -> None:
    token = jwt(payload)
    assert expiry(token) == exp
    assert user_id(token) == user
    user_name(token)


@pytest.mark.parametrize("word", ["j\udcfcrgen", "\ud83d", "\udcff\ud800", "a b&c=d%+\u20ac\n\x00"])
async def test_user_and_password_may_be_any_text(demo: Demo, word: str) -> None:
    client = Client(demo.url, PasswordLogin(demo.url, word, Secret(word)), timeout=5)
    with pytest.raises(NotSignedIn):
        await client.ask(READ)
    await client.aclose()


@pytest.mark.parametrize("status", [200, 401, 500])
async def test_a_token_that_the_server_says_back_is_hidden(demo: Demo, status: int) -> None:
    token = "an-opaque-token-of-no-known-form"
    body = json.dumps({"msg": f"who is {token}?", "code": status, "workspaces": [{"id": 1, "name": token}]})
    demo.script("workspaces/list", Scripted(status, body.encode()))
    client = Client(demo.url, StaticToken(Secret(token)), timeout=LIMIT)
    try:
        told = (await client.send(calls.list_workspaces())).decode()
    except WltuiError as error:
        told = str(error)
    await client.aclose()
    assert token not in told
    assert "[hidden]" in told
