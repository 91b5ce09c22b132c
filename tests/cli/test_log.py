"""``--log-file`` and ``WLTUI_LOG``: a log for any command about an instance."""

from pathlib import Path

from tests.support.commands import Commands
from wltui.demo import Demo


def test_each_way_to_ask_for_a_log_appends_to_it(wltui_here: Commands, demo: Demo, tmp_path: Path) -> None:
    log = tmp_path / "log"
    assert wltui_here("api", "workspaces/list", "--log-file", str(log)).code == 0
    assert wltui_here("api", "models/get_version_by_id", environ={"WLTUI_LOG": str(log)}).code == 5
    assert wltui_here("cache", "info", environ={"WLTUI_LOG": str(log)}).code == 0
    lines = log.read_text().splitlines()
    assert [line.split()[2] for line in lines] == ["start", "request", "sign-in", "request", "end"] * 2 + [
        "start",
        "end",
    ]
    assert lines[0].endswith("command=api")
    assert f"url={demo.url}/v1/api/workspaces/list status=200 ms=" in lines[3]
    assert "/v1/api/models/get_version_by_id status=400 ms=" in lines[8]


def test_a_log_that_cannot_be_written_is_refused_before_anything_is_sent(
    wltui_here: Commands, demo: Demo, tmp_path: Path
) -> None:
    for name in (str(tmp_path), "/dev/null", f"{tmp_path}/none/log", "~nobody-has-this-name/log"):
        refused = wltui_here("api", "workspaces/list", environ={"WLTUI_LOG": name})
        assert (refused.code, refused.out) == (2, "")
        assert refused.err.startswith(f"wltui: The log file {name} can't be used: ")
    (tmp_path / "link").symlink_to(tmp_path / "log")
    linked = wltui_here("api", "workspaces/list", "--log-file", str(tmp_path / "link"))
    assert (linked.code, "a symbolic link, which is not followed" in linked.err) == (2, True)
    assert wltui_here("api", "workspaces/list", "--log-file", "").code == 2
    assert not demo.requests


def test_the_command_of_a_snippet_has_a_log_too(wltui_here: Commands, tmp_path: Path) -> None:
    inner, outer = tmp_path / "inner", tmp_path / "outer"
    words = ("snippet", "curl", "get", "workspaces", "--log-file", str(inner))
    assert wltui_here(*words, environ={"WLTUI_LOG": str(outer)}).code == 0
    assert "/v1/api/workspaces/list status=200" in inner.read_text()
    assert [line.split()[2] for line in outer.read_text().splitlines()] == ["start", "end"]
