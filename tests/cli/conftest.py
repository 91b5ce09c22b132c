"""Commands that are obeyed in this process, by a user with a fresh account of the embedded Wallaroo."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.commands import Commands
from wltui.demo import Demo


@pytest.fixture(scope="module")
def server() -> Iterator[Demo]:
    """Return a server that all tests of a module share; they change nothing in it."""
    with Demo(seed=1) as demo:
        yield demo


@pytest.fixture
def wltui(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, server: Demo) -> Commands:
    """Return what obeys commands about the shared server."""
    return Commands(monkeypatch, tmp_path, server.url)


@pytest.fixture
def wltui_here(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, demo: Demo) -> Commands:
    """Return what obeys commands about a server of the test's own, whose requests are counted."""
    return Commands(monkeypatch, tmp_path, demo.url)
