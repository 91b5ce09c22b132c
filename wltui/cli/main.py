"""Obey the command line: run a command, or open the dashboard.

``--help``, ``--version`` and every mistake are answered before anything large is imported.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from msgspec.structs import replace

from wltui.core.credentials import FILE
from wltui.core.folders import TOKENS, state_folder
from wltui.core.settings import Settings
from wltui.lifecycle.console import run_guarded, say
from wltui.lifecycle.first_picture import FirstPicture
from wltui.lifecycle.terminal import detect_terminal

from .commands import NAMES, load_command
from .log import logged
from .profile_file import Profiles, config_file, read_profiles
from .resolve import NoInstance, choose, demo_settings, with_keys
from .run import run
from .tree import build_parser


def main(argv: Sequence[str] | None = None, *, picture: FirstPicture | None = None) -> int:
    """Obey the command line and return the exit code.

    Args:
        argv: the words after ``wltui``; by default those that the process was started with.
        picture: the picture that may be on the terminal.
    """
    words = list(sys.argv[1:] if argv is None else argv)
    picture = picture or FirstPicture(words, os.environ)
    return run_guarded(lambda: _obey(words, picture), restore_terminal=picture.restore_terminal)


def _obey(words: Sequence[str], picture: FirstPicture) -> int:
    if words[:1] == ["help"]:
        words = [*(words[2:] if words[1:2] == ["help"] else words[1:]), "--help"]
    if words and words[0] not in NAMES and not words[0].startswith("-"):
        build_parser(()).parse(words[:1])  # it raises; --help behind it would hide that
    names = words[:1] if words and words[0] in NAMES else ()
    arguments = build_parser(names).parse(words)
    with logged(arguments, os.environ):
        return load_command(words[0]).run(arguments) if names else _open_dashboard(arguments, picture)


def _open_dashboard(arguments: argparse.Namespace, picture: FirstPicture) -> int:
    try:
        settings = _settings(arguments, picture)
    except NoInstance as error:
        if error.profiles.wrong_default:
            raise
        picture.restore_terminal()
        say(_format_ways(error.profiles), error=True, end="")
        return 2
    terminal = detect_terminal(os.environ)
    settings = replace(settings, ascii=settings.ascii or terminal.ascii)
    warning = "" if settings.offline or not settings.exposure else f"wltui: {settings.exposure}."
    is_covered = bool(picture.text)  # the picture leaves no room for a warning before the app
    if warning and not is_covered:
        say(warning, error=True)
    code = run(settings, terminal, arguments, picture)
    if warning and is_covered:
        say(warning, error=True)
    return code


def _settings(arguments: argparse.Namespace, picture: FirstPicture) -> Settings:
    if arguments.demo:
        return with_keys(demo_settings(arguments, os.environ))
    if not arguments.offline:  # offline the cache may decide who the user is
        _record_inputs(picture)
    profiles = read_profiles(config_file())
    return with_keys(choose(arguments, os.environ, profiles).settings, profiles)


def _record_inputs(picture: FirstPicture) -> None:
    """Record the state of the files that decide whose data is shown, before any of them is read."""
    paths = [config_file(), state_folder() / TOKENS]
    if sdk_file := os.environ.get(FILE):
        paths.append(Path(sdk_file).absolute())
    picture.record_inputs(paths)


def _format_ways(profiles: Profiles) -> str:
    """Return the ways to start, for a user who named no instance."""
    ways = {
        "to look around in made-up data:": "wltui --demo",
        "to open a Wallaroo instance:": "wltui --endpoint https://HOST   (or set WALLAROO_URL)",
        "to open one of your profiles:": f"wltui --profile {'|'.join(profiles.names)}"
        if profiles.names
        else "",
        "to read about signing in:": "README.md",
    }
    lines = [f"{purpose:34}{command}\n" for purpose, command in ways.items() if command]
    return f"wltui: {'       '.join(lines)}"
