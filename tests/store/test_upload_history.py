"""The history of uploads: three lines for each, on disk before the bytes that they are about; and locks on names."""

import json
from pathlib import Path

import pytest

from tests.support.services import Clock
from wltui.core.errors import HistoryUnwritable
from wltui.core.records import Outcome, VersionId, WorkspaceId
from wltui.store.upload_history import UploadHistory, UploadRecord

WORKSPACE = WorkspaceId(10)


def opened(folder: Path | None, clock: Clock) -> UploadHistory:
    return UploadHistory(folder, "owner", clock, ticks=clock.ticks, boot="one start of the host")


def record(history: UploadHistory) -> UploadRecord:
    return UploadRecord(
        id="",
        began=history.now(),
        user="jane",
        model_name="[/x]\ud800",
        workspace_id=WORKSPACE,
        file_name="m.pkl",
        sha256="ab" * 32,
        size=5,
        route="models/upload",
        metadata={"name": "[/x]", "conversion": {"framework": "onnx"}},
        newest_before=VersionId(7),
    )


def lines(folder: Path) -> list[dict[str, object]]:
    return [
        json.loads(line) for line in (folder / "history" / "owner-uploads.jsonl").read_bytes().splitlines()
    ]


def test_an_upload_is_recorded_before_and_after(tmp_path: Path) -> None:
    clock = Clock()
    history = opened(tmp_path, clock)
    begun = history.begin(record(history))
    assert begun.id
    assert len(lines(tmp_path)) == 1
    other = opened(tmp_path, clock)
    assert other.entries() == (begun,)
    clock.advance(9)
    history.complete(begun)
    (entry,) = other.entries()
    assert (entry.completed, entry.is_settled) == (history.now(), False)
    clock.advance(9)
    history.end(begun, Outcome.UNKNOWN, reason="lost")
    (entry,) = other.entries()
    assert (entry.given_up, entry.reason, entry.is_settled) == (history.now(), "lost", False)
    given_up = history.now()
    clock.advance(9)
    history.end(begun, Outcome.SAVED, VersionId(8))
    for each in (history, other, opened(tmp_path, clock)):
        (entry,) = each.entries()
        assert (entry.outcome, entry.version_id, entry.reason) == (Outcome.SAVED, 8, "lost")
        assert (entry.given_up, entry.is_settled) == (given_up, True)
    assert len(lines(tmp_path)) == 4


def test_the_newest_comes_first_and_damage_costs_its_line_alone(tmp_path: Path) -> None:
    clock = Clock()
    history = opened(tmp_path, clock)
    first, second = (history.begin(record(history)) for _ in range(2))
    path = tmp_path / "history" / "owner-uploads.jsonl"
    path.write_bytes(path.read_bytes() + b'{"format":1,"completes":5}\nrubbish\n{"format":9}\n{"cut')
    assert [entry.id for entry in history.entries()] == [second.id, first.id]
    assert history.unreadable == (
        f"Uploads may be missing here: the history has unreadable lines (1 of a newer wltui, 2 damaged): {path}."
    )
    history.end(second, Outcome.NOT_SAVED)
    assert [entry.outcome for entry in opened(tmp_path, clock).entries()] == [Outcome.NOT_SAVED, None]


def test_without_a_folder_it_lasts_as_long_as_the_program() -> None:
    history = opened(None, Clock())
    begun = history.begin(record(history))
    history.complete(begun)
    history.end(begun, Outcome.REFUSED, reason="no")
    (entry,) = history.entries()
    assert (entry.outcome, entry.reason) == (Outcome.REFUSED, "no")
    with pytest.raises(OSError, match="no folder"):
        history.try_lock(WORKSPACE, "x")


def test_an_upload_that_can_not_be_recorded_is_refused_and_an_outcome_kept_in_memory(tmp_path: Path) -> None:
    history = opened(tmp_path, Clock())
    begun = history.begin(record(history))
    (tmp_path / "history").chmod(0o777)
    for refused in (lambda: history.begin(begun), lambda: history.complete(begun)):
        with pytest.raises(HistoryUnwritable, match="others can write to it"):
            refused()
    history.end(begun, Outcome.REFUSED)
    assert history.trouble
    assert "could not be recorded" in history.trouble
    (entry,) = history.entries()
    assert entry.outcome is Outcome.REFUSED


def test_a_name_is_locked_against_other_programs_until_it_is_given_back(tmp_path: Path) -> None:
    one, other = opened(tmp_path, Clock()), opened(tmp_path, Clock())
    lock = one.try_lock(WORKSPACE, "fraud")
    assert lock
    assert other.try_lock(WORKSPACE, "fraud") is None
    for free in (other.try_lock(WorkspaceId(11), "fraud"), other.try_lock(WORKSPACE, "churn")):
        assert free
        free.close()
    lock.close()
    again = other.try_lock(WORKSPACE, "fraud")
    assert again
    again.close()
