"""The table of figures: its rows and goals, how a value is told, and where in REFERENCE.md it stands."""

import os
import platform
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median

REFERENCE = Path(__file__).parent.parent / "REFERENCE.md"
BEGIN, END = "<!-- figures: begin. Made by python -m benchmarks --write -->\n", "<!-- figures: end -->"
PART = re.compile(f"(?<={re.escape(BEGIN)}).*?(?={re.escape(END)})", re.DOTALL)
PROGRAMS = ("wltui", "hello-world", "DataTable", "vim or less")


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: what is measured, in which unit, and the goal in words."""

    key: str
    title: str
    unit: str
    goal: str


ROWS = (
    Row("start bytes", "bytes to start", "kB", "≤ 8 kB"),
    Row("down", "`down` inside the page", "kB", "≤ 0.35 kB"),
    Row("edge", "`down` at the edge, which scrolls", "kB", "≤ 0.6 kB"),
    Row("page", "page down", "kB", "≤ 4.5 kB"),
    Row("push", "open a screen", "kB", "≤ 8.5 kB"),
    Row("pop", "back to the screen before", "kB", "≤ 8.5 kB"),
    Row("palette", "command palette", "kB", "≤ 15 kB"),
    Row("idle", "idle for 3 s", "kB", "≤ 0.04 kB"),
    Row("poll", "a poll that changed nothing", "kB", "≤ 0.04 kB"),
    Row("picture", "start to the first picture (bare Python: {bare})", "ms", "≤ 60 ms"),
    Row("live", "start to the first live row of 1,000", "ms", "≤ 1.15 × hello-world"),
    Row("open pane", "open versions with their pane, warm: until all of it is shown", "ms", "≤ 120 ms"),
    Row("open editor", "open the editor, warm: until all of it is shown", "ms", "≤ 120 ms"),
    Row(
        "open other",
        "open another screen, the slowest of 20, warm: until all of it is shown",
        "ms",
        "≤ 80 ms",
    ),
    Row("many ready", "100,000 rows: into the table", "ms", "≤ 700 ms"),
    Row("many filter", "100,000 rows: a letter of a filter", "ms", "≤ 60 ms"),
    Row("many sort", "100,000 rows: sort", "ms", "≤ 60 ms"),
    Row("many memory", "100,000 versions: memory of the process", "MB", "≤ 90 MB"),
    Row(
        "key p99",
        "100,000 rows: the slowest in a hundred steps (of 1,000 rows: {few})",
        "ms",
        "≤ 1.2 × of 1,000",
    ),
    Row(
        "walk",
        "all of 500 models, a request of 50 ms each (httpx alone: {httpx})",
        "s",
        "≤ 1.3 × ideal, 2.08 s",
    ),
    Row(
        "problems rows",
        "Problems of 1,000 workspaces: the first of 10,000 versions, after they arrived",
        "ms",
        "≤ 300 ms",
    ),
    Row(
        "problems key",
        "Problems of 10,000 versions: the slowest in a hundred keys while it fills",
        "ms",
        "≤ 50 ms",
    ),
    Row(
        "traffic models",
        "API traffic beside a list of 1,000 models with 2,000 versions, one on its way to ready",
        "kB/s",
        "≤ 10 kB/s",
    ),
    Row(
        "traffic problems",
        "the same beside Problems of 200 workspaces and 10,000 versions",
        "kB/s",
        "≤ 20 kB/s",
    ),
    Row("traffic workspaces", "the same beside the 200 workspaces", "kB/s", "≤ 20 kB/s"),
    Row("traffic cpu", "processor time for the most expensive of these three", "%", "≤ 1 %"),
    Row("slow key", "20 kB/s, 150 ms: a key is painted", "ms", "≤ 230 ms"),
    Row("slow hold", "20 kB/s, 150 ms: at rest after `down` was held for 5 s", "ms", "≤ 300 ms"),
    Row("slow open", "20 kB/s, 150 ms: a screen is opened", "ms", "≤ 750 ms"),
)

Samples = dict[tuple[str, str], list[float]]
"""What was measured, by row and program: bytes, seconds, megabytes or percent."""


def told(row: Row, samples: Sequence[float]) -> str:
    """A median in the row's unit; bytes are exact to a byte."""
    value = median(samples)
    if row.unit == "kB":
        return f"{value / 1000:.3f} kB" if value else "0"
    if row.unit == "kB/s":
        return f"{value / 1000:.1f} kB/s"
    if row.unit == "%":
        return f"{value:.2f} %"
    if row.unit == "ms":
        return f"{value * 1e3:.0f} ms" if value >= 0.01 else f"{value * 1e3:.1f} ms"
    return f"{value:.2f} s" if row.unit == "s" else f"{value:.0f} MB"


def table(samples: Mapping[tuple[str, str], Sequence[float]], command: str) -> str:
    """The Markdown: a row a figure, a column a program, and how wltui compares with each."""
    yardsticks = {
        "bare": ("picture", "bare Python"),
        "few": ("key p99", "few"),
        "httpx": ("walk", "httpx"),
    }
    lines = [
        "| 120x40, true colour | goal | " + " | ".join(PROGRAMS) + " |",
        "| --- " * (len(PROGRAMS) + 2) + "|",
    ]
    for row in ROWS:
        ours = samples.get((row.key, "wltui"))
        cells = [told(row, ours) if ours else "–"]
        for program in PROGRAMS[1:]:
            theirs = samples.get((row.key, program))
            ratio = f" ({median(ours) / median(theirs):.2f} ×)" if ours and theirs and median(theirs) else ""
            cells.append(told(row, theirs) + ratio if theirs else "")
        beside = {name: samples.get(key) for name, key in yardsticks.items()}
        title = row.title.format(**{name: told(row, each) if each else "–" for name, each in beside.items()})
        lines.append(f"| {title} | {row.goal} | " + " | ".join(cells) + " |")
    return "\n".join([*lines, "", machine(command), ""])


def machine(command: str) -> str:
    """When, where and how the figures were made."""
    names = [line.partition(":")[2].strip() for line in _cpuinfo() if line.startswith("model name")]
    kind = names[0] if names else platform.processor() or platform.machine()
    return (
        f"Medians; in brackets what wltui takes of that. `{command}`, {datetime.now(UTC):%Y-%m-%d}, {kind}, "
        f"{os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}, "
        f"Textual {version('textual')}."
    )


def _cpuinfo() -> Sequence[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else ()


def write(text: str) -> None:
    """Put the table into REFERENCE.md, between its markers."""
    before = REFERENCE.read_text("utf-8")
    if not PART.search(before):
        sys.exit(f"{REFERENCE.name} has no markers for the figures")
    REFERENCE.write_text(PART.sub(lambda _: text, before), "utf-8")
