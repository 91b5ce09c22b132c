"""Times, ages and sizes as people read them, whatever the clock does."""

import math
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from wltui.core.times import from_seconds
from wltui.ui.text.format import age, age_since, clock_time, day_time, full_time, size

NOON = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A user where summer time began on 29 March 2026 at 01:00 UTC."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=-5), "0 s"),  # the clock was put back meanwhile
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=2), "2 d"),
        (timedelta(days=729), "729 d"),
        (timedelta(days=730), "2 y"),
        (timedelta(days=1125), "3 y"),
    ],
)
def test_an_age_is_told_in_its_largest_unit(span: timedelta, words: str) -> None:
    assert age(span) == words


@pytest.mark.usefixtures("berlin")
def test_times_are_the_users_on_both_sides_of_a_change_of_the_clock() -> None:
    assert day_time("2026-03-29T00:59:59.5+00:00") == "2026-03-29 01:59"
    assert day_time("2026-03-29T01:00:00+00:00") == "2026-03-29 03:00"
    assert clock_time(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)) == "02:30:00"
    assert clock_time(datetime(2026, 10, 25, 1, 30, tzinfo=UTC)) == "02:30:00"  # the same hour again
    assert (
        full_time("2026-03-29T00:59:00+00:00", NOON)
        == "2026-03-29 01:59:00, 11 h ago (2026-03-29 00:59:00 UTC)"
    )


@pytest.mark.parametrize(
    "stamp",
    ["2026-03-29T11:00:00+00:00", "2026-03-29T11:00:00.1+00:00", "2026-03-29T11:00:00.26303+00:00",
     "2026-03-29T11:00:00.123456789+00:00", "2026-03-29T13:00:00+02:00", "2026-03-29T11:00:00Z"],
)  # fmt: skip
def test_a_timestamp_may_have_any_number_of_digits(stamp: str) -> None:
    assert full_time(stamp, NOON).startswith("2026-03-29 11:00:00 UTC, ")


def test_what_is_no_time_is_shown_as_it_is() -> None:
    assert full_time("yesterday", NOON) == "yesterday"
    assert day_time("yesterday") == age_since("yesterday", NOON) == "yesterday"
    assert day_time(None) == age_since(None, NOON) == ""


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])  # UTC+14 and UTC-11
@pytest.mark.parametrize(
    "stamp",
    ["0001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "0001-01-02T00:00:00+23:59", "9999-12-31T23:59:59-12:00",
     "9999-12-31T23:59:59.999999+00:00", "9999-12-31T00:00:00"],
)  # fmt: skip
def test_a_time_at_the_edge_of_time_is_shown_as_received(
    stamp: str, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert day_time(stamp) == age_since(stamp, NOON) == full_time(stamp, NOON) == stamp
        for year in (1, 9999):  # the nearest that can be converted everywhere
            assert day_time(f"{year:04}-06-01T00:00:00Z")
        assert clock_time(datetime.max.replace(tzinfo=UTC))
        assert clock_time(datetime.min.replace(tzinfo=UTC))
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("seconds", [1e18, -1e18, 10**400, math.nan, math.inf, 253402300799.0, "5", None])
def test_seconds_that_are_no_time_are_none(seconds: object) -> None:
    assert from_seconds(seconds) is None


@pytest.mark.parametrize(
    ("count", "words"), [(0, "0 B"), (999, "999 B"), (12_823_491, "12.8 MB"), (3e15, "3000.0 TB")]
)
def test_sizes_are_decimal(count: int, words: str) -> None:
    assert size(count) == words
