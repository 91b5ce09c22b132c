"""Log requests: one line each, with its address, status or error, milliseconds, bytes and try; never what is in it."""

import time

import httpx

from wltui.core.event_log import log

TRY = "wltui.try"
"""The extension of a request with the number of tries before it."""


class RequestLog:
    """The line about one request on the wire, which is written once: when its answer has ended, or there is none."""

    def __init__(self, request: httpx.Request, number: int) -> None:
        """Begin now; ``number`` counts the tries, this one included."""
        self._request, self._number = request, number
        self._since = time.monotonic()
        self._is_written = False

    def write(self, *, status: int | None = None, error: str = "", received: int | None = None) -> None:
        """Write the line unless it is written.

        Args:
            status: the status of the answer, if there is one.
            error: the name of the class of what went wrong.
            received: bytes of the answer's body, as they came.
        """
        if self._is_written:
            return
        self._is_written = True
        url = self._request.url
        log(
            "request",
            method=self._request.method,
            url=f"{url.scheme}://{url.netloc.decode('ascii')}{url.raw_path.partition(b'?')[0].decode('ascii')}",
            status=status,
            error=error or None,
            ms=round((time.monotonic() - self._since) * 1000),
            bytes=received,
            tries=self._number,
        )
