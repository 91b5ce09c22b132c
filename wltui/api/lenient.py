"""JSON to typed shapes, where a misfit costs the smallest part that can be done without.

An optional field of an unexpected kind counts as not told. A row that lacks what is required is missing from its list,
which then is a :class:`~wltui.core.records.PartialList`. Only what is no whole JSON, or no list where one has to be,
costs the whole answer. Nothing is held twice: a part is decoded when it is looked at.
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
"""Values in an answer: 250,000 versions with all that is told of them. Each takes 10 to 20 times its bytes."""
MOST_UNREAD = 1_000
"""Rows of a list that may be missing from it; where it are more, the list is of another shape."""
PIECE = 1 << 20
"""Bytes that are counted at a time; then other threads have their turn."""

_decoder: Callable[[Any], msgspec.json.Decoder[Any]] = cache(msgspec.json.Decoder)
_fields: Callable[[Any], tuple[structs.FieldInfo, ...]] = cache(structs.fields)


def decode(body: bytes, kind: type[Shape], *, what: str, endpoint: str) -> Shape:
    """Return the answer in its shape.

    Raises:
        ApiFormatError: it is no JSON, has too many values, or lacks what is required.
    """
    check_size(body, what=what, endpoint=endpoint)
    try:
        try:
            answer: Shape = _decoder(kind).decode(body)
            return answer
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return _read_again(body, kind)
    except ValidationError as error:
        raise format_error(error, what=what, endpoint=endpoint) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        why = f"{endpoint} did not answer with whole JSON ({error})"
    begins = excerpt(body)
    raise ApiFormatError(
        what,
        f"{why}; it begins: {begins}" if begins else f"{why}; it is empty",
        "Check that the endpoint is a Wallaroo instance and that no proxy or gateway answers for it",
        endpoint=endpoint,
    )


def check_size(body: bytes, *, what: str, endpoint: str) -> None:
    """Raise ApiFormatError if a body has more values than fit into memory: 240 MB of ``{},`` would be 11 GB."""
    values = len(body)
    if values > MOST_VALUES:  # each value but the first stands behind one of these
        pieces = (body[at : at + PIECE] for at in range(0, len(body), PIECE))
        values = sum(len(piece) - len(piece.translate(None, b",[{")) for piece in pieces)
    if values > MOST_VALUES:
        why = f"the answer of {endpoint} has more than {MOST_VALUES:,} values"
        raise ApiFormatError(what, why, endpoint=endpoint)


def format_error(error: ValidationError, *, what: str, endpoint: str) -> ApiFormatError:
    """Return the error for JSON that lacks what is required."""
    why = f"the answer of {endpoint} has another shape: {error}"
    return ApiFormatError(what, why, "The server may be newer than this program", endpoint=endpoint)


def _read_again(body: bytes, kind: type[Shape]) -> Shape:
    """Return what can be read of a body that does not fit as it is."""
    answer: Shape
    try:
        _decoder(Raw).decode(body)  # where it does not fit is seen before where it is no JSON
        answer = _Reading(damaged=False).read(body, kind)
    except ValidationError:
        raise
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        mended = repair(body)
        _decoder(Raw).decode(mended)
        answer = _Reading(damaged=True).read(mended, kind)
    return answer


class _Reading(Struct, frozen=True):
    """Reads part by part. ``damaged``: there is :data:`~wltui.api.repair.DAMAGE` in place of what was damaged."""

    damaged: bool

    def read(self, raw: bytes | Raw, kind: Any) -> Any:
        """Return a part as what it is declared to be, as far as it fits.

        Raises:
            ValidationError: it lacks what is required.
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
                # A part that holds records is no optional one: a list that can't be read must not look empty.
                if field.required or _holds_records(field.type):
                    raise _within(error, f".{field.encode_name}") from None
        return kind(**values)


def _within(error: ValidationError, place: str) -> ValidationError:
    """Return the error with the place in front of its own: ``.name`` or ``[3]``."""
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
    """Whether a shape is in there whose values are sent back: what is damaged in those counts as not told."""
    if _is_shape(kind):
        return getattr(kind, "EXACT", False) or any(_is_exact(field.type) for field in _fields(kind))
    return any(map(_is_exact, get_args(kind)))


@cache
def _holds_records(kind: Any) -> bool:
    """Whether something with a required field of its own is in there."""
    if _is_shape(kind):
        return any(field.required for field in _fields(kind))
    return any(map(_holds_records, get_args(kind)))
