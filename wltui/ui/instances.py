"""The instances that the user has named in the config file, as the app and its screens see them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from wltui.core.settings import Settings


class Instance(Struct, frozen=True):
    """An instance to switch to."""

    name: str
    settings: Settings | None
    """None if they are not valid, see ``trouble``."""
    user: str = ""
    """The user signed in there, if known without a request."""
    trouble: str = ""
    """Why the settings are not valid, or an empty string."""


class Instances(Protocol):
    """The instances that the user has named. Call it off the event loop, as each call may read files."""

    @property
    def path(self) -> Path:
        """The file that names them."""

    def all(self) -> Sequence[Instance]:
        """Return all instances with their present settings; raise UsageError if the file is not valid."""
