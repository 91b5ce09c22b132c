"""The words and flags of ``wltui config``, and its help."""

import argparse

from wltui.core.records import ConfigId
from wltui.lifecycle.console import EXIT_CODES

from .arguments import parse_positive
from .command import add_instance_flags, add_read_only, explain

OUTPUTS = ("id", "json", "curl", "requests", "sdk")
"""Forms of the result; the last three are of the request of a dry run."""
CODES = (2, 3, 4, 5, 6, 7, 8)
ABOUT_FILES = """\
FILE is what "wltui get config ID" prints, as TOML or JSON; - reads it from
standard input. In TOML a setting that is missing is null; in JSON it stays as it
is. If the file names the config that it began from, changes that others have
saved since are kept, and a field that both changed is a conflict. A TOML file
without that line is the whole config."""
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
        {1: "diff found differences"},
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
    check.add_argument(
        "config_file", metavar="FILE", nargs="?", help="another file than your own config.toml"
    )
    check.add_argument("-o", "--output", choices=("text", "json"), default="text", help="json for programs")
    explain(
        check,
        "Check config.toml: profiles and keys. Print every mistake with its line and what to do.",
        [
            "wltui config check",
            "wltui config check new.toml",
            "wltui config check -o json | jq '.mistakes[]'",
        ],
        usual=(2,),
    )


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
        choices=OUTPUTS,
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
        notes=f"A second revert undoes the first one; --to goes further back.\n\n{ABOUT_SAVES}",
    )


def _parse_config(text: str) -> ConfigId:
    """Return the id of a config, 0 for none; raise ArgumentTypeError for any other text."""
    return ConfigId(0 if text in ("none", "0") else parse_positive(text))
