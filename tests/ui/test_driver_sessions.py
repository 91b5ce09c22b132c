"""Sessions over the program's screens: what Textual wrote is shown by the lean driver, cell for cell.

The frames are recorded from the app as it writes them for the stock driver, then played to two terminals: to one as
they are, to the other as differences, some of them overtaken by the next.
"""

import random
from itertools import pairwise

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from tests.support.emulator import Emulator
from tests.support.session import OpenApp, Session
from tests.support.unseen import draw_each_frame
from wltui.ui.terminal.cells import Grid
from wltui.ui.terminal.difference import Abilities, difference, full_repaint

KEYS = ["down", "down", "down", "up", "pagedown", "pageup", "end", "home", "enter", "enter", "escape", "tab", "j", "k",
        "y", "question_mark", "ctrl+p", "slash", "e", "L", "H", "S", "s", "1", "2", "h", "l", "a", "ctrl+s", "ctrl+l",
        "right", "left", "x", "世", "p", "equals_sign"]  # fmt: skip


class Recorder(HeadlessDriver):
    """Keeps what the app writes."""

    written: list[str]

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self.written.append(data)


async def record(session: Session, chance: random.Random, keys: int) -> list[str]:
    """The frames of a session of random keys, from a full one on."""
    driver = Recorder(session.app, size=session.app.size)
    driver.written = []
    session.app._driver = driver
    draw_each_frame(session.app)
    session.app.refresh(layout=True)
    await session.settle()
    for _ in range(keys):
        await session.press(chance.choice(KEYS))
    return [
        text for text in driver.written if "H" in text and text.startswith("\x1b[") and "?" not in text[:3]
    ]


@pytest.mark.parametrize(
    ("size", "seed"),
    [
        ((80, 24), 0),
        ((120, 40), 1),
        ((80, 24), 2),
        *(
            pytest.param(*both, marks=pytest.mark.thorough)
            for both in (((120, 40), 0), ((80, 24), 1), ((120, 40), 2))
        ),
    ],
)
async def test_a_session_is_shown_as_the_stock_driver_shows_it(
    open_app: OpenApp, size: tuple[int, int], seed: int
) -> None:
    """Each seed has abilities of its own, so each is played once, at one of the sizes; --thorough plays all pairs."""
    chance = random.Random(seed)
    async with open_app(size=size) as session:
        frames = await record(session, chance, 40)
    assert len(frames) > 20
    can = Abilities(colours_erased=seed % 2 == 0, moves_lines=seed != 1)
    every, lean = Emulator(*size), Emulator(*size, bce=can.colours_erased)
    want = Grid(*size)
    lean.feed(full_repaint(want, can))
    shown = want.copy()
    for frame, following in pairwise([*frames, ""]):
        every.feed(frame)
        assert want.paint(frame)
        if following and chance.random() < 0.3:
            continue
        lean.feed(difference(shown, want, can))
        shown = want.copy()
        assert lean.shown() == every.shown()
        assert (lean.y, lean.x) == (every.y, every.x)
