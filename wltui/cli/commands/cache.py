"""``wltui cache``: show what is kept on disk of which instance, or delete it."""

import argparse
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from wltui.cli.command import explain
from wltui.core.errors import WltuiError
from wltui.core.settings import normalise_endpoint
from wltui.lifecycle.console import escape_line, say, say_error
from wltui.lifecycle.crash import redact
from wltui.lifecycle.first_picture import delete_pictures, list_pictures, pictures_folder
from wltui.store.file_errors import why
from wltui.store.inventory import CacheFile, cache_files, cache_paths, clear
from wltui.store.last_visit import ENDING, forget_visit
from wltui.store.private_files import list_files
from wltui.store.response_cache import cache_folder
from wltui.ui.text.format import age, count, size


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the nested commands, their flags and the help."""
    notes = "wltui may run meanwhile: it goes on, and keeps what it reads from then on."
    explain(
        parser, "Show what wltui keeps on disk of what it has read, or delete it.", usual=(2,), notes=notes
    )
    commands = parser.add_subparsers(dest="do", metavar="info|clear")
    info = commands.add_parser("info", help="show what is kept of which instance")
    explain(info, "Show what wltui keeps on disk of what it has read.", usual=(2,))
    clear = commands.add_parser("clear", help="delete that")
    clear.add_argument("--endpoint", metavar="URL", help="only what is kept of this instance")
    explain(
        clear,
        "Delete what wltui keeps on disk of what it has read.",
        ["wltui cache clear --endpoint https://wallaroo.example.com"],
        {1: "a file could not be cleared"},
        usual=(2,),
        notes=notes,
    )


def run(arguments: argparse.Namespace) -> int:
    """Show or clear the cache, and return the exit code.

    Raises:
        UsageError: the endpoint is no address.
    """
    folder = cache_folder()
    if arguments.do == "clear":
        return _clear(folder, normalise_endpoint(arguments.endpoint) if arguments.endpoint else None)
    _info(folder)
    return 0


def _info(folder: Path) -> None:
    now = datetime.now(UTC)
    files = cache_files(folder)
    _say(f"{escape_line(folder)}: {count(len(files), 'file')}, {size(sum(file.size for file in files))}")
    if kept := list_pictures(pictures_folder(os.environ)):
        amount = sum(os.lstat(path).st_size for path in kept if os.path.lexists(path))
        _say(f"{count(len(kept), 'first picture')}, for the next start: {size(amount)}")
    for file in files:
        _say(
            f"\n{_instance(file)}\n  {escape_line(file.path.name)}, {size(file.size)}\n  {_content(file, now)}"
        )


def _clear(folder: Path, endpoint: str | None) -> int:
    code = freed = cleared = 0
    files = cache_files(folder) if endpoint is not None else []
    paths = cache_paths(folder) if endpoint is None else _of(endpoint, files)
    others = {_key(file.path) for file in files} - {_key(path) for path in paths}
    for path in paths:
        try:
            freed += clear(path)
            cleared += 1
        except WltuiError as error:
            say_error(redact(str(error)))
            code = 1
    for path in list_files(folder, ENDING):  # one without a cache does not say of which instance it is
        if _key(path) in others:
            continue
        try:
            freed += forget_visit(path)
        except OSError as error:
            say_error(f"{error.filename} was not cleared: {why(error)}")
            code = 1
    kept = list_pictures(pictures_folder(os.environ))  # of any instance: they do not say of which
    try:
        freed += delete_pictures(kept)
        cleared += len(kept)
    except OSError as error:
        say_error(f"{error.filename} was not cleared: {why(error)}")
        code = 1
    _say(f"{count(cleared, 'file')} cleared, {size(freed)} freed")
    return code


def _of(endpoint: str, files: Sequence[CacheFile]) -> list[Path]:
    return [file.path for file in files if file.owner and file.owner.endpoint == endpoint]


def _key(path: Path) -> str:
    """Return the key of an instance and user, which begins the names of their files: ``key.db``, ``key.v2.db``."""
    return path.name.split(".")[0]


def _instance(file: CacheFile) -> str:
    return escape_line(f"{file.owner.endpoint}  {file.owner.account}") if file.owner else "instance unknown"


def _content(file: CacheFile, now: datetime) -> str:
    if file.unreadable:
        return f"cannot be read: {escape_line(file.unreadable)}"
    if file.oldest is None or file.newest is None:
        return "no answers"
    return f"{count(file.answers, 'answer')}, {age(now - file.newest)} to {age(now - file.oldest)} old"


def _say(text: str) -> None:
    say(redact(text))
