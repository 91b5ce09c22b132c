"""``wltui snippet``: the requests that a command makes, as curl commands or Python programs."""

import argparse
import os
from collections.abc import Collection, Sequence
from contextlib import redirect_stdout
from typing import TYPE_CHECKING

from wltui.cli.command import explain
from wltui.cli.log import logged
from wltui.cli.resolve import choose
from wltui.cli.tree import build_parser
from wltui.core.errors import UsageError
from wltui.lifecycle.console import escape_line, say
from wltui.ui.text.format import count

from . import load_command

if TYPE_CHECKING:
    from wltui.api.calls import Call

FORMS = ("curl", "requests", "sdk")
READING = ("get", "problems", "describe", "logs", "diff", "api")
"""Commands whose requests can be shown."""
_VERSION = {"models/get_version_by_id", "models/get_config_by_id"}
_OWN = {
    "get workspaces": {"workspaces/list"},
    "get models": {"models/list"},
    "get versions": {"models/list"},
    "get pipelines": {"pipelines/list_pipelines"},
    "get version": _VERSION,
    "get config": _VERSION,
    "get pipeline": {"pipelines/list_pipelines"},
    "describe": _VERSION,
    "diff": _VERSION,
    "logs": {"models/get_upload_logs"},
}
"""The calls that have what a command prints. It makes others to find names, and to show more than one call knows."""
WRITING = ("apply", "set", "unset", "copy", "revert")
"""Commands below ``config`` whose write can be shown."""
_NOTES = f"""\
It can show the requests of {", ".join(READING)},
and the save of config {", ".join(WRITING)}. To find them it runs
the command: data is read, and nothing is saved. Standard error names each
request. curl has to be 7.76 or newer. A proxy's password is read from
WLTUI_PROXY_PASSWORD. Python trusts its own list of CAs unless the profile has a
ca_bundle."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the words and the help."""
    parser.add_argument(
        "--all", action="store_true", help="all requests, not only those whose answers the command prints"
    )
    parser.add_argument(
        "form", choices=FORMS, help="a curl command, or Python with requests or the vendor's SDK"
    )
    parser.add_argument("words", metavar="COMMAND…", nargs=argparse.REMAINDER, help="a command of wltui")
    explain(
        parser,
        "Print the requests of a command as programs; WLTUI_TOKEN has to hold a token.",
        [
            "wltui snippet curl get models --workspace 10",
            "wltui snippet --all requests get versions --model 5",
            "wltui snippet requests api models/list -d '{\"workspace_id\": 10}'",
            "wltui snippet curl config set 51 batch_config=single",
            "wltui snippet curl logs 51 | sh | jq -r '.logs[]'",
        ],
        {
            0: "done, or for a save that there is nothing to change",
            1: "the command makes no request that can be shown",
            5: "the call of wltui api could change something",
        },
        usual=(2, 3, 4, 6),
        notes=_NOTES,
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the snippets, and return the exit code.

    Raises:
        UsageError: the words are no command, or none whose requests can be shown; or the settings are wrong.
        WltuiError: there is no request to show, since the command fails before.
    """
    inner = _parse(arguments.words)
    with logged(inner, {}):
        return _show(inner, arguments)


def _show(inner: argparse.Namespace, arguments: argparse.Namespace) -> int:
    if inner.command == "config":
        inner.dry_run, inner.output = True, arguments.form
        return load_command(inner.command).run(inner)
    code, found = _find_calls(inner)
    if not found:
        if not code:
            say("wltui: the command makes no request", error=True)
        return code or 1
    own = [call for call in found if arguments.all or call.path in _own_paths(inner)]
    if own and len(own) < len(found):
        more = count(len(found) - len(own), "more request")
        say(f"wltui: the command makes {more}; wltui snippet --all shows all", error=True)
    found = own or found
    from wltui.api import snippets

    target = snippets.target_of(choose(inner, os.environ).settings)
    write = {"curl": snippets.curl, "requests": snippets.requests, "sdk": snippets.sdk}[arguments.form]
    texts = []
    for number, call in enumerate(found, 1):
        text = write(call, target)
        label = f"{number} of {len(found)}: " if len(found) > 1 else ""
        lack = "" if text else "; the SDK has no call for it, use curl or requests"
        say(f"wltui: {label}{escape_line(call.what)}{lack}", error=True)
        texts += [text] if text else []
    say("\n".join(texts), end="")
    return code if code > 1 else int(not texts)  # 1 is a finding of the command, such as a difference


def _parse(words: Sequence[str]) -> argparse.Namespace:
    """Return the arguments of the command whose requests are asked for.

    Raises:
        UsageError: it is none whose requests can be shown.
    """
    name = words[0] if words else ""
    if name in ("-h", "--help"):
        build_parser(["snippet"]).parse(["snippet", name])  # it prints the help, and exits
    able = f"It can show {', '.join(READING)} and config {'|'.join(WRITING)}"
    if name not in (*READING, "config"):
        raise UsageError(f"snippet can't show the requests of {name!r}", "", able)
    arguments = build_parser([name]).parse(words)
    if name == "config" and arguments.do not in WRITING:
        raise UsageError(f"snippet can't show the requests of config {arguments.do}", "", able)
    if getattr(arguments, "follow", False):
        raise UsageError("snippet can't show requests without an end", "", "Leave out -f")
    return arguments


def _own_paths(arguments: argparse.Namespace) -> Collection[str]:
    kind = f" {arguments.kind}" if arguments.command == "get" else ""
    return _OWN.get(arguments.command + kind, ())


def _find_calls(arguments: argparse.Namespace) -> tuple[int, "Sequence[Call[object]]"]:
    """Return the exit code of a command and the calls that it makes.

    It is run for that unless its module has a function ``calls`` that knows them beforehand.
    """
    command = load_command(arguments.command)
    if known := getattr(command, "calls", None):
        return 0, known(arguments)
    from wltui.api.recording import recording

    with recording() as calls, open(os.devnull, "w") as nowhere, redirect_stdout(nowhere):
        return command.run(arguments), calls
