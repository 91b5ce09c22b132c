"""What the upload of a large file costs beside curl: ``python -m benchmarks.upload [MEGABYTES] [--turns N] [--json]``.

The file is sparse, and goes over loopback to the embedded Wallaroo in a process of its own. curl and wltui take turns;
wltui's uploads are hashed before, which is timed apart. Memory is what the process needs beyond its memory before the
upload. Meanwhile a task of the event loop wakes up every 2 ms: the longest delay of that is what a key would wait. On a
busy machine other programs delay it too, so the longest time that the loop itself computed between two is beside it.
"""

import asyncio
import json
import subprocess
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from time import perf_counter, thread_time

from wltui.api.auth import StaticToken
from wltui.api.client import Client
from wltui.core.records import Outcome, WorkspaceId
from wltui.core.settings import Secret
from wltui.core.upload_plan import UploadPlan
from wltui.service.exchange import Exchange
from wltui.service.upload.digest import digest_in_thread
from wltui.service.upload.uploads import Uploads
from wltui.store.upload_history import UploadHistory

from .big_server import serving
from .programs import token

TICK = 0.002
"""Seconds between two wakings of the task that feels for delays."""


def main() -> None:
    parser = ArgumentParser(prog="python -m benchmarks.upload", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("megabytes", type=int, nargs="?", default=2_000)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder, serving("-m", "wltui", "demo-server") as url:
        path = Path(folder) / "large.pkl"
        with path.open("wb") as file:
            file.truncate(asked.megabytes * 1_000_000)
        found = asyncio.run(_measure(url, path, asked.turns))
    if asked.json:
        print(json.dumps(found))
        return
    print(
        f"{asked.megabytes:,} MB, medians of {asked.turns}: curl {found['curl']:.2f} s, wltui {found['wltui']:.2f} s "
        f"(speed {found['speed']:.2f} × curl), hash before {found['hash']:.2f} s; "
        f"memory at most + {found['memory']:.1f} MB; "
        f"delays of the event loop: one in a hundred {found['delay p99'] * 1e3:.1f} ms, the longest "
        f"{found['delay'] * 1e3:.0f} ms, of its own computing {found['computed'] * 1e3:.1f} ms"
    )


async def _measure(url: str, path: Path, turns: int) -> dict[str, float]:
    samples: dict[str, list[float]] = {
        name: [] for name in ("curl", "wltui", "hash", "memory", "delay", "delay p99", "computed")
    }
    small = path.with_name("small.pkl")
    small.write_bytes(b"x")
    await _upload(url, small)  # what is imported and set up at first is no cost of a large file
    for _ in range(turns):
        samples["curl"].append(await asyncio.to_thread(_curl, url, path))
        for name, value in (await _upload(url, path)).items():
            samples[name].append(value)
    found = {name: median(values) for name, values in samples.items()}
    longest = {name: max(samples[name]) for name in ("delay", "computed", "memory")}
    return {**found, **longest, "speed": found["curl"] / found["wltui"]}


def _plan(path: Path) -> UploadPlan:
    return UploadPlan(name="large", workspace_id=WorkspaceId(10), file=path, framework="sklearn")


def _curl(url: str, path: Path) -> float:
    metadata = json.dumps(_plan(path).metadata())
    header = f"Authorization: Bearer {token(url)}"
    command = [
        "curl",
        "-s",
        "-f",
        "-H",
        "@-",
        "-F",
        f"metadata={metadata};type=application/json",
        "-F",
        f"file=@{path}",
    ]
    began = perf_counter()
    subprocess.run(
        [*command, f"{url}/v1/api/models/upload_and_convert"],
        input=header, text=True, check=True, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    return perf_counter() - began


async def _upload(url: str, path: Path) -> dict[str, float]:
    def now() -> datetime:
        return datetime.now(UTC)

    exchange = Exchange(lambda: Client(url, StaticToken(Secret(token(url))), timeout=60), None, now)
    uploads = Uploads(exchange, UploadHistory(path.parent / "state", "owner", now), "demo")
    plan = _plan(path)
    delays, computed = list[float](), list[float]()
    feeling = asyncio.create_task(_feel(delays, computed))
    base = _forget_peak()
    began = perf_counter()
    digest = await digest_in_thread(path)
    hashed = perf_counter()
    sent = await uploads.send(plan, digest)
    ended = perf_counter()
    if sent.outcome is not Outcome.SAVED:
        sys.exit(f"benchmarks: {sent.text}")
    feeling.cancel()
    await exchange.close()
    memory = (_status("VmHWM") - base) / 1e6
    return {
        "wltui": ended - hashed,
        "hash": hashed - began,
        "memory": memory,
        "delay": max(delays),
        "delay p99": quantiles(delays, n=100)[-1] if len(delays) > 1 else 0.0,
        "computed": max(computed),
    }


async def _feel(delays: list[float], computed: list[float]) -> None:
    while True:
        began, before = perf_counter(), thread_time()
        await asyncio.sleep(TICK)
        delays.append(perf_counter() - began - TICK)
        computed.append(thread_time() - before)


def _forget_peak() -> int:
    """Let the peak of the process's memory begin anew, and return its bytes now."""
    Path("/proc/self/clear_refs").write_text("5")
    return _status("VmRSS")


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name)) * 1024


if __name__ == "__main__":
    main()
