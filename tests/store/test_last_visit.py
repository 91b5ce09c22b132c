"""The file of the last visit: small, private, and nothing but a comparison is lost with it."""

import os
import zlib
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.clock import NOW
from wltui.core.records import ConfigId, VersionId
from wltui.store import last_visit
from wltui.store.last_visit import KeptVisit, Snapshot, forget_visit, load_visit, save_visit, visit_path

STATE = Snapshot(
    {"w4": {VersionId(6): "r", VersionId(3): "e"}, "w10": {VersionId(19): "p"}}, {VersionId(6): ConfigId(20)}
)
EARLIER = Snapshot({"w4": {VersionId(3): "r"}})
VISIT = KeptVisit(NOW, STATE, NOW - timedelta(days=1), EARLIER)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return visit_path(tmp_path / "cache", "owner")


def test_a_visit_is_loaded_as_it_was_saved(path: Path) -> None:
    assert load_visit(path) is None
    for visit in (VISIT, KeptVisit(NOW, Snapshot())):
        save_visit(path, visit)
        assert load_visit(path) == visit
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


ids = st.integers(min_value=1, max_value=1 << 60)
statuses = st.dictionaries(ids.map(VersionId), st.sampled_from("repoa"), max_size=20)


@settings(max_examples=20)  # each is written to the disk
@given(st.dictionaries(st.text(max_size=5), statuses, max_size=3), st.dictionaries(ids, ids, max_size=5))
def test_any_state_comes_back(
    tmp_path_factory: pytest.TempPathFactory,
    lists: dict[str, dict[VersionId, str]],
    configs: dict[VersionId, ConfigId],
) -> None:
    path = tmp_path_factory.mktemp("visit", numbered=True) / "cache" / "owner.visit"
    visit = KeptVisit(NOW, Snapshot(lists, configs))
    save_visit(path, visit)
    assert load_visit(path) == visit


@pytest.mark.parametrize(
    "content",
    [
        b"", b"garbage", zlib.compress(b"[]"), zlib.compress(b"{}"), zlib.compress(b'{"format": 2}'),
        zlib.compress(b'{"format": 1, "since": null, "ended": "x", "last": {}, "before": {}}'),
        zlib.compress(b'{"format": 1, "since": null, "ended": "2026-03-01T12:00:00+00:00",'
                      b' "last": {"lists": {"w1": {"r": ["1"]}}, "configs": [[], []]}, "before": {}}'),
        zlib.compress(b'{"format": 1, "since": null, "ended": "2026-03-01T12:00:00+00:00",'
                      b' "last": {"lists": {"w1": {"?": [1]}}, "configs": [[], []]}, "before": {}}'),
        zlib.compress(b"[" * 100_000), zlib.compress(b" " * (last_visit.LARGEST_UNPACKED + 1)),
        zlib.compress(b"{}")[:-3],
    ],
)  # fmt: skip
def test_a_damaged_file_is_no_file(path: Path, content: bytes) -> None:
    save_visit(path, VISIT)
    path.write_bytes(content)
    assert load_visit(path) is None


def test_a_file_that_others_can_write_to_is_no_file(path: Path) -> None:
    save_visit(path, VISIT)
    path.chmod(0o622)
    assert load_visit(path) is None
    path.chmod(0o600)
    assert load_visit(path) == VISIT


def test_a_pipe_in_its_place_is_not_waited_for(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    os.mkfifo(path)
    assert load_visit(path) is None


def test_100_000_versions_are_small_and_of_far_more_no_file_stays(path: Path) -> None:
    def state(number: int) -> Snapshot:
        signs = {VersionId(3 * each + each % 2): "rrrre"[each % 5] for each in range(number)}
        return Snapshot({"w1": signs})

    save_visit(path, KeptVisit(NOW, state(100_000)))
    assert path.stat().st_size < 200_000
    far_more = KeptVisit(NOW, state(last_visit.MOST + 1))
    for _ in range(2):
        save_visit(path, far_more)
        assert not path.exists()


def test_lists_that_are_gone_leave_no_versions_and_no_configs() -> None:
    one, two, three, four = map(VersionId, (1, 2, 3, 4))
    configs = dict.fromkeys((one, two, three, four), ConfigId(9))
    before = Snapshot({"w1": {one: "r", two: "r"}, "w2": {three: "r"}}, configs)
    newer = Snapshot({"w1": {one: "e"}}, {one: ConfigId(10)})
    assert before.updated(newer) == Snapshot(
        {"w1": {one: "e"}, "w2": {three: "r"}}, {one: ConfigId(10), three: ConfigId(9), four: ConfigId(9)}
    )
    assert before.updated(newer, {"w1", "w2"}) == Snapshot(
        {"w1": {one: "e"}}, {one: ConfigId(10), four: ConfigId(9)}
    )


def test_it_can_be_removed(path: Path) -> None:
    save_visit(path, VISIT)
    assert forget_visit(path) > 0
    assert forget_visit(path) == 0
    assert load_visit(path) is None
