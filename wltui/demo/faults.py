"""Troubles that uploads meet, as a switch: the refusals that were recorded, and answers that get lost."""

from typing import Literal, get_args

import msgspec

from .http import Request, Response

UploadFault = Literal["none", "memory", "storage", "early-close", "lost-answer"]
"""``memory``: 500, nothing is stored. ``storage``: 507 without a body. ``early-close``: 507 before the file has come,
and the connection is closed. ``lost-answer``: the version is stored, and the connection is reset."""
UPLOAD_FAULTS: tuple[UploadFault, ...] = get_args(UploadFault)
UPLOADS = frozenset({"models/upload", "models/upload_and_convert", "models/upload_stream"})
_NO_MEMORY = (
    "Internal Server Error: Insufficient memory available for model upload. Try again later, or ask your "
    "administrator for more"
)


def is_upload(request: Request) -> bool:
    """Return whether a request is an upload."""
    return request.path.partition("?")[0] in UPLOADS


def refuse_upload(fault: UploadFault) -> Response | None:
    """Return the refusal of an upload that has come whole, or None if it is taken."""
    if fault == "memory":
        return Response(500, msgspec.json.encode({"msg": _NO_MEMORY, "code": 500}))
    return Response(507) if fault == "storage" else None


def refuse_early(fault: UploadFault) -> Response | None:
    """Return the refusal of an upload whose file has not come yet, or None to wait for it."""
    return Response(507) if fault == "early-close" else None
