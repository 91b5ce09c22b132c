"""Which columns a list has depends on the width alone; a wider terminal never shows less, and no cell is left unused
beside a text that is cut."""

import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.support.screens import line_with
from tests.support.session import OpenApp, Session
from wltui.core.images import ImagePath
from wltui.core.records import Phase
from wltui.ui.screens.base.filtered import FilteredFrame
from wltui.ui.screens.base.list import ListScreen
from wltui.ui.text.glyphs import ASCII, UNICODE
from wltui.ui.text.spans import Role, Spans, clip_middle, plain, width
from wltui.ui.widgets.image_path import image_path
from wltui.ui.widgets.status import COUNTS_CELLS, counts, counts_heading, short_word, status
from wltui.ui.widgets.table.columns import GAP, MARGIN, Column, fit_columns, lend_cells

Widths = dict[str, int]
TERMINALS = range(60, 241)


def fitted(columns: "list[Column[object]]", cells: int) -> Widths:
    """The columns in a line, with their widths."""
    return {column.key: cells for column, cells in fit_columns(columns, cells)}


def shows_no_less(narrow: Widths, wide: Widths) -> bool:
    """The wider line has all columns of the narrower one, none of them narrower."""
    return all(wide.get(key, 0) >= cells for key, cells in narrow.items())


@st.composite
def column_sets(draw: st.DrawFn) -> "list[Column[object]]":
    """Columns that join and grow at any rank."""
    columns = []
    for number in range(draw(st.integers(1, 6))):
        cells, priority = draw(st.integers(1, 20)), draw(st.integers(0, 4))
        grow = [(priority + 1, cells + more) for more in draw(st.lists(st.integers(1, 20), max_size=2))]
        columns.append(
            Column[object](f"c{number}", "", str, width=cells, priority=priority, grow=(*sorted(grow),))
        )
    return columns


@given(column_sets(), st.integers(0, 200))
def test_a_line_that_is_one_cell_wider_shows_no_less(columns: "list[Column[object]]", cells: int) -> None:
    here, wider = fitted(columns, cells), fitted(columns, cells + 1)
    assert shows_no_less(here, wider)
    always = {column.key: column.width for column in columns if not column.priority}
    assert shows_no_less(always, here)
    if here.keys() != always.keys() or cells >= sum(always.values()) + MARGIN + GAP * len(always):
        assert MARGIN + sum(here.values()) + GAP * (len(here) - 1) <= cells


@given(column_sets(), st.integers(0, 200), st.lists(st.integers(1, 60), min_size=6, max_size=6))
def test_columns_lend_only_what_their_texts_leave_over(
    columns: "list[Column[object]]", cells: int, needs: list[int]
) -> None:
    needed = {column.key: need for column, need in zip(columns, needs, strict=False)}
    own = fit_columns(columns, cells)
    lent = lend_cells(own, needed)
    assert sum(cells for _, cells in lent) == sum(cells for _, cells in own)
    for (column, before), (_, after) in zip(own, lent, strict=True):
        assert min(before, needed[column.key]) <= after <= max(before, needed[column.key])
    spare = any(cells > needed[column.key] for column, cells in lent)
    assert not (spare and any(cells < needed[column.key] for column, cells in lent))
    if own and len(own) == len(needed):
        filled, least = lend_cells(own, needed, cells), sum(wide for _, wide in own)
        free = max(0, cells - MARGIN - least - GAP * (len(own) - 1))
        lack = sum(max(0, needed[column.key] - cells) for column, cells in own)
        assert sum(cells for _, cells in filled) == least + min(free, lack)


def clipped_titles(session: Session) -> list[tuple[str, str]]:
    """The titles that have no room for the arrow of a sort where their column is narrowest, with their screen."""
    screen = session.app.screen
    assert isinstance(screen, FilteredFrame)
    columns: list[Column[object]] = [*screen.columns()]  # type: ignore[attr-defined]
    titles = [
        column.title for column in columns if not column.heading and column.width < len(column.title) + 2
    ]
    return [(type(screen).__name__, title) for title in titles]


async def test_a_wider_terminal_never_shows_less_of_any_list(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as session:
        names, clipped = [], []
        for keys in (
            ["D"],
            ["escape", "j", "enter"],
            ["enter"],
            ["equals_sign"],
            ["escape", "0"],
            ["escape", "exclamation_mark"],
            [],
        ):
            screen = session.app.screen
            assert isinstance(screen, ListScreen)
            columns = [*screen.columns()]
            by_width = [fitted(columns, cells) for cells in TERMINALS]
            assert all(map(shows_no_less, by_width, by_width[1:])), type(screen)
            cells = MARGIN + sum(by_width[0].values()) + GAP * (len(by_width[0]) - 1)
            assert cells <= TERMINALS[0], (type(screen), cells)
            assert "owner" not in by_width[-1]
            assert {"age", "created"} - by_width[-1].keys()  # not both
            assert len({*map(len, by_width)}) > 1
            names.append(type(screen).__name__)
            clipped += clipped_titles(session)
            await session.press(*keys)
        assert names == [
            "WorkspacesScreen",
            "PipelinesScreen",
            "ModelsScreen",
            "VersionsScreen",
            "PickVersion",
            "FleetScreen",
            "FleetScreen",
        ]
        for keys in (["escape"] * 3, ["H"], ["escape", "0", "b"]):
            await session.press(*keys)
            names.append(type(session.app.screen).__name__)
            clipped += clipped_titles(session)
        assert names[-3:] == ["WorkspacesScreen", "InstanceHistoryScreen", "VersionGroupsScreen"]
        assert clipped == [("InstanceHistoryScreen", "Version")]  # where what changed needs the cells more


def on_screen(session: Session) -> Widths:
    """The columns of a list on screen, up to the pane, and the cells from the beginning of each to the next."""
    titles = line_with(session, "Image or reason").partition("│")[0].rstrip()
    starts = [match.start() for match in re.finditer(r"(?:^|(?<=  ))\S", titles)] + [len(titles)]
    return {titles[x:].split("  ")[0]: end - x for x, end in pairwise(starts)}


async def test_a_wider_terminal_shows_no_less_when_the_pane_comes(open_app: OpenApp) -> None:
    async with open_app(size=(60, 24), workspace=10) as session:
        await session.press("enter")
        before: Widths = {}
        for columns in (60, 71, 80, 100, 109, 110, 111, 120, 140, 160, 180, 200, 220, 240):
            await session.pilot.resize_terminal(columns, 24)
            await session.pilot.pause()
            now = on_screen(session)
            assert {"Status", "Age"} <= now.keys(), columns
            assert before.keys() <= now.keys(), columns
            if columns != 110 and now.keys() == before.keys():  # what comes takes back cells that were lent
                assert now["Image or reason"] >= before["Image or reason"], columns
            assert ("│" in session.text) == (columns >= 110)
            before = now
        await session.press("z")
        assert now.keys() < on_screen(session).keys()


# What is in the columns


def test_a_pending_status_keeps_what_tells_it_from_the_others() -> None:
    assert [short_word(word, 14, "…") for word in ("error", "pending_load_native", "pending_load_container")] == [
        "error", "pending…native", "pend…container",
    ]  # fmt: skip
    assert short_word("attempting_load_native", 14, "..") == "attemp..native"
    assert short_word("attempting_load_container", 17, "…") == "attempt…container"
    assert short_word("x" * 30, 14, "…") == "x" * 13 + "…"
    assert short_word("a_" + "x" * 30, 14, "…") == "a_" + "x" * 11 + "…"
    assert plain(status("attempting_load_container", UNICODE, 40)) == "◐ attempting_load_container"


def test_counts_stand_in_columns() -> None:
    def shown(**phases: int) -> str:
        return plain(counts({Phase[name]: number for name, number in phases.items()}, UNICODE))

    assert counts_heading(UNICODE) == "   ✖    ◐    ✔"
    assert counts_heading(ASCII) == "   x    ~    +"
    assert shown() == "   ·    ·    ·"
    assert shown(ERROR=4, READY=1763) == "   4    · 1763"
    assert shown(PENDING=12_345, OTHER=2, ABSENT=1) == "   ·  12k    · ?3"
    assert len(shown(ERROR=9_999, PENDING=9_999, READY=123_456, OTHER=999)) == COUNTS_CELLS


@given(st.text(), st.integers(0, 40), st.sampled_from(["…", ".."]))
def test_a_text_cut_in_its_middle_keeps_both_ends(text: str, cells: int, ellipsis: str) -> None:
    spans: Spans = ((text, Role.BOLD),)
    cut = clip_middle(spans, cells, ellipsis)
    assert width(cut) <= cells
    if width(spans) <= cells:
        assert cut == spans
    elif cells > 6 and text.isascii() and text.isprintable():
        head, _, tail = plain(cut).partition(ellipsis)
        assert text.startswith(head)
        assert len(head) + len(tail) + len(ellipsis) == cells


def test_names_that_begin_alike_are_told_apart() -> None:
    cut = clip_middle((("probability-of-default-retail-2025-q3-emea", Role.BOLD),), 25)
    assert cut == (("probability-…2025-q3-emea", Role.BOLD),)


IMAGE = "proxy.example.com/ghcr.io/labs/mac-deploy:v2025.2.1-6555"
DIGEST = "@sha256:4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"


def test_an_image_without_room_loses_its_folder_then_its_digest_and_last_its_name() -> None:
    def shown(path: str, cells: int, *, differs: bool = False) -> str:
        return plain(image_path(path, cells, UNICODE, differs=differs))

    assert shown(IMAGE, 60) == IMAGE
    assert shown(IMAGE + DIGEST, 80) == IMAGE + DIGEST[:20]
    assert shown(IMAGE, 45) == "…/ghcr.io/labs/mac-deploy:v2025.2.1-6555"
    assert shown(IMAGE, 26) == "mac-deploy:v2025.2.1-6555"
    assert shown(IMAGE + DIGEST, 53) == "…/labs/mac-deploy:v2025.2.1-6555" + DIGEST[:20]
    assert shown(IMAGE + DIGEST, 40) == "mac-deploy:v2025.2.1-6555@sha256:4f53cd…"
    assert shown(IMAGE + DIGEST, 30) == "mac-deploy:v2025.2.1-6555…"
    assert shown(IMAGE, 20) == "…ploy:v2025.2.1-6555"
    assert shown(IMAGE, 27, differs=True) == "mac-deploy:v2025.2.1-6555 ≠"


@given(
    st.text(st.characters(codec="ascii", categories=["L", "N", "P"]), max_size=60),
    st.integers(1, 70),
    st.booleans(),
)
def test_no_image_is_wider_than_its_column(path: str, cells: int, differs: bool) -> None:
    shown = image_path(path, cells, UNICODE, differs=differs)
    assert width(shown) <= max(cells, 3)
    image = ImagePath.parse(path)
    if path and width(((image.name + image.tag, Role.BOLD),)) + 2 * differs <= cells:
        assert image.name + image.tag in plain(shown)
