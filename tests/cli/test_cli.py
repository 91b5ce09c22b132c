"""The command line: what it answers by itself, and what it makes of mistakes."""

import base64
import io
import json
import os
import re
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, NamedTuple

import pytest

import wltui
from tests.support.pty_program import ROOT
from tests.support.waiting import LIMIT, running
from wltui.cli.commands import NAMES
from wltui.cli.main import main
from wltui.core.settings import cache_bytes, cache_days
from wltui.lifecycle.crash import format_report, redact
from wltui.store.bodies import pack
from wltui.store.response_cache import Cache, Owner

PLAIN = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": "/nonexistent"}
LARGE = {"textual", "rich", "httpx", "pyarrow", "asyncio"}
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJqYW5lIn0.c2lnbmF0dXJl"


class Answer(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def run(*words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run ``wltui`` without a terminal."""
    return subprocess.run(
        [sys.executable, "-m", "wltui", *words],
        cwd=ROOT,
        env={**PLAIN, **environ},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )


Obey = Callable[..., Answer]
"""``obey("cache", "info", NO_COLOR="1")``: words and environment."""


@pytest.fixture
def obey(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Obey:
    """Obeys a command line in this process: starting another takes thirty times as long."""

    def obey(*words: str, **environ: str) -> Answer:
        for name in os.environ:
            monkeypatch.delenv(name)
        for name, value in {**PLAIN, **environ}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "stdin", io.StringIO())
        return Answer(main(words), *capsys.readouterr())

    return obey


def to(output: IO[str], *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run ``wltui`` with its output to a file."""
    return subprocess.run(
        [sys.executable, "-m", "wltui", *words],
        cwd=ROOT,
        env={**PLAIN, **environ},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.PIPE,
        text=True,
        timeout=30,
        check=False,
    )


def test_help_names_every_flag_variable_and_exit_code() -> None:
    answer = run("--help")
    assert (answer.returncode, answer.stderr) == (0, "")
    for word in ("--demo", "--endpoint", "--profile", "--workspace", "--read-only", "--offline", "--refresh", "--ascii",
                 "demo-server", "doctor", "cache info", "cache clear", "WALLAROO_URL", "WLTUI_TOKEN",
                 "login", "logout", "whoami", "WALLAROO_USER", "WALLAROO_SDK_CREDENTIALS",
                 "WLTUI_PROFILE", "config.toml", "ESCDELAY",
                 "WALLAROO_REQUEST_TIMEOUT", "WLTUI_CACHE_MB", "WLTUI_CACHE_DAYS", "128+n"):  # fmt: skip
        assert word in answer.stdout
    assert all(len(line) <= 80 for line in answer.stdout.splitlines())


def test_help_names_every_command_and_the_files_path(tmp_path: Path) -> None:
    output = run("--help", XDG_CONFIG_HOME=str(tmp_path)).stdout
    commands = output.partition("\ncommands:\n")[2].partition("\n\n")[0]
    for command in (*NAMES, "help"):
        assert re.search(rf"^  {command}  +\w", commands, re.MULTILINE)
    assert f"  {tmp_path}/wltui/config.toml\n" in output
    assert run("help", XDG_CONFIG_HOME=str(tmp_path)).stdout == output
    assert run("help", "cache").stdout == run("cache", "--help").stdout
    assert run("help", "cache", "clear").stdout.startswith("usage: wltui cache clear [-h] [--endpoint URL]\n")


def test_no_core_dump_is_written_that_would_hold_a_token() -> None:
    program = """
import resource, sys
from wltui.__main__ import main
sys.argv = ["wltui", "--version"]
try:
    main()
except SystemExit:
    pass
print(resource.getrlimit(resource.RLIMIT_CORE))
"""
    ended = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ended.stdout.endswith("(0, 0)\n")


def test_version_is_one_line() -> None:
    assert run("--version").stdout == run("-V").stdout == f"wltui {wltui.__version__}\n"


# What stands around every command.

PRINTING = [
    (["--help"], ""), (["--help"], "1"), (["cache", "info"], ""), (["doctor", "--json"], "1"), (["demo-server"], ""),
]  # fmt: skip
"""Commands that print something, and whether Python is to hand on each write at once."""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize(("words", "unbuffered"), PRINTING)
def test_a_full_disk_is_one_line(words: list[str], unbuffered: str, tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        answer = to(full, *words, PYTHONUNBUFFERED=unbuffered, XDG_CACHE_HOME=str(tmp_path))
    assert answer.stderr == "wltui: the output can't be written: no space left on device\n"
    assert answer.returncode == 1


@pytest.mark.parametrize(("words", "unbuffered"), PRINTING)
def test_a_pipe_that_nobody_reads_ends_a_command_as_sigpipe_does(
    words: list[str], unbuffered: str, tmp_path: Path
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with open(writer, "w") as closed:
        answer = to(closed, *words, PYTHONUNBUFFERED=unbuffered, XDG_CACHE_HOME=str(tmp_path))
    assert (answer.returncode, answer.stderr) == (141, "")


@pytest.mark.parametrize("words", [["cache", "info"], ["--help"], ["--nonsense"]])
def test_closed_streams_are_no_crash(words: list[str], tmp_path: Path) -> None:
    command = [sys.executable, "-m", "wltui", *words]
    answer = subprocess.run(
        ["sh", "-c", f"{shlex.join(command)} >&- 2>&-"],
        cwd=ROOT, env={**PLAIN, "XDG_CACHE_HOME": str(tmp_path)}, timeout=30, check=False,
    )  # fmt: skip
    assert answer.returncode == (2 if words == ["--nonsense"] else 0)


def test_what_the_encoding_cannot_say_is_spelled(tmp_path: Path) -> None:
    cached(tmp_path, "one", Owner("https://a.example.com", "Jürgen Юрий"), 3)
    answer = run("cache", "info", XDG_CACHE_HOME=str(tmp_path), PYTHONIOENCODING="ascii")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert "  J\\xfcrgen \\u042e\\u0440\\u0438\\u0439\n" in answer.stdout


def test_a_name_can_neither_forge_a_line_nor_move_the_cursor(tmp_path: Path) -> None:
    name = "jane\n\nhttps://prod.example.com  admin\x1b]52;c;cm0gLXJmIH4=\x07"
    cached(tmp_path, "one", Owner("https://a.example.com", name), 3)
    cached(tmp_path, "two", Owner("https://a.example.com", "joe"), 3)
    output = run("cache", "info", XDG_CACHE_HOME=str(tmp_path)).stdout
    assert output.isascii()
    assert "\x1b" not in output
    assert len(output.split("\n\n")) == 3
    assert "jane\\n\\nhttps://prod.example.com  admin\\x1b]52;" in output
    several = run("--offline", "--endpoint", "https://a.example.com", XDG_CACHE_HOME=str(tmp_path)).stderr
    assert several.count("\n") == 1
    assert "\x1b" not in several


@pytest.fixture
def bound() -> tuple[str, ...]:
    """Return words before a command that make the modes of files count, though root runs the tests."""
    if os.geteuid() != 0:
        return ()
    if shutil.which("setpriv") is None:
        pytest.skip("root may do everything, and setpriv is not installed")
    return ("setpriv", "--bounding-set=-dac_override,-dac_read_search", "--inh-caps=-all")


@pytest.mark.parametrize(
    ("words", "name", "folder"),
    [
        (["whoami"], "state", "wltui"),
        (["logout"], "state", "wltui/tokens"),
        (["cache", "info"], "cache", "wltui"),
        (["cache", "clear"], "cache", "wltui"),
        (["doctor"], "state", "wltui"),
        (["doctor"], "config", "wltui"),
    ],
)
def test_a_folder_that_cannot_be_entered_is_named_with_what_mends_it(
    words: list[str], name: str, folder: str, tmp_path: Path, bound: tuple[str, ...]
) -> None:
    for kind in ("state/wltui/tokens", "cache/wltui", "config/wltui"):
        (tmp_path / kind).mkdir(parents=True)
    closed = tmp_path / name / folder
    closed.chmod(0)
    environ = {f"XDG_{kind.upper()}_HOME": str(tmp_path / kind) for kind in ("state", "cache", "config")}
    answer = subprocess.run(
        [*bound, sys.executable, "-m", "wltui", *words],
        cwd=ROOT,
        env={**PLAIN, **environ, "WALLAROO_URL": "http://127.0.0.1:9"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    closed.chmod(0o700)
    output = answer.stdout + answer.stderr
    assert answer.returncode in (1, 2)
    assert "permission denied" in output.lower() or f"{closed} can't be written" in output
    assert f"Run: chmod u+rwx {closed}" in output
    assert "Traceback" not in output


def test_an_error_that_nobody_expected_is_a_report_without_the_environments_secrets(tmp_path: Path) -> None:
    script = "import sys, wltui.cli.main as m, wltui.cli.commands.cache as c; c.cache_files = None; sys.exit(m.main())"
    answer = subprocess.run(
        [sys.executable, "-c", script.replace("None", "lambda f: 1 / len('')"), "cache", "info"],
        cwd=ROOT, env={**PLAIN, "XDG_CACHE_HOME": str(tmp_path), "WLTUI_TOKEN": "cache_files"},
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert (answer.returncode, answer.stdout) == (1, "")
    assert answer.stderr.startswith("wltui stopped on an error that it did not expect")
    assert "ZeroDivisionError" in answer.stderr
    assert "cache_files" not in answer.stderr


@pytest.mark.parametrize(
    "words",
    [
        ["--help"], ["--version"], ["demo-server", "--help"], ["doctor", "--help"],
        ["--demoo"], ["--demo"], [], ["cache", "info"],
        ["cache", "clear"],
    ],
)  # fmt: skip
def test_answers_that_need_no_screen_import_nothing_large(words: list[str], tmp_path: Path) -> None:
    script = """
import sys
from wltui.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print("imported:", *sys.modules)
"""
    answer = subprocess.run(
        [sys.executable, "-c", script, *words],
        cwd=ROOT, env={**PLAIN, "XDG_CACHE_HOME": str(tmp_path)}, stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=LIMIT, check=True,
    )  # fmt: skip
    imported = set(answer.stdout.rpartition("imported:")[2].split())
    assert "wltui.cli.main" in imported
    assert imported.isdisjoint(LARGE)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--demoo"], "'--demoo'. Did you mean --demo?"),
        (["--endpont=https://x"], "Did you mean --endpoint?"),
        (["demo-sever"], "'demo-sever'. Did you mean demo-server?"),
        (["--demo", "surplus"], "there is no 'surplus'"),
        (["--dem"], "Did you mean --demo?"),
        (["--workspace", "ten"], "'ten' is not a whole number"),
        (["--workspace", "0"], "'0' is not above 0"),
        (["--refresh", "0.5"], "'0.5' is below one second"),
        (["--refresh", "nan"], "'nan' is not a number"),
        (["--refresh", "-1"], "--refresh"),
        (["--endpoint"], "expected one argument"),
        (["--endpoint", "ftp://x"], "'ftp://x' is not a valid address"),
        (["--demo", "--endpoint", "https://x"], "--demo and --endpoint exclude each other"),
        (["--demo", "--profile", "x"], "--demo and --profile exclude each other"),
        (["--profile", "x"], "There is no profile 'x': /nonexistent/wltui/config.toml has none"),
        (["--demo", "--offline"], "--demo and --offline exclude each other"),
        (["cach"], "'cach'. Did you mean cache?"),
        (["help", "cach"], "'cach'. Did you mean cache?"),
        (["nonsense", "--help"], "there is no 'nonsense'"),
        (["cache"], "info|clear"),
        (["cache", "purge"], "'purge'"),
        (["cache", "info", "--endpoint", "https://x"], "--endpoint belongs to cache clear"),
        (["config", "check", "--endpoint", "x"], "--endpoint belongs to other commands, such as config diff"),
        (["cache", "clear", "--endpoint", "ftp://x"], "'ftp://x' is not a valid address"),
        (["cache", "clear", "--endpont", "https://x"], "Did you mean --endpoint?"),
        (["demo-server", "--port", "65536"], "'65536' is not between 0 and 65535"),
        (["config", "set", "1_6", "filter_threshold=1"], "'1_6' is not a whole number"),
        (["config", "set", "1" * 5000, "filter_threshold=1"], "is not a whole number"),
        (["demo-server", "--failures", "1.5"], "'1.5' is not between 0 and 1"),
        (["demo-server", "--api", "2020.1"], "2025.2"),
        (["demo-server", "--modells", "3"], "Did you mean --models?"),
    ],
)
def test_a_mistake_is_reported_in_one_line(obey: Obey, words: list[str], expected: str) -> None:
    answer = obey(*words)
    assert answer.returncode == 2
    assert answer.stdout == ""
    assert answer.stderr.startswith("wltui: ")
    assert answer.stderr.count("\n") == 1
    assert expected in answer.stderr


def test_with_nowhere_to_go_three_lines_show_where() -> None:
    answer = run()
    assert answer.returncode == 2
    assert [word in line for word, line in zip(
        ("--demo", "--endpoint", "README"), answer.stderr.splitlines(), strict=True
    )] == [True] * 3  # fmt: skip


def test_profiles_are_where_one_can_go_too_and_the_demo_does_not_look_at_them(tmp_path: Path) -> None:
    (tmp_path / "wltui").mkdir()
    config = tmp_path / "wltui" / "config.toml"
    config.write_text('[profiles.prod]\nendpoint = "https://x"\n[profiles.staging]')
    assert "wltui --profile prod|staging\n" in run(XDG_CONFIG_HOME=str(tmp_path)).stderr
    assert "not a terminal" in run("--profile", "prod", XDG_CONFIG_HOME=str(tmp_path)).stderr
    config.write_text("[profiles.prod]\nendpont = 1")
    output = run(XDG_CONFIG_HOME=str(tmp_path))
    assert output.returncode == 2
    assert output.stderr == (
        f"wltui: {config}, line 2: there is no 'endpont' in [profiles.prod]. Did you mean endpoint?\n"
    )
    assert "not a terminal" in run("--demo", XDG_CONFIG_HOME=str(tmp_path)).stderr
    config.write_text('default = "prd"\n[profiles.prod]\nendpoint = "https://x"')
    assert run(XDG_CONFIG_HOME=str(tmp_path)).stderr == (
        f"wltui: {config}, line 1: default is 'prd', which is no profile. Did you mean prod?\n"
    )
    assert "not a terminal" in run("--endpoint", "https://x", XDG_CONFIG_HOME=str(tmp_path)).stderr


def test_no_terminal_is_reported_in_one_line() -> None:
    answer = run("--demo")
    assert answer.returncode == 2
    assert answer.stderr.startswith("wltui: standard input is not a terminal")
    assert answer.stderr.count("\n") == 1


def test_an_address_in_the_environment_is_checked_too_but_not_for_the_demo() -> None:
    assert "'ftp://x' is not a valid address" in run(WALLAROO_URL="ftp://x").stderr
    assert "not a terminal" in run("--demo", WALLAROO_URL="ftp://x").stderr


@pytest.mark.parametrize(
    ("name", "unit"),
    [("WALLAROO_REQUEST_TIMEOUT", "seconds"), ("WLTUI_CACHE_MB", "megabytes"), ("WLTUI_CACHE_DAYS", "days")],
)
@pytest.mark.parametrize("value", ["soon", "0", "-1", "nan", "1e9"])
def test_numbers_in_the_environment_are_checked(obey: Obey, name: str, unit: str, value: str) -> None:
    answer = obey("--demo", **{name: value})
    assert answer.returncode == 2
    assert f"{name}='{value}' is not a valid number of {unit}. Set it to a number such as" in answer.stderr


def test_what_the_environment_says_of_the_cache_counts() -> None:
    assert (cache_bytes({}), cache_days({})) == (64 << 20, 30)
    assert (cache_bytes({"WLTUI_CACHE_MB": " 2.5 "}), cache_days({"WLTUI_CACHE_DAYS": "7"})) == (5 << 19, 7)


# The cache's commands.

JANE = Owner("https://a.example.com", "jane\x1b[2J\u202e")


def cached(folder: Path, name: str, owner: Owner | None, *days: int) -> Path:
    """Write a cache file as wltui leaves it, with answers that many days old."""
    path = folder / "wltui" / f"{name}.db"
    with closing(Cache(path, owner=owner)) as cache:
        for day in days:
            cache.put(
                pack("models/list", {"day": day}, b"{}" * 5_000), datetime.now(UTC) - timedelta(days=day)
            )
    return path


def test_cache_info_shows_what_is_kept_of_which_instance(tmp_path: Path) -> None:
    cached(tmp_path, "one", JANE, 3, 12)
    cached(tmp_path, "other", None)
    (tmp_path / "wltui" / "third.db").write_bytes(b"garbage " * 1000)
    answer = run("cache", "info", XDG_CACHE_HOME=str(tmp_path))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith(f"{tmp_path}/wltui: 3 files, ")
    one, other, third = answer.stdout.split("\n\n")[1:]
    assert one.startswith("https://a.example.com  jane\\x1b[2J\\u202e\n  one.db, ")
    assert one.endswith("2 answers, 3 d to 12 d old")
    assert other.startswith("instance unknown\n  other.db, ")
    assert other.endswith("no answers")
    assert third == "instance unknown\n  third.db, 8.0 kB\n  cannot be read: file is not a database\n"


def test_cache_info_of_nothing_is_one_line_and_makes_nothing(tmp_path: Path) -> None:
    answer = run("cache", "info", XDG_CACHE_HOME=str(tmp_path))
    assert (answer.returncode, answer.stdout) == (0, f"{tmp_path}/wltui: 0 files, 0 B\n")
    assert list(tmp_path.iterdir()) == []


def test_cache_clear_deletes_everything_and_says_how_much(tmp_path: Path) -> None:
    cached(tmp_path, "one", JANE, 1)
    (tmp_path / "wltui" / "damaged.db").write_bytes(b"garbage " * 1000)
    (tmp_path / "wltui" / "gone.visit").touch()
    answer = run("cache", "clear", XDG_CACHE_HOME=str(tmp_path))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert re.fullmatch(r"2 files cleared, \d+\.\d kB freed\n", answer.stdout)
    assert list((tmp_path / "wltui").iterdir()) == []


def test_cache_clear_of_one_instance_leaves_the_others(tmp_path: Path) -> None:
    folder = tmp_path / "wltui"
    cached(tmp_path, "one", JANE, 1)
    cached(tmp_path, "two.v2", JANE, 1)
    others = [
        cached(tmp_path, "other", Owner("https://b.example.com", "jane"), 1),
        cached(tmp_path, "x", None),
        folder / "other.visit",
        folder / "x.visit",
    ]
    for name in ("one.visit", "two.visit", "of-no-cache.visit", "other.visit", "x.visit"):
        (folder / name).touch()
    answer = run("cache", "clear", "--endpoint", "a.example.com/v1/api", XDG_CACHE_HOME=str(tmp_path))
    assert answer.stdout.startswith("2 files cleared")
    assert sorted(folder.iterdir()) == sorted(others)


def test_cache_clear_says_what_it_could_not_clear_and_clears_the_rest(tmp_path: Path) -> None:
    locked, free = cached(tmp_path, "locked", JANE, 1), cached(tmp_path, "free", JANE, 1)
    with closing(sqlite3.connect(locked, isolation_level=None)) as other:
        other.execute("pragma locking_mode = exclusive")
        other.execute("begin exclusive")
        answer = run("cache", "clear", XDG_CACHE_HOME=str(tmp_path))
    assert answer.returncode == 1
    assert answer.stdout.startswith("1 file cleared")
    assert answer.stderr == (
        f"wltui: {locked} was not cleared: database is locked. "
        "Try again when no other wltui uses it, or delete it yourself\n"
    )
    assert locked.exists()
    assert not free.exists()


@pytest.mark.parametrize("payload", [b'{"sub":"\\ud800"}', b'{"exp":' + b"9" * 400 + b',"email":["x"]}'])
def test_a_token_with_odd_claims_is_no_crash(payload: bytes) -> None:
    token = f"e30.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.sig"
    ended = run("doctor", WALLAROO_URL="http://127.0.0.1:1", WLTUI_TOKEN=token)
    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "by a token that does not say how long it lasts" in ended.stdout


@pytest.mark.parametrize("token", ["Bearer s3cr3t", "s3cr3t\x1b[1m", "s3cr3tю", "s3cr\n3t"])
def test_a_token_that_cannot_be_one_is_refused_and_not_shown(token: str) -> None:
    answer = run("--endpoint", "https://x", WLTUI_TOKEN=token)
    assert answer.returncode == 2
    assert "WLTUI_TOKEN is not a token" in answer.stderr
    assert "s3cr" not in answer.stderr


def test_a_token_may_have_blanks_around_it_and_the_demo_needs_none() -> None:
    assert "not a terminal" in run("--endpoint", "https://x", WLTUI_TOKEN=" s3cr3t\n").stderr
    assert "not a terminal" in run("--demo", WLTUI_TOKEN="no token").stderr


@contextmanager
def demo_server(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Yield a running ``wltui demo-server`` and the first line of its output."""
    process = subprocess.Popen(
        [sys.executable, "-m", "wltui", "demo-server", *words],
        cwd=ROOT, env=PLAIN, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    with running(process):
        assert process.stdout is not None
        yield process, process.stdout.readline()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 0), (signal.SIGTERM, 143)])
def test_the_demo_server_shows_its_address_and_serves_until_it_is_stopped(
    number: signal.Signals, code: int
) -> None:
    with demo_server("--api", "2023.4") as (process, line):
        form = b"grant_type=password&client_id=sdk-client&username=demo&password=demo"
        address = f"{line.strip()}/auth/realms/master/protocol/openid-connect/token"
        with urllib.request.urlopen(address, form, timeout=LIMIT) as answer:  # noqa: S310  our own server
            assert "access_token" in json.load(answer)
        process.send_signal(number)
        rest, errors = process.communicate(timeout=LIMIT)
        assert (process.returncode, rest, errors) == (code, "", "")


def test_a_port_in_use_is_reported_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = run("demo-server", "--port", str(port))
    assert answer.returncode == 1
    assert answer.stderr == f"wltui: cannot listen on 127.0.0.1:{port}: Address already in use\n"


def crash_of(message: str) -> Exception:
    """Return an error as the program may meet it, with a local variable in its frame."""
    local = f"local {message}"
    try:
        raise LookupError(f"nothing under {message}", len(local))
    except LookupError as error:
        return error


def test_a_crash_report_shows_versions_and_place_but_no_local_variables() -> None:
    output = format_report(crash_of("the stone"))
    assert f"wltui {wltui.__version__}, textual " in output
    assert "LookupError: ('nothing under the stone'" in output
    assert "crash_of" in output
    assert "local the stone" not in output


@pytest.mark.parametrize(
    "message",
    [
        JWT,
        f"Authorization: Bearer {JWT}",
        "authorization: bearer opaque-s1gnature",
        "Basic b3BhcXVlLXMxZ25hdHVyZQ==",
        "{'refresh_token': 'opaque-s1gnature', 'scope': 'x'}",
        "grant_type=password&password=opaque-s1gnature",
        "the static one: given-s1gnature!",
    ],
)
def test_no_credential_is_in_a_crash_report(message: str) -> None:
    output = format_report(crash_of(message), ["given-s1gnature!"])
    assert "[hidden]" in output
    for part in ("s1gnature", "c2lnbmF0dXJl", "b3BhcXVl"):
        assert part not in output


def test_a_crash_report_cannot_write_to_the_terminal_behind_its_lines() -> None:
    assert redact("a\x1b[2Jb\u202ec\nd") == "a\\x1b[2Jb\\u202ec\nd"


@pytest.mark.parametrize("name", NAMES)
def test_each_command_of_the_table_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([name, "--help"])
    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: wltui {name}")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_read_its_completion(shell: str, obey: Obey, tmp_path: Path) -> None:
    answer = obey("completion", shell)
    assert (answer.returncode, answer.stderr) == (0, "")
    for word in ("demo-server", "problems", "workspaces", "workspace", "cached"):
        assert word in answer.stdout
    script = tmp_path / "script"
    script.write_text(answer.stdout)
    if shutil.which(shell):
        subprocess.run([shell, "-n", script], check=True, timeout=LIMIT)
    if shell == "bash":
        for words, found in {
            "config set 16 --clear": "--clear-unknown",
            "config apply 16 scr": "script",
        }.items():
            line = f"wltui {words}".split()
            ask = f"COMP_WORDS=({' '.join(line)}); COMP_CWORD={len(line) - 1}; _shtab_wltui; echo $COMPREPLY"
            loaded = subprocess.check_output(
                [shell, "-c", f"source ./script; {ask}"], cwd=tmp_path, text=True, timeout=LIMIT
            )
            assert loaded == f"{found}\n"
