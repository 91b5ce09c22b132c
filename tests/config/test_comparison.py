"""Where two versions differ, and what can't be compared."""

import base64
from collections import Counter
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from wltui.config.compare import Known, compare
from wltui.config.comparison import Comparison, Verdict
from wltui.config.detail import VersionDetail
from wltui.core.compact import fields_of, replace_fields
from wltui.core.records import UNSET, ConfigId, ModelConfig, ModelVersion, VersionId


def encoded(*fields: pa.Field, **metadata: str) -> str:
    """A schema as the API carries it."""
    return base64.b64encode(pa.schema(fields, metadata=metadata or None).serialize()).decode()


A, B, C = pa.field("a", pa.float32()), pa.field("b", pa.string()), pa.field("c", pa.int64())
BASE = ModelVersion(id=VersionId(1), image_path="registry.example/team/runtime:1.0@sha256:00", status="ready")
CONFIG = ModelConfig(
    id=ConfigId(5),
    **dict.fromkeys(set(ModelConfig.__struct_fields__) - {"id", "version_id", "extra"}),  # type: ignore[arg-type]
)
MIRRORED = {Verdict.ADDED: Verdict.REMOVED, Verdict.REMOVED: Verdict.ADDED}


def detail(version: ModelVersion = BASE, **config: Any) -> VersionDetail:
    return VersionDetail(version, structs.replace(CONFIG, **config))


def rows(comparison: Comparison) -> list[tuple[str, str, str, Verdict]]:
    """Label, left, right and verdict of what is not equal."""
    return [
        (row.label.strip(), row.left.text, row.right.text, row.verdict)
        for row in comparison.rows
        if row.verdict is not Verdict.SAME
    ]


words = st.none() | st.sampled_from(["", "x", "[/x]", "\u202e"])
schemas = st.sampled_from(
    [
        None,
        UNSET,
        "",
        "bm8gc2NoZW1h",
        encoded(),
        encoded(A),
        encoded(A, B),
        encoded(B, A, A),
        encoded(A, made="x"),
    ]
)
json = st.recursive(
    st.none() | st.booleans() | st.integers(0, 1) | st.just(1.0), lambda inner: st.lists(inner, max_size=2)
    | st.dictionaries(st.sampled_from("ab"), inner, max_size=2), max_leaves=5
)  # fmt: skip
objects = st.none() | st.just(UNSET) | st.dictionaries(st.sampled_from("ab"), json, max_size=2)
versions = st.builds(
    ModelVersion, id=st.sampled_from([1, 2]), status=words, image_path=words | st.just("a.b/c/d:e"), sha=words
)
configs = st.builds(
    ModelConfig,
    id=st.sampled_from([5, 6]),
    tensor_fields=st.none() | st.just(UNSET) | st.just(("a",)),
    filter_threshold=st.none() | st.just(UNSET) | st.just(0.5),
    openai_config=objects,
    dynamic_batching_config=objects,
    input_schema=schemas,
)
known = versions | st.builds(VersionDetail, versions, st.none() | configs, st.booleans())


@given(known)
def test_nothing_differs_from_itself(one: Known) -> None:
    assert {row.verdict for row in compare(one, one).rows} <= {Verdict.SAME, Verdict.UNKNOWN}


@given(known, known)
def test_the_other_way_round_it_is_mirrored(one: Known, other: Known) -> None:
    there, back = (
        Counter((row.subject, row.label, row.left, row.right, row.verdict) for row in compare(*pair).rows)
        for pair in ((one, other), (other, one))
    )
    assert there == Counter(
        {(s, label, right, left, MIRRORED.get(v, v)): n for (s, label, left, right, v), n in back.items()}
    )


@given(known, known)
def test_what_is_not_known_of_a_side_is_neither_equal_nor_different(one: Known, other: Known) -> None:
    for row in compare(one, other).rows:
        if any(cell.text in ("not readable", "not read") for cell in (row.left, row.right)):
            assert row.verdict is Verdict.UNKNOWN


def another(value: object, field: str) -> object:
    """A value that a field does not have."""
    if field in ("requirements", "tensor_fields"):
        return ("other",)
    if field.endswith("_config") and field != "batch_config":
        return {"enabled": True}
    if field == "config":
        return ModelConfig(id=ConfigId(9))
    if field == "deployed":
        return True
    return (
        7
        if isinstance(value, int) or field in ("size", "queue_depth", "model_id", "workspace_id")
        else "other"
    )


@pytest.mark.parametrize("field", [*fields_of(BASE)])
def test_every_field_of_a_version_is_compared(field: str) -> None:
    changed = replace_fields(BASE, **{field: another(getattr(BASE, field), field)})
    assert rows(compare(detail(), VersionDetail(changed, CONFIG)))


@pytest.mark.parametrize("field", sorted({*ModelConfig.__struct_fields__} - {"version_id", "extra"}))
def test_every_field_of_a_config_is_compared(field: str) -> None:
    other = VersionDetail(BASE, structs.replace(CONFIG, **{field: another(getattr(CONFIG, field), field)}))
    assert rows(compare(detail(), other))


def test_images_are_compared_part_by_part() -> None:
    other = replace_fields(BASE, image_path="registry.example/team/runtime:1.1@sha256:00")
    comparison = compare(detail(), detail(other))
    assert rows(comparison) == [("Tag", "1.0", "1.1", Verdict.DIFFERS)]
    assert comparison.different == ("Image tag",)


def test_schemas_are_compared_entry_by_entry() -> None:
    whole, meters = pa.field("b", pa.string(), nullable=False), C.with_metadata({"unit": "m"})
    left, right = (
        detail(input_schema=encoded(A, B, C)),
        detail(input_schema=encoded(whole, meters, pa.field("d", A.type))),
    )
    assert rows(compare(left, right)) == [
        ("a", "float", "", Verdict.REMOVED),
        ("b", "string", "string not null", Verdict.DIFFERS),
        ("c, metadata unit", "", '"m"', Verdict.ADDED),
        ("d", "", "float", Verdict.ADDED),
    ]
    turned = compare(detail(input_schema=encoded(A, B)), detail(input_schema=encoded(B, A)))
    assert rows(turned) == [("Order", "a, b", "b, a", Verdict.DIFFERS)]


def test_objects_are_compared_key_by_key() -> None:
    left, right = {"enabled": True, "chat": {"n": 1, "t": None}}, {"enabled": 1, "chat": {"n": 1.0, "k": []}}
    assert rows(compare(detail(openai_config=left), detail(openai_config=right))) == [
        ("enabled", "true", "1", Verdict.DIFFERS),
        ("chat.t", "null", "", Verdict.REMOVED),
        ("chat.k", "", "[]", Verdict.ADDED),
    ]
    assert ("Max delay, ms", "", "10", Verdict.ADDED) in rows(
        compare(detail(), detail(dynamic_batching_config={"max_batch_delay_ms": 10}))
    )


def test_of_a_version_alone_no_config_is_known() -> None:
    row = replace_fields(BASE, config=CONFIG)
    told = {label: verdict for label, _, _, verdict in rows(compare(row, detail(row)))}
    assert told["Tensor fields"] is told["Input schema"] is told["Config id"] is Verdict.UNKNOWN
    assert "Tag" not in told
