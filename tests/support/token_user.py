"""Programs that use one sign-in at the same moment.

Each says when it is ready, waits for a line, and then makes calls by a clock that runs away, so that each call finds
the token to be old.
"""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from tests.support.waiting import LIMIT
from wltui.api import calls
from wltui.api.client import Client
from wltui.auth.stored_login import StoredLogin
from wltui.auth.token_store import TokenStore

ROUNDS = 5


def use_together(endpoint: str, folder: Path, count: int = 4) -> None:
    """Run programs that use the sign-in in a folder; each has to come to a good end."""
    programs = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.support.token_user", endpoint, folder],
            cwd=Path(__file__).parents[2],  # the checkout, where this module is found
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(count)
    ]
    try:
        for program in programs:
            assert program.stdout is not None
            assert program.stdout.readline() == b"ready\n"
        for program in programs:
            assert program.stdin is not None
            program.stdin.write(b"go\n")
            program.stdin.flush()
        for program in programs:
            _, complaint = program.communicate(timeout=LIMIT)
            assert program.returncode == 0, complaint.decode()
    finally:
        for program in programs:
            program.kill()
            program.communicate()


async def use(endpoint: str, folder: Path) -> None:
    store = TokenStore(folder)
    login = store.find_current(endpoint)
    assert login is not None
    ahead = 0.0
    auth = StoredLogin(store, login, clock=lambda: time.time() + ahead)
    client = Client(endpoint, auth, timeout=LIMIT)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for _ in range(ROUNDS):
        ahead += 100_000
        await client.ask(calls.list_workspaces())
    await client.aclose()


if __name__ == "__main__":
    asyncio.run(use(sys.argv[1], Path(sys.argv[2])))
