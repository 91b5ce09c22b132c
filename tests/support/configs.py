"""Configs as servers may hold them, for the tests of laws."""

from typing import Any

import pyarrow
from hypothesis import strategies as st
from msgspec import UNSET

from wltui.config.edit import ConfigEdit
from wltui.config.fields import FIELD
from wltui.config.schema.codec import SchemaError, decode_base64, encode_base64
from wltui.core.records import ConfigId, ModelConfig, VersionId

KEYS = tuple(FIELD)
NULLS: dict[str, Any] = dict.fromkeys(FIELD)
"""Every field of a config, null."""
DYNAMIC = {"max_batch_delay_ms": 1000, "batch_size_target": 8, "batch_size_limit": None}
NOTHING = encode_base64(pyarrow.schema([]))
ONE = encode_base64(pyarrow.schema([("a", pyarrow.int64())]))
ONE_WRAPPED = f"{ONE[:60]}\n{ONE[60:]}"
"""The same schema, spelled otherwise."""
OTHER = encode_base64(pyarrow.schema([("b", pyarrow.float64())]))
MARKED = encode_base64(pyarrow.schema([pyarrow.field("a\u202e", pyarrow.string(), metadata={"k": "\\ '''"})]))


def config(**fields: Any) -> ModelConfig:
    """A config row, null where nothing else is said."""
    return ModelConfig(id=ConfigId(20), **(NULLS | fields))


def edit(**fields: Any) -> ConfigEdit:
    """An edit of such a row that changes nothing."""
    return ConfigEdit(VersionId(16), config(**fields))


def is_schema(value: object) -> bool:
    """Whether a value is a text that holds a schema, however it is spelled."""
    if not isinstance(value, str):
        return False
    try:
        decode_base64(value)
    except SchemaError:
        return False
    return True


numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
texts = (
    st.text()
    | st.text("\"'\\\n \t\r#=[]a")
    | st.sampled_from(["null", "[0]", "a,b", "'x'", "\u200b", "a\\nb"])
)
names = st.lists(texts, unique=True, max_size=5).map(tuple)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
objects = st.dictionaries(texts, json_values, max_size=3)
schemas = st.text() | st.sampled_from(["", " ", "garbage", "AAAA", NOTHING, ONE, ONE_WRAPPED, OTHER, MARKED])
"""Hypothesis, too, knows texts that are schemas: those in the program's own code."""


def _with_parts(key: str) -> st.SearchStrategy[dict[str, object]]:
    wholes = st.integers(1, 9)
    parts = st.fixed_dictionaries({}, optional={part.key: wholes | json_values for part in FIELD[key].parts})
    return st.tuples(parts, objects).map(lambda both: both[0] | both[1])


openai = st.fixed_dictionaries(
    {"enabled": st.booleans()},
    optional={"completion_config": st.none() | objects, "chat_completion_config": st.none() | objects},
)
values: dict[str, st.SearchStrategy[object]] = {
    "tensor_fields": st.none() | names,
    "filter_threshold": st.none() | numbers | st.integers(-5, 5),
    "batch_config": st.sampled_from([None, "single", "", "whatever", "null", "multiple rows"]),
    "dynamic_batching_config": st.none() | _with_parts("dynamic_batching_config"),
    "continuous_batching_config": st.none() | _with_parts("continuous_batching_config"),
    "openai_config": st.none() | openai | objects,
    "input_schema": st.none() | schemas,
    "output_schema": st.none() | schemas,
}
"""What each field may hold, by key."""
configs = st.fixed_dictionaries({key: st.just(UNSET) | value for key, value in values.items()}).map(
    lambda fields: config(**fields)
)
settings = st.sampled_from(KEYS).flatmap(lambda key: st.tuples(st.just(key), values[key]))


def after(base: ModelConfig, steps: list[tuple[str, object]]) -> ConfigEdit:
    """An edit after each of the fields was set."""
    made = ConfigEdit(VersionId(16), base)
    for key, value in steps:
        made = made.with_value(key, value)
    return made


edits = st.builds(after, configs, st.lists(settings, max_size=4))
