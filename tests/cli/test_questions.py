"""The commands that answer what a screen does: problems, describe, logs, diff, wait, history, drafts, completion."""

import asyncio
import errno
import io
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.commands import Commands
from tests.support.pty_program import ROOT
from tests.support.screens import answer, refused, version_item
from tests.support.services import session
from tests.support.waiting import LIMIT, running
from wltui.cli.following import follow_version
from wltui.cli.main import main
from wltui.cli.session import run_service
from wltui.config.detail import empty_row
from wltui.config.edit import ConfigEdit, Draft
from wltui.core.errors import (
    ApiFormatError,
    ApiRefused,
    ConfigMoved,
    ConnectionFailed,
    Forbidden,
    HistoryUnwritable,
    NoSuchEndpoint,
    NotFound,
    NotSignedIn,
    OutcomeUnknown,
    QueryRefused,
    ReadOnlyMode,
    TimedOut,
    Unavailable,
    UsageError,
    WltuiError,
)
from wltui.core.records import ModelVersion, VersionId, WorkspaceId
from wltui.core.settings import Secret, Settings
from wltui.demo import Demo, Scripted
from wltui.lifecycle.console import EXIT_CODES, exit_code
from wltui.service.open import open_service
from wltui.service.service import Service

PLAIN = {"NO_COLOR": "1"}
LARGE = {"textual", "httpx", "pyarrow"}


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (WltuiError, 1), (UsageError, 2), (NotSignedIn, 3), (NotFound, 4), (Forbidden, 5), (ApiRefused, 5),
        (QueryRefused, 5), (NoSuchEndpoint, 5), (ReadOnlyMode, 5), (HistoryUnwritable, 5), (ConnectionFailed, 6),
        (TimedOut, 6), (ApiFormatError, 6), (Unavailable, 6), (ConfigMoved, 7), (OutcomeUnknown, 8),
    ],
)  # fmt: skip
def test_each_class_of_error_has_its_exit_code(kind: type[WltuiError], code: int) -> None:
    assert exit_code(kind("It failed")) == code
    assert code in EXIT_CODES


def test_problems_are_those_of_the_screen_with_cause_and_remedy(wltui: Commands) -> None:
    items = wltui("problems", "-o", "json").items
    assert {item["trouble"] for item in items} >= {"failed", "stuck", "wrong_route", "outdated"}
    outdated = next(item for item in items if item["id"] == 6)
    assert outdated["remedy"] == "Redeploy ccfraud-pipeline: it runs config 15."
    assert "since" not in outdated
    recent = wltui("problems", "--since", "24h", "--exit-code", "--cached", "-o", "json")
    assert recent.code == 1
    assert 0 < len(recent.items) < len(items)
    assert all("since" in item for item in recent.items)
    stuck = wltui("problems", "--cached", "--filter", "is:stuck", "--columns", "trouble").rows
    assert stuck
    assert {row[0] for row in stuck} == {"stuck"}
    ours = wltui("problems", "--cached", "--workspace", "llm-platform", "-o", "json").items
    assert {item["workspace"] for item in ours} == {"llm-platform"}


def test_without_problems_nothing_is_printed_so_that_cron_sends_no_mail(wltui: Commands) -> None:
    assert wltui("problems", "--filter", "no-such-word", "--exit-code") == (0, "", "")


def test_no_problem_in_a_list_with_gaps_is_no_success(wltui: Commands, server: Demo) -> None:
    """A monitor must not read silence as health."""
    words = ("problems", "--filter", "no-such-word")
    server.script("models/list", *[refused(403, "not yours")] * 5)
    found = wltui(*words, "--exit-code")
    assert (found.code, found.out) == (6, "")
    assert "the list is not complete, a part could not be read" in found.err
    server._scripts.clear()
    server.script("/v1/graphql", *[Scripted(503, asked={"operationName": "deployed_uses"})] * 20)
    found = wltui(*words, "--exit-code", "-o", "json")
    assert (found.code, json.loads(found.out)["complete"]) == (6, False)
    assert "which configs run is not known: GraphQL does not answer" in found.err
    assert wltui(*words).code == 0
    assert "which configs run is not known" in wltui("get", "versions", "--filter", "is:redeploy").err
    server._scripts.clear()
    assert wltui(*words, "--exit-code") == (0, "", "")


def test_an_instance_without_graphql_says_so_where_it_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Demo(seed=1, graphql="refused") as demo:
        wltui = Commands(monkeypatch, tmp_path, demo.url)
        assert wltui("problems", "--exit-code", "--filter", "no-such-word") == (0, "", "")
        for words in ("get versions --filter is:redeploy", "get pipelines --filter is:redeploy"):
            found = wltui(*words.split())
            assert (found.code, found.out) == (0, "")
            assert "the list is not complete, a part could not be read: which configs run is not" in found.err
        found = wltui("diff", "51", "--running")
        assert "The config that runs of version 51 is not known: only GraphQL shows it: " in found.err
        assert "Try again" not in found.err
    with Demo(seed=1, graphql="partial") as demo:
        wltui = Commands(monkeypatch, tmp_path, demo.url)
        listed = wltui("get", "pipelines", "--filter", "is:redeploy", "-o", "json").items
        assert {item["config"] for item in listed} == {"outdated"}
        found = wltui("diff", "51", "--running")
        assert "not compared: it does not know model_config." in found.err


def test_a_version_is_described_in_the_words_of_its_screen_without_keys_to_press(
    wltui: Commands, server: Demo
) -> None:
    text = wltui("describe", "version", "6").out
    for words in (
        "version 6 of ccfraud-model\n",
        "runs config 15; redeploy to use config 20",
        "Config 20",
    ):
        assert words in text
    bare = {"model_version": version_item(1, "m", status="error", deployed=True)}
    server.script("models/get_version_by_id", answer(bare))
    server.script("models/get_config_by_id", answer({"model_config": None}))
    text = wltui("describe", "version", "1").out
    assert "The platform gave no reason" in text
    assert "Press" not in text
    coloured = wltui("describe", "version", "6", "--cached", terminal=60).out
    assert "\x1b[32m✔ ready" in coloured
    assert max(map(len, re.sub(r"\x1b\[\d+m", "", coloured).splitlines())) <= 60


def test_logs_are_data_and_what_they_say_of_the_failure_is_said_beside_them(
    wltui: Commands, server: Demo
) -> None:
    failed = version_item(1, "m", status="error")
    server.script("models/get_version_by_id", answer({"model_version": failed}))
    server.script("models/get_config_by_id", answer({"model_config": None}))
    log = ["2026-03-01T12:00:01Z stdout F packing", "2026-03-01T12:00:02Z stderr F Error: no \x1b[2Jroom"]
    server.script("models/get_upload_logs", answer({"logs": log}))
    found = wltui("logs", "1")
    assert found.out == "2026-03-01T12:00:01Z packing\n2026-03-01T12:00:02Z Error: no \\x1b[2Jroom\n"
    assert found.err == "wltui: line 2 says why: no \\x1b[2Jroom\n"
    empty = wltui("logs", "6")
    assert empty.out == ""
    assert empty.err.startswith("wltui: there is no upload log: ")
    assert wltui("logs", "999999").code == 4


def test_the_cause_that_only_the_log_shows_is_a_column_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Demo(seed=1) as demo:
        line = "Error: Could not pip install user provided requirements.txt"
        demo.script("models/get_upload_logs", answer({"logs": [line]}))
        wltui = Commands(monkeypatch, tmp_path, demo.url)
        assert "can't be installed" in wltui("get", "version", "182", "-o", "json").items[0]["cause"]


def test_logs_are_followed_until_the_version_has_arrived(wltui: Commands, server: Demo) -> None:
    states = (*["uploading"] * 4, "ready")
    versions = [answer({"model_version": version_item(1, "m", status=status)}) for status in states]
    server.script("models/get_version_by_id", *versions)
    server.script("models/get_config_by_id", answer({"model_config": None}))
    logs = [
        ["2026-03-01T12:00:01Z stdout F one"],
        ["2026-03-01T12:00:01Z stdout F one", "2 \x1b[2J\x1b]0;x\x07two"],
    ]
    server.script(
        "models/get_upload_logs",
        answer({"logs": logs[0]}),
        *[Scripted(502, b"<html>Bad Gateway</html>") for _ in range(3)],  # a read is repeated twice by itself
        answer({"logs": logs[0]}),
        answer({"logs": logs[1]}),
    )
    found = wltui("logs", "1", "-f", "--interval", "0")
    assert found.code == 0, found.err
    assert found.out.startswith("2026-03-01T12:00:01Z one\n2 ")
    assert found.err.count("not available") == 1
    assert found.out.count("\n") == 2
    assert "\x1b" not in found.out


def test_a_difference_is_exit_code_1_and_the_same_is_0(wltui: Commands) -> None:
    found = wltui("diff", "46", "45")
    assert found.code == 1
    assert ["Status", "Status", "differs", "error", "ready", "46", "45"] in found.rows
    items = wltui("diff", "46", "45", "--cached", "-o", "json", "--all").items
    assert {"same", "differs", "own"} <= {item["verdict"] for item in items}
    assert "wltui: from disk" in wltui("diff", "46", "45", "--cached", "-o", "table").err
    same = wltui("diff", "46", "46", terminal=100, environ=PLAIN)
    assert same.code == 0
    assert "Identical: all" in same.out


def test_the_config_that_runs_is_compared_with_the_newest(wltui: Commands, server: Demo) -> None:
    found = wltui("diff", "6", "--running", terminal=80, environ=PLAIN)
    assert found.code == 0
    assert "pipeline ccfraud-pipeline runs config 15, which has the same values as the newest" in found.out
    uses = [use for item in wltui("get", "pipelines", "-o", "json").items for use in item.get("running", ())]
    outdated = {str(use["version_id"]) for use in uses if use["config"] == "outdated"}
    codes = {number: wltui("diff", number, "--running", "-o", "json") for number in outdated}
    assert {found.code for found in codes.values()} == {0, 1}
    changed = next(found for found in codes.values() if found.code)
    assert changed.items[0].keys() >= {"pipeline", "field", "running", "newest"}
    cached = wltui("diff", "51", "--running", "--cached", terminal=80, environ=PLAIN)
    assert cached.code == codes["51"].code == 1
    assert "+ 0.1\n" in cached.out
    assert re.fullmatch(r"wltui: from disk, \d+ \w+ old\n", cached.err)
    assert wltui("diff", "51", "--running", "--cached", "-o", "json").err.count("\n") == 1
    assert wltui("diff", "46", "--running").err == "wltui: No deployed pipeline runs version 46\n"
    assert wltui("diff", "46", "--running").code == 4
    assert wltui("diff", "46").code == wltui("diff", "46", "45", "--running").code == 2


@pytest.mark.parametrize(
    ("wanted", "states", "code"),
    [
        ("ready", ("uploading", "uploading", "ready"), 0),
        ("ready", ("uploading", "error"), 1),
        ("error", ("error",), 0),
        ("ready,error", ("pending_load_container", "error"), 0),
        ("attempting_load_container", ("attempting_load_container",), 0),
        ("error", ("ready",), 1),
    ],
)
def test_waiting_prints_a_line_a_change_and_ends_when_nothing_more_will_come(
    wltui: Commands, server: Demo, wanted: str, states: tuple[str, ...], code: int
) -> None:
    versions = [answer({"model_version": version_item(1, "m", status=status)}) for status in states]
    server.script("models/get_version_by_id", *versions)
    found = wltui("wait", "1", "--for", wanted, "--interval", "0")
    assert found.code == code, found.err
    lines = [line.split("\t") for line in found.out.splitlines()]
    assert [line[2] for line in lines] == list(dict.fromkeys(states))
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", line[0]) and line[1] == "1" for line in lines)


def test_waiting_ends_with_the_time_that_it_was_given(wltui: Commands, server: Demo) -> None:
    server.script(
        "models/get_version_by_id", answer({"model_version": version_item(1, "m", status="uploading")})
    )
    found = wltui("wait", "1", "--timeout", "1s", "--interval", "60")
    server._scripts.clear()  # a machine may be so slow that nothing has been asked for
    assert found.code == 6
    assert re.fullmatch(r"wltui: Version 1 was not ready in time: its status .*\n", found.err)
    assert wltui("wait", "1", "--timeout", "soon").err.startswith(
        "wltui: argument --timeout: 'soon' is no duration"
    )
    assert wltui("wait", "999999").code == 4
    assert wltui("wait", "6", "--for", "ready", "--timeout", "1000y").code == 0
    assert wltui("wait", "6", "--timeout", "0s").code == 0
    server.script(
        "models/get_version_by_id", answer({"model_version": version_item(1, "m", status="uploading")})
    )
    once = wltui("wait", "1", "--timeout", "0s")
    assert (once.code, once.err) == (
        6, "wltui: Version 1 was not ready in time: its status is uploading\n",
    )  # fmt: skip
    assert "'1001y' is too long" in wltui("wait", "6", "--timeout", "1001y").err
    assert wltui("problems", "--since", "1000y").code == 0
    assert wltui("wait", "6", "--for", ",").err == "wltui: --for names no status. Write --for ready\n"


def test_waiting_outlasts_a_gateway_without_a_server_and_says_why_it_ends(
    wltui: Commands, server: Demo
) -> None:
    states = [answer({"model_version": version_item(1, "m", status=each)}) for each in ("uploading", "error")]
    page = Scripted(200, b"<html>")
    server.script(
        "models/get_version_by_id",
        *[Scripted(503)] * 3,
        states[0],
        *[Scripted(429)] * 3,
        page,
        page,
        states[1],
    )
    found = wltui("wait", "1", "--for", "Ready,stored", "--interval", "0")
    assert found.code == 1
    assert [row[2] for row in (line.split("\t") for line in found.out.splitlines())] == ["uploading", "error"]
    lines = found.err.splitlines()
    assert lines.pop(0) == "wltui: stored is no status that wltui knows."
    assert [word in line for word, line in zip(("503", "429", "JSON"), lines, strict=False)] == [True] * 3
    assert lines[3:] == ["wltui: version 1 will not become ready or stored"]
    server.script("models/get_version_by_id", page)
    assert wltui("wait", "1").code == 6
    server._scripts.clear()


async def test_waiting_outlives_a_server_that_is_not_available(capsys: pytest.CaptureFixture[str]) -> None:
    ready = answer({"model_version": version_item(1, "m", status="ready")})
    with Demo(seed=1) as demo:
        demo.script("models/get_version_by_id", *[Scripted(503, b"no healthy upstream")] * 4, ready)
        async with session(demo.url, None) as service:
            seen: list[str] = []
            code = await follow_version(
                service, VersionId(1), ["ready"], lambda _, status: seen.append(status), pause=0
            )
    assert (code, seen) == (0, ["ready"])
    assert capsys.readouterr().err.count("the server is not available") == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_command_with_its_number(wltui: Commands, number: signal.Signals) -> None:
    words = ("wait", "201", "--for", "other", "--interval", "60")
    process = subprocess.Popen(
        [sys.executable, "-m", "wltui", *words],
        cwd=ROOT,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with running(process):
        assert process.stdout is not None
        assert "\t201\t" in process.stdout.readline()
        process.send_signal(number)
        rest, errors = process.communicate(timeout=LIMIT)
        assert (process.returncode, rest, errors) == (128 + number, "", "")


def test_work_that_ends_in_good_order_after_sigterm_has_its_exit_code(
    wltui: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def work(_: Service) -> int:
        signal.raise_signal(signal.SIGTERM)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return 128 + signal.SIGINT
        return 0

    for stream in ("stdout", "stderr"):  # they are closed at the end
        monkeypatch.setattr(sys, stream, io.TextIOWrapper(io.BytesIO()))
    before = signal.signal(signal.SIGTERM, lambda *_: None)  # fails where the signal would end the tests
    try:
        assert run_service(Settings("http://127.0.0.1:9"), work) == 128 + signal.SIGTERM
    finally:
        signal.signal(signal.SIGTERM, before)


@pytest.fixture
def worked(wltui: Commands, server: Demo) -> Commands:
    """Return the user after a save whose outcome is unknown, and with an unsent edit."""
    settings = Settings(endpoint=server.url, login=("demo", Secret("demo")))
    service = open_service(settings, None, wltui.home / "state" / "wltui")
    version = ModelVersion(id=VersionId(46), model_name="[/x]\x1b[2J", workspace_id=WorkspaceId(11))
    edit = ConfigEdit(version.id, empty_row(version.id)).with_value("filter_threshold", 0.5)
    service.history.begin(edit, version, "demo")
    service.drafts.keep(version, Draft(edit))
    service.drafts.close()
    return wltui


def test_saves_and_unsent_edits_of_this_host_are_listed_without_a_request(
    worked: Commands, server: Demo
) -> None:
    before = len(server.requests)
    (save,) = worked("history", "-o", "json").items
    assert (save["outcome"], save["version_id"], save["changed"]) == ("unknown", 46, ["filter_threshold"])
    (draft,) = worked("drafts", "-o", "json").items
    assert (draft["version_id"], draft["values"]) == (46, {"filter_threshold": 0.5})
    assert worked("history", "45") == (0, "", "")
    assert len(worked("history", "46", "--filter", "id:46 status:may").rows) == 1
    assert "\x1b[33munknown" in worked("history", terminal=80).out
    for command in ("history", "drafts"):
        for terminal in (0, 80):
            assert "\x1b" not in worked(command, terminal=terminal, environ=PLAIN).out
    assert len(server.requests) == before


def test_no_command_imports_what_it_does_not_need(worked: Commands) -> None:
    for words in (["get", "models"], ["problems"], ["get", "version", "46"]):
        assert worked(*words).code in (0, 1)
    script = """
import sys
from wltui.cli.main import main
from wltui.cli.session import run_service
from wltui.cli.tree import build_parser
for words in sys.argv[1:]:
    assert main(words.split()) == 0, words
print("imported:", *sys.modules)
"""
    quick = [
        "get models --cached", "get models --cached -o json", "get versions --filter error --cached -o csv",
        "get version 46 --cached -o json", "problems --cached -o jsonl", "drafts",
    ]  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "-c", script, *quick],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    imported = set(ended.stdout.rpartition("imported:")[2].split())
    assert "wltui.cli.commands.get" in imported
    assert "wltui.cli.commands.login" not in imported
    assert imported.isdisjoint(LARGE)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(
    "words", ["get models", "get models -o json", "get models -o name", "get models -o table"]
)
def test_an_output_that_cannot_be_written_ends_a_command(
    wltui: Commands, words: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    with open("/dev/full", "w") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert main(words.split()) == 1
    assert capfd.readouterr().err == "wltui: the output can't be written: no space left on device\n"
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        assert main([*words.split(), "--cached"]) == 141
    assert re.fullmatch(r"wltui: from disk, \d+ \w+ old\n", capfd.readouterr().err)


class Narrow(io.FileIO):
    """What Python's standard output writes to if nothing is buffered: takes a part of each write, up to a limit."""

    limit = 10**9

    def write(self, data: Any) -> int:
        if os.path.samestat(os.fstat(self.fileno()), os.stat(os.devnull)):
            return len(data)
        part = bytes(data)[: min(700, self.limit - self.tell())]
        if not part:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return super().write(part)


@pytest.mark.parametrize("words", ["get versions -o jsonl", "get versions -o wide", "get config 46"])
def test_nothing_is_lost_of_an_output_that_is_not_buffered(
    wltui: Commands,
    words: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    """As with PYTHONUNBUFFERED, where a write of Python's may be short."""
    whole = wltui(*words.split()).out.encode()
    for limit, code in [(10**9, 0), (900, 1)]:
        with Narrow(tmp_path / "out", "w") as narrow:
            narrow.limit = limit
            stdout = io.TextIOWrapper(narrow, "utf-8", write_through=True)
            monkeypatch.setattr(sys, "stdout", stdout)
            assert main(words.split()) == code
        written = (tmp_path / "out").read_bytes()
        if code:
            assert len(written) == limit
        else:  # a status may have another length by now
            assert (written[-1:], written.count(b"\n")) == (b"\n", whole.count(b"\n"))
    assert capfd.readouterr().err == "wltui: the output can't be written: no space left on device\n"
