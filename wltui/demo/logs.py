"""What uploads log, and the ways in which they fail."""

from datetime import datetime, timedelta
from typing import NamedTuple


class LogLine(NamedTuple):
    """A line of an upload's log."""

    after: float
    """Seconds since the upload."""
    stream: str
    text: str

    def at(self, start: datetime) -> str:
        """The line as the container runtime wrote it, for an upload at ``start`` (UTC)."""
        time = start + timedelta(seconds=self.after)
        return f"{time:%Y-%m-%dT%H:%M:%S.%f}000Z {self.stream} F {self.text}"


class Failure(NamedTuple):
    """A way in which a build fails."""

    summary: str | None
    logs: tuple[LogLine, ...] = ()


def _log(text: str, stream: str = "stderr", pace: float = 0.7) -> tuple[LogLine, ...]:
    lines = text.strip("\n").split("\n")
    return tuple(LogLine(20 + pace * number, stream, line) for number, line in enumerate(lines))


VALIDATED = _log(
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
FAILURES = (
    Failure(
        "Could not pip install user provided requirements.txt",
        _log(
            """
Collecting tokenizers==0.15.2
  Downloading tokenizers-0.15.2.tar.gz (320 kB)
ERROR: Could not find a version that satisfies the requirement torch==1.9.0+cu111 (from versions: 2.0.0)
ERROR: No matching distribution found for torch==1.9.0+cu111

Could not pip install user provided requirements.txt
"""
        ),
    ),
    Failure(
        "The model's output does not match the output schema: field 'confidences' is missing",
        _log(
            """
Traceback (most recent call last):
  File "/opt/mac/validate.py", line 88, in validate_output
    column = batch.column(field.name)
  File "pyarrow/table.pxi", line 1658, in pyarrow.lib._Tabular.column
KeyError: 'Field "confidences" does not exist in schema'
"""
        ),
    ),
    Failure(
        "",
        _log(
            """
Traceback (most recent call last):
  File "/opt/ml/model/predict.py", line 3, in <module>
    import xgboost
ModuleNotFoundError: No module named 'xgboost'
"""
        ),
    ),
    Failure(
        "null",
        _log(
            """
Loading checkpoint shards:  50%|█████     | 1/2 [01:12<01:12, 72.4s/it]
Loading checkpoint shards: 100%|██████████| 2/2 [02:26<00:00, 73.1s/it]
/entrypoint.sh: line 41:    17 Killed                  python -m mac.serve
"""
        ),
    ),
    Failure(
        "Error loading model: [ONNXRuntimeError] : 10 : INVALID_GRAPH : This is an invalid model. "
        "Type Error: Type 'tensor(int64)' of input parameter (input_ids) of operator (Gather) is invalid.",
    ),
    Failure("Image build exceeded the limit of 1800 seconds"),
    Failure("No supported file was found in the archive: expected exactly one .pkl, .pt or .h5"),
    Failure("Unsupported opset 23: the engine supports up to 20"),
    Failure(None),
    Failure("null"),
)
