"""An embedded Wallaroo: the same API over loopback HTTP, with data: for a first look, for curl, for tests."""

from .http import Request
from .server import Demo, Scripted

__all__ = ["Demo", "Request", "Scripted"]
