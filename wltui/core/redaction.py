"""Hide secrets in texts, in every spelling that a server or a library may use.

A secret is found literally, and with any of its characters escaped as in JSON (``\\/``, ``\\u002f``), in a URL
(``%2F``) or in HTML (``&#47;``, ``&amp;``).
"""

import re
from collections.abc import Iterable
from html import escape, unescape
from urllib.parse import quote_from_bytes

HIDDEN = "[hidden]"
PIECE = 1 << 16
"""Bytes that are searched at a time, so that other threads get their turn."""
LONGEST_SPELLING = 8
"""Maximum bytes of one escaped character of a token."""
_SIGNS = (b"\\u", b"\\/", b'\\"', b"%", b"&")
"""Every body with an escape contains one of these."""
_TOKEN = re.compile(r"[\w.~+/=-]+", re.ASCII)
_SHORT = {"\b": b"b", "\f": b"f", "\n": b"n", "\r": b"r", "\t": b"t"}
_ESCAPE = re.compile(rb"\\+(?:u[0-9a-fA-F]{4}|[/\"'\\])|%[0-9a-fA-F]{2}|&(?:#x?[0-9a-fA-F]+|[a-z]+);?")


def hide_secrets(text: str, secrets: Iterable[str]) -> str:
    """Return the text with :data:`HIDDEN` in place of each secret."""
    body = encode_text(text)
    hidden = hide_secrets_in_bytes(body, secrets)
    return text if hidden == body else hidden.decode("utf-8", "surrogateescape")


def hide_secrets_in_bytes(body: bytes, secrets: Iterable[str]) -> bytes:
    """Return the bytes of an answer with :data:`HIDDEN` in place of each secret."""
    hidden = HIDDEN.encode()
    for secret in sorted({secret for secret in secrets if secret}, key=len, reverse=True):
        raw = encode_text(secret)
        body = body.replace(raw, hidden)
        if not _TOKEN.fullmatch(secret) or _may_be_escaped(raw, body):
            body = _secret_pattern(secret).sub(hidden, body)
    return body


def _may_be_escaped(token: bytes, body: bytes) -> bool:
    """Return whether a body contains a token after its escapes are decoded.

    A search for every spelling of a long token is slow and hardly ever needed. A large body is searched in pieces of
    :data:`PIECE` bytes; to look for the signs in all of it at once would hold up other threads for 80 ms each.
    """
    overlap = len(token) * LONGEST_SPELLING
    for start in range(0, len(body), PIECE):
        piece = body[start : start + PIECE + overlap]
        if (
            any(sign in piece for sign in _SIGNS)
            and _ESCAPE.search(piece)
            and token in _ESCAPE.sub(_unescape, piece)
        ):
            return True
    return False


def encode_text(text: str) -> bytes:
    """Return a text as UTF-8. Never fails: bytes of the environment that are not UTF-8 are kept unchanged."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _unescape(found: re.Match[bytes]) -> bytes:
    """Return the character of an escape sequence as bytes, or the sequence unchanged if it is not ASCII."""
    text = found[0].decode("ascii")
    bare = text.lstrip("\\")
    if text.startswith("%"):
        return bytes([int(text[1:], 16)])
    if text.startswith("&"):
        return unescape(text).encode("utf-8", "replace")
    return (
        chr(int(bare[1:], 16)).encode("utf-8", "replace") if bare.startswith("u") else bare.encode() or b"\\"
    )


def _secret_pattern(secret: str) -> re.Pattern[bytes]:
    """Return a pattern for a secret with each of its characters in any spelling."""
    return re.compile(b"".join(b"(?:%b)" % b"|".join(_character_patterns(letter)) for letter in secret))


def _character_patterns(letter: str) -> Iterable[bytes]:
    """Yield patterns for one character, the longest first."""
    raw = encode_text(letter)
    units = letter.encode("utf-16-be", "surrogatepass")
    yield b"".join(
        rb"\\+u" + _digits(units[start : start + 2].hex().encode()) for start in range(0, len(units), 2)
    )
    yield _digits("".join(f"%{byte:02x}" for byte in raw).encode())
    yield b"&#(?:0*%d|[xX]0*%b);?" % (ord(letter), _digits(b"%x" % ord(letter)))
    for named in {escape(letter), quote_from_bytes(raw, safe="")} - {letter}:
        yield re.escape(named.encode())
    if letter in _SHORT:
        yield rb"\\+" + _SHORT[letter]
    if letter == "'":
        yield b"&apos;"
    if letter == " ":
        yield re.escape(b"+")
    yield rb"\\+" if letter == "\\" else rb"\\*" + re.escape(raw)


def _digits(text: bytes) -> bytes:
    """Return a pattern for hexadecimal digits in lower or upper case."""
    return re.sub(rb"[a-f]", lambda found: b"[%b%b]" % (found[0], found[0].upper()), text)
