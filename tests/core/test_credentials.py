"""Who signs in, as the environment has it."""

import json
import os
from pathlib import Path

import pytest

from wltui.core.credentials import Credentials, child_environment, load_credentials
from wltui.core.errors import UsageError
from wltui.core.settings import Secret

BOTH = {"WALLAROO_USER": "jane", "WALLAROO_PASSWORD": "sesame"}
JANE = Credentials(login=("jane", Secret("sesame")), source="WALLAROO_USER")


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    """Files of the SDK's credentials, by what they hold."""
    contents = {
        "token": {"token": "t0ken", "user_email": "joe@x", "user_id": "2"},
        "password": {"username": "joe", "password": "secret"},
        "neither": {},
    }
    for name, content in contents.items():
        (tmp_path / name).write_text(json.dumps(content))
    (tmp_path / "page").write_text("<h1>sesame</h1>")
    os.mkfifo(tmp_path / "pipe")
    found = {name: str(tmp_path / name) for name in (*contents, "page", "pipe", "missing")}
    return found | {"unknown home": "~nobody-has-this-name/file"}


TOKEN = Credentials(token=Secret("t0ken"), source="WALLAROO_SDK_CREDENTIALS")
PASSWORD = Credentials(login=("joe", Secret("secret")), source="WALLAROO_SDK_CREDENTIALS")


@pytest.mark.parametrize(
    ("environ", "kind", "file", "meant"),
    [
        ({}, "", "", Credentials()),
        (
            {"WLTUI_TOKEN": " abc\n", **BOTH},
            "",
            "token",
            Credentials(token=Secret("abc"), source="WLTUI_TOKEN"),
        ),
        (BOTH, "", "", JANE),
        (BOTH, "", "token", JANE),
        (BOTH, "user_password", "password", JANE),
        (BOTH, "token", "token", TOKEN),
        (BOTH, "sso", "token", Credentials()),
        ({"WALLAROO_USER": "jane"}, "", "", Credentials()),
        ({}, "", "token", TOKEN),
        ({}, "", "password", PASSWORD),
        ({"WALLAROO_PASSWORD": "secret"}, "user_password", "password", PASSWORD),
    ],
)
def test_what_is_meant(
    files: dict[str, str], environ: dict[str, str], kind: str, file: str, meant: Credentials
) -> None:
    path = files[file] if file else ""
    told = environ | {"WALLAROO_SDK_AUTH_TYPE": kind, "WALLAROO_SDK_CREDENTIALS": path}
    assert load_credentials(told) == meant


@pytest.mark.parametrize(
    ("environ", "kind", "file", "why"),
    [
        ({"WLTUI_TOKEN": "Bearer abc"}, "", "", "WLTUI_TOKEN is not a token"),
        ({}, "orch", "", "is not supported"),
        ({}, "token", "", "requires a token"),
        ({}, "token", "password", "requires a token"),
        ({"WALLAROO_USER": "jane"}, "user_password", "", "requires a user and a password"),
        ({}, "user_password", "token", "requires a user and a password"),
        ({}, "", "neither", "does not name a file with credentials"),
        ({}, "", "missing", "No such file"),
        ({}, "", "unknown home", "no home folder is known for ~nobody-has-this-name"),
        ({}, "", "pipe", "it is a pipe"),
        ({}, "", "page", "not valid JSON with credentials"),
    ],
)
def test_what_makes_no_sense_is_told_without_a_secret(
    files: dict[str, str], environ: dict[str, str], kind: str, file: str, why: str
) -> None:
    path = files[file] if file else ""
    told = environ | {"WALLAROO_SDK_AUTH_TYPE": kind, "WALLAROO_SDK_CREDENTIALS": path}
    with pytest.raises(UsageError, match=why) as refused:
        load_credentials(told)
    assert "sesame" not in str(refused.value)
    assert refused.value.advice


def test_other_programs_get_the_environment_without_its_secrets() -> None:
    secret = {"WLTUI_TOKEN": "t0ken", "WALLAROO_PASSWORD": "sesame", "WALLAROO_SDK_CREDENTIALS": "/s/file"}
    plain = {"PATH": "/bin", "WALLAROO_USER": "jane", "WALLAROO_URL": "https://a.example"}
    assert child_environment({**plain, **secret}) == plain
