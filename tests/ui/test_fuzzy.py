"""The filter finds what its rules say, however one came to what is typed."""

from hypothesis import given
from hypothesis import strategies as st

from wltui.ui.text.fuzzy import Search, haystack

LETTERS = st.text("ab-1", max_size=6)
ROWS = st.lists(st.lists(LETTERS, min_size=2, max_size=2), max_size=8)


def by_the_rules(rows: list[list[str]], text: str) -> list[int]:
    """Term by term: the rows that hold it, or where none does, those with its letters in order in one field."""
    left = [*range(len(rows))]
    for term in text.casefold().split():
        literal = [row for row in left if any(term in field.casefold() for field in rows[row])]
        left = literal or [
            row for row in left if any(in_order(term, field.casefold()) for field in rows[row])
        ]
    return left


def in_order(term: str, field: str) -> bool:
    letters = iter(field)
    return all(letter in letters for letter in term)


@given(ROWS, st.lists(st.text("aAb1- ", max_size=5), min_size=1, max_size=4))
def test_each_text_finds_what_it_would_find_at_first(rows: list[list[str]], typed: list[str]) -> None:
    search = Search([haystack(row) for row in rows])
    for text in typed:
        for end in range(len(text) + 1):  # letter by letter, and back to another text
            assert [*search.find(text[:end])] == by_the_rules(rows, text[:end])


def test_of_a_text_of_any_length_as_much_is_searched_as_a_line_shows() -> None:
    long = "needle" + "\x01x" * 200_000 + "end"
    search = Search([haystack([long]), haystack(["another"])])
    assert list(search.find("needle")) == [0]
    assert list(search.find("end")) == []
    assert len(haystack([long, long])) < 3_000
