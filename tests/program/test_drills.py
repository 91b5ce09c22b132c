"""Bad days of the installed program: killed at work, two at once, bad disks and files, servers that come and go."""

import json
import random
import re
import signal
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support.demo_server import DemoServer
from tests.support.home import Home
from tests.support.own_disk import on_own_disk
from tests.support.pty_program import Program
from tests.support.screen_text import without_ages
from wltui.demo import Demo
from wltui.store.bodies import pack
from wltui.store.response_cache import BEGUN_ANEW, FULL, NEWER, READ_ONLY, SCHEMA_VERSION, Cache, Owner

WORKSPACE, MODEL, VERSION = r"10 +api-tutorial", "api-upload-pytorch-multi-io", r"▸ +19 "
LIVE = r"● live \d\d:\d\d:\d\d"
VERSIONS = r"› .* › .*\n[\s\S]*\d versions"
"""Of a model: the screen before tells a number of versions too."""


@pytest.fixture
def server() -> Iterator[Demo]:
    with Demo(token_ttl=86_400) as server:
        yield server


def find_cache(home: Home) -> Path:
    """Return the one cache file."""
    (file,) = (home.cache / "wltui").glob("*.db")
    return file


@pytest.fixture
def home(server: Demo, tmp_path: Path) -> Home:
    return Home(tmp_path, server.url)


def quit_(program: Program) -> None:
    program.press("ctrl+q")
    assert program.wait() == 0


def go_down(program: Program, seen: str = LIVE) -> None:
    """From the workspaces to a version, each screen having been read."""
    program.until(rf"{seen}[\s\S]*▸ +4 [\s\S]*{WORKSPACE}")
    program.press("down", "enter")
    program.until(rf"{seen}[\s\S]*› api-tutorial[\s\S]*{MODEL}")
    program.press("enter")
    program.until(rf"{seen}[\s\S]*› {MODEL}[\s\S]*{VERSION}")
    program.press("enter")
    program.until(rf"{seen}[\s\S]*› version 19[\s\S]*Config 29 +flight")


def told_once(program: Program, sentence: str) -> bool:
    """Whether a sentence is on screen, in one line and once."""
    return program.text().count(sentence) == 1


# Killed, and two at once.


def check(file: Path) -> int:
    """Look into a cache file as it was left, without mending anything; returns how many answers it has."""
    with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
        rows = connection.execute("select key, body from answer").fetchall()
    for key, body in rows:
        unpacked = zlib.decompress(body)
        assert unpacked.startswith(key)
        json.loads(unpacked.removeprefix(key))
    return len(rows)


def kill_at_a_write(program: Program, log: Path, writes: int) -> None:
    """Kill it at the moment in which a number of writes have been seen in the log; it is made to go on reading."""
    seen = stamp(log)
    deadline = time.monotonic() + 60
    while writes:
        assert time.monotonic() < deadline, f"it writes nothing; the screen:\n{program.text()}"
        quiet = not program.read(0.02)
        if (now := stamp(log)) != seen:
            seen, writes = now, writes - 1
        elif quiet:
            program.press("r")
    program.send_signal(signal.SIGKILL)
    assert program.wait() == -signal.SIGKILL


def stamp(log: Path) -> tuple[int, int]:
    try:
        status = log.stat()
    except FileNotFoundError:
        return 0, 0
    return status.st_size, status.st_mtime_ns


def test_killed_while_it_writes_the_cache_is_whole_each_time(home: Home, thorough: bool) -> None:
    """Two at a time: one is killed beside the other, which goes on writing."""
    luck = random.Random(1)
    with home.run() as program:
        go_down(program)
        quit_(program)
    log = find_cache(home).with_name(find_cache(home).name + "-wal")
    kept = check(find_cache(home))
    for _ in range(50 if thorough else 1):
        with home.run() as one, home.run() as other:
            for program in (one, other):
                kill_at_a_write(program, log, luck.randrange(1, 6))
                assert log.stat().st_size > 0
                assert check(find_cache(home)) >= kept > 0
    with home.run("--offline") as program:
        go_down(program, "offline mode")
        assert "response cache" not in program.text()
        quit_(program)


def listed(program: Program) -> list[str]:
    """Id and status of the versions on screen; their ages go on."""
    return re.findall(r"^[▸ ] +(\d+  \S \w+)", program.text(), re.MULTILINE)


@pytest.mark.thorough
def test_two_that_write_one_cache_at_once_leave_both_ones_data_to_a_third(home: Home) -> None:
    with home.run("--workspace", "10") as one, home.run("--workspace", "11") as other:
        one.until(rf"{LIVE}[\s\S]*{MODEL}[\s\S]*\d versions")
        other.until(rf"{LIVE}[\s\S]*fraud[\s\S]*\d versions")
        models = [without_ages(program.text()).splitlines()[3:-2] for program in (one, other)]
        for program in (one, other):
            program.press("enter")
        for program in (one, other):
            program.until(rf"{LIVE}[\s\S]*{VERSIONS}")
            assert "response cache" not in program.text()
        versions = [listed(program) for program in (one, other)]
        assert all(versions)
        quit_(one)
        quit_(other)
    check(find_cache(home))
    for workspace, *seen in zip(("10", "11"), models, versions, strict=True):
        with home.run("--offline", "--workspace", workspace) as program:
            program.until(r"offline mode[\s\S]*\d versions")
            assert without_ages(program.text()).splitlines()[3:-2] == seen[0]
            program.press("enter")
            program.until(rf"offline mode[\s\S]*{VERSIONS}")
            assert listed(program) == seen[1]
            quit_(program)


def test_offline_and_without_a_token_it_is_the_one_user_whose_answers_are_kept(home: Home) -> None:
    with home.run() as program:
        program.until(rf"{LIVE} +demo@example.com[\s\S]*{WORKSPACE}")
        quit_(program)
    with home.run("--offline", WLTUI_TOKEN="") as program:
        program.until(rf"offline mode · as of [\d:]+ +demo@example.com[\s\S]*{WORKSPACE}")
        quit_(program)
    with home.run(WLTUI_TOKEN="") as program:
        program.until("! not signed in")
        assert not re.search(WORKSPACE, program.text())
        quit_(program)
    with closing(Cache(home.cache / "wltui" / "joe.db", owner=Owner(home.url, "joe"))) as cache:
        cache.put(pack("workspaces/list", {}, b"{}"), datetime.now(UTC))
    with home.run("--offline", WLTUI_TOKEN="") as program:
        assert program.wait() == 2
        told = " ".join(program.text().split())
    assert told.startswith("wltui: --offline does not know whose answers")
    assert "demo@example.com, joe" in told


# Disks.


@pytest.fixture
def disk(home: Home) -> tuple[str, ...]:
    """What to put before a command to give it a disk of its own for the cache; then mount options, as ``size=1m``."""
    home.cache.mkdir()
    return on_own_disk(home.cache)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        pytest.param("size=72k", FULL, id="full"),
        pytest.param("size=1m,ro", READ_ONLY, id="read-only"),
    ],
)
def test_a_bad_disk_costs_one_line(home: Home, disk: tuple[str, ...], options: str, told: str) -> None:
    with home.run(within=(*disk, options)) as program:
        go_down(program)
        program.until(re.escape(told))
        assert told_once(program, told)
        program.press("e")
        program.until("No changes")
        program.press("escape")
        program.until("e Edit config")
        quit_(program)


# Servers that come and go.


def test_a_server_that_stands_still_leaves_the_data_on_screen_and_is_back_by_itself(tmp_path: Path) -> None:
    with DemoServer() as server:
        home = Home(tmp_path, server.url)
        with home.run("--refresh", "1", WALLAROO_REQUEST_TIMEOUT="0.5") as program:
            program.until(rf"{LIVE}[\s\S]*{WORKSPACE}")
            server.stop()
            program.until(rf"! no answer · as of \d\d:\d\d:\d\d[\s\S]*{WORKSPACE}[\s\S]*Next try at \d\d:")
            server.go_on()
            program.until(rf"{LIVE}[\s\S]*{WORKSPACE}")
            quit_(program)


def test_without_a_server_the_known_world_can_be_browsed_until_it_is_back(server: Demo, home: Home) -> None:
    with home.run() as program:
        go_down(program)
        quit_(program)
    server.refuse()
    with home.run("--refresh", "1") as program:
        go_down(program, r"! offline · as of \d\d:\d\d:\d\d")
        program.press("escape")
        program.until(VERSION)
        program.press("escape")
        program.until(rf"▸{MODEL} +✖ error +5 ")
        program.press("/", "nothing of this name")
        program.until("None of [^']* matches 'nothing of this name'")
        assert MODEL not in program.text()
        program.press("escape")
        program.until(MODEL)
        server.start()
        program.until(rf"{LIVE}[\s\S]*{MODEL}")
        quit_(program)


# Files.


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def garbage(content: bytes) -> bytes:
    return b"garbage " * (len(content) // 8)


def newer(content: bytes) -> bytes:
    """The version is the number at byte 60 of an SQLite file."""
    assert content[60:64] == SCHEMA_VERSION.to_bytes(4)
    return content[:60] + (SCHEMA_VERSION + 1).to_bytes(4) + content[64:]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        pytest.param(cut, BEGUN_ANEW, marks=pytest.mark.thorough),
        (garbage, BEGUN_ANEW),
        pytest.param(newer, NEWER, marks=pytest.mark.thorough),
    ],
)
def test_a_bad_cache_file_costs_one_line_and_nothing_else(
    home: Home, change: Callable[[bytes], bytes], told: str
) -> None:
    with home.run() as program:
        go_down(program)
        quit_(program)
    file = find_cache(home)
    changed = change(file.read_bytes())
    file.write_bytes(changed)
    with home.run() as program:
        go_down(program)
        assert told_once(program, told)
        quit_(program)
    with home.run("--offline") as program:
        go_down(program, "offline mode")
        assert "response cache" not in program.text()
        quit_(program)
    assert (file.read_bytes() == changed) is (change is newer)
