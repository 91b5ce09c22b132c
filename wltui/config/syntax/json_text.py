"""Format JSON so that every character is visible, and parse it with the place of each fault in words."""

import json
import math
import re

DEEPEST = 50
"""Maximum levels of nested brackets; no config needs as many."""
RANGE = range(-(2**63), 2**64)
"""The whole numbers that a request can contain."""

_UNUSUAL = re.compile(r"[^\n -~]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}:,]|[^][{}:,"\s]+', re.DOTALL)
_WORDS = {
    "Expecting property name": "A key in double quotes is missing here",
    "Expecting ':'": "A colon is missing here",
    "Expecting ','": "A comma is missing here, or a closing quote or bracket before it",
    "Expecting value": "A value is missing here, or this is not a JSON value",
    "Illegal trailing comma": "A comma with nothing after it",
    "Unterminated string": "The closing quotes of this text are missing",
    "Invalid control character": "The closing quotes of this text are missing",
    "Invalid \\": r"After a backslash, JSON allows only n t r b f u / \ and double quotes",
    "Extra data": "There is more text after the end",
}
"""Our words for messages of the standard library, by their first words."""


class TextFault(ValueError):
    """A fault in a text, in words; ``line`` and ``column`` count from 1."""

    def __init__(self, words: str, line: int, column: int) -> None:
        super().__init__(words)
        self.line = line
        self.column = column


def format(value: object, *, indent: int | None = None, sort_keys: bool = False) -> str:
    """Return a value as JSON. Invisible characters are escaped; letters of every language stay unchanged.

    If brackets are nested too deeply to be indented, the text has one line.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, indent=indent, sort_keys=sort_keys)
    except RecursionError:
        text = json.dumps(value, ensure_ascii=False, sort_keys=sort_keys)
    return _UNUSUAL.sub(lambda found: found[0] if found[0].isprintable() else _escaped(found[0]), text)


def escape(text: str) -> str:
    """Return a text on one line, with invisible characters escaped."""
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def parse(text: str) -> object:
    """Return the value of a text. Strings may span several lines, as in pasted text.

    Raises:
        TextFault: it is not JSON, or a request can't contain it: repeated keys, NaN, numbers of more than 64 bits,
            half a surrogate pair, brackets nested too deeply.
    """
    _check_tokens(text)
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as strict:
        try:
            value = json.loads(text, strict=False)
        except json.JSONDecodeError:
            raise TextFault(_in_words(strict.msg), strict.lineno, strict.colno) from None
    return value


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def _in_words(message: str) -> str:
    return next((words for begin, words in _WORDS.items() if message.startswith(begin)), message)


def place_of(text: str, at: int) -> tuple[int, int]:
    """Return line and column, both from 1, of the character ``at``, counted from 0."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _check_tokens(text: str) -> None:
    """Raise TextFault for tokens that the standard library accepts, or fails at, but a request can't contain."""
    open_keys: list[set[str] | None] = []
    tokens = list(_TOKEN.finditer(text))
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        word, wrong = token[0], ""
        if word in ("{", "["):
            open_keys.append(set() if word == "{" else None)
            if len(open_keys) > DEEPEST:
                wrong = f"Brackets are nested more than {DEEPEST} levels deep"
        elif word in ("}", "]"):
            open_keys = open_keys[:-1]
        elif word[0] == '"':
            keys = open_keys[-1] if open_keys and after and after[0] == ":" else None
            wrong = _wrong_string(word, keys)
        else:
            wrong = _wrong_number(word)
        if wrong:
            raise TextFault(wrong, *place_of(text, token.start()))


def _wrong_string(word: str, keys: set[str] | None) -> str:
    """Return the problem of a string, or an empty text. ``keys``: those of its object so far, if it is a key."""
    try:
        string = json.loads(word, strict=False)
    except ValueError:  # json.loads of the whole text reports its place
        return ""
    if re.search("[\ud800-\udfff]", string):
        return f"{format(string)} is not valid Unicode"
    if keys is not None and string in keys:
        return f"The key {format(string)} appears twice"
    if keys is not None:
        keys.add(string)
    return ""


def _wrong_number(word: str) -> str:
    """Return the problem of a number, or an empty text if it has none or is something else."""
    if word in ("NaN", "Infinity", "-Infinity"):
        return f"JSON has no {word}"
    if re.fullmatch(r"-?\d+", word, re.ASCII):
        return "" if len(word) <= 20 and int(word) in RANGE else "This number takes more than 64 bits"
    is_float = re.fullmatch(r"-?\d+(\.\d+)?([eE][+-]?\d+)?", word, re.ASCII)
    return "The number is too large" if is_float and not math.isfinite(float(word)) else ""
