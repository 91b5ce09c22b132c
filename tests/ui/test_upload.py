"""The key u: a file becomes a version, from the form over the review to the end, and nothing is sent twice."""

import asyncio
import hashlib
import shutil
from pathlib import Path

import pytest
from msgspec.structs import replace
from textual.events import Paste

from tests.support.clock import NOW
from tests.support.model_files import onnx_model
from tests.support.screens import check_sizes, crumbs, line_with, words
from tests.support.services import configure
from tests.support.session import OpenApp, Session
from tests.support.uploads import WORKSPACE, digest_of, plan_of, running_upload, write_custom_model
from wltui.auth.identity import identify
from wltui.core.instant import Instant
from wltui.core.records import VersionId
from wltui.core.settings import Secret, Settings
from wltui.demo import Demo
from wltui.demo.schemas import PYTORCH_INPUT, PYTORCH_OUTPUT
from wltui.demo.world import Version
from wltui.service.upload.queue import State
from wltui.store.upload_history import UploadHistory, UploadRecord
from wltui.ui.text.spans import Role
from wltui.ui.widgets.line import Line
from wltui.ui.widgets.noted_row import NotedRow
from wltui.ui.widgets.upload_form import UploadForm

NAME = "api-upload-pytorch-multi-io"
"""The model with versions 16 to 20, the first in the list of workspace 10."""


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder that the program is started in, which is the user's home as well."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HOME", str(folder))
    return folder


def onnx(folder: Path, name: str = "ccfraud.onnx") -> Path:
    """Write an ONNX model."""
    (folder / name).write_bytes(onnx_model())
    return folder / name


class Early(Line):
    """A control of a row that gets its notes while it is being mounted."""

    def on_mount(self) -> None:
        assert isinstance(self.parent, NotedRow)
        self.parent.show_notes([(("known meanwhile", Role.PLAIN),)])


async def enter(session: Session, text: str) -> None:
    """Paste a text where the cursor is."""
    session.app.post_message(Paste(text))
    await session.settle()


def made_of(demo: Demo, path: Path) -> list[Version]:
    """Return the versions that the server has of a file."""
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    return [version for version in demo.world.versions.values() if version.sha == sha]


async def test_a_file_becomes_a_version_with_what_is_known_filled_in(
    open_app: OpenApp, demo: Demo, here: Path, redraw: bool
) -> None:
    path = write_custom_model(here)
    async with open_app(workspace=WORKSPACE, size=(80, 24)) as session:
        await session.press("u", *"frau", "tab")
        await session.until(lambda: "SHA-256" in session.text)
        assert "Fraud, a class of Inference" in words(session)
        assert "a new model" in session.text
        await session.until(lambda: "the instance's default" in session.text)
        assert "needs an input and an output schema" in words(session)
        await check_sizes(session, "upload-form", redraw)
        await session.press("escape", "u")
        assert "fraud.zip" in session.text  # what was typed is kept
        await session.press("ctrl+s")
        assert crumbs(session).endswith("Upload › Review")
        await check_sizes(session, "upload-review", redraw)
        await session.press("c", "c")
        await session.until(lambda: "--form" in session.app.clipboard)
        assert f'file=@"{path}";filename="fraud.zip"' in session.app.clipboard
        assert "metadata=<-;type=application/json" in session.app.clipboard
        for letter, words_of_it in (("p", "requests.post("), ("k", "UploadPayloadDoc(")):
            await session.press("c", letter)
            await session.until(lambda expected=words_of_it: expected in session.app.clipboard)  # type: ignore[misc]
        await session.press("enter")
        assert crumbs(session).endswith("Upload")
        assert made_of(demo, path) == []
        await session.press("ctrl+s", "right", "enter")
        await session.until(lambda: "was stored as version" in session.text)
        (version,) = made_of(demo, path)
        assert crumbs(session).endswith("Uploads")
        await session.press("enter")
        assert crumbs(session).endswith(f"version {version.id}")
        await session.press("escape", "escape", "u")
        assert "fraud.zip" not in session.text  # the next form is empty
        await session.app.screen.mount(NotedRow("early", "Early", Early()), before="#status")
        await session.settle()
        assert "known meanwhile" in session.text


async def test_a_further_version_gets_schemas_and_config_of_the_one_before(
    open_app: OpenApp, demo: Demo, here: Path
) -> None:
    path = write_custom_model(here)
    async with open_app(workspace=WORKSPACE, size=(100, 30), graphql=True) as session:
        await session.press("enter", "u")
        assert NAME in words(session)
        await enter(session, path.name)
        await session.until(lambda: "from version" in session.text)
        assert "the 6th version of this model; the newest is 19" in words(session)
        assert "input_1: fixed_size_list<item: float>[10]" in session.text
        await session.press("ctrl+s", "right", "enter")
        await session.until(lambda: "was stored as version" in session.text)
        (version,) = made_of(demo, path)
        first = version.configs[0]
        assert (first.input_schema, first.output_schema) == (PYTORCH_INPUT.base64, PYTORCH_OUTPUT.base64)
        assert "e configures it like version 16" in words(session)
        configure(demo, 16, filter_threshold=0.75)  # without schemas
        await session.press("e")
        await session.until(lambda: "0.75" in session.text)
        assert "its own schemas stay" in words(session)
        await session.press("ctrl+s", "right", "enter")
        await session.until(lambda: len(version.configs) == 2)
        assert version.configs[-1].filter_threshold == 0.75
        assert version.configs[-1].input_schema == PYTORCH_INPUT.base64
        await session.until(lambda: crumbs(session).endswith("Uploads"))
        await session.press("escape", "u")
        await enter(session, path.name)
        await session.until(lambda: f"This very file is version {version.id}" in words(session))
        await session.press("tab", "tab", "v")  # to the only framework that begins with it
        assert "gpu_memory_utilization" in session.text
        assert line_with(session, "Framework").endswith("◉ vllm   ○ sglang")
        form = session.app.screen.query_one(UploadForm)
        other = replace(form.draft, framework="sglang")
        two_tasks = form.show_draft(other), form.show_draft(form.draft)
        await asyncio.gather(*two_tasks)
        await session.settle()
        assert "gpu_memory_utilization" in session.text
        await session.press(*["down"] * 5, "x")
        assert "block_size is x; it has to be a whole number" in words(session)


async def test_a_lost_answer_is_settled_by_the_file_and_never_by_sending_again(
    open_app: OpenApp, demo: Demo, here: Path, tmp_path: Path
) -> None:
    lost = write_custom_model(here)
    async with open_app(workspace=WORKSPACE, size=(80, 24)) as session:
        demo.fail_uploads("lost-before", "memory")
        await send(session, lost)
        await session.until(lambda: "It is not known yet" in words(session))
        await session.press("f5")
        await session.until(lambda: "f5 looks again" in words(session))
        assert "1 unsettled upload: U" in session.text
        assert made_of(demo, lost) == []
        await session.press("escape", "u")
        await enter(session, lost.name)
        await session.until(lambda: "May be stored twice: The outcome of your upload" in words(session))
        await session.press("ctrl+n", "escape")
        await send(session, write_custom_model(here, "other.zip"))
        await session.until(lambda: "not enough memory" in words(session))
        await session.press("delete", "escape", "U")
        assert "other.zip" not in session.text
        assert demo.uploads_begun == 2
        await session.press("escape", "u")
        assert "other.zip" in session.text  # the form as it was, since nothing was stored
        await session.press("ctrl+n", "escape", "U")
        shutil.rmtree(tmp_path / "state" / "history")
        (tmp_path / "state" / "history").write_text("in the way")
        await session.press("escape")
        await send(session, write_custom_model(here, "third.zip"))
        await session.until(lambda: "could not be recorded first" in words(session))
        await session.press("s", "right", "enter")
        await session.until(lambda: "third.zip was stored as version" in words(session))
        assert demo.uploads_begun == 3


async def send(session: Session, path: Path) -> None:
    """Upload a file from a list of models."""
    await session.press("u")
    await enter(session, path.name)
    await session.until(lambda: "SHA-256" in session.text)
    await session.press("ctrl+s", "right", "enter")


def leave_open(demo: Demo, folder: Path, state: Path) -> None:
    """Record an upload as a program does that ends before the last byte was sent."""
    plan = plan_of(folder)
    digest = digest_of(plan)
    user = identify(Settings(demo.url, login=("demo", Secret("demo"))), None, None)
    history = UploadHistory(state, user.key, lambda: NOW)
    history.begin(
        UploadRecord(
            id="", began=Instant(NOW), user="demo", model_name=plan.name, workspace_id=WORKSPACE,
            file_name=plan.file_name, sha256=digest.sha256, size=digest.size, route=plan.route,
            metadata=plan.metadata(), newest_before=VersionId(0),
        )
    )  # fmt: skip


async def test_progress_is_on_every_screen_and_an_earlier_run_is_settled(
    open_app: OpenApp, demo: Demo, here: Path, tmp_path: Path, redraw: bool
) -> None:
    leave_open(demo, here, tmp_path / "state")
    upload = running_upload(here)
    async with open_app(workspace=WORKSPACE, size=(80, 24)) as session:
        await session.until(lambda: "1 unsettled upload: U" in session.text)
        await session.press("U")
        await session.until(lambda: "the program ended before the last byte" in words(session))
        assert "unsettled" not in session.text
        await session.press("delete", "escape")
        session.app.uploads.all.append(upload)
        await session.press("U")
        assert "41 % 500.0 MB of 1.2 GB 25.0 MB/s 28 s left" in words(session)
        await check_sizes(session, "upload-progress", redraw)
        await session.press("x")
        assert "breaks the upload off before its end. Nothing is stored." in words(session)
        await session.press("enter", "escape")
        assert "⇧ 41 %" in session.text
        await session.press("q")
        assert "Quitting breaks the upload off before its end. Nothing is stored." in words(session)
        await session.press("enter")
        assert crumbs(session).endswith("⟨10⟩")
        await session.press("ctrl+p", *"fraud.z")
        assert "fraud.zip to ccfraud sending 41 %" in words(session)
        await session.press("enter")
        assert crumbs(session).endswith("Uploads")
        assert upload.job is not None
        for key in ("x", "ctrl+q"):
            upload.job.enter(State.SENDING)
            await session.press(key)
            assert "breaks the upload off before its end. Nothing is stored." in words(session)
            upload.job.enter(State.TAKEN_IN)
            await session.press("f1", "f1")
            assert "The file was sent and can't be taken back." in words(session)
            await session.press("escape")
            assert crumbs(session).endswith("Uploads")
        upload.sent_at = NOW
        await session.press("escape", "U")
        assert "the platform takes it in. Its last byte left at 14:30:00" in words(session)


async def test_read_only_refuses_before_and_a_protected_profile_asks_for_the_name(
    open_app: OpenApp, demo: Demo, here: Path
) -> None:
    path = onnx(here)
    async with open_app(workspace=WORKSPACE, read_only=True) as session:
        await session.press("u")
        assert "Upload: this session is read-only." in session.text
    async with open_app(workspace=WORKSPACE, protected=True) as session:
        await send(session, path)
        assert "Not sent. Type the model's name here first." in session.text
        await session.type("ccfraud")
        assert "name here first" not in session.text
        await session.press("enter", "enter")
        await session.until(lambda: "was stored as version" in session.text)
    assert len(made_of(demo, path)) == 1
