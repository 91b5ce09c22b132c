"""Drafts: on disk a moment after a key, whose they are, and what bad days leave of them."""

import json
import os
import resource
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from tests.support.clock import NOW
from tests.support.draft_keeper import Keeper, draft, text
from tests.support.services import Clock
from tests.support.slow_disk import hung
from tests.support.waiting import LIMIT, SLOWNESS, until, within
from wltui.config.edit import ConfigEdit, Draft
from wltui.config.fields import FIELD
from wltui.core.compact import without_config
from wltui.core.records import ConfigId, ModelConfig, ModelId, ModelVersion, VersionId
from wltui.core.times import EARLIEST, LATEST
from wltui.store import drafts as drafts_module
from wltui.store.draft_files import Kept, decode, encode
from wltui.store.drafts import Drafts

VERSION = ModelVersion(
    id=VersionId(16), model_id=ModelId(15), model_name="[/x]", config=ModelConfig(id=ConfigId(26))
)
OTHER = ModelVersion(id=VersionId(17))
SOON = 0.5
"""Seconds after a key at which its draft must be on disk."""


@contextmanager
def opened(folder: Path | None, clock: Callable[[], Any] = lambda: NOW) -> Iterator[Drafts]:
    drafts = Drafts(folder, "owner", clock)
    try:
        yield drafts
    finally:
        drafts.close()


def files(folder: Path) -> list[Path]:
    return sorted((folder / "drafts" / "owner").glob("*.json"))


# What is kept.


def test_the_next_session_is_given_what_was_kept(tmp_path: Path) -> None:
    clock = Clock()
    with opened(tmp_path, clock) as drafts:
        drafts.keep(VERSION, draft(16, "1"))
        clock.advance(minutes=5)
        drafts.keep(VERSION, draft(16, "12"))
    with opened(tmp_path, clock) as drafts:
        kept = drafts.take(VERSION.id)
        assert drafts.take(OTHER.id) is None
        assert drafts.all() == (kept,)
    assert kept == Kept(without_config(VERSION), draft(16, "12"), NOW, NOW + timedelta(minutes=5))


def test_a_draft_is_on_disk_soon_after_the_key(tmp_path: Path) -> None:
    taken = []

    def is_on_disk(words: str) -> bool:
        return any(text(decode(file.read_bytes()).draft) == words for file in files(tmp_path))

    with opened(tmp_path) as drafts:
        for number in range(20):
            with within(SOON):
                start = time.monotonic()
                drafts.keep(VERSION, draft(16, str(number)))
                taken.append(time.monotonic() - start)
                until(partial(is_on_disk, str(number)), f"{number} on disk")
    assert sorted(taken)[10] < 0.01 * SLOWNESS, "no key waits for the disk"


def test_what_was_sent_or_discarded_is_not_offered_again(tmp_path: Path) -> None:
    with opened(tmp_path) as drafts:
        drafts.keep(VERSION, draft(16, "1"))
        drafts.keep(OTHER, draft(17, "2"))
        drafts.flush()
        drafts.forget(VERSION.id)
        drafts.keep(OTHER, Draft(ConfigEdit(OTHER.id, ModelConfig(id=ConfigId(1)))))
        drafts.flush()
        assert (drafts.take(VERSION.id), drafts.take(OTHER.id), drafts.all()) == (None, None, ())
        assert files(tmp_path) == []
        drafts.keep(VERSION, draft(16, "3"))
    with opened(tmp_path) as drafts:
        (kept,) = drafts.all()
    assert text(kept.draft) == "3"


def test_without_a_folder_drafts_last_as_long_as_the_program() -> None:
    with opened(None) as drafts:
        drafts.keep(VERSION, draft(16, "1"))
        kept = drafts.take(VERSION.id)
        assert kept
        assert drafts.all() == (kept,)
        drafts.forget(VERSION.id)
        assert drafts.all() == ()
        assert drafts.trouble is None


def test_nothing_is_made_on_disk_for_who_only_looks(tmp_path: Path) -> None:
    with opened(tmp_path / "state") as drafts:
        assert (drafts.take(VERSION.id), drafts.all()) == (None, ())
    assert not (tmp_path / "state").exists()


def test_nobody_else_can_read_them(tmp_path: Path) -> None:
    modes: set[tuple[str, int]] = set()

    def watch() -> None:
        while not done.is_set():
            for path in (tmp_path / "state").rglob("*"):
                try:
                    modes.add((path.suffix, stat.S_IMODE(path.stat().st_mode)))
                except FileNotFoundError:
                    continue

    done, before = threading.Event(), os.umask(0)
    watching = threading.Thread(target=watch)
    watching.start()
    try:
        with opened(tmp_path / "state") as drafts:
            numbers = count()

            def all_kinds_seen() -> (
                bool
            ):  # a file is seen while it is written only by chance, so one is written on
                drafts.keep(VERSION, draft(16, str(next(numbers))))
                drafts.flush()
                return len(modes) >= 3

            until(all_kinds_seen, "a folder, an edit, and one that is just being written")
    finally:
        os.umask(before)
        done.set()
        watching.join()
    assert {mode for suffix, mode in modes if suffix} == {0o600}
    assert {mode for suffix, mode in modes if not suffix} == {0o700}
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700


def test_owners_are_kept_apart(tmp_path: Path) -> None:
    with opened(tmp_path) as drafts:
        drafts.keep(VERSION, draft(16, "1"))
    jane = Drafts(tmp_path, "jane", lambda: NOW)
    assert (jane.take(VERSION.id), jane.all()) == (None, ())


def test_a_flush_from_another_thread_gets_along_with_the_writer(tmp_path: Path) -> None:
    with opened(tmp_path) as drafts:
        for number in range(50):
            drafts.keep(VERSION, draft(16, str(number)))
            flushing = threading.Thread(target=drafts.flush)
            flushing.start()
            flushing.join(LIMIT)
            assert not flushing.is_alive()
            assert text(decode(files(tmp_path)[0].read_bytes()).draft) == str(number)


# What a file holds.

texts = st.text(st.characters(), max_size=8)  # half surrogate pairs too
numbers = st.integers() | st.floats(allow_nan=False)
anything = st.recursive(
    st.none() | st.booleans() | numbers | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
values: dict[str, st.SearchStrategy[Any]] = {
    "tensor_fields": st.none() | st.lists(texts, max_size=3).map(tuple),
    "filter_threshold": st.none() | st.sampled_from([0.0, -0.0]) | st.floats(allow_nan=False),
    "batch_config": st.none() | texts,
    "dynamic_batching_config": st.none() | st.dictionaries(texts, anything, max_size=3),
    "continuous_batching_config": st.none() | st.dictionaries(texts, anything, max_size=3),
    "openai_config": st.none() | st.dictionaries(texts, anything, max_size=3),
    "input_schema": st.none() | texts,
    "output_schema": st.none() | texts,
}
some_values = st.fixed_dictionaries({}, optional=values)
bases = st.builds(lambda told: ModelConfig(id=ConfigId(26), **told), some_values)
moments = st.datetimes(EARLIEST.replace(tzinfo=None), LATEST.replace(tzinfo=None)).map(
    lambda time: time.replace(tzinfo=NOW.tzinfo)
)
kepts = st.tuples(
    st.builds(ModelVersion, id=st.integers(1, 2**70).map(VersionId), model_name=texts),
    st.builds(
        Draft,
        st.builds(lambda base, told: ConfigEdit(VersionId(0), base, told), bases, some_values),
        st.dictionaries(st.sampled_from(sorted(FIELD)), texts),
    ),
    moments,
    moments,
).map(lambda told: Kept(*told))


@given(kepts)
def test_a_file_holds_the_whole_draft(kept: Kept) -> None:
    edit = kept.draft.edit
    kept = Kept(
        kept.version,
        Draft(ConfigEdit(kept.version.id, edit.base, edit.values), kept.draft.refused),
        kept.began,
        kept.changed,
    )
    found = decode(encode(kept))
    assert found == kept
    assert repr(found.draft.edit.values) == repr(dict(kept.draft.edit.values))  # 1 is not 1.0, nor 0.0 -0.0
    for key in FIELD:
        assert type(getattr(found.draft.edit.base, key)) is type(getattr(edit.base, key))


def test_unset_null_empty_and_zero_stay_what_they_are() -> None:
    base = ModelConfig(id=ConfigId(26), tensor_fields=(), filter_threshold=0.0, batch_config=None)
    edit = ConfigEdit(VERSION.id, base, {"tensor_fields": None, "openai_config": {}})
    found = decode(encode(Kept(VERSION, Draft(edit), NOW, NOW))).draft.edit
    assert (found.base.tensor_fields, found.base.filter_threshold, found.base.batch_config) == ((), 0.0, None)
    assert found.base.input_schema is UNSET
    assert found.values == {"tensor_fields": None, "openai_config": {}}


GOOD = json.loads(encode(Kept(VERSION, draft(16, "1"), NOW, NOW)))
BAD: dict[str, bytes] = {
    "empty": b"",
    "cut off": json.dumps(GOOD).encode()[:-30],
    "zeros": bytes(500),
    "no object": b"[1, 2]",
    "a newer format": json.dumps(GOOD | {"format": 2, "values": "elsewhere"}).encode(),
    "a field that does not exist": json.dumps(GOOD | {"values": {"new": 1}}).encode(),
    "another kind of base": json.dumps(GOOD | {"base": {"id": "x"}}).encode(),
    "a threshold that is a list": json.dumps(GOOD | {"values": {"filter_threshold": [1]}}).encode(),
    "a schema that is a number": json.dumps(GOOD | {"values": {"input_schema": 1}}).encode(),
    "tensor fields that are objects": json.dumps(GOOD | {"values": {"tensor_fields": [{}]}}).encode(),
    "batching that is a text": json.dumps(GOOD | {"values": {"dynamic_batching_config": "on"}}).encode(),
    "a threshold of 400 digits": json.dumps(GOOD | {"values": {"filter_threshold": 10**400}}).encode(),
    "another version": json.dumps(GOOD | {"version": {"id": 17}}).encode(),
    "texts that are numbers": json.dumps(GOOD | {"refused": {"filter_threshold": 1}}).encode(),
    "no times": json.dumps(GOOD | {"began": None}).encode(),
    "very deep": b"[" * 100_000,
    "a surrogate": json.dumps(GOOD | {"version": {"id": 16, "\ud800": 1}}).encode(),
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_a_file_that_can_not_be_read_is_told_and_left_alone(tmp_path: Path, content: bytes) -> None:
    with opened(tmp_path) as drafts:
        drafts.keep(VERSION, draft(16, "1"))
    (file,) = files(tmp_path)
    file.write_bytes(content)
    with opened(tmp_path) as drafts:
        assert drafts.take(VERSION.id) is None
        assert drafts.all() == ()
        assert file.name in str(drafts.trouble)
        drafts.keep(VERSION, draft(16, "2"))
        drafts.flush()
        drafts.forget(VERSION.id)
    assert file.read_bytes() == content
    assert files(tmp_path) == [file]
    file.unlink()
    with opened(tmp_path) as drafts:
        assert drafts.all() == ()
        assert drafts.trouble is None


def test_no_write_leaves_half_a_file(tmp_path: Path) -> None:
    """Whatever moment it is read at, the file is a whole draft."""
    seen: set[str] = set()

    def read() -> None:
        while not done.is_set():
            for file in files(tmp_path):
                seen.add(text(decode(file.read_bytes()).draft)[:3])

    done = threading.Event()
    reading = threading.Thread(target=read)
    reading.start()
    try:
        with opened(tmp_path) as drafts:
            for number in range(100):
                drafts.keep(VERSION, draft(16, f"{number:03}" * 20_000))
                drafts.flush()
            until(lambda: "099" in seen)
    finally:
        done.set()
        reading.join()
    assert len(seen) > 1


# Bad disks.


def test_where_it_can_not_be_written_it_is_told_and_tried_again_with_the_next_key(tmp_path: Path) -> None:
    obstacle = tmp_path / "drafts"
    obstacle.write_text("no folder")
    with opened(tmp_path) as drafts:
        drafts.keep(OTHER, draft(17, "0"))
        drafts.flush()
        assert "they last until you quit" in str(drafts.trouble)
        kept = drafts.take(OTHER.id)
        assert kept
        assert text(kept.draft) == "0"
        obstacle.unlink()
        drafts.keep(VERSION, draft(16, "1"))
        until(lambda: drafts.trouble is None and len(files(tmp_path)) == 2)


def test_a_write_that_fails_leaves_the_draft_before(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with opened(tmp_path) as drafts:
        drafts.keep(VERSION, draft(16, "1"))
        drafts.flush()
        (file,) = files(tmp_path)
        resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
        try:
            drafts.keep(VERSION, draft(16, "2"))
            drafts.flush()
            assert "file too large" in str(drafts.trouble)
            assert text(decode(file.read_bytes()).draft) == "1"
            until(lambda: not list(file.parent.glob("*.tmp")))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        drafts.flush()
        assert text(decode(file.read_bytes()).draft) == "2"
        assert drafts.trouble is None


@pytest.mark.usefixtures("usual_bounds")
def test_a_disk_that_hangs_keeps_nobody_from_ending(tmp_path: Path) -> None:
    folder = tmp_path / "drafts" / "owner"
    folder.mkdir(parents=True)
    (folder / "16-killed-1-5.tmp").touch()  # what a killed process has left: its lock is looked at
    lock = folder / "killed.lock"
    lock.touch()
    with opened(tmp_path) as drafts:
        with hung(lock):
            with within(SOON):
                drafts.keep(VERSION, draft(16, "1"))
            with within(drafts_module.FLUSH_TIMEOUT):
                drafts.flush()
            until(lambda: "does not answer" in str(drafts.unwritten))
        drafts.flush()
        (file,) = files(tmp_path)
        assert text(decode(file.read_bytes()).draft) == "1"
        assert drafts.unwritten is None


@pytest.mark.usefixtures("usual_bounds")
def test_many_writes_that_take_long_together_count_as_unwritten_until_they_are_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever flushes removes then what the drafts were made of, or ends the program."""
    is_flushed = threading.Event()
    monkeypatch.setattr(os, "fsync", lambda _: is_flushed.wait(drafts_module.FLUSH_TIMEOUT / 4))
    versions = [ModelVersion(id=VersionId(number)) for number in range(16, 46)]
    with opened(tmp_path) as drafts:
        for version in versions:
            drafts.keep(version, draft(version.id, "1"))
        drafts.flush()
        assert drafts.unwritten is not None
        is_flushed.set()
        until(lambda: drafts.unwritten is None)
        assert len(files(tmp_path)) == len(versions)


def test_a_read_that_hangs_holds_up_no_key_and_keeps_nobody_from_ending(tmp_path: Path) -> None:
    with Keeper(tmp_path) as left:
        left.ask("keep", 16, "left")
    (lock,) = (tmp_path / "drafts" / "owner").glob("*.lock")
    taken: list[Kept | tuple[Kept, ...] | None] = []
    with opened(tmp_path) as drafts:
        readers = [
            threading.Thread(target=lambda: taken.append(drafts.take(VERSION.id)), daemon=True),
            threading.Thread(target=lambda: taken.append(drafts.all()), daemon=True),
        ]
        with hung(lock):
            for reader in readers:
                reader.start()
                reader.join(0.1)
            with within(SOON):
                drafts.keep(OTHER, draft(17, "typed"))
                drafts.flush()
                assert any("typed" in file.read_text() for file in files(tmp_path))
                drafts.keep(OTHER, draft(17, "typed on"))
                drafts.forget(OTHER.id)
                assert (taken, drafts.unwritten) == ([], None)
                drafts.close()
        for reader in readers:
            reader.join(LIMIT)
    assert [text(kept.draft) for kept in taken if isinstance(kept, Kept)] == ["left"]
    assert len(taken) == 2


def test_what_is_typed_while_an_older_one_is_looked_for_goes_before(tmp_path: Path) -> None:
    with Keeper(tmp_path) as left:
        left.ask("keep", 16, "left")
    (lock,) = (tmp_path / "drafts" / "owner").glob("*.lock")
    with opened(tmp_path) as drafts:
        taken: list[Kept | None] = []
        reader = threading.Thread(target=lambda: taken.append(drafts.take(VERSION.id)), daemon=True)
        with hung(lock):
            reader.start()
            reader.join(0.1)
            drafts.keep(VERSION, draft(16, "typed"))
        reader.join(LIMIT)
        assert [text(kept.draft) for kept in taken if kept] == ["typed"]
    with opened(tmp_path) as drafts:
        assert sorted(text(kept.draft) for kept in drafts.all()) == ["left", "typed"]


def test_a_folder_that_cannot_be_read_is_named_and_keeps_nobody_from_editing(tmp_path: Path) -> None:
    (tmp_path / "drafts").mkdir()
    (tmp_path / "drafts" / "owner").write_text("no folder")
    with opened(tmp_path) as drafts:
        assert drafts.all() == ()
        assert f"can't be kept in {tmp_path}/drafts/owner (not a directory)" in str(drafts.trouble)
        drafts.keep(VERSION, draft(16, "1"))
        assert drafts.take(VERSION.id)


def test_a_pipe_by_the_name_of_a_draft_is_not_waited_for(tmp_path: Path) -> None:
    folder = tmp_path / "drafts" / "owner"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "16-0123456789abcdef-1.json")
    with opened(tmp_path) as drafts:
        assert (drafts.take(VERSION.id), drafts.all()) == (None, ())
        assert "16-0123456789abcdef-1.json" in str(drafts.trouble)
        assert drafts.unwritten is None


def deep(levels: int) -> dict[str, object]:
    value: dict[str, object] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


TOO_DEEP = [
    pytest.param(
        deep(993),
        id="deep",
        marks=pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python writes it"),
    ),
    pytest.param(deep(100_000), id="deeper"),
]
"""The first can still be read, and no longer be written, by a Python before 3.12."""


@pytest.mark.parametrize("odd", [*TOO_DEEP, pytest.param({"a": object()}, id="no JSON")])
def test_a_draft_that_can_not_be_written_is_told_and_the_others_are_kept(
    tmp_path: Path, odd: dict[str, object]
) -> None:
    with opened(tmp_path) as drafts:
        edit = ConfigEdit(VERSION.id, ModelConfig(id=ConfigId(1)))
        drafts.keep(VERSION, Draft(edit.with_value("openai_config", odd)))
        drafts.flush()
        assert "Unsent edits can't be kept" in str(drafts.unwritten)
        drafts.keep(OTHER, draft(17, "1"))
        drafts.flush()
        assert text(decode(files(tmp_path)[0].read_bytes()).draft) == "1"
        assert drafts.unwritten == drafts.trouble
        drafts.forget(VERSION.id)
        drafts.flush()
        assert drafts.unwritten is None


# Several processes.


def test_a_draft_of_a_living_process_is_told_and_left_to_it(tmp_path: Path) -> None:
    with Keeper(tmp_path) as theirs, opened(tmp_path) as ours:
        theirs.ask("keep", 16, "theirs")
        assert ours.take(VERSION.id) is None
        (kept,) = ours.all()
        assert (text(kept.draft), kept.elsewhere) == ("theirs", True)

        ours.keep(VERSION, draft(16, "ours"))
        ours.flush()
        ours.forget(VERSION.id)
        ours.flush()
        assert theirs.drafts() == [("theirs", False)]
        assert theirs.ask("take", 16) == "theirs"


@pytest.mark.parametrize("ended", ["killed", "closed"])
def test_what_two_processes_left_behind_is_offered_one_after_the_other(tmp_path: Path, ended: str) -> None:
    with Keeper(tmp_path) as one, Keeper(tmp_path) as two:
        one.ask("keep", 16, "older")
        two.ask("keep", 16, "newer")
        for keeper in (one, two):
            if ended == "killed":
                keeper.kill()
            else:
                keeper.send("close")
                keeper.process.wait(LIMIT)
    with opened(tmp_path) as drafts:
        assert [(text(kept.draft), kept.elsewhere) for kept in drafts.all()] == [
            ("newer", False),
            ("older", False),
        ]
        for expected in ("newer", "older"):
            kept = drafts.take(VERSION.id)
            assert kept
            assert text(kept.draft) == expected
            drafts.forget(VERSION.id)
        assert drafts.take(VERSION.id) is None
    assert files(tmp_path) == []


def test_what_is_left_behind_is_adopted_by_one_only(tmp_path: Path) -> None:
    with Keeper(tmp_path) as left:
        for number in range(1, 21):
            left.ask("keep", number, f"draft {number}")
    with Keeper(tmp_path) as one, Keeper(tmp_path) as two:
        for number in range(1, 21):
            for keeper in (one, two):
                keeper.send("take", number)
            taken = {one.hear(), two.hear()}
            assert taken == {None, f"draft {number}"}
        told = [sorted(keeper.drafts()) for keeper in (one, two)]
    assert len(told[0]) == len(told[1]) == 20
    assert all(mine is not theirs for (_, mine), (_, theirs) in zip(*told, strict=True))


def test_nothing_is_lost_to_a_kill_at_any_moment(tmp_path: Path, thorough: bool) -> None:
    """What was on disk before the kill, or something newer, is there after it; and no rubbish stays."""
    for round_ in range(10) if thorough else (0, 1, 4, 9):
        with Keeper(tmp_path) as keeper:
            before = keeper.ask("take", 16)
            assert before is None or isinstance(before, str)
            number = int(before) if before else 0
            keeper.ask("keep", 16, str(number + 1))
            for more in range(2, 2 + round_ * 3):
                keeper.send("keep", 16, str(number + more))
            keeper.kill()
        with Keeper(tmp_path) as keeper:
            ((told, _),) = keeper.drafts()
            assert number < int(told) <= number + max(1, 1 + round_ * 3)
    with opened(tmp_path) as drafts:
        drafts.take(VERSION.id)
        drafts.forget(VERSION.id)
    assert list((tmp_path / "drafts" / "owner").iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may rename everywhere")
def test_where_nothing_can_be_renamed_what_was_left_behind_is_offered_all_the_same(tmp_path: Path) -> None:
    with Keeper(tmp_path) as left:
        left.ask("keep", 16, "1")
    folder = tmp_path / "drafts" / "owner"
    folder.chmod(0o500)
    try:
        with opened(tmp_path) as drafts:
            kept = drafts.take(VERSION.id)
            assert kept
            assert text(kept.draft) == "1"
            assert drafts.all() == (kept,)
    finally:
        folder.chmod(0o700)
