"""Find the classes and functions of Python files in a separate process, without importing them."""

import json
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from wltui.core.credentials import child_environment

_PATIENCE = 30
"""Seconds until the process is killed; it ends earlier."""


class Class(Struct, frozen=True):
    """A class of a module's top level."""

    name: str
    bases: tuple[str, ...] = ()
    """The last word of each base class, ``Inference`` for ``mac.inference.Inference``; empty for other expressions."""
    members: dict[str, int | None] = {}
    """Its methods and assigned names. With each method the arguments that it needs beside ``self``, if it can't be
    called with one."""


class Module(Struct, frozen=True):
    """The classes and functions of a Python file, or why it can't be parsed."""

    classes: tuple[Class, ...] = ()
    functions: tuple[str, ...] = ()
    aliases: dict[str, str] = {}
    """The imported names that are called otherwise here, by the other name."""
    error: str = ""
    """Why Python 3.10 can't parse it; empty if it can."""
    line: int = 0
    """The line of the error; 0 if that is not known."""


def parse_files(texts: Mapping[str, bytes]) -> dict[str, Module] | None:
    """Return the module of each file, or None if the parser failed. One in another encoding than UTF-8 is left out.

    Args:
        texts: The content of each file, by its name.
    """
    found: dict[str, Module] = {}
    decoded = {}
    for name, content in texts.items():
        try:
            decoded[name] = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            if b"coding" not in content[:200]:
                found[name] = Module(error="it is not UTF-8")
    if not decoded:
        return found
    modules = _run(list(decoded.values()))
    return None if modules is None else found | dict(zip(decoded, modules, strict=True))


def _run(texts: list[str]) -> tuple[Module, ...] | None:
    """Return the module of each text, or None if the process did not end as it should."""
    # -I -S: without the user's modules in the working folder and the environment, and twice as fast.
    argv = [sys.executable, "-I", "-S", str(Path(__file__).with_name("read_code.py"))]
    try:
        process = subprocess.Popen(  # noqa: S603  a module of our own
            argv,
            env=child_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        return None
    try:
        printed, _ = process.communicate(json.dumps(texts).encode(), timeout=_PATIENCE)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        with suppress(subprocess.TimeoutExpired):
            process.communicate(timeout=1)
        return None
    if process.returncode:
        return None
    return msgspec.json.decode(printed, type=tuple[Module, ...])
