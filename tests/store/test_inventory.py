"""The cache's files as a whole: each tells whose it is, and can be got rid of whoever has it open."""

import sqlite3
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.waiting import until
from wltui.core.errors import WltuiError
from wltui.store.bodies import pack
from wltui.store.inventory import cache_files, clear
from wltui.store.response_cache import SCHEMA_VERSION, Cache, Owner

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
JANE = Owner("https://wallaroo.example.com", "jane@example.com")
LIST = "models/list"


def filled(path: Path, *hours: int, owner: Owner | None = JANE) -> Path:
    """A cache file with an answer for each hour after noon; all are on disk, since closing waits only a second."""
    with closing(Cache(path, owner=owner)) as cache:
        for hour in hours:
            cache.put(pack(LIST, {"workspace_id": hour}, b"{}" * 5_000), NOON + timedelta(hours=hour))
    until(lambda: all(thread.name != "cache" for thread in threading.enumerate()))
    return path


def test_a_file_tells_whose_it_is_and_what_it_holds(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.db", 1, 3, 2)
    (file,) = cache_files(tmp_path)
    assert (file.path, file.owner, file.answers) == (path, JANE, 3)
    assert (file.oldest, file.newest) == (NOON + timedelta(hours=1), NOON + timedelta(hours=3))
    assert file.size == path.stat().st_size > 0


def test_a_file_in_use_is_told_with_all_that_belongs_to_it(tmp_path: Path) -> None:
    with closing(Cache(filled(tmp_path / "a.db", 1))):
        (file,) = cache_files(tmp_path)
        assert file.answers == 1
        assert file.size == sum(path.stat().st_size for path in tmp_path.iterdir())


def test_what_cannot_be_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "damaged.db").write_bytes(b"garbage " * 1000)
    (tmp_path / "empty.db").touch()
    filled(tmp_path / "nobody.db", owner=None)
    with closing(sqlite3.connect(filled(tmp_path / "other.db", 1))) as connection:
        connection.execute(f"pragma user_version = {SCHEMA_VERSION + 1}")
    told = {file.path.stem: (file.owner, file.answers, file.unreadable) for file in cache_files(tmp_path)}
    assert told == {
        "damaged": (None, 0, "file is not a database"),
        "empty": (None, 0, ""),
        "nobody": (None, 0, ""),
        "other": (None, 0, "made by another version of wltui"),
    }


def test_where_nothing_was_kept_there_is_nothing(tmp_path: Path) -> None:
    assert cache_files(tmp_path / "missing") == []


@pytest.mark.parametrize("content", [None, b"", b"garbage " * 1000])
def test_a_cleared_file_is_gone(tmp_path: Path, content: bytes | None) -> None:
    path = filled(tmp_path / "a.db", 1, 2)
    if content is not None:
        path.write_bytes(content)
    size = path.stat().st_size
    assert clear(path) == size
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_use_is_emptied_and_goes_on_being_used(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.db", *range(50))
    with closing(Cache(path)) as cache:
        assert cache.get(LIST, {"workspace_id": 1})
        before = sum(file.stat().st_size for file in tmp_path.iterdir())
        assert clear(path) == before - sum(file.stat().st_size for file in tmp_path.iterdir()) > 0
        assert cache.get(LIST, {"workspace_id": 1}) is None
        cache.put(pack(LIST, {"workspace_id": 99}, b"after"), NOON)
        assert cache.trouble is None
    (file,) = cache_files(tmp_path)
    assert (file.owner, file.answers, file.newest) == (JANE, 1, NOON)


def test_a_locked_file_is_not_cleared_and_that_is_told(tmp_path: Path) -> None:
    path = filled(tmp_path / "a.db", 1)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("pragma locking_mode = exclusive")
        other.execute("begin exclusive")
        with pytest.raises(WltuiError, match="was not cleared: database is locked"):
            clear(path, timeout=0.01)
        other.execute("commit")
    assert [file.answers for file in cache_files(tmp_path)] == [1]


def test_what_no_other_process_holds_up_is_not_to_be_tried_again(tmp_path: Path) -> None:
    (tmp_path / "a.db").mkdir()
    with pytest.raises(WltuiError, match=r"was not cleared: .*\. Delete it yourself"):
        clear(tmp_path / "a.db")
