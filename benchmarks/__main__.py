"""All figures in one table, beside a bare Textual app, a stock DataTable and vim or less, in the same run.

    python -m benchmarks [--quick] [--json] [--write]

``--quick`` takes one turn of each and leaves out the figures that take long; ``--json`` prints the medians alone;
``--write`` puts the table into REFERENCE.md. Programs take turns, and the first turn does not count.
"""

import json
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from . import bytes as costs
from . import economy, openings, slow_link
from .figures import Samples, table, write
from .programs import bare, hello, ours, server, stock
from .terminal import ROOT, NotSeen


def main() -> int:
    parser = ArgumentParser(prog="python -m benchmarks", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--quick", action="store_true", help="one turn, and nothing that takes long")
    parser.add_argument("--json", action="store_true", help="print the medians as JSON")
    parser.add_argument("--write", action="store_true", help="put the table into REFERENCE.md")
    asked = parser.parse_args()
    samples: Samples = {}
    try:
        with TemporaryDirectory() as folder:
            _measure(Path(folder), samples, quick=asked.quick)
    except (NotSeen, subprocess.SubprocessError) as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nbenchmarks: stopped", file=sys.stderr)
        return 130
    if asked.json:
        print(
            json.dumps(
                {f"{row}: {program}": median(found) for (row, program), found in samples.items()}, indent=1
            )
        )
        return 0
    text = table(samples, "python -m benchmarks" + (" --quick" if asked.quick else ""))
    print(text)
    if asked.write:
        write(text)
    return 0


def _measure(folder: Path, samples: Samples, *, quick: bool) -> None:
    began = perf_counter()

    def say(what: str) -> None:
        print(f"{perf_counter() - began:5.0f} s  {what}", file=sys.stderr, flush=True)

    with server(1_000, 2_000) as url:
        say("bytes")
        costs.measure(url, folder, samples)
        say("starts")
        _starts(url, folder, samples, turns=1 if quick else 5)
        say("the slow link")
        slow_link.measure(url, folder, samples, held=1.0 if quick else slow_link.HELD, beside=not quick)
    say("openings")
    openings.add_samples(openings.measure(1 if quick else 5), samples)
    say("1,000 rows" if quick else "1,000 and 100,000 rows")
    for _ in range(1 if quick else 3):  # in turns, since they are compared
        samples.setdefault(("key p99", "few"), []).append(_many(1_000)["key p99"])
        many = {} if quick else _many(100_000)
        for name, value in many.items():
            samples.setdefault((name, "wltui"), []).append(value)
    if not quick:
        say("100,000 versions")
        (found,) = _lines("scale", "100000")
        samples["many memory", "wltui"] = [float(found["memory"])]
        say("problems of 1,000 workspaces")
        for way in _lines("problems"):
            rows, key = float(way["live rows ms"]) / 1e3, float(way["live key p99 ms"]) / 1e3
            samples.setdefault(("problems rows", "wltui"), []).append(rows)
            samples.setdefault(("problems key", "wltui"), []).append(key)
        say("an open program")
        economy.add_samples(samples)
        say("a walk over 500 models")
        walks = {str(walk["walk"]): float(walk["seconds"]) for walk in _lines("walk")}
        samples["walk", "wltui"], samples["walk", "httpx"] = [walks["models"]], [walks["httpx"]]
    say("done")


def _starts(url: str, folder: Path, samples: Samples, turns: int) -> None:
    for turn in range(turns + 1):
        programs = {
            "bare Python": bare(), "hello-world": hello(), "DataTable": stock(1_000),
            "wltui": ours(url, folder, "--workspace", "10"),
        }  # fmt: skip
        for name, opened in programs.items():
            first, ready = costs.starts(opened)
            if turn:
                samples.setdefault(("picture", name), []).append(first)
                samples.setdefault(("live", name), []).append(ready)


def _lines(script: str, *words: str) -> list[dict[str, Any]]:
    """What another benchmark tells, a line of JSON each."""
    command = [sys.executable, "-m", f"benchmarks.{script}", "--json", *words]
    answer = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=240, check=True)
    return [json.loads(line) for line in answer.stdout.splitlines()]


def _many(count: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.many", str(count)]
    answer = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, timeout=120, check=True)
    return {str(name): float(value) for name, value in json.loads(answer.stdout).items()}


if __name__ == "__main__":
    sys.exit(main())
