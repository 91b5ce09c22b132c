"""``--log-file`` and ``WLTUI_LOG``: a log for any command about an instance."""

from pathlib import Path

from tests.support.command_line import CommandLine
from wltui.demo import Demo


def test_each_way_to_ask_for_a_log_appends_to_it(signed_in: CommandLine, demo: Demo, tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert signed_in("api", "workspaces/list", "--log-file", str(log)).code == 0
    assert signed_in("api", "models/get_version_by_id", WLTUI_LOG=str(log)).code == 5
    assert signed_in("cache", "info", WLTUI_LOG=str(log)).code == 0
    lines = log.read_text().splitlines()
    assert [line.split()[2] for line in lines] == ["start", "request", "sign-in", "request", "end"] * 2 + [
        "start",
        "end",
    ]
    assert lines[0].endswith("command=api")
    assert f"url={demo.url}/v1/api/workspaces/list status=200 ms=" in lines[3]
    assert "/v1/api/models/get_version_by_id status=400 ms=" in lines[8]


def test_a_log_that_cannot_be_written_is_refused_before_anything_is_sent(
    signed_in: CommandLine, demo: Demo, tmp_path: Path
) -> None:
    for name in (str(tmp_path), "/dev/null", f"{tmp_path}/none/log", "~nobody-has-this-name/log"):
        refused = signed_in("api", "workspaces/list", WLTUI_LOG=name)
        assert (refused.code, refused.out) == (2, b"")
        assert refused.err.startswith(f"wltui: The log file {name} can't be used: ")
    (tmp_path / "link").symlink_to(tmp_path / "log")
    linked = signed_in("api", "workspaces/list", "--log-file", str(tmp_path / "link"))
    assert (linked.code, "a symbolic link, which is not followed" in linked.err) == (2, True)
    assert signed_in("api", "workspaces/list", "--log-file", "").code == 2
    assert not demo.requests


def test_the_command_of_a_snippet_has_a_log_too(signed_in: CommandLine, tmp_path: Path) -> None:
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    words = ("snippet", "curl", "get", "workspaces", "--log-file", str(inner))
    assert signed_in(*words, WLTUI_LOG=str(outer)).code == 0
    assert "/v1/api/workspaces/list status=200" in inner.read_text()
    assert [line.split()[2] for line in outer.read_text().splitlines()] == ["start", "end"]
