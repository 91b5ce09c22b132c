"""From the start of the process to what is on screen, beside a bare Textual hello-world in the same run.

    python -m benchmarks.start [runs]

Each program runs in a pseudo-terminal of 120x40 that is read and searched as it writes; the clock starts before the
process does and stops when the pattern is on the screen. The processor's time is that of the process until then,
which other programs disturb less; the process that asks for the first answers meanwhile is not in it. The programs
take turns, and the first turn does not count.
"""

import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.support.pty_program import Program

from .big_server import HOME, server, serving
from .programs import HELLO, token

BARE = """
import os
os.write(2, b"".join(b"\\x1b[%d;1H%b" % (row, b"hello, world ".ljust(120, b".")) for row in range(1, 41)))
import tty
tty.setraw(0)
os.read(0, 1)
"""
ROW = r"\b10 +api-tutorial"
LIVE = r"● live \d\d:\d\d:\d\d"
PICTURE = r"◌ cached \d{4}-"
MANY = r"1,000 models"
PLAIN = dict.fromkeys(("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "NO_COLOR", "WALLAROO_URL"))


@dataclass(frozen=True, slots=True)
class Start:
    """A program, and what on its screen stops the clock; the environment is made anew for each run."""

    words: tuple[str, ...]
    pattern: str
    environ: Callable[[], dict[str, str]] = dict

    def run(self, *, at_rest: bool = False) -> tuple[float, float]:
        """Seconds, and seconds of the processor. ``at_rest``: end when nothing more is written, by ``q``."""
        environ = {**PLAIN, **self.environ()}
        start = perf_counter()
        with Program([sys.executable, *self.words], size=(120, 40), environ=environ) as program:
            program.until(self.pattern)
            elapsed, used = perf_counter() - start, processor(program.pid)
            while at_rest and program.read(1):
                pass
            program.press("q" if at_rest else "ctrl+q")
            program.wait()
        return elapsed, used


def processor(pid: int) -> float:
    """Seconds of the processor that a process has used, with all its threads; 0 where Linux does not tell."""
    spent = 0
    for path in Path(f"/proc/{pid}/task").glob("*/schedstat"):
        with suppress(OSError):  # the thread has ended just now
            spent += int(path.read_text().split()[0])
    return spent / 1e9


def visit(
    url: str,
    pattern: str,
    credential: Callable[[], str],
    home: Callable[[], Path],
    *words: str,
    config: Path = Path("/nonexistent"),
) -> Start:
    return Start(
        ("-m", "wltui", "--endpoint", url, *words),
        pattern,
        lambda: {
            "WLTUI_TOKEN": credential(), "XDG_CACHE_HOME": str(home()), "XDG_CONFIG_HOME": str(config)
        },
    )  # fmt: skip


def many_profiles(folder: Path) -> Path:
    """Make a folder of configuration with a hundred profiles."""
    lines = (
        f'[profiles.p{number}]\nendpoint = "https://host{number}.example.com"\nworkspace = 10\nrefresh = 5\n'
        for number in range(100)
    )
    (folder / "wltui").mkdir(parents=True)
    (folder / "wltui" / "config.toml").write_text("\n".join(lines))
    return folder


def main(runs: int) -> None:
    demo = ("-m", "wltui", "demo-server")
    with TemporaryDirectory() as folder, serving(*demo) as url, server(1000, 3000) as big:
        home, many = Path(folder) / "home", ("--workspace", str(HOME))
        with serving(*demo) as gone:
            kept = token(gone)
            visit(gone, LIVE, lambda: kept, lambda: home).run(at_rest=True)
        numbers = iter(range(10**6))
        none = lambda: home / str(next(numbers))  # noqa: E731
        home.mkdir(exist_ok=True)
        starts = {
            "a screen from bare Python": Start(("-c", BARE), "hello, world"),
            "first picture": visit(gone, PICTURE, lambda: kept, lambda: home),
            "hello": Start(("-c", HELLO), "hello, world"),
            "first row, cached (the server is gone)": visit(
                gone, ROW, lambda: kept, lambda: home, "--no-bell"
            ),
            "first row, live (nothing is cached)": visit(url, ROW, lambda: token(url), none),
            "1,000 rows, live (nothing is cached)": visit(big, MANY, lambda: token(big), none, *many),
            "header says live (the cache is warm)": visit(url, LIVE, lambda: token(url), lambda: home),
            "header says live, with 100 profiles": visit(
                url,
                LIVE,
                lambda: token(url),
                lambda: home,
                config=many_profiles(Path(folder) / "config"),
            ),
        }
        found: dict[str, list[tuple[float, float]]] = {name: [] for name in starts}
        for turn in range(runs + 1):
            for name, start in starts.items():
                took = start.run()
                if turn:
                    found[name].append(took)
    hello = [median(column) for column in zip(*found["hello"], strict=True)]
    print(
        f"{'median of ' + str(runs):40} {'ms':>6} {'least':>6} {'most':>6} {'x hello':>8} {'cpu ms':>7} {'x hello':>8}"
    )
    for name, taken in found.items():
        times, used = zip(*taken, strict=True)
        row = f"{name:40} {median(times) * 1e3:6.0f} {min(times) * 1e3:6.0f} {max(times) * 1e3:6.0f}"
        print(
            f"{row} {median(times) / hello[0]:8.2f} {median(used) * 1e3:7.0f} {median(used) / hello[1]:8.2f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 11)
