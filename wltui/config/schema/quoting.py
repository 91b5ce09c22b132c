"""Format names and words in a schema's text: plain, or in quotes if the plain form would be ambiguous.

In single quotes every character is literal. In double quotes a backslash starts an escape of JSON (``\\n``,
``\\"``, ``\\u00e9``) or ``\\xff``, a byte that is not UTF-8, which metadata may have. Invisible characters are
always escaped.
"""

import re

from wltui.core.escapes import is_visible

NAME = re.compile(r"""(?!--)[^\s:,<>"'\\](?:[^:,<>"\\\n]*[^\s:,<>"\\])?""")
"""A field's name without quotes; it ends before a colon."""
WORD = re.compile(r"""[^\s,<>\[\]"'\\](?:[^,<>\[\]"\\\n]*[^\s,<>\[\]"\\])?""")
"""A word in square brackets without quotes, such as a time zone."""
QUOTED = re.compile(r""""(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")

_KEY = re.compile(r"""(?!--|child\s+\d|["'\s])(?!.*:\s*["'])(?!.*\s$).+""")
_ESCAPE = re.compile(
    r"""\\(?:u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.?))""",
    re.DOTALL,
)
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\", "/": "/"}
_SHORTENED = {value: "\\" + key for key, value in _SHORT.items() if key != "/"}


def format_name(text: str) -> str:
    """Return a field's name, in quotes if needed."""
    return text if NAME.fullmatch(text) and is_visible(text) else quote(text)


def format_word(text: str) -> str:
    """Return a word such as a time zone or the name of a dimension, in quotes if needed."""
    return text if WORD.fullmatch(text) and is_visible(text) else quote(text)


def format_pair(key: bytes, value: bytes) -> str:
    """Return a line of metadata: ``unit: 'metres per second'``, as pyarrow prints it unless that is ambiguous."""
    left, right = (raw.decode("utf-8", "surrogateescape") for raw in (key, value))
    plain = _KEY.fullmatch(left) and is_visible(left)
    literal = "'" not in right and is_visible(right)
    return f"{left if plain else quote(left)}: " + (f"'{right}'" if literal else quote(right))


def quote(text: str) -> str:
    """Return a text in double quotes, with escapes."""
    return '"' + "".join(_SHORTENED.get(letter) or _escaped(letter) for letter in text) + '"'


def unquote(text: str) -> str:
    """Return the content of a text in quotes; a byte that is not UTF-8 becomes a surrogate, as in ``surrogateescape``.

    Raises:
        ValueError: it has an invalid escape; the message is for people.
    """
    return text[1:-1] if text.startswith("'") else _ESCAPE.sub(_unescape, text[1:-1])


def _escaped(letter: str) -> str:
    code = ord(letter)
    if is_visible(letter):
        return letter
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    units = letter.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[start : start + 4]}" for start in range(0, len(units), 4))


def _unescape(match: re.Match[str]) -> str:
    high, low, unit, byte, letter = match.groups()
    if high:
        return bytes.fromhex(high + low).decode("utf-16-be")
    if unit and not 0xD800 <= int(unit, 16) <= 0xDFFF:
        return chr(int(unit, 16))
    if byte:
        code = int(byte, 16)
        return chr(code if code < 0x80 else 0xDC00 + code)
    if letter in _SHORT:
        return _SHORT[letter]
    raise ValueError(f"\\{quote(match[0][1:])[1:-1]} is not a valid escape")
