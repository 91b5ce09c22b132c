"""Shape of upload logs in the API's answers, and their conversion to lines."""

import msgspec
from msgspec import Raw, ValidationError

from .repair import repair
from .wire_config import Wire


class Logs(Wire, frozen=True, gc=False):
    """``models/get_upload_logs``."""

    logs: tuple[Raw, ...] | None = None

    def record(self) -> tuple[str, ...]:
        """Return the lines; one that is not a text is returned as JSON."""
        return tuple(map(_line, self.logs or ()))


def _line(raw: Raw) -> str:
    try:
        return msgspec.json.decode(raw, type=str)
    except UnicodeDecodeError:
        return msgspec.json.decode(repair(bytes(raw)), type=str)
    except ValidationError:
        return bytes(raw).decode(errors="replace")
