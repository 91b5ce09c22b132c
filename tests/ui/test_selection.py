"""Text that is selected with the mouse: what is copied is the exact text, however it was broken into lines."""

import hypothesis
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.events import MouseDown, MouseMove, MouseUp

from tests.support.mouse import Mouse, place_of
from tests.support.session import OpenApp, Session
from wltui.demo import Demo
from wltui.ui.text.glyphs import UNICODE
from wltui.ui.text.selected import Area, Lines, Place, selected_text, whole_text, word_at
from wltui.ui.text.spans import Edge, Role, Spans, plain, visible, wrap
from wltui.ui.widgets.image_path import image_path
from wltui.ui.widgets.version_pane import VersionPane

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


def test_an_image_path_that_is_cut_on_screen_is_copied_whole() -> None:
    path = f"{IMAGE}@sha256:{'4f' * 32}"
    for cells in (60, 45):  # with the end of the registry, and without
        lines = Lines([((" ", Role.PLAIN), *image_path(path, cells, UNICODE))])
        assert cell_len(plain(lines.lines[0])) <= 1 + cells
        word = word_at(lines, Place(0, cells - 10))
        assert word is not None
        assert selected_text(lines, word) == path
        assert path.startswith(selected_text(lines, area(0, 1, 0, 30)))
    assert selected_text(lines, area(0, 3, 0, 5)) in path  # a part of it is what is seen


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


# On screen


async def drag(session: Session, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Drag the mouse from one cell to another, as a terminal reports it."""
    for kind, place, button in ((MouseDown, start, 1), (MouseMove, end, 1), (MouseUp, end, 1)):
        session.app.post_message(kind(None, *place, 0, 0, button, False, False, False))
    await session.settle()


def highlighted(session: Session) -> list[str]:
    """Return what is selected in each line of the screen, by its background."""
    ground = session.app.screen.query_one(VersionPane).role_styles[Role.SELECTED].bgcolor
    strips = session.app.screen._compositor.render_strips()
    return [
        "".join(part.text for part in strip if part.style and part.style.bgcolor == ground)
        for strip in strips
    ]


async def test_what_is_dragged_over_is_marked_and_copied(open_app: OpenApp, demo: Demo) -> None:
    demo.world.versions[19].sha = "5e" * 32
    name = demo.world.versions[19].file_name = "[/x] $(id) \u202e e\u0301 漢字 " + "y" * 70 + ".zip"
    async with open_app(workspace=10, size=(80, 24)) as session:
        mouse = Mouse(session)
        await session.press("enter", "enter", "end")
        column, row = place_of(session, "[/x]")
        assert "y.zip" in session.text.split("\n")[row + 1]
        await drag(session, (column, row), (75, row + 1))
        assert [number for number, line in enumerate(highlighted(session)) if line] == [row, row + 1]
        assert "".join(highlighted(session)).startswith("[/x] $(id) <U+202E>")
        await session.press("ctrl+c")
        assert session.app.clipboard == name.replace("\u202e", "<U+202E>")
        assert f"Copied selection, {len(session.app.clipboard)} characters" in session.text
        column, row = place_of(session, "漢字")
        await drag(
            session, (column + 3, row), (column + 1, row)
        )  # backwards, from half a letter to half another
        await session.press("ctrl+c")
        assert session.app.clipboard == "漢字"
        await mouse.press(column, row - 1, at=mouse.time)
        assert session.app.screen.selections == {}
        await session.press("ctrl+c")
        assert "Nothing is selected to copy" in session.text
        assert session.app.clipboard == "漢字"
        await mouse.click("5e5e", times=2, right=4)
        await session.press("ctrl+c")
        assert session.app.clipboard == "5e" * 32


async def test_a_selection_stays_in_its_pane_and_ends_with_another_record(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter")
        column, row = place_of(session, "▸    19")
        await drag(session, (column + 3, row), (column + 6, row + 2))  # of one column; and it opens no row
        await session.press("ctrl+c")
        assert session.app.clipboard == "19\n18\n17"
        await drag(session, (column + 5, row), (column + 6, row))  # the hand's unrest: a click
        assert session.app.screen.selections == {}
        await session.press("j")
        column, row = place_of(session, "│")
        await drag(session, (column + 2, row), (3, 39))  # far out of it, over the list and the footer
        await session.press("ctrl+c")
        copied = session.app.clipboard
        assert copied.startswith("18  ✖ error")
        assert "api-tutorial" not in copied.split("\n")[0]
        assert "│" not in copied
        assert "? Help" not in copied
        await session.press("tab", "j")
        assert session.app.screen.selections == {}
        await session.press("escape", "escape", "escape", "question_mark")
        column, row = place_of(session, "This screen")
        await drag(session, (column, row), (column + 10, row))
        await session.press("ctrl+c")
        assert session.app.clipboard == "This screen"
