"""Load credentials from the environment: wltui's own variable, and those of the vendor's SDK."""

import errno
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from .errors import UsageError
from .file_kinds import other_kind
from .home_paths import UnknownHome, expand_home
from .settings import Secret

TYPE = "WALLAROO_SDK_AUTH_TYPE"
FILE = "WALLAROO_SDK_CREDENTIALS"
BROWSER = "WALLAROO_SDK_AUTH_ENDPOINT"
LARGEST = 1 << 20
"""Bytes of the file that it names."""
SECRETS = ("WLTUI_TOKEN", "WALLAROO_PASSWORD", FILE)
"""Variables that contain a secret, or the name of a file that does."""
_TYPES = ("", "sso", "user_password", "token")


class Credentials(Struct, frozen=True):
    """A token, or a user and a password, or neither."""

    token: Secret | None = None
    login: tuple[str, Secret] | None = None
    source: str = ""
    """Variable that it came from."""


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
    """Return the first of ``WLTUI_TOKEN``, ``WALLAROO_USER`` with its password, and the SDK's credentials file.

    ``WALLAROO_SDK_AUTH_TYPE`` selects among the SDK's sources, as in the SDK.

    Raises:
        UsageError: a variable has no valid value, or its file does not contain the credentials.
    """
    if own := _check_token(environ.get("WLTUI_TOKEN", "").strip(), "WLTUI_TOKEN"):
        return Credentials(token=own, source="WLTUI_TOKEN")
    kind = environ.get(TYPE, "").strip()
    if kind not in _TYPES:
        raise UsageError(
            f"{TYPE}={kind!r} is not supported",
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
    if kind != "user_password" and (token := _check_token(file.token, FILE)):
        return Credentials(token=token, source=FILE)
    user, password = user or file.username, password or file.password
    if kind != "token" and user and password:
        return Credentials(login=(user, Secret(password)), source=FILE)
    wanted = "a token" if kind == "token" else "a user and a password"
    missing = f"{FILE} does not name a file with {wanted if kind else 'credentials'}"
    raise UsageError(
        missing,
        f"{TYPE}={kind} requires {wanted}" if kind else "",
        f"Correct it, or unset {TYPE if kind else FILE}",
    )


def _read(path: Path) -> _File:
    try:
        return msgspec.json.decode(_content(expand_home(path)), type=_File)
    except OSError as error:
        why = f"{path}: {error.strerror}"
    except UnknownHome as error:
        why = str(error)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ValueError):
        why = f"{path} is not valid JSON with credentials"  # no details, since they may contain a password
    raise UsageError(f"{FILE} can't be read", why, "Correct it, or unset it")


def _content(path: Path) -> bytes:
    if kind := other_kind(path.stat().st_mode):  # a pipe would be waited for
        raise OSError(errno.EINVAL, f"it is {kind}")
    with path.open("rb") as file:
        return file.read(LARGEST)  # the rest is missing to the parser


def _check_token(text: str, name: str) -> Secret | None:
    if not all("!" <= letter <= "~" for letter in text):
        raise UsageError(
            f"{name} is not a token" if name != FILE else f"{name} does not contain a token",
            "it contains a blank or another invalid character",
            "Set it to the token alone, without the word Bearer",
        )
    return Secret(text) if text else None
