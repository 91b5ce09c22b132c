"""Arrow's canonical extension types: what they say in brackets, what they are stored as, how a schema carries them."""

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
"""The keys that each extension takes, in pyarrow's order."""

NEEDED = {"value_type", "storage_type", "shape", "ndim", "type_name", "vendor_name"}
"""Keys that an extension which takes them has to have; JSON's storage is a string otherwise."""
TYPES = {"value_type", "storage_type"}
_EMPTY = {"arrow.variable_shape_tensor": "{}"}


def storage_type(name: str, given: Type | None, said: Mapping[str, object], at: Place) -> Type:
    """The storage of an extension, written ``at``, whose value or storage type is ``given``."""
    match name, given:
        case "arrow.uuid", _:
            return Type("fixed_size_binary", (16,), at=at)
        case "arrow.bool8", _:
            return Type("int8", at=at)
        case "arrow.fixed_shape_tensor", Type():
            size = prod(cast("tuple[int, ...]", said["shape"]))
            return Type("fixed_size_list", (size,), (Item("item", given),), at=at)
        case "arrow.variable_shape_tensor", Type():
            data = Type("list", (), (Item("item", given),), at=at)
            shape = Type("fixed_size_list", (said["ndim"],), (Item("item", Type("int32")),), at=at)
            return Type("struct", (), (Item("data", data), Item("shape", shape)), at=at)
        case _:
            return given or Type("string", at=at)


def named_type(extension: Type) -> Type | None:
    """The type that an extension's words name: a tensor's values, another's storage unless that goes without saying."""
    name, storage = extension.args[0], extension.inner
    said_by_name = {"arrow.uuid", "arrow.bool8", *(["arrow.json"] if storage == Type("string") else [])}
    if storage is None or name in said_by_name:
        return None
    if name == "arrow.fixed_shape_tensor":
        return storage.children[0].type
    if name == "arrow.variable_shape_tensor":
        return storage.children[0].type.children[0].type
    return storage


def parameters(extension: Type) -> dict[str, object]:
    """What an extension says besides types, under its keys."""
    return dict(cast("tuple[tuple[str, object], ...]", extension.args[1:]))


def carrier_metadata(extension: Type) -> dict[str, str]:
    """The metadata by which a schema carries the extension, on a field of its storage."""
    said = {key: value for key, value in parameters(extension).items() if key != "ndim"}
    return {
        "ARROW:extension:name": str(extension.args[0]),
        "ARROW:extension:metadata": json.dumps(said) if said else _EMPTY.get(str(extension.args[0]), ""),
    }
