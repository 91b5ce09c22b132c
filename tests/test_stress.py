"""The stress mode delays what it says, in the process of the tests and in those that they start."""

import os
import subprocess
import sys

from tests.support import stress

EVERYTHING = """
import asyncio, sqlite3, stress, subprocess, threading

async def echo(reader, writer):
    writer.write(await reader.readuntil(b"!"))
    await writer.drain()
    writer.close()

async def ask():
    async with await asyncio.start_server(echo, "127.0.0.1", 0) as server:
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"hello!")
        assert await reader.read() == b"hello!"
        writer.close()
    assert await asyncio.to_thread(lambda: 5) == 5
    for _ in range(100):
        await asyncio.sleep(0)

with sqlite3.connect(":memory:") as database:
    while set(stress.pauses) != set(stress.KINDS):
        assert database.execute("select 7").fetchone() == (7,)
        thread = threading.Thread(target=lambda: None)
        thread.start()
        thread.join()
        assert subprocess.call(["true"]) == 0
        asyncio.run(ask())
print(*sorted(stress.pauses))
"""


def test_each_kind_of_work_is_delayed_and_goes_on_as_before() -> None:
    """The program is one that a test starts: the delays come by its environment."""
    environ = {**os.environ, stress.VARIABLE: "1", "PYTHONPATH": str(stress.HOOK)}
    told = subprocess.run(
        [sys.executable, "-c", EVERYTHING], env=environ, capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == sorted(stress.KINDS)


def test_without_a_seed_a_program_that_tests_start_is_left_alone() -> None:
    environ = {key: value for key, value in os.environ.items() if key != stress.VARIABLE}
    environ["PYTHONPATH"] = str(stress.HOOK)
    program = "import sys; print('stress' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", program], env=environ, capture_output=True, text=True, check=True
    )
    assert told.stdout == "False\n"
