"""The rows of a list: what is kept from one answer to the next finds what would be found at first."""

from collections.abc import Sequence
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from wltui.core.records import ModelVersion, VersionId
from wltui.ui.text.facts import Facts, facts
from wltui.ui.text.record_facts import version_facts
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.table.rows import Rows

COLUMN = Column[ModelVersion]("id", "ID", lambda version: str(version.id))
HASHES = ("5f2a8a" + "01" * 29, "00" * 32, "f0" * 32, "no hash", None)
FILTERS = (
    "",
    "5f2a",
    "5f2a8a",
    "0000",
    "0f0f0f",
    "no hash",
    "sha:no",
    "24h",
    "age>24h",
    "error",
    "!error",
    "7",
)
NOW = 1_800_000_000


def known(version: ModelVersion) -> Sequence[Facts]:
    """What a version knows: some have an entry below them, as models do, and some have none."""
    began = None if version.id % 3 else NOW - 80_000.0 * (version.id % 5)
    own = replace(version_facts(version), began=began)
    below = facts(("status", "error"), sha="5f2a8abc", is_below=True)
    return {0: (own, below), 1: ()}.get(version.id % 7, (own,)) if version.size else (own,)


def fresh(number: int, chosen: tuple[str | None, str, bool]) -> ModelVersion:
    sha, status, is_odd = chosen
    return ModelVersion(
        id=VersionId(number), status=status, sha=sha, size=int(is_odd), created_at="2027-01-15T06:00:00Z"
    )


made = st.tuples(st.sampled_from(HASHES), st.sampled_from(["error", "ready"]), st.booleans())


@given(st.data())
@settings(max_examples=100)
def test_what_is_kept_from_before_finds_what_would_be_found_at_first(data: st.DataObject) -> None:
    numbers = count(1)
    rows = Rows([COLUMN], None, False, known)
    records: list[ModelVersion] = []
    for _ in range(4):
        new = [fresh(next(numbers), each) for each in data.draw(st.lists(made, max_size=4))]
        records = data.draw(st.permutations(records + new) | st.just(records + new) | st.just(new + records))
        records = records[data.draw(st.integers(0, 2)) :]
        rows.load(records)
        rows.read(data.draw(st.integers(0, 9)))
        text = data.draw(st.sampled_from(FILTERS))
        rows.filter_by(text)
        first = Rows([COLUMN], None, False, known)
        first.load(records)
        first.filter_by(text)
        assert [*rows.numbers] == [*first.numbers]


def test_of_a_list_with_one_changed_record_the_others_are_not_asked_again() -> None:
    asked: list[int] = []

    def ask(version: ModelVersion) -> Sequence[Facts]:
        asked.append(version.id)
        return known(version)

    rows = Rows([COLUMN], None, False, ask)
    records = [fresh(number, ("00" * 32, "ready", False)) for number in range(1, 9)]
    rows.load(records)
    rows.filter_by("error")
    assert asked == [1, 2, 3, 4, 5, 6, 7, 8]
    rows.load([fresh(9, ("00" * 32, "error", False)), *records[:3], replace_status(records[3]), *records[4:]])
    assert asked[8:] == [9, 4]
    assert [version.id for version in rows.matching] == [9, 4]


def replace_status(version: ModelVersion) -> ModelVersion:
    return fresh(version.id, (version.sha, "error", False))


def test_a_new_record_without_a_hash_moves_no_hash_of_those_after_it() -> None:
    rows = Rows([COLUMN], None, False, known)
    first, second = (fresh(number, (HASHES[0], "ready", False)) for number in (1, 2))
    rows.load([first, second])
    rows.filter_by("5f2a8a")
    rows.load([first, fresh(3, ("no hash", "ready", False)), second])
    assert [version.id for version in rows.matching] == [1, 2]
