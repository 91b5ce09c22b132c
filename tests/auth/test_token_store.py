"""Sign-ins on disk: whose they are, who may read them, and whose turn it is."""

import os
from pathlib import Path

import pytest
from msgspec.structs import replace

from wltui.auth.token_store import Login, TokenStore
from wltui.core.errors import UsageError
from wltui.core.settings import Secret, SignIn

JANE = Login(
    endpoint="https://here",
    subject="1",
    name="jane@x",
    provider=SignIn("factory", "cli", "https://keycloak.here/auth"),
    access=Secret("sesame-access"),
    refresh=Secret("sesame-refresh"),
    stale_at=2000.5,
    since=1000.0,
)
JOE = replace(JANE, subject="2", name="joe", refresh=None, since=1500.0)


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path / "state")


def test_a_sign_in_is_read_as_it_was_written(store: TokenStore) -> None:
    assert store.find_current(JANE.endpoint) is None
    for login in (JANE, JOE):
        store.save(login)
        assert store.reload(login) == login
    assert store.load_all(JANE.endpoint) == (JOE, JANE), "the newest first"
    assert store.find_current("https://elsewhere") is None
    store.save(replace(JANE, access=Secret("renewed"), stale_at=9000.0))
    assert store.find_current(JANE.endpoint) == JOE, "renewing is not signing in"
    store.delete(JOE)
    store.delete(JOE)
    assert store.reload(JOE) is None
    assert store.find_current(JANE.endpoint) == replace(JANE, access=Secret("renewed"), stale_at=9000.0)


def test_each_user_of_each_instance_has_a_file_that_only_this_user_may_read(store: TokenStore) -> None:
    before = os.umask(0)
    try:
        for login in (JANE, JOE, replace(JANE, endpoint="https://there")):
            store.save(login)
            lock = store.try_lock(login)
            assert lock is not None
            lock.close()
    finally:
        os.umask(before)
    files = list(store.folder.iterdir())
    assert len(files) == 6
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert {path.stat().st_mode & 0o777 for path in (store.folder, store.folder.parent)} == {0o700}
    assert not any("jane" in path.name or "here" in path.name for path in files)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_read_is_refused(store: TokenStore, mode: int) -> None:
    store.save(JANE)
    (path,) = store.folder.glob("*.json")
    path.chmod(mode)
    with pytest.raises(UsageError, match="open to others"):
        store.find_current(JANE.endpoint)


@pytest.mark.parametrize("content", [b"", b"{}", b"[" * 99_999, b"\xff", b'{"format": 99}'])
def test_a_damaged_file_is_no_sign_in(store: TokenStore, content: bytes) -> None:
    store.save(JANE)
    (path,) = store.folder.glob("*.json")
    whole = path.read_bytes()
    path.write_bytes(content)
    assert store.find_current(JANE.endpoint) is None
    path.write_bytes(whole.replace(b'"format": 1', b'"format": 0'))
    assert store.find_current(JANE.endpoint) is None


def test_a_file_of_a_newer_wltui_is_reported(store: TokenStore) -> None:
    store.save(JANE)
    (path,) = store.folder.glob("*.json")
    path.write_bytes(b'{"format": 2, "endpoint": "https://here", "tokens": []}')
    with pytest.raises(UsageError, match="a newer wltui wrote it"):
        store.find_current(JANE.endpoint)
    assert store.find_current("https://elsewhere") is None


@pytest.mark.parametrize("kind", ["open to others", "newer", "pipe", "folder", "dangling link", "forbidden"])
def test_what_is_wrong_with_one_file_is_no_concern_of_other_instances(store: TokenStore, kind: str) -> None:
    store.save(JANE)
    store.save(replace(JOE, endpoint="https://there"))
    bad = store.folder / "0.json"
    match kind:
        case "open to others":
            bad.write_bytes(b'{"format": 1, "endpoint": "https://bad"}')
            bad.chmod(0o666)
        case "newer":
            bad.write_bytes(b'{"format": 9, "endpoint": "https://bad"}')
            bad.chmod(0o600)
        case "pipe":
            os.mkfifo(bad, 0o600)
        case "folder":
            bad.mkdir()
        case "dangling link":
            bad.symlink_to("nowhere")
        case "forbidden":
            bad.write_bytes(b"{}")
            bad.chmod(0)
    assert store.find_current(JANE.endpoint) == JANE
    assert store.find_current("https://there") == replace(JOE, endpoint="https://there")
    assert store.find_current("https://elsewhere") is None


def test_a_lock_is_one_users_and_ends_with_its_file(store: TokenStore) -> None:
    held = store.try_lock(JANE)
    assert held is not None
    assert store.try_lock(JANE) is None
    other = store.try_lock(JOE)
    assert other is not None
    other.close()
    held.close()
    again = store.try_lock(JANE)
    assert again is not None
    again.close()


def test_no_repr_shows_a_token() -> None:
    assert "sesame" not in repr(JANE)
