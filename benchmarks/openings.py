"""How long each screen takes to open: from the key to its first paint and to the last one of its content.

    python -m benchmarks.openings [--turns N] [--json]

A walk over all screens in a terminal of 120x40, twice in one process: cold the first time, when modules are imported
and nothing is cached, and warm the second time. The yardstick is a screen of three of Textual's own widgets, opened in
turns with the walks. The processor's time is that of the process until its screen is at rest, with all threads: other
programs disturb it least. The data are those of the embedded Wallaroo, 11 workspaces with 183 versions, so this is the
part of an opening that does not grow with the instance: :mod:`benchmarks.scale` and others measure the rest. Its clock
stands still, as a version that got ready meanwhile would be painted too, when the API has said so.

"Shown" is the last paint that writes to a line of the content: what comes from the cache, and what the API says in
addition. The header does not count, nor a line of the comparison that is like it: it has the age of the data, and
changes a moment later when the API says that they are still the same, as it does every 30 s from then on. Nor do bytes
count as a paint that write nothing, such as those for the shape of the mouse pointer, which come before anything is
there. "Rest" is the last byte of all.
"""

import asyncio
import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import NamedTuple

from tests.support.screen_text import search

from .big_server import serving
from .figures import Samples
from .programs import ours, stock
from .terminal import NotSeen, Terminal

LONGEST = 30.0
"""Seconds after which a screen counts as not opened."""
QUIET = 0.3
"""Seconds without a byte after which a screen is at rest; its detail may be fetched after 0.15 s."""


class Step(NamedTuple):
    """A key of the walk, and the screen that it opens; an empty name is not measured."""

    key: str
    pattern: str
    name: str = ""
    ages: frozenset[int] = frozenset((0,))
    """The lines that have nothing but the age of the data, such as the header."""


LIST, MODELS, VERSIONS = (
    r"^─ Workspaces ─[\s\S]+of 11 workspaces",
    r"⟨4⟩ ─[\s\S]+of 1 model",
    r"⟨3⟩ ─[\s\S]+of 2 versions",
)
PROBLEMS, ALL = r"› Problems ─[\s\S]+of \d+ problems", r"› All versions ─[\s\S]+of 183 versions"
DETAIL, EDITOR = r"› version 6 ─", "No changes"
WALK = (
    Step("!", PROBLEMS, "Problems"), Step("L", "› Upload logs", "Logs"), Step("escape", PROBLEMS),
    Step("escape", LIST),
    Step("0", ALL, "All versions"), Step("b", "› by image ─", "Groups"),
    Step("escape", ALL), Step("escape", LIST, "Workspaces, again"),
    Step("?", "› Help ─", "Help"), Step("escape", LIST),
    Step("ctrl+p", "› Palette ─", "Palette"), Step("escape", LIST),
    Step("P", "› Profiles ─", "Profiles"), Step("escape", LIST),
    Step("u", "› Upload ─", "Upload"), Step("escape", LIST),
    Step("o", "› To a file ─", "Write file"), Step("escape", LIST),
    Step("enter", MODELS, "Models"), Step("enter", VERSIONS, "Versions with the pane"),
    Step("z", VERSIONS), Step("escape", MODELS), Step("enter", VERSIONS, "Versions without the pane"),
    Step("z", "of 2 versions"), Step("z", VERSIONS),
    Step("c", "^ Copy |esc Close", "Copy menu"), Step("escape", VERSIONS),
    Step("s", "^ Sort ", "Sort menu"), Step("escape", VERSIONS),
    Step(" ", "1 marked"), Step("down", VERSIONS), Step(" ", "2 marked"),
    Step("=", "› Compare", "Compare", frozenset((0, 3))), Step("escape", VERSIONS),
    Step("escape", VERSIONS), Step("up", VERSIONS),
    Step("enter", DETAIL, "Version"), Step("y", "› JSON ─", "JSON"), Step("escape", DETAIL),
    Step("H", "› History", "History"), Step("escape", DETAIL),
    Step("D", "› Pipelines", "Pipelines"), Step("enter", "ccfraud-pipeline", "Deployment"),
    Step("escape", "› Pipelines"),
    Step("escape", DETAIL),
    Step("e", EDITOR, "Editor"), Step("down", EDITOR), Step("right", "Unsent changes"),
    Step("ctrl+s", r"\[ Cancel \]", "Review"), Step("escape", "Unsent changes"), Step("left", EDITOR),
    Step("escape", DETAIL), Step("escape", VERSIONS), Step("escape", MODELS), Step("escape", LIST),
)  # fmt: skip


class Opening(NamedTuple):
    """Seconds from the key to the first paint, the last one of the content, and the last byte; of the processor too."""

    first: float
    shown: float
    rest: float
    processor: float


Found = dict[tuple[str, str], list[Opening]]
"""Openings by the screen's name and "cold" or "warm"."""


def processor(pid: int) -> float:
    """Seconds of the processor that a process has used, with all its threads, ended ones too; on Linux."""
    return time.clock_gettime((~pid << 3) | 2)  # CPUCLOCK_SCHED of clock_getcpuclockid(3)


def measured(terminal: Terminal, step: Step) -> Opening:
    """Press a key, and wait until the screen that it opens is there and at rest."""
    key, pattern = step.key, step.pattern
    before = processor(terminal.pid)
    terminal.send(key)
    pressed, deadline = terminal.last_key, perf_counter() + LONGEST
    first = shown = last = 0.0
    while (paints := terminal.paints(QUIET)) or not search(pattern, terminal.text()):
        for stamp, lines in paints:
            last = stamp - pressed
            first = first or (last if lines else 0)
            shown = last if lines - step.ages else shown
        if perf_counter() > deadline:
            raise NotSeen(f"{key} did not open {pattern!r}; the screen:\n{terminal.text()}")
    return Opening(first, shown, last, processor(terminal.pid) - before)


def walk(url: str, folder: Path, found: Found) -> None:
    """Walk over all screens twice in a new process."""
    opened = ours(url, folder, "--refresh", "0")
    login = {
        "WLTUI_TOKEN": None,
        "WALLAROO_USER": "demo",
        "WALLAROO_PASSWORD": "demo",
    }  # a token would soon expire
    with replace(opened, environ=opened.environ | login).open() as terminal:
        terminal.see("● live")
        terminal.rest(1)
        for how in ("cold", "warm"):
            for step in WALK:
                opening = measured(terminal, step)
                if step.name:
                    found.setdefault((step.name, how), []).append(opening)
        terminal.leave()


def yardstick(found: Found) -> None:
    """Open a screen of Textual's own twice in a new process."""
    with stock(40).open() as terminal:
        terminal.see("model-00003")
        terminal.rest(1)
        for how in ("cold", "warm"):
            found.setdefault(("Textual's own", how), []).append(
                measured(terminal, Step("enter", "detail of a row"))
            )
            terminal.key("escape", quiet=QUIET)
        terminal.leave()


def serve() -> None:
    """Serve the embedded Wallaroo as it was ten minutes ago, so that no age is in seconds, and say where."""
    from wltui.demo import Demo

    then = datetime.now(UTC) - timedelta(minutes=10)
    demo = Demo(clock=lambda: then, token_ttl=86_400)
    print(demo.bind(), flush=True)
    asyncio.run(demo.serve_forever())


def measure(turns: int) -> Found:
    """Return what some turns found; each begins with an empty cache."""
    found: Found = {}
    for _ in range(turns):
        with TemporaryDirectory() as folder, serving("-m", "benchmarks.openings", "--serve") as url:
            yardstick(found)
            walk(url, Path(folder), found)
    return found


def add_samples(found: Found, samples: Samples) -> None:
    """Add the figures of the table in REFERENCE.md; of the screens without a row of their own, the slowest."""
    warm = {
        name: [each.shown for each in openings] for (name, how), openings in found.items() if how == "warm"
    }
    stock_screen = warm.pop("Textual's own")
    ours = warm.pop("Versions with the pane"), warm.pop("Editor"), max(warm.values(), key=median)
    for key, times in zip(("open pane", "open editor", "open other"), ours, strict=True):
        samples[key, "wltui"], samples[key, "DataTable"] = times, stock_screen


def middle(openings: Sequence[Opening]) -> Opening:
    """Return the median of each figure."""
    return Opening(*map(median, zip(*openings, strict=True)))


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks.openings", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--turns", type=int, default=5, help="how often to walk (5)")
    parser.add_argument("--json", action="store_true", help="print the medians as JSON, in ms")
    asked = parser.parse_args()
    found = {place: middle(openings) for place, openings in measure(asked.turns).items()}
    if asked.json:
        rounded = {
            f"{name}, {how}": {part: round(value * 1e3, 1) for part, value in opening._asdict().items()}
            for (name, how), opening in found.items()
        }
        print(json.dumps(rounded, indent=1))
        return
    columns = f"{'shown':>5} {'rest':>5} {'cpu':>5}"
    print(f"{'ms, median of ' + str(asked.turns):28} {'cold: first':>11} {columns}", end="")
    print(f" {'warm: first':>12} {columns} {'x Textual':>10} {'x cpu':>6}")
    own = found["Textual's own", "warm"]
    for name in dict.fromkeys(name for name, _ in found):
        cold, warm = found[name, "cold"], found[name, "warm"]
        print(f"{name:28} {_figures(cold, 11)} {_figures(warm, 12)}", end="")
        print(f" {warm.shown / own.shown:10.2f} {warm.processor / own.processor:6.2f}")


def _figures(opening: Opening, cells: int) -> str:
    first, *others = (value * 1e3 for value in opening)
    return f"{first:{cells}.0f} " + " ".join(f"{each:5.0f}" for each in others)


if __name__ == "__main__":
    if sys.argv[1:] == ["--serve"]:
        serve()
    else:
        main()
