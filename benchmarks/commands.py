"""How long a command takes from its start to its end, beside bare Python and beside httpx with the same requests.

    python -m benchmarks.commands [runs]

``get models`` reads the list of workspaces, all models, and by GraphQL the versions that are not ready. All programs
write to a pipe and take turns, and the first turn does not count. The processor's time is that of the whole process,
which other programs disturb less.
"""

import os
import subprocess
import sys
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

from .big_server import serving
from .programs import token

HTTPX = """
import asyncio, os, httpx

async def main():
    url, headers = os.environ["WALLAROO_URL"], {"Authorization": "Bearer " + os.environ["WLTUI_TOKEN"]}
    query = "{ model_version(limit: 1) { id } }"
    async with httpx.AsyncClient(headers=headers) as client:
        await asyncio.gather(
            client.post(url + "/v1/graphql", json={"query": query}),
            client.post(url + "/v1/api/workspaces/list", json={}),
        )
        await client.post(url + "/v1/api/models/list", json={})

asyncio.run(main())
"""
PROGRAMS = {
    "bare Python": ("-c", "pass"),
    "import argparse, msgspec": ("-c", "import argparse, msgspec"),
    "httpx, the same requests": ("-c", HTTPX),
    "wltui --help": ("-m", "wltui", "--help"),
    "wltui get models --cached": ("-m", "wltui", "get", "models", "--cached"),
    "wltui get models": ("-m", "wltui", "get", "models"),
    "wltui get versions -o json": ("-m", "wltui", "get", "versions", "-o", "json"),
    "wltui problems": ("-m", "wltui", "problems"),
}


def run(words: tuple[str, ...], environ: dict[str, str]) -> tuple[float, float]:
    """Return the seconds that a program takes, and those of the processor."""
    before, began = getrusage(RUSAGE_CHILDREN), perf_counter()
    subprocess.run(
        [sys.executable, *words],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
    )
    took, after = perf_counter() - began, getrusage(RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main(runs: int) -> None:
    unwanted = ("PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "WLTUI_PROFILE")
    usual = {name: text for name, text in os.environ.items() if name not in unwanted}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PROGRAMS}
    with TemporaryDirectory() as folder, serving("-m", "wltui", "demo-server") as url:
        homes = {f"XDG_{kind}_HOME": str(Path(folder) / kind) for kind in ("CACHE", "STATE", "CONFIG")}
        for turn in range(runs + 1):
            environ = usual | homes | {"WALLAROO_URL": url, "WLTUI_TOKEN": token(url)}
            if not turn:
                run(PROGRAMS["wltui get models"], environ)
            for name, words in PROGRAMS.items():
                took = run(words, environ)
                if turn:
                    found[name].append(took)
    bare = [median(column) for column in zip(*found["bare Python"], strict=True)]
    print(
        f"{f'median of {runs}':28} {'ms':>6} {'least':>6} {'x bare':>7} {'cpu ms':>7} {'x bare':>7} {'over httpx':>11}"
    )
    httpx = median(used for _, used in found["httpx, the same requests"])
    for name, taken in found.items():
        times, used = zip(*taken, strict=True)
        print(
            f"{name:28} {median(times) * 1e3:6.0f} {min(times) * 1e3:6.0f} {median(times) / bare[0]:7.2f} "
            f"{median(used) * 1e3:7.0f} {median(used) / bare[1]:7.2f} {(median(used) - httpx) * 1e3:+8.0f} ms"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 15)
