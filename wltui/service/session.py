"""The objects that all parts of a session's service share."""

from msgspec import Struct

from wltui.store.save_history import History

from .exchange import Exchange
from .graphql import GraphQl
from .latest import Latest


class Session(Struct, frozen=True):
    """The ways to read and write, and the record of saves."""

    exchange: Exchange
    graphql: GraphQl
    history: History
    latest: Latest
    """Versions that were read alone."""
