"""Arrow schemas and the base64 that the API carries."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from wltui.core.errors import WltuiError

if TYPE_CHECKING:
    import pyarrow

_FILE_HEADS = {b"ARROW1": "an Arrow file", b"PAR1": "a Parquet file", b"FEA1": "a Feather file"}


_LEAST_FIELD = 56
"""Bytes that no field takes less than."""


class SchemaError(WltuiError):
    """The text is no Arrow schema as the API carries it."""


def decode_base64(text: str) -> pyarrow.Schema:
    """The schema in ``text``, the standard base64 of a serialized Arrow schema; white space is ignored.

    Raises:
        SchemaError: it is something else.
    """
    packed = "".join(text.split())
    if not packed:
        raise _refusal("it is empty")
    try:
        message = base64.b64decode(packed, validate=True)
    except ValueError as error:
        if "-" in packed or "_" in packed:
            raise _refusal("this is URL-safe base64", "Use the standard alphabet, with + and /") from error
        raise _refusal(f"no base64: {error}") from error
    for head, kind in _FILE_HEADS.items():
        if message.startswith(head):
            raise _refusal(f"these are the bytes of {kind}")
    return decode_message(message)


def decode_message(message: bytes) -> pyarrow.Schema:
    """The schema in the bytes of its message, with which a stream begins too.

    Raises:
        SchemaError: it is something else.
    """
    import pyarrow.ipc

    try:
        found = pyarrow.ipc.read_schema(pyarrow.py_buffer(message))
    # pyarrow reports a damaged message as an OSError, which is not one of its own exceptions.
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise _refusal(f"damaged or cut off: {error}") from error
    if not len(found) and _length(message) >= found.serialize().size + _LEAST_FIELD:
        raise _refusal("damaged: it says that it has no fields, but holds more than that takes")
    return found


def _length(message: bytes) -> int:
    """Return how many bytes a message says that it takes; what follows them is no part of it."""
    start = 4 if message.startswith(b"\xff\xff\xff\xff") else 0
    return start + 4 + int.from_bytes(message[start : start + 4], "little")


def encode_base64(schema: pyarrow.Schema) -> str:
    """The base64 of a schema, as the SDK sends it: in one line, with padding."""
    return base64.b64encode(schema.serialize()).decode()


def encoding_error(error: UnicodeDecodeError) -> SchemaError:
    """The refusal of a schema that holds a name or a word in another encoding."""
    return _refusal(f"a name in it is no UTF-8 ({error.reason})")


def _refusal(why: str, advice: str = "Take base64 of schema.serialize(), as pyarrow gives it") -> SchemaError:
    return SchemaError("This is no Arrow schema", why, advice)
