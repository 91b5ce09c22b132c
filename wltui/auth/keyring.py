"""The system's keyring, for tokens that the user wants there and not in a file.

The library behind it talks to whatever the desktop has, and may wait for somebody to unlock that, so each call is
made apart and given up after a while. It costs 0.3 s to import, and is imported for nobody who did not ask for it.
"""

import errno
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from wltui.core.threads import start_in_thread

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

SERVICE = "wltui"
TRIAL = "trial"
TIMEOUT = 30.0
"""Seconds that somebody has to unlock it."""
MIN_PRIORITY = 1
"""The least priority of what keyring itself recommends; below are plain files and nothing at all."""
MAX_REASON = 200
"""Characters of what the keyring says itself."""


class KeyringError(OSError):
    """The keyring did not do what it was asked for; ``strerror`` says why."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EIO, why)


def check() -> None:
    """See that there is a keyring that protects what is in it, and takes something; raises KeyringError."""
    save(TRIAL, "may be deleted")
    delete(TRIAL)


def load(name: str) -> str | None:
    """What is kept under a name; None where that is nothing. Raises KeyringError."""
    return _ask(lambda backend: backend.get_password(SERVICE, name))


def save(name: str, text: str) -> None:
    """Keep a text under a name, in place of what was there; raises KeyringError."""
    _ask(lambda backend: backend.set_password(SERVICE, name, text))


def delete(name: str) -> None:
    """Forget what is kept under a name, if anything; raises KeyringError."""

    def forget(backend: "KeyringBackend") -> None:
        if backend.get_password(SERVICE, name) is not None:
            backend.delete_password(SERVICE, name)

    _ask(forget)


def _ask(work: "Callable[[KeyringBackend], T]") -> T:
    asked = start_in_thread(lambda: work(_backend()))
    try:
        error = asked.exception(timeout=TIMEOUT)
    except TimeoutError:
        raise KeyringError(f"it did not answer in {TIMEOUT:.0f} seconds; is it locked?") from None
    if error is None:
        return asked.result()
    if isinstance(error, KeyringError):
        raise error
    raise KeyringError(_reason(error)) from None  # backends raise what they like


def _backend() -> "KeyringBackend":
    try:
        import keyring
    except ImportError:
        raise KeyringError("the package keyring is not installed (pip install 'wltui[keyring]')") from None
    backend = keyring.get_keyring()
    chain = getattr(backend, "backends", None)  # several at once; the first is the one that is written to
    if chain is not None:
        backend = next(iter(chain), backend)
    if backend.priority < MIN_PRIORITY:
        raise KeyringError("this computer has none, or none that protects what is in it")
    return backend


def _reason(error: BaseException) -> str:
    """What a backend says, in one line."""
    said = " ".join(str(error).split())
    said = said if len(said) <= MAX_REASON else f"{said[:MAX_REASON]}…"
    return said or type(error).__name__
