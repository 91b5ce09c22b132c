"""What ``wltui get … --cached`` printed is printed again at once, and only as long as it would be the same."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.commands import Commands
from tests.support.pty_program import ROOT
from tests.support.waiting import LIMIT
from wltui.cli.main import main
from wltui.lifecycle.kept_output import KeptOutput, find_output

WORDS = ("get", "models", "--cached", "-o", "json")
Captured = pytest.CaptureFixture[str]


def obey(capfd: Captured, *words: str) -> str:
    """Obey a command line whose output is kept, and return the output."""
    assert main(words, output=KeptOutput(words, os.environ)) == 0
    return capfd.readouterr().out


def kept(capfd: Captured, *words: str) -> str | None:
    """Return the output that is kept, or None if there is none."""
    code = KeptOutput(words, os.environ).print()
    out, err = capfd.readouterr()
    assert (code, err.startswith("wltui: from disk, ")) in ((0, True), (None, False))
    return out if code == 0 else None


def test_the_same_is_printed_until_anything_is_read_again(wltui: Commands, capfd: Captured) -> None:
    wltui("get", "models")
    assert kept(capfd, *WORDS) is None
    printed = obey(capfd, *WORDS)
    assert '"live":false' in printed
    assert kept(capfd, *WORDS) == kept(capfd, *WORDS) == printed
    assert kept(capfd, *WORDS, "--limit", "3") is None
    wltui("get", "workspaces")
    assert kept(capfd, *WORDS) is None


def test_nothing_is_kept_that_depends_on_the_time_or_is_not_whole(wltui: Commands, capfd: Captured) -> None:
    wltui("get", "models")
    for more in (["--filter", "age<9y"], ["--limit", "1"], ["-o", "table"]):
        words = ("get", "models", "--cached", *more)
        assert obey(capfd, *words)
        assert kept(capfd, *words) is None


def test_another_user_and_another_sign_in_see_nothing_of_it(
    wltui: Commands, capfd: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    wltui("get", "models")
    obey(capfd, *WORDS)
    assert kept(capfd, *WORDS)
    for name, value in {"WALLAROO_USER": "guest", "WLTUI_PROFILE": "lab", "WALLAROO_URL": "http://x"}.items():
        with monkeypatch.context() as patch:
            patch.setenv(name, value)
            assert kept(capfd, *WORDS) is None
    config = wltui.home / "config" / "wltui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('[profiles.lab]\nendpoint = "http://x"')
    assert kept(capfd, *WORDS) is None


def test_a_file_that_others_changed_or_could_read_is_not_printed(wltui: Commands, capfd: Captured) -> None:
    wltui("get", "models")
    obey(capfd, *WORDS)
    (file,) = (wltui.home / "cache" / "wltui" / "pictures").iterdir()
    content = file.read_bytes()
    file.write_bytes(content.replace(b"ccfraud", b"ccfreud"))
    assert kept(capfd, *WORDS) is None
    file.write_bytes(content)
    assert kept(capfd, *WORDS)
    file.chmod(0o644)
    assert kept(capfd, *WORDS) is None


def test_it_is_printed_before_anything_large_is_imported(
    wltui: Commands, capfd: Captured, tmp_path: Path
) -> None:
    wltui("get", "models")
    printed = obey(capfd, *WORDS)
    ended = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "wltui", *WORDS],
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=LIMIT, check=True,
    )  # fmt: skip
    assert ended.stdout == printed
    assert "wltui: from disk, " in ended.stderr
    assert not {"msgspec", "argparse", "asyncio", "sqlite3"} & set(ended.stderr.replace("|", " ").split())


@pytest.mark.parametrize("words", [["get", "models"], ["problems", "--cached"], ["--offline"], []])
def test_other_commands_keep_nothing(words: list[str]) -> None:
    assert find_output(words, os.environ) is None
