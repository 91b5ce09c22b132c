"""Who signs in, as far as the environment says so: our own variable, and those of the vendor's SDK."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from .errors import UsageError
from .settings import Secret

TYPE = "WALLAROO_SDK_AUTH_TYPE"
FILE = "WALLAROO_SDK_CREDENTIALS"
BROWSER = "WALLAROO_SDK_AUTH_ENDPOINT"
SECRETS = ("WLTUI_TOKEN", "WALLAROO_PASSWORD", FILE)
"""The variables that hold a secret, or name a file that does."""
_TYPES = ("", "sso", "user_password", "token")


class Credentials(Struct, frozen=True):
    """A token, or a user and a password, or neither."""

    token: Secret | None = None
    login: tuple[str, Secret] | None = None
    source: str = ""
    """The variable that gave it."""


class _File(msgspec.Struct):
    token: str = ""
    username: str = ""
    password: str = ""


def child_environment(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for another program, without the variables in :data:`SECRETS`.

    ``environ``: the environment to start from; this process's by default.
    """
    given = os.environ if environ is None else environ
    return {name: text for name, text in given.items() if name not in SECRETS}


def load_credentials(environ: Mapping[str, str]) -> Credentials:
    """What is first of ``WLTUI_TOKEN``, ``WALLAROO_USER`` with its password, and the SDK's file of credentials.

    ``WALLAROO_SDK_AUTH_TYPE`` says which of the SDK's are meant, as it does there.

    Raises:
        UsageError: a variable makes no sense, or what it promises is not there.
    """
    if own := _checked(environ.get("WLTUI_TOKEN", "").strip(), "WLTUI_TOKEN"):
        return Credentials(token=own, source="WLTUI_TOKEN")
    kind = environ.get(TYPE, "").strip()
    if kind not in _TYPES:
        raise UsageError(
            f"{TYPE}={kind!r} is nothing that wltui can do",
            "",
            "Set it to sso, user_password or token, or unset it",
        )
    user, password = environ.get("WALLAROO_USER", ""), environ.get("WALLAROO_PASSWORD", "")
    if kind in ("", "user_password") and user and password:
        return Credentials(login=(user, Secret(password)), source="WALLAROO_USER")
    path = environ.get(FILE, "")
    if kind == "sso" or not (kind or path):
        return Credentials()
    file = _read(Path(path)) if path else _File()
    if kind != "user_password" and (token := _checked(file.token, FILE)):
        return Credentials(token=token, source=FILE)
    user, password = user or file.username, password or file.password
    if kind != "token" and user and password:
        return Credentials(login=(user, Secret(password)), source=FILE)
    wanted = "a token" if kind == "token" else "a user and a password"
    where = f"{FILE} names no file with {wanted if kind else 'credentials'}"
    raise UsageError(
        where,
        f"{TYPE}={kind} asks for {wanted}" if kind else "",
        f"Mend it, or unset {TYPE if kind else FILE}",
    )


def _read(path: Path) -> _File:
    try:
        return msgspec.json.decode(path.expanduser().read_bytes(), type=_File)
    except OSError as error:
        why = f"{path}: {error.strerror}"
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, RuntimeError, ValueError):
        why = f"{path} is no JSON of credentials"  # and no more is said of what may hold a password
    raise UsageError(f"{FILE} can't be read", why, "Mend it, or unset it")


def _checked(text: str, name: str) -> Secret | None:
    if not all("!" <= letter <= "~" for letter in text):
        raise UsageError(
            f"{name} is not a token" if name != FILE else f"{name} holds no token",
            "it holds a blank or another character that no token has",
            "Set it to the token alone, without the word Bearer",
        )
    return Secret(text) if text else None
