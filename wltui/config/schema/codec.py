"""Decode and encode the base64 of Arrow schemas in the API."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

from wltui.core.errors import WltuiError

if TYPE_CHECKING:
    import pyarrow

_FILE_HEADS = {b"ARROW1": "an Arrow file", b"PAR1": "a Parquet file", b"FEA1": "a Feather file"}
_LEAST_FIELD = 56
"""Minimum bytes of a field."""


class SchemaError(WltuiError):
    """The text is not the base64 of an Arrow schema."""


def decode_base64(text: str) -> pyarrow.Schema:
    """Return the schema in ``text``, the standard base64 of a serialized Arrow schema; white space is ignored.

    Raises:
        SchemaError: it is not a schema.
    """
    packed = "".join(text.split())
    if not packed:
        raise _refusal("it is empty")
    try:
        message = base64.b64decode(packed, validate=True)
    except ValueError as error:
        if "-" in packed or "_" in packed:
            raise _refusal("this is URL-safe base64", "Use the standard alphabet, with + and /") from error
        raise _refusal(f"not valid base64: {error}") from error
    for head, kind in _FILE_HEADS.items():
        if message.startswith(head):
            raise _refusal(f"these are the bytes of {kind}")
    return decode_message(message)


def decode_message(message: bytes) -> pyarrow.Schema:
    """Return the schema in the bytes of its message, or of a stream, which begins with it.

    Raises:
        SchemaError: it is not a schema.
    """
    import pyarrow.ipc

    try:
        found = pyarrow.ipc.read_schema(pyarrow.py_buffer(message))
    # pyarrow raises OSError for a damaged message, not one of its own exceptions.
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise _refusal(f"damaged or cut off: {error}") from error
    if not len(found) and _length(message) >= found.serialize().size + _LEAST_FIELD:
        raise _refusal("damaged: it has no fields, but more bytes than that takes")
    return found


def _length(message: bytes) -> int:
    """Return the length of a message in bytes, as its head says; any bytes after it belong to something else."""
    start = 4 if message.startswith(b"\xff\xff\xff\xff") else 0
    return start + 4 + int.from_bytes(message[start : start + 4], "little")


def encode_base64(schema: pyarrow.Schema) -> str:
    """Return the base64 of a schema as the SDK sends it: on one line, with padding."""
    return base64.b64encode(schema.serialize()).decode()


def encoding_error(error: UnicodeDecodeError) -> SchemaError:
    """Return the error for a schema with a name in another encoding than UTF-8."""
    return _refusal(f"a name in it is not valid UTF-8 ({error.reason})")


def _refusal(why: str, advice: str = "Use the base64 of pyarrow's schema.serialize()") -> SchemaError:
    return SchemaError("This is not an Arrow schema", why, advice)
