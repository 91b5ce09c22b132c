"""``wltui login``, ``logout`` and ``whoami`` as programs, and the app after them."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from tests.support.pty_program import ROOT, Program
from tests.support.waiting import LIMIT, running
from wltui.auth.token_store import TokenStore
from wltui.core.settings import Settings
from wltui.demo import Demo, Scripted
from wltui.demo.keycloak import DEVICE_PATH, PAGE_PATH, TOKEN_PATH
from wltui.service.open import open_service

WLTUI = (sys.executable, "-m", "wltui")


@pytest.fixture
def demo() -> Iterator[Demo]:
    with Demo(seed=1, device_interval=1) as server:
        yield server


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    """Return the environment of a user with a new account on this host."""
    names = {name: str(tmp_path / name) for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    return {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", **names}


@pytest.fixture
def store(environ: dict[str, str]) -> TokenStore:
    return TokenStore(Path(environ["XDG_STATE_HOME"]) / "wltui")


class User:
    """Somebody without a terminal."""

    def __init__(self, demo: Demo, environ: dict[str, str]) -> None:
        self.demo = demo
        self.environ = environ

    def runs(self, *words: str, **environ: str) -> tuple[int, str]:
        """Return the exit code of ``wltui`` and its output."""
        ended = subprocess.run(
            [*WLTUI, *words],
            cwd=ROOT,
            env={**self.environ, "WALLAROO_URL": self.demo.url, **environ},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT,
            check=False,
        )
        return ended.returncode, ended.stdout

    def starts_login(self) -> tuple["subprocess.Popen[str]", str]:
        """Yield a running ``wltui login`` that waits, and its output so far."""
        program = subprocess.Popen(
            [*WLTUI, "login", "--endpoint", self.demo.url],
            cwd=ROOT,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert program.stdout is not None
        said = ""
        while "gives up" not in said:
            line = program.stdout.readline()
            assert line, said
            said += line
        return program, said


def code_in(said: str) -> str:
    """Return the code that ``wltui login`` printed."""
    found = re.search(r"the code should be (\S+)\. ", said)
    assert found, said
    return found[1]


@pytest.fixture
def user(demo: Demo, environ: dict[str, str]) -> User:
    return User(demo, environ)


def test_a_browser_anywhere_signs_in_and_out_again(user: User, demo: Demo, store: TokenStore) -> None:
    assert user.runs("whoami") == (
        3,
        f"Nobody is signed in to {demo.url}. Sign in: wltui login --endpoint {demo.url}\n",
    )
    program, said = user.starts_login()
    with running(program):
        form = {"user_code": code_in(said), "username": "demo", "password": "demo", "answer": "yes"}
        with urlopen(demo.url + PAGE_PATH, urlencode(form).encode()):  # noqa: S310  the demo
            pass
        output, _ = program.communicate(timeout=LIMIT)
        assert program.returncode == 0, output
        assert output == f"Signed in to {demo.url} as demo@example.com.\n"
    login = store.find_current(demo.url)
    assert login is not None
    assert user.runs("whoami") == (
        0,
        f"demo@example.com at {demo.url}, by wltui login\nThe instance accepts it.\n",
    )
    assert user.runs("logout") == (0, f"demo@example.com is signed out of {demo.url}.\n")
    assert user.runs("logout") == (0, f"Nobody is signed in to {demo.url} on this host.\n")
    assert store.load_all() == ()
    assert login.refresh is not None
    assert all(login.refresh.reveal() not in request.path for request in demo.requests)


def test_the_code_and_its_address_are_shown_and_ctrl_c_gives_up(
    user: User, demo: Demo, store: TokenStore
) -> None:
    program, said = user.starts_login()
    with running(program):
        assert f"    {demo.url}{PAGE_PATH}?user_code={code_in(said)}\n" in said
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=LIMIT)
        assert program.returncode == 130
    assert store.load_all() == ()


def test_what_the_service_says_reaches_the_terminal_as_text(user: User, demo: Demo) -> None:
    demo.script(
        DEVICE_PATH,
        Scripted(
            200,
            b'{"device_code":"d","user_code":"\\u001b[31mU","interval":1,"verification_uri":"https://a.example/\\u202ex"}',
        ),
    )
    demo.script(TOKEN_PATH, Scripted(400, b'{"error":"x","error_description":"\\u001b]0;x\\u0007"}'))
    code, said = user.runs("login")
    assert code == 3
    assert all(letter.isprintable() or letter == "\n" for letter in said)
    assert "and type the code" in said


def test_a_password_comes_from_the_environment_and_is_not_kept(
    user: User, demo: Demo, store: TokenStore
) -> None:
    wrong = {"WALLAROO_USER": "demo", "WALLAROO_PASSWORD": "sesame"}
    code, said = user.runs("login", "--password", **wrong)
    assert (code, said) == (
        3,
        "wltui: Signing in failed: Invalid user credentials. Check user and password\n",
    )
    code, said = user.runs("login", "--password", WALLAROO_USER="demo", WALLAROO_PASSWORD="demo")
    assert code == 0
    assert said.endswith("WALLAROO_USER comes before it, as long as it is set.\n")
    assert user.runs("whoami")[1].startswith("demo@example.com at")
    assert user.runs("whoami", WALLAROO_USER="demo", WALLAROO_PASSWORD="demo")[1].startswith("demo at")
    assert user.runs("whoami", WLTUI_TOKEN="x.y.z")[0] == 3
    assert "terminal to ask" in user.runs("login", "--password")[1]


def test_a_password_is_asked_for_without_an_echo(
    demo: Demo, environ: dict[str, str], store: TokenStore
) -> None:
    with Program([*WLTUI, "login", "--password"], environ={**environ, "WALLAROO_URL": demo.url}) as program:
        program.until(r"^User:")
        program.press(*"demo", "enter")
        program.until(r"^Password:")
        program.press(*"demo", "enter")
        shown = program.until(r"^Signed in")
        assert program.wait() == 0
    assert shown.count("demo") == 2, "the user's name and address"
    assert store.find_current(demo.url) is not None


def test_no_instance_and_no_such_profile_are_wrong_usage(user: User) -> None:
    for command in ("login", "logout", "whoami"):
        code, said = user.runs(command, WALLAROO_URL="")
        assert (code, said) == (
            2,
            "wltui: No instance is named. Add --endpoint https://HOST, or set WALLAROO_URL\n",
        )
        assert user.runs(command, "--profile", "prod")[0] == 2
        assert user.runs(command, "--help")[0] == 0


@pytest.mark.parametrize(("size", "fits"), [((80, 24), True), ((80, 18), False)])
def test_a_terminal_shows_a_qr_code_for_a_phone_where_it_fits(
    size: tuple[int, int], fits: bool, demo: Demo, environ: dict[str, str]
) -> None:
    environ = {**environ, "WALLAROO_URL": demo.url, "TERM": "xterm-256color"}
    with Program([*WLTUI, "login"], size=size, environ=environ) as program:
        shown = program.until("▄▄▄▄▄ █.*█ ▄▄▄▄▄(?s:.*)▄▄▄▄▄ █" if fits else "gives up")
    assert ("█ ▄▄▄▄▄ █" in shown) is fits
    assert len(re.findall(r"[A-Z]{4}-[A-Z]{4}", shown)) == 2, "in the address and beside it"


async def test_the_app_is_signed_in_then(user: User, demo: Demo, store: TokenStore) -> None:
    user.runs("login", "--password", WALLAROO_USER="demo", WALLAROO_PASSWORD="demo")
    service = open_service(Settings(demo.url), None, store.folder.parent)
    assert service.user == "demo@example.com"
    assert [answer.live async for answer in service.workspaces()] == [True]
    await service.close()


def test_tokens_that_others_may_read_end_the_program_before_it_begins(user: User, store: TokenStore) -> None:
    user.runs("login", "--password", WALLAROO_USER="demo", WALLAROO_PASSWORD="demo")
    (path,) = store.folder.glob("*.json")
    path.chmod(0o644)
    for words in (("whoami",), ("logout",)):
        code, said = user.runs(*words)
        assert (code, "open to others" in said) == (2, True)


def test_advice_to_sign_in_names_the_profile(user: User, demo: Demo, environ: dict[str, str]) -> None:
    config = Path(environ["XDG_CONFIG_HOME"]) / "wltui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        f'default = "lab"\n[profiles.lab]\nendpoint = "https://a.invalid"\n[profiles.prod]\nendpoint = "{demo.url}"\n'
    )
    output = f"Nobody is signed in to {demo.url}. Sign in: wltui login --profile prod\n"
    assert user.runs("whoami", "--profile", "prod") == (3, output)
    assert "wltui login --profile prod" in user.runs("doctor", "--profile", "prod")[1]


def test_a_password_is_not_sent_unprotected_before_somebody_says_so(user: User, demo: Demo) -> None:
    there = {"WALLAROO_URL": "http://wallaroo.invalid", "WALLAROO_USER": "demo", "WALLAROO_PASSWORD": "demo"}
    code, said = user.runs("login", "--password", **there)
    assert code == 2
    assert said.startswith("wltui: The connection to wallaroo.invalid is NOT ENCRYPTED")
    assert "The password was not sent" in said
    assert "no address is known" in user.runs("login", "--password", "--insecure", **there)[1]


def test_whoever_is_asked_about_an_unprotected_password_may_say_no(environ: dict[str, str]) -> None:
    there = {**environ, "WALLAROO_URL": "http://wallaroo.invalid"}
    with Program([*WLTUI, "login", "--password"], environ=there) as program:
        program.until(r"all the same\? \[y/N\]")
        program.press("enter")
        program.until("The password was not sent")
        assert program.wait() == 2
