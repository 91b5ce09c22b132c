"""How it feels over 20 kB/s with 150 ms there and back: a key, a key held, and each screen that is opened.

    python -m benchmarks.slow_link

lists what every key costs. The link has a buffer of 32 kB before it, and a program has to wait when that is full.
"""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from .figures import Samples
from .programs import Opened, ours, server, stock
from .terminal import Link

RATE, ROUND_TRIP = 20_000, 0.15
HELD = 5.0
KEYS = (
    "down", "pagedown", "s", "/", "a", "m", "escape", "?", "escape", "ctrl+p", "a", "escape", "y", "escape",
    "enter", "down", "p", "p", "L", "escape", "enter", "H", "escape",
    "e", "enter", "x", "backspace", "tab", "x", "ctrl+s", "escape", "escape",
)  # fmt: skip
"""A walk through all screens: list, filter, help, palette, JSON, versions, logs, detail, editor, review."""


def link() -> Link:
    return Link(RATE, ROUND_TRIP)


def measure(url: str, cache: Path, samples: Samples, *, held: float = HELD, beside: bool = True) -> None:
    """One turn; ``beside``: of the stock table too."""
    _feel(ours(url, cache, "--workspace", "10"), "wltui", samples, held)
    if beside:
        _feel(stock(1_000), "DataTable", samples, held)


def _feel(opened: Opened, name: str, samples: Samples, held: float) -> None:
    with opened.open(link()) as terminal:
        terminal.see(opened.ready)
        terminal.rest(0.6)
        terminal.key("down")
        samples.setdefault(("slow key", name), []).extend(terminal.key("down").last for _ in range(5))
        samples.setdefault(("slow hold", name), []).append(terminal.hold("down", held).last)
        samples.setdefault(("slow open", name), []).append(terminal.key("enter", quiet=0.8).last)
        terminal.leave()


def main(words: list[str]) -> None:
    with TemporaryDirectory() as folder, server(300, 600) as url:
        opened = ours(url, Path(folder), "--workspace", "10", *words)
        with opened.open(link()) as terminal:
            print(f"{'key':12} {'bytes':>7} {'first ms':>9} {'rest ms':>8}  the breadcrumb then")
            started = terminal.see(opened.ready)
            terminal.rest(0.8)
            print(f"{'start':12} {len(terminal.output):7} {'':9} {started * 1e3:8.0f}")
            for key in KEYS:
                painted = terminal.key(key, quiet=0.7)
                crumb = "".join(terminal.text().split("\n")[1:2]).strip()
                times = f"{painted.first * 1e3:9.0f} {painted.last * 1e3:8.0f}"
                print(f"{key:12} {painted.size:7} {times}  {crumb}", flush=True)
            terminal.leave()


if __name__ == "__main__":
    main(sys.argv[1:])
