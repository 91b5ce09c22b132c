"""Record the calls that this process makes, to show them as snippets. Writes are recorded and not sent."""

from collections.abc import Iterator
from contextlib import contextmanager

from wltui.core.errors import ReadOnlyMode

from .calls import Call

_recorded: list[Call[object]] | None = None


@contextmanager
def recording() -> Iterator[list[Call[object]]]:
    """Yield a list that grows by each call of this process, whether it succeeds or not, until the block ends."""
    global _recorded  # noqa: PLW0603  calls come from clients that the block does not know
    before, _recorded = _recorded, []
    try:
        yield _recorded
    finally:
        _recorded = before


def record(call: Call[object]) -> None:
    """Record a call if somebody wants to see the calls. A dry run records its write by this.

    Raises:
        ReadOnlyMode: it is a write, and it is only to be shown.
    """
    if _recorded is None:
        return
    if not any(call.key == other.key for other in _recorded):
        _recorded.append(call)
    if call.write:
        raise ReadOnlyMode(f"{call.what} was not saved", "the request is only shown")
