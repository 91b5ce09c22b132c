"""A file that the user named is read to its end, or refused: no command hangs without a word, or fills the memory."""

import os
import threading
from pathlib import Path

import pytest

from tests.support.waiting import until
from wltui.cli.named_file import read_named_file
from wltui.core.errors import UsageError


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("folder", "it is a folder"),
        ("missing", "no such file"),
        ("huge", "it is larger than 4 KiB"),
        ("/dev/zero", "it is a device"),
        ("nul\0", "no file can have that name"),
    ],
)
def test_what_has_no_end_is_refused(tmp_path: Path, name: str, why: str) -> None:
    (tmp_path / "folder").mkdir()
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(10 << 30)
    with pytest.raises(UsageError, match=f"can't be read: .*{why}.* Advice"):
        read_named_file(str(tmp_path / name), 4096, "Advice")


def test_a_pipe_is_waited_for_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[bytes] = []
    reader = threading.Thread(target=lambda: read.append(read_named_file(str(pipe), 9, silence=0.0)))
    reader.start()
    until(lambda: f"Waiting for {pipe}, which is a pipe; ctrl+c gives up." in capsys.readouterr().err)
    with pipe.open("wb") as writer:
        writer.write(b"content")
    reader.join()
    assert read == [b"content"]
    silent = os.open(pipe, os.O_RDWR)  # its end never comes
    os.write(silent, b"more than 9 bytes")
    with pytest.raises(UsageError, match="it is larger than"):
        read_named_file(str(pipe), 9)
    os.close(silent)
