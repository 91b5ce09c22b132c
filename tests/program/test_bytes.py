"""What goes over the line: bytes for each step of a session, at 120x40 in 24-bit colours."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.program.test_pty import at
from tests.support.demo_server import sign_in
from tests.support.pty_program import Program
from tests.support.screen_text import without_ages
from tests.support.waiting import LIMIT
from wltui.demo import Demo
from wltui.demo.world import stamp

PAGE_DOWN = "\x1b[6~"
CTRL_L, CTRL_P = "\x0c", "\x10"
COUNTED = r"26 workspaces · 3,\d{3} versions   (?:[✖◐✔] [\d,]+  )+\(2"
"""Every row has the counts of its workspace's versions, and the status line their total."""
MODELS = r"● live [\s\S]*models · \d+ versions"
VERSIONS = r"● live .*\n.*› .* › .*"


@pytest.fixture(scope="module")
def server() -> Iterator[Demo]:
    """A fleet with some pages of models in its workspaces."""
    with Demo(seed=1, models=1_000, token_ttl=86_400) as server:
        keep_ages(server)
        yield server


def keep_ages(server: Demo) -> None:
    """Move all times into the middle third of an hour: an age that goes on meanwhile would cost 31 bytes."""
    now, hour = datetime.now(UTC), timedelta(hours=1)
    world = server.world
    for record in (*world.workspaces.values(), *world.models.values(), *world.versions.values()):
        for name in ("created_at", "updated_at"):
            if time := getattr(record, name, None):
                hours, rest = divmod(now - datetime.fromisoformat(time), hour)
                setattr(record, name, stamp(now - hours * hour - (hour + rest) / 3))


@contextmanager
def started(
    server: Demo, home: Path, *flags: str, size: tuple[int, int] = (120, 40), ready: str = MODELS
) -> Iterator[Program]:
    """The program at rest; nothing is read but when asked for."""
    environ = {**at(home), "COLORTERM": "truecolor", "WLTUI_TOKEN": sign_in(server.url)}
    command = [sys.executable, "-m", "wltui", "--endpoint", server.url, "--refresh", "0", *flags]
    with Program(command, size=size, environ=environ, warm=True) as program:
        program.until(ready)
        settled(program)
        yield program


def models(server: Demo, home: Path, *flags: str) -> AbstractContextManager[Program]:
    """The models of a workspace."""
    return started(server, home, "--workspace", "12", *flags)


def settled(program: Program) -> int:
    """How many bytes have come, when no more do."""
    program.settle()
    return len(program.output)


def cost(program: Program, key: str, then: str = "") -> int:
    """The bytes that a key makes the program write, at least until the screen matches ``then``."""
    before = len(program.output)
    program.press(key)
    assert program.read(LIMIT)
    program.until(then)
    return settled(program) - before


def test_every_step_costs_what_it_changes(server: Demo, tmp_path: Path) -> None:
    with models(server, tmp_path) as program:
        costs = {"start": len(program.output)}
        steps = {"down": ("down",), "page": (PAGE_DOWN,), "edge": ("down",), "push": ("enter", VERSIONS),
                 "pop": ("escape", MODELS), "palette": (CTRL_P, "› Palette"), "away": ("escape", MODELS),
                 "poll": ("r", MODELS)}  # fmt: skip
        costs |= {step: cost(program, *way) for step, way in steps.items()}
        before = len(program.output)
        costs["idle"] = settled(program) - before
    assert costs["edge"] > 0  # it did scroll
    limits = {"start": 6_800, "down": 350, "page": 1_150, "edge": 400, "push": 6_000, "pop": 6_000,
              "palette": 8_500, "away": 6_000, "poll": 120, "idle": 0}  # fmt: skip
    assert {step: paid for step, paid in costs.items() if paid > limits[step]} == {}, costs


@pytest.mark.parametrize(
    ("flags", "ready", "opened", "size", "limit"),
    [
        ([], COUNTED, False, (120, 40), 350),
        (["--workspace", "12"], MODELS, False, (120, 40), 350),
        (["--workspace", "12"], MODELS, True, (80, 24), 350),
        (
            ["--workspace", "12"],
            MODELS,
            True,
            (120, 40),
            2_500,
        ),  # the pane beside shows all of the version, in two paints if its detail comes late
    ],
    ids=["workspaces", "models", "versions", "versions with the pane"],
)
def test_the_cursor_moves_for_little_in_every_list(
    server: Demo,
    tmp_path: Path,
    *,
    flags: list[str],
    ready: str,
    opened: bool,
    size: tuple[int, int],
    limit: int,
) -> None:
    with started(server, tmp_path, *flags, size=size, ready=ready) as program:
        if opened:
            cost(program, "enter", VERSIONS)
        costs = [cost(program, "down") for _ in range(4)]
    assert 0 < min(costs) <= max(costs) <= limit, costs


def test_the_whole_screen_is_drawn_anew_when_asked(server: Demo, tmp_path: Path) -> None:
    with models(server, tmp_path) as program:
        before, sent = program.text(), len(program.output)
        program.press(CTRL_L)
        settled(program)
        assert b"\x1b[2J" in program.output[sent:]
        assert program.text() == before


def test_the_stock_driver_shows_the_same(server: Demo, tmp_path: Path) -> None:
    shown = []
    for flags in ((), ("--driver", "stock")):
        home = tmp_path / "-".join(("home", *flags))
        home.mkdir()
        with models(server, home, *flags) as program:
            program.press("down", PAGE_DOWN, "down")
            settled(program)
            shown.append(without_ages(program.text()).split("\n")[2:])  # the header tells the time
            program.press("q")
            assert program.wait() == 0
            assert program.left_behind() == set()
    assert shown[0] == shown[1]
