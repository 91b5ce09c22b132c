"""Command lines that are obeyed in this process, with and without a sign-in to the embedded Wallaroo."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.commands import Commands
from wltui.demo import Demo


@pytest.fixture
def command_line(
    monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes], tmp_path: Path
) -> CommandLine:
    return CommandLine(monkeypatch, capsysbinary.readouterr, str(tmp_path))


@pytest.fixture
def signed_in(command_line: CommandLine, demo: Demo) -> CommandLine:
    command_line.environ |= {"WALLAROO_URL": demo.url, "WALLAROO_USER": "demo", "WALLAROO_PASSWORD": "demo"}
    return command_line


@pytest.fixture(scope="module")
def server() -> Iterator[Demo]:
    """Return a server that all tests of a module share; they change nothing in it."""
    with Demo(seed=1) as demo:
        yield demo


@pytest.fixture
def wltui(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: Demo) -> Commands:
    """Obeys commands about the shared server, as a user with a fresh account."""
    return Commands(monkeypatch, tmp_path, server.url)
