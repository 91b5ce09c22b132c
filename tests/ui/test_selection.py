"""Text that is selected with the mouse: what is copied is the exact text, however it was broken into lines."""

import hypothesis
from hypothesis import strategies as st
from rich.cells import cell_len

from wltui.ui.text.selected import Area, Lines, Place, selected_text, whole_text, word_at
from wltui.ui.text.spans import Edge, Role, Spans, plain, visible, wrap

IMAGE = "proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/mac-deploy:v2025.2.0-6480"
HOSTILE = (
    "[/x]",
    "model[v1]",
    "$(id)",
    "\x1b]52;c;!\x07",
    "a\u202eb",
    "e\u0301\u0323",
    "漢字かな",
    "👍🏽",
    "مرحبا",
    "\u200b",
)
texts = st.lists(
    st.one_of(st.sampled_from(HOSTILE), st.text(max_size=12), st.just("  "), st.just(" ")), max_size=12
).map("".join)


def area(line: int, cell: int, end_line: int, end_cell: int) -> Area:
    return Area(Place(line, cell), Place(end_line, end_cell))


@hypothesis.given(texts, st.integers(2, 30), st.integers(0, 8))
def test_wrapped_text_is_copied_as_it_was(text: str, cells: int, indent: int) -> None:
    text = visible(text)
    first, *rest = wrap(((text, Role.PLAIN),), cells)
    lines: list[Spans] = [
        (("Label ", Role.MUTED), *first),
        *(((" " * indent, Role.PLAIN), *line) for line in rest),
        (("next", Role.PLAIN),),
    ]
    assert whole_text(lines) == f"Label {text}\nnext"


@hypothesis.given(texts, st.integers(0, 20), st.integers(0, 20))
def test_the_cells_of_a_line_give_its_characters_none_cut_in_two(text: str, first: int, length: int) -> None:
    text = visible(text)
    found = selected_text(Lines([((text, Role.PLAIN),)]), area(0, first, 0, first + length))
    assert found in text
    if first + length <= cell_len(text):
        assert length <= cell_len(found) <= length + 2


def test_an_image_path_over_two_lines_is_one_text() -> None:
    lines = [((" Image  ", Role.MUTED), *line) for line in wrap(((IMAGE, Role.PLAIN),), 50)]
    lines[1] = ((" " * 8, Role.PLAIN), *lines[1][1:])
    assert len(lines) == 2
    assert selected_text(Lines(lines), area(0, 8, 1, 99)) == IMAGE
    assert selected_text(Lines(lines), area(0, 14, 1, 12)) == IMAGE[6:54]
    assert selected_text(Lines(lines), area(0, 14, 1, 5)) == IMAGE[6:50]  # it ends before the text goes on
    assert selected_text(Lines(lines), area(1, 0, 1, 99)) == IMAGE[50:]
    for line, cell in ((0, 8), (0, 30), (1, 10), (1, 39)):
        word = word_at(Lines(lines), Place(line, cell))
        assert word is not None
        assert selected_text(Lines(lines), word) == IMAGE
    assert word_at(Lines(lines), Place(0, 0)) is None


def test_a_word_ends_at_quotes_and_is_found_among_wide_letters() -> None:
    lines = Lines([(('  "uuid": "f5999fe0-0d0b", 漢字 x', Role.PLAIN),), ()])
    for cell, found in ((4, "uuid"), (12, "f5999fe0-0d0b"), (27, "漢字"), (30, "漢字"), (32, "x")):
        word = word_at(lines, Place(0, cell))
        assert word is not None
        assert selected_text(lines, word) == found
    for place in (Place(0, 0), Place(0, 2), Place(0, 7), Place(1, 0), Place(7, 3)):
        assert word_at(lines, place) is None


def test_a_selection_in_a_column_takes_nothing_of_the_others() -> None:
    def row(label: str, left: str, right: str) -> list[Spans]:
        columns = [wrap(((text, Role.PLAIN),), 10) for text in (label, left, right)]
        rows = []
        for number in range(max(map(len, columns))):
            parts = [column[number] if number < len(column) else () for column in columns]
            pads = [(Edge(" " * (12 - cell_len(plain(part)))), Role.PLAIN) for part in parts]
            rows.append((*parts[0], pads[0], *parts[1], pads[1], *parts[2]))
        return rows

    lines = [
        *row("Image", "registry/name:1", "registry/name:22"),
        (("Config", Role.BOLD),),
        *row("Arch", "x86", "arm"),
    ]
    assert selected_text(Lines(lines), area(0, 12, 1, 20)) == "registry/name:1"
    assert selected_text(Lines(lines), area(0, 24, 3, 27)) == "registry/name:22\narm"
    assert selected_text(Lines(lines), area(0, 15, 3, 13)) == "istry/name:1\nx"
    assert selected_text(Lines(lines), area(3, 0, 3, 99)) == plain(
        lines[3]
    )  # from column to column: as it is seen
