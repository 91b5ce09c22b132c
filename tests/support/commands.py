"""Obey command lines in this process, as a user of their own on this host, in a pipe or on a terminal."""

import io
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from wltui.cli.main import main


class Answer(NamedTuple):
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def items(self) -> list[dict[str, Any]]:
        """The records of ``-o json``."""
        items: list[dict[str, Any]] = json.loads(self.out)["items"]
        return items

    @property
    def rows(self) -> list[list[str]]:
        """The cells of lines that are separated by tabs, without the heading."""
        return [line.split("\t") for line in self.out.splitlines()[1:]]


class FakeTerminal(io.TextIOWrapper):
    """Standard output that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Commands:
    """Obeys ``wltui WORDS…`` in this process: starting another takes a hundred times as long."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, home: Path, url: str = "") -> None:
        """Keep all files at ``home``, and be the demo's user at ``url`` if that is given.

        So do the programs that the test starts.
        """
        self._monkeypatch, self.home = monkeypatch, home
        self.environ = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        for kind in ("CACHE", "CONFIG", "STATE"):
            self.environ[f"XDG_{kind}_HOME"] = str(home / kind.lower())
        if url:
            self.environ |= {"WALLAROO_URL": url, "WALLAROO_USER": "demo", "WALLAROO_PASSWORD": "demo"}
        for name, value in self.environ.items():
            if name != "PATH":
                monkeypatch.setenv(name, value)

    def __call__(
        self,
        *words: object,
        stdin: bytes = b"",
        terminal: int = 0,
        is_closed: bool = False,
        environ: Mapping[str, str] | None = None,
    ) -> Answer:
        """Return what a command prints.

        Args:
            words: the command.
            stdin: what it reads.
            terminal: the columns of the terminal that it prints to; without that it prints to pipes.
            is_closed: whether standard output is closed.
            environ: more variables of the environment, which has none but these and those of every call.
        """
        out, err = io.BytesIO(), io.BytesIO()
        make = FakeTerminal if terminal else io.TextIOWrapper
        streams = {
            "stdin": io.TextIOWrapper(io.BytesIO(stdin)),
            "stdout": None if is_closed else make(out, "utf-8", write_through=True),
            "stderr": io.TextIOWrapper(err, "utf-8", write_through=True),
        }
        with self._monkeypatch.context() as patch:
            for name in list(os.environ):
                patch.delenv(name)
            columns = {"COLUMNS": str(terminal)} if terminal else {}
            for name, value in {**self.environ, **columns, **(environ or {})}.items():
                patch.setenv(name, value)
            for name, stream in streams.items():
                patch.setattr(sys, name, stream)
            code = main([str(word) for word in words])
            if sys.stdout is not None:
                sys.stdout.flush()
            sys.stderr.flush()
        return Answer(code, out.getvalue().decode("utf-8", "replace"), err.getvalue().decode())
