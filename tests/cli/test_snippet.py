"""``wltui snippet``: what a command would send, to be run elsewhere."""

import subprocess

import pytest

from tests.support.command_line import CommandLine
from tests.support.demo_server import sign_in
from tests.support.waiting import LIMIT
from wltui.demo import Demo

CALL = ("api", "models/list", "-d", '{"workspace_id": 10, "name": "it\'s"}')


def test_a_call_is_shown_and_not_sent(signed_in: CommandLine, demo: Demo) -> None:
    for form in ("curl", "requests", "sdk"):
        shown = signed_in("snippet", form, *CALL)
        assert shown.code == 0
        assert shown.err == "wltui: The answer of models/list\n"
        assert b"WLTUI_TOKEN" in shown.out
    assert not demo.requests
    nothing = signed_in("snippet", "sdk", "api", "features/list")
    assert (nothing.code, nothing.out) == (1, b"")
    assert "the SDK has no call for it" in nothing.err


def test_the_curl_of_a_profile_reaches_its_instance(command_line: CommandLine, demo: Demo) -> None:
    shown = command_line("snippet", "curl", *CALL, "--endpoint", demo.url)
    environ = {"PATH": "/usr/bin:/bin", "WLTUI_TOKEN": sign_in(demo.url)}
    done = subprocess.run(
        ["sh"], input=shown.out, env=environ, capture_output=True, timeout=LIMIT, check=True
    )
    assert done.stdout.startswith(b'{"models":[')
    assert demo.requests[-1].body == b'{"workspace_id":10,"name":"it\'s"}'


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("login",), 2),
        (("--profile", "prod", "api", "models/list"), 2),
        ((), 2),
        (("api", "models/delete_model"), 5),
        (("api", "models/list", "-d", "["), 2),
    ],
)
def test_what_has_no_request_says_so(signed_in: CommandLine, words: tuple[str, ...], code: int) -> None:
    shown = signed_in("snippet", "curl", *words)
    assert (shown.code, shown.out) == (code, b"")
    assert shown.err.startswith("wltui: ")
