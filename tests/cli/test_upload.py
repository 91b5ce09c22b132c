"""`wltui upload`: checked, shown, confirmed, sent once, with an exit code for each end."""

import asyncio
import errno
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.support.clock import NOW, at_once
from tests.support.commands import Commands
from tests.support.demo_server import sign_in
from tests.support.model_files import CUSTOM, onnx_model, zip_file
from tests.support.services import configure, refusing, session
from tests.support.uploads import LARGE, WORKSPACE
from tests.support.waiting import reached
from wltui.cli.upload_after import After, obey_upload
from wltui.cli.upload_prepare import UploadFlags
from wltui.config.text_forms import ConfigText, read_config_text
from wltui.core.errors import OutcomeUnknown, ReadOnlyMode, SaveDeclined, UsageError, WltuiError
from wltui.core.records import ModelVersion, VersionId
from wltui.core.settings import Settings
from wltui.demo import Demo, Scripted
from wltui.demo.schemas import PYTORCH_INPUT
from wltui.demo.world import Build
from wltui.lifecycle.console import OutputLost, exit_code
from wltui.service.edit_sources import copy_source, file_source
from wltui.service.service import Service

Capture = pytest.CaptureFixture[str]
NAME = "api-upload-pytorch-multi-io"
"""A model whose version 16 has schemas."""


class Run:
    """One run of the command in a session."""

    def __init__(self, demo: Demo, service: Service, folder: Path) -> None:
        self.demo, self.service = demo, service
        self.file = folder / "ccfraud.onnx"
        self.file.write_bytes(onnx_model())

    async def __call__(
        self,
        typed: str | None = None,
        *,
        after: After | None = None,
        settings: dict[str, bool] | None = None,
        **flags: Any,
    ) -> int:
        """Return the exit code; ``typed`` is what the user answers, None if there is no terminal."""

        async def ask(_: str) -> str:
            return typed or ""

        given = {"file": self.file, "workspace": str(WORKSPACE), "yes": typed is None, **flags}
        try:
            return await obey_upload(
                self.service,
                Settings(self.demo.url, **(settings or {})),  # type: ignore[arg-type]
                UploadFlags(**given),
                after or After(wait=at_once),
                None if typed is None else ask,
            )
        except WltuiError as error:
            self.error = error
            return exit_code(error)


@pytest.fixture
async def run(demo: Demo, tmp_path: Path) -> AsyncIterator[Run]:
    async with session(demo.url, tmp_path / "state", graphql=True) as service:
        yield Run(demo, service, tmp_path)


async def test_a_file_is_shown_asked_about_and_its_version_printed_alone(run: Run, capsys: Capture) -> None:
    run.demo.script("config", Scripted(body=b'{"default_arch":"arm"}'))
    assert await run("yes") == 0
    out, err = capsys.readouterr()
    (number,) = out.split()
    version = run.demo.world.versions[int(number)]
    assert version.file_name == "ccfraud.onnx"
    assert f"SHA-256 {version.sha}" in err
    assert "as ccfraud: a new model" in err
    assert (
        "framework onnx (It is an ONNX model), arm (the instance's default), acceleration none, by models/upload"
        in err
    )
    assert await run("no", accel="openvino") == 5
    assert isinstance(run.error, SaveDeclined)
    err = capsys.readouterr().err
    assert "x86 (all that openvino takes), acceleration openvino" in err
    assert f"note: This very file is version {number} of ccfraud, which is ready." in err
    assert run.demo.uploads_begun == 1


async def test_each_end_has_its_exit_code(run: Run, capsys: Capture) -> None:
    run.demo.fail_uploads("memory", "storage", "lost-answer", "lost-before")
    assert [await run() for _ in range(4)] == [5, 5, 0, 8]
    assert "The answer was lost; the version was found by the file's hash." in capsys.readouterr().err
    assert await run(output="json") == 8  # the last one may still be stored, and there is nobody to ask
    assert isinstance(run.error, OutcomeUnknown)
    assert run.demo.uploads_begun == 4
    assert await run("yes") == 0
    run.demo.stop()
    assert await run() == 6


class Gone(io.TextIOWrapper):
    """A stream that nobody reads any more."""

    def write(self, _: str) -> int:
        raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


async def test_ctrl_c_finds_the_outcome_though_nobody_reads_its_messages(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As in ``wltui upload … 2>&1 | tee log``, where ctrl+c ends tee first."""
    os.truncate(run.file, LARGE)  # else all of it may be on its way when ctrl+c comes, and be stored
    run.demo.fail_uploads("slow")
    sending = asyncio.create_task(run(force=True))
    await reached(lambda: run.demo.uploads_begun)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", Gone(io.BytesIO()))
        sending.cancel()
        with pytest.raises(OutputLost):  # main() makes 141 of it
            await sending
    assert not await run.service.uploads.unsettled()
    sha = hashlib.sha256(run.file.read_bytes()).hexdigest()
    assert sha not in {version.sha for version in run.demo.world.versions.values()}


async def test_nothing_is_sent_read_only_unconfirmed_or_for_another_model(run: Run) -> None:
    assert await run(settings={"read_only": True}) == 5
    assert isinstance(run.error, ReadOnlyMode)
    assert await run(settings={"protected": True}) == 5  # --yes is not enough
    assert await run(confirm="fraud") == 5
    assert await run(yes=False) == 5
    assert await run(workspace="nix") == 4
    assert await run(workspace="") == 2
    assert await run(name="") == 2
    assert str(run.error) == "The model has no name: --name is empty. Add --name, such as --name ccfraud"
    assert await run(file=Path("nix.onnx")) == 2
    assert run.demo.uploads_begun == 0
    assert await run(settings={"protected": True}, confirm="ccfraud") == 0


async def test_a_file_that_will_be_refused_is_sent_only_by_force(
    run: Run, tmp_path: Path, capsys: Capture
) -> None:
    run.file = tmp_path / "model.keras"
    run.file.write_bytes(b"x")
    assert await run(framework="keras", name="fresh") == 2
    assert "Add --force to send it all the same." in capsys.readouterr().err
    assert run.demo.uploads_begun == 0
    assert await run(framework="keras", name="fresh", force=True) == 5
    run.file.rename(tmp_path / "model.bin")
    run.file = tmp_path / "model.bin"
    assert await run() == 2
    assert isinstance(run.error, UsageError)
    assert run.error.advice == "Add --framework"


async def test_no_version_gets_a_config_unless_it_surely_holds_the_file(run: Run, capsys: Capture) -> None:
    configure(run.demo, 16, filter_threshold=0.75)
    source = copy_source(await run.service.config_to_edit(ModelVersion(id=VersionId(16))))
    passes = Scripted(processed=True)
    run.demo.script("models/list", passes, passes, refusing("no", 403))
    assert await run(after=After(config=source, wait=at_once)) == 8
    out, err = capsys.readouterr()
    version = run.demo.world.versions[int(out)]
    assert f"as version {version.id}; that could not be checked (no)." in err
    assert str(run.error).startswith(f"The config of version {version.id} was not sent")
    assert len(version.configs) == 1


async def test_a_further_version_gets_schemas_and_a_config_and_is_followed(
    run: Run, tmp_path: Path, capsys: Capture
) -> None:
    configure(run.demo, 16, filter_threshold=0.75)
    source = copy_source(await run.service.config_to_edit(ModelVersion(id=VersionId(16))))
    run.file = zip_file(tmp_path / "fraud.zip", CUSTOM)
    after = After(config=source, wait=at_once)
    assert await run(name=NAME, output="json", after=after, options={"batch": "8"}) == 0
    out, err = capsys.readouterr()
    shown = "Then its config, sent without another question: 3 fields to change."
    before = err[: err.index("was stored as")]
    assert shown in before
    assert "+ 0.75" in before
    record = json.loads(out)
    version = run.demo.world.versions[record["version_id"]]
    assert (record["outcome"], record["config_saved"], record["framework"]) == ("saved", True, "custom")
    assert version.configs[0].input_schema == PYTORCH_INPUT.base64
    assert version.configs[-1].filter_threshold == 0.75
    assert version.conversion is not None
    assert version.conversion["framework_config"]["config"]["batch"] == 8


async def test_a_config_that_the_version_can_not_get_is_found_before_the_upload(
    run: Run, capsys: Capture
) -> None:
    def config(**fields: object) -> After:
        read = read_config_text(json.dumps(fields))
        assert isinstance(read, ConfigText)
        return After(config=file_source(read, "c.json"))

    assert await run("yes", after=config(version_id=16, batch_config="single")) == 2
    assert str(run.error).startswith(
        "c.json has the config of version 16, not of the new version of ccfraud."
    )
    batching = {"max_batch_delay_ms": 5, "batch_size_target": 4}
    assert await run("no", after=config(dynamic_batching_config=batching)) == 5
    assert "warning: The config would be refused:" in capsys.readouterr().err
    assert await run("no", after=config(batch_config=None)) == 5
    assert "Then its config: nothing to change in what the upload itself makes" in capsys.readouterr().err
    assert run.demo.uploads_begun == 0


async def test_wait_fails_with_the_version(run: Run, tmp_path: Path, capsys: Capture) -> None:
    run.file = zip_file(tmp_path / "fraud.zip", {"main.py": "", "requirements.txt": ""})

    async def fails(_: float) -> None:
        run.demo.world.versions[max(run.demo.world.versions)].build = Build(NOW, (), "error")

    after = After(is_followed=True, wait=fails)
    assert await run(framework="custom", name="fresh", output="json", after=after) == 1
    record = json.loads(capsys.readouterr().out)
    assert (record["outcome"], record["status"]) == ("saved", "error")


def test_the_command_reads_its_flags(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, demo: Demo) -> None:
    wltui = Commands(monkeypatch, tmp_path, demo.url)
    file = tmp_path / "it's \"a;b, $(id) \\ é.zip"
    zip_file(file, CUSTOM)
    words = ("upload", str(file), "--workspace", str(WORKSPACE), "--dry-run", "--option", "a=1")
    shown = wltui(*words)
    assert shown.code == 0
    assert json.loads(shown.out)["conversion"]["framework_config"]["config"] == {
        "a": 1,
        "model_path": "./model/",
    }
    assert "warning: The framework custom needs an input and an output schema." in shown.err
    assert wltui("upload", str(file), "-o", "sdk").code == 2
    code = wltui(*words, "-o", "sdk").out
    compile(code, "snippet", "exec")
    assert code.replace("\n", "").isprintable()
    assert "UploadRequest.from_dict({" in code
    assert wltui("upload", str(file), "--option", "x", "--workspace", "10").code == 2
    environ = {"WLTUI_TOKEN": sign_in(demo.url), "PATH": "/usr/local/bin:/usr/bin:/bin"}
    program = wltui(*words, "-o", "requests").out
    assert program.replace("\n", "").isprintable()
    assert wltui("upload", str(file), "--workspace", str(WORKSPACE), "--yes", "--option", "a=1").code == 0
    if find_spec("requests"):
        ended = subprocess.run(
            [sys.executable, "-c", program], env=environ, capture_output=True, timeout=60, check=False
        )
        assert ended.returncode == 0, ended
        by_wltui, by_requests = (
            re.sub(rb"(?<=--)[0-9a-f]{32}", b"", request.body)
            for request in demo.requests
            if request.path == "models/upload_and_convert"
        )
        assert by_wltui == by_requests
        assert demo.requests[-1].headers["content-length"] == str(len(demo.requests[-1].body))
    if shutil.which("curl"):
        script = wltui(*words, "-o", "curl").out
        ended = subprocess.run(
            ["/bin/sh", "-c", script], env=environ, capture_output=True, timeout=60, check=False
        )
        assert ended.returncode == 0, ended
        first, *others = (version for version in demo.world.versions.values() if version.sha in shown.err)
        assert {version.file_name for version in others} == {first.file_name}
