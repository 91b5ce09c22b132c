"""The log file: whole lines of several writers, for its owner alone, and no harm when the disk fails."""

import os
import re
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.support.pty_program import ROOT
from tests.support.waiting import LIMIT, until
from wltui.store.log_file import LogFile
from wltui.store.private_files import Unsafe

FULL = """
import resource, sys
from pathlib import Path
from wltui.store.log_file import LogFile

path = Path(sys.argv[1])
log = LogFile(path)
log.write_at_once("first")
resource.setrlimit(resource.RLIMIT_FSIZE, (9, resource.RLIM_INFINITY))
log.write_at_once("second")
log.write_at_once("third")
assert "Lines are missing" in log.trouble
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
log.write("fourth")
print(log.close(), log.trouble)
"""


def test_several_writers_append_whole_lines(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("before\n")
    files = [LogFile(path) for _ in range(4)]

    def write(number: int) -> None:
        for line in range(50):
            files[number].write(f"{number} {line} {'x' * 200}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [file.close() for file in files] == [None] * 4
    first, *lines = path.read_text().splitlines()
    assert first == "before"
    assert all(re.fullmatch("[0-3] [0-9]+ x{200}", line) for line in lines)
    for number in range(4):
        own = [line.split()[1] for line in lines if line.startswith(f"{number} ")]
        assert own == [str(line) for line in range(50)]


def test_only_its_owner_can_read_it_and_no_other_file_is_taken(tmp_path: Path) -> None:
    LogFile(tmp_path / "log").close()
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600
    (tmp_path / "open").touch(0o666)
    (tmp_path / "open").chmod(0o666)
    with pytest.raises(Unsafe):
        LogFile(tmp_path / "open")
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to(tmp_path / "log")
    for name in ("pipe", "link", "nothing/log", "."):
        with pytest.raises(OSError):  # noqa: PT011  each has another number
            LogFile(tmp_path / name)


def test_a_log_that_was_moved_begins_anew_and_a_folder_that_vanished_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    path = folder / "log"
    log = LogFile(path)
    log.write_at_once("one")
    path.rename(folder / "log.1")
    log.write_at_once("two")
    assert ((folder / "log.1").read_text(), path.read_text()) == ("one\n", "two\n")
    folder.rename(tmp_path / "away")
    for _ in range(3):
        log.write("three")
    until(lambda: log.trouble is not None)
    assert log.trouble == f"Lines are missing in the log {path}: no such file or directory"
    folder.mkdir()
    log.write("four")
    until(lambda: log.trouble is None)
    assert log.close() == f"Lines are missing in the log {path}: no such file or directory"
    assert path.read_text().endswith("four\n")


def test_a_full_disk_loses_lines_and_spoils_none_after_them(tmp_path: Path) -> None:
    path = tmp_path / "log"
    done = subprocess.run(
        [sys.executable, "-c", FULL, path],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"Lines are missing in the log {path}: the disk is full None\n"
    assert path.read_text() == "first\nsec\nfourth\n"
