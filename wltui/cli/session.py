"""The session of a command: the same service as the dashboard has, opened and closed around some work."""

import signal
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, TypeVar

from wltui.core.errors import ConnectionFailed
from wltui.core.settings import Settings
from wltui.lifecycle.console import escape_line, run_guarded, say
from wltui.ui.text.format import age

if TYPE_CHECKING:
    from wltui.service.answers import Answer
    from wltui.service.service import Service

T = TypeVar("T")
_ENDING = (signal.SIGTERM, signal.SIGHUP)


def run_service(settings: Settings, work: "Callable[[Service], Awaitable[int]]") -> int:
    """Open the service of a session, do the work, close the service, and return the exit code.

    Cache, sign-in, history and drafts are those of the dashboard, but nothing counts as a visit: a job that runs
    every hour must not hide from the user what has changed since they looked. SIGINT, SIGTERM and SIGHUP cancel the
    work.
    """
    import asyncio

    async def run() -> int:
        from wltui.service.open import open_service
        from wltui.store.private_files import state_folder
        from wltui.store.response_cache import cache_folder

        service = open_service(settings, cache_folder(), state_folder(), is_visit=False)
        try:
            return await work(service)
        finally:
            await service.close()
            if service.trouble:
                say(f"wltui: {escape_line(service.trouble)}", error=True)

    return run_guarded(lambda: asyncio.run(_until_ended(run())), secrets=lambda: settings.secrets)


async def _until_ended(work: Awaitable[int]) -> int:
    """Return the exit code of the work, or that of SIGTERM or SIGHUP, which cancel it; asyncio itself sees to SIGINT.

    A signal that is ignored, as SIGHUP is by ``nohup``, stays so. Work that ends in good order when it is cancelled
    returns the code of SIGINT, whichever signal it was.
    """
    import asyncio

    if threading.current_thread() is not threading.main_thread():
        return await work
    loop, task, ended = asyncio.get_running_loop(), asyncio.current_task(), 0
    ending = [number for number in _ENDING if signal.getsignal(number) is not signal.SIG_IGN]

    def end(number: int) -> None:
        nonlocal ended
        ended = number
        if task is not None:
            task.cancel()

    for number in ending:
        loop.add_signal_handler(number, end, number)
    try:
        code = await work
        return 128 + ended if ended and code == 128 + signal.SIGINT else code
    except asyncio.CancelledError:
        if not ended:
            raise
        return 128 + ended
    finally:
        for number in ending:
            loop.remove_signal_handler(number)


async def newest(
    answers: "AsyncIterator[Answer[T]]",
    settings: Settings,
    *,
    is_quiet: bool = False,
    on_answer: "Callable[[Answer[T]], object]" = lambda answer: None,
) -> "Answer[T]":
    """Return the last answer of a stream: the live one, or with ``--cached`` the one on disk, its age on stderr.

    Args:
        answers: The stream, from a method of the service.
        settings: Those of the session.
        is_quiet: The age is not said.
        on_answer: Called with each answer, such as parts of a list that is being read.

    Raises:
        ConnectionFailed: with ``--cached``, nothing is on disk.
        WltuiError: the live answer can't be read.
    """
    answer: Answer[T] | None = None
    try:
        async for found in answers:
            answer = found
            on_answer(found)
    except ConnectionFailed as error:
        if not settings.offline:
            raise
        if answer is None:
            raise not_kept(error.what) from None
    if answer is None:
        raise not_kept("There is no answer")
    if settings.offline and not is_quiet:
        say_age(answer.as_of)
    return answer


def not_kept(what: str) -> ConnectionFailed:
    """Return the error that the cache lacks an answer; ``what`` failed."""
    return ConnectionFailed(
        what, "nothing of it is kept on this host", "Run the command again without --cached"
    )


def say_age(as_of: datetime) -> None:
    """Say on standard error how old an answer from disk is."""
    say(f"wltui: from disk, {age(datetime.now(UTC) - as_of)} old", error=True)


def has_terminal() -> bool:
    """Return whether there is somebody to ask: a terminal to read from and to print the question on."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
