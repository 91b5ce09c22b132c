"""``wltui config``: change the configs of versions without a screen, and write and check config.toml."""

import argparse
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

from wltui.cli.arguments import parse_positive, parse_whole
from wltui.cli.command import add_instance_flags, add_read_only, explain, find_settings
from wltui.core.errors import UsageError
from wltui.core.records import ConfigId, ModelVersion, VersionId
from wltui.lifecycle.console import EXIT_CODES, say

if TYPE_CHECKING:
    from wltui.cli.config_save import ConfigSaver
    from wltui.config.text_forms import ConfigText
    from wltui.service.headless_edit import MakeWish
    from wltui.service.service import Service

LARGEST = 16 << 20
"""Bytes of a file with a config."""
CHOICES = ("id", "json", "curl", "requests", "sdk")
CODES = (2, 3, 4, 5, 6, 7, 8)
ABOUT_FILES = """\
FILE is what "wltui get config ID" prints, as TOML or JSON; - reads it from
standard input. In TOML a setting that is missing is null; in JSON it stays as it
is. If the file names the config that it began from, changes that others have
saved since are kept, and a field that both changed is a conflict. Without that
line the file is the whole config."""
ABOUT_SAVES = """\
The newest config is read, the change is shown, and once it is confirmed the whole
config is sent, once, recorded first and read back. Standard output has the id of
the newest config alone, or with -o json a record."""
ABOUT_VALUES = """\
A value is typed as in the form: a number, a word, names with commas between, a
schema as text or base64, @FILE for the schema of an Arrow or Parquet file. It is
JSON where it begins with a brace or bracket. null is null. A part follows a dot:
dynamic_batching_config.batch_size_target=8, openai_config.enabled=true."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the nested commands, their flags and the help."""
    explain(
        parser,
        "Change the configs of versions without a screen, or write and check config.toml.",
        ["wltui get config 16 > fraud.toml", "wltui config apply 16 fraud.toml", "wltui config apply --help"],
        usual=CODES,
    )
    commands = parser.add_subparsers(dest="do", metavar="COMMAND")
    _add_diff(commands.add_parser("diff", help="show what a file would change"))
    _add_apply(commands.add_parser("apply", help="save a config from a file"))
    _add_set(commands.add_parser("set", help="set single fields"))
    _add_unset(commands.add_parser("unset", help="set fields to null"))
    _add_copy(commands.add_parser("copy", help="give a version the config of another one"))
    _add_revert(commands.add_parser("revert", help="put back the config before the last save"))
    init = commands.add_parser("init", help="print a commented config.toml")
    explain(
        init,
        "Print a config.toml with every key, commented; wltui never writes that file itself.",
        ["wltui config init > ~/.config/wltui/config.toml"],
        usual=(),
    )
    check = commands.add_parser("check", help="check config.toml")
    explain(check, "Check config.toml, and print every mistake with its line.", usual=(2,))


def run(arguments: argparse.Namespace) -> int:
    """Obey, and return the exit code; raise WltuiError if it fails."""
    if arguments.do == "init":
        from wltui.cli.profile_template import profile_template

        say(profile_template(), end="")
        return 0
    if arguments.do == "check":
        from wltui.cli.profile_template import check_profiles

        return check_profiles()
    return _DO[arguments.do](arguments)


# Arguments


def _add_id(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("id", metavar="ID", type=parse_positive, help="the id of the version")


def _add_file(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="the config, as TOML or JSON; - for standard input")


def _add_save_flags(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("-y", "--yes", action="store_true", help="send without a question; for scripts")
    add("--confirm", metavar="MODEL", help="the model's name; in place of --yes if the profile is protected")
    add(
        "--if-config",
        metavar="N",
        type=_parse_config,
        help="refuse if the newest config is not N; none if there is to be none",
    )
    add("--dry-run", action="store_true", help="show the change and the request, and send nothing")
    add(
        "--clear-unknown",
        metavar="FIELD,…",
        action="append",
        default=[],
        help="fields that can't be read and may be cleared",
    )
    add("--unrecorded", action="store_true", help="send it even if the history can't be written")
    add(
        "-o",
        "--output",
        choices=CHOICES,
        default="id",
        help="print the config's id or a JSON record; with --dry-run the request, as JSON or as a program",
    )
    add_read_only(parser)
    add_instance_flags(parser)


def _add_diff(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    _add_file(parser)
    add_instance_flags(parser)
    explain(
        parser,
        "Show what a file would change in the newest config of a version. Nothing is sent.",
        ["wltui config diff 16 fraud.toml"],
        {0: "no difference", 1: "there are differences", 7: EXIT_CODES[7]},
        usual=(2, 3, 4, 5, 6),
        notes=ABOUT_FILES,
    )


def _add_apply(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    _add_file(parser)
    _add_save_flags(parser)
    explain(
        parser,
        "Save the config of a version from a file.",
        [
            "wltui config apply 16 fraud.toml",
            "wltui config apply 16 fraud.toml --yes --if-config 26",
            "wltui config apply 16 fraud.toml --profile prod --confirm ccfraud",
            "wltui config apply 16 fraud.toml --dry-run -o curl",
        ],
        {0: "saved, or nothing to change"},
        usual=CODES,
        notes=f"{ABOUT_FILES}\n\n{ABOUT_SAVES}",
    )


def _add_set(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    parser.add_argument("settings", metavar="FIELD=VALUE", nargs="+", help="a field, or a part of one")
    _add_save_flags(parser)
    explain(
        parser,
        "Set fields of a version's config; all others stay as they are.",
        [
            "wltui config set 16 filter_threshold=0.5 tensor_fields=a,b",
            "wltui config set 16 input_schema=@features.parquet --yes",
        ],
        {0: "saved, or nothing to change"},
        usual=CODES,
        notes=f"{ABOUT_VALUES}\n\n{ABOUT_SAVES}",
    )


def _add_unset(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    parser.add_argument("fields", metavar="FIELD", nargs="+", help="a field, or a part of one")
    _add_save_flags(parser)
    explain(
        parser,
        "Set fields of a version's config to null; all others stay as they are.",
        [
            "wltui config unset 16 openai_config",
            "wltui config unset 16 dynamic_batching_config.batch_size_limit",
        ],
        {0: "saved, or nothing to change"},
        usual=CODES,
        notes=ABOUT_SAVES,
    )


def _add_copy(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "source", metavar="FROM", type=parse_positive, help="the version whose config is copied"
    )
    parser.add_argument("id", metavar="TO", type=parse_positive, help="the version that it is for")
    parser.add_argument(
        "--without",
        metavar="FIELD,…",
        action="append",
        default=[],
        help="fields that stay as they are",
    )
    _add_save_flags(parser)
    explain(
        parser,
        "Give a version the config of another one.",
        ["wltui config copy 16 17", "wltui config copy 16 17 --without input_schema,output_schema --yes"],
        {0: "saved, or nothing to change"},
        usual=CODES,
        notes=ABOUT_SAVES,
    )


def _add_revert(parser: argparse.ArgumentParser) -> None:
    _add_id(parser)
    parser.add_argument(
        "--to", metavar="N", type=parse_positive, help="put back config N as a whole, if anybody knows it"
    )
    _add_save_flags(parser)
    explain(
        parser,
        "Put back the config before the last save from this host; what others changed since is kept.",
        ["wltui config revert 16", "wltui config revert 16 --to 26"],
        {0: "saved, or nothing to change"},
        usual=CODES,
        notes=ABOUT_SAVES,
    )


def _parse_config(text: str) -> ConfigId:
    """Return the id of a config, 0 for none; raise ArgumentTypeError for any other text."""
    return ConfigId(0 if text == "none" else parse_whole(text))


# Commands


def _diff(arguments: argparse.Namespace) -> int:
    read = read_file(arguments.file)

    async def work(service: "Service", saver: "ConfigSaver") -> int:
        from wltui.cli.config_save import diff_lines, earlier_save, has_colour, name_version, tell
        from wltui.service.wishes import file_wish

        plan = await saver.plan(VersionId(arguments.id), file_wish(read, _name(arguments.file)))
        if not plan.changes:
            tell(f"{name_version(plan.version)}: no difference from config {plan.base.id or 'none'}.")
        for line in diff_lines(plan.changes, in_colour=has_colour(sys.stdout)):
            say(line)
        unread = (
            f"Not readable, so apply refuses to clear them: {', '.join(plan.unread)}." if plan.unread else ""
        )
        problems = [f"{problem.field}: {problem.text}." for problem in plan.problems]
        for note in (*plan.notes, *earlier_save(plan), unread, *problems):
            if note:
                tell(note)
        return 1 if plan.changes else 0

    return _run(arguments, work)


def _apply(arguments: argparse.Namespace) -> int:
    read = read_file(arguments.file)

    async def wish(_: "Service") -> "MakeWish":
        from wltui.service.wishes import file_wish

        return file_wish(read, _name(arguments.file))

    return _save(arguments, wish)


def _set(arguments: argparse.Namespace) -> int:
    words = []
    for word in arguments.settings:
        key, equals, value = word.partition("=")
        if not equals:
            raise UsageError(f"{word!r} is no setting", "", "Write FIELD=VALUE, such as filter_threshold=0.5")
        words.append((key, value))

    async def wish(_: "Service") -> "MakeWish":
        from wltui.service.wishes import set_wish

        return set_wish(words)

    return _save(arguments, wish)


def _unset(arguments: argparse.Namespace) -> int:
    async def wish(_: "Service") -> "MakeWish":
        from wltui.service.wishes import unset_wish

        return unset_wish(arguments.fields)

    return _save(arguments, wish)


def _copy(arguments: argparse.Namespace) -> int:
    async def wish(service: "Service") -> "MakeWish":
        from wltui.service.wishes import copy_wish

        source = await service.config_to_edit(ModelVersion(id=VersionId(arguments.source)))
        return copy_wish(source, _fields(arguments.without))

    return _save(arguments, wish)


def _revert(arguments: argparse.Namespace) -> int:
    async def wish(service: "Service") -> "MakeWish":
        from wltui.service.wishes import revert_wish

        return revert_wish(service.history, ConfigId(arguments.to) if arguments.to else None)

    return _save(arguments, wish)


_DO = {"diff": _diff, "apply": _apply, "set": _set, "unset": _unset, "copy": _copy, "revert": _revert}


def _save(arguments: argparse.Namespace, wish: "Callable[[Service], Awaitable[MakeWish]]") -> int:
    if arguments.output in CHOICES[2:] and not arguments.dry_run:
        raise UsageError(f"-o {arguments.output} shows a request", "", "Add --dry-run")

    async def work(service: "Service", saver: "ConfigSaver") -> int:
        return await saver.save(VersionId(arguments.id), await wish(service))

    return _run(arguments, work)


def _run(arguments: argparse.Namespace, work: "Callable[[Service, ConfigSaver], Awaitable[int]]") -> int:
    """Run a command in a session, and return the exit code."""
    settings = find_settings(arguments)
    from wltui.cli.ask import ask_on_terminal
    from wltui.cli.config_save import ConfigSaver, SaveOptions, print_problems
    from wltui.cli.session import has_terminal, run_service
    from wltui.service.wishes import WrongConfig

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

    try:
        if file == "-":
            content = sys.stdin.buffer.read(LARGEST + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{_name(file)} can't be read", (error.strerror or str(error)).lower()) from None
    if len(content) > LARGEST:
        raise UsageError(f"{_name(file)} can't be read", "it is too large for a config")
    read = read_config_text(content.decode("utf-8", "surrogateescape"))
    if isinstance(read, ConfigText):
        return read
    place = f", line {read.line}, column {read.column}" if read.line else ""
    raise UsageError(f"{_name(file)}{place}: {read.text}")
