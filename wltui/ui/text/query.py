"""The filter language: words that a row must hold, words that it must not, keys, ages and letters.

A word is a part of any text that the row knows, and all words must match. ``!word`` leaves out the rows that hold it,
``"two words"`` are one word, ``status:error`` looks at one key alone, ``age<24h`` or just ``24h`` at the time, and
``~frd`` finds these letters in this order. A term that can't be understood is explained and changes nothing.
"""

import re
from collections.abc import Callable, Iterator

from msgspec import Struct

from .facts import FIELD, KEYS, MARKS, Key
from .row_tests import Test, age_test, config_test, digit_test, id_part_test, id_test, id_text_test


class Matcher(Struct, frozen=True):
    """How facts are tested: one of their texts, which is the same object in many rows, and all else."""

    field: str = ""
    """The field of :class:`Texts` with the text, or empty if no text is tested."""
    in_text: Callable[[str], bool] = lambda text: False
    """Returns whether such a text matches."""
    beyond: tuple[Test, ...] = ()
    """Tests of which each finds facts that match whatever their text is."""


ALIASES: dict[str, Key] = {
    "workspace": "ws", "version": "id", "hash": "sha", "owner": "by", "user": "by", "cause": "reason",
    "acceleration": "accel", "state": "status",
}  # fmt: skip
EXAMPLES: dict[str, str] = {
    "status": "error failed pending ready", "age": "24h 30d", "is": "deployed archived", "id": "46",
}  # fmt: skip
"""Values to offer after a key."""
UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 7 * 86_400, "y": 365 * 86_400}
START_FROM, WHOLE_FROM = 4, 6
"""Characters from which a word is looked for at the beginning of UUIDs and hashes, and anywhere in them. A shorter one
would be in half of them by chance."""

# Not compiled before they are needed, as a start needs none of them.
_TOKENS = r'(?:[^\s"]|"[^"]*"?)+'
_KEYED = r"(?s)([A-Za-z]+)([:<>]=?)(.*)"
_DURATION = r"(\d{1,9}(?:\.\d{1,9})?)([smhdwy])"
_HEX = r"[0-9a-f-]+"


class Term(Struct, frozen=True):
    """One condition on a row."""

    value: str
    """The text to look for, without case; of an age, the duration as typed."""
    key: str = ""
    """The key whose texts are searched, ``age``, or empty for all texts."""
    is_excluded: bool = False
    """Whether rows that match are left out."""
    is_fuzzy: bool = False
    """Whether other characters may stand between those of the value."""
    is_older: bool = False
    """Of an age: whether rows are older, and not younger, than the duration."""

    @property
    def is_age(self) -> bool:
        """Whether its matches depend on the time."""
        return self.key == "age"

    def matcher(self, now: float, *, everywhere: bool = False) -> Matcher:
        """Return how facts are tested, no matter if matches are left out.

        With ``everywhere``, words also find what otherwise only a key finds.
        """
        value, key = self.value, self.key
        if self.is_age:
            number, unit = re.fullmatch(_DURATION, value).groups()  # type: ignore[union-attr]
            limit = now - float(number) * UNITS[unit]
            return Matcher(beyond=(age_test(limit, is_older=self.is_older),))
        if self.is_fuzzy:
            return Matcher("brief", has_match(in_order(value)))
        if key in ("id", "config"):
            number = whole_number(value)
            return Matcher(beyond=(id_test(number) if key == "id" else config_test(number),))
        if key in ("uuid", "sha"):
            return Matcher(beyond=(digit_test(value, key),))
        if key:
            return Matcher("text", has_match(re.compile(f"{MARKS[key]}{FIELD}*?{re.escape(value)}")))
        if everywhere:
            return Matcher(
                "text", value_in(value), () if whole_number(value) is None else (id_text_test(value),)
            )
        return _word_matcher(value)

    def narrows(self, other: "Term") -> bool:
        """Return whether its matches are among those of ``other``, which was typed before."""
        same = (self.key, self.is_excluded, self.is_fuzzy) == (other.key, other.is_excluded, other.is_fuzzy)
        if not same or self.key in ("age", "id", "config") or self.value.isdigit():
            return False  # an id is found whole
        reach = self.key or self.is_fuzzy or _reach(self.value) == _reach(other.value)
        return bool(reach) and self.value.startswith(other.value)

    @property
    def pattern(self) -> "re.Pattern[str] | None":
        """The letters to highlight in a row; None if it has none."""
        if self.is_excluded or self.is_age:
            return None
        if self.is_fuzzy:
            return re.compile(r"\S*?".join(f"({re.escape(letter)})" for letter in self.value), re.IGNORECASE)
        return re.compile(re.escape(self.value), re.IGNORECASE)

    @property
    def words(self) -> str:
        """The condition in words, as understood."""
        if self.is_age:
            number, unit = self.value[:-1], self.value[-1]
            text = f"{'older' if self.is_older else 'younger'} than {number} {'min' if unit == 'm' else unit}"
        elif self.is_fuzzy:
            text = f"letters {self.value}"
        else:
            text = (
                f"{self.key} {self.value}".strip()
                if " " not in self.value
                else f'{self.key} "{self.value}"'.strip()
            )
        return f"not {text}" if self.is_excluded else text


class Query(Struct, frozen=True):
    """A filter as typed, as understood, and what is wrong with it."""

    terms: tuple[Term, ...] = ()
    problems: tuple[str, ...] = ()
    """For each term that was not understood, a sentence on how to write it."""
    offers: tuple[str, ...] = ()
    """What can be typed next."""

    @property
    def words(self) -> tuple[str, ...]:
        """What was understood, term by term."""
        return tuple(term.words for term in self.terms)


def parse(text: str) -> Query:
    """Return a filter's terms; each that can't be understood has a sentence in ``problems`` and no effect."""
    terms, problems = [], []
    for token in re.findall(_TOKENS, text):
        parsed = _term(token)
        if isinstance(parsed, Term):
            terms.append(parsed)
        elif parsed:
            problems.append(parsed)
    last = "" if not text or text[-1].isspace() else re.findall(_TOKENS, text)[-1]
    return Query(tuple(dict.fromkeys(terms)), tuple(problems), tuple(_offers(last)))


def whole_number(text: str) -> int | None:
    """Return the number that a text of ASCII digits is, or None. No id has more than 18 digits; 4,301 would raise."""
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else None


def _term(token: str) -> "Term | str":
    """Return a term, or why it is none: a sentence, or an empty text if it is only begun."""
    rest = token.removeprefix("!")
    excluded = rest != token
    fuzzy = rest.startswith("~")
    rest = rest.removeprefix("~")
    if fuzzy or rest.startswith('"'):
        value = rest.replace('"', "").casefold()
        return Term(value, is_excluded=excluded, is_fuzzy=fuzzy) if value else ""
    if re.fullmatch(_DURATION, rest.casefold()):
        return Term(rest.casefold(), "age", excluded)
    keyed = re.fullmatch(_KEYED, rest)
    if keyed is None:
        value = rest.replace('"', "").casefold()
        return Term(value, is_excluded=excluded) if value else ""
    name, sign, value = keyed[1].casefold(), keyed[2], keyed[3].replace('"', "").casefold()
    if name == "age":
        return _age(sign, value, excluded)
    if sign != ":":
        return Term(rest.replace('"', "").casefold(), is_excluded=excluded)
    key = ALIASES.get(name, name)
    if key not in KEYS:
        return _unknown(name, rest)
    if key in ("id", "config") and value and whole_number(value) is None:
        return f"{name}: takes a number, such as {name}:46."
    return Term(value, key, excluded) if value else ""


def _age(sign: str, value: str, excluded: bool) -> "Term | str":
    if not value:
        return ""
    if not re.fullmatch(_DURATION, value):
        return f"{value} is no duration. Write age<24h: a number, then s, m, h, d, w or y."
    return Term(value, "age", excluded, is_older=sign.startswith(">"))


def _unknown(name: str, token: str) -> str:
    from difflib import get_close_matches  # not needed by a start

    begun = [key for key in KEYS if len(name) > 1 and key.startswith(name)]
    near = begun or get_close_matches(name, [*KEYS, *ALIASES, "age"], 1, 0.5)
    advice = f"Did you mean {near[0]}:?" if near else f'Quote it to find it as a text: "{token}".'
    return f"Unknown key {name}:. {advice}"


def _offers(token: str) -> Iterator[str]:
    """Yield what can be typed after a token that has been begun: keys that begin so, or values of its key."""
    rest = token.removeprefix("!")
    if keyed := re.fullmatch(_KEYED, rest.casefold()):
        name, sign, value = keyed.groups()
        key = ALIASES.get(name, name)
        values = EXAMPLES.get(key, "").split() if sign == ":" or key == "age" else []
        yield from (each for each in values if each.startswith(value) and each != value)
    elif rest:
        keys = [f"{each}:" for each in KEYS] + ["age<"]
        yield from (each for each in keys if each.startswith(rest.casefold()))


def _reach(word: str) -> int:
    """Return where a word is looked for.

    0 is in all texts, 1 in those without digests, 2 in these and at the beginning of UUIDs and hashes, 3 everywhere.
    """
    if not re.fullmatch(_HEX, word):
        return 0
    return 1 if len(word) < START_FROM else 2 if len(word) < WHOLE_FROM else 3


def _word_matcher(word: str) -> Matcher:
    reach, number = _reach(word), whole_number(word)
    if reach == 0:
        return Matcher("words", value_in(word))
    if reach == 3:
        ids = () if number is None else (id_test(number),)
        return Matcher("words", value_in(word), (*ids, digit_test(word, "uuid", "sha")))
    ids = () if number is None else (id_part_test(word),)
    starts = (digit_test(word, "uuid", "sha", at_start=True),) if reach == 2 else ()
    return Matcher("brief", value_in(word), (*ids, *starts))


def value_in(value: str) -> Callable[[str], bool]:
    """Return a function that returns whether a text has ``value`` in it."""
    return lambda text: value in text


def has_match(pattern: "re.Pattern[str]") -> Callable[[str], bool]:
    """Return a function that returns whether a pattern is found in a text."""
    return lambda text: pattern.search(text) is not None


def in_order(letters: str) -> "re.Pattern[str]":
    """Return a pattern of letters in one word, with others between; possessive, so as not to backtrack."""
    rest = (f"[^{re.escape(letter)}\x00-\x20]*+{re.escape(letter)}" for letter in letters[1:])
    return re.compile(re.escape(letters[0]) + "".join(rest))
