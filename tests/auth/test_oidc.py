"""Signing in at an OpenID provider that is not ours: npm's oidc-provider, under Keycloak's addresses.

``npm ci --prefix tests/auth/oidc`` installs it; without it these tests are skipped, unless WLTUI_OIDC is set.
"""

import asyncio
import os
import shutil
import subprocess
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest
from msgspec.structs import replace

from tests.support.token_user import use_together
from tests.support.waiting import LIMIT
from wltui.api import calls
from wltui.api.client import Client
from wltui.api.device_flow import DeviceCode
from wltui.auth.sign_in import OFFLINE_SCOPE, sign_in_by_device, sign_in_by_password, sign_out
from wltui.auth.stored_login import StoredLogin
from wltui.auth.token_store import Login, TokenStore
from wltui.core.errors import NotSignedIn
from wltui.core.settings import Network, Secret, Settings, SignIn
from wltui.demo import Demo, Scripted

READ = calls.list_workspaces()
FOLDER = Path(__file__).parent / "oidc"
ADA, PASSWORD = "ada@example.com", Secret("correct horse")


def missing() -> str:
    """Why the provider can't be started; empty where it can."""
    if shutil.which("node") is None:
        return "there is no Node.js"
    if not (FOLDER / "node_modules" / "oidc-provider").exists():
        return "npm ci --prefix tests/auth/oidc was not run"
    return ""


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """Yield the address of a running provider."""
    if why := missing():
        (pytest.fail if os.environ.get("WLTUI_OIDC") else pytest.skip)(why)
    with subprocess.Popen(
        ["node", "server.mjs"], cwd=FOLDER, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            address = process.stdout.readline().strip()
            assert address, "it ended at once"
            yield address
        finally:
            process.terminate()


@pytest.fixture
def settings(demo: Demo, provider: str) -> Settings:
    """Yield an instance with a Keycloak on a host of its own, whose tokens it accepts."""
    demo.script(READ.path, *[Scripted(200, b'{"workspaces":[]}')] * 200)
    return Settings(demo.url, sign_in=SignIn(auth_url=f"{provider}/auth"))


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path)


@pytest.fixture
async def login(settings: Settings, store: TokenStore) -> Login:
    return await sign_in_by_password(settings, store, ADA, PASSWORD)


class Form(HTMLParser):
    """The first form of a page: where it goes, and what it holds."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.action = ""
        self.fields: dict[str, str] = {}
        self._done = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and not self._done:
            self.action = values.get("action", "")
        elif tag == "input" and "name" in values and not self._done:
            self.fields[values["name"]] = values.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self._done = self._done or tag == "form"


def browse(url: str, *, allow: bool) -> None:
    """Go through the provider's own pages as somebody who wants to sign a device in, or not."""
    with httpx.Client(follow_redirects=True) as http:
        page = http.get(url)
        for _ in range(5):  # the code, who one is, whether one agrees
            form = Form(page.text)
            if not form.action:
                return
            fields = form.fields | ({"login": ADA, "password": "any"} if "login" in form.fields else {})
            if "user_code" in fields and not allow:
                http.post(urljoin(str(page.url), form.action), data=fields | {"abort": "yes"})
                return
            page = http.post(urljoin(str(page.url), form.action), data=fields)
        pytest.fail(f"there is no end to the pages: {page.url}")


async def in_browser(settings: Settings, store: TokenStore, *, allow: bool, scope: str = "") -> Login:
    """Sign in with a code, which is answered in a browser while the device waits."""
    shown: list[DeviceCode] = []

    async def wait(_: float) -> None:
        if shown:
            await asyncio.to_thread(browse, shown.pop().url_with_code, allow=allow)

    return await sign_in_by_device(settings, store, shown.append, scope=scope, wait=wait)


class Watch:
    """The time as a program has it whose computer slept for a while."""

    def __init__(self, login: Login) -> None:
        self._login = login
        self.slept = 0.0

    def __call__(self) -> float:
        return self._login.since + self.slept


@pytest.mark.parametrize("scope", ["", OFFLINE_SCOPE])
async def test_a_browser_signs_in(settings: Settings, store: TokenStore, scope: str) -> None:
    login = await in_browser(settings, store, allow=True, scope=scope)
    assert (login.name, login.subject) == (ADA, ADA)
    assert login.refresh is not None
    assert store.find_current(settings.endpoint) == login


async def test_a_browser_says_no(settings: Settings, store: TokenStore) -> None:
    with pytest.raises(NotSignedIn, match="refused in the browser"):
        await in_browser(settings, store, allow=False)


async def test_a_wrong_password_is_refused(settings: Settings, store: TokenStore) -> None:
    with pytest.raises(NotSignedIn, match="grant request is invalid"):
        await sign_in_by_password(settings, store, ADA, Secret("x"))


async def test_twenty_calls_at_expiry_renew_once_night_after_night(
    settings: Settings, store: TokenStore, login: Login
) -> None:
    watch = Watch(login)
    client = Client(settings.endpoint, StoredLogin(store, login, clock=watch), timeout=LIMIT)
    seen = {login.access.reveal()}
    for night in range(1, 4):
        watch.slept = night * 3000
        await asyncio.gather(*(client.ask(READ) for _ in range(20)))
        kept = store.reload(login)
        assert kept is not None
        assert kept.stale_at == watch() + 45
        seen.add(kept.access.reveal())
    await client.aclose()
    assert len(seen) == 4, "a second use of a refresh token would have ended the sign-in"


async def test_a_refresh_token_that_was_used_twice_ends_the_sign_in(
    settings: Settings, store: TokenStore, login: Login
) -> None:
    for _ in range(2):
        store.save(login)  # as one does who restores a backup
        client = Client(
            settings.endpoint, StoredLogin(store, login, clock=lambda: login.stale_at), timeout=LIMIT
        )
        refused = await asyncio.gather(client.ask(READ), return_exceptions=True)
        await client.aclose()
    assert isinstance(refused[0], NotSignedIn)
    assert "wltui login" in refused[0].advice


async def test_signing_out_ends_it_there_too(settings: Settings, store: TokenStore, login: Login) -> None:
    assert await sign_out(store, login, Network()) == ""
    store.save(replace(login, stale_at=0))
    client = Client(settings.endpoint, StoredLogin(store, replace(login, stale_at=0)), timeout=LIMIT)
    with pytest.raises(NotSignedIn, match="ended"):
        await client.ask(READ)
    await client.aclose()


def test_four_programs_that_renew_at_once_all_get_through_and_stay_signed_in(
    settings: Settings, tmp_path: Path
) -> None:
    store = TokenStore(tmp_path)
    login = asyncio.run(sign_in_by_password(settings, store, ADA, PASSWORD))
    use_together(settings.endpoint, tmp_path)
    kept = store.reload(login)
    assert kept is not None
    assert kept.refresh != login.refresh
