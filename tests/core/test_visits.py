"""What has changed between two looks at an instance."""

from datetime import timedelta

from tests.support.clock import NOW
from wltui.core.records import ConfigId, ModelVersion, VersionId
from wltui.core.visits import Changes, find_changes, find_reconfigured, signs_of


def version(number: int, status: str | None, *, age: float = 100) -> ModelVersion:
    """A version, uploaded that many hours ago."""
    created = (NOW - timedelta(hours=age)).isoformat()
    return ModelVersion(id=VersionId(number), status=status, created_at=created)


def changes(before: list[ModelVersion] | None, now: list[ModelVersion]) -> Changes:
    """The changes within the last 24 hours."""
    return find_changes(None if before is None else signs_of(before), NOW - timedelta(hours=24), now)


def test_each_change_is_of_one_kind() -> None:
    before = [
        version(1, "ready"), version(2, "error"), version(3, "attempting_load_container"), version(4, "uploading"),
        version(5, "ready"), version(6, "error"),
    ]  # fmt: skip
    now = [
        version(1, "error"), version(2, "ready"), version(3, "error"), version(4, "ready"),
        version(5, "ready"), version(6, "error"), version(7, "ready", age=1), version(8, "error", age=1),
        version(9, "uploading", age=1),
    ]  # fmt: skip
    found = changes(before, now)
    assert [each.id for each in found.broke] == [1, 3, 8]
    assert [each.id for each in found.became_ready] == [2, 4]
    assert [each.id for each in found.appeared] == [7, 9]
    assert found


def test_nothing_changed_within_the_same_phase_or_without_a_status() -> None:
    assert not changes([version(1, "uploading")], [version(1, "pending_load_native")])
    assert not changes([version(1, "ready")], [version(1, None)])
    assert not changes([version(1, "ready"), version(2, "error")], [version(1, "ready")])


def test_in_a_list_that_was_not_read_only_a_young_version_is_new() -> None:
    now = [
        version(1, "error"), version(2, "ready"), ModelVersion(id=VersionId(3), status="error", created_at="long ago"),
        version(4, "error", age=1),
    ]  # fmt: skip
    assert changes(None, now) == Changes(broke=(now[3],))


def test_in_a_list_that_was_read_a_version_with_a_larger_id_is_new_however_old_it_is() -> None:
    """The list may have been read long before the visit ended, or the clocks may differ."""
    now = [version(4, "error"), version(6, "error", age=25), version(7, "ready", age=30)]
    found = changes([version(5, "ready")], now)
    assert found == Changes(broke=(now[1],), appeared=(now[2],))
    assert changes([], now[:1]) == Changes(broke=(now[0],))


def test_a_config_is_new_if_its_version_had_an_older_one() -> None:
    one, two, three = map(VersionId, (1, 2, 3))
    before = {one: ConfigId(10), two: ConfigId(20)}
    now = {one: ConfigId(11), two: ConfigId(20), three: ConfigId(30)}
    assert find_reconfigured(before, now) == {one: 11}
    assert find_reconfigured(now, before) == {}


def test_changes_of_several_lists_are_joined() -> None:
    one = changes([version(1, "ready")], [version(1, "error")])
    two = changes([version(2, "error")], [version(2, "ready")])
    assert one.joined(two) == Changes(one.broke, two.became_ready)
    assert not Changes().joined(Changes())
