"""Processes that write to one cache file and are killed at it: ``python -m tests.support.cache_writers DRILL FILE``.

Each value carries the number of its request and its own checksum, so that a reader knows a bad one.
"""

import hashlib
import os
import random
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path

from wltui.store.bodies import pack
from wltui.store.response_cache import Cache

REQUESTS = 40
ROUNDS = 120
BOUND = 400_000
"""Bytes of the cache, so that it is pruned all the time."""


def value(number: int, luck: random.Random) -> bytes:
    body = number.to_bytes(4) + luck.randbytes(luck.randrange(100, 30_000))
    return hashlib.sha256(body).digest() + body


def is_good(number: int, found: bytes) -> bool:
    return hashlib.sha256(found[32:]).digest() == found[:32] and found[32:36] == number.to_bytes(4)


def put(cache: Cache, number: int, luck: random.Random) -> None:
    cache.put(pack("drill", {"number": number}, value(number, luck)), datetime.now(UTC))


def check(cache: Cache) -> int:
    """Read every request's answer; returns how many there are."""
    found = {number: cache.get("drill", {"number": number}) for number in range(REQUESTS)}
    bad = [number for number, entry in found.items() if entry and not is_good(number, entry.stored.unpack())]
    assert not bad, f"bad values: {bad}"
    assert cache.trouble is None, cache.trouble
    return sum(entry is not None for entry in found.values())


def check_file(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)


def forked(work: Callable[[], object]) -> int:
    """Do some work in a process of its own; returns its number."""
    if (pid := os.fork()) == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            if code:
                traceback.print_exc()
            os._exit(code)
    return pid


def has_log(path: Path) -> bool:
    log = path.with_name(path.name + "-wal")
    return log.exists() and log.stat().st_size > 0


def write_on(path: Path, seed: int, ticks: int) -> None:
    """Write until killed, with a tick for every value; the pipe's size keeps it from running far ahead."""
    luck, cache = random.Random(seed), Cache(path, max_bytes=BOUND)
    put(cache, luck.randrange(REQUESTS), luck)
    while seed % 4 and not has_log(path):  # every fourth may be killed before it has written anything
        pass
    while True:
        put(cache, luck.randrange(REQUESTS), luck)
        os.write(ticks, bytes(4096))


def kill(path: Path, kills: int) -> None:
    """Kill a writer again and again, each time at another moment; what it left is whole."""
    luck, left, kept = random.Random(1), 0, 0
    for seed in range(kills):
        ticks, out = os.pipe()
        pid = forked(lambda out=out, seed=seed: write_on(path, seed, out))  # type: ignore[misc]
        os.close(out)
        for _ in range(luck.randrange(5, 100)):
            os.read(ticks, 4096)
        os.kill(pid, signal.SIGKILL)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
        os.close(ticks)
        left += has_log(path)
        check_file(path)
        with closing(Cache(path, max_bytes=BOUND)) as cache:
            kept = check(cache)
    print(f"{kills} kills, {left} of them left a log, {kept} answers kept")


def together(path: Path, starts: int) -> None:
    """Two that make the file at once, write the same requests and read what the other wrote."""
    for start in range(starts):
        _together(path.with_name(f"{start}.db"))


def _together(path: Path) -> None:

    def work(seed: int) -> None:
        luck = random.Random(seed)
        with closing(Cache(path, max_bytes=BOUND * 10)) as cache:
            for round_ in range(ROUNDS):
                put(cache, round_ % REQUESTS, luck)
                if round_ % 10 == 0:
                    check(cache)

    pids = [forked(lambda seed=seed: work(seed)) for seed in (1, 2)]  # type: ignore[misc]
    codes = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    assert codes == [0, 0], codes
    check_file(path)
    with closing(Cache(path)) as cache:
        assert check(cache) == REQUESTS


def fill(path: Path) -> None:
    """Write more than the disk holds: what was there stays, and what comes when there is room again is kept."""
    ballast, luck, number = path.parent.parent / "ballast", random.Random(1), 0
    ballast.write_bytes(bytes(600_000))
    with closing(Cache(path)) as cache, closing(Cache(path)) as other:
        while cache.trouble is None:
            put(cache, number := number + 1, luck)
            while cache.trouble is None and other.get("drill", {"number": number}) is None:
                pass
        print(cache.trouble)
        kept = check(other)
        assert kept == number - 1 > 0
        check_file(path)
        with ballast.open("ab", buffering=0) as file, suppress(OSError):
            while True:
                file.write(bytes(512))
        with closing(Cache(path.with_name("new.db"))) as new:
            assert new.trouble == cache.trouble
        ballast.unlink()
        while cache.trouble is not None:
            put(cache, 0, luck)
    with closing(Cache(path)) as cache:
        assert check(cache) == kept + 1


def refuse(path: Path) -> None:
    """Where no file can be made or written, all goes on without."""
    with closing(Cache(path)) as cache:
        put(cache, 0, random.Random(1))
        assert cache.get("drill", {"number": 0}) is None
        print(cache.trouble)


if __name__ == "__main__":
    drills: dict[str, Callable[..., None]] = {
        "kill": kill, "together": together, "fill": fill, "refuse": refuse
    }  # fmt: skip
    drills[sys.argv[1]](Path(sys.argv[2]), *map(int, sys.argv[3:]))
