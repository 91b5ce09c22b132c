"""Print on standard output and standard error, and end a command with its exit code.

Text from outside, such as a name in a token, goes through :func:`escape_line`: it can neither move the cursor nor begin
a line that looks like one of wltui's own. :func:`run_guarded` is around every command.
"""

import errno
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import BinaryIO, TextIO

from wltui.core.errors import (
    ApiFormatError,
    ConfigMoved,
    ConnectionFailed,
    HistoryUnwritable,
    NotFound,
    NotSignedIn,
    OutcomeUnknown,
    ReadOnlyMode,
    SaveDeclined,
    ServiceError,
    TimedOut,
    Unavailable,
    UsageError,
    WltuiError,
)
from wltui.core.escapes import escape_line as escape_line
from wltui.core.settings import proxy_password

EXIT_CODES: Mapping[int, str] = {
    0: "done",
    1: "something was found, such as a difference; or wltui itself failed",
    2: "wrong usage, or a mistake in config.toml or the environment",
    3: "not signed in, or the sign-in was refused",
    4: "the instance does not know the id or name",
    5: "refused by the instance, by --read-only, or since nobody confirmed it",
    6: "no connection, no answer in time, or none that can be read",
    7: "somebody else saved a config meanwhile; nothing was sent",
    8: "the outcome of a save is unknown",
    130: "ended by ctrl+c",
    141: "the reader of the output has gone",
    143: "ended by kill",
}
"""The exit codes of all commands, and their usual meaning."""
_CODES: Mapping[type[WltuiError], int] = {
    UsageError: 2,
    NotSignedIn: 3,
    NotFound: 4,
    ConnectionFailed: 6,
    TimedOut: 6,
    ApiFormatError: 6,
    Unavailable: 6,
    ServiceError: 5,  # all others: the instance answered, and refused
    ReadOnlyMode: 5,
    SaveDeclined: 5,
    HistoryUnwritable: 5,
    ConfigMoved: 7,
    OutcomeUnknown: 8,
}
"""The exit code of each kind of error; what a class does not have, it inherits."""
CLOSED_PIPE = 141
"""The exit code when the reader of the output has gone: 128 and the number of SIGPIPE."""
MIN_SECRET = 8
"""Characters that a secret needs at least to be searched for in crash reports."""


class OutputLost(Exception):
    """Standard output or standard error can't be written. Not an OSError, so that no handler of those takes it."""

    def __init__(self, stream: TextIO, error: OSError) -> None:
        super().__init__(str(error))
        self.stream, self.error = stream, error


def say(text: str, *, error: bool = False, end: str = "\n") -> None:
    """Print lines at once, on standard error if ``error``. Parts from outside have gone through :func:`escape_line`.

    Raises:
        OutputLost: they can't be printed.
    """
    stream = sys.stderr if error else sys.stdout
    if stream is None:  # it was closed before the start; print would take the other one
        return
    try:
        print(text, end=end, file=stream, flush=True)
    except OSError as lost:
        raise OutputLost(stream, lost) from None


@contextmanager
def open_output() -> Iterator[BinaryIO]:
    """Yield standard output for bytes, behind the text that was printed; OutputLost is raised if it can't be written.

    If it was closed before the start, the bytes go nowhere.
    """
    stream = sys.stdout
    if stream is None:
        with open(os.devnull, "wb") as nowhere:
            yield nowhere
        return
    try:
        stream.flush()
        yield stream.buffer
        stream.buffer.flush()
    except OSError as lost:
        raise OutputLost(stream, lost) from None


def say_error(error: object) -> None:
    """Print an error of a command in one line; raise OutputLost if that fails."""
    say(f"wltui: {escape_line(error)}", error=True)


def exit_code(error: WltuiError) -> int:
    """Return the exit code of a command that ended with an error: a key of :data:`EXIT_CODES`."""
    return next((_CODES[kind] for kind in type(error).__mro__ if kind in _CODES), 1)


def run_guarded(
    work: Callable[[], int],
    *,
    restore_terminal: Callable[[], object] = lambda: None,
    secrets: Callable[[], Sequence[str]] = lambda: (),
) -> int:
    """Run a command and return its exit code, whatever happens.

    Args:
        work: the command; returns the exit code.
        restore_terminal: called before anything is printed about an error.
        secrets: returns the texts that a crash report may not hold.
    """
    _prepare_output()
    code = 1
    try:
        try:
            code = _code(work, restore_terminal, secrets)
        finally:
            for stream in (sys.stdout, sys.stderr):
                _flush(stream)
    except OutputLost as lost:
        without = _end_without(lost)
        # A terminal that goes away ends the app by SIGHUP, and then takes no more.
        return code if code > 128 and lost.error.errno == errno.EIO else without
    return code


def _prepare_output() -> None:
    """Make standard output write all that is printed, and spell a character that its encoding lacks.

    With PYTHONUNBUFFERED its text goes to a file that writes as much as fits, and Python ignores how much that was.
    """
    stream = sys.stdout
    if not isinstance(stream, io.TextIOWrapper):
        return
    if isinstance(stream.buffer, io.RawIOBase):
        sys.stdout = io.TextIOWrapper(io.BufferedWriter(stream.buffer), stream.encoding, "backslashreplace")
    else:
        stream.reconfigure(errors="backslashreplace")


def _code(
    work: Callable[[], int], restore_terminal: Callable[[], object], secrets: Callable[[], Sequence[str]]
) -> int:
    try:
        return work()
    except OutputLost:
        restore_terminal()
        raise
    except KeyboardInterrupt:
        restore_terminal()
        return 130
    except WltuiError as error:
        restore_terminal()
        say_error(error)
        return exit_code(error)
    except Exception as error:  # noqa: BLE001  the crash handler
        restore_terminal()
        from .crash import format_report

        say(format_report(error, [*secrets(), *_secrets_of_environment()]), error=True)
        return 1


def _secrets_of_environment() -> list[str]:
    texts = [os.environ.get(name, "").strip() for name in ("WLTUI_TOKEN", "WALLAROO_PASSWORD")]
    proxies = [text for name, text in os.environ.items() if name.lower().endswith("_proxy")]
    return [text for text in (*texts, *map(proxy_password, proxies)) if len(text) >= MIN_SECRET]


def _flush(stream: TextIO | None) -> None:
    if stream is None or stream.closed:
        return
    try:
        stream.flush()
    except OSError as error:
        raise OutputLost(stream, error) from None


def _end_without(lost: OutputLost) -> int:
    """Return the exit code, with the stream redirected to nowhere, as Python flushes it once more at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, lost.stream.fileno())
    os.close(nowhere)
    if lost.error.errno == errno.EPIPE:
        return CLOSED_PIPE
    if lost.stream is not sys.stderr:
        try:
            say_error(f"the output can't be written: {(lost.error.strerror or str(lost.error)).lower()}")
        except OutputLost as other:
            return _end_without(other)
    return 1
