"""Error tree of wltui. Each error has a message, a reason, and advice for the user.

WltuiError
├── UsageError            the command line or the environment is wrong; nothing was tried
├── ServiceError          a call failed
│   ├── ConnectionFailed  no answer: name, refusal, TLS, proxy, dropped link
│   ├── TimedOut          no answer in time
│   ├── NotSignedIn       401: no token, or the token was refused
│   ├── Forbidden         403
│   ├── NotFound          the server does not know the id (400 "… not found", or 404)
│   ├── NoSuchEndpoint    the server does not have this call at all
│   ├── ApiRefused        the server refused, with a reason of its own
│   └── ApiFormatError    the answer has an unexpected format
├── OutcomeUnknown        the answer to a write was lost, or it was refused and may be saved nevertheless
├── ConfigMoved           somebody else saved a config meanwhile; nothing was sent
│   └── ConfigClash       and changed the same fields
├── SaveDeclined          wltui itself does not send a save, as it may do harm unseen, or nobody confirmed it
├── HistoryUnwritable     a save could not be recorded on disk first; nothing was sent
├── FileNotWritten        a file that the user asked for could not be written; nothing of it is left
│   └── FileInTheWay      another file has its name, or has changed since the user agreed to replace it
├── FileChanged           a file is not the one that was confirmed, or unreadable; its upload was broken off
├── UploadCancelled       the user cancelled an upload before its end; nothing was stored
└── ReadOnlyMode          a write was requested in a read-only session; nothing was sent
"""

from .records import ModelConfig


class WltuiError(Exception):
    """Base of all errors: ``what`` failed, ``why``, and the next step (``advice``), each as a plain sentence.

    They may contain the server's own words, so they are data: show them literally, never parse them as markup.
    """

    def __init__(self, what: str, why: str = "", advice: str = "") -> None:
        super().__init__(what, why, advice)
        self.what, self.why, self.advice = what, why, advice

    def __str__(self) -> str:
        message = ": ".join(filter(None, (self.what, self.why))).rstrip(".")
        return f"{message}. {self.advice}" if self.advice else message

    def without_retry(self) -> str:
        """Return the text without advice to try again, for a place that says itself when or how."""
        if not self.advice.startswith("Try again"):
            return str(self)
        other = self.advice.partition(", or ")[2]
        return str(WltuiError(self.what, self.why, f"{other[:1].upper()}{other[1:]}"))


class UsageError(WltuiError):
    """The command line or the environment is wrong; nothing was tried."""


class ServiceError(WltuiError):
    """A call failed. ``endpoint`` is its path below ``/v1/api``."""

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
    """403: the user is signed in but not allowed to do this."""


class NotFound(ServiceError):
    """The server does not know the id. Wallaroo answers with 400, not 404."""


class NoSuchEndpoint(ServiceError):
    """The server does not have this call: it is older, or the address is wrong."""


class ApiRefused(ServiceError):
    """The server refused; ``why`` holds its own words. A 500 is often a mistake in the request.

    ``retry_after``: seconds that it asks to wait before the next try; 0 if it does not ask.
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


class Unavailable(ApiRefused):
    """502, 503, 504 or 429: a gateway answered, as the server behind it can't do so now. A later try may succeed."""


class QueryRefused(ServiceError):
    """A GraphQL query was answered with ``errors``; ``why`` holds the first one's own words.

    ``unknown`` names the type and the field that the server does not have, or does not show this user.
    """

    def __init__(
        self, what: str, why: str = "", *, endpoint: str = "", unknown: tuple[str, str] | None = None
    ) -> None:
        super().__init__(what, why, endpoint=endpoint)
        self.unknown = unknown


class ApiFormatError(ServiceError):
    """The answer has an unexpected format: not JSON, other JSON, cut off, too large, or a gateway's page."""


class OutcomeUnknown(WltuiError):
    """A write was sent, and its result is unknown. It must not be repeated blindly.

    ``refusal``: the API's refusal, if the write may have been saved before it. None if the answer was lost and the
    write may still be saved later.
    """

    def __init__(
        self, what: str, why: str = "", advice: str = "", *, refusal: ServiceError | None = None
    ) -> None:
        super().__init__(what, why, advice)
        self.refusal = refusal


class ConfigMoved(WltuiError):
    """Somebody else saved a config for the version after the edit began; nothing was sent.

    ``newest`` is the current config of the version, as far as the API returns it; None if it has none.
    """

    def __init__(
        self, what: str, why: str = "", advice: str = "", *, newest: ModelConfig | None = None
    ) -> None:
        super().__init__(what, why, advice)
        self.newest = newest


class ConfigClash(ConfigMoved):
    """Somebody else's config and the edit differ in fields that both changed, or that can't be read; nothing was sent.

    ``fields`` has their keys.
    """

    def __init__(
        self,
        what: str,
        why: str = "",
        advice: str = "",
        *,
        newest: ModelConfig | None = None,
        fields: tuple[str, ...] = (),
    ) -> None:
        super().__init__(what, why, advice, newest=newest)
        self.fields = fields


class SaveDeclined(WltuiError):
    """wltui itself does not send a save: it may do harm that nobody has seen, or nobody has confirmed it."""


class HistoryUnwritable(WltuiError):
    """A save could not be recorded on disk before sending; nothing was sent."""


class FileNotWritten(WltuiError):
    """A file that the user asked for could not be written; nothing of it is left."""


class FileInTheWay(FileNotWritten):
    """Another file has the name of the new one, or it has changed since the user agreed to replace it."""


class FileChanged(WltuiError):
    """A file is not the one any more that was confirmed, or can't be read; its upload was broken off before its end."""


class UploadCancelled(WltuiError):
    """The user cancelled an upload before its last byte was sent; nothing was stored."""


class ReadOnlyMode(WltuiError):
    """A write was requested in a read-only session; nothing was sent."""
