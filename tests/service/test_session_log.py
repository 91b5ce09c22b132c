"""The log of a whole session: what was asked, when and with what outcome, and nothing of what was in it."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from tests.support.services import LIST, last, session
from wltui.config.edit import ConfigEdit
from wltui.core.errors import WltuiError
from wltui.core.event_log import set_sink
from wltui.core.records import ModelVersion, VersionId, WorkspaceId
from wltui.demo import Demo, Scripted
from wltui.store.log_file import LogFile

LINE = re.compile(
    r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z pid=\d+ (?:"
    r"request method=POST url=http://127\.0\.0\.1:\d+(?P<path>/[\w/.-]+)(?: status=(?P<status>\d{3}))?"
    r"(?: error=(?P<error>\w+))? ms=\d+(?: bytes=(?P<bytes>\d+))? tries=(?P<tries>\d)"
    r"|(?P<event>sign-in|renewal)(?: error=(?P<failure>\w+))?)"
)
SECRET = "a-threshold-of-the-company"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LogFile]:
    file = LogFile(tmp_path / "log")
    set_sink(file)
    yield file
    set_sink(None)


def lines_of(log: LogFile) -> list[dict[str, str]]:
    """Return the facts of each line, which has the promised form."""
    log.close()
    found = [(line, LINE.fullmatch(line)) for line in log.path.read_text().splitlines()]
    assert not [line for line, match in found if not match]
    return [{name: fact for name, fact in match.groupdict().items() if fact} for _, match in found if match]


async def test_a_session_leaves_no_secret_and_no_body(demo: Demo, log: LogFile, tmp_path: Path) -> None:
    demo.script(LIST, Scripted(503, b"no healthy upstream"), Scripted(drop=True), Scripted(200, b'{"a":'))
    async with session(demo.url, tmp_path, graphql=True) as service:
        row = ModelVersion(id=VersionId(16), model_name="m")
        await last(service.workspaces())
        with pytest.raises(WltuiError):
            await last(service.models(WorkspaceId(10)))
        demo.sign_everybody_out()
        await last(service.models(WorkspaceId(10)))
        detail = await service.config_to_edit(row)
        assert detail.config
        edit = ConfigEdit(row.id, detail.config).with_value("tensor_fields", (SECRET,))
        demo.script("models/insert_model_config", Scripted(processed=True, drop=True))
        await service.save_config(row, edit)
        demo.script(
            "models/get_config_by_id", Scripted(400, json.dumps({"msg": SECRET, "code": 400}).encode())
        )
        with pytest.raises(WltuiError):
            await service.config_to_edit(row)

    lines = lines_of(log)
    requests = [line for line in lines if "path" in line]
    asked = Counter(line["path"].removeprefix("/v1/api/") for line in requests)
    left = Counter(
        line["path"].removeprefix("/v1/api/") for line in requests if line.get("error") == "CancelledError"
    )
    sent = Counter(request.path for request in demo.requests)
    assert sent <= asked, "each request has its line, and a repeated one has several"
    assert asked - left <= sent, "what nobody waited for any more may not have reached the server"
    assert {line["event"] for line in lines if "event" in line} == {"sign-in", "renewal"}
    of_list = [line for line in lines if line.get("path", "").endswith(LIST)]
    assert [(line.get("status"), "error" in line, line["tries"]) for line in of_list] == [
        ("503", False, "1"), (None, True, "2"), ("200", False, "3"), ("401", False, "1"), ("200", False, "2"),
    ]  # fmt: skip
    assert of_list[2]["bytes"] == "5"
    text = log.path.read_text()
    tokens = {request.headers.get("authorization", "Bearer -").split()[1] for request in demo.requests}
    forms = [parse_qs(request.body.decode()) for request in demo.requests if "openid" in request.path]
    tokens |= {value for form in forms for values in form.values() for value in values if len(value) > 20}
    assert len(tokens) > 3
    bodies = {request.body.decode() for request in demo.requests}
    for hidden in (
        *(tokens - {"-"}),
        *(bodies - {"{}"}),
        SECRET,
        "password",
        "refresh_token",
        "Bearer",
        "jane",
        "demo",
    ):
        assert hidden not in text


async def test_a_sign_in_that_fails_and_a_write_that_is_lost_have_their_lines(
    demo: Demo, log: LogFile
) -> None:
    token = "/auth/realms/master/protocol/openid-connect/token"
    demo.script(token, *[Scripted(401, b'{"error":"invalid_grant"}')] * 9)
    async with session(demo.url, None) as service:
        with pytest.raises(WltuiError):
            await last(service.workspaces())
    lines = lines_of(log)
    assert [line.get("event") or (line["path"], line["status"]) for line in lines] == [
        (token, "401"),
        "sign-in",
    ]
    assert lines[1]["failure"] == "NotSignedIn"
