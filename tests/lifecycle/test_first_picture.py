"""The first picture: what a start shows before Textual is imported, and what it must never show."""

import base64
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest
from msgspec import structs

from tests.support.clock import NOW
from tests.support.demo_server import sign_in
from tests.support.pty_program import ROOT, Program, one_processor
from tests.support.session import OpenApp, Session
from wltui.auth.token_store import Login, TokenStore
from wltui.core.settings import Secret, SignIn
from wltui.demo import Demo
from wltui.lifecycle.first_picture import FirstPicture, is_plain
from wltui.store.private_files import private_folder, write_private, write_whole
from wltui.store.view_choices import FILE
from wltui.ui.app.first_frame import NEXT as BEHIND
from wltui.ui.screens.base.frame import Frame

ROW = r"\b10 +api-tutorial"
CACHED = r"◌ cached \d{4}-\d\d-\d\d \d\d:\d\d  demo"
LIVE = r"● live \d\d:\d\d:\d\d"
COUNTED = r"11 workspaces · 183 versions   (?:[✖◐✔] \d+  )+\(1 archived"
"""All workspaces are counted, and not from the cache."""
GATE = """
import os, sys
with open(os.environ["GATE"] + ".modules", "w") as file:
    print(*sys.modules, file=file)
open(os.environ["GATE"]).close()  # until somebody opens its other end
sys.path.remove(os.path.dirname(os.path.dirname(__file__)))
del sys.modules["{library}"]
import {library}
"""
"""A package of a library's name that waits before it lets that be imported."""
SLOW_CACHE = f"""{GATE}
import asyncio
from wltui.service.exchange import Exchange
from wltui.ui.app import first_frame

cached, lose_patience = Exchange.cached, first_frame.FirstFrame._lose_patience
is_overdue = asyncio.Event()

async def late(self, *args, **named):
    await is_overdue.wait()
    return await cached(self, *args, **named)

def looked(self, looks):
    lose_patience(self, looks)
    if looks < first_frame.LOOKS:
        is_overdue.set()

first_frame.PATIENCE, first_frame.LOOKS = 0.1, 600
Exchange.cached, first_frame.FirstFrame._lose_patience = late, looked
"""
"""One in which the cache answers only at the second look, as if it were large or the machine slow."""


@dataclass(frozen=True)
class Start:
    """A way to start the program, which can be held up where it is about to import a library."""

    home: Path
    words: tuple[str, ...]
    environ: dict[str, str | None]
    size: tuple[int, int] = (80, 24)
    gate: str = GATE
    library: str = "textual"

    @contextmanager
    def held_up(self) -> Iterator[tuple[Program, Callable[[], object]]]:
        """Yield the program, and the function that lets it go on from there."""
        package, gate = self.home / self.library / self.library / "__init__.py", self.home / "gate.fifo"
        package.parent.mkdir(parents=True, exist_ok=True)
        package.write_text(self.gate.replace("{library}", self.library))
        gate.unlink(missing_ok=True)
        os.mkfifo(gate)
        environ: dict[str, str | None] = {
            "PYTHONPATH": str(package.parents[1]),
            "PYTHONDONTWRITEBYTECODE": "1",
            "GATE": str(gate),
        }
        with replace(self, environ=self.environ | environ).program() as program, ExitStack() as opened:
            yield program, lambda: opened.enter_context(open(gate, "wb"))

    def program(self) -> Program:
        return Program([sys.executable, "-m", "wltui", *self.words], size=self.size, environ=self.environ)

    def command(self, *words: str) -> str:
        environ = {name: text for name, text in {**os.environ, **self.environ}.items() if text is not None}
        command = [sys.executable, "-m", "wltui", *words]
        return subprocess.run(
            command, cwd=ROOT, env=environ, capture_output=True, text=True, check=True
        ).stdout

    @property
    def pictures(self) -> list[Path]:
        return sorted((self.home / ".cache/wltui/pictures").glob("*"))

    @property
    def shows_a_picture(self) -> bool:
        """Whether there is anything on the terminal before Textual is imported."""
        with self.held_up() as (program, go_on):
            go_on()  # it has come that far
            os.kill(program.pid, signal.SIGKILL)
            program.wait()
            return "api-tutorial" in program.output.decode()


@pytest.fixture(scope="module")
def server() -> Iterator[Demo]:
    with Demo(seed=1, clock=lambda: NOW) as demo:
        yield demo


@pytest.fixture(scope="module")
def kept(server: Demo, tmp_path_factory: pytest.TempPathFactory) -> Start:
    """Return a start after one that was quit on its first screen."""
    home = tmp_path_factory.mktemp("home")
    state = home / ".local" / "state" / "wltui"
    private_folder(state)
    write_whole(state / FILE, b'{"is_welcomed": true}')  # a first start leaves no picture of its welcome
    unset = dict.fromkeys(("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "TEXTUAL_ANIMATIONS"))
    environ = {**unset, "HOME": str(home), "WLTUI_TOKEN": sign_in(server.url), "TZ": "UTC"}
    start = Start(home, ("--endpoint", server.url), environ)
    for _ in range(10):  # a program that ends does not wait for a slow disk: then it leaves no picture
        with start.program() as program:
            program.until(COUNTED)
            program.press("q")
            assert program.wait() == 0
        if start.pictures:
            break
    return start


@pytest.fixture
def again(kept: Start, tmp_path: Path) -> Iterator[Start]:
    """Yield the same start, and undo what the test does to the cache."""
    cache = kept.home / ".cache"
    shutil.copytree(cache, tmp_path / "before")
    yield kept
    shutil.rmtree(cache)
    shutil.copytree(tmp_path / "before", cache)


def test_a_start_shows_the_last_picture_at_once_and_goes_on_from_it(again: Start) -> None:
    with again.held_up() as (program, go_on):
        program.until(CACHED)
        assert LIVE not in program.output.decode()
        picture = program.until(r"\? Help$")  # its last line
        before = len(program.output)
        go_on()
        program.until(LIVE)
        program.until(COUNTED)
        assert program.text().splitlines()[1:] == picture.splitlines()[1:]
        program.press("q")
        assert program.wait() == 0
        assert len(program.output) - before < 2400  # to draw the whole screen again takes 3000 more
        assert program.left_behind() == set()


@pytest.mark.parametrize("gate", [GATE, SLOW_CACHE], ids=["quick", "slow"])
def test_keys_typed_at_the_picture_mean_what_it_shows(again: Start, gate: str) -> None:
    """With one processor, so that no other process has the rows before the cache."""
    with one_processor(), replace(again, gate=gate).held_up() as (program, go_on):
        program.until(ROW)
        program.press("\x1b[B", "\r")
        go_on()
        program.until(r"Workspaces › api-tutorial")
        assert b"^[[B" not in program.output
        program.press("ctrl+q")
        assert program.wait() == 0
        assert program.left_behind() == set()


def test_it_is_for_its_owner_alone_and_holds_no_token(kept: Start) -> None:
    (picture,) = kept.pictures
    token = kept.environ["WLTUI_TOKEN"] or ""
    assert picture.parent.stat().st_mode & 0o777 == 0o700
    assert picture.stat().st_mode & 0o777 == 0o600
    assert b"api-tutorial" in picture.read_bytes()
    assert not [part for part in token.split(".") if part.encode() in picture.read_bytes()]


def test_it_is_found_by_whom_a_token_names(kept: Start, server: Demo) -> None:
    token = sign_in(server.url)
    head, claims, signature = token.split(".")
    assert replace(kept, environ=kept.environ | {"WLTUI_TOKEN": f"{head}.{claims}.renewed"}).shows_a_picture
    other = base64.urlsafe_b64encode(b'{"sub": "somebody else"}').decode().rstrip("=")
    assert not replace(
        kept, environ=kept.environ | {"WLTUI_TOKEN": f"{head}.{other}.{signature}"}
    ).shows_a_picture


def damaged(start: Start) -> None:
    (picture,) = start.pictures
    picture.write_bytes(picture.read_bytes().replace(b"api-tutorial", b"api-tutoriaL"))


def cut_off(start: Start) -> None:
    (picture,) = start.pictures
    picture.write_bytes(picture.read_bytes()[:-1])


def open_to_others(start: Start) -> None:
    start.pictures[0].chmod(0o644)


def in_a_folder_of_others(start: Start) -> None:
    start.pictures[0].parent.chmod(0o777)


def tampered(start: Start) -> None:
    """As somebody writes it who knows how."""
    (picture,) = start.pictures
    head, _, content = picture.read_bytes().partition(b"\n")
    content += b"\x1b]52;c;cm0gLXJmIH4=\x07"
    picture.write_bytes(
        b"%s %s\n%s" % (head.rpartition(b" ")[0], sha256(content).hexdigest().encode(), content)
    )


@pytest.mark.parametrize("spoil", [damaged, cut_off, open_to_others, in_a_folder_of_others, tampered])
def test_a_picture_that_is_not_as_it_was_written_is_not_shown(
    again: Start, spoil: Callable[[Start], None]
) -> None:
    spoil(again)
    assert not again.shows_a_picture


@pytest.mark.parametrize(
    "text",
    ["", "plain Юрий ◌", "\x1b[1;31mred\x1b[m", "\x1b[2;3H\x1b[5C\x1b[C\x1b[1G\r", "\x1b[38;2;1;2;3mx"],
)
def test_a_picture_may_hold_text_styles_and_moves(text: str) -> None:
    assert is_plain(text)


@pytest.mark.parametrize(
    "text",
    [
        "\x1b]52;c;cm0gLXJmIH4=\x07", "\x1b]0;title\x1b\\", "\x1bP0q\x1b\\", "\x1bc", "\x1b", "\x1b[", "\x1b[1",
        "\x1b[?1049l", "\x1b[>0c", "\x1b[6n", "\x1b[21t", "\x1b[2J", "\x1b[1 q", "\x1b[1$p", "\x1b(0", "\x9b6n",
        "\x9d52;c;x\x9c", "a\nb", "\t", "\x07", "\x00", "\x08", "\x0e", "\x7f",
        "\u202ename", "zero\u200bwidth", "\ufeff",
    ],
)  # fmt: skip
def test_a_picture_may_hold_nothing_that_makes_a_terminal_do_or_answer_something(text: str) -> None:
    assert not is_plain(text)
    assert not is_plain(f"before {text} after")


@pytest.mark.parametrize(
    "change",
    [
        {"size": (81, 24)},
        {"words": ("--endpoint", "http://127.0.0.1:9")},
        {"environ": {"WLTUI_TOKEN": "another-user"}},
        {"environ": {"WLTUI_TOKEN": None}},
        {"environ": {"TERM": "xterm"}},
        {"environ": {"WLTUI_CACHE_DAYS": "1"}},
    ],
)
def test_a_picture_is_for_the_same_user_instance_and_terminal(kept: Start, change: dict[str, object]) -> None:
    changed = {**change, "environ": {**kept.environ, **change.get("environ", {})}}  # type: ignore[dict-item]
    assert not replace(kept, **changed).shows_a_picture  # type: ignore[arg-type]


@pytest.mark.parametrize("path", [".config/wltui/config.toml", ".local/state/wltui/tokens/somebody.json"])
def test_a_picture_is_not_shown_after_a_change_of_the_profiles_or_a_sign_in(kept: Start, path: str) -> None:
    assert kept.shows_a_picture
    changed = kept.home / path
    changed.parent.mkdir(parents=True, exist_ok=True)
    changed.write_text('{"since": 1.5}' if changed.suffix == ".json" else "")
    assert not kept.shows_a_picture
    changed.unlink()


def test_another_sign_in_outdates_a_picture_and_a_renewal_does_not(tmp_path: Path) -> None:
    store = TokenStore(tmp_path / "state")
    login = Login("https://a.example", "jane", "jane", SignIn(), Secret("old"), None, 0.0, since=1.5)
    other = structs.replace(login, subject="joe", name="joe", since=0.5)
    picture = FirstPicture([], {"XDG_CACHE_HOME": str(tmp_path / "cache")})

    def is_saved() -> bool:
        return picture.save("text", 80, 24, seconds=60, write=write_private)

    store.save(other)
    store.save(login)
    picture.record_inputs([store.folder])
    store.save(structs.replace(login, access=Secret("new"), stale_at=9.0))
    assert is_saved()
    store.save(structs.replace(other, since=2.5))
    assert not is_saved()
    picture.record_inputs([store.folder])
    store.delete(other)
    assert not is_saved()


def test_cache_lists_pictures_and_clears_them(again: Start) -> None:
    assert "1 first picture" in again.command("cache", "info")
    again.command("cache", "clear")
    assert again.pictures == []
    assert not again.shows_a_picture


@pytest.mark.parametrize(
    ("end", "code"),
    [
        (lambda program: program.send_signal(signal.SIGTERM), 143),
        (lambda program: program.press("\x03"), 130),
        (lambda program: None, 1),
    ],
)
def test_a_start_that_fails_gives_the_terminal_back(
    again: Start, end: Callable[[Program], None], code: int
) -> None:
    broken = "import os\nopen(os.environ['GATE']).close()\nraise ImportError('half installed')"
    with replace(again, gate=broken).held_up() as (program, go_on):
        program.until(ROW)
        end(program)
        if code == 1:
            go_on()
        assert program.wait() == code
        assert program.left_behind() == set()
        assert ("half installed" in program.text()) == (code == 1)


def test_cached_rows_are_there_before_the_network_is_even_imported(again: Start) -> None:
    start = replace(again, size=(100, 30), library="httpx")
    with one_processor(), start.held_up() as (program, go_on):  # with two, another process imports it first
        program.until(ROW)
        program.until(r"◌ cached \d+ ")
        go_on()
        program.until(LIVE)
        program.press("ctrl+q")
        assert program.wait() == 0
    order = (again.home / "gate.fifo.modules").read_text()
    imported = set(order.partition(f" {BEHIND[0]} ")[0].split())
    assert not imported & {
        "httpcore",
        "anyio",
        "h11",
        "truststore",
        "pyarrow",
        "wltui.core.diagnosis",
        "wltui.demo",
        "wltui.ui.palette_targets",
    }
    shown = (
        "base", "base.copying", "base.crumbs", "base.file_keys", "base.filtered", "base.frame", "base.freshness",
        "base.header", "base.list", "base.live", "base.moving", "base.news", "base.opening", "base.preview",
        "base.side_pane", "base.upload_keys", "workspaces",
    )  # fmt: skip
    screens = sorted(name for name in imported if name.startswith("wltui.ui.screens."))
    assert screens == [f"wltui.ui.screens.{name}" for name in shown]


def is_as_at_start(session: Session) -> bool:
    screen = session.app.screen
    assert isinstance(screen, Frame)
    return screen.is_as_at_start


async def test_only_what_a_start_shows_is_kept(open_app: OpenApp) -> None:
    async with open_app() as session:
        assert is_as_at_start(session)
        for keys in (["down"], ["slash", "a"], ["s", "n"], ["a"], ["question_mark"], ["ctrl+p"], ["p"]):
            await session.press(*keys)
            assert not is_as_at_start(session), keys
            await session.press(
                *{"down": ["up"], "p": ["p"], "a": ["a"], "n": ["s", "o"]}.get(keys[-1], ["escape"] * 2)
            )
