"""A disk of its own for a command, as small as a test wants it."""

import shutil
import subprocess
from pathlib import Path

import pytest


def on_own_disk(folder: Path) -> tuple[str, ...]:
    """Return the words to put before a command to give it a disk at ``folder``; mount options follow them.

    The options are one word, such as ``size=1m``. Skips the test if this machine lets nobody mount a disk.
    """
    command = ("unshare", "-rm", "sh", "-c", f'mount -t tmpfs -o "$0" none "{folder}" && exec "$@"')
    if shutil.which("unshare") is None:
        pytest.skip("unshare is not installed")
    tried = subprocess.run([*command, "size=1m", "true"], capture_output=True, text=True, check=False)
    if tried.returncode != 0:
        pytest.skip(f"a disk cannot be mounted here: {tried.stderr.strip()}")
    return command
