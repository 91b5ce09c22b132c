"""The law of the differences: a terminal that gets them shows what one that gets every frame shows."""

from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from wcwidth import wcwidth

from tests.support.emulator import Emulator
from wltui.ui.terminal.cells import Grid
from wltui.ui.terminal.difference import Abilities, difference, full_repaint

WIDTH, HEIGHT = 30, 12
CODES = ["", "1", "2", "3", "4", "21", "7", "9", "53", "1;2", "31", "1;38;5;203", "48;5;236", "38;2;1;2;3;48;2;9;8;7",
         "97;104", "39;49", "4;7;32;42"]  # fmt: skip
PIECES = [
    "a",
    "b",
    "x y",
    " ",
    "   ",
    " " * 14,
    "|",
    "─",
    "…",
    "é",
    "e\u0301",
    "世",
    "界",
    "한",
    "ﬁ",
    "👍",
    "✓",
    "●",
]
LINKS = ["", "", "", "id=1;https://a.example/", ";https://b.example/"]
ABILITIES = [Abilities(bce, erases, moves) for bce in (0, 1) for erases in (0, 1) for moves in (0, 1)]  # type: ignore[arg-type]


@dataclass(frozen=True)
class Piece:
    """A styled text of known width."""

    text: str
    codes: str
    link: str = ""

    @property
    def width(self) -> int:
        return sum(max(wcwidth(char), 0) for char in self.text)

    def written(self) -> str:
        """As Textual writes it."""
        text = f"\x1b[{self.codes}m{self.text}\x1b[0m" if self.codes else self.text
        return f"\x1b]8;{self.link}\x1b\\{text}\x1b]8;;\x1b\\" if self.link else text


WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]

pieces = st.builds(
    Piece,
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join),
    st.sampled_from(CODES),
    st.sampled_from(LINKS),
)


def fitting(x: int, line: list[Piece]) -> str:
    """The pieces that fit between a column and the end of the line, as they are written."""
    written = ""
    for piece in line:
        x += piece.width
        if x > WIDTH:
            break
        written += piece.written()
    return written


@st.composite
def spans(draw: st.DrawFn) -> str:
    """A frame that repaints some spans, and puts the cursor somewhere."""
    places = st.tuples(st.integers(0, HEIGHT - 1), st.integers(0, WIDTH - 1), st.lists(pieces, max_size=5))
    found = sorted(draw(st.lists(places, max_size=6)), key=lambda place: place[0])
    written = [
        f"\x1b[{y + 1};{x + 1}H{fitting(x, line)}" + ("\n" if y != found[-1][0] else "")
        for y, x, line in found
    ]
    y, x = draw(st.integers(0, HEIGHT - 1)), draw(st.integers(0, WIDTH - 1))
    return "".join(written) + f"\x1b[{y + 1};{x + 1}H"


@st.composite
def scrolled(draw: st.DrawFn) -> list[str]:
    """Frames of a table that is scrolled: all its lines are repainted each time."""
    rows = [
        "".join(
            piece.written() for piece in draw(st.lists(pieces.filter(lambda p: p.width <= 7), max_size=4))
        )
        for _ in range(6)
    ]
    rows = [f"\x1b[{31 + n % 6}m{n:02}\x1b[0m{rows[n % 6]}" for n in range(24)]
    top, height = draw(st.integers(0, 3)), draw(st.integers(5, 8))
    return [
        "\n".join(
            f"\x1b[{top + n + 1};1H{' ' * WIDTH}\x1b[{top + n + 1};1H{rows[first + n]}" for n in range(height)
        )
        + "\x1b[1;1H"
        for first in draw(st.lists(st.integers(0, 15), min_size=2, max_size=4))
    ]


frames = st.lists(st.one_of(spans().map(lambda frame: [frame]), scrolled()), max_size=4).map(
    lambda groups: [frame for group in groups for frame in group]
)


@given(frames, st.sampled_from(ABILITIES), st.data())
@settings(deadline=None)
def test_differences_show_what_the_frames_show(
    frames: list[str], can: Abilities, data: st.DataObject
) -> None:
    every, lean = Emulator(WIDTH, HEIGHT), Emulator(WIDTH, HEIGHT, bce=can.colours_erased)
    want = Grid(WIDTH, HEIGHT)
    shown: Grid | None = None
    for frame in frames:
        every.feed(frame)
        assert want.paint(frame)
        if data.draw(st.booleans(), "overtaken"):
            continue
        lean.feed(full_repaint(want, can) if shown is None else difference(shown, want, can))
        shown = want.copy()
        assert lean.shown() == every.shown()
        assert (lean.y, lean.x) == (every.y, min(every.x, WIDTH - 1))
        assert lean.style == {}
        assert difference(shown, want, can) == ""


@given(frames)
@settings(max_examples=40, deadline=None)
def test_a_picture_painted_on_a_cleared_terminal_is_the_screen(frames: list[str]) -> None:
    """The text of a whole screen can itself be read as a frame."""
    want, again = Grid(WIDTH, HEIGHT), Grid(WIDTH, HEIGHT)
    for frame in frames:
        want.paint(frame)
    again.paint(difference(Grid(WIDTH, HEIGHT), want, Abilities(erases=False, moves_lines=False)))
    assert difference(again, want, Abilities()) == ""


@pytest.mark.parametrize("sign", ["👩‍🚀", "❤️", "✈️", "☀", "👍🏽"])
def test_a_sign_that_terminals_disagree_on_moves_nothing_behind_it(sign: str) -> None:
    """This terminal gives each part of it cells of its own, or fewer than the frame was laid out for."""
    lean, want = Emulator(WIDTH, HEIGHT), Grid(WIDTH, HEIGHT)
    want.paint(f"\x1b[1;1Hab{sign}cdefgh\x1b[1;1H")
    lean.feed(full_repaint(want, Abilities()))
    place = want.lines[0][0].index("c")
    assert [char for char, _ in lean.cells[0][place : place + 6]] == list("cdefgh")


def test_what_moved_is_not_sent_again() -> None:
    def table(first: int) -> str:
        return "".join(
            f"\x1b[{y + 3};1H\x1b[48;5;235m{WORDS[first + y] * 4:<28}\x1b[0m\x1b[31m{'┃' if y == first % 8 else ' '}"
            for y in range(8)
        )

    lean, every = Emulator(WIDTH, HEIGHT), Emulator(WIDTH, HEIGHT)
    grid = Grid(WIDTH, HEIGHT)
    grid.paint(table(1) + "\x1b[0m\x1b[H")
    lean.feed(full_repaint(grid, Abilities()))
    shown = grid.copy()
    every.feed(table(1) + "\x1b[0m\x1b[H")
    for first in (2, 1):
        grid.paint(table(first) + "\x1b[0m\x1b[H")
        text = difference(shown, grid, Abilities())
        assert len(text) < 140
        lean.feed(text)
        shown = grid.copy()
        every.feed(table(first) + "\x1b[0m\x1b[H")
        assert lean.shown() == every.shown()


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\tb", "a       b"),
        ("abc\bX", "abX"),
        ("ab\rX", "Xb"),
        ("a\x0eb\x9bc\x00d", "abcd"),
        ("世\x1b[1;2HX", " X"),
        ("世\x1b[1;1HX", "X "),
        ("\x1b[1;29Habcde", " " * 28 + "ae"),
    ],
)
def test_control_characters_move_the_cursor_or_do_nothing(text: str, line: str) -> None:
    grid = Grid(WIDTH, HEIGHT)
    assert grid.paint(f"\x1b[1;1H{text}")
    assert "".join(grid.lines[0][0]).rstrip() == line.rstrip()


@pytest.mark.parametrize("text", ["\x1b_Gi=1;AAAA\x1b\\", "\x1bPq#0;2\x1b\\", "\x1b[5n", "\x07"])
def test_what_cells_do_not_show_is_told(text: str) -> None:
    assert not Grid(WIDTH, HEIGHT).paint(f"\x1b[1;1Hab{text}cd")
