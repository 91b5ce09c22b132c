"""What can go wrong, and what the user can do about it.

WltuiError
├── UsageError            the command line or the environment is wrong; nothing was tried
├── ServiceError          a call did not give what was asked for
│   ├── ConnectionFailed  no answer: name, refusal, TLS, proxy, dropped link
│   ├── TimedOut          no answer in time
│   ├── NotSignedIn       401: no token, or the token was refused
│   ├── Forbidden         403
│   ├── NotFound          the server does not know that id (400 "… not found", or 404)
│   ├── NoSuchEndpoint    the server does not have this call at all
│   ├── ApiRefused        the server said no, with a reason of its own
│   └── ApiFormatError    the answer is not what this endpoint answers
├── OutcomeUnknown        a write whose answer was lost, or a refusal after which it may have happened all the same
├── ConfigMoved           somebody else configured the version meanwhile; nothing was sent
├── HistoryUnwritable     a save could not be recorded first; nothing was sent
└── ReadOnlyMode          a write was asked for in a read-only session; nothing was sent
"""

from .records import ModelConfig


class WltuiError(Exception):
    """``what`` failed, ``why``, and what to do about it (``advice``); all three are plain sentences.

    They may carry the server's own words, so they are data: shown literally, never parsed as markup.
    """

    def __init__(self, what: str, why: str = "", advice: str = "") -> None:
        super().__init__(what, why, advice)
        self.what, self.why, self.advice = what, why, advice

    def __str__(self) -> str:
        told = ": ".join(filter(None, (self.what, self.why))).rstrip(".")
        return f"{told}. {self.advice}" if self.advice else told


class UsageError(WltuiError):
    """The command line or the environment is wrong; nothing was tried."""


class ServiceError(WltuiError):
    """A call did not give what was asked for. ``endpoint`` is its path below ``/v1/api``."""

    def __init__(self, what: str, why: str = "", advice: str = "", *, endpoint: str = "") -> None:
        super().__init__(what, why, advice)
        self.endpoint = endpoint


class ConnectionFailed(ServiceError):
    """There was no answer: name, refusal, TLS, proxy, or a dropped link."""


class TimedOut(ServiceError):
    """There was no answer in time."""


class NotSignedIn(ServiceError):
    """401: there is no token, or it was refused."""


class Forbidden(ServiceError):
    """403: signed in, and not allowed."""


class NotFound(ServiceError):
    """The server does not know that id. Wallaroo says so with 400, not 404."""


class NoSuchEndpoint(ServiceError):
    """The server does not have this call: an older one, or a wrong address."""


class ApiRefused(ServiceError):
    """The server said no; ``why`` holds its own words. A 500 is often a user's mistake here.

    ``retry_after``: how many seconds it asks to wait before the next try; 0 if it does not ask.
    """

    def __init__(
        self,
        what: str,
        why: str = "",
        advice: str = "",
        *,
        endpoint: str = "",
        status: int = 0,
        retry_after: float = 0,
    ) -> None:
        super().__init__(what, why, advice, endpoint=endpoint)
        self.status, self.retry_after = status, retry_after


class ApiFormatError(ServiceError):
    """The answer is not what this endpoint answers: no JSON, other JSON, cut off, too large, or a gateway's page."""


class OutcomeUnknown(WltuiError):
    """A write was sent, and nobody can say whether it was carried out. It must not be repeated blindly.

    ``refusal``: what the API refused it with, where it may have been carried out before that. Without one its answer
    was lost, and it may still be carried out.
    """

    def __init__(
        self, what: str, why: str = "", advice: str = "", *, refusal: ServiceError | None = None
    ) -> None:
        super().__init__(what, why, advice)
        self.refusal = refusal


class ConfigMoved(WltuiError):
    """Somebody else configured the version since the edit began; nothing was sent.

    ``newest`` is the config that the version has now, as far as it was told; None where it has none.
    """

    def __init__(
        self, what: str, why: str = "", advice: str = "", *, newest: ModelConfig | None = None
    ) -> None:
        super().__init__(what, why, advice)
        self.newest = newest


class HistoryUnwritable(WltuiError):
    """A save could not be recorded before it was to be sent; nothing was sent."""


class ReadOnlyMode(WltuiError):
    """A write was asked for in a read-only session; nothing was sent."""
