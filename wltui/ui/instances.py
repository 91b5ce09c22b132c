"""The instances that the user has named, as the app and its screens ask for them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from wltui.core.settings import Settings


class Instance(Struct, frozen=True):
    """An instance that one can go over to."""

    name: str
    settings: Settings | None
    """None where they can't be used."""
    user: str = ""
    """Who is signed in there, as far as that is known before asking."""
    trouble: str = ""
    """Why not."""


class Instances(Protocol):
    """The instances that the user has named; asked apart from the event loop, as each call may read files."""

    @property
    def path(self) -> Path:
        """Where they are named."""

    def all(self) -> Sequence[Instance]:
        """Return each of them, as it would be opened now; raise UsageError if the file can't be understood."""
