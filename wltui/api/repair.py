"""Repair damaged JSON, so that one bad value does not hide all the others.

Python's own writers and old databases produce invalid JSON: half a surrogate pair, raw control bytes, bytes that are
not UTF-8, and NaN. A truncated answer stays unreadable, since it must not look like a shorter list.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator

DAMAGE = "\ufffd"
"""Replaces an unreadable character or value."""
DEEPEST = 250
"""Maximum levels of objects and lists; deeper ones are replaced. Python and msgspec fail at a few more."""

_PART = re.compile(rb'"(?:[^"\\]|\\.)*+"?|[\[\]{}]|-?\b(?:NaN|Infinity)\b', re.DOTALL)
_SOUND = re.compile(rb'"[^\\\x00-\x1f\x80-\xff]*"').fullmatch
_ESCAPE = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|\\u(?![dD][89a-fA-F])[0-9a-fA-F]{4}"
    r'|\\["\\/bfnrt]'
    r"|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
    r"|(?P<odd>\\)"
    r"|(?P<raw>[\x00-\x1f])"
)
_UNREADABLE = f'"{DAMAGE}"'.encode()


def repair(body: bytes) -> bytes:
    """Return JSON with :data:`DAMAGE` in place of half characters, and as a string in place of other damage."""
    return b"".join(_parts(body.removeprefix(BOM_UTF8)))


def _parts(body: bytes) -> Iterator[bytes]:
    done = depth = 0
    for found in _PART.finditer(body):
        part = found[0]
        if part in b"[{":
            depth += 1
            if depth == DEEPEST + 1:
                yield body[done : found.start()]
                yield _UNREADABLE
        elif part in b"]}":
            if depth == DEEPEST + 1:
                done = found.end()
            depth -= 1
        elif depth <= DEEPEST and not _SOUND(part):
            yield body[done : found.start()]
            yield _string(part) if part.startswith(b'"') else _UNREADABLE
            done = found.end()
    if depth <= DEEPEST:
        yield body[done:]


def _string(part: bytes) -> bytes:
    return _ESCAPE.sub(_escape, part.decode(errors="replace")).encode()


def _escape(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "half":
            return DAMAGE
        case "odd":
            return r"\\"
        case "raw":
            return f"\\u{ord(found[0]):04x}"
        case _:
            return found[0]
