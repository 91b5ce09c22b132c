"""Ask the user a question on the terminal, without blocking the event loop, so that ctrl+c works meanwhile."""

import asyncio
import os
import sys

from wltui.lifecycle.console import say

LONGEST = 4096
"""Bytes of a line that a terminal hands over."""


async def ask_on_terminal(question: str) -> str:
    """Print a question on standard error and return the line that is typed; empty at the end of the input."""
    return await ask_on(sys.stdin.fileno(), question)


async def ask_on(terminal: int, question: str) -> str:
    """Print a question on standard error and return the line that is typed on a terminal, given by its descriptor."""
    say(question, error=True, end="")
    loop = asyncio.get_running_loop()
    is_typed = asyncio.Event()
    loop.add_reader(terminal, is_typed.set)
    try:
        await is_typed.wait()
    except asyncio.CancelledError:
        say("", error=True)
        raise
    finally:
        loop.remove_reader(terminal)
    line = os.read(terminal, LONGEST)  # whole lines only: the terminal collects them
    if not line.endswith(b"\n"):
        say("", error=True)
    return line.decode(errors="replace").strip("\n")
