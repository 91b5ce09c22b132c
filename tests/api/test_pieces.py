"""A large list of models, read in pieces: the same as at once, and the very same records where nothing has changed."""

import json
import tracemalloc
from typing import Any
from uuid import UUID

import pytest

from tests.support.whole_list import decoded_at_once
from wltui.api import calls
from wltui.core.compact import fields_of
from wltui.core.errors import ApiFormatError
from wltui.core.records import ModelVersion, WorkspaceId

HOME = WorkspaceId(10)
CALL = calls.list_models(HOME)
Json = dict[str, Any]


def model(number: int, *versions: Json) -> Json:
    return {"model": {"id": number, "name": f"m{number}"}, "model_versions": [*versions]}


def version(number: int, **told: object) -> Json:
    config = {
        "id": number + 100,
        "model_version_id": number,
        "input_schema": "A" * 40,
        "tensor_fields": ["x"],
    }
    fields = {"id": number, "name": "m", "status": "ready", "file_info": {"sha": "f" * 64}} | told
    return {"model_version": fields, "config": config}


def unlike(number: int) -> Json:
    """Return a version whose ids, hash, size and times no other one has."""
    return version(
        number,
        created_at="2026-04-17T17:28:42.6055+00:00",
        task_id=str(UUID(int=2 * number)),
        image_path="registry.example/runtime:1.0",
        file_info={"version": str(UUID(int=number)), "sha": f"{number:064x}", "size": number * 1_000},
    )


def body(*models: object) -> bytes:
    return json.dumps({"models": models}).encode()


@pytest.mark.parametrize(
    "models",
    [
        [],
        [model(1, version(3), version(5)), model(2)],
        [{"id": 3, "name": "flat"}, {"model": {"id": 4, "name": "untold"}, "model_versions": None}],
        [model(1, version(3, status=7, file_info=None)), model(2, version(9, created_at=["odd"]))],
        [model(1, version(3), {"model_version": {"id": None}}), {"model": None}, 5, {"model": {"id": 4}}],
    ],
)
def test_pieces_make_what_the_whole_makes(models: list[Json]) -> None:
    assert CALL.decode(body(*models)) == decoded_at_once(body(*models), HOME)


@pytest.mark.parametrize(
    "bad", [b"", b'{"models":[', b'{"models":3}', b'{"models":[{"model":{"id":1}}]}', b"{}", b"<html>"]
)
def test_what_can_not_be_read_is_refused(bad: bytes) -> None:
    with pytest.raises(ApiFormatError, match="The models of workspace 10 could not be read"):
        CALL.decode(bad)


@pytest.mark.parametrize("text", [b"\\ud800", b"\x01", b"\xff", b"\\q"])
def test_damaged_text_is_read_in_pieces_as_in_the_whole(text: bytes) -> None:
    damaged = body(model(1, version(3), version(5, status="HERE")), model(2)).replace(b"HERE", text)
    assert CALL.decode(damaged) == decoded_at_once(damaged, HOME)
    assert len(CALL.decode(damaged)) == 2


def test_records_that_say_the_same_are_those_of_the_answer_before() -> None:
    one, other = model(1, version(3), version(5)), model(2, version(9))
    before = CALL.decode(body(one, other))
    after = CALL.decode(body(model(1, version(3), version(5, status="error"), version(7)), other), before)
    assert after[0] is before[0]
    assert after[0].id == 2
    assert [v.id for v in after[1].versions or ()] == [7, 5, 3]
    old, new = before[1].versions or (), after[1].versions or ()
    assert new[2] is old[1]
    assert new[1].status == "error"


def test_texts_that_many_versions_share_are_kept_once() -> None:
    (told,) = CALL.decode(body(model(1, version(3), version(5))))
    one, other = told.versions or ()
    assert one.image_path is other.image_path
    assert one.config is not None
    assert other.config is not None
    assert one.config.input_schema is other.config.input_schema


def test_a_version_takes_a_third_of_a_kilobyte() -> None:
    """A list may have a million; without sharing it would be 730 bytes, and more with schemas."""
    count = 2_000
    told = body(model(1, *(unlike(number) for number in range(1_000, 1_000 + count))))
    CALL.decode(body(model(1, unlike(1))))  # decoders are made at first use
    tracemalloc.start()
    try:
        (decoded,) = CALL.decode(told)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(decoded.versions or ()) == count
    assert held / count < 340
    first = (decoded.versions or ())[0]
    assert first == ModelVersion(**fields_of(first))
    assert first.created_at == "2026-04-17T17:28:42.6055+00:00"
    assert (first.uuid, first.sha) == (str(UUID(int=2_999)), f"{2_999:064x}")
    assert (first.task_id, first.size) == (str(UUID(int=5_998)), 2_999_000)
    assert first.config is not None
    assert (first.config.id, first.config.version_id) == (3_099, first.id)
