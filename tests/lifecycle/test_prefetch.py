"""The first answers, which another process fetches: once, for the same user, and without delaying the end."""

import os
import signal
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.support.clock import NOW
from tests.support.demo_server import sign_in
from tests.support.pty_program import Program, one_processor
from tests.support.services import LIST, count_requests
from tests.support.waiting import until
from wltui.api import calls
from wltui.auth.identity import identify
from wltui.core.records import Model, WorkspaceId
from wltui.core.settings import Secret, Settings
from wltui.demo import Demo, Scripted
from wltui.lifecycle.prefetch import Prefetch
from wltui.service.open import open_service
from wltui.service.service import Answer

WORKSPACES = "workspaces/list"
HOME = calls.list_models(WorkspaceId(10))
ROW = r"\b10 +api-tutorial"
LIVE = r"● live \d\d:\d\d:\d\d"
GATE = """
import os, sys
if os.environ["PYTEST"] == str(os.getppid()):
    open(os.environ["GATE"]).close()  # until somebody opens its other end
sys.path.remove(os.path.dirname(os.path.dirname(__file__)))
del sys.modules["httpx"]
import httpx
"""
"""A package in the place of httpx, without which the program itself can ask for nothing; its child can."""

ahead = pytest.mark.skipif(
    sys.platform != "linux" or len(os.sched_getaffinity(0)) < 2, reason="nothing is asked ahead here"
)

Started = Callable[..., Program]
Prefetched = Callable[[bytes], Awaitable[tuple[list[Answer[tuple[Model, ...]]], int]]]
CutOff = Callable[..., AbstractContextManager[tuple[Program, Callable[[], object]]]]


@pytest.fixture
def server() -> Iterator[Demo]:
    with Demo(seed=1, clock=lambda: NOW) as demo:
        yield demo


@pytest.fixture
def start(server: Demo, tmp_path: Path) -> Started:
    """Return a function that starts the program with an empty home."""
    unset = dict.fromkeys(("XDG_CACHE_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"))
    environ = {**unset, "HOME": str(tmp_path), "WLTUI_TOKEN": sign_in(server.url)}

    def program(*words: str, **more: str | None) -> Program:
        command = [sys.executable, "-m", "wltui", "--endpoint", server.url, *words]
        return Program(command, environ={**environ, **more})

    return program


@pytest.fixture
def cut_off(start: Started, tmp_path: Path) -> CutOff:
    """Return a function that starts the program, which can't fetch anything itself before it may go on."""
    package, gate = tmp_path / "held" / "httpx" / "__init__.py", tmp_path / "gate"
    package.parent.mkdir(parents=True)
    package.write_text(GATE)
    os.mkfifo(gate)
    held = {"PYTHONPATH": str(package.parents[1]), "PYTHONDONTWRITEBYTECODE": "1", "GATE": str(gate)}

    @contextmanager
    def program(*words: str) -> Iterator[tuple[Program, Callable[[], object]]]:
        with start(*words, **held, PYTEST=str(os.getpid())) as started, ExitStack() as after:
            yield started, lambda: after.callback(os.close, os.open(gate, os.O_RDWR))

    return program


@ahead
@pytest.mark.parametrize("words", [(), ("--workspace", "10")])
def test_what_is_shown_first_is_there_before_the_program_itself_can_ask_for_it(
    cut_off: CutOff, server: Demo, words: tuple[str, ...]
) -> None:
    with cut_off(*words, "--refresh", "0") as (program, go_on):
        program.until(ROW if not words else "api-tutorial")
        program.until(LIVE)
        assert count_requests(server, WORKSPACES) == 1
        assert count_requests(server, LIST) == (1 if words else 0)
        go_on()
        program.press("ctrl+q")
        assert program.wait() == 0
        assert program.left_behind() == set()
    assert count_requests(server, WORKSPACES) == 1


@ahead
@pytest.mark.parametrize(
    "answer",
    [
        Scripted(401),
        Scripted(drop=True),
        pytest.param(Scripted(500), marks=pytest.mark.thorough),
        pytest.param(Scripted(502, b"<html>"), marks=pytest.mark.thorough),
        pytest.param(Scripted(body=b""), marks=pytest.mark.thorough),
    ],
)
def test_where_that_fails_the_program_asks_itself(server: Demo, start: Started, answer: Scripted) -> None:
    server.script(WORKSPACES, answer)
    with start() as program:
        program.until(ROW)
        program.until(LIVE)
        assert count_requests(server, WORKSPACES) == 2
        program.press("ctrl+q")
        assert program.wait() == 0


def test_with_one_processor_it_asks_itself(server: Demo, start: Started) -> None:
    with one_processor(), start() as program:
        program.until(ROW)
        program.until(LIVE)
        assert not children(program)
        assert count_requests(server, WORKSPACES) == 1


def test_nobody_waits_for_it_at_the_end(server: Demo, start: Started) -> None:
    server.script(WORKSPACES, Scripted(delay=30))
    with start() as program:
        program.until("Loading workspaces")
        program.press("ctrl+q")
        assert program.wait() == 0  # and nobody else has the terminal open


@ahead
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_it_ends_with_the_program(server: Demo, start: Started, number: int) -> None:
    server.script(WORKSPACES, Scripted(delay=300))
    with start() as program:
        program.until("Loading workspaces")
        (child,) = children(program)
        until(lambda: count_requests(server, WORKSPACES) == 1, "its request")
        os.kill(program.pid, number)
        program.wait()
        until(lambda: not Path(f"/proc/{child}/fd").exists() or is_dead(child), "its end")


def is_dead(process: str) -> bool:
    """Whether a process has ended, though nobody may have asked how."""
    try:
        return " Z " in Path(f"/proc/{process}/stat").read_text() or not os.listdir(f"/proc/{process}/fd")
    except OSError:
        return True


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_meanwhile_ends_the_program_in_order(server: Demo, start: Started, number: int) -> None:
    server.script(WORKSPACES, Scripted(delay=30))
    with start() as program:
        program.until("Loading workspaces")
        os.kill(program.pid, number)
        assert program.wait() == 128 + number
        assert program.left_behind() == set()


def test_offline_nothing_is_asked(server: Demo, start: Started) -> None:
    with start("--offline") as program:
        program.until("offline")
        program.press("ctrl+q")
        assert program.wait() == 0
    assert server.requests[1:] == []  # the first one brought the token


def test_it_leaves_no_process(start: Started) -> None:
    with start() as program:
        program.until(LIVE)
        assert children(program) == []


def children(program: Program) -> list[str]:
    return Path(f"/proc/{program.pid}/task/{program.pid}/children").read_text().split()


@pytest.fixture
def ended() -> Iterator[int]:
    """Yield a process that has ended well."""
    with subprocess.Popen(["true"]) as process:
        yield process.pid


def prefetched_body(body: bytes, process: int, *, owner: str) -> Prefetch:
    """Return a prefetch that is over and has one answer."""
    file = os.memfd_create("answer")
    os.write(file, body)
    os.utime(file, (NOW.timestamp(), NOW.timestamp()))
    prefetch = Prefetch(owner, process, [(HOME, file)])
    until(lambda: prefetch.has(HOME), "the answer")
    return prefetch


@pytest.fixture
def settings(server: Demo) -> Settings:
    return Settings(endpoint=server.url, token=Secret(sign_in(server.url)))


async def read_models(
    settings: Settings, folder: Path, prefetch: Prefetch | None = None
) -> list[Answer[tuple[Model, ...]]]:
    """Return the answers that a session gets about a workspace's models."""
    service = open_service(settings, folder, folder, prefetch=prefetch)
    try:
        return [answer async for answer in service.models(WorkspaceId(10))]
    finally:
        await service.close()


async def test_an_answer_to_another_user_is_not_taken(settings: Settings, tmp_path: Path, ended: int) -> None:
    (answer,) = await read_models(
        settings, tmp_path, prefetched_body(b'{"models": []}', ended, owner="another user")
    )
    assert answer.live
    assert answer.value


@pytest.fixture
def prefetched(server: Demo, settings: Settings, tmp_path: Path, ended: int) -> Prefetched:
    """Read the models in a session with a full cache and a prefetched body; return answers and own requests."""

    async def session(body: bytes) -> tuple[list[Answer[tuple[Model, ...]]], int]:
        await read_models(settings, tmp_path)
        before = count_requests(server, LIST)
        owner = identify(settings, tmp_path, tmp_path).key
        answers = await read_models(settings, tmp_path, prefetched_body(body, ended, owner=owner))
        return answers, count_requests(server, LIST) - before

    return session


async def test_what_is_answered_already_comes_without_what_the_cache_knows(prefetched: Prefetched) -> None:
    (answer,), requests = await prefetched(b'{"models": []}')
    assert (answer.live, answer.value) == (True, ())
    assert answer.as_of == NOW  # when it was received, and not when it was taken
    assert requests == 0


async def test_what_is_answered_and_can_not_be_read_is_asked_for_after_what_the_cache_knows(
    prefetched: Prefetched,
) -> None:
    (cached, live), requests = await prefetched(b"<html>")
    assert (cached.live, live.live) == (False, True)
    assert cached.value == live.value != ()
    assert requests == 1
