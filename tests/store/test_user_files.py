"""Files that the user asks for: whole or not at all, and over no other unasked."""

import errno
import os
import resource
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from wltui.core.errors import FileInTheWay, FileNotWritten
from wltui.store.user_files import find_existing, write_file


def hello(stream: BinaryIO) -> None:
    stream.write(b"hello")


@contextmanager
def umask(bits: int) -> Iterator[None]:
    before = os.umask(bits)
    try:
        yield
    finally:
        os.umask(before)


def test_a_file_is_written_whole_with_the_mode_of_the_umask(tmp_path: Path) -> None:
    with umask(0o027):
        assert write_file(tmp_path / "a.csv", hello) == 5
    assert (tmp_path / "a.csv").read_bytes() == b"hello"
    assert stat.S_IMODE((tmp_path / "a.csv").stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["a.csv"]


def test_no_file_is_replaced_unless_the_user_agreed(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"theirs")
    path.chmod(0o604)
    with pytest.raises(FileInTheWay):
        write_file(path, hello)
    assert path.read_bytes() == b"theirs"
    agreed = find_existing(path)
    assert agreed is not None
    assert write_file(path, hello, replaces=agreed) == 5
    assert path.read_bytes() == b"hello"
    assert stat.S_IMODE(path.stat().st_mode) == 0o604
    with pytest.raises(FileInTheWay):  # it is another file than the one that the user saw
        write_file(path, lambda stream: stream.write(b"again"), replaces=agreed)
    assert path.read_bytes() == b"hello"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    assert find_existing(path) is None

    def appear(stream: BinaryIO) -> None:
        path.write_bytes(b"theirs")

    with pytest.raises(FileInTheWay):
        write_file(path, appear)
    assert path.read_bytes() == b"theirs"


def test_a_disk_without_links_gets_new_files_and_keeps_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    write_file(tmp_path / "a.csv", hello)
    with pytest.raises(FileInTheWay):
        write_file(tmp_path / "a.csv", lambda stream: stream.write(b"again"))
    assert (tmp_path / "a.csv").read_bytes() == b"hello"
    assert os.listdir(tmp_path) == ["a.csv"]


def test_a_link_is_followed_and_stays(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there/a.csv")
    write_file(tmp_path / "link", hello)
    assert (tmp_path / "there" / "a.csv").read_bytes() == b"hello"
    agreed = find_existing(tmp_path / "link")
    write_file(tmp_path / "link", lambda stream: stream.write(b"again"), replaces=agreed)
    assert (tmp_path / "there" / "a.csv").read_bytes() == b"again"
    assert (tmp_path / "link").is_symlink()


def test_whatever_fails_leaves_nothing(tmp_path: Path) -> None:
    class Cancelled(Exception):
        pass

    def cancel(stream: object = None) -> None:
        raise Cancelled

    def full(stream: BinaryIO) -> None:
        stream.write(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    for path in (tmp_path / "a", tmp_path / "b"):
        with pytest.raises(Cancelled):
            write_file(path, cancel)
        with pytest.raises(Cancelled):
            write_file(path, hello, on_written=cancel)
        with pytest.raises(FileNotWritten, match="the disk is full"):
            write_file(path, full)
        path.mkdir()
    assert sorted(os.listdir(tmp_path)) == ["a", "b"]


def test_a_file_over_a_limit_leaves_nothing(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, hard))
    try:
        with pytest.raises(FileNotWritten, match="too large"):
            write_file(tmp_path / "a", lambda stream: stream.write(b"x" * 100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert os.listdir(tmp_path) == []


def test_each_failure_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "away").symlink_to("none/a.csv")
    reasons = {
        tmp_path / "loop": "too many levels of symbolic links",
        tmp_path / "away": f"there is no folder {tmp_path}/none",
        tmp_path / "none" / "a.csv": f"there is no folder {tmp_path}/none",
        tmp_path / "file" / "a.csv": f"{tmp_path}/file is no folder",
        tmp_path / ("x" * 300): "file name too long",
        Path("a\0b"): "no file can have that name",
        tmp_path: "it is a folder",
        Path("/dev/null"): "it is no usual file",
    }
    for path, reason in reasons.items():
        with pytest.raises(FileNotWritten) as raised:
            find_existing(path)
        assert raised.value.why == reason
        assert raised.value.advice.endswith((" one.", " name.", " after it."))
        if path != Path("/dev/null"):  # whose folder is that of the system
            with pytest.raises(FileNotWritten):
                write_file(path, hello)
    assert sorted(os.listdir(tmp_path)) == ["away", "file", "loop"]
    with pytest.raises(FileNotWritten, match="no file can be made in /proc"):
        write_file(Path("/proc/a.csv"), hello)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to every folder")
def test_a_folder_that_is_not_writable_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(FileNotWritten, match=f"the folder {tmp_path} is not writable"):
            write_file(tmp_path / "a.csv", hello)
    finally:
        tmp_path.chmod(0o700)
