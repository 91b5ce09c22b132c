"""Decode JSON into typed shapes; drop only the smallest part that does not fit.

An optional field of an unexpected type counts as missing. A row without a required field is left out of its list,
which then is a :class:`~wltui.core.records.PartialList`. The whole answer is rejected only if it is not complete JSON,
or not a list if one is required. Nothing is kept twice in memory: a part is decoded when it is needed.
"""

from collections.abc import Callable
from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

import msgspec
from msgspec import Raw, Struct, ValidationError, structs

from wltui.core.errors import ApiFormatError
from wltui.core.records import partial_list

from .reasons import excerpt
from .repair import DAMAGE, repair

Shape = TypeVar("Shape")

MOST_VALUES = 12_000_000
"""Maximum values in an answer: 250,000 complete versions. Each value takes 10 to 20 times its bytes."""
MOST_UNREAD = 1_000
"""Maximum unreadable rows of a list; if there are more, the list has another format."""
PIECE = 1 << 20
"""Bytes that are counted at a time, so that other threads get their turn."""

_decoder: Callable[[Any], msgspec.json.Decoder[Any]] = cache(msgspec.json.Decoder)
_fields: Callable[[Any], tuple[structs.FieldInfo, ...]] = cache(structs.fields)


def decode(body: bytes, kind: type[Shape], *, what: str, endpoint: str) -> Shape:
    """Return the answer as ``kind``.

    Raises:
        ApiFormatError: it is not JSON, has too many values, or lacks a required field.
    """
    check_size(body, what=what, endpoint=endpoint)
    try:
        try:
            answer: Shape = _decoder(kind).decode(body)
            return answer
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _decode_leniently(body, kind)
    except ValidationError as error:
        raise format_error(error, what=what, endpoint=endpoint) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = f"the answer of {endpoint} is not complete JSON ({error})"
    begins = excerpt(body)
    raise ApiFormatError(
        what,
        f"{why}; it begins: {begins}" if begins else f"{why}; it is empty",
        "Check that the endpoint is a Wallaroo instance, and that no proxy or gateway answers in its place",
        endpoint=endpoint,
    )


def check_size(body: bytes, *, what: str, endpoint: str) -> None:
    """Raise ApiFormatError if a body has too many values for the memory: 240 MB of ``{},`` would take 11 GB."""
    values = len(body) // 2 + 1  # each takes two bytes or more: its own, and one that separates or closes
    if values > MOST_VALUES:  # then they are counted: each but the first follows one of these
        pieces = (body[at : at + PIECE] for at in range(0, len(body), PIECE))
        values = sum(len(piece) - len(piece.translate(None, b",[{")) for piece in pieces)
    if values > MOST_VALUES:
        why = f"the answer of {endpoint} has more than {MOST_VALUES:,} values"
        raise ApiFormatError(what, why, endpoint=endpoint)


def format_error(error: ValidationError, *, what: str, endpoint: str) -> ApiFormatError:
    """Return the error for JSON without a required field."""
    why = f"the answer of {endpoint} has an unexpected format: {error}"
    return ApiFormatError(what, why, "The server may be newer than this version of wltui", endpoint=endpoint)


def _decode_leniently(body: bytes, kind: type[Shape]) -> Shape:
    """Return the readable part of a body that does not fit its shape."""
    answer: Shape
    try:
        _decoder(Raw).decode(body)  # raises here if it is not JSON at all
        answer = _Reading(damaged=False).read(body, kind)
    except ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        fixed = repair(body)
        _decoder(Raw).decode(fixed)
        answer = _Reading(damaged=True).read(fixed, kind)
    return answer


class _Reading(Struct, frozen=True):
    """Decodes part by part. ``damaged``: :data:`~wltui.api.repair.DAMAGE` may stand in place of damaged parts."""

    damaged: bool

    def read(self, raw: bytes | Raw, kind: Any) -> Any:
        """Return a part as its declared type, as far as it fits.

        Raises:
            ValidationError: it lacks a required field.
        """
        if not (self.damaged and _is_exact(kind) and _is_damaged(raw)):
            try:
                return _decoder(kind).decode(raw)
            except ValidationError as error:
                failure = error
        for one in _kinds(kind):
            if get_origin(one) is tuple and _is_shape(get_args(one)[0]):
                return self._rows(raw, get_args(one)[0])
            if _is_shape(one):
                return self._struct(raw, one)
        raise failure

    def _rows(self, raw: bytes | Raw, kind: Any) -> tuple[Any, ...]:
        rows, missing, reason = [], 0, ""
        for number, row in enumerate(_decoder(tuple[Raw, ...]).decode(raw)):
            try:
                rows.append(self.read(row, kind))
            except ValidationError as error:
                missing, reason = missing + 1, reason or str(_within(error, f"[{number}]"))
                if missing > MOST_UNREAD:
                    raise ValidationError(reason) from None
        return partial_list(rows, missing, reason)

    def _struct(self, raw: bytes | Raw, kind: Any) -> Any:
        parts = _decoder(dict[str, Raw]).decode(raw)
        exact = self.damaged and getattr(kind, "EXACT", False)
        values = {}
        for field in _fields(kind):
            part = parts.get(field.encode_name)
            if part is None:
                if field.required:
                    raise ValidationError(f"Object missing required field `{field.encode_name}`")
                continue
            if exact and not field.required and _is_damaged(part):
                continue
            try:
                values[field.name] = self.read(part, field.type)
            except ValidationError as error:
                # A part with records is never optional: an unreadable list must not look empty.
                if field.required or _holds_records(field.type):
                    raise _within(error, f".{field.encode_name}") from None
        return kind(**values)


def _within(error: ValidationError, place: str) -> ValidationError:
    """Return the error with a place such as ``.name`` or ``[3]`` before its own."""
    text, _, path = str(error).partition(" - at `$")
    return ValidationError(f"{text} - at `${place}{path or '`'}")


def _kinds(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, UnionType) else (kind,)


def _is_shape(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _is_damaged(raw: bytes | Raw) -> bool:
    return DAMAGE.encode() in bytes(raw)


@cache
def _is_exact(kind: Any) -> bool:
    """Return whether a type contains a shape whose values are sent back; its damaged values count as missing."""
    if _is_shape(kind):
        return getattr(kind, "EXACT", False) or any(_is_exact(field.type) for field in _fields(kind))
    return any(map(_is_exact, get_args(kind)))


@cache
def _holds_records(kind: Any) -> bool:
    """Return whether a type contains a shape with a required field."""
    if _is_shape(kind):
        return any(field.required for field in _fields(kind))
    return any(map(_holds_records, get_args(kind)))
