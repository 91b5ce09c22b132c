"""``wltui doctor``: each setting with its origin, each step with its outcome, and no secret anywhere."""

import base64
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
from msgspec.structs import replace

from tests.support.pty_program import ROOT
from tests.support.tls_server import NAME, serve_proxy, serve_tls
from tests.support.waiting import LIMIT
from wltui.api.connection import connect
from wltui.cli.checks import Check, check_folder, check_instance
from wltui.core.settings import Network, Secret, Settings
from wltui.demo import Demo

EXPIRED = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqYW5lIiwiZXhwIjoxNzAwMDAwMDAwfQ.c2lnbmF0dXJl"
LASTING = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqYW5lIiwiZXhwIjo0MDAwMDAwMDAwfQ.c2lnbmF0dXJl"

PROFILES = """\
theme = "nord"
[profiles.prod]
endpoint = "{url}"
colour = "error"
proxy = "http://jane:sesame-street@127.0.0.1:1"
token_command = "echo sesame-token"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "config" / "wltui").mkdir(parents=True)
    return tmp_path


def doctor(home: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    kinds = ("config", "cache", "state")
    return subprocess.run(
        [sys.executable, "-m", "wltui", "doctor", *words],
        cwd=ROOT,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", **environ}
        | {f"XDG_{kind.upper()}_HOME": str(home / kind) for kind in kinds},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


def parse_output(answer: subprocess.CompletedProcess[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the settings and the checks of the JSON, by name."""
    assert answer.stderr == ""
    read = json.loads(answer.stdout)
    assert read["ok"] is (answer.returncode == 0)
    settings, checks = ({part["name"]: part for part in read[kind]} for kind in ("settings", "checks"))
    return settings, checks


def test_where_all_is_well_each_step_says_so(home: Path, demo: Demo) -> None:
    environ = {"WALLAROO_USER": "demo", "WALLAROO_PASSWORD": "demo", "TERM": "xterm-kitty"}
    answer = doctor(home, "--json", "--endpoint", demo.url, **environ)
    settings, checks = parse_output(answer)
    assert answer.returncode == 0
    assert list(checks) == [
        "Name", "TCP", "TLS", "Sign-in", "API", "Read", "GraphQL", "Cache", "State", "Terminal", "Colours",
        "UTF-8", "Clipboard",
    ]  # fmt: skip
    assert {name for name, check in checks.items() if not check["ok"]} == {"Terminal"}
    assert checks["Read"]["told"] == "12 workspaces, signed in as demo"
    assert checks["Colours"]["told"] == "24-bit"
    assert all(checks[name]["seconds"] > 0 for name in ("Name", "TCP", "API", "Read"))
    assert settings["endpoint"] == {"name": "endpoint", "value": demo.url, "origin": "--endpoint"}
    assert (settings["credentials"]["value"], settings["credentials"]["origin"]) == (
        "user demo",
        "WALLAROO_USER",
    )
    assert not (home / "cache").exists()
    assert not (home / "state").exists()


async def test_what_graphql_does_not_show_is_said_in_a_line(tmp_path: Path) -> None:
    settings = Settings("", login=("demo", Secret("demo")))
    for access, words in [
        ("whole", "whole configs"),
        ("partial", "not found in type"),
        ("absent", "has no /v1/graphql"),
    ]:
        with Demo(graphql=access) as server:  # type: ignore[arg-type]
            checks = await outcome(replace(settings, endpoint=server.url), tmp_path)
        assert words in checks["GraphQL"].finding
        assert checks["GraphQL"].ok is (True if access == "whole" else None)
    with Demo() as server:
        checks = await outcome(replace(settings, endpoint=server.url, graphql=False), tmp_path)
    assert "switched off" in checks["GraphQL"].finding


def test_people_read_it_line_by_line(home: Path, demo: Demo) -> None:
    environ = {"WALLAROO_USER": "demo", "WALLAROO_PASSWORD": "demo"}
    answer = doctor(home, "--endpoint", demo.url, **environ)
    assert (answer.returncode, answer.stderr) == (0, "")
    assert f"endpoint         {demo.url}" in answer.stdout
    assert "✔ Read       12 workspaces, signed in as demo  " in answer.stdout
    assert "– Clipboard" in answer.stdout
    plain = doctor(home, "--endpoint", demo.url, PYTHONIOENCODING="ascii", **environ)
    assert "ok Read       12 workspaces, signed in as demo  " in plain.stdout
    assert plain.stdout.isascii()


def test_a_tmux_that_keeps_what_is_copied_is_reported(home: Path) -> None:
    (home / "bin").mkdir()
    (home / "bin" / "tmux").write_text("#!/bin/sh\necho '3.1c;external;'\n")
    (home / "bin" / "tmux").chmod(0o755)
    _, checks = parse_output(doctor(home, "--json", TMUX="/tmp/tmux,1,0", PATH=str(home / "bin")))  # noqa: S108
    assert checks["Clipboard"]["ok"] is None
    assert "drops" in checks["Clipboard"]["told"]
    assert checks["Clipboard"]["advice"] == "tmux set-option -s set-clipboard on"


def test_it_shows_what_a_profile_says_and_nothing_secret(home: Path, demo: Demo) -> None:
    (home / "config" / "wltui" / "config.toml").write_text(PROFILES.format(url=demo.url))
    environ = {
        "WLTUI_TOKEN": LASTING,
        "TEXTUAL_THEME": "nrod",
        "TERM": "xterm-256color",
        "SSL_CERT_FILE": "/some/ca.pem",
    }
    for words in (["--json"], []):
        answer = doctor(home, "--profile", "prod", *words, **environ)
        assert answer.returncode == 1
        assert not any(secret in answer.stdout for secret in ("sesame", LASTING, "c2lnbmF0dXJl"))
        assert "the proxy 127.0.0.1 refused the connection" in answer.stdout
    settings, checks = parse_output(doctor(home, "--profile", "prod", "--json", **environ))
    said = {name: part for name, part in settings.items() if part["origin"] != "default"}
    assert {name: (part["value"], part["origin"]) for name, part in said.items()} == {
        "profile": ("prod", "--profile"),
        "theme": ("nord", "config.toml"),
        "endpoint": (demo.url, "profile prod, line 3"),
        "colour": ("error", "profile prod, line 4"),
        "proxy": ("http://127.0.0.1:1", "profile prod, line 5"),
        "token_command": ("echo …", "profile prod, line 6"),
        "credentials": ("a token", "WLTUI_TOKEN"),
        "ca_bundle": ("/some/ca.pem", "SSL_CERT_FILE"),
    }  # fmt: skip
    assert [checks[name]["ok"] for name in ("Name", "TCP", "TLS", "Sign-in", "API", "Read")] == [
        True, False, None, True, None, None,
    ]  # fmt: skip
    assert "until 2096-10-02" in checks["Sign-in"]["told"]
    assert checks["Theme"]["told"] == "TEXTUAL_THEME names no theme of wltui: nrod. Did you mean nord?"


def test_what_is_missing_fails_with_advice(home: Path, demo: Demo) -> None:
    answer = doctor(home, "--json", "--endpoint", demo.url)
    _, checks = parse_output(answer)
    assert answer.returncode == 1
    assert (checks["Sign-in"]["ok"], checks["Read"]["ok"], checks["API"]["ok"]) == (False, None, True)
    assert "wltui login" in checks["Sign-in"]["advice"]
    nowhere = doctor(home, "--json")
    assert nowhere.returncode == 1
    assert parse_output(nowhere)[1]["Instance"]["ok"] is False
    assert "expired" in doctor(home, "--endpoint", demo.url, WLTUI_TOKEN=EXPIRED).stdout


@pytest.mark.parametrize("words", [["--jsn"], ["--endpoint", "ftp://x"], ["--profile", "x"], ["--demo"]])
def test_wrong_usage_is_reported_in_one_line(home: Path, words: list[str]) -> None:
    answer = doctor(home, *words)
    assert (answer.returncode, answer.stdout, answer.stderr.count("\n")) == (2, "", 1)


def test_it_runs_without_what_draws_the_screens(home: Path, demo: Demo) -> None:
    script = (
        "import sys; from wltui.cli.main import main; main(sys.argv[1:]); print('imported:', *sys.modules)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", script, "doctor", "--endpoint", demo.url],
        cwd=ROOT, capture_output=True, text=True, timeout=LIMIT, check=True,
    )  # fmt: skip
    imported = set(answer.stdout.rpartition("imported:")[2].split())
    assert "httpx" in imported
    assert imported.isdisjoint({"textual", "rich", "pyarrow"})


# The way to the instance, where it is not as it should be.


async def outcome(settings: Settings, state: Path) -> dict[str, Check]:
    return {check.name: check async for check in check_instance(settings, state)}


@asynccontextmanager
async def tls_instance(ca: trustme.CA, *names: str) -> AsyncIterator[Settings]:
    async with serve_tls(ca.issue_cert(*(names or ("127.0.0.1",)))) as port:
        yield Settings(f"https://127.0.0.1:{port}", token=Secret(LASTING), request_timeout=5)


async def test_tls_is_a_step_of_its_own(tmp_path: Path) -> None:
    ca, bundle = trustme.CA(), tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(bundle)
    async with tls_instance(ca) as settings:
        stranger = await outcome(settings, tmp_path)
        assert (stranger["TCP"].ok, stranger["TLS"].ok, stranger["API"].ok) == (True, False, None)
        assert "does not trust the issuer" in stranger["TLS"].finding
        assert "ca_bundle" in stranger["TLS"].advice
        known = await outcome(replace(settings, network=Network(bundle)), tmp_path)
        assert {name for name, check in known.items() if not check.ok} == {"GraphQL"}  # it is no Wallaroo
        assert known["TLS"].finding.startswith("TLSv1.3, the certificate is valid until ")
        assert known["TLS"].seconds
        anybody = await outcome(replace(settings, network=Network(verify=False)), tmp_path)
        assert (anybody["TLS"].ok, anybody["Read"].ok) == (None, True)
        assert "NOT VERIFIED" in anybody["TLS"].finding


async def test_a_proxy_is_the_peer_whose_name_counts(tmp_path: Path) -> None:
    ca, bundle = trustme.CA(), tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(bundle)
    async with serve_tls(ca.issue_cert(NAME)) as port, serve_proxy(port) as proxy:
        way = Network(bundle, proxy=Secret(proxy.url))
        settings = Settings(f"https://{NAME}", token=Secret(LASTING), network=way, request_timeout=5)
        checks = await outcome(settings, tmp_path)
        assert {name for name, check in checks.items() if not check.ok} == {"GraphQL"}  # it is no Wallaroo
        assert checks["Name"].finding == "the proxy 127.0.0.1 is 127.0.0.1"
        proxy.status = "403 Forbidden"
        checks = await outcome(settings, tmp_path)
        assert (checks["TCP"].ok, checks["TLS"].ok) == (True, False)
        assert "the proxy refused" in checks["TLS"].finding


async def test_a_name_that_nobody_knows_is_the_first_step_to_fail(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    checks = await outcome(Settings("https://wallaroo.invalid", token=Secret(LASTING)), tmp_path)
    assert checks["Name"].ok is False
    assert checks["Name"].finding == "no address is known for wallaroo.invalid"
    assert [checks[name].ok for name in ("TCP", "TLS", "API", "Read")] == [None] * 4


async def test_an_answer_that_is_no_wallaroos_is_reported_as_such(tmp_path: Path, demo: Demo) -> None:
    checks = await outcome(Settings(f"{demo.url}/elsewhere", token=Secret(LASTING)), tmp_path)
    assert (checks["TCP"].ok, checks["API"].ok, checks["Read"].ok) == (True, False, None)
    assert "not be a Wallaroo instance" in checks["API"].advice


async def test_a_token_that_the_instance_refuses_shows_in_the_read(tmp_path: Path, demo: Demo) -> None:
    checks = await outcome(Settings(demo.url, token=Secret(LASTING)), tmp_path)
    assert (checks["Sign-in"].ok, checks["API"].ok, checks["Read"].ok) == (True, True, False)
    assert LASTING not in repr(checks)


@pytest.mark.parametrize(
    ("network", "expected"),
    [
        (Network(ca_bundle=Path("/nonexistent/ca.pem")), "The CA bundle /nonexistent/ca.pem can't be used"),
        (Network(proxy=Secret("socks5://jane:sesame@x")), "The proxy can't be used"),
    ],
)
async def test_a_network_that_cannot_be_used_ends_the_way_there(
    tmp_path: Path, demo: Demo, network: Network, expected: str
) -> None:
    checks = await outcome(Settings(demo.url, network=network), tmp_path)
    assert list(checks) == ["Network"]
    assert checks["Network"].finding.startswith(expected)
    assert checks["Network"].advice
    assert "sesame" not in repr(checks)


# Folders.


def test_a_folder_has_to_be_writable_and_for_its_owner_alone(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir(mode=0o700)
    assert check_folder("Cache", mine).ok
    assert check_folder("Cache", mine / "a" / "b").finding.endswith("which is not there yet")
    assert not (mine / "a").exists()
    mine.chmod(0o755)
    assert check_folder("Cache", mine).advice == f"chmod 700 {mine}"
    mine.chmod(0o777)
    open_to_all = check_folder("Cache", mine)
    assert open_to_all.finding == f"{mine}: others can write to it"
    assert open_to_all.advice == f"chmod go-w {mine}"
    assert check_folder("Cache", mine / "a" / "b").ok is False
    (tmp_path / "file").touch()
    assert check_folder("Cache", tmp_path / "file" / "x").ok is False


async def test_a_route_keeps_the_time_of_each_step(demo: Demo) -> None:
    async with connect(demo.url, timeout=LIMIT) as http:
        first = (await http.get(demo.url)).request.extensions["trace"]
        again = (await http.get(demo.url)).request.extensions["trace"]
    assert (first.peer, again.peer) == ("127.0.0.1", "")
    assert "connect_tcp" in first.step_seconds
    assert "connect_tcp" not in again.step_seconds


def test_a_wrong_default_is_a_check_and_keeps_no_other_from_being_made(home: Path, demo: Demo) -> None:
    config = home / "config" / "wltui" / "config.toml"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.write_text(f'default = "prd"\n[profiles.prod]\nendpoint = "{demo.url}"')
    alone = doctor(home)
    assert alone.returncode == 1
    output = " ".join(alone.stdout.split())
    assert f"✖ Profiles {config}, line 1: default is 'prd', which is no profile Did you mean prod?" in output
    assert "✔ Cache" in output
    named = doctor(home, "--profile", "prod")
    assert "– Profiles" in named.stdout
    assert "✔ API" in named.stdout


def test_a_name_in_a_token_forges_no_line(home: Path, demo: Demo) -> None:
    name = "jane\n✔ Read       12 workspaces\x1b]52;c;x\x07"
    claims = base64.urlsafe_b64encode(json.dumps({"sub": "jane", "preferred_username": name}).encode())
    answer = doctor(
        home, "--endpoint", demo.url, WLTUI_TOKEN=f"eyJhIjoxfQ.{claims.decode().rstrip('=')}.c2ln"
    )
    assert "\x1b" not in answer.stdout
    assert "✔ Sign-in    jane\\n✔ Read       12 workspaces\\x1b]52;c;x\\x07, by a token" in answer.stdout
    assert "\n✔ Read" not in answer.stdout
