"""Command lines that are obeyed in this process, with and without a sign-in to the embedded Wallaroo."""

from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
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
