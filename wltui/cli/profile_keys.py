"""The keys of a profile: how the value of each is checked, and how ``wltui config init`` explains it."""

import re
import shlex
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from wltui.core.home_paths import UnknownHome, expand_home
from wltui.core.records import WorkspaceId
from wltui.core.settings import Secret, normalise_endpoint

COLOURS = ("primary", "secondary", "success", "warning", "error", "accent")
"""Colours of the theme."""

FILE_KEYS = ("default", "theme", "mouse", "keys", "profiles")
"""The keys and tables of the whole file."""
ABOVE = "It is for the whole file: write it above the first line in brackets"
"""Advice for one of them that stands in a table."""


class Key(Struct, frozen=True):
    """A key of a profile."""

    parse: Callable[[object], object]
    """Returns the setting; raises ValueError or UsageError if the value is wrong."""
    example: str
    """A value as TOML."""
    words: str
    """What it does, in a few words."""


def _text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError("no text")
    return value.strip()


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("neither true nor false")
    return value


def _workspace(value: object) -> WorkspaceId:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value < 1 << 63:
        raise ValueError("no number of a workspace")
    return WorkspaceId(value)


def _refresh(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not (value == 0 or 1 <= value < 1e9):
        raise ValueError("no number of seconds from 1 on, nor 0 for never")
    return float(value)


def _colour(value: object) -> str:
    name = _text(value).lower()
    if name not in COLOURS and not re.fullmatch(r"#[0-9a-f]{6}", name):
        raise ValueError(f"none of {', '.join(COLOURS)}, nor #rrggbb")
    return name


def _file(value: object) -> Path:
    try:
        return expand_home(_text(value))
    except UnknownHome:
        raise ValueError("in the home folder of a user whom this system does not know") from None


def _proxy(value: object) -> Secret:
    if value == "":
        return Secret("")
    if not re.fullmatch(r"https?://\S+", _text(value), re.IGNORECASE):
        raise ValueError("not an http:// or https:// address")  # which may hold a password
    return Secret(_text(value))


def _address(value: object) -> str:
    return normalise_endpoint(_text(value))


def _command(value: object) -> tuple[str, ...]:
    words = shlex.split(value) if isinstance(value, str) else value
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise ValueError("neither a command line nor a list of its words")
    return tuple(words)


KEYS: Mapping[str, Key] = {
    "endpoint": Key(_address, '"https://wallaroo.example.com"', "the instance"),
    "workspace": Key(_workspace, "10", "the workspace to begin with"),
    "refresh": Key(_refresh, "30", "seconds between two reads of a screen; 0 for never"),
    "read_only": Key(_flag, "true", "refuse everything that changes something"),
    "protected": Key(_flag, "true", "ask for the model's name before a config is saved"),
    "colour": Key(_colour, '"error"', f"behind the instance's name: {', '.join(COLOURS)} or #rrggbb"),
    "ca_bundle": Key(
        _file, '"company-ca.pem"', "CAs to trust on top of the system's; beside this file, or anywhere"
    ),
    "client_cert": Key(_file, '"me.pem"', "the certificate that shows the server who connects"),
    "client_key": Key(_file, '"me.key"', "its key, unencrypted, if it is not in the same file"),
    "proxy": Key(
        _proxy, '"http://proxy.example.com:3128"', 'a proxy; "" for none, whatever the environment says'
    ),
    "verify": Key(_flag, "true", "false trusts any certificate"),
    "realm": Key(_text, '"master"', "Keycloak's realm"),
    "client": Key(_text, '"sdk-client"', "Keycloak's client"),
    "auth_url": Key(
        _address, '"https://keycloak.example.com/auth"', "where Keycloak is, if it has a host of its own"
    ),
    "token_command": Key(
        _command, '["pass", "show", "wallaroo"]', "a program that prints a token; no shell reads it"
    ),
    "keyring": Key(_flag, "true", "keep the tokens of wltui login in the system's keyring"),
    "graphql": Key(_flag, "true", "false asks the REST API alone; then less can be read"),
}
"""The keys of a profile."""
