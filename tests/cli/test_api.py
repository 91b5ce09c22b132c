"""``wltui api``: the answers of reads as they came, and nothing that could change something."""

import json
import sys
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
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


def test_an_answer_comes_as_it_was_received(signed_in: CommandLine, demo: Demo, tmp_path: Path) -> None:
    answer = '{ "models" : [ ],\n\t"name": "模型\\u0000 \x9b\u202e", "n": 1.50e1 }'.encode()
    demo.script("models/list", Scripted(200, answer), Scripted(200, answer))
    request = {"workspace_id": 10, "name": "it's é"}
    assert signed_in("api", "/v1/api/models/list", "-d", json.dumps(request)) == (0, answer, "")
    (tmp_path / "request").write_text(json.dumps(request))
    assert signed_in("api", "-d", f"@{tmp_path}/request", "models/list").out == answer
    assert signed_in("api", "models/list", "-d", "@-", stdin=b"{}").code == 0
    bodies = [json.loads(sent.body) for sent in demo.requests if sent.path == "models/list"]
    assert bodies == [request, request, {}]


def test_what_could_change_something_is_not_sent(signed_in: CommandLine, demo: Demo) -> None:
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
    code, out, err = signed_in("api", "models/insert_model_config", "-d", '{"model_version_id": 16}')
    assert (code, out) == (5, b"")
    assert "it is not known to change nothing" in err
    assert "Did you mean models/list?" in signed_in("api", "model/list").err
    assert not demo.requests


def test_a_query_is_sent_as_it_was_checked() -> None:
    """A key that occurs twice is one here, so a server can't take the other one."""
    twice = b'{"query": "mutation { x }", "query": "{ model { id } }"}'
    assert read_call("graphql", twice).encode() == b'{"query":"{ model { id } }"}'
    assert not any("delete" in path or "insert" in path or "create" in path for path in SAFE_READS)


def test_exit_codes_say_what_was_wrong(signed_in: CommandLine, demo: Demo) -> None:
    unknown = signed_in("api", "models/get_version_by_id", "-d", '{"model_version_id": 999999}')
    assert (unknown.code, unknown.out) == (4, b"")
    page = b"<html>\x1b]0;x\x07 Sign in </html>"
    demo.script("features/list", Scripted(200, page), Scripted(403, b'{"msg":"no","code":403}'))
    not_json = signed_in("api", "features/list")
    assert (not_json.code, not_json.out) == (6, b"")
    assert "is not complete JSON" in not_json.err
    assert "\x1b" not in not_json.err
    assert signed_in("api", "features/list").code == 5
    demo.script("features/list", *[Scripted(503, b"no healthy upstream")] * 5)
    assert signed_in("api", "features/list").code == 6
    demo._scripts["features/list"].clear()
    assert signed_in("api", "features/list", WALLAROO_PASSWORD="wrong").code == 3
    assert signed_in("api", "features/list", WALLAROO_URL="http://127.0.0.1:9").code == 6
    for data in ("[]", "{", "1", "@/nonexistent/x", '{"a": "\udcff"}'):
        assert signed_in("api", "models/list", "-d", data).code == 2


def test_a_query_that_is_refused_prints_the_answer_and_fails(signed_in: CommandLine) -> None:
    good = signed_in("api", "graphql", "-d", '{"query": "{ model_config(limit: 1) { id } }"}')
    assert good == (0, b'{"data":{"model_config":[{"id":12}]}}', "")
    bad = signed_in("api", "graphql", "-d", '{"query": "{ model_config { nonsense } }"}')
    assert bad.code == 5
    assert bad.out.startswith(b'{"errors":')
    assert "'nonsense' not found" in bad.err


def test_a_terminal_gets_indented_and_harmless_text(
    signed_in: CommandLine, demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    demo.script("features/list", Scripted(200, '{"name":"a\x9b\u202eb"}'.encode()))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert signed_in("api", "features/list").out.decode() == '{\n  "name": "a\\x9b\\u202eb"\n}\n'


def test_closed_streams_are_no_crash(signed_in: CommandLine, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", None)
        assert signed_in("api", "features/list").code == 0
        patch.setattr(sys, "stdin", None)
        for data, words in {"@-": "standard input can't be read: it is closed", "@": "names no file"}.items():
            with pytest.raises(UsageError, match=words):
                read_data(data)
