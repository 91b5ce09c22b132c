"""The response cache: it remembers, it stays small and private, and whatever happens to its file is only a miss."""

import os
import random
import sqlite3
import stat
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.waiting import running, until
from wltui.core.errors import WltuiError
from wltui.store.bodies import SET_ASIDE, CachedAnswer, pack
from wltui.store.inventory import cache_files, clear
from wltui.store.private_files import owner_key
from wltui.store.response_cache import (
    BEGUN_ANEW,
    DAMAGED,
    IN_USE,
    LOCKED,
    NEWER,
    SCHEMA_VERSION,
    Cache,
    cache_path,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIST = "models/list"
IN_10 = {"workspace_id": 10}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "some.db"


def kept(path: Path, number: int = 10) -> bytes | None:
    """What a later session finds."""
    with closing(Cache(path)) as cache:
        return _body(cache, number)


def keep(path: Path, body: bytes, number: int = 10) -> None:
    with closing(Cache(path)) as cache:
        cache.put(pack(LIST, {"workspace_id": number}, body), NOON)


def at(path: Path, now: datetime) -> Cache:
    """A cache that forgets after 30 days, opened at a time."""
    return Cache(path, max_age=timedelta(days=30), clock=lambda: now)


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that do not compress."""
    return random.Random(seed).randbytes(size)


def test_an_answer_is_there_at_once_and_after_closing(path: Path) -> None:
    answer = CachedAnswer(pack(LIST, IN_10, b'{"models":[]}'), NOON + timedelta(microseconds=125_000))
    with closing(Cache(path)) as cache:
        assert (cache.get(LIST, IN_10), cache.received(LIST, IN_10)) == (None, None)
        cache.put(answer.stored, answer.received)
        assert (cache.get(LIST, IN_10), cache.received(LIST, IN_10)) == (answer, answer.received)
    with closing(Cache(path)) as cache:
        assert (cache.get(LIST, IN_10), cache.received(LIST, IN_10)) == (answer, answer.received)


def test_a_large_body_waits_in_a_file_without_a_name(path: Path, tmp_path: Path) -> None:
    body = noise(SET_ASIDE)
    whole, small = pack(LIST, IN_10, body), pack(LIST, IN_10, b"{}")
    assert small.set_aside(tmp_path) is small
    assert whole.set_aside(tmp_path / "missing") is whole  # as on a full disk
    aside = whole.set_aside(tmp_path)
    assert aside.set_aside(tmp_path) is aside
    assert [*tmp_path.iterdir()] == []
    assert not isinstance(aside.held, bytes)
    with aside.held as file:
        assert (aside.data, aside.unpack(), aside.is_same(whole)) == (whole.data, body, True)
        with closing(Cache(path)) as cache:
            cache.put(aside, NOON)
        assert kept(path) == body
        file.truncate(SET_ASIDE // 2)
        with pytest.raises(ValueError, match="cut off"):
            aside.unpack()
        with closing(Cache(path)) as cache:
            cache.put(aside, NOON + timedelta(seconds=1))
            assert cache.trouble is None
    with pytest.raises(ValueError, match="closed file"):
        aside.unpack()
    assert kept(path) == body


def test_requests_differ_by_path_and_by_what_they_ask_in_whatever_order(path: Path) -> None:
    with closing(Cache(path)) as cache:
        cache.put(pack(LIST, {"a": 1, "b": {"c": 2, "d": [1, 2]}}, b"this"), NOON)
        found = cache.get(LIST, {"b": {"d": [1, 2], "c": 2}, "a": 1})
        assert found
        assert found.stored.unpack() == b"this"
        for path_, request in (
            ("models/get", {"a": 1, "b": {"c": 2, "d": [1, 2]}}),
            (LIST, {"a": 1, "b": {"c": 2, "d": [2, 1]}}),
            (LIST, {"a": "1", "b": {"c": 2, "d": [1, 2]}}),
            (LIST, {}),
        ):
            assert cache.get(path_, request) is None


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.binary(max_size=300)), max_size=12))
def test_the_last_answer_to_each_request_is_what_a_later_session_finds(
    path: Path, puts: list[tuple[int, bytes]]
) -> None:
    path.unlink(missing_ok=True)
    with closing(Cache(path)) as cache:
        for number, body in puts:
            cache.put(pack(LIST, {"workspace_id": number}, body), NOON)
        assert [_body(cache, number) for number in range(4)] == [dict(puts).get(n) for n in range(4)]
    with closing(Cache(path)) as cache:
        assert [_body(cache, number) for number in range(4)] == [dict(puts).get(n) for n in range(4)]


def _body(cache: Cache, number: int) -> bytes | None:
    """What the cache has; None also if it is damaged."""
    found = cache.get(LIST, {"workspace_id": number})
    try:
        return found.stored.unpack() if found else None
    except ValueError:
        return None


def test_instances_and_users_have_files_of_their_own(tmp_path: Path) -> None:
    owners = [("https://a", "jane"), ("https://b", "jane"), ("https://a", "joe"), ("https://a", "")]
    paths = {cache_path(tmp_path, owner_key(*owner)) for owner in owners}
    assert len(paths) == 4
    assert cache_path(tmp_path, owner_key(*owners[0])) in paths


# Privacy.


@pytest.fixture
def lax_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


@pytest.mark.usefixtures("lax_umask")
def test_nobody_else_may_look_whatever_the_umask(path: Path) -> None:
    with closing(Cache(path)) as cache:
        cache.put(pack(LIST, IN_10, b"{}"), NOON)
        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}
    assert modes == {"some.db": 0o600, "some.db-wal": 0o600, "some.db-shm": 0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(path: Path) -> None:
    path.parent.mkdir()
    path.touch(0o644)
    keep(path, b"{}")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


# The bound.


def test_over_the_bound_the_oldest_leave_first(path: Path) -> None:
    with closing(Cache(path, max_bytes=100_000)) as cache:
        for number in range(20):
            cache.put(
                pack(LIST, {"workspace_id": number}, noise(10_000, number)), NOON + timedelta(seconds=number)
            )
    with closing(Cache(path)) as cache:
        found = [number for number in range(20) if cache.get(LIST, {"workspace_id": number})]
    assert found
    assert found == list(range(20 - len(found), 20))
    assert 5 < len(found) <= 10


def test_an_answer_written_again_counts_as_new(path: Path) -> None:
    with closing(Cache(path, max_bytes=35_000)) as cache:
        for seconds, number in enumerate((0, 1, 2, 0, 3)):
            cache.put(pack(LIST, {"workspace_id": number}, noise(10_000)), NOON + timedelta(seconds=seconds))
    assert [bool(kept(path, number)) for number in range(4)] == [True, False, True, True]


def test_an_answer_that_comes_again_is_as_new_as_the_last_time_and_written_once(path: Path) -> None:
    later = NOON + timedelta(hours=1)
    with closing(Cache(path)) as cache:
        cache.put(pack(LIST, IN_10, b"same"), NOON)
        until(lambda: kept(path))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute(
                "create trigger refusal before insert on answer begin select raise(abort, 'x'); end"
            )
            cache.put(pack(LIST, IN_10, b"same"), later)
            until(lambda: other.execute("select received from answer").fetchall() == [(later.timestamp(),)])
        assert cache.trouble is None


def test_an_answer_that_comes_again_is_kept_though_another_process_has_cleared_it(path: Path) -> None:
    with closing(Cache(path)) as cache:
        cache.put(pack(LIST, IN_10, b"same"), NOON)
        until(lambda: kept(path))
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("delete from answer")
        cache.put(pack(LIST, IN_10, b"same"), NOON)
    assert kept(path) == b"same"


def test_what_a_killed_session_left_is_cut_back_by_the_next_one_while_it_runs(path: Path) -> None:
    with closing(Cache(path)) as cache:
        for number in range(5):
            cache.put(pack(LIST, {"workspace_id": number}, noise(10_000)), NOON + timedelta(seconds=number))
    with closing(Cache(path, max_bytes=100_000)) as cache, closing(Cache(path, max_bytes=25_000)) as small:
        small.put(pack(LIST, {"workspace_id": 5}, noise(10_000)), NOON + timedelta(seconds=5))
        until(lambda: not cache.get(LIST, {"workspace_id": 0}))
        assert cache.get(LIST, {"workspace_id": 5})


def test_an_answer_beyond_the_bound_drives_nothing_out(path: Path) -> None:
    with closing(Cache(path, max_bytes=50_000)) as cache:
        cache.put(pack(LIST, IN_10, b"small"), NOON)
        cache.put(pack(LIST, {"workspace_id": 11}, noise(60_000)), NOON + timedelta(seconds=1))
    assert kept(path, 10) == b"small"
    assert kept(path, 11) is None


def test_what_is_too_old_is_not_told_and_leaves(path: Path) -> None:
    keep(path, b"old")
    with closing(at(path, NOON + timedelta(days=30))) as cache:
        assert _body(cache, 10) == b"old"
    with closing(at(path, NOON + timedelta(days=30, seconds=1))) as cache:
        assert cache.get(LIST, IN_10) is None
        assert kept(path) == b"old"
    assert kept(path) is None


def test_an_answer_from_the_future_is_told(path: Path) -> None:
    """The clock was wrong when it came, or is now."""
    with closing(at(path, NOON)) as cache:
        cache.put(pack(LIST, IN_10, b"{}"), NOON + timedelta(days=400))
    with closing(at(path, NOON)) as cache:
        assert _body(cache, 10) == b"{}"


# Bad days.


def _truncated(path: Path) -> bytes:
    keep(path, noise(100_000))
    return path.read_bytes()[:20_000]


def _of_version(path: Path, version: int) -> bytes:
    keep(path, b"{}")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"pragma user_version = {version}")
        connection.execute("pragma journal_mode = delete")
    return path.read_bytes()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        pytest.param(lambda _: b"garbage " * 1000, BEGUN_ANEW, id="garbage"),
        pytest.param(lambda _: bytes(8192), BEGUN_ANEW, id="zeroed"),
        pytest.param(lambda _: b"", None, id="empty"),
        pytest.param(_truncated, BEGUN_ANEW, id="truncated"),
        pytest.param(lambda path: _of_version(path, SCHEMA_VERSION - 1), None, id="an older version's"),
    ],
)
def test_a_file_that_cannot_be_read_is_begun_anew(
    path: Path, content: Callable[[Path], bytes], told: str | None
) -> None:
    path.parent.mkdir()
    path.write_bytes(content(path))

    with closing(Cache(path)) as cache:
        assert cache.get(LIST, IN_10) is None
        cache.put(pack(LIST, IN_10, b"new"), NOON)
        assert _body(cache, 10) == b"new"
        assert cache.trouble == told
    with closing(Cache(path)) as cache:
        assert _body(cache, 10) == b"new"
        assert cache.trouble is None


def test_a_newer_versions_file_stays_as_it_is_and_another_is_used_beside_it(path: Path) -> None:
    before = _of_version(path, SCHEMA_VERSION + 1)
    with closing(Cache(path)) as cache:
        assert cache.trouble == NEWER
        assert cache.get(LIST, IN_10) is None
        cache.put(pack(LIST, IN_10, b"ours"), NOON)
    with closing(Cache(path)) as cache:
        assert _body(cache, 10) == b"ours"
        assert cache.trouble is None
    assert path.read_bytes() == before
    assert len(list(path.parent.iterdir())) == 2


def test_damage_is_mended_beside_a_newer_versions_file_too(path: Path) -> None:
    before = _of_version(path, SCHEMA_VERSION + 1)
    keep(path, b"ours")
    (ours,) = set(path.parent.iterdir()) - {path}
    ours.write_bytes(b"garbage " * 1000)
    with closing(Cache(path)) as cache:
        assert cache.trouble == BEGUN_ANEW
        cache.put(pack(LIST, IN_10, b"again"), NOON)
    assert kept(path) == b"again"
    assert path.read_bytes() == before


@pytest.mark.parametrize("seed", [1, 5, 113])
def test_damage_within_a_file_costs_what_it_hit_and_not_the_next_session(path: Path, seed: int) -> None:
    bodies = {number: noise(3_000, number) for number in range(60)}
    with closing(Cache(path)) as cache:
        for number, body in bodies.items():
            cache.put(pack(LIST, {"workspace_id": number}, body), NOON)
    content = bytearray(path.read_bytes())
    luck = random.Random(seed)
    for _ in range(200):
        place = luck.randrange(100, len(content))
        content[place : place + 40] = luck.randbytes(40)
    path.write_bytes(content)

    with closing(Cache(path)) as cache:
        for number, body in bodies.items():
            assert _body(cache, number) in (None, body)
            cache.put(pack(LIST, {"workspace_id": number}, body), NOON)
    keep(path, b"after", 100)
    assert kept(path, 100) == b"after"


def test_a_file_whose_damage_shows_only_in_use_is_begun_anew_by_the_next_session(path: Path) -> None:
    keep(path, b"before")
    content = bytearray(path.read_bytes())
    page = 4096
    content[page : 4 * page] = noise(3 * page)  # the first holds the names of the tables, these the tables
    path.write_bytes(content)

    with closing(Cache(path)) as cache:
        assert cache.get(LIST, IN_10) is None
        cache.put(pack(LIST, IN_10, b"lost"), NOON)
        assert cache.trouble == DAMAGED
    keep(path, b"after")
    assert kept(path) == b"after"


def test_an_entry_that_does_not_unpack_is_a_miss(path: Path) -> None:
    keep(path, b"one")
    for broken in (b"no zlib", "a text", 7, None):
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("pragma ignore_check_constraints = on")
            connection.execute("update answer set body = coalesce(?, body), received = ?", (broken, 1e300))
        assert kept(path) is None
    keep(path, b"two")
    assert kept(path) == b"two"


@pytest.mark.parametrize("place", ["file/some.db", "folder.db"])
def test_without_a_place_for_its_file_it_keeps_nothing_and_fails_nobody(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder.db").mkdir()

    with closing(Cache(tmp_path / place)) as cache:
        cache.put(pack(LIST, IN_10, b"{}"), NOON)
        assert cache.get(LIST, IN_10) is None
        assert cache.trouble is not None
        assert cache.trouble.startswith("The response cache can't be used")


@pytest.mark.usefixtures("usual_bounds")
def test_a_locked_file_is_left_alone(path: Path) -> None:
    keep(path, b"before")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("pragma locking_mode = exclusive")
        other.execute("begin exclusive")
        other.execute("delete from answer where size < 0")
        with closing(Cache(path)) as cache:
            cache.put(pack(LIST, IN_10, b"meanwhile"), NOON)
            assert cache.get(LIST, IN_10) is None
            assert cache.trouble == LOCKED
        other.execute("commit")
    assert kept(path) == b"before"


def test_writes_that_fail_leave_nothing_behind_in_memory(path: Path) -> None:
    with closing(Cache(path)) as cache:
        with closing(sqlite3.connect(path)) as other:
            other.execute("drop table answer")
        for number in range(50):
            cache.put(pack(LIST, {"workspace_id": number}, b"{}"), NOON)
        until(lambda: not any(cache.get(LIST, {"workspace_id": number}) for number in range(50)))
        assert cache.trouble is not None
        assert "no such table" in cache.trouble


def test_trouble_with_writing_is_told_until_a_write_succeeds(path: Path) -> None:
    with closing(Cache(path)) as cache:
        cache.put(pack(LIST, IN_10, b"before"), NOON)
        until(lambda: kept(path))
        assert cache.trouble is None
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("create trigger refusal before insert on answer when new.size > 9000 "
                          "begin select raise(abort, 'x'); end")  # fmt: skip
        cache.put(pack(LIST, {"workspace_id": 11}, noise(10_000)), NOON)
        until(lambda: cache.trouble)
        assert _body(cache, 10) == b"before"
        cache.put(pack(LIST, {"workspace_id": 12}, b"small"), NOON)
        until(lambda: cache.trouble is None)


def test_a_closed_cache_knows_nothing_and_fails_nobody(path: Path) -> None:
    cache = Cache(path)
    cache.put(pack(LIST, IN_10, b"{}"), NOON)
    cache.close()
    cache.close()
    cache.put(pack(LIST, IN_10, b"late"), NOON)
    assert cache.get(LIST, IN_10) is None
    assert kept(path) == b"{}"


# Several at once.


def test_two_on_one_file_see_what_the_other_wrote(path: Path) -> None:
    with closing(Cache(path)) as one:
        with closing(Cache(path)) as other:
            other.put(pack(LIST, IN_10, b"other's"), NOON)
        assert _body(one, 10) == b"other's"
        one.put(pack(LIST, IN_10, b"one's"), NOON)
    assert kept(path) == b"one's"


OTHER_PROCESS = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from wltui.store.bodies import pack
from wltui.store.response_cache import Cache
cache = Cache(Path(sys.argv[1]))
found = cache.get("models/list", {"workspace_id": int(sys.argv[2])})
print(found.stored.unpack().decode() if found else "nothing")
cache.put(pack("models/list", {"workspace_id": int(sys.argv[2])}, sys.argv[3].encode()), datetime.now(UTC))
cache.close()
"""


def _other_process(path: Path, number: int, body: str) -> str:
    command = [sys.executable, "-c", OTHER_PROCESS, str(path), str(number), body]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_another_process_that_comes_and_goes_takes_nothing_away(path: Path) -> None:
    """It must find the file in use: else it removes the log that the first one goes on writing to."""
    with closing(Cache(path)) as cache:
        cache.put(pack(LIST, IN_10, b"before"), NOON)
        assert _other_process(path, 11, "theirs") == "nothing"
        assert path.with_name("some.db-wal").exists()
        cache.put(pack(LIST, IN_10, b"after"), NOON)
        assert _body(cache, 11) == b"theirs"
    assert _other_process(path, 10, "") == "after"


HOLDER = """
import sys
from pathlib import Path
from wltui.store.bodies import pack
from wltui.store.response_cache import Cache, Owner
cache = Cache(Path(sys.argv[1]), owner=Owner("https://example.com", "them"))
print(cache.get("models/list", {"workspace_id": 10}).stored.unpack().decode(), flush=True)
sys.stdin.read()
cache.close()
"""


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another process has the file open."""
    command = [sys.executable, "-c", HOLDER, str(path)]
    with running(
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    ) as holder:
        assert holder.stdin is not None
        assert holder.stdout is not None
        assert holder.stdout.readline() == "before\n"
        until(lambda: cache_files(path.parent)[0].owner)  # its own thread, which signs, has the file open too
        yield
        holder.stdin.close()
        assert holder.wait() == 0


def test_a_damaged_file_that_another_process_has_open_is_left_to_it(path: Path) -> None:
    keep(path, b"before")
    with held(path):
        garbage = b"garbage " * 1000
        path.write_bytes(garbage)
        with closing(Cache(path)) as cache:
            assert cache.trouble == IN_USE
            cache.put(pack(LIST, IN_10, b"meanwhile"), NOON)
            assert cache.get(LIST, IN_10) is None
        with pytest.raises(WltuiError, match="it is damaged, and in use by another wltui"):
            clear(path)
        assert path.read_bytes() == garbage
    keep(path, b"after")
    assert kept(path) == b"after"


def test_damage_that_shows_in_use_is_begun_anew_by_who_is_the_last_to_end(path: Path) -> None:
    keep(path, b"before")
    with held(path):
        with closing(Cache(path)) as cache:
            with path.open("r+b") as file:
                file.seek(4096)
                file.write(noise(3 * 4096))
            cache.put(pack(LIST, IN_10, b"lost"), NOON)
            until(lambda: cache.trouble)
            assert cache.trouble == DAMAGED
        assert path.exists()
    keep(path, b"after")
    assert kept(path) == b"after"


# A file that somebody has tampered with.

ENDLESS = "with recursive n(i) as (select 1 union all select i + 1 from n) select i"


def tampered(path: Path, *statements: str) -> None:
    """A file with an answer, changed by other statements."""
    keep(path, b"old")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize(
    "statements",
    [
        ["drop table answer"],
        ["drop table about", f"create view about as {ENDLESS} as endpoint, i as account from n"],
        [
            "drop table answer",
            f"create view answer as {ENDLESS} as key, i as body, 1.0 as received, 1 as size from n",
        ],
        [
            "drop table answer",
            f"create view answer as {ENDLESS} as key, i as body, 1.0 as received, 1 as size from n",
            "pragma user_version = 2",
        ],
        [
            "create trigger endless after insert on answer begin"
            f" insert into about {ENDLESS}, '', '' from n; end"
        ],
        ["alter table answer add column more"],
        ["drop index answer_age"],
    ],
)
def test_a_file_of_another_schema_is_begun_anew(path: Path, statements: list[str]) -> None:
    tampered(path, *statements)
    if not statements[-1].startswith("pragma"):
        (file,) = cache_files(path.parent)
        assert "does not hold the tables of wltui" in file.unreadable
    with closing(Cache(path)) as cache:
        assert cache.trouble == BEGUN_ANEW
        assert cache.get(LIST, IN_10) is None
        cache.put(pack(LIST, IN_10, b"new"), NOON)
    assert kept(path) == b"new"
    assert cache_files(path.parent)[0].answers == 1


@pytest.mark.parametrize("view", ["about", "answer"])
def test_a_file_of_another_schema_is_cleared(path: Path, view: str) -> None:
    tampered(path, f"drop table {view}", f"create view {view} as {ENDLESS} from n")
    clear(path)
    assert not path.exists()


def test_a_file_of_another_schema_that_is_in_use_says_what_mends_it(path: Path) -> None:
    keep(path, b"before")
    with held(path):
        tampered(path, "drop index answer_age")
        with closing(Cache(path)) as cache:
            assert cache.trouble == IN_USE
            assert "wltui cache clear" in IN_USE


@pytest.mark.parametrize(
    "row", ["x'00'", "'text'", "1", "1.5", "null", "zeroblob(100000)", "randomblob(100)"]
)
@pytest.mark.parametrize("received", ["1e300", "-1e300", "'soon'", "x'00'", "9e18", "253402300799.0", "1e9"])
def test_a_row_of_any_kind_is_a_miss_at_most(path: Path, row: str, received: str) -> None:
    tampered(
        path,
        "pragma writable_schema = on",
        "update sqlite_schema set sql = replace(sql, ' not null', '') where name = 'answer'",
    )
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute(f"update answer set body = {row}, received = {received}")  # noqa: S608
        connection.execute("pragma writable_schema = on")
        connection.execute(
            "update sqlite_schema set sql = replace(replace(sql, 'body blob', 'body blob not null'),"
            " 'received real', 'received real not null') where name = 'answer'"
        )
        connection.execute(
            "update sqlite_schema set sql = replace(sql, 'size integer', 'size integer not null') where name = 'answer'"
        )
    cache_files(path.parent)
    with closing(Cache(path)) as cache:
        assert cache.trouble is None
        assert _body(cache, 10) is None


def test_a_row_that_would_unpack_to_gigabytes_is_a_miss_and_takes_no_memory(path: Path) -> None:
    packer = zlib.compressobj(9)
    zeros = bytes(1 << 20)
    bomb = b"".join([packer.compress(zeros) for _ in range(300)] + [packer.flush()])
    tampered(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("update answer set body = ?", (bomb,))
    with closing(Cache(path)) as cache:
        assert _body(cache, 10) is None


def test_a_link_in_the_place_of_a_file_leaves_its_target_alone(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_bytes(b"somebody's")
    target.chmod(0o644)
    path.parent.mkdir(mode=0o700)
    path.symlink_to(target)
    with closing(Cache(path)) as cache:
        cache.put(pack(LIST, IN_10, b"new"), NOON)
        assert "wltui cache clear" in str(cache.trouble)
    assert "not a regular file" in cache_files(path.parent)[0].unreadable
    clear(path)
    assert not path.is_symlink()
    assert (target.read_bytes(), stat.S_IMODE(target.stat().st_mode)) == (b"somebody's", 0o644)


def test_a_pipe_in_the_place_of_a_file_is_not_waited_for(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    os.mkfifo(path)
    with closing(Cache(path)) as cache:
        assert cache.trouble
    assert "not a regular file" in cache_files(path.parent)[0].unreadable
    clear(path)
    assert not path.exists()


@pytest.mark.parametrize("loose", ["folder", "file"])
def test_what_others_can_write_to_is_not_used(path: Path, loose: str) -> None:
    keep(path, b"old")
    (path if loose == "file" else path.parent).chmod(0o777)
    with closing(Cache(path)) as cache:
        assert cache.get(LIST, IN_10) is None
        assert "others can write to it. To mend it: chmod go-w /" in str(cache.trouble)


def test_a_folder_that_is_missing_is_made_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keep(tmp_path / "home" / ".cache" / "wltui" / "some.db", b"new")
    finally:
        os.umask(before)
    made = [path for path in tmp_path.rglob("*") if path.is_dir()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o700}
