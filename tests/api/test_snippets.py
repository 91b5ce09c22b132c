"""Snippets send what wltui sends, byte for byte, whatever names are in it; they are run by shells, curl and Python."""

import asyncio
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import trustme

from tests.api.conftest import OpenClient
from tests.support.demo_server import sign_in
from tests.support.tls_server import NAME, serve_proxy, serve_tls
from tests.support.waiting import LIMIT
from wltui.api import calls, snippets
from wltui.api.calls import Call
from wltui.api.graphql import config_rows
from wltui.api.sdk_calls import sdk_call
from wltui.api.snippets import Target
from wltui.core.errors import ServiceError
from wltui.core.records import ModelId, VersionId, WorkspaceId
from wltui.core.settings import Network, Secret, Settings
from wltui.core.shell_quoting import printf, quote
from wltui.demo import Demo, Request

HOSTILE = (
    "it's 'quoted' \"twice\"",
    "$(id) `id` $HOME ${x:?} $((1/0)) !! !$ ~ * ?",
    "\\ \\\\ \\n \\0101 \\c \\' trailing\\",
    "line\nbreak\r\ttab\n",
    "模型 é 🙂 \xa0",
    "\x1b]0;x\x07 \x7f \x9b31m \x00 \u202e\u2066 \ufeff",
    "@file",
    "-n",
    "%s %b %d %% #",
    "'" * 1_500 + "模" * 2_000 + "\x9b7" * 500,
)
"""Names that a shell, curl, printf or Python could take for something else."""
WITH_CURL = pytest.mark.skipif(not shutil.which("curl"), reason="curl is not installed")


def hostile_calls() -> list[Call[object]]:
    """Return calls of every kind, one of them with each name."""
    made: list[Call[object]] = [
        calls.list_workspaces(),
        calls.list_models(WorkspaceId(10)),
        calls.get_version(VersionId(16)),
        config_rows(VersionId(16)).call(),
    ]
    for name in HOSTILE:
        made.append(calls.list_versions(ModelId(15), name))
        made.append(
            calls.insert_config({"model_version_id": 16, "tensor_fields": [name], "filter_threshold": 0.0})
        )
    return made


def calls_in(requests: list[Request]) -> list[tuple[str, str, bytes, str]]:
    """Return what matters of requests, without those that sign in."""
    return [
        (request.method, request.path, request.body, request.headers["content-type"])
        for request in requests
        if "openid-connect" not in request.path
    ]


@pytest.fixture
async def expected(open_client: OpenClient, demo: Demo) -> list[tuple[str, str, bytes, str]]:
    """Return the requests that wltui's own client sends."""
    client = open_client()
    for call in hostile_calls():
        await client.send(call)
    return calls_in(demo.requests)


def environment(url: str) -> dict[str, str]:
    """Return an environment with a token, and with proxies that lead nowhere: they are not for loopback."""
    nowhere = "http://127.0.0.1:9"
    proxies = {"http_proxy": nowhere, "HTTPS_PROXY": nowhere, "ALL_PROXY": nowhere}
    return {"PATH": os.environ["PATH"], "WLTUI_TOKEN": sign_in(url), "LC_ALL": "C.UTF-8"} | proxies


@WITH_CURL
@pytest.mark.parametrize("shell", ["dash", "bash"])
async def test_curl_sends_what_the_client_sends(
    demo: Demo, expected: list[tuple[str, str, bytes, str]], shell: str, tmp_path: Path
) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    target = snippets.target_of(Settings(demo.url))
    script = "".join(snippets.curl(call, target) for call in hostile_calls())
    assert script.replace("\n", "").isprintable()
    assert max(map(len, script.encode().splitlines())) < 4_096, "a terminal would cut the line"
    (tmp_path / "script").write_text(f"set -e\n{script}")
    before = len(demo.requests)
    environ = environment(demo.url)
    done = await asyncio.to_thread(
        subprocess.run, [shell, "script"], cwd=tmp_path, env=environ, capture_output=True, timeout=LIMIT
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == b"HTTP 200\n" * len(expected)
    assert calls_in(demo.requests[before:]) == expected
    assert os.listdir(tmp_path) == ["script"]


async def test_requests_sends_what_the_client_sends(
    demo: Demo, expected: list[tuple[str, str, bytes, str]], tmp_path: Path
) -> None:
    pytest.importorskip("requests")
    target = snippets.target_of(Settings(demo.url))
    programs = [snippets.requests(call, target) for call in hostile_calls()]
    assert all(program.replace("\n", "").isprintable() for program in programs)
    before = len(demo.requests)
    done = await run_python(programs, environment(demo.url), tmp_path)
    assert done.returncode == 0, done.stderr
    assert calls_in(demo.requests[before:]) == expected
    assert done.stdout.isascii(), "a name in an answer is no terminal escape"


async def run_python(
    programs: list[str], environ: dict[str, str], folder: Path
) -> "subprocess.CompletedProcess[str]":
    """Run programs one after another in one process."""
    (folder / "all.py").write_text("".join(f"exec({program!r}, {{}})\n" for program in programs))
    command = [sys.executable, "all.py"]
    return await asyncio.to_thread(
        subprocess.run, command, cwd=folder, env=environ, capture_output=True, text=True, timeout=LIMIT
    )


@WITH_CURL
async def test_a_refused_call_fails_and_shows_why(demo: Demo, tmp_path: Path) -> None:
    call = calls.get_version(VersionId(999_999))
    target = snippets.target_of(Settings(demo.url))
    environ = environment(demo.url)
    (tmp_path / "script").write_text(snippets.curl(call, target))
    done = await asyncio.to_thread(
        subprocess.run, ["sh", "script"], cwd=tmp_path, env=environ, capture_output=True, timeout=LIMIT
    )
    assert done.returncode == 22
    assert done.stdout.endswith(b'"code":400}\n')
    assert b"HTTP 400" in done.stderr
    pytest.importorskip("requests")
    failed = await run_python([snippets.requests(call, target)], environ, tmp_path)
    assert failed.returncode == 1
    assert failed.stderr.startswith("HTTP 400: ")


@WITH_CURL
async def test_trust_and_proxy_of_the_profile_are_used(tmp_path: Path) -> None:
    """A CA, a client certificate and a proxy with a password that only the environment has."""
    folder = tmp_path / "it's: \\ a $(folder)"
    folder.mkdir()
    ca = trustme.CA()
    ca.cert_pem.write_to_path(folder / "ca.pem")
    own = ca.issue_cert("jane@example.com")
    own.cert_chain_pems[0].write_to_path(folder / "own.pem")
    own.private_key_pem.write_to_path(folder / "own.key")
    async with serve_tls(ca.issue_cert(NAME), clients=ca) as port, serve_proxy(port) as proxy:
        proxy.login = "jane@corp:s3cret/pa ss%"
        address = proxy.url.replace("//", "//jane%40corp:s3cret%2Fpa%20ss%25@")
        network = Network(folder / "ca.pem", folder / "own.pem", folder / "own.key", Secret(address))
        target = snippets.target_of(Settings(f"https://{NAME}", network=network))
        call = calls.list_workspaces()
        texts = snippets.curl(call, target), snippets.requests(call, target), snippets.sdk(call, target)
        assert not any("s3cret" in text for text in texts if text)
        environ = {
            "PATH": os.environ["PATH"],
            "WLTUI_TOKEN": "a-token",
            "WLTUI_PROXY_PASSWORD": "s3cret/pa ss%",
            "NO_PROXY": "*",
        }
        (tmp_path / "script").write_text(texts[0])
        done = await asyncio.to_thread(
            subprocess.run, ["sh", "script"], cwd=tmp_path, env=environ, capture_output=True, timeout=LIMIT
        )
        assert (done.returncode, done.stdout) == (0, b'{"workspaces":[]}\n'), done.stderr
        pytest.importorskip("requests")
        by_python = await run_python([texts[1]], environ, tmp_path)
        assert by_python.returncode == 0, by_python.stderr
        assert proxy.asked == [f"{NAME}:443"] * 2


def test_a_target_without_a_proxy_uses_none_and_others_leave_it_to_the_environment() -> None:
    call = calls.list_workspaces()
    plain = snippets.target_of(Settings("https://wallaroo.example"))
    assert "proxy" not in snippets.curl(call, plain) + snippets.requests(call, plain)
    none = snippets.target_of(Settings("https://wallaroo.example", network=Network(proxy=Secret(""))))
    assert "--noproxy '*'" in snippets.curl(call, none)
    insecure = snippets.target_of(Settings("https://wallaroo.example", network=Network(verify=False)))
    assert "--insecure" in snippets.curl(call, insecure)
    assert "verify=False" in snippets.requests(call, insecure)
    assert "CERT_NONE" in (snippets.sdk(call, insecure) or "")


async def test_an_endpoint_of_any_letters_is_reached_as_by_the_client(
    open_client: OpenClient, demo: Demo
) -> None:
    target = Target(f"{demo.url}/prä fix/{{a}}")
    client = open_client(target.endpoint, auth=None)
    with pytest.raises(ServiceError):
        await client.send(calls.list_workspaces())
    assert f"'{demo.url}{demo.requests[-1].path}'" in snippets.curl(calls.list_workspaces(), target)


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_words_of_any_text_reach_a_program(shell: str, tmp_path: Path) -> None:
    if not shutil.which(shell):
        pytest.skip(f"{shell} is not installed")
    draw = random.Random(7)
    nasty = "'\"\\$`!%0127nxc \n\t\r\x01\x7f\x9b\u202eé模🙂@-#~*?[]{}()<>|&;="
    drawn = ("".join(draw.choices(nasty, k=draw.randrange(40))).rstrip("\n") for _ in range(300))
    words = [
        *drawn,
        *(text.replace("\0", "").rstrip("\n") for text in HOSTILE),
        os.fsdecode(b"\xff'\x80"),
        "",
    ]
    script = "printf '%s\\0' " + " ".join(map(quote, words)) + "\n"
    script += "printf '\\0'\n".join(" ".join(printf(word)) + "\n" for word in words)
    (tmp_path / "script").write_text(script)
    done = subprocess.run([shell, "script"], cwd=tmp_path, capture_output=True, check=True, timeout=LIMIT)
    assert done.stdout == b"\0".join(os.fsencode(word) for word in [*words, *words])


def test_sdk_code_compiles_and_is_missing_where_the_sdk_has_no_call() -> None:
    target = snippets.target_of(Settings("https://wallaroo.example"))
    for call in hostile_calls():
        code = snippets.sdk(call, target)
        assert (code is None) == call.path.startswith("/"), "the SDK sends no GraphQL of ours"
        if code:
            compile(code, "snippet", "exec")
            assert code.replace("\n", "").isprintable()
    assert sdk_call(["models/upload"]) is None
