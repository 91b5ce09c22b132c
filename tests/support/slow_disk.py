"""A disk that does not answer, as a network disk whose server is away."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.waiting import running

_HOLD = """
import fcntl, os, signal, sys
signal.signal(signal.SIGIO, signal.SIG_IGN)
fcntl.fcntl(os.open(sys.argv[1], os.O_RDWR), fcntl.F_SETLEASE, fcntl.F_WRLCK)
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def hung(file: Path) -> Iterator[None]:
    """Whoever opens a file waits, since another process has a lease on it and does not give it up."""
    command = [sys.executable, "-c", _HOLD, str(file)]
    with running(subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)) as holder:
        assert holder.stdout
        if holder.stdout.readline() != b"held\n":
            pytest.skip("there are no leases on this disk")
        yield
