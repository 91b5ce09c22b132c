"""``wltui api``: the answers of reads as they came, and nothing that could change something."""

import json
import sys
from pathlib import Path

import pytest

from tests.support.commands import Commands
from wltui.api.safe_reads import SAFE_READS, read_call
from wltui.cli.commands.api import read_data
from wltui.core.errors import ReadOnlyMode, UsageError
from wltui.demo import Demo, Scripted

WRITES = (
    "models/insert_model_config", "models/upload", "models/upload_and_convert", "models/delete_model",
    "models/delete_model_versions", "models/upload_from_registry", "workspaces/validate", "workspaces/create",
    "workspaces/add_user", "pipelines/create", "pipelines/deploy", "pipelines/undeploy", "pipelines/publish",
    "users/invite", "/v1/api/models/delete_model", "models/list/../delete_model", "models/list?x=1", "", "/v1/logs",
    "https://elsewhere.example/v1/api/models/list",
)  # fmt: skip
NO_QUERIES = (
    "mutation { delete_models(where: {}) { affected_rows } }",
    "query a { model { id } } mutation b { delete_models(where: {}) { affected_rows } }",
    "subscription { model { id } }",
    "# to the end of this line only\r mutation { x }",
    '{ a(b: "\\"") } mutation { x(b: "") }',
    '{ a(b: """ \\""" """) } mutation { x }',
    '{ a(b: """ \\""" """) } mutation { x } query b { a(b: """ """) }',
)


def test_an_answer_comes_as_it_was_received(wltui_here: Commands, demo: Demo, tmp_path: Path) -> None:
    answer = '{ "models" : [ ],\n\t"name": "模型\\u0000 \x9b\u202e", "n": 1.50e1 }'.encode()
    demo.script("models/list", Scripted(200, answer), Scripted(200, answer))
    request = {"workspace_id": 10, "name": "it's é"}
    assert wltui_here("api", "/v1/api/models/list", "-d", json.dumps(request)) == (0, answer.decode(), "")
    (tmp_path / "request").write_text(json.dumps(request))
    assert wltui_here("api", "-d", f"@{tmp_path}/request", "models/list").out == answer.decode()
    assert wltui_here("api", "models/list", "-d", "@-", stdin=b"{}").code == 0
    bodies = [json.loads(sent.body) for sent in demo.requests if sent.path == "models/list"]
    assert bodies == [request, request, {}]


def test_what_could_change_something_is_not_sent(wltui_here: Commands, demo: Demo) -> None:
    for path in WRITES:
        with pytest.raises(ReadOnlyMode):
            read_call(path, b"{}")
    for document in NO_QUERIES:
        with pytest.raises(ReadOnlyMode):
            read_call("graphql", json.dumps({"query": document}).encode())
    others: tuple[dict[str, object], ...] = (
        {"extensions": {"persistedQuery": {}}},
        {"Query": "mutation { x }"},
    )
    for more in others:
        with pytest.raises(ReadOnlyMode):
            read_call("/v1/graphql", json.dumps({"query": "{ model { id } }", **more}).encode())
    code, out, err = wltui_here("api", "models/insert_model_config", "-d", '{"model_version_id": 16}')
    assert (code, out) == (5, "")
    assert "it is not known to change nothing" in err
    assert "Did you mean models/list?" in wltui_here("api", "model/list").err
    assert not demo.requests


def test_a_query_is_sent_as_it_was_checked() -> None:
    """A key that occurs twice is one here, so a server can't take the other one."""
    twice = b'{"query": "mutation { x }", "query": "{ model { id } }"}'
    assert read_call("graphql", twice).encode() == b'{"query":"{ model { id } }"}'
    assert not any("delete" in path or "insert" in path or "create" in path for path in SAFE_READS)


def test_exit_codes_say_what_was_wrong(wltui_here: Commands, demo: Demo) -> None:
    unknown = wltui_here("api", "models/get_version_by_id", "-d", '{"model_version_id": 999999}')
    assert (unknown.code, unknown.out) == (4, "")
    page = b"<html>\x1b]0;x\x07 Sign in </html>"
    demo.script("features/list", Scripted(200, page), Scripted(403, b'{"msg":"no","code":403}'))
    not_json = wltui_here("api", "features/list")
    assert (not_json.code, not_json.out) == (6, "")
    assert "is not complete JSON" in not_json.err
    assert "\x1b" not in not_json.err
    assert wltui_here("api", "features/list").code == 5
    demo.script("features/list", *[Scripted(503, b"no healthy upstream")] * 5)
    assert wltui_here("api", "features/list").code == 6
    demo._scripts["features/list"].clear()
    assert wltui_here("api", "features/list", environ={"WALLAROO_PASSWORD": "wrong"}).code == 3
    assert wltui_here("api", "features/list", environ={"WALLAROO_URL": "http://127.0.0.1:9"}).code == 6
    for data in ("[]", "{", "1", "@/nonexistent/x", '{"a": "\udcff"}'):
        assert wltui_here("api", "models/list", "-d", data).code == 2


def test_a_query_that_is_refused_prints_the_answer_and_fails(wltui_here: Commands) -> None:
    good = wltui_here("api", "graphql", "-d", '{"query": "{ model_config(limit: 1) { id } }"}')
    assert good == (0, '{"data":{"model_config":[{"id":12}]}}', "")
    bad = wltui_here("api", "graphql", "-d", '{"query": "{ model_config { nonsense } }"}')
    assert bad.code == 5
    assert bad.out.startswith('{"errors":')
    assert "'nonsense' not found" in bad.err


def test_a_terminal_gets_indented_and_harmless_text(wltui_here: Commands, demo: Demo) -> None:
    demo.script("features/list", Scripted(200, '{"name":"a\x9b\u202eb"}'.encode()))
    assert wltui_here("api", "features/list", terminal=80).out == '{\n  "name": "a\\x9b\\u202eb"\n}\n'


def test_closed_streams_are_no_crash(wltui_here: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    assert wltui_here("api", "features/list", is_closed=True).code == 0
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", None)
        for data, words in {"@-": "standard input can't be read: it is closed", "@": "names no file"}.items():
            with pytest.raises(UsageError, match=words):
                read_data(data)
