"""Troubles that uploads meet, as a switch: the refusals that were recorded, and answers that get lost."""

from typing import Literal, get_args

import msgspec

from .http import Outcome, Reception, Request, Response
from .multipart import Multipart, Stream

UploadFault = Literal[
    "none", "memory", "storage", "s3", "foreign-key", "early-close", "too-large", "unauthorized", "cut",
    "lost-before", "lost-answer", "overtaken", "slow",
]  # fmt: skip
UPLOAD_FAULTS: tuple[UploadFault, ...] = get_args(UploadFault)
"""``memory``, ``s3``, ``foreign-key``: 500 with the platform's words, and nothing is stored. ``storage``: 507 without
a body. ``early-close`` and ``too-large``: 507, or a gateway's 413, before the file has come; the connection is closed.
``unauthorized``: 401 in the middle of the file, likewise. ``cut``: the connection is reset in the middle.
``lost-before`` and ``lost-answer``: it is reset after the last byte, before or after the version is stored.
``overtaken``: another version of the model is stored at the same time, and the answer names that. ``slow``: the file
is read at 256 kB/s."""
UPLOADS = frozenset({"models/upload", "models/upload_and_convert", "models/upload_stream"})
SLOW = 256_000
"""Bytes that a slow link takes a second."""
FOREIGN_KEY = (
    "Internal Server Error: GraphQL Returned error: Foreign key violation. insert or update on table "
    '"models" violates foreign key constraint "models_workspace_id_fkey"'
)
_REFUSED = {
    "memory": "Internal Server Error: Insufficient memory available for model upload. Try again later, or ask your "
    "administrator for more",
    "s3": "Internal Server Error: Error uploading model to s3",
    "foreign-key": FOREIGN_KEY,
}
_TOO_LARGE = b"<html>\n<head><title>413 Request Entity Too Large</title></head>\n</html>\n"


class UploadReception(Reception):
    """The body of an upload on its way in, in bounded memory."""

    def __init__(
        self,
        fault: UploadFault,
        body: Multipart | Stream | None,
        length: int,
        *,
        kept: int,
        signed_in: bool,
    ) -> None:
        """Take in nothing yet.

        Args:
            fault: The trouble that it meets.
            body: What reads it; None if it is of no known type.
            length: Bytes that it has, or 0 if that is not known.
            kept: Bytes of its beginning to keep.
            signed_in: Whether the token was good when the request began.
        """
        super().__init__()
        self.signed_in = signed_in
        self.fault, self.body = fault, body
        self.beginning = bytearray()
        self._length, self._kept, self._come = length, kept, 0

    def begin(self) -> Outcome | Literal[False]:
        """Return an answer that does not wait for the body, or False to wait."""
        if self.fault == "early-close":
            return Response(507)
        if self.fault == "too-large":
            return Response(413, _TOO_LARGE, {"content-type": "text/html"})
        return False

    def feed(self, data: bytes) -> Outcome | Literal[False]:
        """Take in a piece; return an answer that does not wait for the rest, or False to go on."""
        self._come += len(data)
        self.beginning += data[: max(0, self._kept - len(self.beginning))]
        if self.fault in ("unauthorized", "cut") and self._come >= self._length / 2:
            words = msgspec.json.encode({"msg": "Unauthorized: the token has expired.", "code": 401})
            return Response(401, words) if self.fault == "unauthorized" else None
        if self.body is not None:
            self.body.feed(data)
        self.pause = len(data) / SLOW if self.fault == "slow" else 0.0
        return False


def is_upload(request: Request) -> bool:
    """Return whether a request is an upload."""
    return request.path.partition("?")[0] in UPLOADS


def refuse_upload(fault: UploadFault) -> Outcome | Literal[False]:
    """Return the refusal of an upload that has come whole, or False if it is taken."""
    if fault in _REFUSED:
        return Response(500, msgspec.json.encode({"msg": _REFUSED[fault], "code": 500}))
    if fault == "lost-before":
        return None
    return Response(507) if fault == "storage" else False
