"""What a row knows, for the filter: its texts by key, its ids, and its time."""

import re
from collections.abc import Sequence
from functools import lru_cache
from sys import intern
from typing import ClassVar, Literal, get_args

from msgspec import Struct

from wltui.core.records import ModelVersion

from .format import LONGEST_LINE

Key = Literal[
    "status", "reason", "image", "tag", "ws", "model", "file", "framework", "arch", "accel", "by", "release",
    "runtime", "python", "pipeline", "name", "is", "sha", "uuid", "id", "config",
]  # fmt: skip
"""The keys of the filter language: ``status:error``."""
KEYS: tuple[Key, ...] = get_args(Key)

Pair = tuple[Key, str | None]
"""A key and a text, which may be missing."""

MARKS: dict[str, str] = {key: chr(1 + place) for place, key in enumerate(KEYS)}
"""The sign before a text with each key. Texts have no control characters, so none of them holds a sign."""
FIELD = "[^\x00-\x1f]"
"""A pattern of one character within a text."""
_CONTROLS = dict.fromkeys(range(32), " ")
_HEX = r"@sha256:[0-9a-f]{64}|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"
"""A digest of an image, and a UUID; a short number matches half of them by chance."""


class Numbers(Struct, frozen=True, gc=False):
    """What a row that is no version knows beside its texts."""

    own_: ClassVar[None] = None
    """Stands where a version has :data:`~wltui.core.compact.PACKED`."""
    id: int | None = None
    config_id: int | None = None
    uuid: str | None = None
    sha: str | None = None
    created_seconds: float | None = None


Source = ModelVersion | Numbers
"""What knows a row's ids, its UUID and hash, and its time."""


class Texts(Struct, frozen=True, gc=False, eq=False):
    """The texts of a row. Many versions share one object, so they are compared by identity."""

    text: str
    """All texts, each after the sign of its key, without case."""
    words: str
    """Those in which a word without a key is looked for at first. What all rows have is not among them, nor is most of
    what is below a row: each workspace has a version with the few letters of another one's name in an image or file."""
    brief: str
    """``words`` without digests and UUIDs, in which a short number is not looked for."""
    is_below: bool = False
    """Whether these are of a record below the row, such as a version of a model."""


class Facts(Struct, frozen=True, gc=False):
    """Everything that a row knows. Made by :func:`facts`."""

    texts: Texts
    source: Source
    began: float | None = None
    """When the state of the row began, in seconds since 1970, if its age is not counted from its creation."""


def facts(
    *pairs: Pair,
    hidden: tuple[Pair, ...] = (),
    is_below: bool = False,
    id: int | None = None,
    config: int | None = None,
    uuid: str | None = None,
    sha: str | None = None,
    since: float | None = None,
) -> Facts:
    """Return the facts of a row; a text that is None or empty is left out. ``hidden`` are found by their keys alone."""
    return Facts(texts_of(pairs, hidden, is_below=is_below), Numbers(id, config, uuid, sha, since))


@lru_cache(maxsize=1024)  # the versions of a model differ in few texts
def texts_of(pairs: tuple[Pair, ...], hidden: tuple[Pair, ...], *, is_below: bool = False) -> Texts:
    """Return the texts of pairs; see :func:`facts`. Those of equal pairs are mostly one object."""
    words, brief = _texts(pairs)
    return Texts(intern(words + _texts(hidden)[0]) if hidden else words, words, brief, is_below)


def text_facts(texts: Sequence[str]) -> Facts:
    """Return the facts of a row that knows nothing but texts without keys."""
    whole = "".join(texts)
    usual = len(whole) <= LONGEST_LINE and whole.isprintable()  # checked at once, as 100,000 rows are read so
    text = "\n".join(texts if usual else map(clean, texts)).casefold()
    return Facts(Texts(text, text, text), NO_NUMBERS)


NO_NUMBERS = Numbers()


def digits_of(source: Source, field: str) -> str:
    """Return the UUID or hash of a row without case: ``uuid`` or ``sha``. Empty if there is none."""
    text: str | None = getattr(source, field)
    if not text:
        return ""
    return text if text.islower() else text.casefold()


def clean(text: str) -> str:
    """Return as much of a text as is searched, without control characters."""
    text = text[:LONGEST_LINE]
    return text if text.isprintable() else text.translate(_CONTROLS)


def _texts(pairs: tuple[Pair, ...]) -> tuple[str, str]:
    """Return ``words`` and ``brief`` of :class:`Texts`; equal ones are one object."""
    text = intern("".join([MARKS[key] + clean(text) for key, text in pairs if text]).casefold())
    return text, intern(re.sub(_HEX, "", text)) if "sha256:" in text or text.count("-") > 3 else text
