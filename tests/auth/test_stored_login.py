"""The sign-in on disk: used and renewed by many calls, and by several programs at once."""

import asyncio
import json
import resource
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.clock import Clock, at_once
from tests.support.token_user import use_together
from tests.support.waiting import LIMIT, reached
from wltui.api import calls
from wltui.api.client import Client
from wltui.auth.sign_in import sign_in_by_password, sign_out
from wltui.auth.stored_login import PAUSE, StoredLogin
from wltui.auth.token_store import Login, TokenStore
from wltui.core.errors import ConnectionFailed, NotSignedIn, ServiceError, TimedOut
from wltui.core.settings import Network, Secret, Settings
from wltui.demo import Demo, Scripted
from wltui.demo.keycloak import LOGOUT_PATH, TOKEN_PATH

READ = calls.list_workspaces()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def demo(clock: Clock) -> Iterator[Demo]:
    with Demo(seed=1, clock=clock, token_ttl=60) as server:
        yield server


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path)


@pytest.fixture
async def login(demo: Demo, store: TokenStore, clock: Clock) -> Login:
    """Return the demo's user, just signed in."""
    settings = Settings(demo.url)
    return await sign_in_by_password(settings, store, "demo", Secret("demo"), clock=clock.seconds)


OpenClient = Callable[..., Client]


@pytest.fixture
async def open_client(store: TokenStore, login: Login, clock: Clock) -> AsyncIterator[OpenClient]:
    """Return a function that makes clients, each with the sign-in of another program."""
    opened: list[Client] = []

    def make(*, timeout: float = LIMIT, **options: object) -> Client:
        chosen: dict[str, object] = {"clock": clock.seconds, "wait": at_once}
        auth = StoredLogin(store, login, **chosen | options)  # type: ignore[arg-type]
        opened.append(Client(login.endpoint, auth, timeout=timeout, wait=at_once))
        return opened[-1]

    yield make
    for client in opened:
        await client.aclose()


def refreshes(demo: Demo) -> int:
    """How often a token was renewed."""
    return sum(request.path == TOKEN_PATH and b"refresh_token" in request.body for request in demo.requests)


async def test_a_fresh_token_is_used_as_it_is_and_an_old_one_renewed_once_for_all(
    open_client: OpenClient, demo: Demo, store: TokenStore, login: Login, clock: Clock
) -> None:
    client = open_client()
    await client.ask(READ)
    assert refreshes(demo) == 0
    clock.advance(46)
    await asyncio.gather(*(client.ask(READ) for _ in range(20)))
    assert refreshes(demo) == 1
    kept = store.reload(login)
    assert kept is not None
    assert kept.refresh != login.refresh
    assert (kept.since, kept.stale_at) == (login.since, login.stale_at + 46)


async def test_after_a_night_asleep_the_next_call_renews(
    open_client: OpenClient, demo: Demo, clock: Clock
) -> None:
    client = open_client()
    await client.ask(READ)
    clock.advance(1700)
    await client.ask(READ)
    assert refreshes(demo) == 1


async def test_twenty_calls_that_meet_a_401_renew_once_and_one_more_is_final(
    open_client: OpenClient, demo: Demo, clock: Clock
) -> None:
    client = open_client(clock=lambda: 0.0)
    clock.advance(61)
    await asyncio.gather(*(client.ask(READ) for _ in range(20)))
    assert refreshes(demo) == 1
    demo.script(READ.path, Scripted(401), Scripted(401))
    with pytest.raises(NotSignedIn):
        await client.ask(READ)
    assert refreshes(demo) == 2


async def test_what_another_program_renewed_is_used(
    open_client: OpenClient, demo: Demo, clock: Clock
) -> None:
    here, there = open_client(), open_client()
    clock.advance(50)
    await here.ask(READ)
    await there.ask(READ)
    clock.advance(50)
    await asyncio.gather(*(client.ask(READ) for client in (here, there) for _ in range(5)))
    assert refreshes(demo) == 2


async def test_a_dead_refresh_token_is_tried_once_and_a_new_sign_in_found(
    open_client: OpenClient, demo: Demo, store: TokenStore, clock: Clock
) -> None:
    client = open_client()
    clock.advance(4000)
    for _ in range(3):
        with pytest.raises(NotSignedIn) as refused:
            await client.ask(READ)
        assert "wltui login" in refused.value.advice
    assert refreshes(demo) == 1
    await sign_in_by_password(Settings(demo.url), store, "demo", Secret("demo"), clock=clock.seconds)
    await client.ask(READ)
    assert refreshes(demo) == 1


async def test_a_service_that_can_not_be_asked_ends_nothing(
    open_client: OpenClient, demo: Demo, clock: Clock
) -> None:
    client = open_client()
    clock.advance(50)
    demo.script(TOKEN_PATH, *[Scripted(drop=True)] * 3)
    with pytest.raises(ConnectionFailed):
        await client.ask(READ)
    await client.ask(READ)


async def test_who_signs_out_is_signed_out_everywhere(
    open_client: OpenClient, demo: Demo, store: TokenStore, login: Login, clock: Clock
) -> None:
    client = open_client()
    assert await sign_out(store, login, Network()) == ""
    assert store.find_current(demo.url) is None
    clock.advance(50)
    with pytest.raises(NotSignedIn, match="signed out"):
        await client.ask(READ)
    store.save(login)
    with pytest.raises(NotSignedIn, match="not active"):
        await client.ask(READ)


async def test_signing_out_forgets_also_where_the_service_does_not_listen(
    demo: Demo, store: TokenStore, login: Login
) -> None:
    demo.script(LOGOUT_PATH, Scripted(drop=True))
    assert "lost" in await sign_out(store, login, Network())
    assert store.find_current(demo.url) is None


async def test_a_full_disk_costs_nothing_before_the_end(
    open_client: OpenClient, demo: Demo, store: TokenStore, login: Login, clock: Clock
) -> None:
    client = open_client()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    try:
        for renewed in (1, 2, 3):
            clock.advance(50)
            await client.ask(READ)
            assert refreshes(demo) == renewed
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert store.reload(login) == login
    clock.advance(50)
    await client.ask(READ)
    kept = store.reload(login)
    assert kept is not None
    assert kept.refresh != login.refresh
    clock.advance(50)
    await open_client().ask(READ)


async def test_without_a_refresh_token_it_ends_with_the_token(
    demo: Demo, store: TokenStore, login: Login, clock: Clock
) -> None:
    brief = replace(login, refresh=None)
    store.save(brief)
    client = Client(demo.url, StoredLogin(store, brief, clock=clock.seconds), timeout=LIMIT)
    await client.ask(READ)
    clock.advance(61)
    with pytest.raises(NotSignedIn, match="renewed"):
        await client.ask(READ)
    await client.aclose()


async def test_a_program_that_holds_the_lock_for_ever_is_not_waited_for_as_long(
    open_client: OpenClient, demo: Demo, store: TokenStore, login: Login, clock: Clock
) -> None:
    pauses: list[float] = []

    async def wait(seconds: float) -> None:
        pauses.append(seconds)

    client = open_client(wait=wait, timeout=LIMIT)  # it asks some 600 times, each time in a thread
    clock.advance(50)
    held = store.try_lock(login)
    assert held is not None
    with held, pytest.raises(TimedOut, match="another wltui"):
        await client.ask(READ)
    assert set(pauses) == {PAUSE}
    assert sum(pauses) > 30
    await client.ask(READ)
    assert refreshes(demo) == 1


async def test_who_leaves_during_a_renewal_does_not_lose_it(
    open_client: OpenClient, demo: Demo, store: TokenStore, login: Login, clock: Clock
) -> None:
    client = open_client()
    clock.advance(50)
    demo.script(TOKEN_PATH, Scripted(processed=True, may_answer=lambda: leaving.cancelling() > 0))
    leaving = asyncio.create_task(client.ask(READ))
    await reached(lambda: refreshes(demo))
    leaving.cancel()
    await asyncio.wait([leaving])
    await client.aclose()
    kept = store.reload(login)
    assert kept is not None
    assert kept.refresh != login.refresh


def test_four_programs_that_renew_at_once_all_get_through_and_stay_signed_in(tmp_path: Path) -> None:
    store = TokenStore(tmp_path)
    with Demo(seed=1) as demo:
        login = asyncio.run(sign_in_by_password(Settings(demo.url), store, "demo", Secret("demo")))
        use_together(demo.url, tmp_path)
        assert refreshes(demo) >= 5
        asyncio.run(renew(store, login))


async def renew(store: TokenStore, login: Login) -> None:
    """Use the sign-in as it is now, however fresh its token is."""
    kept = store.reload(login)
    assert kept is not None
    auth = StoredLogin(store, kept, clock=lambda: kept.stale_at)
    client = Client(login.endpoint, auth, timeout=LIMIT)
    await client.ask(READ)
    await client.aclose()


@pytest.mark.parametrize(
    ("status", "body"),
    [
        *[(status, b"<html><h1>Not here</h1></html>") for status in (400, 401, 403, 404, 405, 421, 503)],
        (401, b'{"error":"Unauthorized","status":401}'),
        (404, b'{"error":"Not Found"}'),
        (400, b'{"message":"no Route matched"}'),
        (400, b'{"error":"temporarily_unavailable"}'),
        (400, b'{"error":null}'),
        (403, b""),
        (200, b"<html><h1>Maintenance</h1></html>"),
    ],
)
async def test_only_an_error_of_oauth_ends_a_sign_in(
    open_client: OpenClient, demo: Demo, clock: Clock, status: int, body: bytes
) -> None:
    client = open_client()
    clock.advance(46)
    demo.script(TOKEN_PATH, Scripted(status, body))
    with pytest.raises(ServiceError) as caught:
        await client.ask(READ)
    assert not isinstance(caught.value, NotSignedIn)
    await client.ask(READ)
    assert refreshes(demo) == 2, "the next try renews"


@pytest.mark.parametrize(
    "odd",
    [
        {"expires_in": "60"},
        {"expires_in": 59.5},
        {"expires_in": None},
        {"expires_in": -1},
        {"expires_in": 0},
        {"expires_in": True},
        {"expires_in": [60]},
        {"expires_in": 10**400},
        {"expires_in": "soon"},
        {"refresh_token": None},
        {"refresh_token": 7},
        {"refresh_token": ""},
        {"refresh_token": "\ud800\x00"},
        {
            "token_type": 7,
            "scope": ["email"],
            "id_token": {},
            "not-before-policy": "x",
            "session_state": "\ud800",
        },
        {"refresh_expires_in": 10**5000},
    ],
)
async def test_odd_but_harmless_parts_of_an_answer_sign_in_all_the_same(
    demo: Demo, store: TokenStore, clock: Clock, odd: dict[str, object]
) -> None:
    whole = {"access_token": "an-access-token", "refresh_token": "sesame", "expires_in": 60} | odd
    text = ",".join(f'"{name}":{written(value)}' for name, value in whole.items())
    demo.script(TOKEN_PATH, Scripted(200, f"{{{text}}}".encode()))
    login = await sign_in_by_password(Settings(demo.url), store, "demo", Secret("demo"), clock=clock.seconds)
    assert store.reload(login) == login
    assert 0 < login.stale_at - clock.seconds() <= 366 * 86_400


def written(value: object) -> str:
    """Return a value as JSON, with numbers of any length."""
    if isinstance(value, int) and value > 10**300:
        return "1" + "0" * (400 if value == 10**400 else 5000)
    return json.dumps(value)
