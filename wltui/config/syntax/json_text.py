"""JSON as people edit it: written so that nothing in it hides, and read with each fault's place told in words."""

import json
import math
import re

DEEPEST = 50
"""So many brackets may stand within each other; no config needs as many."""
RANGE = range(-(2**63), 2**64)
"""The whole numbers that a request can carry."""

_UNUSUAL = re.compile(r"[^\n -~]")
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[][{}:,]|[^][{}:,"\s]+', re.DOTALL)
_WORDS = {
    "Expecting property name": "A key in double quotes is missing here",
    "Expecting ':'": "A colon is missing here",
    "Expecting ','": "A comma is missing here, or the quotes or bracket that end something",
    "Expecting value": "A value is missing here, or this is none in JSON",
    "Illegal trailing comma": "There is a comma with nothing after it",
    "Unterminated string": "The text in quotes that begins here does not end",
    "Invalid control character": "The quotes that end this text are missing",
    "Invalid \\": r"After this backslash, only one of n t r b f u / \ and double quotes may stand",
    "Extra data": "Something stands after the end",
}
"""What the standard library says, by its first words."""


class TextFault(ValueError):
    """What is wrong with a text, in words; ``line`` and ``column`` count from 1."""

    def __init__(self, words: str, line: int, column: int) -> None:
        super().__init__(words)
        self.line = line
        self.column = column


def format(value: object, *, indent: int | None = None, sort_keys: bool = False) -> str:
    """A value as JSON. Whatever does not print is escaped; letters of every language stay as they are.

    Where brackets are too deep in each other to be indented, it is one line after all.
    """
    try:
        text = json.dumps(value, ensure_ascii=False, indent=indent, sort_keys=sort_keys)
    except RecursionError:
        text = json.dumps(value, ensure_ascii=False, sort_keys=sort_keys)
    return _UNUSUAL.sub(lambda found: found[0] if found[0].isprintable() else _escaped(found[0]), text)


def escape(text: str) -> str:
    """A text in one line, whatever does not print escaped."""
    return "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)


def parse(text: str) -> object:
    """The value that a text holds. A text in quotes may go over several lines, as when it was pasted.

    Raises:
        TextFault: it is no JSON, or has what a request can't carry: keys that repeat, numbers that JSON has
            not or that take more than 64 bits, half a surrogate pair, brackets too deep.
    """
    _check_depth(text)
    try:
        value: object = json.loads(text)
    except json.JSONDecodeError as strict:
        try:
            value = json.loads(text, strict=False)
        except json.JSONDecodeError:
            raise TextFault(_in_words(strict.msg), strict.lineno, strict.colno) from None
    except ValueError as error:  # a number of more digits than Python converts
        raise _far_number(text) from error
    _check_tokens(text)
    return value


def _escaped(character: str) -> str:
    units = character.encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[place : place + 4]}" for place in range(0, len(units), 4))


def _in_words(message: str) -> str:
    return next((words for begin, words in _WORDS.items() if message.startswith(begin)), message)


def place_of(text: str, at: int) -> tuple[int, int]:
    """The line and the column, both from 1, of the character ``at``, counted from 0."""
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _fault(text: str, at: int, words: str) -> TextFault:
    return TextFault(words, *place_of(text, at))


def _check_depth(text: str) -> None:
    depth = 0
    for token in _TOKEN.finditer(text):
        if token[0] in ("{", "["):
            depth += 1
            if depth > DEEPEST:
                raise _fault(text, token.start(), f"More than {DEEPEST} brackets within each other")
        elif token[0] in ("}", "]"):
            depth -= 1


def _far_number(text: str) -> TextFault:
    longest = max(_TOKEN.finditer(text), key=lambda token: 0 if token[0][0] == '"' else len(token[0]))
    return _fault(text, longest.start(), "This number takes more than 64 bits")


def _check_tokens(text: str) -> None:
    """Look for what the standard library lets pass; the text is JSON in its eyes."""
    open_keys: list[set[str] | None] = []
    tokens = list(_TOKEN.finditer(text))
    for token, after in zip(tokens, [*tokens[1:], None], strict=True):
        word = token[0]
        if word == "{":
            open_keys.append(set())
        elif word == "[":
            open_keys.append(None)
        elif word in ("}", "]"):
            open_keys.pop()
        elif word[0] == '"':
            string = json.loads(word, strict=False)
            if re.search("[\ud800-\udfff]", string):
                raise _fault(text, token.start(), f"{format(string)} is not valid Unicode")
            keys = open_keys[-1] if open_keys else None
            if after is not None and after[0] == ":" and keys is not None:
                if string in keys:
                    raise _fault(text, token.start(), f"The key {format(string)} is there twice")
                keys.add(string)
        elif wrong := _wrong_number(word):
            raise _fault(text, token.start(), wrong)


def _wrong_number(word: str) -> str:
    if word in ("NaN", "Infinity", "-Infinity"):
        return f"JSON has no {word}"
    if word in ("true", "false", "null", ",", ":"):
        return ""
    number = json.loads(word)
    if isinstance(number, float):
        return "" if math.isfinite(number) else "Too large a number"
    return "" if number in RANGE else "This number takes more than 64 bits"
