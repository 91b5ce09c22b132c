"""Answers that a test gives to the next requests, in place of the real ones."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from .http import Request


@dataclass(frozen=True, slots=True)
class Scripted:
    """An answer that the next request to a path gets in place of the real one."""

    status: int = 200
    body: bytes | None = None
    """None is an empty body, or the real one where ``processed`` is set and ``status`` is 200."""
    headers: Mapping[str, str] = field(default_factory=dict)
    processed: bool = False
    """Whether the real handler runs first, so that a write has happened although its answer is lost."""
    drop: bool = False
    """Reset the connection instead of answering."""
    delay: float = 0.0
    """Seconds before answering."""
    raw: bytes | None = None
    """Bytes to write as they are, in place of a whole answer; then the connection is closed."""
    asked: Mapping[str, object] = field(default_factory=dict)
    """The JSON that a request has to hold, for those that are sent at once and may come in any order."""
    may_answer: Callable[[], bool] = lambda: True
    """Returns whether what has to come before the answer has come; it is asked again and again until then."""

    def suits(self, request: Request) -> bool:
        """Whether it is for this request."""
        return not self.asked or self.asked.items() <= msgspec.json.decode(request.body).items()
