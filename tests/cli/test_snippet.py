"""``wltui snippet``: what a command would send, to be run elsewhere."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import Commands
from tests.support.demo_server import sign_in
from tests.support.waiting import LIMIT
from wltui.cli.main import main
from wltui.demo import Demo

CALL = ("api", "models/list", "-d", '{"workspace_id": 10, "name": "it\'s"}')


def test_a_call_is_shown_and_not_sent(wltui_here: Commands, demo: Demo) -> None:
    for form in ("curl", "requests", "sdk"):
        shown = wltui_here("snippet", form, *CALL)
        assert shown.code == 0
        assert shown.err == "wltui: The answer of models/list\n"
        assert "WLTUI_TOKEN" in shown.out
    assert not demo.requests
    nothing = wltui_here("snippet", "sdk", "api", "features/list")
    assert (nothing.code, nothing.out) == (1, "")
    assert "the SDK has no call for it" in nothing.err


def test_the_curl_of_a_profile_reaches_its_instance(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, demo: Demo
) -> None:
    shown = Commands(monkeypatch, tmp_path)("snippet", "curl", *CALL, "--endpoint", demo.url)
    environ = {"PATH": "/usr/bin:/bin", "WLTUI_TOKEN": sign_in(demo.url)}
    done = subprocess.run(
        ["sh"], input=shown.out.encode(), env=environ, capture_output=True, timeout=LIMIT, check=True
    )
    assert done.stdout.startswith(b'{"models":[')
    assert demo.requests[-1].body == b'{"workspace_id":10,"name":"it\'s"}'


def test_what_a_list_reads_is_read_and_shown_in_order(wltui_here: Commands, demo: Demo) -> None:
    words = ("requests", "get", "models", "--workspace", "10", "-o", "json")
    alone = wltui_here("snippet", *words)
    assert (
        alone.err
        == "wltui: the command makes 1 more request; wltui snippet --all shows all\nwltui: The models of workspace 10\n"
    )
    shown = wltui_here("snippet", "--all", *words)
    assert shown.code == 0
    assert shown.err == "wltui: 1 of 2: The list of workspaces\nwltui: 2 of 2: The models of workspace 10\n"
    assert shown.out.endswith(alone.out)
    demo.requests.clear()
    environ = {"PATH": "/usr/bin:/bin", "WLTUI_TOKEN": sign_in(demo.url)}
    subprocess.run(
        [sys.executable, "-c", shown.out], env=environ, timeout=LIMIT, check=True, capture_output=True
    )
    assert [request.path for request in demo.requests[1:]] == ["workspaces/list", "models/list"]
    for command, last in {
        "logs 15": "upload_logs",
        "diff 15 16": "config_by_id",
        "describe version 16": "config_by_id",
    }.items():
        shown = wltui_here("snippet", "curl", *command.split())
        assert shown.code == 0
        assert f"get_{last}" in shown.out
        assert "graphql" not in shown.out
    denied = wltui_here("snippet", "curl", "get", "workspaces", environ={"WALLAROO_PASSWORD": "wrong"})
    assert denied.code == 3
    assert "/v1/api/workspaces/list" in denied.out
    cached = wltui_here("snippet", "curl", "get", "workspaces", "--cached")
    assert (cached.code, cached.out) == (1, "")
    assert cached.err.endswith("wltui: the command makes no request\n")


def test_a_save_is_shown_and_neither_sent_nor_recorded(
    wltui_here: Commands, demo: Demo, tmp_path: Path
) -> None:
    shown = wltui_here("snippet", "curl", "config", "set", "16", "batch_config=single")
    assert shown.code == 0
    assert "1 field to change" in shown.err
    assert "/v1/api/models/insert_model_config" in shown.out
    assert '"batch_config":"single"' in shown.out
    assert not [request for request in demo.requests if "insert" in request.path]
    assert not list(tmp_path.rglob("*.jsonl"))
    same = wltui_here("snippet", "curl", "config", "unset", "16", "batch_config")
    assert (same.code, same.out) == (0, "")
    assert "nothing to change" in same.err


@pytest.mark.parametrize("words", [("curl", "--help"), ("--help",)])
def test_its_help_is_shown_wherever_it_is_asked_for(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["snippet", *words])
    assert (ended.value.code, capsys.readouterr().out.startswith("usage: wltui snippet ")) == (0, True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("login",), 2),
        (("config", "check"), 2),
        (("wait", "16"), 2),
        (("logs", "16", "-f"), 2),
        (("--profile", "prod", "api", "models/list"), 2),
        ((), 2),
        (("api", "models/delete_model"), 5),
        (("api", "models/list", "-d", "["), 2),
    ],
)
def test_what_has_no_request_says_so(wltui_here: Commands, words: tuple[str, ...], code: int) -> None:
    shown = wltui_here("snippet", "curl", *words)
    assert (shown.code, shown.out) == (code, "")
    assert shown.err.startswith("wltui: ")
