"""Versions hold their fields in parts, and show them as they were given."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import ValidationError
from msgspec.structs import asdict, astuple

from wltui.core.compact import fields_of, file_key, parse_fields, replace_fields, without_config
from wltui.core.records import ConfigId, ModelConfig, ModelVersion, VersionId
from wltui.core.sharing import Sharing

UUID = "0605bcac-b9df-4621-a1b3-091d505b0aaf"
SHA = "9d83b5604961aea3452593d17f2e1e510f1c494d088e10293015b40a0e8b7b01"
VERSION = ModelVersion(
    id=VersionId(5), uuid=UUID, sha=SHA, created_at="2026-11-29T20:43:53.9502+00:00", size=7, status="ready",
    task_id=UUID, config=ModelConfig(id=ConfigId(3), version_id=VersionId(5), runtime="onnx"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("uuid", text) for text in (
            None, "", "x", UUID.upper(), UUID.replace("-", ""), f"{UUID[:-1]}é", f" {UUID[1:]}",
            UUID + "00", UUID[:-2], UUID[:24])),
        *(("task_id", text) for text in (None, "", "a task", UUID.upper(), UUID + "00", UUID[:-2])),
        *(("sha", text) for text in (
            None, "", "ab", SHA.upper(), f"{SHA[:-2]} 1", f"{SHA[:32]} {SHA[32:]}", SHA + "00")),
        *(("created_at", f"2026-11-29T20:43:{second}") for second in (
            "53Z", "53+00:00", "53.000001Z", "53.9502Z", "53.999999+00:00", "53.0Z", "53.120+00:00", "53.1234567Z",
            "53.120000Z", "53.000000+00:00", "53.000010Z", "53.12345Z", "53.12340+00:00", "53.1234560Z",
            "53+01:00", "53", "60Z", "53.Z", "٥3Z", "53.1Z\n")),
        *(("created_at", stamp) for stamp in (
            None, "", "yesterday", "2026-02-30T00:00:00Z", "2026-11-29T24:00:00Z",
            "1969-12-31T23:59:59Z", "1970-01-01T00:00:00Z",
            "2099-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z", "2026-11-29 20:43:53Z")),
        *(("size", size) for size in (None, 0, -1, 2**63 - 1, 2**63, -(2**63))),
        *(("config", config) for config in (
            None, ModelConfig(id=ConfigId(3)), ModelConfig(id=ConfigId(2**70), version_id=VersionId(5)),
            ModelConfig(id=ConfigId(0), version_id=VersionId(5), openai_config={"a": [1]}))),
        ("id", 2**70), ("status", "odd"), ("requirements", ("a", "b")),
    ],
)  # fmt: skip
def test_every_field_is_as_it_was_given(field: str, value: object) -> None:
    made = replace_fields(VERSION, **{field: value})
    expected = fields_of(VERSION) | {field: value}
    if field == "id":
        expected["config"] = VERSION.config  # it is still of the other version
    assert fields_of(made) == expected
    parts: Any = made
    assert Sharing().made(ModelVersion.shared, *astuple(parts.shared_)) == parts.shared_
    plain, odd = (
        replace_fields(VERSION, sha=made.sha, created_at=time) for time in ("2026-11-29T20:43:53Z", "")
    )
    assert file_key(made) == file_key(plain) == file_key(odd), "however the other fields are written"
    assert (file_key(made) is None) is (not made.sha)
    assert made == ModelVersion(**expected)
    assert (made == VERSION) is (value == getattr(VERSION, field))
    assert repr(value) in repr(made)


def test_equal_parts_are_one_object_and_so_are_equal_texts_of_others() -> None:
    sharing, text = Sharing(), "".join

    def part(model_id: int, deployed: bool | None) -> Any:
        values = asdict(ModelVersion.shared(model_id=model_id, status=text(["rea", "dy"]), deployed=deployed))
        return sharing.made(ModelVersion.shared, *values.values())

    first, other = part(1, True), part(2, False)
    assert part(1, True) is first
    assert first.status is other.status
    assert [type(each.deployed) for each in (first, other, part(1, False))] == [bool] * 3, (
        "though 1 equals True"
    )
    assert type(part(0, True).model_id) is int


_HEX = st.text("0123456789abcdefA-", max_size=40)
_TEXTS = st.none() | st.uuids().map(str) | _HEX | st.text(max_size=5)
_DIGITS = st.integers(1, 9_999_999).map(str)


@given(
    uuid=_TEXTS | _HEX.map(lambda end: UUID[:24] + end),
    sha=_TEXTS | st.binary(min_size=31, max_size=33).map(bytes.hex),
    task_id=_TEXTS | _HEX.map(lambda end: UUID[:24] + end),
    created_at=_TEXTS | st.builds(
        lambda time, fraction, zone: f"{time:%Y-%m-%dT%H:%M:%S}{fraction}{zone}",
        st.datetimes(), st.just("") | _DIGITS.map(lambda digits: f".{digits}"),
        st.sampled_from(("", "Z", "z", "+00:00", "-00:00", "+0000", "+05:30"))),
    size=st.none() | st.integers(-(2**65), 2**65),
    id=st.integers(-(2**65), 2**65),
    config_of=st.none() | st.integers(-1, 1) | st.just(2**63),
)  # fmt: skip
def test_any_field_is_as_it_was_given(id: int, config_of: int | None, **own: Any) -> None:
    """A version equals the plain struct of its fields, and has one hash with an equal one."""
    config = None if config_of is None else ModelConfig(id=ConfigId(id), version_id=VersionId(id * config_of))
    fields: dict[str, Any] = {"id": VersionId(id), "config": config, "model_name": str(own["sha"]), **own}
    made = ModelVersion(**fields)
    assert {name: getattr(made, name) for name in fields} == fields
    assert made.config_id == (None if config is None else id)
    again = ModelVersion(**fields)
    assert (made, hash(made)) == (again, hash(again))
    assert without_config(made) == ModelVersion(**{**fields, "config": None})


def test_a_time_in_seconds_is_that_of_the_text() -> None:
    assert VERSION.created is not None
    assert VERSION.created.isoformat() == "2026-11-29T20:43:53.950200+00:00"
    assert VERSION.created_seconds == VERSION.created.timestamp()
    assert replace_fields(VERSION, created_at="yesterday").created is None
    assert replace_fields(VERSION, created_at="2026-11-29T21:43:53.9502+01:00").created == VERSION.created


def test_a_version_without_its_config_equals_one_that_never_had_one() -> None:
    bare = without_config(VERSION)
    assert bare == replace_fields(VERSION, config=None)
    assert without_config(bare) == bare
    odd = replace_fields(VERSION, uuid="odd")
    assert without_config(odd) == replace_fields(odd, config=None)


def test_a_version_is_read_from_json() -> None:
    assert parse_fields(ModelVersion, {"id": 5, "status": "ready", "newer": 1}) == ModelVersion(
        id=VersionId(5), status="ready"
    )
    bad: tuple[object, ...] = ({}, {"id": "5"}, {"id": 5, "size": "x"}, [])
    for values in bad:
        with pytest.raises(ValidationError):
            parse_fields(ModelVersion, values)
