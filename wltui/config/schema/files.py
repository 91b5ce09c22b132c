"""Read the schema of a local file in a separate process; no other content is read."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from wltui.core.credentials import child_environment

from .codec import SchemaError

_PATIENCE = 70
"""Seconds until the reading process is killed; it ends earlier, unless a disk hangs."""

_ONE_THREAD = {
    "ARROW_IO_THREADS": "1", "MALLOC_ARENA_MAX": "1", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
}  # fmt: skip
"""On a machine with many processors, the threads of pyarrow and numpy would exceed the memory limit."""


def read_schema(path: Path) -> str:
    """Return the schema of the file as base64, without metadata that describes the file. ``~`` is not expanded.

    A separate process reads the file, since damaged files make pyarrow crash. It takes half a second.

    Raises:
        SchemaError: there is no such file, or it has no schema.
    """
    # -P: do not import from the working folder, which may contain a file named pyarrow.py.
    argv = [sys.executable, "-P", "-m", "wltui.config.schema.read_file", str(path)]
    environ = {**child_environment(), **_ONE_THREAD, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        process = subprocess.Popen(  # noqa: S603  a module of our own
            argv, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
    except ValueError as error:
        raise _refusal(path, "the name of the file is not valid") from error
    except OSError as error:
        raise _refusal(path, f"no process could be started: {error.strerror}") from error
    try:
        printed, complaints = process.communicate(timeout=_PATIENCE)
    except subprocess.TimeoutExpired as error:
        process.kill()
        with suppress(subprocess.TimeoutExpired):  # while a disk hangs, kill does not end it
            process.communicate(timeout=1)
        raise _refusal(path, "the disk does not answer") from error
    match process.returncode:
        case 0:
            outcome: dict[str, str] = json.loads(printed)
            if "schema" in outcome:
                return outcome["schema"]
            raise _refusal(path, outcome["why"], outcome["advice"])
        case code if code in (-signal.SIGALRM, -signal.SIGXCPU):
            raise _refusal(path, "reading it takes too long; it may be damaged")
        case code if code == -signal.SIGKILL:
            raise _refusal(path, "reading it was killed; it may take too much memory")
        case code if code < 0:
            raise _refusal(path, f"it is damaged: pyarrow crashed on it ({signal.Signals(-code).name})")
        case _:
            raise _refusal(path, f"reading it failed: {complaints.decode(errors='replace').strip()[-300:]}")


def _refusal(path: Path, why: str, advice: str = "") -> SchemaError:
    return SchemaError(f"The schema of {path} could not be read", why, advice)
