"""Where the cursor, the view and the marks of a table go when its rows change; no widget is needed for it."""

from collections.abc import Sequence

from msgspec import Struct

from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.table.rows import Rows
from wltui.ui.widgets.table.view import TableView


class Thing(Struct, frozen=True):
    id: int
    name: str = ""


NAME = Column[Thing]("name", "Name", lambda thing: thing.name)


def make_view(names: Sequence[str], page: int = 4) -> TableView[Thing]:
    view = TableView(Rows([NAME], None, False), lambda thing: thing.id)
    view.resize(page)
    view.load(things(names))
    return view


def things(names: Sequence[str]) -> list[Thing]:
    return [Thing(ord(name[0]), name) for name in names]


def shown(view: TableView[Thing]) -> str:
    """The names in view, the cursor's in capitals."""
    return "".join(
        thing.name.upper() if row == view.cursor else thing.name
        for row, thing in enumerate(view.in_view, view.top)
    )


def test_the_cursor_stays_on_its_record_and_on_its_line() -> None:
    view = make_view("abcdefgh")
    view.move(6)
    assert shown(view) == "defG"
    view.load(things("xyabcdefgh"))
    assert shown(view) == "defG"
    view.load(things("ghab"))
    assert shown(view) == "Ghab"


def test_a_view_at_the_top_shows_what_is_new() -> None:
    view = make_view("abcdefgh")
    view.move(1)
    view.load(things("xyabcdefgh"))
    assert shown(view) == "xyaB"


def test_where_the_record_is_gone_the_cursor_stays_on_its_row() -> None:
    view = make_view("abcd")
    view.move(2)
    view.load(things("abd"))
    assert shown(view) == "abD"
    view.load(things("a"))
    assert shown(view) == "A"
    view.load([])
    assert (view.record, view.cursor, shown(view)) == (None, 0, "")


def test_a_filter_puts_the_cursor_back_once_its_record_matches_again() -> None:
    view = make_view(["apple", "berry", "cherry"])
    view.move(2)
    view.filter_by("pp")
    assert view.record == Thing(ord("a"), "apple")
    view.filter_by("")
    assert view.record == Thing(ord("c"), "cherry")


def test_pages_move_view_and_cursor_at_least_by_a_row() -> None:
    view = make_view("abcdefghijkl")
    view.move_by_pages(1)
    assert shown(view) == "Efgh"
    view.move_by_pages(0.5)
    assert shown(view) == "Ghij"
    view.move_by_pages(-0.1)
    assert shown(view) == "Fghi"
    view.move_by_pages(9)
    assert shown(view) == "ijkL"


def test_scrolling_leaves_the_cursor_where_it_is() -> None:
    view = make_view("abcdefgh")
    view.scroll(3)
    assert (shown(view), view.cursor) == ("defg", 0)
    view.resize(2)
    assert shown(view) == "Ab"


def test_marks_stay_on_their_records_in_the_order_they_were_made() -> None:
    view = make_view("abcd")
    for row in (2, 0, 3):
        view.move(row)
        view.mark()
    view.sort_by(NAME, reverse=True)
    view.load(things("zcab"))
    assert view.marked == tuple(things("ca"))
    assert view.is_marked(Thing(ord("c")))
    view.move(view.find_row(ord("c")) or 0)
    view.mark()
    assert view.marked_keys == (ord("a"),)
    view.clear_marks()
    assert view.marked == ()
