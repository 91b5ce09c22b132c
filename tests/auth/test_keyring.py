"""Tokens in the system's keyring: for who asks for it, if it works, and in no file then."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from msgspec.structs import replace

from tests.support.keyring_backend import FileKeyring, Locked, Odd, PlainFile
from tests.support.pty_program import ROOT
from tests.support.waiting import LIMIT
from wltui.api import calls
from wltui.api.client import Client
from wltui.auth.sign_in import sign_in_by_password, sign_out
from wltui.auth.stored_login import StoredLogin
from wltui.auth.token_store import Login, TokenStore
from wltui.core.errors import UsageError, WltuiError
from wltui.core.settings import DEFAULT_NETWORK, Secret, Settings, SignIn
from wltui.demo import Demo

Use = Callable[[KeyringBackend], None]


@pytest.fixture
def use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Use]:
    """Return a function that makes a keyring the one of this computer."""
    monkeypatch.setenv("TEST_KEYRING", str(tmp_path / "keyring.json"))
    before = keyring.get_keyring()
    keyring.set_keyring(FileKeyring())  # type: ignore[no-untyped-call]
    yield keyring.set_keyring
    keyring.set_keyring(before)


@pytest.fixture
def store(tmp_path: Path, use: Use) -> TokenStore:
    return TokenStore(tmp_path / "state")


def in_keyring(tmp_path: Path) -> dict[str, str]:
    kept: dict[str, str] = json.loads((tmp_path / "keyring.json").read_text())
    return kept


def on_disk(store: TokenStore) -> str:
    return "".join(path.read_text() for path in store.folder.rglob("*"))


async def sign_in(demo: Demo, store: TokenStore, *, keyring: bool = True) -> Login:
    settings = Settings(demo.url, sign_in=SignIn(keyring=keyring))
    return await sign_in_by_password(settings, store, "demo", Secret("demo"))


async def test_tokens_are_in_the_keyring_alone_and_renewed_there(
    demo: Demo, store: TokenStore, tmp_path: Path
) -> None:
    login = await sign_in(demo, store)
    assert login.refresh
    secrets = login.access.reveal(), login.refresh.reveal()
    assert not [secret for secret in secrets if secret in on_disk(store)]
    (kept,) = in_keyring(tmp_path).values()
    assert all(secret in kept for secret in secrets)

    found = store.find_current(demo.url)
    assert found
    assert not found.has_tokens, "the keyring is asked when a token is needed, and no sooner"
    assert (found.name, found.key) == (login.name, login.key)
    store.save(replace(login, stale_at=0))
    client = Client(demo.url, StoredLogin(store, found), timeout=LIMIT)
    assert await client.ask(calls.list_workspaces())
    await client.aclose()
    (renewed,) = in_keyring(tmp_path).values()
    assert renewed != kept
    again = store.reload(found)
    assert again
    assert again.access.reveal() in renewed
    assert again.stale_at > 0

    assert not await sign_out(store, found, DEFAULT_NETWORK)
    assert in_keyring(tmp_path) == {}
    assert store.load_all() == ()


async def test_a_sign_in_without_it_takes_its_tokens_out_again(
    demo: Demo, store: TokenStore, tmp_path: Path
) -> None:
    await sign_in(demo, store)
    login = await sign_in(demo, store, keyring=False)
    assert in_keyring(tmp_path) == {}
    assert store.find_current(demo.url) == login


@pytest.mark.parametrize(
    ("backend", "why"),
    [(fail.Keyring, "none that protects"), (PlainFile, "none that protects"), (Locked, "the collection")],
)
async def test_one_that_does_not_work_is_reported_and_no_token_lands_in_a_file_instead(
    demo: Demo, store: TokenStore, use: Use, backend: type[KeyringBackend], why: str
) -> None:
    use(backend())
    with pytest.raises(WltuiError, match=why):
        await sign_in(demo, store)
    assert not list(store.folder.glob("*.json"))


@pytest.mark.parametrize(("backend", "why"), [(Locked, "Failed to unlock"), (Odd, "ZeroDivisionError")])
async def test_one_that_is_locked_later_says_so_and_signing_out_still_works(
    demo: Demo, store: TokenStore, use: Use, backend: type[KeyringBackend], why: str
) -> None:
    login = await sign_in(demo, store)
    use(backend())
    with pytest.raises(UsageError, match=why):
        store.reload(login)
    found = store.find_current(demo.url)
    assert found
    client = Client(demo.url, StoredLogin(store, found), timeout=LIMIT)
    with pytest.raises(WltuiError, match=why):
        await client.ask(calls.list_workspaces())
    await client.aclose()
    with pytest.raises(WltuiError, match=r"can't be deleted.*Delete the entry wltui in the keyring"):
        await sign_out(store, found, DEFAULT_NETWORK)
    assert store.load_all() == ()


async def test_who_deletes_it_in_the_keyring_is_signed_out(
    demo: Demo, store: TokenStore, tmp_path: Path
) -> None:
    login = await sign_in(demo, store)
    (tmp_path / "keyring.json").write_text("{}")
    assert store.reload(login) is None


def test_the_command_asks_for_it_and_the_profile_does(demo: Demo, tmp_path: Path) -> None:
    config = tmp_path / "config" / "wltui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'[profiles.p]\nendpoint = "{demo.url}"\nkeyring = true\n')
    environ = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "tests" / "support"),
        "PYTHON_KEYRING_BACKEND": "keyring_backend.FileKeyring",
        "TEST_KEYRING": str(tmp_path / "keyring.json"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "WALLAROO_USER": "demo",
        "WALLAROO_PASSWORD": "demo",
    }
    store = TokenStore(tmp_path / "state" / "wltui")

    def login(*words: str) -> str:
        command = [sys.executable, "-m", "wltui", "login", "--password", *words]
        ended = subprocess.run(
            command, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=LIMIT, check=False
        )
        return ended.stdout + ended.stderr

    for words in (("--profile", "p"), ("--endpoint", demo.url, "--keyring")):
        said = login(*words)
        assert said.startswith(f"Signed in to {demo.url} as demo@example.com, in the keyring."), said
        assert len(in_keyring(tmp_path)) == 1
        assert 'access_token": null' in on_disk(store)
        (tmp_path / "keyring.json").unlink()
    environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    assert "wltui: The keyring can't be used" in login("--profile", "p")
