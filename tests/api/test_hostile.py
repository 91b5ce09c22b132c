"""Whatever bytes come, a call's records or an ApiFormatError come out, and nothing else."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from wltui.api import calls
from wltui.api.calls import Call
from wltui.api.words import excerpt, reason
from wltui.errors import ApiFormatError
from wltui.records import ModelId, VersionId, WorkspaceId

from . import answers

ANSWERS: list[tuple[Call[object], bytes]] = [
    (calls.list_workspaces(), answers.WORKSPACES),
    (calls.list_models(WorkspaceId(108)), answers.NESTED_LIST),
    (calls.list_models(WorkspaceId(108)), answers.FLAT_LIST),
    (calls.list_models(WorkspaceId(108)), answers.LIST_OF_2022),
    (calls.get_model(ModelId(15)), answers.GET_MODEL),
    (calls.get_model_by_id(ModelId(15)), answers.GET_MODEL_BY_ID),
    (calls.list_versions(ModelId(1218), "a"), answers.LIST_VERSIONS),
    (calls.get_version(VersionId(1215)), answers.GET_VERSION),
    (calls.get_config(VersionId(1215)), answers.GET_CONFIG),
    (calls.insert_config({"model_version_id": 16}), answers.INSERTED),
    (calls.upload_logs(VersionId(1215)), answers.LOGS),
]
pairs = st.sampled_from(ANSWERS)

numbers = st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
leaves = st.none() | st.booleans() | numbers | st.text(max_size=8)
json = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def reads_or_refuses(call: Call[object], body: bytes) -> None:
    refusal = None
    try:
        call.decode(body)
    except ApiFormatError as error:
        refusal = error
    assert refusal is None or (refusal.endpoint == call.path and len(str(refusal)) < 1000)


@given(pairs, st.binary(max_size=200))
def test_any_bytes(pair: tuple[Call[object], bytes], body: bytes) -> None:
    reads_or_refuses(pair[0], body)


@given(pairs, json)
def test_any_json(pair: tuple[Call[object], bytes], value: object) -> None:
    reads_or_refuses(pair[0], msgspec.json.encode(value))


@given(pairs, st.data())
def test_a_true_answer_with_one_part_replaced(pair: tuple[Call[object], bytes], data: st.DataObject) -> None:
    call, body = pair
    document = msgspec.json.decode(body)
    place, key = data.draw(st.sampled_from(list(places(document))))
    place[key] = data.draw(json)
    reads_or_refuses(call, msgspec.json.encode(document))


@given(pairs, st.data())
def test_a_true_answer_cut_and_scratched(pair: tuple[Call[object], bytes], data: st.DataObject) -> None:
    call, body = pair
    at = data.draw(st.integers(0, len(body)))
    reads_or_refuses(call, body[:at])
    reads_or_refuses(call, body[:at] + data.draw(st.binary(max_size=3)) + body[at + 1 :])


@pytest.mark.parametrize(("call", "body"), ANSWERS)
def test_a_true_answer_with_more_in_it_reads_the_same(call: Call[object], body: bytes) -> None:
    document = msgspec.json.decode(body)
    for place in [document, *(place[key] for place, key in places(document))]:
        if isinstance(place, dict):
            place["news_of_2030"] = {"a": [1]}
    whole, more = call.decode(body), call.decode(msgspec.json.encode(document))
    if call.path not in (
        "models/get_version_by_id",
        "models/insert_model_config",
    ):  # free-form objects in there
        assert more == whole


@given(st.binary(max_size=2000) | st.text("<>!-/script style&;a ", max_size=2000).map(str.encode))
def test_words_of_any_page_are_one_short_line(body: bytes) -> None:
    for words in (excerpt(body), reason(body) or ""):
        assert len(words) <= 200
        assert words.isprintable() or not any(c in words for c in "\r\n\t")


def test_a_page_of_nothing_but_opening_tags_is_read_at_once() -> None:
    assert excerpt(b"<script" * 10_000) == ""
    assert excerpt(b"<" * 70_000).startswith("<<<")
    assert excerpt(b"<!--" * 20_000) == ""


def places(document: object) -> list[tuple[list[object] | dict[object, object], object]]:
    """Every place in a JSON document that holds a value."""
    if isinstance(document, list | dict):
        keys = list(range(len(document))) if isinstance(document, list) else list(document)
        return [(document, key) for key in keys] + [p for key in keys for p in places(document[key])]
    return []
