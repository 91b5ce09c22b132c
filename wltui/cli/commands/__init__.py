"""The commands: one module each, named like the command, whose ``run(words)`` obeys the words after its name.

A new command is a new module and a row in :data:`COMMANDS`, from which dispatch and ``--help`` follow.
"""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

COMMANDS: Mapping[str, str] = {
    "login": "sign in to an instance and stay so",
    "logout": "sign out of an instance",
    "whoami": "show who is signed in",
    "doctor": "show where each setting comes from, and test it",
    "cache info": "show what is kept on disk of which instance",
    "cache clear": "delete that",
    "demo-server": "serve the embedded Wallaroo alone, for curl and SDKs",
}
"""One line of help for each command, by the words that call it."""
NAMES = tuple(dict.fromkeys(words.split()[0] for words in COMMANDS))
"""The first words of the commands."""


def load_command(name: str) -> Callable[[Sequence[str]], int]:
    """Import a command and return its function, which takes the words after the name and returns the exit code."""
    run: Callable[[Sequence[str]], int] = import_module(f"{__name__}.{name.replace('-', '_')}").run
    return run
