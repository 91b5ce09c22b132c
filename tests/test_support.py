"""The helpers of tests do what tests rely on."""

import asyncio
import signal
import socket
import subprocess
import sys
import threading

import pytest
from textual.app import App, ComposeResult
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from tests.support.pty_program import Program
from tests.support.rest import come_to_rest, unfinished
from tests.support.screen_text import ScreenText, search
from tests.support.waiting import running, until

WRAPPED = ScreenText("▸  19   ready\n  Your unsent edit of 12 s\n  ago is back    [ Keep ]\n")


@pytest.mark.parametrize(
    "words", ["edit of 12 s ago is back", "ready Your unsent", "back    [ Keep ]", "19   re"]
)
def test_words_are_found_wherever_they_wrap(words: str) -> None:
    assert words in WRAPPED


@pytest.mark.parametrize("words", ["edit of 12s", "ago is  not back", "sago", "readyYour"])
def test_other_words_are_not(words: str) -> None:
    assert words not in WRAPPED


@pytest.mark.parametrize(
    "pattern",
    [
        r"12 s ago is back",
        r"ago is back    \[ Keep",
        r"12\ s\ ago",
        r"▸ +19 ",
        r"^  Your unsent",
        r"12 [a-z ]$",
        r"\[ Keep \]",
        "s ago[ │]is",
    ],
)
def test_a_blank_in_a_pattern_is_any_white_space(pattern: str) -> None:
    assert search(pattern, WRAPPED)


@pytest.mark.parametrize("pattern", [r"12 +s +ago", r"^ago", "Your.*ago", r"s[ ]ago"])
def test_lines_are_still_lines(pattern: str) -> None:
    assert not search(pattern, WRAPPED)


def test_a_repeated_group_is_searched_in_no_time() -> None:
    """By the number of ways to match, it would take longer than the universe has existed."""
    rows = "\n".join(f"  {number}  name  of a row   ✔  5  ✖  6   end" for number in range(40))
    assert not search(r"(?:^[^✖◐✔\n]* [✖◐✔] .*\n){41}", rows)


def test_a_program_that_neither_answers_nor_ends_is_killed_in_time_and_named() -> None:
    command = [sys.executable, "-c", "import sys; print('ready', flush=True); sys.stdin.read()"]
    program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with pytest.raises(AssertionError, match=r"waited 1 s for \[.*ready"), running(program, 1):
        program.wait()
    with (
        pytest.raises(ZeroDivisionError),
        running(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)) as program,
    ):
        _ = 1 // 0
    assert program.returncode == -signal.SIGKILL


ASKS = """
import socket, sys
server = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
print("asked", flush=True)
print(server.recv(9).decode(), flush=True)
server.recv(9)
"""


def test_a_program_is_not_at_rest_while_this_process_works_on_its_answer() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            peer, _ = server.accept()
            with peer:
                for _ in range(30_000_000):  # longer than a terminal is quiet
                    pass
                peer.sendall(b"answered")
                assert peer.recv(9) == b""

        serving = threading.Thread(target=serve)
        serving.start()
        with Program([sys.executable, "-c", ASKS, str(server.getsockname()[1])]) as program:
            program.until("asked")
            program.settle()
            assert "answered" in program.text()
        serving.join()


def test_what_a_program_writes_just_before_it_is_looked_at_is_read() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        class AnsweredLate(Program):
            def _works(self) -> bool:
                if not is_answered.is_set():
                    is_answered.set()
                    peer.sendall(b"answered")
                    assert self._master is not None
                    terminal = [self._master]
                    until(lambda: self._wait(terminal, 0) and not Program._works(self))
                return super()._works()

        is_answered = threading.Event()
        with AnsweredLate([sys.executable, "-c", ASKS, str(server.getsockname()[1])]) as program:
            peer, _ = server.accept()
            with peer:
                program.until("asked")
                program.settle()
                assert "answered" in program.text()


class Slow(Static):
    """A widget whose answer to a message takes many rounds of the event loop."""

    class Asked(Message):
        """The message."""

    has_answered = False

    async def on_slow_asked(self) -> None:
        for _ in range(50):
            await asyncio.sleep(0)
        self.has_answered = True


class Underneath(App[None]):
    """An app with such a widget."""

    def compose(self) -> ComposeResult:
        yield Slow("below")


async def test_an_app_is_at_rest_when_its_screens_below_are_too_and_else_says_why_not() -> None:
    app = Underneath()
    async with app.run_test():
        slow = app.query_one(Slow)
        await app.push_screen(ModalScreen())
        await come_to_rest(app)
        slow.post_message(Slow.Asked())
        assert unfinished(app) == [f"busy: {slow}"]
        await come_to_rest(app)
        assert slow.has_answered
        assert unfinished(app) == []
        with app.batch_update():
            app.screen.refresh(layout=True)
            assert {"_layout_required", "a batch of updates"} <= {*unfinished(app)}
