"""What the record table costs, beside Textual's own DataTable in the same run.

    python -m benchmarks.table [rows ...]

Medians in milliseconds; DataTable's ``show`` ends when it has measured its cells. Rows come shuffled.
"""

import asyncio
import random
import sys
from collections.abc import Callable
from statistics import median
from time import perf_counter

from msgspec import Struct
from textual.app import ComposeResult
from textual.widget import Widget
from textual.widgets import DataTable

from wltui.ui.text.spans import Role
from wltui.ui.theme import DARK, ThemedApp
from wltui.ui.widgets.painted import RoleScreen
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.table.table import RecordTable

REPEATS = 7
KEYS = 50


class Row(Struct, frozen=True, gc=False):
    """A record of the kind that the program shows."""

    id: int
    name: str
    status: str
    size: int
    owner: str


COLUMNS: list[Column[Row]] = [
    Column("name", "Name", lambda row: row.name, width=20, flex=1),
    Column(
        "status", "Status", lambda row: row.status, lambda row, _: ((row.status, Role.SUCCESS),), width=10
    ),
    Column("size", "Size", lambda row: str(row.size), sort=lambda row: row.size, width=8, align="right"),
    Column("owner", "Owner", lambda row: row.owner, width=24),
    Column("id", "Id", lambda row: str(row.id), sort=lambda row: row.id, width=8, align="right"),
]


def rows(count: int, size: int = 0) -> list[Row]:
    made = [
        Row(n, f"model-{n:06}", ("ready", "error")[n % 5 == 0], n % 997 + size, f"user{n % 23}@example.com")
        for n in range(count)
    ]
    random.Random(7).shuffle(made)  # noqa: S311
    return made


class Bench(ThemedApp):
    def __init__(self, table: Widget) -> None:
        super().__init__()
        self.theme = DARK.name
        self.table = table

    def get_default_screen(self) -> RoleScreen[None]:
        return RoleScreen()

    def compose(self) -> ComposeResult:
        yield self.table


def timed(*calls: Callable[[], object]) -> float:
    """The median of the calls' times in milliseconds."""
    times = []
    for call in calls:
        start = perf_counter()
        call()
        times.append((perf_counter() - start) * 1e3)
    return median(times)


async def record_table(count: int) -> dict[str, float]:
    table = RecordTable(COLUMNS, lambda row: row.id)
    one, other = rows(count), rows(count, size=1)
    async with Bench(table).run_test(size=(120, 40)) as pilot:
        costs = {"show": timed(*[lambda: table.show(one), lambda: table.show(other)] * REPEATS)}
        costs["show again"] = timed(*[lambda: table.show(other)] * REPEATS)
        typed = ["r", "re", "ready", "ready 1", "ready 12"]
        costs["first letter"] = timed(lambda: setattr(table, "filter", "e"))
        costs["letter"] = timed(*[lambda text=text: setattr(table, "filter", text) for text in typed])
        table.filter = ""
        costs["fuzzy letter"] = timed(
            *[lambda t=text: setattr(table, "filter", t) for text in ("~md", "~mdl", "~mdl7")]
        )
        table.filter = ""
        sorts = [lambda key=column.key: table.sort_by(key) for column in COLUMNS]
        costs["sort"] = timed(*sorts * 2)
        costs["reverse"] = timed(*[table.action_reverse] * REPEATS)
        await pilot.pause()
        costs["move"] = timed(*[lambda: table.action_step(1)] * KEYS)
    return costs


async def data_table(count: int) -> dict[str, float]:
    table: DataTable[str] = DataTable(cursor_type="row")
    records = rows(count)
    async with Bench(table).run_test(size=(120, 40)) as pilot:
        for column in COLUMNS:
            table.add_column(column.title, key=column.key, width=column.width)
        times = []
        for _ in range(3):
            start = perf_counter()
            table.clear()
            table.add_rows([column.text(record) for column in COLUMNS] for record in records)
            await pilot.pause()  # it measures every cell when it is next idle
            times.append((perf_counter() - start) * 1e3)
        sort = timed(*[lambda: table.sort("name"), lambda: table.sort("owner")] * 2)
        return {"show": median(times), "sort": sort, "move": timed(*[table.action_cursor_down] * KEYS)}


def show(name: str, count: int, costs: dict[str, float]) -> None:
    print(
        f"{name:12} {count:>7,}  " + "  ".join(f"{what} {cost:.1f}" for what, cost in costs.items()),
        flush=True,
    )


async def main(counts: list[int]) -> None:
    show("DataTable", 1000, await data_table(1000))
    for count in counts:
        show("RecordTable", count, await record_table(count))


if __name__ == "__main__":
    asyncio.run(main([int(count) for count in sys.argv[1:]] or [1_000, 10_000, 100_000]))
