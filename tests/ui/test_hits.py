"""What a search finds in wrapped lines."""

from collections.abc import Sequence

import pytest

from wltui.ui.text.hits import Hit, Searchable, mark
from wltui.ui.text.spans import Role, Spans, wrap


def line(text: str) -> Spans:
    return ((text, Role.PLAIN),)


def find_hits(lines: Sequence[Spans], text: str) -> list[Hit]:
    return Searchable(lines).find(text)


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("AB", [((0, 0, 2),), ((0, 3, 5),)]),
        ("b a", [((0, 1, 4),)]),
        ("a+", []),
        ("", []),
        (" ", []),
    ],
)
def test_every_place_in_any_case(text: str, hits: list[Hit]) -> None:
    assert find_hits([line("ab ab")], text) == hits


def test_a_broken_word_is_found_in_both_lines() -> None:
    first, second = wrap(line("01234567"), 4)
    lines = [(("  label  ", Role.MUTED), *first), ((" " * 9, Role.PLAIN), *second)]
    assert find_hits(lines, "2345") == [((0, 11, 13), (1, 9, 11))]


def test_words_that_were_parted_are_found() -> None:
    lines = wrap(line("one two three"), 8)
    assert [len(each) for each in find_hits(lines, "two three")] == [2]


def test_lines_that_end_by_themselves_are_apart() -> None:
    assert find_hits([line("one"), line("two")], "onetwo") == []
    assert find_hits([line("one"), (), line("two")], "one two") == []


def test_what_is_found_has_another_role() -> None:
    spans: Spans = (("abc", Role.BOLD), ("def", Role.MUTED))
    marked = mark(mark(spans, 2, 4, Role.MATCH), 5, 6, Role.FOUND)
    assert marked == (
        ("ab", Role.BOLD), ("c", Role.MATCH), ("d", Role.MATCH), ("e", Role.MUTED), ("f", Role.FOUND),
    )  # fmt: skip
