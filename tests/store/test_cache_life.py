"""The cache's life: killed at work, shared, on a full disk and a read-only one, and beside a server that is gone."""

import asyncio
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.support.demo_server import DemoServer, sign_in
from tests.support.own_disk import on_own_disk
from tests.support.pty_program import ROOT, Program
from tests.support.services import last
from tests.support.waiting import LIMIT
from wltui.auth.identity import identify
from wltui.core.errors import ConnectionFailed
from wltui.core.records import ModelId, ModelVersion, VersionId, WorkspaceId
from wltui.core.settings import Secret, Settings
from wltui.service.open import open_service
from wltui.service.service import Service
from wltui.store.response_cache import BEGUN_ANEW, FULL, READ_ONLY, cache_path

HOME = WorkspaceId(10)
VERSION = ModelVersion(id=VersionId(16), model_id=ModelId(15), model_name="api-upload-pytorch-multi-io")


# The file, in other processes.


def drill(*words: str | Path, within: tuple[str, ...] = ()) -> str:
    """One of the drills of ``tests.cache_writers``; returns what it prints."""
    answer = subprocess.run(
        [*within, sys.executable, "-m", "tests.support.cache_writers", *words],
        cwd=ROOT, capture_output=True, text=True, timeout=5 * LIMIT, check=False,  # thousands of statements
    )  # fmt: skip
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


def test_a_writer_that_is_killed_again_and_again_leaves_a_whole_file_and_no_bad_value(
    tmp_path: Path, thorough: bool
) -> None:
    often = 100 if thorough else 20
    told = drill("kill", tmp_path / "cache.db", str(often))
    kills, left, kept = map(int, re.findall(r"\d+", told))
    assert kills == often
    assert left > kills / 2, "it was hardly ever killed while it was writing"
    assert kept > 0


def test_two_processes_that_make_and_write_one_file_at_once_lose_nothing(
    tmp_path: Path, thorough: bool
) -> None:
    drill("together", tmp_path / "cache.db", str(20 if thorough else 5))


@pytest.fixture
def disk(tmp_path: Path) -> tuple[str, ...]:
    """What to put before a command to give it a disk of one megabyte at ``tmp_path``; it may be made read-only."""
    return on_own_disk(tmp_path)


def test_a_full_disk_is_told_loses_nothing_and_is_forgotten(tmp_path: Path, disk: tuple[str, ...]) -> None:
    told = drill("fill", tmp_path / "wltui" / "cache.db", within=(*disk, "size=1m"))
    assert told == f"{FULL}\n"


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, disk: tuple[str, ...]) -> None:
    told = drill("refuse", tmp_path / "wltui" / "cache.db", within=(*disk, "size=1m,ro"))
    assert told == f"{READ_ONLY}\n"


# The service, beside a server of its own process.


@pytest.fixture
def server() -> Iterator[DemoServer]:
    with DemoServer() as server:
        yield server


@pytest.fixture
def settings(server: DemoServer) -> Settings:
    return Settings(server.url, login=("demo", Secret("demo")))


async def visit(service: Service) -> tuple[object, ...]:
    """What a session that reads everything sees in the end."""
    return (
        await last(service.workspaces()),
        await last(service.models(HOME)),
        await last(service.model(HOME, ModelId(15))),
        await last(service.version(VERSION)),
        await last(service.upload_log(VERSION)),
    )


async def test_a_server_that_stands_still_is_waited_for_with_the_cached_answer_told(
    server: DemoServer, settings: Settings, tmp_path: Path
) -> None:
    service = open_service(settings, tmp_path)
    known = await last(service.models(HOME))
    server.stop()
    stream = service.models(HOME)
    cached = await anext(stream)
    assert (cached.live, cached.value) == (False, known)
    live = asyncio.ensure_future(anext(stream))
    for _ in range(100):
        await asyncio.sleep(0)
    assert not live.done()
    server.go_on()
    answer = await live
    assert (answer.live, answer.value) == (True, known)
    assert answer.as_of > cached.as_of
    await service.close()


@pytest.mark.parametrize("offline", [False, True])
async def test_without_a_server_the_known_world_is_told(
    server: DemoServer, settings: Settings, tmp_path: Path, offline: bool
) -> None:
    service = open_service(settings, tmp_path)
    known = await visit(service)
    await service.close()
    server.end()

    service = open_service(replace(settings, offline=offline), tmp_path)
    streams = (
        service.workspaces(),
        service.models(HOME),
        service.model(HOME, ModelId(15)),
        service.version(VERSION),
        service.upload_log(VERSION),
    )
    for stream, value in zip(streams, known, strict=True):
        answer = await anext(stream)
        assert (answer.live, answer.value) == (False, value)
        with pytest.raises(ConnectionFailed):
            await anext(stream)
    assert service.trouble is None
    await service.close()


async def test_the_service_tells_of_the_caches_trouble_and_reads_all_the_same(
    server: DemoServer, settings: Settings, tmp_path: Path
) -> None:
    path = cache_path(tmp_path, identify(settings, tmp_path).key)
    path.write_bytes(b"garbage " * 1000)
    service = open_service(settings, tmp_path)
    assert service.trouble == BEGUN_ANEW
    assert await last(service.workspaces())
    await service.close()
    assert open_service(settings, None).trouble is None


@pytest.mark.parametrize("bounds", [{"cache_days": 1e-9}, {"cache_bytes": 1}])
async def test_what_is_older_or_larger_than_the_settings_say_is_not_told(
    server: DemoServer, settings: Settings, tmp_path: Path, bounds: dict[str, float]
) -> None:
    bounded = replace(settings, **bounds)
    service = open_service(bounded, tmp_path)
    await last(service.workspaces())
    await service.close()
    service = open_service(replace(bounded, offline=True), tmp_path)
    with pytest.raises(ConnectionFailed):
        await anext(service.workspaces())
    await service.close()


# The program.


def test_the_cache_is_cleared_under_a_running_wltui_which_goes_on(server: DemoServer, tmp_path: Path) -> None:
    environ = {"XDG_CACHE_HOME": str(tmp_path), "WLTUI_TOKEN": sign_in(server.url)}
    command = [sys.executable, "-m", "wltui", "--endpoint", server.url, "--refresh", "0"]
    with Program(command, environ=environ, warm=True) as program:
        program.until(r"live \d\d:\d\d:\d\d[\s\S]*\n 1 of 11 workspaces ")
        info = info_with(12, tmp_path)  # the list, and each workspace's models: no answer comes any more
        assert f"{server.url}  demo" in info
        assert "eyJ" not in info
        cleared = cache("clear", tmp_path)
        assert re.match(r"(1 file|2 files) cleared", cleared), (
            "with the first picture, if that is kept already"
        )
        assert "no answers" in cache("info", tmp_path)
        program.press("enter")
        program.until(r"live [\d:]+[\s\S]*Newest[\s\S]*ready")
        program.press("q")
        assert program.wait() == 0
    assert " answer" in cache("info", tmp_path)
    assert "no answers" not in cache("info", tmp_path)


def info_with(answers: int, home: Path) -> str:
    """``wltui cache info``, once it tells of that many answers: they come to the disk after the screen."""
    deadline = time.monotonic() + LIMIT
    while f"  {answers} answers, " not in (info := cache("info", home)):
        assert time.monotonic() < deadline, info
    return info


def cache(what: str, home: Path) -> str:
    """``wltui cache WHAT``."""
    return subprocess.run(
        [sys.executable, "-m", "wltui", "cache", what],
        cwd=ROOT, env={"PATH": "/usr/bin:/bin", "XDG_CACHE_HOME": str(home), "XDG_CONFIG_HOME": str(home)},
        capture_output=True, text=True, timeout=LIMIT, check=True,
    ).stdout  # fmt: skip
