"""What the record table costs with many rows, as JSON in seconds: ``python -m benchmarks.many ROWS``.

In a process of its own, so that nothing of before weighs on it.
"""

import asyncio
import json
import sys
from statistics import quantiles
from time import perf_counter

from wltui.ui.widgets.table.table import RecordTable

from .table import COLUMNS, Bench, record_table, rows

KEYS = 1_000


async def keys(count: int) -> list[float]:
    """How long each of many keys takes until its line is painted."""
    table = RecordTable(COLUMNS, lambda row: row.id)
    async with Bench(table).run_test(size=(120, 40)) as pilot:
        table.show(rows(count))
        await pilot.pause()
        found = []
        for _ in range(KEYS):
            began = perf_counter()
            table.action_step(1)
            await pilot.pause(0)
            found.append(perf_counter() - began)
    return found


def main() -> None:
    count = int(sys.argv[1])
    costs = asyncio.run(record_table(count))
    told = {
        "many ready": costs["show"] / 1e3,
        "many filter": costs["fuzzy letter"] / 1e3,
        "many sort": costs["sort"] / 1e3,
        "key p99": quantiles(asyncio.run(keys(count)), n=100)[-1],
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
