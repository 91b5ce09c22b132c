"""`wltui config`: as safe as the editor, with an exit code for each end, and nothing but the result on stdout."""

import asyncio
import io
import json
import os
import pty
import sys
import tomllib
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.clock import NOW
from tests.support.services import INSERT, VERSION, configure, refusing, saying, sent, session
from tests.support.waiting import limit, reached
from wltui.cli.ask import ask_on
from wltui.cli.config_save import ConfigSaver, SaveOptions
from wltui.cli.main import main
from wltui.cli.profile_keys import KEYS
from wltui.config.document import format_file
from wltui.config.edit import ConfigEdit, Draft
from wltui.config.text_forms import ConfigText, config_record, format_config, read_config_text
from wltui.core.errors import (
    ApiRefused,
    ConfigClash,
    ConfigMoved,
    HistoryUnwritable,
    NotSignedIn,
    OutcomeUnknown,
    ReadOnlyMode,
    SaveDeclined,
    WltuiError,
)
from wltui.core.records import ConfigId, ModelVersion, Outcome, VersionId
from wltui.core.settings import Settings
from wltui.demo import Demo, Scripted
from wltui.demo.schemas import PYTORCH_INPUT, PYTORCH_OUTPUT
from wltui.demo.world import Config
from wltui.lifecycle.console import OutputLost, exit_code
from wltui.service.edit_sources import file_source, revert_source, set_source
from wltui.service.service import Service
from wltui.store.save_history import History

NUMBER = VersionId(16)
"""Its only config is 26, with schemas."""
THRESHOLD = set_source([("filter_threshold", "0.5")])
WHOLE: dict[str, Any] = {"input_schema": PYTORCH_INPUT.base64, "output_schema": PYTORCH_OUTPUT.base64}
Capture = pytest.CaptureFixture[str]


def newest(demo: Demo) -> Config:
    return demo.world.versions[NUMBER].configs[-1]


def saver(
    demo: Demo,
    service: Service,
    typed: str | None = None,
    *,
    protected: bool = False,
    read_only: bool = False,
    **flags: Any,
) -> ConfigSaver:
    """The command's part in a session; ``typed`` is what the user answers, None if there is no terminal."""

    async def ask(question: str) -> str:
        return typed or ""

    session = Settings(endpoint=demo.url, protected=protected, read_only=read_only)
    return ConfigSaver(service, session, SaveOptions(**flags), None if typed is None else ask)


# What is printed and sent


async def test_a_save_shows_the_change_asks_and_prints_the_id_alone(demo: Demo, capsys: Capture) -> None:
    async with session(demo.url, None, graphql=True) as service:
        assert await saver(demo, service, "yes").save(NUMBER, THRESHOLD) == 0
        (entry,) = service.history.entries(NUMBER)
    out, err = capsys.readouterr()
    assert out == f"{newest(demo).id}\n"
    assert "  filter_threshold\n- null\n+ 0.5\n" in err
    assert f"saved as config {newest(demo).id}. " in err
    assert (newest(demo).filter_threshold, newest(demo).input_schema) == (0.5, PYTORCH_INPUT.base64)
    assert (entry.outcome, entry.model_name != "") == (Outcome.SAVED, True)
    assert len(sent(demo)) == 1


async def test_nothing_to_change_is_no_save(demo: Demo, capsys: Capture) -> None:
    async with session(demo.url, None, graphql=True) as service:
        assert await saver(demo, service).save(NUMBER, set_source([("batch_config", "null")])) == 0
        assert (
            await saver(demo, service, output="json").save(NUMBER, set_source([("batch_config", "null")]))
            == 0
        )
        assert service.history.entries(NUMBER) == ()
    first, _, record = capsys.readouterr().out.partition("\n")
    assert first == "26"
    assert json.loads(record).items() >= {"outcome": "unchanged", "config_id": 26, "changed": []}.items()
    assert sent(demo) == []


async def test_the_record_says_what_became_of_it(demo: Demo, capsys: Capture) -> None:
    async with session(demo.url, None, graphql=True) as service:
        await saver(demo, service, yes=True, output="json").save(NUMBER, THRESHOLD)
    record = json.loads(capsys.readouterr().out)
    assert record == {
        "format": 1,
        "version_id": 16,
        "model_name": record["model_name"],
        "outcome": "saved",
        "config_id": newest(demo).id,
        "config_id_before": 26,
        "changed": ["filter_threshold"],
        "kept_differently": [],
        "newer_config_id": None,
        "replaced_config_id": None,
        "redeploy": [],
    }


@pytest.mark.parametrize("output", ["id", "curl", "requests", "sdk"])
async def test_a_dry_run_shows_the_exact_request_and_sends_nothing(
    demo: Demo, output: str, capsys: Capture
) -> None:
    async with session(demo.url, None, graphql=True) as service:
        dry = saver(demo, service, read_only=True, dry_run=True, output=output)
        assert await dry.save(NUMBER, THRESHOLD) == 0
        shown = capsys.readouterr().out
        assert sent(demo) == []
        await saver(demo, service, yes=True).save(NUMBER, THRESHOLD)
    if output == "id":
        assert sent(demo) == [json.loads(shown)]
    else:
        assert "0.5" in shown
        assert PYTORCH_INPUT.base64 in shown


# Confirmation


@pytest.mark.parametrize(
    ("protected", "typed", "flags", "words"),
    [
        (False, None, {}, "Add --yes"),
        (False, "no", {}, "not confirmed"),
        (False, "", {}, "not confirmed"),
        (True, None, {"yes": True}, "Add --confirm with the model's name"),
        (True, "yes", {"yes": True}, "not confirmed"),
        (True, None, {"yes": True, "confirm": "another"}, "not the model's name"),
        (False, None, {"yes": True, "confirm": "another"}, "not the model's name"),
    ],
)
async def test_what_is_not_confirmed_is_not_sent(
    demo: Demo, protected: bool, typed: str | None, flags: dict[str, Any], words: str
) -> None:
    async with session(demo.url, None, graphql=True) as service:
        with pytest.raises(SaveDeclined, match=words) as declined:
            await saver(demo, service, typed, protected=protected, **flags).save(NUMBER, THRESHOLD)
    assert exit_code(declined.value) == 5
    assert sent(demo) == []


@pytest.mark.parametrize("spelling", [lambda name: name, lambda name: name.replace("\x1b", "\\x1b")])
async def test_a_protected_profile_wants_the_name_of_the_model(
    demo: Demo, spelling: Callable[[str], str]
) -> None:
    name = "x'[/b]\x1b[2J$(id)"
    row = {"id": 26, "model_version_id": 16, "runtime": "flight", **WHOLE}
    answer = saying({"model_version": {"model_version": {"id": 16, "name": name}, "config": row}})
    demo.script(VERSION, answer, answer)
    async with session(demo.url, None, graphql=True) as service:
        typed = saver(demo, service, spelling(name), protected=True)
        assert await typed.save(NUMBER, THRESHOLD) == 0
        given = saver(demo, service, protected=True, confirm=spelling(name))
        assert await given.save(NUMBER, set_source([("filter_threshold", "0.25")])) == 0
    assert len(sent(demo)) == 2


async def test_names_never_reach_the_terminal_as_they_are(demo: Demo, capsys: Capture) -> None:
    name = "x\x1b[2J\n\u202ewltui: done"
    demo.script(
        VERSION, saying({"model_version": {"model_version": {"id": 16, "name": name}, "config": None}})
    )
    configure(demo, 16, **{**WHOLE, "tensor_fields": ["a\x1b[2J\u202e"]})
    async with session(demo.url, None, graphql=True) as service:
        await saver(demo, service, yes=True, output="json").save(NUMBER, set_source([("tensor_fields", "b")]))
    printed = "".join(capsys.readouterr())
    assert all(character.isprintable() or character == "\n" for character in printed)


async def test_a_read_only_session_reads_and_sends_nothing(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        with pytest.raises(ReadOnlyMode) as refused:
            await saver(demo, service, yes=True, read_only=True).save(NUMBER, THRESHOLD)
    assert exit_code(refused.value) == 5
    assert not [request for request in demo.requests if not request.path.startswith("/")]


async def test_the_question_is_asked_on_a_terminal_without_blocking(capsys: Capture) -> None:
    ours, terminal = pty.openpty()
    said: list[str] = []

    def asked() -> int:
        said.append(capsys.readouterr().err)
        return "".join(said).count("Send? ")

    try:
        answer = asyncio.ensure_future(ask_on(terminal, "Send? "))
        async with limit(lambda: "an answer"):
            await reached(lambda: asked() == 1)
            os.write(ours, b"yes\n")
            assert await answer == "yes"
            cancelled = asyncio.ensure_future(ask_on(terminal, "Send? "))
            await reached(lambda: asked() == 2)
            cancelled.cancel()
            with pytest.raises(asyncio.CancelledError):
                await cancelled
            os.write(ours, b"\x04")
            assert await ask_on(terminal, "Send? ") == ""
    finally:
        os.close(ours)
        os.close(terminal)
    assert asked() == 3
    assert "".join(said) == "Send? Send? \nSend? \n"


# Others, and lost answers


async def fails(work: Awaitable[int]) -> WltuiError:
    try:
        await work
    except WltuiError as error:
        return error
    raise AssertionError("it did not fail")


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (refusing("no such model", 400), ApiRefused, 5),
        (refusing("broken", 500), ApiRefused, 5),
        (refusing("expired", 401), NotSignedIn, 3),
    ],
)
async def test_a_refusal_is_named_and_nothing_is_saved(
    demo: Demo, answer: Scripted, kind: type[WltuiError], code: int
) -> None:
    demo.script(INSERT, answer)
    async with session(demo.url, None, graphql=True) as service:
        error = await fails(saver(demo, service, yes=True).save(NUMBER, THRESHOLD))
        (entry,) = service.history.entries(NUMBER)
    assert isinstance(error, kind)
    assert "ctrl+s" not in str(error)
    assert (exit_code(error), entry.outcome, newest(demo).id) == (code, Outcome.REFUSED, 26)


async def test_somebody_who_saves_between_the_look_and_the_save_is_noticed(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:

        async def ask(_: str) -> str:
            configure(demo, 16, **WHOLE)
            return "yes"

        slow = ConfigSaver(service, Settings(endpoint=demo.url), SaveOptions(), ask)
        error = await fails(slow.save(NUMBER, THRESHOLD))
    assert isinstance(error, ConfigMoved)
    assert "Run it again" in str(error)
    assert exit_code(error) == 7
    assert sent(demo) == []


async def test_a_conflict_and_an_unexpected_config_send_nothing(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        text = format_config(await service.config_to_edit(ModelVersion(id=NUMBER)))
        read = read_config_text(text.replace("# filter_threshold = 0.5", "filter_threshold = 0.25"))
        assert isinstance(read, ConfigText)
        configure(demo, 16, **{**WHOLE, "filter_threshold": 0.75})
        clash = await fails(saver(demo, service, yes=True).save(NUMBER, file_source(read, "f")))
        other = await fails(saver(demo, service, yes=True, expected=ConfigId(26)).save(NUMBER, THRESHOLD))
    assert (type(clash), type(other)) == (ConfigClash, ConfigMoved)
    assert (exit_code(clash), exit_code(other)) == (7, 7)
    assert sent(demo) == []


async def test_a_lost_answer_ends_with_8_and_a_second_run_sends_nothing_unasked(
    demo: Demo, tmp_path: Path, capsys: Capture
) -> None:
    async with session(demo.url, tmp_path, graphql=True) as service:
        demo.script(INSERT, Scripted(drop=True))
        assert await saver(demo, service, yes=True, output="json").save(NUMBER, THRESHOLD) == 8
        out, err = capsys.readouterr()
        assert json.loads(out).items() >= {"outcome": "unknown", "config_id": None}.items()
        assert err.count("Looking again.") == 3
        assert "Nothing is sent again by itself. The next wltui config command on it looks again" in err
    async with session(demo.url, tmp_path, graphql=True) as service:
        error = await fails(saver(demo, service, yes=True).save(NUMBER, THRESHOLD))
        assert isinstance(error, OutcomeUnknown)
        assert exit_code(error) == 8
        assert "may still be saved" in capsys.readouterr().err
        assert len(sent(demo)) == 1
        asking = saver(demo, service, "yes", yes=True)
        assert await asking.save(NUMBER, THRESHOLD) == 0
    assert len(sent(demo)) == 2


async def test_a_lost_answer_that_was_saved_is_found(demo: Demo, capsys: Capture) -> None:
    async with session(demo.url, None, graphql=True) as service:
        demo.script(INSERT, Scripted(drop=True, processed=True))
        assert await saver(demo, service, yes=True).save(NUMBER, THRESHOLD) == 0
    assert capsys.readouterr().out == f"{newest(demo).id}\n"


VALUES = {"filter_threshold": (0.25, 0.75), "batch_config": ("single", None), "tensor_fields": (["a"], ["b"])}
"""Two values for each of a few fields."""
LOST = {
    "answered": (),
    "saved, but its answer lost": (Scripted(drop=True, processed=True),),
    "lost": (Scripted(drop=True),),
    "refused": (refusing("no", 400),),
}
some_values = st.fixed_dictionaries({}, optional={key: st.sampled_from(each) for key, each in VALUES.items()})


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    mine=some_values,
    theirs=st.none() | some_values,
    fate=st.sampled_from(list(LOST)),
    graphql=st.booleans(),
    toml=st.booleans(),
)
async def test_a_job_that_is_run_again_makes_one_row_at_most_and_says_the_truth(
    demo: Demo, *, mine: dict[str, Any], theirs: dict[str, Any] | None, fate: str, graphql: bool, toml: bool
) -> None:
    rows = demo.world.versions[NUMBER].configs
    rows[1:] = []
    async with session(demo.url, None, graphql=graphql) as service:
        detail = await service.config_to_edit(ModelVersion(id=NUMBER))
        assert detail.config
        edit = ConfigEdit(NUMBER, detail.config)
        for key, value in mine.items():
            edit = edit.with_value(key, value)
        typed = config_record(detail) | mine
        read = read_config_text(format_file(edit) if toml else json.dumps(typed))
        assert isinstance(read, ConfigText)
        if theirs is not None:
            configure(demo, 16, **{**WHOLE, **theirs})
        before = len(rows)
        lost = LOST[fate]
        demo.script(INSERT, *lost)
        codes = [
            await code_of(saver(demo, service, yes=True).save(NUMBER, file_source(read, "f")))
            for _ in range(3)
        ]
    del demo._scripts[INSERT][:]
    changed = {key: value for key, value in mine.items() if value is not None}
    assert len(rows) - before <= bool(changed)
    for code in codes:
        if code == 0:
            assert changed.items() <= msgspec.structs.asdict(rows[-1]).items()
        elif code == 8:
            assert fate == "lost" or not graphql
        else:
            assert code in (5, 7)
    if codes[-1] == 7:
        assert theirs is not None
    if graphql and fate != "lost" and 7 not in codes:
        assert codes[-1] == 0


async def code_of(work: Awaitable[int]) -> int:
    try:
        return await work
    except WltuiError as error:
        return exit_code(error)


class Pause:
    """A pause within a save, after whose beginning the test goes on."""

    def __init__(self) -> None:
        self.begun, self.over = asyncio.Event(), asyncio.Event()

    async def __call__(self, _: float) -> None:
        self.begun.set()
        await self.over.wait()


async def test_ctrl_c_during_a_save_waits_for_its_outcome_and_says_it(demo: Demo, capsys: Capture) -> None:
    pause = Pause()
    demo.script(INSERT, Scripted(drop=True))
    async with session(demo.url, None, graphql=True, wait=pause) as service, limit(lambda: "the save"):
        saving = asyncio.ensure_future(saver(demo, service, yes=True).save(NUMBER, THRESHOLD))
        await pause.begun.wait()
        configure(demo, 16, **{**WHOLE, "filter_threshold": 0.5})
        saving.cancel()
        pause.over.set()
        with pytest.raises(asyncio.CancelledError):
            await saving
    out, err = capsys.readouterr()
    assert "its outcome is awaited" in err
    assert (out, len(sent(demo))) == (f"{newest(demo).id}\n", 1)


async def test_ctrl_c_ends_a_save_that_waits_for_another_one_and_sends_nothing(
    demo: Demo, tmp_path: Path, capsys: Capture
) -> None:
    pause = Pause()
    async with session(demo.url, tmp_path, wait=pause) as service, limit(lambda: "the save"):
        lock = History(tmp_path, "demo", lambda: NOW).try_lock(NUMBER)
        assert lock
        with lock:
            saving = asyncio.ensure_future(saver(demo, service, yes=True).save(NUMBER, THRESHOLD))
            await pause.begun.wait()
            saving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await saving
        pause.over.set()
    assert capsys.readouterr().err.endswith(
        "Waiting for another wltui on this machine, which is saving a config of this version. Nothing is sent yet; "
        "ctrl+c gives up.\nNothing was sent.\n"
    )
    assert sent(demo) == []


class GoneReader(io.StringIO):
    """A pipe whose reader ends during a save, as ``tee`` does by the same ctrl+c."""

    is_gone = False

    def write(self, text: str) -> int:
        if self.is_gone:
            raise BrokenPipeError
        return super().write(text)


async def test_a_save_whose_messages_nobody_reads_any_more_is_awaited_all_the_same(
    demo: Demo, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    pause, reader = Pause(), GoneReader()
    demo.script(INSERT, Scripted(drop=True))
    async with session(demo.url, None, graphql=True, wait=pause) as service, limit(lambda: "the save"):
        with monkeypatch.context() as patch:
            patch.setattr(sys, "stderr", reader)
            saving = asyncio.ensure_future(saver(demo, service, yes=True).save(NUMBER, THRESHOLD))
            await pause.begun.wait()
            configure(demo, 16, **{**WHOLE, "filter_threshold": 0.5})
            reader.is_gone = True
            saving.cancel()
            pause.over.set()
            with pytest.raises(OutputLost):
                await saving
        (entry,) = service.history.entries(NUMBER)
    assert (capsys.readouterr().out, entry.outcome) == (f"{newest(demo).id}\n", Outcome.SAVED)


async def test_ctrl_c_before_a_save_says_that_nothing_was_sent(demo: Demo, capsys: Capture) -> None:
    async with session(demo.url, None) as service, limit(lambda: "the end"):
        demo.script(VERSION, Scripted(processed=True, may_answer=lambda: reading.cancelling() > 0))
        reading = asyncio.ensure_future(saver(demo, service, yes=True).save(NUMBER, THRESHOLD))
        await reached(lambda: VERSION in [request.path for request in demo.requests])
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    assert capsys.readouterr().err == "Nothing was sent.\n"
    assert sent(demo) == []


async def test_a_second_ctrl_c_says_that_the_outcome_is_not_known(demo: Demo, capsys: Capture) -> None:
    pause = Pause()
    demo.script(INSERT, Scripted(drop=True))
    async with session(demo.url, None, graphql=True, wait=pause) as service, limit(lambda: "the save"):
        saving = asyncio.ensure_future(saver(demo, service, yes=True).save(NUMBER, THRESHOLD))
        await pause.begun.wait()
        saving.cancel()
        await asyncio.wait([saving], timeout=0)
        saving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await saving
        (entry,) = service.history.entries(NUMBER)
    out, err = capsys.readouterr()
    assert (out, entry.outcome) == ("", Outcome.UNKNOWN)
    assert "its outcome is not known: it may be carried out." in err


async def test_a_history_that_cannot_be_written_is_no_reason_to_send_unasked(
    demo: Demo, tmp_path: Path
) -> None:
    (tmp_path / "history").write_text("")
    async with session(demo.url, tmp_path, graphql=True) as service:
        error = await fails(saver(demo, service, yes=True).save(NUMBER, THRESHOLD))
        assert isinstance(error, HistoryUnwritable)
        assert "add --unrecorded" in str(error)
        assert sent(demo) == []
        assert await saver(demo, service, yes=True, unrecorded=True).save(NUMBER, THRESHOLD) == 0


async def test_an_unsent_edit_of_the_dashboard_is_neither_sent_nor_lost(
    demo: Demo, tmp_path: Path, capsys: Capture
) -> None:
    version = ModelVersion(id=NUMBER, model_name="x")
    async with session(demo.url, tmp_path, graphql=True) as dashboard:
        base = (await dashboard.config_to_edit(version)).config
        assert base
        draft = Draft(ConfigEdit(NUMBER, base).with_value("batch_config", "single"))
        dashboard.drafts.keep(version, draft)
        dashboard.drafts.flush()
        async with session(demo.url, tmp_path, graphql=True) as service:
            assert await saver(demo, service, yes=True).save(NUMBER, THRESHOLD) == 0
    assert "An unsent edit of this version" in capsys.readouterr().err
    async with session(demo.url, tmp_path, graphql=True) as service:
        kept = service.drafts.take(NUMBER)
        assert kept
        assert kept.draft.edit.values == {"batch_config": "single"}
    assert newest(demo).batch_config is None


async def test_what_cannot_be_read_is_not_cleared(demo: Demo) -> None:
    configure(demo, 16, **WHOLE)
    async with session(demo.url, None) as service:
        error = await fails(saver(demo, service, yes=True).save(NUMBER, THRESHOLD))
        assert isinstance(error, SaveDeclined)
        assert "input_schema" in str(error)
    assert sent(demo) == []


async def test_a_save_can_be_put_back(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        for source in (THRESHOLD, revert_source(service.history)):
            assert await saver(demo, service, yes=True).save(NUMBER, source) == 0
    assert [each["filter_threshold"] for each in sent(demo)] == [0.5, None]


# The command line


@pytest.fixture
def environ(demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The environment of a user who is signed in; returns the folder of their settings."""
    for name in ("CONFIG", "CACHE", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("WALLAROO_URL", demo.url)
    monkeypatch.setenv("WALLAROO_USER", "demo")
    monkeypatch.setenv("WALLAROO_PASSWORD", "demo")
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "CONFIG" / "wltui"
    folder.mkdir(parents=True)
    return folder


def test_the_commands_from_the_command_line(demo: Demo, environ: Path, capsys: Capture) -> None:
    def wltui(*words: str) -> tuple[int, str]:
        code = main(["config", *words])
        return code, capsys.readouterr().out

    assert wltui("set", "16", "filter_threshold=0.5") == (5, "")
    assert wltui("set", "16", "filter_threshold=0.5", "--yes") == (0, f"{newest(demo).id}\n")
    Path("a.json").write_text('{"filter_threshold": 0.5, "batch_config": "single"}')
    assert wltui("diff", "16", "a.json") == (1, '  batch_config\n- null\n+ "single"\n')
    assert wltui("apply", "16", "a.json", "-y", "--if-config", str(newest(demo).id))[0] == 0
    assert wltui("diff", "16", "a.json") == (0, "")
    assert wltui("unset", "16", "filter_threshold", "-y")[0] == 0
    assert wltui("revert", "16", "-y", "--read-only")[0] == 5
    assert wltui("revert", "16", "-y")[0] == 0
    assert wltui("copy", "16", "19", "-y", "--without", "input_schema,output_schema")[0] == 0
    assert demo.world.versions[VersionId(19)].configs[-1].filter_threshold == 0.5
    assert wltui("apply", "99999", "a.json")[0] == 4
    assert wltui("apply", "16", "b.json")[0] == 2
    assert wltui("set", "16", "x")[0] == 2
    assert wltui("set", "16", "a=1", "b=2")[0] == 2
    assert wltui("set", "16", "batch_config=null", "-o", "curl")[0] == 2
    Path("a.toml").write_text('dynamic_batching_config.batch_size_target = 1\nbatch_config = "single"\n')
    assert wltui("apply", "16", "a.toml", "-y", "--clear-unknown", "x")[0] == 2
    demo.stop()
    assert wltui("set", "16", "batch_config=null", "-y")[0] == 6


def test_on_a_terminal_the_change_has_colours_and_the_question_is_answered_there(
    demo: Demo, environ: Path, capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, terminal = pty.openpty()
    monkeypatch.setenv("TERM", "xterm")
    with (
        os.fdopen(terminal, "r+b", buffering=0) as file,
        io.TextIOWrapper(file, write_through=True) as stream,
    ):
        monkeypatch.setattr(sys, "stdin", stream)
        monkeypatch.setattr(sys, "stderr", stream)
        os.write(ours, b"yes\n")  # typed ahead
        assert main(["config", "set", "16", "filter_threshold=0.5"]) == 0
    shown = ""
    with suppress(OSError):  # the end, as nobody has the terminal open any more
        while True:
            shown += os.read(ours, 1 << 16).decode()  # a part of it, or all
    os.close(ours)
    assert "\x1b[31m- null\x1b[0m\r\n\x1b[32m+ 0.5\x1b[0m\r\n" in shown
    assert "once? Type yes to send: " in shown
    assert capsys.readouterr().out == f"{newest(demo).id}\n"


def test_a_template_of_config_toml_has_every_key(environ: Path, capsys: Capture) -> None:
    assert main(["config", "init"]) == 0
    text = capsys.readouterr().out
    whole = tomllib.loads("\n".join(_uncommented(text)))
    assert list(whole["profiles"]["example"]) == list(KEYS)
    assert tomllib.loads(text)["profiles"] == {"example": {"endpoint": "https://wallaroo.example.com"}}
    path = environ / "config.toml"
    path.write_text(text)
    path.chmod(0o600)
    assert main(["config", "check"]) == 0
    assert capsys.readouterr().out == f"{path} is valid.\n"
    keys = text[text.index("# [keys]") :].replace("# ", "")
    assert len(tomllib.loads(keys)["keys"]) > 1
    path.write_text(text + keys)
    assert main(["config", "check"]) == 0, capsys.readouterr().err
    path.write_text("\n".join(line for line in _uncommented(text)))
    assert main(["config", "check"]) == 2, "the certificates are not there"
    errors = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[2].partition(" names ")[0].partition(": ")[2] for line in errors] == [
        "ca_bundle", "client_cert", "client_key",
    ]  # fmt: skip


def _uncommented(text: str) -> list[str]:
    """The lines of a template with every key set."""
    keys = tuple(f"# {key} = " for key in KEYS)
    return [line.removeprefix("# ") if line.startswith(keys) else line for line in text.splitlines()]


def test_every_mistake_in_config_toml_is_named_with_its_line(environ: Path, capsys: Capture) -> None:
    path = environ / "config.toml"
    assert main(["config", "check"]) == 0
    path.write_text(
        'default = "x"\ncolor = 1\n[profiles.prod]\nendpoint = 1\nread_only = "yes"\nrefesh = 5\n'
    )
    path.chmod(0o600)
    assert main(["config", "check"]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert [line.partition("config.toml, ")[2].partition(":")[0] for line in errors] == [
        "line 1", "line 2", "line 4", "line 5", "line 6",
    ]  # fmt: skip
    path.write_text("[profiles.prod\n")
    assert main(["config", "check"]) == 2
    assert "line 1" in capsys.readouterr().err
    other = environ / "other.toml"
    assert main(["config", "check", str(other)]) == 2, "a file that is named has to be there"
    other.write_text('[keys]\n"list.sort" = "ctrl+S"\n"app.pause" = "f2"\n')
    other.chmod(0o666)
    assert main(["config", "check", str(other), "-o", "json"]) == 2, (
        "it is not used, so that others may write to it"
    )
    checked = json.loads(capsys.readouterr().out)
    assert checked["mistakes"] == [
        {"line": 2, "what": "list.sort: 'ctrl+S' is not a key", "advice": "Did you mean ctrl+s?"}
    ]
