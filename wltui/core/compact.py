"""Versions in a third of the memory: what many have in common is held once, and what differs in as few bytes as it has.

A list may have a million. A UUID, a hash and a time are 16, 32 and 8 bytes, but more than 300 as texts; the other
twenty fields are the same in many versions. To their readers nothing of this shows, but that functions of
``msgspec.structs`` see the parts and not the fields: use :func:`replace_fields` and :func:`fields_of`.
"""

import re
import struct
from array import array
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, TypeVar, cast

from msgspec import Struct, StructMeta, convert, defstruct
from msgspec.structs import asdict, replace

from .times import parse_timestamp

R = TypeVar("R", bound=Struct)
Id = TypeVar("Id", bound=int)

OWN = ("uuid", "sha", "created_at", "size", "task_id")
"""The fields that hardly two versions have in common, in the order of :class:`_Own`."""
PACKED = "own_"
"""The part of a version with these fields: bytes, or an :class:`_Own` if one is not written in the usual way."""
_PACKED = struct.Struct("<B16s32sqq")
"""Which of these there are, a UUID, a hash, microseconds since 1970, and bytes of the file.

The UUID of a task follows if there is one, and the config's id if that belongs to the version.
"""
DIGESTS = slice(1, 49)
"""The UUID and the hash in these bytes."""
_created_micros = struct.Struct("<49xq").unpack_from
"""Return the microseconds of such bytes, in a tuple; 0 if they are not known."""
_UUID, _SHA, _CREATED, _SIZE, _TASK, _CONFIG, _Z, _PADDED = (1 << bit for bit in range(8))
_TIME = re.compile(
    r"(?:19[7-9]|20\d)\d-\d\d-\d\dT(?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{0,5}[1-9]|\.\d{5}(0))?(?:Z|\+00:00)",
    re.ASCII,
)
"""A time as servers write it: without the last zeros of the fraction, or padded with them to six digits.

Nor is it 24:00, which some versions of Python read as 0:00 of the next day.
"""


class _Own(Struct, frozen=True, gc=False):
    """The fields of :data:`OWN` of a version where one of them is not written in the usual way."""

    uuid: str | None
    sha: str | None
    created_at: str | None
    size: int | None
    task_id: str | None


def _pack(
    uuid: str | None, sha: str | None, created_at: str | None, size: int | None, task_id: str | None
) -> bytes | None:
    """Return the fields of :class:`_Own` as bytes, or None if they could not be restored exactly."""
    there, uuid_, sha_, task, micros = 0, b"", b"", b"", 0
    try:
        if uuid is not None:
            there, uuid_ = _UUID, _uuid_bytes(uuid)
        if sha is not None:
            there, sha_ = there | _SHA, _sha_bytes(sha)
        if created_at is not None:
            if (usual := _TIME.fullmatch(created_at)) is None:
                return None
            there |= _CREATED | (_Z if created_at[-1] == "Z" else 0) | (_PADDED if usual[1] else 0)
            micros = round(datetime.fromisoformat(created_at).timestamp() * 1e6)
        if size is not None:
            there |= _SIZE
        if task_id is not None:
            there, task = there | _TASK, _uuid_bytes(task_id)
        return _PACKED.pack(there, uuid_, sha_, micros, size or 0) + task
    except (ValueError, TypeError, OverflowError, struct.error):
        return None


def _uuid_bytes(text: str) -> bytes:
    """Return the 16 bytes of a UUID; raises ValueError if it is not written in the usual way."""
    digits = text.replace("-", "")
    found = bytes.fromhex(digits)
    if len(text) != 36 or text[8:24:5] != "----" or len(found) != 16 or found.hex() != digits:
        raise ValueError(text)
    return found


def _sha_bytes(text: str) -> bytes:
    """Return the 32 bytes of a hash; raises ValueError if it is not written in the usual way."""
    found = bytes.fromhex(text)
    if len(text) != 64 or found.hex() != text:
        raise ValueError(text)
    return found


def _uuid_text(packed: bytes) -> str:
    text = packed.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def created_seconds(version: Any) -> float | None:
    """Return when a version was created, in seconds since 1970, without the detour by its text.

    None if it is unknown or unreadable.
    """
    own = version.own_
    if type(own) is not bytes:
        time = parse_timestamp(own.created_at)
        return time.timestamp() if time else None
    return _created_micros(own)[0] / 1e6 if own[0] & _CREATED else None


def _uuid(version: Any) -> str | None:
    own = version.own_
    if type(own) is not bytes:
        return own.uuid  # type: ignore[no-any-return]
    return _uuid_text(own[1:17]) if own[0] & _UUID else None


def _sha(version: Any) -> str | None:
    own = version.own_
    if type(own) is not bytes:
        return own.sha  # type: ignore[no-any-return]
    return own[17:49].hex() if own[0] & _SHA else None


def _created_at(version: Any) -> str | None:
    own = version.own_
    if type(own) is not bytes:
        return own.created_at  # type: ignore[no-any-return]
    if not own[0] & _CREATED:
        return None
    time = datetime.fromtimestamp(_created_micros(own)[0] / 1e6, UTC)
    if own[0] & _PADDED:
        text = time.isoformat(timespec="microseconds")[:26]
    else:
        text = time.isoformat()[:26].rstrip("0") if time.microsecond else time.isoformat()[:19]
    return text + ("Z" if own[0] & _Z else "+00:00")


def _size(version: Any) -> int | None:
    own = version.own_
    if type(own) is not bytes:
        return own.size  # type: ignore[no-any-return]
    return int.from_bytes(own[57:65], "little", signed=True) if own[0] & _SIZE else None


def _task_id(version: Any) -> str | None:
    own = version.own_
    if type(own) is not bytes:
        return own.task_id  # type: ignore[no-any-return]
    return _uuid_text(own[65:81]) if own[0] & _TASK else None


def _config(version: Any) -> Any:
    own, config = version.own_, version.config_
    if type(own) is not bytes or not own[0] & _CONFIG:
        return config
    number = int.from_bytes(own[-8:], "little", signed=True)
    return replace(config, id=number, version_id=version.id)


def config_id(version: Any) -> Any:
    """Return the id of the version's config, without making the config; None if it has none."""
    own, config = version.own_, version.config_
    if config is None:
        return None
    if type(own) is bytes and own[0] & _CONFIG:
        return int.from_bytes(own[-8:], "little", signed=True)
    return config.id


def common_parts(version: Any) -> tuple[object, object]:
    """Return the two objects that hold what many versions have in common; those of equal ones are the same objects."""
    return version.shared_, version.config_


_READERS: Mapping[str, Callable[[Any], object]] = {
    "uuid": _uuid, "sha": _sha, "created_at": _created_at, "size": _size, "task_id": _task_id, "config": _config,
}  # fmt: skip


class Compact(StructMeta):
    """Makes a class of versions that is declared with all its fields, and holds them in parts."""

    whole: type[Struct]
    """A struct with the fields as declared."""
    shared: type[Struct]
    """A struct with the fields that many versions have in common."""

    def __new__(
        metacls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **options: Any
    ) -> "Compact":
        """Return the class for a declaration with the fields ``id``, ``config`` and those of :data:`OWN`."""
        fields = namespace.pop("__annotations__")
        defaults = {field: namespace.pop(field) for field in fields if field in namespace}
        declared = [
            (field, kind, *([defaults[field]] if field in defaults else [])) for field, kind in fields.items()
        ]
        common = [field for field in declared if field[0] not in (*_READERS, "id")]
        shared = defstruct(f"{name}Shared", common, frozen=True, gc=False)
        parts = {"id": fields["id"], PACKED: bytes | _Own, "shared_": shared, "config_": fields["config"]}
        readers = {field[0]: property(attrgetter(f"shared_.{field[0]}")) for field in common}
        readers |= {field: property(read) for field, read in _READERS.items()}
        made = super().__new__(
            metacls,
            name,
            bases,
            {**namespace, **readers, "__annotations__": parts},
            **{**options, "kw_only": False},
        )
        made.whole = defstruct(f"{name}Whole", declared, frozen=True, kw_only=True, gc=False)
        made.shared = shared
        return made

    @property
    def __signature__(cls) -> Any:
        """The parameters that :meth:`__call__` takes."""
        return cls.whole.__signature__

    def __call__(cls, **fields: Any) -> Any:
        """Return a version with these fields."""
        number, config = fields.pop("id"), fields.pop("config", None)
        own = tuple(map(fields.pop, OWN, _NONE))
        return cls.assemble(number, own, cls.shared(**fields), config)

    def assemble(
        cls,
        number: int,
        own: tuple[Any, ...],
        shared: Struct,
        config: Any,
        of: tuple[int, int | None] | None = None,
    ) -> Any:
        """Return a version of its parts.

        Args:
            number: The version's id.
            own: The fields of :data:`OWN`.
            shared: The fields that it has in common with others.
            config: The config, or None if it has none.
            of: The id of the config and of its version, if ``config`` has 0 and None in place of them.
        """
        packed = _pack(*own) or _Own(*own)
        if config is not None:
            config_number, version_number = of or (config.id, config.version_id)
            if type(packed) is bytes and version_number == number and -_MOST <= config_number < _MOST:
                packed = (
                    _WITH_CONFIG[packed[0]] + packed[1:] + config_number.to_bytes(8, "little", signed=True)
                )
                if of is None:
                    config = replace(config, id=0, version_id=None)
            elif of is not None:
                config = replace(config, id=config_number, version_id=version_number)
        return super().__call__(number, packed, shared, config)


_NONE = (None,) * len(OWN)
_MOST = 1 << 63
_WITH_CONFIG = [bytes((there | _CONFIG,)) for there in range(2 * _PADDED)]


def packed_ids(ids: tuple[Id, ...]) -> Sequence[Id]:
    """Return ids as an array of 8 bytes each, where a tuple takes 40; as they are if there are none, or greater ones.

    The array is like a tuple, but has no hash, equals other arrays alone, and nobody is to change it.
    """
    try:
        return cast("Sequence[Id]", array("q", ids)) if ids else ids
    except OverflowError:
        return ids


def file_key(version: Any) -> bytes | str | None:
    """Return what stands for the hash of a version's file: the same for equal ones, and made in a tenth of the time.

    Blanks at its ends count for nothing; None if there is no hash.
    """
    own = version.own_
    if type(own) is bytes:
        return own[17:49] if own[0] & _SHA else None
    text = (own.sha or "").strip()
    try:
        return _sha_bytes(text)
    except ValueError:
        return text or None


read_status = attrgetter("shared_.status")
"""Return the status of a version; for 100,000 of them a tenth of what the field takes, as no Python is run."""


def without_config(version: R) -> R:
    """Return the version without its config, which may have long schemas."""
    parts: Any = version
    own = parts.own_
    if type(own) is bytes and own[0] & _CONFIG:
        own = bytes((own[0] & ~_CONFIG,)) + own[1:-8]
    return replace(version, own_=own, config_=None)


def fields_of(version: R) -> dict[str, Any]:
    """Return all fields of a version by their names."""
    kind: Any = type(version)
    return {name: getattr(version, name) for name in kind.whole.__struct_fields__}


def replace_fields(version: R, **changes: Any) -> R:
    """Return the version with other values of some fields."""
    kind: Any = type(version)
    return kind(**{**fields_of(version), **changes})  # type: ignore[no-any-return]


def parse_fields(kind: type[R], values: object) -> R:
    """Return the version with these fields, as JSON has them.

    Raises:
        ValidationError: they are of other types, or the id is missing.
    """
    declared: Any = kind
    return kind(**asdict(convert(values, declared.whole)))
