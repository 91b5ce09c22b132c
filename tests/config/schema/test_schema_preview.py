"""The preview of a schema: every field in a line of its own, below what it is nested in."""

import pyarrow as pa
import pytest
from hypothesis import given

from tests.support.arrow_schemas import encode, schemas, unhurried
from wltui.config.schema import SchemaError
from wltui.config.schema.preview import preview
from wltui.config.schema.text import parse_schema


def test_what_is_nested_stands_below() -> None:
    text = """
        pixels: uint8[480, 640] not null
          -- field metadata --
          unit: 'lux'
        found: list<box: struct<l: dictionary<values=string, indices=int8, ordered=1>, "x,": float not null> not null>
        extra: map<string, list<double> not null, keys_sorted>
        either: sparse_union<a: int8=5, b: struct<>=7>
        kinds: dictionary<values=struct<x: int8>, indices=uint8, ordered=1>
        image: extension<arrow.fixed_shape_tensor[value_type=uint8, shape=[480,640]]>
        when: timestamp[us, tz=UTC]
        -- schema metadata --
        "made\\tby": 'me'
    """

    assert preview(parse_schema(text)) == (
        "pixels: fixed_size_list[480] not null",
        "  -- unit: 'lux'",
        "  item: fixed_size_list[640]",
        "    item: uint8",
        "found: list",
        "  box: struct not null",
        "    l: dictionary<values=string, indices=int8, ordered=1>",
        '    "x,": float not null',
        "extra: map, keys sorted",
        "  key: string not null",
        "  value: list not null",
        "    item: double",
        "either: sparse_union",
        "  a: int8=5",
        "  b: struct<>=7",
        "kinds: dictionary of struct, uint8 indices, ordered",
        "  x: int8",
        "image: extension<arrow.fixed_shape_tensor[value_type=uint8, shape=[480,640]]>",
        "when: timestamp[us, tz=UTC]",
        r"""-- "made\tby": 'me'""",
    )


@given(schemas)
@unhurried
def test_every_schema_has_a_preview_that_a_terminal_shows(arrow: pa.Schema) -> None:
    told = preview(encode(arrow))
    assert all(line.isprintable() for line in told)
    assert len([line for line in told if line[0] != " " and not line.startswith("-- ")]) == len(arrow)


@pytest.mark.parametrize("encoded", ["", "nonsense"])
def test_what_is_no_schema_has_none(encoded: str) -> None:
    with pytest.raises(SchemaError):
        preview(encoded)
