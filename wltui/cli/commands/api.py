"""``wltui api``: one read call of the API, its answer as it was received."""

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from wltui.auth.token_store import TokenStore
from wltui.cli.command import add_instance_flags, explain, find_settings
from wltui.cli.named_file import read_named_file
from wltui.core.errors import UsageError
from wltui.core.escapes import escape_invisible
from wltui.lifecycle.console import open_output, say, say_error
from wltui.store.private_files import state_folder

if TYPE_CHECKING:
    from wltui.api.calls import Call

LARGEST_BODY = 1 << 20
"""Maximum bytes of a request."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the words, the flags and the help."""
    from wltui.api.safe_reads import SAFE_READS

    parser.add_argument("path", metavar="PATH", help="a call below /v1/api such as models/list, or graphql")
    parser.add_argument(
        "-d",
        "--data",
        metavar="JSON",
        default="{}",
        help="what to ask for; @FILE reads a file, @- standard input",
    )
    add_instance_flags(parser)
    explain(
        parser,
        "Send one read call of the API and print its answer as it was received.",
        [
            "wltui api models/list -d '{\"workspace_id\": 10}' | jq '.models[].model.name'",
            'wltui api graphql -d \'{"query": "{ model_config(limit: 3) { id model_id } }"}\'',
            "wltui api models/get_upload_logs -d @request.json --profile prod",
        ],
        {4: "the instance does not know the id", 5: "it could change something, or the instance refused it"},
        usual=(2, 3, 6),
        notes="calls, and what they take:\n"
        + "\n".join(
            f"  {path:37} {words}".rstrip()
            for path, words in {**SAFE_READS, "graphql": "query, variables"}.items()
        ),
    )


def calls(arguments: argparse.Namespace) -> "Sequence[Call[bytes]]":
    """Return the call that the command makes; raise as :func:`run` does before it sends."""
    from wltui.api.safe_reads import read_call

    return (read_call(arguments.path, read_data(arguments.data)),)


def run(arguments: argparse.Namespace) -> int:
    """Send the call, print the answer, and return the exit code.

    Raises:
        UsageError: the settings or the body are wrong.
        ReadOnlyMode: the call could change something; nothing was sent.
        WltuiError: there is no answer, or it is no JSON.
    """
    (call,) = calls(arguments)
    settings = find_settings(arguments)
    from wltui.api.graphql import PATH, find_refusal
    from wltui.auth.identity import identify
    from wltui.auth.sign_in import fetch_once

    user = identify(settings, None, state_folder())
    body = asyncio.run(fetch_once(settings, user.login, TokenStore(state_folder()), call))
    _print(body)
    if call.path == PATH and (reason := find_refusal(body, "The query was refused")):
        say_error(f"The query was refused: {reason}")
        return 5
    return 0


def read_data(text: str) -> bytes:
    """Return the body that ``-d`` names: the text itself, or with an ``@`` the content of a file.

    Raises:
        UsageError: there is no such file, or it can't be read or is too large.
    """
    if not text.startswith("@"):
        return os.fsencode(text)
    advice = "Write -d @FILE, or -d JSON"
    if text == "@":
        raise UsageError("-d @ names no file", "", advice)
    return read_named_file(text[1:], LARGEST_BODY, advice)


def _print(body: bytes) -> None:
    """Print an answer: for a person if standard output is a terminal, else unchanged."""
    if sys.stdout is not None and sys.stdout.isatty():
        from wltui.service.raw import pretty

        say(escape_invisible(pretty(body)))
        return
    with open_output() as output:
        output.write(body)
