"""Whose session it is, and whose cache is opened where nobody signs in."""

import base64
import json
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wltui.auth.identity import identify
from wltui.core.errors import UsageError
from wltui.core.settings import Secret, Settings
from wltui.store.bodies import pack
from wltui.store.response_cache import Cache, Owner, cache_path

HERE = "https://here"


def token(**claims: str) -> Secret:
    return Secret(f"x.{base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.x")


JANE = Settings(HERE, token=token(sub="1", email="jane@x"))
JOE = Settings(HERE, login=("joe", Secret("p")))
ELSEWHERE = Settings("https://elsewhere", login=("bob", Secret("p")))
NOBODY = Settings(HERE)
OFFLINE = Settings(HERE, offline=True)


def keep(folder: Path, settings: Settings, *answers: bytes) -> None:
    """Write the cache that a session of these settings leaves."""
    user = identify(settings, folder)
    path, owner = cache_path(folder, user.key), Owner(settings.endpoint, user.name)
    with closing(Cache(path, owner=owner)) as cache:
        for number, answer in enumerate(answers):
            cache.put(pack("some", {"number": number}, answer), datetime.now(UTC))


def test_a_user_is_the_subject_of_the_token_however_it_is_renewed(tmp_path: Path) -> None:
    renewed = Settings(HERE, token=token(sub="1", email="jane@y", iat="2"))
    assert identify(JANE, tmp_path).key == identify(renewed, tmp_path).key
    assert identify(JANE, tmp_path).name == "jane@x"
    assert identify(JANE, tmp_path).id == "1"
    everybody = (JANE, JOE, ELSEWHERE, NOBODY, Settings(HERE, token=token(sub="2", email="jane@x")))
    assert len({identify(settings, tmp_path).key for settings in everybody}) == len(everybody)


def test_offline_the_one_user_whose_answers_are_kept_is_meant(tmp_path: Path) -> None:
    nobody = identify(NOBODY, tmp_path)
    assert identify(OFFLINE, tmp_path) == identify(OFFLINE, None) == nobody
    keep(tmp_path, ELSEWHERE, b"{}")
    keep(tmp_path, JOE)
    assert identify(OFFLINE, tmp_path) == nobody
    keep(tmp_path, JANE, b"{}")
    (tmp_path / "damaged.db").write_bytes(b"garbage " * 1000)
    found, jane = identify(OFFLINE, tmp_path), identify(JANE, tmp_path)
    assert (found.key, found.name) == (jane.key, jane.name)
    assert identify(NOBODY, tmp_path) == nobody


def test_who_says_who_they_are_gets_nobody_elses_answers(tmp_path: Path) -> None:
    keep(tmp_path, JANE, b"{}")
    offline = Settings(HERE, login=("joe", Secret("p")), offline=True)
    assert identify(offline, tmp_path) == identify(JOE, tmp_path)


def test_answers_of_an_instance_that_needs_no_token_come_first(tmp_path: Path) -> None:
    keep(tmp_path, JANE, b"{}")
    keep(tmp_path, NOBODY, b"{}")
    assert identify(OFFLINE, tmp_path) == identify(NOBODY, tmp_path)


def test_of_several_users_none_is_taken_and_all_are_named(tmp_path: Path) -> None:
    keep(tmp_path, JOE, b"{}")
    keep(tmp_path, JANE, b"{}")
    with pytest.raises(UsageError) as refused:
        identify(OFFLINE, tmp_path)
    assert "jane@x, joe" in str(refused.value)
    assert "Set WLTUI_TOKEN" in str(refused.value)
