"""The history of saves: on disk before anything is sent, whoever else writes, and whatever becomes of the file."""

import fcntl
import json
import os
import resource
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from msgspec import UNSET

from tests.store.test_drafts import TOO_DEEP, bases, some_values, texts
from tests.support.clock import NOW
from tests.support.services import Clock
from tests.support.slow_disk import hung
from tests.support.waiting import LIMIT, running, within
from wltui.config.edit import ConfigEdit
from wltui.core.errors import HistoryUnwritable
from wltui.core.instant import CLOCK_DOUBT, Instant
from wltui.core.records import ConfigId, ModelConfig, ModelId, ModelVersion, Outcome, VersionId
from wltui.store import journal
from wltui.store.save_history import History, SaveRecord

ROOT = Path(__file__).parents[2]
BOOT = "one start of the host"
VERSION = ModelVersion(id=VersionId(16), model_id=ModelId(15), model_name="[/x]")
BASE = ModelConfig(id=ConfigId(26), tensor_fields=(), filter_threshold=0.0, batch_config=None)
EDIT = ConfigEdit(VERSION.id, BASE, {"tensor_fields": ("a",)})
ROW = ModelConfig(id=ConfigId(27), tensor_fields=("a",), input_schema=None)


def opened(folder: Path | None, clock: Callable[[], Any] = lambda: NOW) -> History:
    ticks = clock.ticks if isinstance(clock, Clock) else lambda: 0.0
    history = History(folder, "owner", clock, ticks=ticks, boot=BOOT)
    history.catch_up()
    return history


def file(folder: Path) -> Path:
    return folder / "history" / "owner.jsonl"


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file(folder).read_bytes().splitlines()]


def fill(history: History, number: int = 3) -> list[str]:
    """Some saves that took; returns their ids, newest first."""
    ids: list[str] = []
    for _ in range(number):
        ids.insert(0, history.begin(EDIT, VERSION, "jane"))
        history.end(ids[0], Outcome.SAVED, ROW)
    return ids


# What is recorded.


def test_a_save_is_told_with_all_that_is_known_of_it(tmp_path: Path) -> None:
    clock = Clock()
    history = opened(tmp_path, clock)
    entry_id = history.begin(EDIT, VERSION, "jane")
    begun = SaveRecord(
        id=entry_id,
        began=Instant(NOW, BOOT, 0.0),
        user="jane",
        version_id=VERSION.id,
        model_name="[/x]",
        base=BASE,
        request=EDIT.request(),
    )
    assert history.entries(VERSION.id) == opened(tmp_path).entries(VERSION.id) == (begun,)
    assert begun.outcome is None

    clock.advance(seconds=2)
    history.end(entry_id, Outcome.SAVED, ROW, "Tensor fields: …", "the answer was lost")
    (ended,) = opened(tmp_path).entries(VERSION.id)
    assert (ended,) == history.entries(VERSION.id)
    assert (ended.outcome, ended.given_up, ended.config) == (Outcome.SAVED, None, ROW)
    assert (ended.differences, ended.reason) == ("Tensor fields: …", "the answer was lost")
    assert (ended.base, ended.base.input_schema) == (BASE, UNSET)
    assert history.entries(VersionId(17)) == ()


def test_when_an_answer_was_given_up_is_known_to_other_processes(tmp_path: Path) -> None:
    clock = Clock()
    history = opened(tmp_path, clock)
    entry_id = history.begin(EDIT, VERSION, "jane")
    clock.advance(seconds=90)
    history.end(entry_id, Outcome.UNKNOWN)
    clock.advance(minutes=5)
    history.end(entry_id, Outcome.UNKNOWN)
    (entry,) = opened(tmp_path).entries(VERSION.id)
    assert entry.began == Instant(NOW, BOOT, 0.0)
    assert entry.given_up == Instant(NOW + timedelta(seconds=90), BOOT, 90.0)


def test_time_is_measured_by_the_clock_that_nobody_sets() -> None:
    then = Instant(NOW, BOOT, 100.0)
    later = Instant(NOW + timedelta(days=9), BOOT, 160.0)
    assert later.elapsed_since(then) == timedelta(seconds=60)
    assert Instant(NOW - timedelta(days=9), BOOT, 160.0).elapsed_since(then) == timedelta(seconds=60)
    other_host = Instant(NOW + timedelta(hours=20), "another", 9e9)
    assert other_host.elapsed_since(then) == timedelta()
    much_later = Instant(NOW + CLOCK_DOUBT + timedelta(hours=1), "another", 0.0)
    assert much_later.elapsed_since(then) == timedelta(hours=1)
    assert Instant(NOW, BOOT, 50.0).elapsed_since(then) == timedelta(), "a virtual machine was put back"


def test_what_of_the_history_cannot_be_read_is_said(tmp_path: Path) -> None:
    history = opened(tmp_path)
    assert history.unreadable is None
    history.begin(EDIT, VERSION, "jane")
    assert history.unreadable is None
    line = file(tmp_path).read_bytes()
    with file(tmp_path).open("ab") as appended:
        appended.write(line.replace(b'"format": 1', b'"format": 2') + b"garbage\n[]\n")
    for one in (history, opened(tmp_path)):
        assert len(one.entries(VERSION.id)) == 1
        assert "unreadable lines (1 of a newer wltui, 2 damaged)" in str(one.unreadable)
        assert str(file(tmp_path)) in str(one.unreadable)


def test_a_history_that_is_no_file_is_said_to_be_unreadable(tmp_path: Path) -> None:
    file(tmp_path).mkdir(parents=True)
    assert "can't be read (it is no file)" in str(opened(tmp_path).unreadable)


def test_the_newest_save_comes_first(tmp_path: Path) -> None:
    clock = Clock()
    history = opened(tmp_path, clock)
    ids = fill(history)
    clock.advance(minutes=1)
    ids = fill(history, 1) + ids
    for one in (history, opened(tmp_path)):
        assert [entry.id for entry in one.entries(VERSION.id)] == ids


def test_only_a_save_that_took_made_a_row(tmp_path: Path) -> None:
    history = opened(tmp_path)
    for outcome in Outcome:
        history.end(
            history.begin(EDIT, VERSION, "jane"), outcome, ModelConfig(id=ConfigId(len(outcome.value)))
        )
    made = {entry.outcome: entry.config for entry in history.entries(VERSION.id)}
    assert [outcome for outcome in Outcome if made[outcome]] == [Outcome.SAVED]
    assert [number for number in range(30) if history.row(ConfigId(number))] == [len(Outcome.SAVED.value)]


def test_what_is_known_is_not_forgotten_over_a_look_that_told_less(tmp_path: Path) -> None:
    history = opened(tmp_path)
    entry_id = history.begin(EDIT, VERSION, "jane")
    history.end(entry_id, Outcome.SAVED, ROW)
    history.end(entry_id, Outcome.UNKNOWN)
    for one in (history, opened(tmp_path)):
        assert one.row(ROW.id) == ROW
        assert one.entries(VERSION.id)[0].outcome is Outcome.UNKNOWN
    history.end(entry_id, Outcome.SAVED, ModelConfig(id=ROW.id, tensor_fields=("a",)))
    for one in (history, opened(tmp_path)):
        assert one.row(ROW.id) == one.entries(VERSION.id)[0].config == ROW


def test_a_row_is_known_although_its_save_could_not_be_recorded(tmp_path: Path) -> None:
    history = opened(tmp_path)
    history.end("", Outcome.SAVED, ROW)
    assert opened(tmp_path).row(ROW.id) == ROW
    assert opened(tmp_path).entries(VERSION.id) == ()


def test_without_a_folder_it_lasts_as_long_as_the_program() -> None:
    history = opened(None)
    (entry_id,) = fill(history, 1)
    assert [entry.id for entry in history.entries(VERSION.id)] == [entry_id]
    assert history.row(ROW.id) == ROW


def test_nothing_is_made_on_disk_for_who_only_looks(tmp_path: Path) -> None:
    assert opened(tmp_path / "state").entries(VERSION.id) == ()
    assert opened(tmp_path / "state").row(ROW.id) is None
    assert not (tmp_path / "state").exists()


def test_nobody_else_can_read_it(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        fill(opened(tmp_path / "state"))
    finally:
        os.umask(before)
    modes = [
        stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state", file(tmp_path / "state").parent)
    ]
    assert modes == [0o700, 0o700]
    assert stat.S_IMODE(file(tmp_path / "state").stat().st_mode) == 0o600


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(base=bases, values=some_values, row=bases, words=texts)
def test_whatever_was_sent_is_told_again(
    tmp_path: Path, base: ModelConfig, values: dict[str, Any], row: ModelConfig, words: str
) -> None:
    edit = ConfigEdit(VERSION.id, base, values)
    history = opened(tmp_path)
    entry_id = history.begin(edit, VERSION, words)
    history.end(entry_id, Outcome.SAVED, row, words, words)
    found = next(entry for entry in opened(tmp_path).entries(VERSION.id) if entry.id == entry_id)
    assert (found.base, found.request, found.config) == (base, edit.request(), row)
    assert (found.user, found.differences, found.reason) == (words, words, words)
    file(tmp_path).unlink()


# Damage.


@pytest.mark.parametrize("cut", [1, 2, 40, 300])
def test_a_last_line_that_was_cut_off_costs_that_line_alone(tmp_path: Path, cut: int) -> None:
    ids = fill(opened(tmp_path))
    whole = file(tmp_path).read_bytes()
    last = whole.splitlines(keepends=True)[-1]
    file(tmp_path).write_bytes(whole[: max(len(whole) - cut, len(whole) - len(last) + 1)])

    history = opened(tmp_path)
    assert [entry.id for entry in history.entries(VERSION.id)] == ids
    (new,) = fill(history, 1)
    for one in (history, opened(tmp_path)):
        told = one.entries(VERSION.id)
        assert [entry.id for entry in told] == [new, *ids]
        outcomes = [entry.outcome for entry in told]
        # Of the newest before the cut only the newline is gone, or how it ended.
        assert outcomes == [Outcome.SAVED, Outcome.SAVED if cut == 1 else None, Outcome.SAVED, Outcome.SAVED]


RUBBISH: dict[str, bytes] = {
    "zeros": bytes(4096),
    "no JSON": b"\xff\xfe hello\n\n\n",
    "other JSON": b'[]\n3\nnull\n"x"\n{}\n{"format": 1}\n{"format": 1, "of": 3}\n{"format": 1, "id": 3}\n',
    "a newer format": b'{"format": 2, "id": "x", "at": 0}\n{"format": 2, "of": "x", "outcome": "GONE"}\n',
    "an unknown outcome": b'{"format": 1, "of": "", "outcome": "GONE", "config": null}\n',
    "very deep": b"[" * 100_000 + b"\n",
    "odd times": b'{"format":1,"id":"x","at":"0001-01-01T00:00+23:00","user":"","version_id":16,"model_name":"",'
    b'"base":{"id":1},"request":{}}\n',
    "an id that is a list": b'{"format":1,"id":[],"at":"","user":"","version_id":16}\n{"format":1,"of":[],'
    b'"outcome":"TOOK","config":null,"at":"2026-03-02T14:30:00+00:00","differences":"","reason":""}\n',
}


@pytest.mark.parametrize("rubbish", RUBBISH.values(), ids=RUBBISH)
def test_what_can_not_be_read_is_passed_over_and_stays(tmp_path: Path, rubbish: bytes) -> None:
    before = fill(opened(tmp_path))
    with file(tmp_path).open("ab") as damaged:
        damaged.write(rubbish)
    history = opened(tmp_path)
    after = fill(history, 1)
    for one in (history, opened(tmp_path)):
        assert [entry.id for entry in one.entries(VERSION.id)] == after + before
        assert one.row(ROW.id) == ROW
    assert rubbish in file(tmp_path).read_bytes()


def test_a_file_that_vanishes_or_shrinks_is_read_anew(tmp_path: Path) -> None:
    history, other = opened(tmp_path), opened(tmp_path)
    fill(history)
    file(tmp_path).unlink()
    (again,) = fill(other, 1)
    assert again in [entry.id for entry in history.entries(VERSION.id)]
    file(tmp_path).write_bytes(b"")
    (once_more,) = fill(other, 1)
    assert once_more in [entry.id for entry in history.entries(VERSION.id)]
    assert history.row(ROW.id) == ROW


def test_rows_are_told_at_once_although_the_disk_hangs(tmp_path: Path) -> None:
    fill(opened(tmp_path))
    history = opened(tmp_path)
    with file(tmp_path).open("ab") as theirs:
        theirs.write(b"something new\n")
    reader = threading.Thread(target=history.entries, args=[VERSION.id], daemon=True)
    with hung(file(tmp_path)):
        reader.start()
        reader.join(0.1)
        with within(1):
            assert history.row(ROW.id) == ROW
        assert reader.is_alive()
    reader.join(LIMIT)
    assert not reader.is_alive()


def test_a_pipe_by_its_name_is_not_waited_for(tmp_path: Path) -> None:
    file(tmp_path).parent.mkdir()
    os.mkfifo(file(tmp_path))
    assert opened(tmp_path).entries(VERSION.id) == ()


# Where it can't be written.


def test_a_save_that_can_not_be_recorded_is_refused_in_plain_words(tmp_path: Path) -> None:
    (tmp_path / "history").write_text("no folder")
    with pytest.raises(HistoryUnwritable, match=r"was not sent.*history.*without a record"):
        opened(tmp_path).begin(EDIT, VERSION, "jane")


@pytest.mark.parametrize("deep", TOO_DEEP)
def test_what_is_too_deep_to_be_recorded_is_refused(tmp_path: Path, deep: dict[str, object]) -> None:
    edit = ConfigEdit(VERSION.id, BASE, {"openai_config": deep})
    with pytest.raises(HistoryUnwritable, match="too deeply nested"):
        opened(tmp_path).begin(edit, VERSION, "jane")


def test_a_full_disk_is_told_and_an_outcome_lasts_as_long_as_the_program(tmp_path: Path) -> None:
    history = opened(tmp_path)
    (entry_id,) = fill(history, 1)
    begun = history.begin(EDIT, VERSION, "jane")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (file(tmp_path).stat().st_size + 10, hard))
    try:
        with pytest.raises(HistoryUnwritable, match="the disk is full"):
            history.begin(EDIT, VERSION, "jane")
        history.end(begun, Outcome.REFUSED, reason="no")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "the disk is full" in str(history.trouble)
    told = {entry.id: entry.outcome for entry in history.entries(VERSION.id)}
    assert told == {entry_id: Outcome.SAVED, begun: Outcome.REFUSED}

    history.end(begun, Outcome.REFUSED, reason="no")
    assert history.trouble is None
    assert {entry.outcome for entry in opened(tmp_path).entries(VERSION.id)} == {
        Outcome.SAVED,
        Outcome.REFUSED,
    }


@pytest.mark.parametrize("loose", ["file", "folder"])
def test_what_others_can_write_to_is_neither_read_nor_written(tmp_path: Path, loose: str) -> None:
    fill(opened(tmp_path), 1)
    path = file(tmp_path)
    (path if loose == "file" else path.parent).chmod(0o777)
    history = opened(tmp_path)
    with pytest.raises(HistoryUnwritable, match="others can write to it"):
        history.begin(EDIT, VERSION, "jane")
    if loose == "file":
        assert history.entries(VERSION.id) == ()
    path.parent.chmod(0o700)
    path.chmod(0o600)
    assert len(history.entries(VERSION.id)) == 1


def test_half_a_line_is_taken_back(tmp_path: Path) -> None:
    """A disk that fills up in the middle of a line."""
    program = f"""
import resource, signal
from pathlib import Path
from tests.store.test_save_history import *
history = opened(Path({str(tmp_path)!r}))
fill(history)
size = file(Path({str(tmp_path)!r})).stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 10, size + 10))
try:
    history.begin(EDIT, VERSION, "jane")
except HistoryUnwritable as error:
    print(error.why)
"""
    answer = subprocess.run(
        [sys.executable, "-c", program],
        check=False,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert "the disk is full" in answer.stdout, answer.stderr
    assert len(lines(tmp_path)) == 6
    assert file(tmp_path).read_bytes().endswith(b"\n")


def test_a_process_that_holds_the_file_for_long_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    history = opened(tmp_path)
    fill(history)
    monkeypatch.setattr(journal, "LOCK_TIMEOUT", 0.1)
    with file(tmp_path).open("rb") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX)
        with pytest.raises(HistoryUnwritable, match="another program holds it"):
            history.begin(EDIT, VERSION, "jane")
        assert len(history.entries(VERSION.id)) == 3


# Other processes.


def test_processes_that_append_at_once_keep_out_of_each_others_lines(tmp_path: Path) -> None:
    arguments = [sys.executable, "-m", "tests.support.history_keeper", str(tmp_path)]
    writers = [
        subprocess.Popen([*arguments, name, "40"], cwd=ROOT, stdout=subprocess.DEVNULL) for name in "abc"
    ]
    history, seen = opened(tmp_path), 0
    with ExitStack() as all_of_them:
        for writer in writers:
            all_of_them.enter_context(running(writer))
        while any(writer.poll() is None for writer in writers):
            told = len(history.entries(VERSION.id))
            assert told >= seen
            seen = told
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    told_by = [entry.user for entry in history.entries(VERSION.id) if entry.outcome is Outcome.SAVED]
    assert sorted(told_by) == ["a"] * 40 + ["b"] * 40 + ["c"] * 40
    assert len(lines(tmp_path)) == 240


def test_what_was_recorded_before_a_kill_is_there_after_it(tmp_path: Path) -> None:
    recorded = 0
    for round_ in range(8):
        keeper = [sys.executable, "-m", "tests.support.history_keeper", str(tmp_path), str(round_)]
        with running(subprocess.Popen(keeper, cwd=ROOT, stdout=subprocess.PIPE)) as writer:
            assert writer.stdout
            for _ in range(1 + round_):
                writer.stdout.readline()
            writer.kill()
            recorded += 1 + round_
        ended = [entry for entry in opened(tmp_path).entries(VERSION.id) if entry.outcome]
        assert len(ended) >= recorded
        recorded = len(ended)
        fill(opened(tmp_path), 1)
        recorded += 1
        assert len([entry for entry in opened(tmp_path).entries(VERSION.id) if entry.outcome]) == recorded
