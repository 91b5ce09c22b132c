"""Schemas of every type that pyarrow makes, in any nesting that a serialized schema can carry."""

import base64

import pyarrow as pa
from hypothesis import settings
from hypothesis import strategies as st

unhurried = settings(deadline=None)
"""For tests of pyarrow, which takes its time where it is called for the first time."""


def encode(schema: pa.Schema) -> str:
    return base64.b64encode(schema.serialize().to_pybytes()).decode()


def of(*fields: pa.Field) -> str:
    return encode(pa.schema(fields))


def carried(schema: pa.Schema) -> pa.Schema:
    """A schema as it is read from what was written; only the names of a map's parts differ."""
    return pa.ipc.read_schema(schema.serialize())


def decoded(text: str) -> pa.Schema:
    return pa.ipc.read_schema(pa.py_buffer(base64.b64decode(text)))


zones = st.text(min_size=1, max_size=9) | st.sampled_from(
    ("UTC", "Europe/Berlin", "+01:00", "a]b", '"x"', "it's")
)
units = st.sampled_from(("s", "ms", "us", "ns"))
plain = st.sampled_from(
    (
        pa.bool_(), pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(),
        pa.float16(), pa.float32(), pa.float64(), pa.string(), pa.large_string(), pa.string_view(), pa.binary(),
        pa.large_binary(), pa.binary_view(), pa.date32(), pa.date64(), pa.time32("s"), pa.time32("ms"),
        pa.time64("us"), pa.time64("ns"), pa.month_day_nano_interval(),
    )
)  # fmt: skip
scales = st.integers(-5, 5)
simple = (
    plain
    | st.builds(pa.binary, st.integers(0, 1000))
    | st.builds(pa.timestamp, units, st.none() | zones)
    | st.builds(pa.duration, units)
    | st.builds(pa.decimal32, st.integers(1, 9), scales)
    | st.builds(pa.decimal64, st.integers(1, 18), scales)
    | st.builds(pa.decimal128, st.integers(1, 38), scales)
    | st.builds(pa.decimal256, st.integers(1, 76), scales)
)
indices = st.sampled_from((pa.int8(), pa.uint8(), pa.int32(), pa.uint64()))
run_ends = st.sampled_from((pa.int16(), pa.int32(), pa.int64()))
small_extensions = st.sampled_from(
    (pa.uuid(), pa.bool8(), pa.json_(), pa.json_(pa.large_string()), pa.json_(pa.string_view()))
)
words = st.text(max_size=6)
leaves = simple | small_extensions | st.builds(pa.dictionary, indices, simple, st.booleans())
raw = words.map(str.encode) | st.binary(max_size=6)
metadata = st.none() | st.dictionaries(raw, raw, max_size=2)
names = st.text(max_size=8) | st.sampled_from(
    (
        "a",
        "petal length (cm)",
        "a.b-c",
        "x: int8",
        "--",
        "child 0, x",
        "'",
        '"',
        "\\n",
        "[/x]",
        "a=1",
        "{}",
        " ",
    )
)
simple_names = st.text(alphabet="abcXYZ_ 019äß日.()-/$#", min_size=1, max_size=9).filter(
    lambda name: name.strip() == name and not name.startswith("--")
)
simple_metadata = st.none() | st.dictionaries(simple_names, simple_names, min_size=1, max_size=2)


@st.composite
def tensors(draw: st.DrawFn, types: st.SearchStrategy[pa.DataType]) -> pa.DataType:
    shape = draw(st.lists(st.integers(0, 5), max_size=3))
    order = draw(st.none() | st.permutations(range(len(shape))))
    dimensions = draw(st.none() | st.lists(words, min_size=len(shape), max_size=len(shape)))
    return pa.fixed_shape_tensor(draw(types), shape, dimensions, order)


def schemas_of(
    leaves: st.SearchStrategy[pa.DataType], names: st.SearchStrategy[str], metadata: st.SearchStrategy[object]
) -> st.SearchStrategy[pa.Schema]:
    def fields_of(types: st.SearchStrategy[pa.DataType]) -> st.SearchStrategy[pa.Field]:
        nulls = st.builds(pa.field, names, st.just(pa.null()), metadata=metadata)
        return nulls | st.builds(pa.field, names, types, nullable=st.booleans(), metadata=metadata)

    def nested(types: st.SearchStrategy[pa.DataType]) -> st.SearchStrategy[pa.DataType]:
        inner = fields_of(types)
        several = st.lists(inner, max_size=3)
        stored = types.filter(lambda type: not isinstance(type, pa.BaseExtensionType))
        values = stored.filter(lambda type: not isinstance(type, pa.DictionaryType))
        key = st.builds(pa.field, st.just("key"), types, st.just(False), metadata)
        value = st.builds(pa.field, st.just("value"), types, st.booleans(), metadata)
        return (
            st.builds(pa.list_, inner)
            | st.builds(pa.list_, inner, st.integers(0, 1000))
            | st.builds(pa.large_list, inner)
            | st.builds(pa.list_view, inner)
            | st.builds(pa.large_list_view, inner)
            | st.builds(pa.struct, several)
            | st.builds(pa.map_, key, value, st.booleans())
            | st.builds(pa.dictionary, indices, values, st.booleans())
            | st.builds(pa.run_end_encoded, run_ends, types)
            | st.builds(pa.dense_union, several)
            | several.flatmap(
                lambda found: st.builds(
                    pa.sparse_union,
                    st.just(found),
                    st.lists(st.integers(0, 127), min_size=len(found), max_size=len(found), unique=True),
                )
            )
            | st.builds(pa.opaque, stored, words, words)
            | tensors(types)
        )

    fields = fields_of(st.recursive(leaves, nested, max_leaves=6))
    return st.builds(pa.schema, st.lists(fields, max_size=4), metadata)


schemas = schemas_of(leaves, names, metadata).map(carried)
