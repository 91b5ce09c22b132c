"""Obey command lines in this process, as a user of their own on this host, in a pipe or on a terminal."""

import io
import json
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

    def __init__(self, monkeypatch: pytest.MonkeyPatch, home: Path, url: str) -> None:
        self._monkeypatch, self.home = monkeypatch, home
        for kind in ("CACHE", "CONFIG", "STATE"):
            monkeypatch.setenv(f"XDG_{kind}_HOME", str(home / kind.lower()))
        for name, value in {
            "WALLAROO_URL": url,
            "WALLAROO_USER": "demo",
            "WALLAROO_PASSWORD": "demo",
        }.items():
            monkeypatch.setenv(name, value)

    def __call__(self, *words: str, terminal: int = 0, environ: Mapping[str, str] | None = None) -> Answer:
        """Return what a command prints to pipes, or with ``terminal`` to one of so many columns."""
        with self._monkeypatch.context() as patch:
            for name, value in {"LANG": "C.UTF-8", **(environ or {})}.items():
                patch.setenv(name, value)
            if terminal:
                patch.setenv("COLUMNS", str(terminal))
            make = FakeTerminal if terminal else io.TextIOWrapper
            out, err = io.BytesIO(), io.BytesIO()
            patch.setattr(sys, "stdin", io.StringIO())
            patch.setattr(sys, "stdout", make(out, "utf-8", write_through=True))
            patch.setattr(sys, "stderr", io.TextIOWrapper(err, "utf-8", write_through=True))
            code = main([str(word) for word in words])
            sys.stdout.flush()
            sys.stderr.flush()
            return Answer(code, out.getvalue().decode("utf-8", "replace"), err.getvalue().decode())
