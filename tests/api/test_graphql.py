"""GraphQL documents, what their answers are read as, and that nothing but a query is ever sent."""

import re
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from msgspec import UNSET
from msgspec.structs import replace

from tests.api.conftest import OpenClient
from wltui.api import graphql
from wltui.api.graphql import Column, Query
from wltui.core.errors import ApiFormatError, QueryRefused, ReadOnlyMode, ServiceError, TimedOut
from wltui.core.records import VersionId, WorkspaceId, missing_records
from wltui.demo import Demo, Scripted

VERSION = VersionId(16)
QUERIES: list[Callable[[], Query[Any]]] = [
    lambda: graphql.config_rows(VERSION),
    lambda: graphql.newest_configs([VERSION, VersionId(17)]),
    lambda: graphql.uses_of_version(VERSION),
    lambda: graphql.uses_in_workspace(WorkspaceId(10)),
]
ROW = {
    "id": 31, "model_version_id": 16, "runtime": "onnx", "tensor_fields": ["a"],
    "filter_threshold": 0.1,
    "batch_config": None, "input_schema": "QQ==", "output_schema": None,
    "dynamic_batching_config": {"max_batch_delay_ms": 10}, "continuous_batching_config": None, "openai": None,
}  # fmt: skip
USE = {
    "model_config": {"id": 26, "model_id": 16},
    "deployment": {"id": 5, "deploy_id": "ccfraud", "deployed": True, "updated_at": "2026-01-01T00:00:00Z"},
    "pipeline_version": {"pipeline": {"id": 9, "pipeline_id": "ccfraud", "workspace_id": 10}},
}


def answer(table: str, *rows: object) -> bytes:
    return msgspec.json.encode({"data": {table: rows}})


def refusal(message: str, **extensions: object) -> bytes:
    return msgspec.json.encode({"errors": [{"message": message, "extensions": extensions}]})


def document(query: Query[Any], *without: Column) -> str:
    sent = query.call(frozenset(without)).sent
    assert sent is not None
    return str(sent["query"])


@pytest.mark.parametrize("query", QUERIES)
def test_each_document_is_one_query_whose_braces_and_variables_match(query: Callable[[], Query[Any]]) -> None:
    text = document(query())
    assert text.startswith(f"query {query().name}(")
    assert text.count("{") == text.count("}")
    declared = set(re.findall(r"\$(\w+):", text))
    assert declared == set(query().variables) == set(re.findall(r"\$(\w+)", text))


def test_a_config_row_is_read_whole_and_its_nulls_are_nulls() -> None:
    (row,) = graphql.config_rows(VERSION).read(answer("model_config", ROW))
    assert (row.id, row.version_id, row.tensor_fields) == (31, 16, ("a",))
    assert row.continuous_batching_config is None
    assert row.openai_config is None
    assert row.dynamic_batching_config == {"max_batch_delay_ms": 10}


def test_a_column_that_was_left_out_is_unknown() -> None:
    short = {key: value for key, value in ROW.items() if key != "openai"}
    (row,) = graphql.config_rows(VERSION).read(answer("model_config", short))
    assert row.openai_config is UNSET
    text = document(graphql.config_rows(VERSION), ("model_config", "openai"), ("deployment", "updated_by"))
    assert " openai" not in text
    assert "continuous_batching_config" in text


def test_who_runs_a_version_with_which_config() -> None:
    (use,) = graphql.uses_of_version(VERSION).read(answer("deployment_model_configs", USE))
    assert (use.pipeline_name, use.version_id, use.config_id) == ("ccfraud", 16, 26)
    assert use.deployment
    assert use.deployment.deployed is True
    assert use.deployment.limit_status is None


def test_a_row_in_no_known_shape_is_missing_and_counted() -> None:
    rows = graphql.config_rows(VERSION).read(answer("model_config", ROW, {"id": "?"}))
    assert len(rows) == 1
    assert missing_records(rows)[0] == 1


@pytest.mark.parametrize(
    ("message", "unknown"),
    [
        ("field 'openai' not found in type: 'model_config'", ("model_config", "openai")),
        ('field "model_config" not found in type: "query_root"', ("query_root", "model_config")),
        ("field 'x' not found in type 'y'", ("y", "x")),
        ("Could not verify JWT: JWTExpired", None),
        ("", None),
    ],
)
def test_what_a_server_does_not_know_is_learnt_from_its_refusal(message: str, unknown: Column | None) -> None:
    with pytest.raises(QueryRefused) as refused:
        graphql.config_rows(VERSION).read(refusal(message))
    assert refused.value.unknown == unknown
    assert refused.value.why


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"data":null}', b'{"data":{"model_config":7}}']
)
def test_an_odd_body_is_no_empty_list(body: bytes) -> None:
    with pytest.raises(ApiFormatError):
        graphql.config_rows(VERSION).read(body)


def test_a_query_can_do_without_some_columns_and_not_without_others() -> None:
    rows, uses = graphql.config_rows(VERSION), graphql.uses_of_version(VERSION)
    assert not rows.needs(("model_config", "openai"))
    assert not uses.needs(("deployment", "updated_by"))
    for column in [("model_config", "model_id"), ("query_root", "model_config")]:
        assert rows.needs(column)
    for column in [("deployment_model_configs", "deployment"), ("pipeline", "pipeline_id")]:
        assert uses.needs(column)


@pytest.mark.parametrize(
    "text",
    [
        "mutation { delete_model(where: {}) { affected_rows } }",
        "query a { x } mutation b { y }",
        "subscription { model { id } }",
        '{ x(a: "\\"") } # "\nmutation { y }',
        'fragment f on t { a } """doc""" mutation m { y }',
    ],
)
async def test_what_is_more_than_a_query_is_never_sent(
    demo: Demo, open_client: OpenClient, text: str
) -> None:
    before = len(demo.requests)
    call = replace(graphql.config_rows(VERSION).call(), sent={"query": text})
    with pytest.raises(ReadOnlyMode, match="GraphQL queries only"):
        await open_client().send(call)
    assert len(demo.requests) == before


def test_a_text_that_names_a_mutation_is_no_mutation() -> None:
    call = replace(graphql.config_rows(VERSION).call(), sent={"query": '{ x(a: "mutation") } # mutation'})
    graphql.check_query(call)


async def test_it_goes_to_its_own_address_and_is_not_repeated(demo: Demo, open_client: OpenClient) -> None:
    demo.script(graphql.PATH, Scripted(503))
    with pytest.raises(ServiceError, match="503"):
        await open_client().send(graphql.config_rows(VERSION).call())
    paths = [request.path for request in demo.requests]
    assert paths.count(graphql.PATH) == 1


async def test_it_is_given_up_early(demo: Demo, open_client: OpenClient) -> None:
    """By its own patience, however long the client would wait for other calls."""
    demo.script(graphql.PATH, Scripted(delay=3_600))
    call = replace(graphql.config_rows(VERSION).call(), patience=0.2)
    with pytest.raises(TimedOut):
        await open_client().send(call)
