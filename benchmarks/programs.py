"""The programs that are measured side by side, and the server that ours reads from."""

import json
import shutil
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from .big_server import serving
from .terminal import Link, Terminal

HELLO = """
from textual.app import App
from textual.widgets import Footer, Static

class Hello(App[None]):
    BINDINGS = [("ctrl+q", "quit", "Quit")]

    def compose(self):
        yield Static("hello, world")
        yield Footer()

Hello().run()
"""
STOCK = """
from textual.app import App
from textual.screen import Screen
from textual.widgets import DataTable, Footer, Header, Static

class Detail(Screen[None]):
    BINDINGS = [("escape", "dismiss", "Back")]

    def compose(self):
        yield Header()
        yield Static("detail of a row")
        yield Footer()

class Stock(App[None]):
    BINDINGS = [("ctrl+q", "quit", "Quit")]

    def compose(self):
        yield Header()
        yield DataTable(cursor_type="row")
        yield Footer()

    def on_mount(self):
        table = self.query_one(DataTable)
        table.add_columns("Id", "Name", "Versions", "Status", "Created by", "Updated")
        for n in range(ROWS):
            table.add_row(str(n), f"model-{n:06}", "2", "ready", f"user{n % 23}@example.com", "2026-03-01 12:00")

    def on_data_table_row_selected(self):
        self.push_screen(Detail())

Stock().run()
"""
BARE = r"""
import sys
sys.stdout.write("\x1b[?1049h" + "\r\n".join(f"{n:6} model-{n:06}".ljust(119) for n in range(40)))
sys.stdout.flush()
sys.stdin.read(1)
"""
"""Python, and nothing else: it writes a screen."""


@dataclass(frozen=True)
class Opened:
    """A program that can be opened: its command line, and what on its screen says that it is ready."""

    name: str
    argv: tuple[str, ...]
    ready: str
    environ: dict[str, str | None] = field(default_factory=dict)

    def open(self, link: Link | None = None) -> Terminal:
        return Terminal(self.argv, environ=self.environ, link=link, name=self.name)


@contextmanager
def server(models: int, versions: int) -> Iterator[str]:
    """The embedded Wallaroo in a process of its own, all its models in workspace 10: its address."""
    with serving("-m", "benchmarks.server", str(models), str(versions)) as url:
        yield url


def token(url: str) -> str:
    """A fresh token of the server; it lasts for a minute."""
    form = b"grant_type=password&client_id=sdk-client&username=demo&password=demo"
    address = f"{url}/auth/realms/master/protocol/openid-connect/token"
    with urllib.request.urlopen(address, form) as answer:  # noqa: S310  our own server
        return str(json.load(answer)["access_token"])


def hello() -> Opened:
    return Opened("Textual hello-world", (sys.executable, "-c", HELLO), "hello, world")


def bare() -> Opened:
    return Opened("Python", (sys.executable, "-c", BARE), "model-000038")


def stock(rows: int) -> Opened:
    return Opened(
        "Textual DataTable", (sys.executable, "-c", STOCK.replace("ROWS", str(rows))), "model-00003"
    )


def ours(url: str, cache: Path, *words: str, ready: str = r"● live") -> Opened:
    """wltui on a server; its token is asked for now."""
    home = {"WLTUI_TOKEN": token(url), "XDG_CACHE_HOME": str(cache), "XDG_STATE_HOME": str(cache / "state")}
    config = {"XDG_CONFIG_HOME": str(cache / "config")}
    argv = (sys.executable, "-m", "wltui", "--endpoint", url, *words)
    return Opened("wltui", argv, ready, {**home, **config})


def pager(folder: Path, rows: int) -> Opened | None:
    """``vim`` or ``less`` on as many rows: what a terminal program can do at best."""
    file = folder / "rows.txt"
    file.write_text("".join(f"{n:6} model-{n:06} {'ready':30} {n % 97:5}\n" for n in range(rows)))
    if path := shutil.which("vim"):
        words = ("-u", "NONE", "-i", "NONE", "-N", "-n", "+set cursorline scrolloff=0")
        return Opened("vim", (path, *words, str(file)), "model-000038")
    if path := shutil.which("less"):
        return Opened("less", (path, "-S", str(file)), "model-000038", {"LESS": ""})
    return None
