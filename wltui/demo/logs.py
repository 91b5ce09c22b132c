"""The lines that uploads log."""

from datetime import datetime, timedelta
from typing import NamedTuple


class LogLine(NamedTuple):
    """A line of an upload's log."""

    after: float
    """Seconds since the upload."""
    stream: str
    text: str

    def at(self, start: datetime) -> str:
        """Return the line as the container runtime wrote it, for an upload at ``start`` (UTC)."""
        time = start + timedelta(seconds=self.after)
        return f"{time:%Y-%m-%dT%H:%M:%S.%f}000Z {self.stream} F {self.text}"


def log_lines(text: str, stream: str = "stderr", pace: float = 0.7) -> tuple[LogLine, ...]:
    """Return the lines of a text, from 20 seconds after the upload on, ``pace`` seconds apart."""
    lines = text.strip("\n").split("\n")
    return tuple(LogLine(20 + pace * number, stream, line) for number, line in enumerate(lines))


VALIDATED = log_lines(
    """
╭──────────────────────────────────────────────╮
│  Validating the model against its schemas    │
╰──────────────────────────────────────────────╯
Loading artifacts from /opt/ml/model
Running one inference with generated data

Output matches the output schema: OK
""",
    "stdout",
)
