"""``wltui completion``: print a script that completes commands and flags in a shell."""

import argparse
import sys
from collections.abc import Iterator

from wltui.cli.command import explain
from wltui.core.errors import UsageError
from wltui.lifecycle.console import say

SHELLS = ("bash", "zsh", "fish")
NOTES = """\
Add one of these to the file that your shell reads at its start:

  bash  ~/.bashrc                  eval "$(wltui completion bash)"
  zsh   ~/.zshrc, after compinit   eval "$(wltui completion zsh)"
  fish  ~/.config/fish/config.fish wltui completion fish | source
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the shells and the help."""
    parser.add_argument("shell", choices=SHELLS, metavar="|".join(SHELLS), help="your shell")
    explain(
        parser,
        "Print a script that completes commands and flags in a shell.",
        ["wltui completion bash > ~/.local/share/bash-completion/completions/wltui"],
        usual=(2,),
        notes=NOTES,
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the script and return the exit code.

    Raises:
        UsageError: the library that makes it is not installed.
    """
    try:
        import shtab
    except ImportError:
        raise UsageError(
            "The library shtab is not installed", "", f"{sys.executable} -m pip install shtab"
        ) from None
    from wltui.cli.commands import NAMES
    from wltui.cli.tree import build_parser

    parser = build_parser(NAMES)
    for action in _files(parser):
        action.complete = shtab.FILE  # type: ignore[attr-defined]
    say(shtab.complete(parser, shell=arguments.shell), end="")
    return 0


def _files(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """Yield the words and flags of a parser, and of its commands, that name a file."""
    for action in parser._actions:
        if action.metavar == "FILE":
            yield action
        elif isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _files(command)
