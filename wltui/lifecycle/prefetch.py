"""The first answers, asked for by a process of its own while this one imports what will draw them.

Two interpreters import in the time of one, and the requests are on their way meanwhile. It is a head start and no
more: what the other process could not get is asked for again in the usual way, which also tells what is wrong.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NoReturn

from wltui.api import calls
from wltui.api.calls import Call
from wltui.auth.identity import Identity
from wltui.auth.token_store import TokenStore
from wltui.core.settings import Settings
from wltui.core.threads import start_in_thread


class Prefetch:
    """Answers that another process asks for; each is there once.

    ``files``: each call, and the file in memory that the body of its answer is written to. ``keepalive``: the end of a
    pipe; the other process ends soon after it is closed, and so with this one.
    """

    def __init__(
        self,
        owner: str,
        process: int,
        files: Sequence[tuple[Call[object], int]],
        keepalive: int | None = None,
    ) -> None:
        self.owner = owner
        """The key of the user for whom it asks."""
        self._asked = {call.key for call, _ in files}
        self._told = start_in_thread(_told, process, files, keepalive)

    def has(self, call: Call[object]) -> bool:
        """Whether the answer is there already."""
        return self._told.done() and call.key in self._told.result()

    async def take(self, call: Call[object]) -> tuple[bytes, datetime] | None:
        """The body of the answer and when it was received, when it is there; None where it has to be asked for."""
        if call.key not in self._asked:
            return None
        self._asked.remove(call.key)
        told = await asyncio.shield(asyncio.wrap_future(self._told))
        return told.pop(call.key, None)


def start_prefetch(settings: Settings, user: Identity, state_dir: Path) -> Prefetch | None:
    """Have another process ask for what the first screen shows; to be called before there are threads.

    None where it would not help or could do harm: with one processor, where it would be told to sign in anyway, and
    where signing in means asking somebody or running something, which is not done twice. Elsewhere than on Linux
    libraries may not survive a fork.
    """
    signed_in = settings.token or (user.login and not user.login.has_tokens)
    if sys.platform != "linux" or settings.offline or not signed_in or len(os.sched_getaffinity(0)) < 2:
        return None
    asked: list[Call[object]] = [calls.list_workspaces()]
    if settings.workspace is not None:
        asked.insert(0, calls.list_models(settings.workspace))
    # Ctrl+c is for this process; and the thread that waits for the other one, older than the signal guard, takes none.
    before = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    try:
        files = [(call, os.memfd_create("wltui-answer", os.MFD_CLOEXEC)) for call in asked]
        watched, keepalive = os.pipe()  # neither goes to any other program
        process = os.fork()
        if not process:
            os.close(keepalive)
            _ask(settings, user, state_dir, files, watched)
        os.close(watched)
        return Prefetch(user.key, process, files, keepalive)
    except OSError:
        return None
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _ask(
    settings: Settings,
    user: Identity,
    state_dir: Path,
    files: Sequence[tuple[Call[object], int]],
    watched: int,
) -> NoReturn:
    """Ask once, write what is answered, and end; nothing is said of what fails.

    The session is its own, so that neither a key nor a hangup ends it while it renews a sign-in. It ends soon after the
    other end of ``watched`` is closed.
    """
    try:
        os.setsid()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        nowhere = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nowhere, stream)
        asyncio.run(_answer(settings, user, state_dir, files, watched))
    finally:
        os._exit(1)  # without a traceback: the other process tells, when it meets with the same


async def _answer(
    settings: Settings,
    user: Identity,
    state_dir: Path,
    files: Sequence[tuple[Call[object], int]],
    watched: int,
) -> NoReturn:
    """Write the body of each answer that comes in time, and end without waiting for anything else."""
    code = 1
    try:
        told = await _bodies(settings, user, state_dir, [call for call, _ in files], watched)
        _write(files, told)
        code = 0
    finally:
        os._exit(code)  # a thread that hangs, such as one that looks up a name, would be waited for


async def _bodies(
    settings: Settings, user: Identity, state_dir: Path, asked: Sequence[Call[object]], watched: int
) -> list[bytes | None]:
    """The body of each answer; None for one that failed, or took until the deadline or the end of the other process."""
    from wltui.auth.sign_in import build_client

    loop = asyncio.get_running_loop()
    asking = build_client(settings, user.login, TokenStore(state_dir), repeats=0)
    tasks = [asyncio.create_task(asking.send(call)) for call in asked]

    def give_up() -> None:
        loop.remove_reader(watched)
        for task in tasks:
            task.cancel()

    loop.add_reader(watched, give_up)
    try:
        await asyncio.wait(tasks, timeout=settings.request_timeout)
        return [task.result() if _went_well(task) else None for task in tasks]
    finally:
        await asking.aclose()  # which lets a renewal that is under way come to its end


def _write(files: Sequence[tuple[Call[object], int]], bodies: Sequence[bytes | None]) -> None:
    for (_, file), body in zip(files, bodies, strict=True):
        if body is not None:
            with open(file, "wb") as whole:
                whole.write(body)


def _went_well(task: "asyncio.Task[bytes]") -> bool:
    return task.done() and not task.cancelled() and task.exception() is None


def _told(
    process: int, files: Sequence[tuple[Call[object], int]], keepalive: int | None
) -> dict[tuple[str, bytes], tuple[bytes, datetime]]:
    """The answers by the keys of their calls, once the process has ended; for a thread."""
    well = os.waitpid(process, 0)[1] == 0
    if keepalive is not None:
        os.close(keepalive)
    told = {}
    for call, file in files:
        with open(file, "rb") as whole:
            whole.seek(0)  # it shares its place with the process that wrote
            if body := whole.read() if well else b"":
                told[call.key] = body, datetime.fromtimestamp(os.fstat(file).st_mtime, UTC)
    return told
