"""The hash of a file that is to be uploaded."""

import asyncio
import hashlib
import os
import socket
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.waiting import reached, until
from wltui.service.upload.digest import (
    CHUNK,
    DigestCancelled,
    FileChanged,
    FileDigest,
    digest,
    digest_in_thread,
)
from wltui.service.upload.local_file import UnusableFile


def test_a_file_is_hashed_as_the_platform_does(tmp_path: Path) -> None:
    content = os.urandom(2 * CHUNK + 5)
    (file := tmp_path / "model.onnx").write_bytes(content)
    seen: list[tuple[int, int]] = []
    found = digest(file, lambda done, size: seen.append((done, size)))
    state = file.stat()
    assert found == FileDigest(
        hashlib.sha256(content).hexdigest(), len(content), state.st_mtime_ns, state.st_ino
    )
    assert seen == [(CHUNK, len(content)), (2 * CHUNK, len(content)), (len(content), len(content))]
    assert found.changed_reason(file.stat()) == ""


def test_an_empty_file_has_a_hash(tmp_path: Path) -> None:
    (file := tmp_path / "empty").touch()
    assert digest(file).sha256 == hashlib.sha256().hexdigest()


def test_a_large_file_takes_little_memory(tmp_path: Path) -> None:
    (file := tmp_path / "sparse").touch()
    os.truncate(file, 20 * CHUNK)
    tracemalloc.start()
    try:
        assert digest(file).size == 20 * CHUNK
        assert tracemalloc.get_traced_memory()[1] < 3 * CHUNK
    finally:
        tracemalloc.stop()


def change_size(file: Path) -> None:
    os.truncate(file, CHUNK)


def change_content(file: Path) -> None:
    file.write_bytes(b"y" * 3 * CHUNK)
    os.utime(file, ns=(0, 1))


def change_file(file: Path) -> None:
    (other := file.with_name("other")).write_bytes(file.read_bytes())
    other.replace(file)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (change_size, "its size went from 3,145,728 to 1,048,576 bytes"),
        (change_content, "it was written to"),
        (change_file, "another file has taken its place"),
    ],
)
def test_a_file_that_changes_is_noticed(tmp_path: Path, change: Callable[[Path], None], words: str) -> None:
    (file := tmp_path / "model").write_bytes(b"x" * 3 * CHUNK)
    before = digest(file)

    def change_once(done: int, size: int) -> None:
        if done == CHUNK:
            change(file)

    with pytest.raises(FileChanged, match=words):
        digest(file, change_once)
    assert before.changed_reason(file.stat()) == words


def test_reading_can_be_cancelled(tmp_path: Path) -> None:
    (file := tmp_path / "model").write_bytes(b"x" * 3 * CHUNK)
    seen: list[int] = []
    with pytest.raises(DigestCancelled):
        digest(file, lambda done, size: seen.append(done), lambda: bool(seen))
    assert seen == [CHUNK]


async def test_progress_arrives_in_the_event_loop(tmp_path: Path) -> None:
    (file := tmp_path / "model").write_bytes(b"x" * (CHUNK + 1))
    threads = set()
    found = await digest_in_thread(file, lambda done, size: threads.add(threading.get_ident()))
    assert found == digest(file)
    assert threads == {threading.get_ident()}


async def test_a_task_that_is_cancelled_ends_the_reading(tmp_path: Path) -> None:
    (file := tmp_path / "model").touch()
    os.truncate(file, 2**40)  # a day to read, but for the cancelling
    others = set(threading.enumerate())
    task = asyncio.create_task(digest_in_thread(file))
    await reached(lambda: set(threading.enumerate()) - others)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    until(lambda: not set(threading.enumerate()) - others, "the thread to end")


def test_what_is_no_regular_file_is_refused_with_its_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    (tmp_path / "broken").symlink_to("nothing")
    kinds = {
        tmp_path: "it is a folder",
        tmp_path / "pipe": "it is a pipe",
        tmp_path / "link": "it is a pipe",
        Path("/dev/null"): "it is a device",
        tmp_path / "broken": "there is no such file",
        tmp_path / "none": "there is no such file",
        tmp_path / "pipe" / "x": "not a directory",
        tmp_path / ("x" * 300): "file name too long",
        tmp_path / "nul\0": "its name is not valid",
        tmp_path / "half \ud83d": "its name is not valid",
    }
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(tmp_path)  # the path of a socket is short
        server.bind("socket")
        kinds[tmp_path / "socket"] = "it is a socket"
        for file, words in kinds.items():
            with pytest.raises(UnusableFile) as error:
                digest(file)
            assert error.value.why == words
            assert error.value.what.endswith("can't be uploaded")


def test_a_link_to_a_regular_file_will_do(tmp_path: Path) -> None:
    (file := tmp_path / "model").write_bytes(b"x")
    (tmp_path / "link").symlink_to(file)
    assert digest(tmp_path / "link") == digest(file)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(tmp_path: Path) -> None:
    (file := tmp_path / "model").touch(mode=0)
    with pytest.raises(UnusableFile, match="you have no permission to read it"):
        digest(file)
