"""Fetch the first answers in a process of its own, while this one imports the modules that draw them.

Two interpreters import in the time of one, and the requests are on their way meanwhile. This only saves time: an answer
that the other process did not get is fetched again in the usual way, which also shows the error.

Measured in turns, in the processor's time that Textual's hello-world takes: 1,000 live rows come after 2.1 with it and
after 2.85 without, for 2 % more time of all processors together. Rows from the cache, without any request, come after
1.65: what imports and the first screen cost. So a quicker way to ask could save half as much again at most.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from msgspec import Struct

from wltui.api import calls
from wltui.api.calls import Call
from wltui.auth.identity import Identity
from wltui.auth.token_store import TokenStore
from wltui.core.event_log import close_log
from wltui.core.settings import Settings
from wltui.core.threads import start_in_thread

Files = Sequence[tuple[Call[object], int]]
"""Each call, and the file in memory that the body of its answer is written to."""
Answers = dict[tuple[str, bytes], tuple[bytes, datetime]]
"""The body of each answer and when it was received, by the key of its call."""


class Prefetch:
    """Answers that another process fetches; each can be taken once."""

    def __init__(self, owner: str, process: int, files: Files, keepalive: int | None = None) -> None:
        """Wait for the process in a thread.

        Args:
            owner: the key of the user for whom it fetches.
            process: its number.
            files: where it writes the answers.
            keepalive: the end of a pipe. The process ends soon after it is closed, and so with this process.
        """
        self.owner = owner
        self._calls = {call.key for call, _ in files}
        self._answers = start_in_thread(_read_answers, process, files, keepalive)

    def has(self, call: Call[object]) -> bool:
        """Return whether the answer has arrived."""
        return self._answers.done() and call.key in self._answers.result()

    async def take(self, call: Call[object]) -> tuple[bytes, datetime] | None:
        """Wait for an answer; return its body and when it was received, or None if the caller has to fetch it."""
        if call.key not in self._calls:
            return None
        self._calls.remove(call.key)
        answers = await asyncio.shield(asyncio.wrap_future(self._answers))
        return answers.pop(call.key, None)


def start_prefetch(settings: Settings, user: Identity, state_dir: Path) -> Prefetch | None:
    """Start a process that fetches what the first screen shows; call it before this process has threads.

    Return None if that would not help or could do harm: with one processor, if the server would refuse the request
    anyway, and if signing in means to ask somebody or to run a command, which is not done twice. Other systems than
    Linux have libraries that may not survive a fork.
    """
    is_signed_in = settings.token or (user.login and not user.login.has_tokens)
    if sys.platform != "linux" or settings.offline or not is_signed_in or len(os.sched_getaffinity(0)) < 2:
        return None
    wanted: list[Call[object]] = [calls.list_workspaces()]
    if settings.workspace is not None:
        wanted.insert(0, calls.list_models(settings.workspace))
    # Ctrl+c is for this process; and the thread that waits for the other one, older than the signal guard, takes none.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        files = [(call, os.memfd_create("wltui-answer", os.MFD_CLOEXEC)) for call in wanted]
        parent, keepalive = os.pipe()  # neither end goes to any other program
        process = os.fork()
        if not process:
            os.close(keepalive)
            _Fetcher(settings, user, state_dir, files, parent).run()
        os.close(parent)
        return Prefetch(user.key, process, files, keepalive)
    except OSError:
        return None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Fetcher(Struct, frozen=True):
    """The work of the other process: fetch once, write each answer, and end; no error is shown."""

    settings: Settings
    user: Identity
    state_dir: Path
    files: Files
    parent: int
    """The end of a pipe whose other end closes with the parent process."""

    def run(self) -> NoReturn:
        """Fetch and end the process.

        The session is its own, so that neither a key nor a hangup ends it while it renews a sign-in.
        """
        try:
            os.setsid()
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            signal.pthread_sigmask(signal.SIG_SETMASK, ())
            nowhere = os.open(os.devnull, os.O_RDWR)
            for stream in range(3):
                os.dup2(nowhere, stream)
            asyncio.run(self._write_answers())
        finally:
            os._exit(1)  # without a traceback: the parent shows the error if it gets the same one

    async def _write_answers(self) -> NoReturn:
        """Write the body of each answer that comes in time, and end without waiting for anything else."""
        code = 1
        try:
            self._write(await self._fetch())
            code = 0
        finally:
            close_log()
            os._exit(code)  # a thread that hangs, such as one that looks up a name, would be waited for

    async def _fetch(self) -> list[bytes | None]:
        """Return the body of each answer; None if it failed, or came after the deadline or the end of the parent."""
        from wltui.auth.sign_in import build_client

        loop = asyncio.get_running_loop()
        client = build_client(self.settings, self.user.login, TokenStore(self.state_dir), repeats=0)
        tasks = [asyncio.create_task(client.send(call)) for call, _ in self.files]

        def give_up() -> None:
            loop.remove_reader(self.parent)
            for task in tasks:
                task.cancel()

        loop.add_reader(self.parent, give_up)
        try:
            await asyncio.wait(tasks, timeout=self.settings.request_timeout)
            return [task.result() if _has_succeeded(task) else None for task in tasks]
        finally:
            await client.aclose()  # which lets a renewal that is under way come to its end

    def _write(self, bodies: Sequence[bytes | None]) -> None:
        for (_, file), body in zip(self.files, bodies, strict=True):
            if body is not None:
                with open(file, "wb") as whole:
                    whole.write(body)


def _has_succeeded(task: "asyncio.Task[bytes]") -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _read_answers(process: int, files: Files, keepalive: int | None) -> Answers:
    """Wait until the process has ended, and return the answers that it wrote; for a thread."""
    has_ended_well = os.waitpid(process, 0)[1] == 0
    if keepalive is not None:
        os.close(keepalive)
    answers: Answers = {}
    for call, file in files:
        with open(file, "rb") as whole:
            whole.seek(0)  # it shares its position with the process that wrote
            if body := whole.read() if has_ended_well else b"":
                answers[call.key] = body, datetime.fromtimestamp(os.fstat(file).st_mtime, UTC)
    return answers
