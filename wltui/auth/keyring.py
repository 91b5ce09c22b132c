"""Store texts in the system's keyring, for users who want their tokens there and not in a file.

The library talks to the desktop's service, which may wait until somebody unlocks it, so each call runs in a thread and
times out. To import the library takes 0.3 s; it is imported only if the user asked for it.
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
"""Seconds that the user has to unlock it."""
MIN_PRIORITY = 1
"""The lowest priority that the library recommends; it rates plain-text and null back ends below."""
MAX_REASON = 200
"""Characters of a reason that the keyring gives itself."""


class KeyringError(OSError):
    """The keyring refused or did not answer; ``strerror`` is the reason."""

    def __init__(self, why: str) -> None:
        super().__init__(errno.EIO, why)


def check() -> None:
    """Check that there is a keyring that protects its content and stores a text; raise KeyringError if not."""
    save(TRIAL, "may be deleted")
    delete(TRIAL)


def load(name: str) -> str | None:
    """Return the text stored under a name, or None if there is none; raise KeyringError if that is unknown."""
    return _ask(lambda backend: backend.get_password(SERVICE, name))


def save(name: str, text: str) -> None:
    """Store a text under a name, in place of the former one; raise KeyringError if that fails."""
    _ask(lambda backend: backend.set_password(SERVICE, name, text))


def delete(name: str) -> None:
    """Delete the text under a name, if there is one; raise KeyringError if that fails."""

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
    """Return the message of a back end in one line."""
    said = " ".join(str(error).split())
    said = said if len(said) <= MAX_REASON else f"{said[:MAX_REASON]}…"
    return said or type(error).__name__
