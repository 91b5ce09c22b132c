"""Bounds of time after which the program goes on without a disk, a thread or an answer.

In a test they are ten times as long, so that none is met by chance on a slow machine. A test of what follows when one
is met asks for the fixture ``usual_bounds``. Programs that tests start have their usual bounds.
"""

from types import ModuleType

import pytest

from tests.support.waiting import SLOWNESS
from wltui.api import auth, graphql
from wltui.service import latest, visit
from wltui.store import drafts, inventory, journal, log_file, response_cache
from wltui.ui.app import session
from wltui.ui.screens import write_file
from wltui.ui.terminal import clipboard, output

BOUNDS: tuple[tuple[ModuleType, str], ...] = (
    (auth, "SETTLE_TIMEOUT"),
    (graphql, "PATIENCE"),
    (latest, "PATIENCE"),
    (visit, "CLOSING_SECONDS"),
    (drafts, "FLUSH_TIMEOUT"),
    (inventory, "TIMEOUT"),
    (journal, "LOCK_TIMEOUT"),
    (log_file, "CLOSE_TIMEOUT"),
    (response_cache, "OPEN_TIMEOUT"),
    (response_cache, "LOCK_TIMEOUT"),
    (response_cache, "FLUSH_TIMEOUT"),
    (session, "OPENING_SECONDS"),
    (session, "CLOSING_SECONDS"),
    (write_file, "CLOSING_SECONDS"),
    (clipboard, "_PATIENCE"),
    (output, "PATIENCE"),
)
"""Each bound with the module that reads it anew whenever it waits."""
USUAL = tuple((module, name, getattr(module, name)) for module, name in BOUNDS)


def lengthen() -> None:
    """Make all bounds of this process ten times as long."""
    for module, name, seconds in USUAL:
        setattr(module, name, SLOWNESS * seconds)


def shorten(patch: pytest.MonkeyPatch) -> None:
    """Give the bounds their usual length for a while."""
    for module, name, seconds in USUAL:
        patch.setattr(module, name, seconds)
