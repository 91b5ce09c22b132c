"""Tokens that another program prints."""

import asyncio
import base64
import json
import sys
from pathlib import Path

import pytest

from tests.api.conftest import OpenClient, sent
from wltui.api import calls
from wltui.api.token_command import CommandToken
from wltui.core.errors import ApiRefused, NotSignedIn
from wltui.demo import Demo, Scripted

READ = calls.list_workspaces()
COUNTED = """\
import pathlib, sys
counter, *tokens = sys.argv[1:]
done = pathlib.Path(counter)
calls = len(done.read_text()) if done.exists() else 0
done.write_text("." * (calls + 1))
print(tokens[min(calls, len(tokens) - 1)])
"""


def jwt(**claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.sig"


class Printer:
    """A program that prints one token after the other."""

    def __init__(self, folder: Path) -> None:
        self._counter = folder / "counter"

    def printing(self, *tokens: str) -> tuple[str, ...]:
        return (sys.executable, "-c", COUNTED, str(self._counter), *tokens)

    @property
    def runs(self) -> int:
        return len(self._counter.read_text())


@pytest.fixture
def printer(tmp_path: Path) -> Printer:
    return Printer(tmp_path)


@pytest.fixture
def takes_any(demo: Demo) -> Demo:
    demo.script(READ.path, *[Scripted(200, b'{"workspaces":[]}')] * 40)
    return demo


def tokens(demo: Demo) -> list[str]:
    return [request.headers["authorization"] for request in demo.requests]


async def test_a_program_is_run_once_for_many_calls_and_again_before_its_token_ends(
    open_client: OpenClient, takes_any: Demo, printer: Printer
) -> None:
    now = 1000.0
    first, second = jwt(sub="1", exp=1060), jwt(sub="1", exp=2000)
    client = open_client(auth=CommandToken(printer.printing(first, second), clock=lambda: now))
    await asyncio.gather(*(client.ask(READ) for _ in range(20)))
    now = 1044
    await client.ask(READ)
    assert printer.runs == 1
    now = 1045
    await client.ask(READ)
    assert printer.runs == 2
    assert tokens(takes_any) == [f"Bearer {first}"] * 21 + [f"Bearer {second}"]


async def test_a_token_without_an_end_is_used_until_it_is_refused(
    open_client: OpenClient, demo: Demo, printer: Printer
) -> None:
    good = Scripted(200, b'{"workspaces":[]}')
    demo.script(READ.path, good, good, Scripted(401), good, Scripted(401), Scripted(401))
    client = open_client(auth=CommandToken(printer.printing("one", "two")))
    for _ in range(3):
        await client.ask(READ)
    assert tokens(demo) == ["Bearer one"] * 3 + ["Bearer two"]
    with pytest.raises(NotSignedIn):
        await client.ask(READ)
    assert sent(demo, READ.path) == 6


async def test_a_clock_that_is_wrong_does_not_run_it_for_every_call(
    open_client: OpenClient, takes_any: Demo, printer: Printer
) -> None:
    client = open_client(auth=CommandToken(printer.printing(jwt(exp=5)), clock=lambda: 1000.0))
    for _ in range(3):
        await client.ask(READ)
    assert printer.runs == 1


async def test_a_token_of_another_user_is_not_used(
    open_client: OpenClient, demo: Demo, printer: Printer
) -> None:
    demo.script(READ.path, Scripted(401))
    client = open_client(auth=CommandToken(printer.printing(jwt(sub="1"), jwt(sub="2"))))
    with pytest.raises(NotSignedIn, match="another user"):
        await client.ask(READ)
    assert sent(demo, READ.path) == 1


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("import sys; sys.exit('log in first')", "log in first"),
        ("import sys; sys.exit(3)", "code 3"),
        ("print()", "exactly one token"),
        ("print('sesame one')", "exactly one token"),
        ("print('s\u00e9same')", "exactly one token"),
    ],
)
async def test_a_program_that_gives_no_token_is_told(
    open_client: OpenClient, demo: Demo, code: str, why: str
) -> None:
    client = open_client(auth=CommandToken((sys.executable, "-c", code)))
    with pytest.raises(NotSignedIn, match=why) as refused:
        await client.ask(READ)
    assert "same" not in str(refused.value)
    assert demo.requests == []


async def test_a_program_that_fails_once_it_has_worked_is_passing_trouble(
    open_client: OpenClient, takes_any: Demo, printer: Printer
) -> None:
    now = 1000.0
    printing = printer.printing(jwt(sub="1", exp=1060), "no token", jwt(sub="1", exp=2000))
    client = open_client(auth=CommandToken(printing, clock=lambda: now))
    await client.ask(READ)
    now = 1059
    with pytest.raises(ApiRefused, match="exactly one token"):
        await client.ask(READ)
    await client.ask(READ)
    assert printer.runs == 3


@pytest.mark.parametrize("program", ["/there/is/none", "a\0b"])
async def test_a_program_that_is_not_there_is_told(open_client: OpenClient, demo: Demo, program: str) -> None:
    client = open_client(auth=CommandToken((program,)))
    with pytest.raises(NotSignedIn, match="returned no token"):
        await client.ask(READ)


async def test_it_can_not_ask_the_terminal(open_client: OpenClient, takes_any: Demo) -> None:
    code = "import os, sys; print('own' if os.getsid(0) == os.getpid() and not sys.stdin.read() else 'x y')"
    client = open_client(auth=CommandToken((sys.executable, "-c", code)))
    await client.ask(READ)
    assert tokens(takes_any) == ["Bearer own"]


async def test_the_program_gets_no_token_and_no_password_of_the_environment(
    open_client: OpenClient, takes_any: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("WLTUI_TOKEN", "WALLAROO_PASSWORD", "WALLAROO_SDK_CREDENTIALS"):
        monkeypatch.setenv(name, "sesame")
    told = "import os; print('seen', 'sesame' in os.environ.values(), sep='-')"
    await open_client(auth=CommandToken((sys.executable, "-c", told))).ask(READ)
    assert tokens(takes_any) == ["Bearer seen-False"]
