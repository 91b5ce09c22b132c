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
    for name in (str(tmp_path), "/dev/null", "/nonexistent/log"):
        refused = signed_in("api", "workspaces/list", WLTUI_LOG=name)
        assert (refused.code, refused.out) == (2, b"")
        assert refused.err.startswith(f"wltui: The log file {name} can't be used: ")
    assert not demo.requests
