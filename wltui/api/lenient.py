"""JSON to typed shapes, where a misfit in an optional part costs that part and not the whole answer."""

from collections.abc import Callable
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Struct, ValidationError, structs

from wltui.errors import ApiFormatError

from .words import excerpt

Shape = TypeVar("Shape")

_decoder: Callable[[Any], msgspec.json.Decoder[Any]] = cache(msgspec.json.Decoder)
_fields: Callable[[Any], tuple[structs.FieldInfo, ...]] = cache(structs.fields)


def decode(body: bytes, kind: type[Shape], *, what: str, endpoint: str) -> Shape:
    """The answer in its shape; optional parts of an unexpected kind count as not told.

    Raises:
        ApiFormatError: it is no JSON, or lacks what is required.
    """
    try:
        try:
            answer: Shape = _decoder(kind).decode(body)
            return answer
        except ValidationError:
            return msgspec.convert(_mended(msgspec.json.decode(body), kind), kind)
    except ValidationError as error:
        raise misfit(error, what=what, endpoint=endpoint) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = f"{endpoint} did not answer with whole JSON ({error})"
    begins = excerpt(body)
    raise ApiFormatError(
        what,
        f"{why}; it begins: {begins}" if begins else f"{why}; it is empty",
        "Check that the endpoint is a Wallaroo instance and that no proxy or gateway answers for it",
        endpoint=endpoint,
    )


def misfit(error: ValidationError, *, what: str, endpoint: str) -> ApiFormatError:
    """The error for JSON that lacks what is required."""
    why = f"the answer of {endpoint} has another shape: {error}"
    return ApiFormatError(what, why, "The server may be newer than this program", endpoint=endpoint)


def _mended(value: Any, kind: Any) -> Any:
    """Parsed JSON without the optional parts that are not of their declared kind.

    A part that holds records is kept whatever it is: a list that can't be read must not look empty.
    """
    if _fits(value, kind):
        return value
    if get_origin(kind) in (Union, UnionType):
        for one in get_args(kind):
            value = _mended(value, one)
    if get_origin(kind) is tuple and isinstance(value, list):
        return [_mended(item, get_args(kind)[0]) for item in value]
    if _is_shape(kind) and isinstance(value, dict):
        kept = {}
        for field in _fields(kind):
            if field.encode_name in value:
                part = _mended(value[field.encode_name], field.type)
                if field.required or _holds_records(field.type) or _fits(part, field.type):
                    kept[field.encode_name] = part
        return kept
    return value


def _is_shape(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


@cache
def _holds_records(kind: Any) -> bool:
    """Whether something with a required field of its own is in there."""
    if _is_shape(kind):
        return any(field.required for field in _fields(kind))
    return any(map(_holds_records, get_args(kind)))


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except ValidationError:
        return False
    return True
