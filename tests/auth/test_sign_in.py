"""Signing in with a code in a browser: what the service says, and how patiently it is asked."""

import asyncio
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from tests.support.clock import Clock
from tests.support.waiting import LIMIT
from wltui.api import calls
from wltui.api.client import Client
from wltui.api.device_flow import DeviceCode
from wltui.api.keycloak import Grant
from wltui.auth.identity import identify
from wltui.auth.sign_in import OFFLINE_SCOPE, sign_in_by_device, sign_in_by_password, sign_out
from wltui.auth.stored_login import StoredLogin
from wltui.auth.token_store import Login, TokenStore
from wltui.core.errors import ApiFormatError, ApiRefused, NotSignedIn, ServiceError, WltuiError
from wltui.core.settings import Network, Secret, Settings, SignIn
from wltui.demo import Demo, Scripted
from wltui.demo.keycloak import DEVICE_PATH, LOGOUT_PATH, PAGE_PATH, REALM_PATH, TOKEN_PATH

READ = calls.list_workspaces()


class WaitingClock(Clock):
    """A clock that moves when somebody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.waits: list[float] = []
        self.meanwhile: dict[int, Callable[[], object]] = {}
        """What happens during which wait, from 1."""

    async def wait(self, seconds: float) -> None:
        self.advance(seconds)
        self.waits.append(seconds)
        await asyncio.to_thread(self.meanwhile.get(len(self.waits), lambda: None))


@pytest.fixture
def clock() -> WaitingClock:
    return WaitingClock()


@pytest.fixture
def demo(clock: WaitingClock) -> Iterator[Demo]:
    with Demo(seed=1, clock=clock) as server:
        yield server


class Terminal:
    """The device, and the user who reads it."""

    def __init__(self, demo: Demo, folder: Path, clock: WaitingClock) -> None:
        self.demo, self.clock = demo, clock
        self.store = TokenStore(folder)
        self.codes: list[DeviceCode] = []

    async def sign_in(self, **sign_in: str) -> Login:
        settings = Settings(self.demo.url, sign_in=SignIn(**sign_in))  # type: ignore[arg-type]
        return await sign_in_by_device(
            settings, self.store, self.codes.append, wait=self.clock.wait, clock=self.clock.seconds
        )

    def answer(self, word: str) -> None:
        """Answer in the browser."""
        form = {"user_code": self.codes[-1].code, "username": "demo", "password": "demo", "answer": word}
        with urlopen(self.demo.url + PAGE_PATH, urlencode(form).encode()):  # noqa: S310  the demo
            pass


@pytest.fixture
def terminal(demo: Demo, tmp_path: Path, clock: WaitingClock) -> Terminal:
    return Terminal(demo, tmp_path, clock)


async def test_a_code_signs_in_once_it_is_typed_and_the_sign_in_is_kept(
    terminal: Terminal, demo: Demo, clock: WaitingClock
) -> None:
    clock.meanwhile[3] = lambda: terminal.answer("yes")
    login = await terminal.sign_in()
    assert clock.waits == [5, 5, 5]
    (code,) = terminal.codes
    assert code.url == demo.url + PAGE_PATH
    assert code.url_with_code.endswith(f"user_code={code.code}")
    assert (login.name, login.since) == ("demo@example.com", clock.seconds())
    assert terminal.store.find_current(demo.url) == login
    assert code.secret.reveal() not in repr(code)


async def test_browsers_are_sent_to_where_they_find_the_service(
    terminal: Terminal, demo: Demo, clock: WaitingClock
) -> None:
    clock.meanwhile[1] = lambda: terminal.answer("yes")
    await terminal.sign_in(browser_url="https://public.example/auth")
    (code,) = terminal.codes
    public = PAGE_PATH.replace("/auth/", "https://public.example/auth/")
    assert (code.url, code.url_with_code) == (public, f"{public}?user_code={code.code}")


@pytest.mark.parametrize(("scope", "lasts"), [("", False), (OFFLINE_SCOPE, True)])
async def test_a_lasting_sign_in_is_good_for_days(
    terminal: Terminal, demo: Demo, clock: WaitingClock, scope: str, lasts: bool
) -> None:
    clock.meanwhile[1] = lambda: terminal.answer("yes")
    by_code = await sign_in_by_device(
        Settings(demo.url),
        terminal.store,
        terminal.codes.append,
        scope=scope,
        wait=clock.wait,
        clock=clock.seconds,
    )
    by_password = await sign_in_by_password(
        Settings(demo.url), terminal.store, "demo", Secret("demo"), scope=scope, clock=clock.seconds
    )
    clock.now += timedelta(days=3)
    for login in (by_code, by_password):
        terminal.store.save(login)
        client = Client(demo.url, StoredLogin(terminal.store, login, clock=clock.seconds), timeout=LIMIT)
        (answer,) = await asyncio.gather(client.ask(READ), return_exceptions=True)
        await client.aclose()
        assert isinstance(answer, NotSignedIn) is not lasts


async def test_a_refusal_in_the_browser_and_a_code_that_nobody_types_end_it(
    terminal: Terminal, clock: WaitingClock
) -> None:
    clock.meanwhile[1] = lambda: terminal.answer("no")
    with pytest.raises(NotSignedIn, match="refused in the browser"):
        await terminal.sign_in()
    clock.waits.clear()
    clock.meanwhile.clear()
    with pytest.raises(NotSignedIn, match="nobody typed it in time"):
        await terminal.sign_in()
    assert sum(clock.waits) == 600
    assert terminal.store.load_all() == ()


async def test_slow_down_is_five_seconds_more_for_good_and_a_lost_link_is_waited_out(
    terminal: Terminal, demo: Demo, clock: WaitingClock
) -> None:
    slow = Scripted(400, b'{"error":"slow_down"}')
    pending = Scripted(400, b'{"error":"authorization_pending"}')
    demo.script(TOKEN_PATH, slow, pending, slow, Scripted(drop=True), Scripted(503), pending)
    clock.meanwhile[7] = lambda: terminal.answer("yes")
    await terminal.sign_in()
    assert clock.waits == [5, 10, 10, 15, 30, 60, 60]


async def test_a_service_that_names_no_interval_is_asked_every_five_seconds(
    terminal: Terminal, demo: Demo, clock: WaitingClock
) -> None:
    answer = {"device_code": "d", "user_code": "U", "verification_uri": "https://a.example/x"}
    demo.script(DEVICE_PATH, Scripted(200, json.dumps(answer).encode()))
    demo.script(TOKEN_PATH, Scripted(400, b'{"error":"expired_token"}'))
    with pytest.raises(NotSignedIn, match="in time"):
        await terminal.sign_in()
    assert clock.waits == [5]
    assert terminal.codes[0].url_with_code == ""


@pytest.mark.parametrize(
    ("answer", "kind", "why"),
    [
        (Scripted(400, b'{"error":"unauthorized_client","error_description":"No"}'), NotSignedIn, "No"),
        (Scripted(404, b"<h1>x</h1>"), ApiRefused, "no sign-in service"),
        (Scripted(400, b"<h1>Bad gateway rule</h1>"), ApiRefused, "answers 400, but not as"),
        (Scripted(401, b'{"error":"Unauthorized"}'), ApiRefused, "answers 401, but not as"),
        (Scripted(500, b"oops"), ApiRefused, "oops"),
        (Scripted(200, b"<h1>Welcome</h1>"), ApiFormatError, "not with a code"),
        (
            Scripted(200, b'{"device_code":"sesame","user_code":"U","verification_uri":"javascript:1"}'),
            ApiFormatError,
            "not with a code",
        ),
        (Scripted(302, headers={"location": "https://elsewhere.example/"}), ServiceError, "elsewhere"),
    ],
)
async def test_a_service_without_codes_is_reported(
    terminal: Terminal, demo: Demo, answer: Scripted, kind: type[WltuiError], why: str
) -> None:
    demo.script(DEVICE_PATH, answer)
    with pytest.raises(kind, match=why) as caught:
        await terminal.sign_in()
    assert terminal.codes == []
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize("answer", [Scripted(400, b'{"error":"invalid_grant"}'), Scripted(200, b"[]")])
async def test_an_unknown_answer_while_waiting_ends_it(
    terminal: Terminal, demo: Demo, clock: WaitingClock, answer: Scripted
) -> None:
    demo.script(TOKEN_PATH, answer)
    with pytest.raises(WltuiError):
        await terminal.sign_in()
    assert clock.waits == [5]


async def test_realm_client_and_host_are_the_settings_and_go_into_the_sign_in(
    terminal: Terminal, demo: Demo, clock: WaitingClock, tmp_path: Path
) -> None:
    with Demo(seed=1, clock=clock) as keycloak:
        clock.meanwhile[1] = lambda: Terminal.answer(there, "yes")
        there = Terminal(keycloak, tmp_path, clock)
        there.codes = terminal.codes
        login = await terminal.sign_in(auth_url=f"{keycloak.url}/auth")
        assert login.provider == SignIn(auth_url=f"{keycloak.url}/auth")
        assert demo.requests == [], "nothing but the API is there"
    demo.script(
        REALM_PATH.replace("master", "factory") + "/protocol/openid-connect/auth/device", Scripted(418)
    )
    with pytest.raises(ServiceError):
        await terminal.sign_in(realm="factory", client_id="cli")
    assert b"client_id=cli" in demo.requests[-1].body


async def test_a_sign_in_that_can_not_be_kept_says_so(terminal: Terminal, demo: Demo) -> None:
    terminal.store.folder.write_text("in the way")
    with pytest.raises(WltuiError, match=r"can't be kept in .*and sign in again"):
        await sign_in_by_password(Settings(demo.url), terminal.store, "demo", Secret("demo"))
    terminal.store.folder.unlink()
    terminal.store.folder.mkdir()
    terminal.store.folder.chmod(0o777)
    with pytest.raises(WltuiError, match=r"others can write to it\. chmod go-w "):
        await sign_in_by_password(Settings(demo.url), terminal.store, "demo", Secret("demo"))


async def test_a_person_is_the_same_by_sign_in_and_by_token_also_offline(
    demo: Demo, tmp_path: Path, clock: WaitingClock
) -> None:
    by_hand = Settings(demo.url)
    login = await sign_in_by_password(
        by_hand, TokenStore(tmp_path), "demo", Secret("demo"), clock=clock.seconds
    )
    user = identify(by_hand, None, tmp_path)
    assert (user.name, user.login) == ("demo@example.com", login)
    assert identify(Settings(demo.url, offline=True), None, tmp_path) == user
    by_token = identify(Settings(demo.url, token=login.access), None, tmp_path)
    assert (by_token.key, by_token.name, by_token.id) == (user.key, user.name, login.subject)
    assert user.id == login.subject
    assert by_token.login is None
    for other in (
        Settings("https://elsewhere"),
        Settings(demo.url, login=("demo", Secret("demo"))),
        Settings(demo.url, sign_in=SignIn(token_command=("print-token",))),
    ):
        assert identify(other, None, tmp_path).key != user.key
        assert identify(other, None, tmp_path).login is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_tokens_and_passwords_follow_no_redirect(
    terminal: Terminal, demo: Demo, clock: WaitingClock, status: int
) -> None:
    settings = Settings(demo.url)
    login = await sign_in_by_password(settings, terminal.store, "demo", Secret("demo"), clock=clock.seconds)
    with Demo(seed=1, clock=clock) as elsewhere:
        away = Scripted(status, headers={"location": f"{elsewhere.url}/auth"})
        for path in (TOKEN_PATH, DEVICE_PATH, LOGOUT_PATH, READ.path):
            demo.script(path, away, away)
        with pytest.raises(ServiceError):
            await sign_in_by_password(settings, terminal.store, "demo", Secret("sesame"))
        with pytest.raises(ServiceError):
            await terminal.sign_in()
        client = Client(demo.url, StoredLogin(terminal.store, login, clock=clock.seconds), timeout=LIMIT)
        with pytest.raises(ServiceError, match="redirects"):
            await client.ask(READ)
        clock.now += timedelta(seconds=50)
        with pytest.raises(ServiceError, match="redirects"):
            await client.ask(READ)
        await client.aclose()
        assert await sign_out(terminal.store, login, Network()) != ""
        assert elsewhere.requests == []


async def test_no_secret_is_in_what_can_be_printed(
    terminal: Terminal, demo: Demo, clock: WaitingClock
) -> None:
    login = await sign_in_by_password(
        Settings(demo.url), terminal.store, "demo", Secret("demo"), clock=clock.seconds
    )
    auth = StoredLogin(terminal.store, login)
    user = identify(Settings(demo.url), None, terminal.store.folder.parent)
    printed = repr((login, vars(auth), user, Grant(login.access, login.refresh, 60.0)))
    assert login.refresh is not None
    assert login.access.reveal() not in printed
    assert login.refresh.reveal() not in printed
