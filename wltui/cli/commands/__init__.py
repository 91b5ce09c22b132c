"""The commands: one module each, named like the command.

A module has ``add_arguments(parser)``, which adds flags, description and examples, and ``run(arguments)``, which
obeys and returns the exit code. A new command is a new module and a row in :data:`COMMANDS`, from which dispatch,
``--help`` and completion follow.
"""

import argparse
from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, cast

COMMANDS: Mapping[str, str] = {
    "get": "list workspaces, models, versions or pipelines; show one",
    "problems": "what needs attention, with reason, cause and remedy",
    "describe": "a version and its config as text",
    "logs": "what the server logged while a version was uploaded",
    "diff": "compare two versions, or a config with the running one",
    "wait": "wait until a version or pipeline is ready",
    "history": "saves of configs from this host",
    "drafts": "edits that were begun and not sent",
    "config": "change configs: diff, apply, set, unset, copy, revert; init and check config.toml",
    "upload": "upload a model: checked, shown, sent once, and followed",
    "api": "one read call of the API, as received",
    "snippet": "a call as curl, Python requests or SDK code",
    "login": "sign in to an instance and stay so",
    "logout": "sign out of an instance",
    "whoami": "show who is signed in",
    "doctor": "show where each setting comes from, and test it",
    "cache": "show (cache info) or delete (cache clear) what is kept",
    "demo-server": "serve the embedded Wallaroo alone, for curl and SDKs",
    "completion": "print a script that completes commands in a shell",
}
"""One line of help for each command, by its name."""
NAMES = tuple(COMMANDS)


class Command(Protocol):
    """The module of a command."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Add the flags and words of the command, its description, and an epilog with examples and exit codes."""

    def run(self, arguments: argparse.Namespace) -> int:
        """Obey, and return the exit code; raise WltuiError if it fails."""


def load_command(name: str) -> Command:
    """Import a command and return its module."""
    return cast("Command", import_module(f"{__name__}.{name.replace('-', '_')}"))
