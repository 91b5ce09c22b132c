"""Command lines that are obeyed in the test's own process: starting another takes thirty times as long."""

import io
import os
import sys
from collections.abc import Callable
from typing import NamedTuple

import pytest

from wltui.cli.main import main

PLAIN = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": "/nonexistent"}


class Obeyed(NamedTuple):
    """What came of a command line."""

    code: int
    out: bytes
    err: str


class CommandLine:
    """Obeys command lines, each with an environment of its own; what they keep is below ``home``."""

    def __init__(
        self, monkeypatch: pytest.MonkeyPatch, read: Callable[[], tuple[bytes, bytes]], home: str
    ) -> None:
        self._monkeypatch, self._read = monkeypatch, read
        self.environ = {**PLAIN, "XDG_CACHE_HOME": home, "XDG_STATE_HOME": home}

    def __call__(self, *words: str, stdin: bytes = b"", **environ: str) -> Obeyed:
        for name in os.environ:
            self._monkeypatch.delenv(name)
        for name, value in {**self.environ, **environ}.items():
            self._monkeypatch.setenv(name, value)
        self._monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main(words)
        out, err = self._read()
        return Obeyed(code, out, err.decode())
