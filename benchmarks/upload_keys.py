"""How long a key takes while a large file is uploaded: ``python -m benchmarks.upload_keys [MEGABYTES] [--json]``.

The whole program runs in a terminal of 120 columns and 40 rows; it uploads a sparse file over loopback to the embedded
Wallaroo in a process of its own, which reads it as fast as it comes. Times are milliseconds from a key to the cursor
on its new row, before the upload and during it.
"""

import json
import re
import sys
from argparse import ArgumentParser
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import monotonic

from .big_server import serving
from .terminal import Terminal

SENDING = re.compile(r"\d+ %")
MOVES = (("down", r"▸ +10 "), ("up", r"▸ +4 "))
"""Keys on the list of workspaces, and what is seen after them."""


def main() -> None:
    parser = ArgumentParser(
        prog="python -m benchmarks.upload_keys", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("megabytes", type=int, nargs="?", default=2_000)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder, serving("-m", "wltui", "demo-server") as url:
        path = Path(folder) / "large.pkl"
        with path.open("wb") as file:
            file.truncate(asked.megabytes * 1_000_000)
        before, during = _measure(url, path)
    found = {
        f"{when} {name}": round(value, 1)
        for when, times in (("before", before), ("during", during))
        for name, value in (("keys", len(times)), ("median ms", median(times)), ("slowest ms", max(times)))
    }
    print(
        json.dumps(found) if asked.json else "\n".join(f"{name:20} {value}" for name, value in found.items())
    )


def _measure(url: str, path: Path) -> tuple[list[float], list[float]]:
    folder = str(path.parent)
    environ = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"), folder)
    environ |= {"WALLAROO_URL": url, "WALLAROO_USER": "demo", "WALLAROO_PASSWORD": "demo"}
    with Terminal([sys.executable, "-m", "wltui"], environ=dict(environ)) as terminal:
        terminal.see("fraud-detection")
        terminal.rest()
        before = _times(terminal, 30)
        terminal.key("enter")
        terminal.key("u")
        terminal.key(*str(path), "enter")
        terminal.see(r"SHA-256 [0-9a-f]{12}")
        terminal.key("ctrl+s")
        terminal.see("Cancel .* Upload")
        terminal.key("\x1b[C")
        terminal.press("enter")
        terminal.see(SENDING.pattern)
        terminal.key("\x1b")
        terminal.press("\x1b")
        terminal.see(MOVES[-1][1])
        during = list[float]()
        end = monotonic() + 60
        while monotonic() < end and SENDING.search(terminal.text()):
            during += _times(terminal, 5)
        if not during:
            sys.exit("benchmarks: the upload was over before a key could be pressed; try more megabytes")
        return before, during


def _times(terminal: Terminal, pairs: int) -> list[float]:
    times = []
    for key, seen in MOVES * pairs:
        terminal.send(key)
        times.append(terminal.see(seen) * 1000)
        terminal.rest_for(0.02)
    return times


if __name__ == "__main__":
    main()
