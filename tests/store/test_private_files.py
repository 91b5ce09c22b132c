"""Private files: what others own or can write to is refused, and nothing waits for a pipe."""

import errno
import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import pytest

from tests.support.slow_disk import hung
from wltui.store.file_errors import remedy, why
from wltui.store.private_files import (
    ABANDONED,
    Unsafe,
    check_folder,
    open_private,
    private_folder,
    read_private,
    write_whole,
)

IS_ROOT = os.geteuid() == 0
STRANGER = 12345


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "state" / "wltui"
    private_folder(path)
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_missing_folders_are_made_for_their_owner_alone(tmp_path: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        private_folder(tmp_path / "a" / "wltui" / "tokens")
        write_whole(tmp_path / "a" / "wltui" / "tokens" / "one.json", b"{}")
    finally:
        os.umask(before)
    made = [tmp_path / "a", tmp_path / "a" / "wltui", tmp_path / "a" / "wltui" / "tokens"]
    assert [mode(path) for path in made] == [0o700] * 3
    assert mode(made[-1] / "one.json") == 0o600


@pytest.mark.parametrize("loose", [0o770, 0o707, 0o777, 0o720])
def test_a_folder_of_ours_that_others_can_write_to_is_refused(folder: Path, loose: int) -> None:
    below = folder / "tokens"
    private_folder(below)
    for path in (folder, below):
        path.chmod(loose)
        with pytest.raises(Unsafe, match="others can write to it") as raised:
            private_folder(below)
        assert raised.value.advice == f"chmod go-w {path}"
        with pytest.raises(Unsafe):
            write_whole(below / "one.json", b"{}")
        path.chmod(0o700)
    private_folder(below)


@pytest.mark.parametrize(("above", "fine"), [(0o755, True), (0o775, True), (0o777, False), (0o1777, True)])
def test_the_folder_above_ours_may_be_open_to_a_group_or_sticky(folder: Path, above: int, fine: bool) -> None:
    folder.parent.chmod(above)
    if fine:
        check_folder(folder)
    else:
        with pytest.raises(Unsafe):
            check_folder(folder)


def test_nothing_is_made_in_a_folder_that_everybody_can_write_to(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(Unsafe):
        private_folder(tmp_path / "wltui" / "tokens")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not IS_ROOT, reason="only root can give a folder away")
def test_what_belongs_to_another_user_is_refused(folder: Path) -> None:
    file = folder / "one.json"
    write_whole(file, b"{}")
    os.chown(file, STRANGER, STRANGER)
    for use in (read_private, lambda path: open_private(path, os.O_RDWR)):
        with pytest.raises(Unsafe, match="it belongs to another user"):
            use(file)
    os.chown(folder.parent, STRANGER, STRANGER)  # as with sudo -E in somebody's home
    with pytest.raises(Unsafe):
        private_folder(folder)
    with pytest.raises(Unsafe):
        private_folder(folder.parent / "other" / "wltui")
    assert not (folder.parent / "other").exists()


@pytest.mark.parametrize("loose", [0o620, 0o602, 0o666])
def test_a_file_that_others_can_write_to_is_refused(folder: Path, loose: int) -> None:
    file = folder / "config.toml"
    file.write_bytes(b"content")
    file.chmod(loose)
    with pytest.raises(Unsafe, match="others can write to it"):
        read_private(file)
    with pytest.raises(Unsafe):
        open_private(file, os.O_RDWR)


def test_a_secret_that_others_can_read_is_refused(folder: Path) -> None:
    file = folder / "tokens.json"
    file.write_bytes(b"content")
    file.chmod(0o640)
    assert read_private(file) == b"content"
    with pytest.raises(Unsafe, match="others can read it"):
        read_private(file, secret=True)


def test_a_link_is_read_if_its_target_is_safe_and_never_written_through(folder: Path) -> None:
    target, link = folder / "target", folder / "link"
    target.write_bytes(b"content")
    link.symlink_to(target)
    assert read_private(link) == b"content"
    with pytest.raises(OSError, match="symbolic"):
        open_private(link, os.O_RDWR)
    target.chmod(0o666)
    with pytest.raises(Unsafe):
        read_private(link)
    target.chmod(0o644)
    write_whole(link, b"new")
    assert (target.read_bytes(), link.read_bytes(), link.is_symlink()) == (b"content", b"new", False)
    assert mode(target) == 0o644


@pytest.mark.parametrize("make", [os.mkfifo, os.mkdir])
def test_what_is_no_file_is_not_waited_for(folder: Path, make: Callable[[Path], None]) -> None:
    make(folder / "one.json")
    with pytest.raises(OSError, match=r"Not a regular file|Is a directory"):
        read_private(folder / "one.json")
    with pytest.raises(OSError, match=r"Not a regular file|Is a directory"):
        open_private(folder / "one.json", os.O_RDWR)


def test_a_device_without_end_and_a_file_that_is_too_large_are_refused(folder: Path) -> None:
    (folder / "zero").symlink_to("/dev/zero")
    with pytest.raises(OSError, match="Not a regular file"):
        read_private(folder / "zero")
    with (folder / "large").open("wb") as file:
        file.truncate(1001)
    with pytest.raises(OSError, match="too large"):
        read_private(folder / "large", largest=1000)


def test_what_is_written_replaces_no_other_file_and_leaves_nothing_behind(folder: Path) -> None:
    old, young = folder / "one-0123456789abcdef.tmp", folder / "one-fedcba9876543210.tmp"
    other = folder / "other-0123456789abcdef.tmp"
    for path in (old, young, other):
        path.write_bytes(b"half")
    for path in (old, other):
        os.utime(path, (0, path.stat().st_mtime - 2 * ABANDONED))
    write_whole(folder / "one.json", b"{}")
    assert sorted(folder.iterdir()) == sorted([folder / "one.json", young, other])


def test_why_names_what_is_unsafe(folder: Path) -> None:
    folder.chmod(0o777)
    with pytest.raises(Unsafe) as raised:
        check_folder(folder)
    assert why(raised.value) == f"{folder}: others can write to it"


def test_a_file_that_another_program_has_a_lease_on_is_waited_for(folder: Path) -> None:
    file = folder / "one.json"
    file.write_bytes(b"content")
    with ThreadPoolExecutor() as pool:
        with hung(file):
            reading = pool.submit(read_private, file)
            assert wait([reading], 0.1).not_done
        assert reading.result(10) == b"content"


def test_what_others_can_write_is_mended_by_a_command_and_all_else_as_usual(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(Unsafe) as unsafe:
        check_folder(tmp_path)
    assert remedy(unsafe.value, "make room") == unsafe.value.advice == f"chmod go-w {tmp_path}"
    assert remedy(OSError(errno.ENOSPC, "full"), "make room") == "make room"
