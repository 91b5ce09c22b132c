"""Read a file that the user named on the command line: never without an end, and not without a word."""

import errno
import os
import select
import sys

from wltui.core.errors import UsageError
from wltui.core.file_kinds import other_kind
from wltui.lifecycle.console import escape_line, say

CHUNK = 1 << 20
"""Bytes that are read at once."""
SILENCE = 1.0
"""Seconds after which a pipe that nothing comes from is named."""


def read_named_file(file: str, largest: int, advice: str = "", *, silence: float = SILENCE) -> bytes:
    """Return the content of a file, or of standard input for ``-``.

    A pipe, such as that of the shell's ``<(command)``, is waited for; it is named if nothing comes for ``silence``.

    Raises:
        UsageError: it can't be read, is a folder or a device, or is larger than ``largest`` bytes.
    """
    name = "standard input" if file == "-" else file
    try:
        content = _read_input(largest + 1) if file == "-" else _read(file, largest + 1, silence)
        if len(content) > largest:
            raise OSError(errno.EFBIG, f"it is larger than {_size(largest)}")
    except OSError as error:
        why = error.strerror or str(error)
        raise UsageError(f"{name} can't be read", f"{why[:1].lower()}{why[1:]}", advice) from None
    except ValueError:  # it holds a NUL
        raise UsageError(f"{name!r} can't be read", "no file can have that name", advice) from None
    return content


def _size(number: int) -> str:
    return f"{number >> 20} MiB" if number >> 20 else f"{number >> 10} KiB"


def _read_input(most: int) -> bytes:
    if sys.stdin is None:
        raise OSError(errno.EBADF, "it is closed")
    if sys.stdin.isatty():
        say("Reading standard input; ctrl+d ends it.", error=True)
    return sys.stdin.buffer.read(most)


def _read(file: str, most: int, silence: float) -> bytes:
    """Return the first bytes of a file, ``most`` at most."""
    _refuse(other_kind(os.stat(file).st_mode))
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with open(descriptor, "rb", buffering=0) as opened:
        _refuse(kind := other_kind(os.fstat(descriptor).st_mode))
        content = bytearray()
        while len(content) < most:
            if kind:
                _wait_for_pipe(file, descriptor, silence)
            chunk = opened.read(min(CHUNK, most - len(content)))
            if chunk == b"":
                break
            content += chunk or b""  # None: another process has taken it from the pipe
        return bytes(content)


def _refuse(kind: str) -> None:
    if kind not in ("", "a pipe"):
        raise OSError(errno.EINVAL, f"it is {kind}")


def _wait_for_pipe(file: str, descriptor: int, silence: float) -> None:
    """Return when the pipe has bytes, or its end has come; name it if it has neither for a while."""
    ready = select.poll()
    ready.register(descriptor, select.POLLIN)
    if not ready.poll(1000 * silence):
        say(f"Waiting for {escape_line(file)}, which is a pipe; ctrl+c gives up.", error=True)
        ready.poll()
