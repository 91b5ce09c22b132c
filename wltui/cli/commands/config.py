"""``wltui config``: change the configs of versions without a screen, and write and check config.toml."""

import argparse
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from wltui.cli.command import find_settings
from wltui.cli.config_arguments import OUTPUTS
from wltui.cli.config_arguments import add_arguments as add_arguments
from wltui.cli.named_file import read_named_file
from wltui.core.errors import UsageError
from wltui.core.records import ConfigId, ModelVersion, VersionId
from wltui.lifecycle.console import say

if TYPE_CHECKING:
    from wltui.cli.config_save import ConfigSaver
    from wltui.config.text_forms import ConfigText
    from wltui.service.headless_edit import EditSource
    from wltui.service.service import Service

LARGEST = 16 << 20
"""Bytes of a file with a config."""
REQUESTS = OUTPUTS[2:]


def run(arguments: argparse.Namespace) -> int:
    """Obey, and return the exit code; raise WltuiError if it fails."""
    if arguments.do == "init":
        from wltui.cli.profile_template import profile_template

        say(profile_template(), end="")
        return 0
    if arguments.do == "check":
        from wltui.cli.profile_template import check_profiles

        file = arguments.config_file
        return check_profiles(Path(file) if file else None, as_json=arguments.output == "json")
    return _DO[arguments.do](arguments)


def _diff(arguments: argparse.Namespace) -> int:
    read = read_file(arguments.file)

    async def work(service: "Service", saver: "ConfigSaver") -> int:
        from wltui.cli.save_text import diff_lines, earlier_save, has_colour, name_version, say_line
        from wltui.service.edit_sources import file_source

        plan = await saver.plan(VersionId(arguments.id), file_source(read, _name(arguments.file)))
        if not plan.changes:
            file = _name(arguments.file)
            say_line(
                f"{name_version(plan.version)}: {file} changes nothing in config {plan.base.id or 'none'}."
            )
        for line in diff_lines(plan.changes, in_colour=has_colour(sys.stdout)):
            say(line)
        unread = (
            f"Not readable, so apply refuses to clear them: {', '.join(plan.unread)}." if plan.unread else ""
        )
        problems = [f"{problem.field}: {problem.text}." for problem in plan.problems]
        for note in (*plan.notes, *earlier_save(plan), unread, *problems):
            if note:
                say_line(note)
        return 1 if plan.changes else 0

    return _run(arguments, work)


def _apply(arguments: argparse.Namespace) -> int:
    read = read_file(arguments.file)

    async def find_source(_: "Service") -> "EditSource":
        from wltui.service.edit_sources import file_source

        return file_source(read, _name(arguments.file))

    return _save(arguments, find_source)


def _set(arguments: argparse.Namespace) -> int:
    words = []
    for word in arguments.settings:
        key, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"{word!r} is no setting", "", "Write FIELD=VALUE, such as filter_threshold=0.5")
        words.append((key, value))

    async def find_source(_: "Service") -> "EditSource":
        from wltui.service.edit_sources import set_source

        return set_source(words)

    return _save(arguments, find_source)


def _unset(arguments: argparse.Namespace) -> int:
    async def find_source(_: "Service") -> "EditSource":
        from wltui.service.edit_sources import unset_source

        return unset_source(arguments.fields)

    return _save(arguments, find_source)


def _copy(arguments: argparse.Namespace) -> int:
    async def find_source(service: "Service") -> "EditSource":
        from wltui.service.edit_sources import copy_source

        source = await service.config_to_edit(ModelVersion(id=VersionId(arguments.source)))
        return copy_source(source, _fields(arguments.without))

    return _save(arguments, find_source)


def _revert(arguments: argparse.Namespace) -> int:
    async def find_source(service: "Service") -> "EditSource":
        from wltui.service.edit_sources import revert_source

        return revert_source(service.history, ConfigId(arguments.to) if arguments.to else None)

    return _save(arguments, find_source)


_DO = {"diff": _diff, "apply": _apply, "set": _set, "unset": _unset, "copy": _copy, "revert": _revert}


def _save(arguments: argparse.Namespace, find_source: "Callable[[Service], Awaitable[EditSource]]") -> int:
    if arguments.output in REQUESTS and not arguments.dry_run:
        raise UsageError(f"-o {arguments.output} shows a request", "", "Add --dry-run")

    async def work(service: "Service", saver: "ConfigSaver") -> int:
        return await saver.save(VersionId(arguments.id), await find_source(service))

    return _run(arguments, work)


def _run(arguments: argparse.Namespace, work: "Callable[[Service, ConfigSaver], Awaitable[int]]") -> int:
    """Run a command in a session, and return the exit code."""
    settings = find_settings(arguments)
    from wltui.cli.ask import ask_on_terminal
    from wltui.cli.config_save import ConfigSaver, SaveOptions
    from wltui.cli.save_text import print_problems
    from wltui.cli.session import has_terminal, run_service
    from wltui.service.edit_sources import WrongConfig

    asked = vars(arguments)
    options = SaveOptions(
        yes=asked.get("yes", False),
        confirm=asked.get("confirm"),
        expected=asked.get("if_config"),
        dry_run=asked.get("dry_run", False),
        cleared=_fields(asked.get("clear_unknown", [])),
        unrecorded=asked.get("unrecorded", False),
        output=asked.get("output", "id"),
    )
    ask = ask_on_terminal if has_terminal() else None

    async def open_saver(service: "Service") -> int:
        try:
            return await work(service, ConfigSaver(service, settings, options, ask))
        except WrongConfig as error:
            return print_problems(error)

    return run_service(settings, open_saver)


def _fields(lists: list[str]) -> tuple[str, ...]:
    """Return the names in flags that may be repeated, and may have several names with commas between."""
    return tuple(name.strip() for names in lists for name in names.split(",") if name.strip())


def _name(file: str) -> str:
    return "standard input" if file == "-" else file


def read_file(file: str) -> "ConfigText":
    """Return the text of a file, or of standard input for ``-``.

    Raises:
        UsageError: it can't be read, or is no config.
    """
    from wltui.config.text_forms import ConfigText, read_config_text

    content = read_named_file(file, LARGEST)
    read = read_config_text(content.decode("utf-8", "surrogateescape"))
    if isinstance(read, ConfigText):
        return read
    place = f", line {read.line}, column {read.column}" if read.line else ""
    raise UsageError(f"{_name(file)}{place}: {read.text}")
