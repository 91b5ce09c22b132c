"""From the start of the process to the first row on screen, beside a bare Textual hello-world in the same run.

    python benchmarks/start.py [runs]

Each program runs in a pseudo-terminal of 120x40 that is read and searched as it writes; the clock starts before the
process does and stops when the pattern is on the screen. The programs take turns, and the first turn does not count.
"""

import json
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from pty_program import Program  # noqa: E402

HELLO = """
from textual.app import App, ComposeResult
from textual.widgets import Footer, Static

class Hello(App[None]):
    BINDINGS = [("ctrl+q", "quit", "Quit")]

    def compose(self) -> ComposeResult:
        yield Static("hello, world")
        yield Footer()

Hello().run()
"""
ROW = r"\b10 +api-tutorial"
LIVE = r"● live \d\d:\d\d:\d\d"
PLAIN = dict.fromkeys(("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "NO_COLOR", "WALLAROO_URL"))


@dataclass(frozen=True, slots=True)
class Start:
    """A program, and what on its screen stops the clock; the environment is made anew for each run."""

    words: tuple[str, ...]
    pattern: str
    environ: Callable[[], dict[str, str]] = dict

    def seconds(self) -> float:
        environ = {**PLAIN, **self.environ()}
        start = perf_counter()
        with Program([sys.executable, *self.words], size=(120, 40), environ=environ) as program:
            program.until(self.pattern)
            elapsed = perf_counter() - start
            program.press("ctrl+q")
            program.wait()
        return elapsed


@contextmanager
def demo_server() -> Iterator[str]:
    """A running ``wltui demo-server``: its address."""
    command = [sys.executable, "-m", "wltui", "demo-server"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.kill()


def token(url: str) -> str:
    form = b"grant_type=password&client_id=sdk-client&username=demo&password=demo"
    address = f"{url}/auth/realms/master/protocol/openid-connect/token"
    with urllib.request.urlopen(address, form) as answer:  # noqa: S310  our own server
        return str(json.load(answer)["access_token"])


def visit(url: str, pattern: str, credential: Callable[[], str], home: Callable[[], Path]) -> Start:
    return Start(
        ("-m", "wltui", "--endpoint", url),
        pattern,
        lambda: {"WLTUI_TOKEN": credential(), "XDG_CACHE_HOME": str(home())},
    )


def main(runs: int) -> None:
    with TemporaryDirectory() as folder, demo_server() as url:
        home = Path(folder)
        with demo_server() as gone:
            kept = token(gone)
            visit(gone, LIVE, lambda: kept, lambda: home).seconds()
        numbers = iter(range(10**6))
        starts = {
            "hello": Start(("-c", HELLO), "hello, world"),
            "first row, cached (the server is gone)": visit(gone, ROW, lambda: kept, lambda: home),
            "first row, live (nothing is cached)": visit(
                url, ROW, lambda: token(url), lambda: home / str(next(numbers))
            ),
            "header says live (the cache is warm)": visit(url, LIVE, lambda: token(url), lambda: home),
        }
        times: dict[str, list[float]] = {name: [] for name in starts}
        for turn in range(runs + 1):
            for name, start in starts.items():
                seconds = start.seconds()
                if turn:
                    times[name].append(seconds)
    yardstick = median(times["hello"])
    print(f"{'median of ' + str(runs):40} {'ms':>6} {'least':>6} {'most':>6} {'x hello':>8}")
    for name, found in times.items():
        middle = median(found)
        print(
            f"{name:40} {middle * 1e3:6.0f} {min(found) * 1e3:6.0f} {max(found) * 1e3:6.0f} {middle / yardstick:8.2f}"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 11)
