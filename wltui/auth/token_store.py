"""Save sign-ins on disk: a file for each instance and user, which several processes renew in turn."""

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, TypeVar

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from wltui.core.errors import UsageError
from wltui.core.folders import TOKENS
from wltui.core.settings import Secret, SignIn
from wltui.store.file_errors import unreadable
from wltui.store.private_files import (
    Unsafe,
    list_files,
    owner_key,
    private_folder,
    read_private,
    sync_folder,
    to_json,
    try_lock,
    write_whole,
)

from . import keyring

FORMAT = 1
LARGEST_FILE = 1 << 20
"""Bytes of a file that are read at most."""

T = TypeVar("T")


class Login(Struct, frozen=True):
    """One user, signed in to one instance."""

    endpoint: str
    subject: str
    """The ``sub`` of the token; empty if that names nobody."""
    name: str
    """The user's name, for people."""
    provider: SignIn
    """The sign-in service that issued the tokens and renews them."""
    access: Secret
    """Empty if the tokens are in the keyring and have not been read; ``refresh`` is None then."""
    refresh: Secret | None
    stale_at: float
    """When to renew, in seconds since 1970."""
    since: float
    """When the user signed in, likewise; a renewal does not change it."""

    @property
    def key(self) -> str:
        """The key of this user's files, the same as if the token came from outside."""
        return owner_key(self.endpoint, account(self.subject))

    @property
    def has_tokens(self) -> bool:
        """Whether its tokens have been read."""
        return bool(self.access.reveal())


class _File(msgspec.Struct):
    format: int
    endpoint: str
    subject: str
    name: str
    realm: str
    client_id: str
    auth_url: str
    access_token: str | None
    refresh_token: str | None
    stale_at: float
    since: float
    keyring: bool = False


class _Head(msgspec.Struct):
    """The part that every format of the file has."""

    format: object = None
    endpoint: object = None


class _Tokens(msgspec.Struct):
    """The part of a sign-in that the keyring holds, as JSON."""

    access_token: str
    refresh_token: str | None


class TokenStore:
    """The sign-ins of this user on this host. Nothing is made on disk before the first sign-in.

    Every method reads or writes the disk at once. :meth:`reload`, :meth:`save` and :meth:`delete` turn to the
    keyring if the tokens of a sign-in are there, and may wait until the user unlocks it.
    """

    def __init__(self, state_dir: Path) -> None:
        self.folder = state_dir / TOKENS

    def find_current(self, endpoint: str) -> Login | None:
        """Return the last sign-in, or None if there is none; raise as :meth:`load_all`."""
        return next(iter(self.load_all(endpoint)), None)

    def load_all(self, endpoint: str | None = None) -> tuple[Login, ...]:
        """Return the sign-ins to an instance, or all, the newest first; damaged files are left out.

        Tokens in the keyring are not read. A file of another instance is ignored, even if it is damaged, and so
        is one that does not say which instance it is of.

        Raises:
            UsageError: others can read a file, or a newer wltui wrote it.
        """
        try:
            paths = list_files(self.folder, ".json")
        except OSError as error:
            raise unreadable("The folder of sign-ins", error) from None
        kept = [self._read(path, endpoint) for path in paths]
        return tuple(sorted(filter(None, kept), key=lambda login: login.since, reverse=True))

    def reload(self, login: Login) -> Login | None:
        """Return the same user's sign-in as it is now, with its tokens, or None if they signed out.

        Raises:
            UsageError: as :meth:`load_all`, or the keyring does not return the tokens.
        """
        kept = self._read(self._path(login), login.endpoint)
        return self._with_tokens(kept) if kept and kept.provider.keyring else kept

    def save(self, login: Login) -> None:
        """Save a sign-in in place of the user's former one; it is on disk when this returns. The caller has the lock.

        The file's modification time is when the user signed in, also after a renewal, so that
        :mod:`wltui.lifecycle.first_picture` notices another sign-in without reading the file.

        Raises:
            OSError: the former one, if any, is still there.
        """
        in_keyring, was_in_keyring = login.provider.keyring, self._is_in_keyring(login)
        tokens: dict[str, object] = {
            "access_token": login.access.reveal(),
            "refresh_token": login.refresh.reveal() if login.refresh else None,
        }
        if in_keyring:
            keyring.save(login.key, to_json(tokens).decode())
            tokens = dict.fromkeys(tokens)
        content = to_json(
            {
                "format": FORMAT,
                "endpoint": login.endpoint,
                "subject": login.subject,
                "name": login.name,
                "realm": login.provider.realm,
                "client_id": login.provider.client_id,
                "auth_url": login.provider.auth_url,
                **tokens,
                "stale_at": login.stale_at,
                "keyring": in_keyring,
                "since": login.since,
            }
        )
        private_folder(self.folder)
        write_whole(self._path(login), content, modified=login.since)
        if was_in_keyring and not in_keyring:
            with suppress(keyring.KeyringError):  # the tokens there are of no use any more
                keyring.delete(login.key)

    def delete(self, login: Login) -> None:
        """Delete a sign-in; raise OSError if it is still there. The caller has the lock."""
        self._path(login).unlink(missing_ok=True)
        sync_folder(self.folder)
        if login.provider.keyring:
            keyring.delete(login.key)

    def try_lock(self, login: Login) -> BinaryIO | None:
        """Return a lock that holds until it is closed, or None while another task or process has it.

        Raises:
            OSError: there can be no lock.
        """
        private_folder(self.folder)
        return try_lock(self._path(login).with_suffix(".lock"))

    def _path(self, login: Login) -> Path:
        return self.folder / f"{login.key}.json"

    def _read(self, path: Path, endpoint: str | None) -> Login | None:
        """Return the sign-in in a file, or None if there is none to this instance; raise as :meth:`load_all`."""
        try:
            content, trouble = read_private(path, secret=True), None
        except Unsafe as error:
            content, trouble = _unsafe_content(path), error
        except OSError:  # it is gone, or is none of ours, such as a pipe
            return None
        head = _decoded(content, _Head)
        if head is None or endpoint not in (None, head.endpoint):
            return None
        again = f"sign in again: wltui login --endpoint {head.endpoint}"
        if trouble is not None:
            what = f"{path} is open to others, who may have read the tokens in it"
            raise UsageError(what, trouble.strerror or "", f"Delete it and {again}")
        if isinstance(head.format, int) and head.format > FORMAT:
            why = "a newer wltui wrote it, in a format that this one can't read"
            raise UsageError(
                f"The sign-in {path} can't be read", why, f"Update wltui, or delete it and {again}"
            )
        kept = _decoded(content, _File)
        if kept is None or kept.format != FORMAT or bool(kept.access_token) is kept.keyring:
            return None
        return Login(
            kept.endpoint,
            kept.subject,
            kept.name,
            SignIn(kept.realm, kept.client_id, kept.auth_url, keyring=kept.keyring),
            Secret(kept.access_token or ""),
            Secret(kept.refresh_token) if kept.refresh_token else None,
            kept.stale_at,
            kept.since,
        )

    def _is_in_keyring(self, login: Login) -> bool:
        """Return whether the tokens of this user's former sign-in are in the keyring."""
        try:
            former = self._read(self._path(login), login.endpoint)
        except UsageError:
            return False  # it is about to be replaced
        return former is not None and former.provider.keyring

    def _with_tokens(self, login: Login) -> Login | None:
        try:
            content = keyring.load(login.key)
        except keyring.KeyringError as error:
            advice = f"Unlock it, or sign in again: wltui login --endpoint {login.endpoint}"
            raise UsageError("The keyring does not give the sign-in", error.strerror or "", advice) from None
        tokens = _decoded(content.encode(), _Tokens) if content is not None else None
        if tokens is None:
            return None
        refresh = Secret(tokens.refresh_token) if tokens.refresh_token else None
        return replace(login, access=Secret(tokens.access_token), refresh=refresh)


def _unsafe_content(path: Path) -> bytes:
    """Return the content of a file that is not trusted, to see its instance; nothing if it can't be read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
        with open(descriptor, "rb") as file:
            return file.read(LARGEST_FILE) if stat.S_ISREG(os.fstat(descriptor).st_mode) else b""
    except OSError:
        return b""


def _decoded(content: bytes, kind: type[T]) -> T | None:
    try:
        return msgspec.json.decode(content, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def account(subject: str) -> str:
    """Return the name that :func:`~wltui.store.private_files.owner_key` gets for the user of a token."""
    return f"token {subject}" if subject else "login"
