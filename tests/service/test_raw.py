"""The JSON behind a record: as received, to the byte, also in answers that are damaged."""

from collections.abc import Mapping
from io import BytesIO

import pytest
from msgspec.structs import replace

from wltui.api import calls
from wltui.api.calls import Call
from wltui.core.records import Model, ModelId, ModelVersion, Workspace, WorkspaceId
from wltui.service.raw import LONGEST, LOST, WIDEST, pretty, raw_record, raw_texts, received
from wltui.service.service import Source
from wltui.store.bodies import pack


def response(path: str, request: Mapping[str, object], body: bytes) -> Source:
    return Source(path, request, pack(path, request, body))


ROW = b'{"id": 7,  "name":"seven", "models_pk_id":1, "odd":%s}'
SHAPES: list[tuple[Call[tuple[Workspace | Model | ModelVersion, ...]], bytes]] = [
    (calls.list_workspaces(), b'{"workspaces":[{"id":1,"name":"one"},%s]}'),
    (calls.list_models(WorkspaceId(1)), b'{"models":[null,%s]}'),
    (calls.list_versions(ModelId(1), "a"), b"[5,%s]"),
]


@pytest.mark.parametrize(("call", "answer"), SHAPES)
@pytest.mark.parametrize("odd", [b"1.0", b"1e400", b"9" * 5000, b'"\xff"', b'"\\u00e4"', b'{"a":1,"a":2}'])
def test_a_record_is_shown_as_received(
    call: Call[tuple[Workspace | Model | ModelVersion, ...]], answer: bytes, odd: bytes
) -> None:
    body = answer % (ROW % odd)
    (record,) = (record for record in call.decode(body) if record.id == 7)
    source = response(call.path, call.body, body)
    assert raw_record((source,), record) == (source, ROW % odd)


@pytest.mark.parametrize(("call", "answer"), SHAPES)
@pytest.mark.parametrize("odd", [b"NaN", rb'"\ud800"', b'"\x01"', b"[" * 5000 + b"]" * 5000])
def test_a_record_in_a_damaged_answer_is_found_too(
    call: Call[tuple[Workspace | Model | ModelVersion, ...]], answer: bytes, odd: bytes
) -> None:
    body = answer % (ROW % odd)
    (record,) = (record for record in call.decode(body) if record.id == 7)
    found = raw_record((response(call.path, call.body, body),), record)
    assert found
    assert b'"seven"' in found[1]
    assert "seven" in pretty(body)
    assert "seven" in pretty(found[1])


def test_what_no_response_holds_is_not_found() -> None:
    source = response("workspaces/list", {}, b'{"workspaces":[{"id":1,"name":"one"}]}')
    broken = response("workspaces/list", {}, b"<html>")
    assert raw_record((source, broken), Workspace(WorkspaceId(2), "two")) is None


def test_a_response_whose_file_can_t_be_read_any_more_is_a_sentence() -> None:
    body = b'{"workspaces":[{"id":1,"name":"one"}]}'
    whole = response("workspaces/list", {}, body)
    lost = replace(whole, stored=replace(whole.stored, held=BytesIO()))  # a file without a descriptor
    assert received((whole, lost)) == [(whole, body), (lost, LOST)]
    one = Workspace(WorkspaceId(1), "one")
    assert raw_record((whole, lost), one) == (whole, b'{"id":1,"name":"one"}')


def test_no_more_lines_are_made_than_can_be_shown() -> None:
    body = b"[" + b"1," * LONGEST + b'"' + b"x" * 2 * WIDEST + b'"]'
    source = response("models/list", {}, body)
    (text,) = raw_texts([(source, body)])
    assert (text.path, text.size) == ("models/list", len(body))
    assert (len(text.lines), text.lines[0], text.lines[-1]) == (LONGEST + 1, "[", "…")
    (garbage,) = raw_texts([(source, b"\xff" * 2 * WIDEST)])
    assert [len(line) for line in garbage.lines] == [WIDEST + 1]
