"""A program that uses the sign-in in a folder, for tests of several at once: the endpoint and the folder are its words.

It says when it is ready, waits for a line, and then makes calls by a clock that runs away, so that each finds its
token to be old.
"""

import asyncio
import sys
import time
from pathlib import Path

from wltui.api import calls
from wltui.api.client import Client
from wltui.store.tokens import TokenStore
from wltui.stored_login import StoredLogin

ROUNDS = 5


async def use(endpoint: str, folder: Path) -> None:
    store = TokenStore(folder)
    login = store.current(endpoint)
    assert login is not None
    ahead = 0.0
    auth = StoredLogin(store, login, clock=lambda: time.time() + ahead)
    client = Client(endpoint, auth, timeout=10)
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    for _ in range(ROUNDS):
        ahead += 100_000
        await client.ask(calls.list_workspaces())
    await client.aclose()


asyncio.run(use(sys.argv[1], Path(sys.argv[2])))
