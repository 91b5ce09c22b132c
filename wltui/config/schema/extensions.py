"""Describe Arrow's canonical extension types: their parameters, storage types, and metadata in a schema."""

from __future__ import annotations

import json
from collections.abc import Mapping
from math import prod
from typing import cast

from .types import Item, Place, Type

PARAMETERS = {
    "arrow.bool8": (),
    "arrow.fixed_shape_tensor": ("value_type", "shape", "permutation", "dim_names"),
    "arrow.json": ("storage_type",),
    "arrow.opaque": ("storage_type", "type_name", "vendor_name"),
    "arrow.uuid": (),
    "arrow.variable_shape_tensor": ("value_type", "ndim", "permutation", "dim_names", "uniform_shape"),
}
"""Parameters of each extension, in pyarrow's order."""

NEEDED = {"value_type", "storage_type", "shape", "ndim", "type_name", "vendor_name"}
"""Required parameters; only JSON's storage may be omitted, and is a string then."""
TYPES = {"value_type", "storage_type"}
_EMPTY = {"arrow.variable_shape_tensor": "{}"}


def storage_type(name: str, given: Type | None, values: Mapping[str, object], at: Place) -> Type:
    """Return the storage type of an extension at a place, whose value or storage type is ``given``."""
    match name, given:
        case "arrow.uuid", _:
            return Type("fixed_size_binary", (16,), at=at)
        case "arrow.bool8", _:
            return Type("int8", at=at)
        case "arrow.fixed_shape_tensor", Type():
            size = prod(cast("tuple[int, ...]", values["shape"]))
            return Type("fixed_size_list", (size,), (Item("item", given),), at=at)
        case "arrow.variable_shape_tensor", Type():
            data = Type("list", (), (Item("item", given),), at=at)
            shape = Type("fixed_size_list", (values["ndim"],), (Item("item", Type("int32")),), at=at)
            return Type("struct", (), (Item("data", data), Item("shape", shape)), at=at)
        case _:
            return given or Type("string", at=at)


def named_type(extension: Type) -> Type | None:
    """Return the type in an extension's text: a tensor's value type, or its storage; None if the name implies it."""
    name, storage = extension.args[0], extension.inner
    implied = {"arrow.uuid", "arrow.bool8", *(["arrow.json"] if storage == Type("string") else [])}
    if storage is None or name in implied:
        return None
    if name == "arrow.fixed_shape_tensor":
        return storage.children[0].type
    if name == "arrow.variable_shape_tensor":
        return storage.children[0].type.children[0].type
    return storage


def parameters(extension: Type) -> dict[str, object]:
    """Return the parameters of an extension, without types."""
    return dict(cast("tuple[tuple[str, object], ...]", extension.args[1:]))


def carrier_metadata(extension: Type) -> dict[str, str]:
    """Return the metadata that marks a field of the storage type as this extension in a schema."""
    values = {key: value for key, value in parameters(extension).items() if key != "ndim"}
    return {
        "ARROW:extension:name": str(extension.args[0]),
        "ARROW:extension:metadata": json.dumps(values) if values else _EMPTY.get(str(extension.args[0]), ""),
    }
