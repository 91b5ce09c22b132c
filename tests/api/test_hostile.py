"""Whatever bytes come, a call's records or an ApiFormatError come out, and nothing else."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support import answers
from tests.support.whole_list import decoded_at_once
from wltui.api import calls
from wltui.api.calls import Call
from wltui.api.reasons import excerpt, reason
from wltui.core.errors import ApiFormatError
from wltui.core.records import ModelId, VersionId, WorkspaceId

ANSWERS: list[tuple[Call[object], bytes]] = [
    (calls.list_workspaces(), answers.WORKSPACES),
    (calls.list_models(WorkspaceId(108)), answers.NESTED_LIST),
    (calls.list_models(WorkspaceId(108)), answers.FLAT_LIST),
    (calls.list_models(WorkspaceId(108)), answers.LIST_OF_2022),
    (calls.list_versions(ModelId(15), "a"), answers.UNORDERED_VERSIONS),
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
    """Whatever comes out, a list of models is the same in pieces as decoded at once."""
    told = outcome(call.decode, body)
    if call.path == "models/list":
        refused = isinstance(told, tuple) and told[:1] == (ApiFormatError,)
        assert decoded_at_once(body, WorkspaceId(108)) == (None if refused else told)
    if isinstance(told, tuple) and told[:1] == (ApiFormatError,):
        _, endpoint, words = told
        assert endpoint == call.path
        assert len(words) < 1000


def outcome(read: Callable[[bytes], object], body: bytes) -> object:
    """The records, or what is said of the answer."""
    try:
        return read(body)
    except ApiFormatError as error:
        return ApiFormatError, error.endpoint, str(error)


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


ODD = [b"\\ud800", b"\\q", b"\x01", b"\xff", b'"', b"\\", b"NaN", b"1e999", b"9" * 5000,
       b"[" * 300 + b"]" * 300, b"null", b"{}", b",", b""]  # fmt: skip


@given(pairs, st.lists(st.tuples(st.integers(0, 3000), st.sampled_from(ODD)), min_size=1, max_size=3))
def test_a_true_answer_with_oddities_in_it(
    pair: tuple[Call[object], bytes], oddities: list[tuple[int, bytes]]
) -> None:
    call, body = pair
    for place, odd in oddities:
        at = place % len(body)
        body = body[:at] + odd + body[at + 1 :]
    reads_or_refuses(call, body)


@given(pairs, st.data())
def test_a_true_answer_cut_and_scratched(pair: tuple[Call[object], bytes], data: st.DataObject) -> None:
    call, body = pair
    at = data.draw(st.integers(0, len(body)))
    reads_or_refuses(call, body[:at])
    reads_or_refuses(call, body[:at] + data.draw(st.binary(max_size=3)) + body[at + 1 :])


READ_WHOLE = {"config", "model_config", "accel", "dynamic_batching_config", "continuous_batching_config"} | {
    "openai", "chat_completion_config",
}  # fmt: skip
"""Keys of the objects that are read with all that is in them: of a config also what this program does not know."""


@pytest.mark.parametrize(("call", "body"), ANSWERS)
def test_a_true_answer_with_more_in_it_reads_the_same(call: Call[object], body: bytes) -> None:
    document = msgspec.json.decode(body)
    within = [place[key] for place, key in places(document) if key not in READ_WHOLE]
    objects = [place for place in (document, *within) if isinstance(place, dict)]
    assert objects
    for place in objects:
        place["news_of_2030"] = {"a": [1]}
    assert call.decode(msgspec.json.encode(document)) == call.decode(body)


@given(st.binary(max_size=2000) | st.text("<>!-/script style&;a\x1b\u202e ", max_size=2000).map(str.encode))
@example(b"\x1b]0;a title\x07 and \xc2\x9b31m red")
@example(b'{"msg": "\\u001b[31m\\u202e"}')
def test_words_of_any_page_are_one_short_line(body: bytes) -> None:
    for words in (excerpt(body), reason(body) or ""):
        assert len(words) <= 200
        assert words == " ".join(words.split()), (
            "what is no line break but unseen is spelled where it is shown"
        )


def test_a_page_of_nothing_but_opening_tags_is_read_at_once() -> None:
    assert excerpt(b"<script" * 10_000) == ""
    assert excerpt(b"<" * 70_000).startswith("<<<")
    assert excerpt(b"<!--" * 20_000) == ""


def test_an_unknown_field_that_can_not_be_read_leaves_the_known_ones() -> None:
    call = calls.get_config(VersionId(1215))
    more = answers.GET_CONFIG.replace(b'"runtime"', b'"news\x80": 1, "runtime"')
    assert more != answers.GET_CONFIG
    assert call.decode(more) == call.decode(answers.GET_CONFIG)


def places(document: object) -> list[tuple[Any, int | str]]:
    """Return every list and object in a JSON document with each of its keys."""
    keys: list[Any]
    if isinstance(document, list | dict):
        keys = list(range(len(document))) if isinstance(document, list) else list(document)
        return [(document, key) for key in keys] + [p for key in keys for p in places(document[key])]
    return []
