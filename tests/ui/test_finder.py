"""The best of many names for what somebody has typed so far."""

from wltui.core.records import ModelVersion, VersionId
from wltui.ui.text.facts import text_facts
from wltui.ui.text.finder import Finder, FinderRow
from wltui.ui.text.finder import row as finder_row
from wltui.ui.text.record_facts import version_facts

NAMES = [
    "edit config",
    "credit",
    "red",
    "fraud-red",
    "redo",
    "predict",
    "ccfraud 16",
    "ccfraud 160",
    "fraud 1",
]


def row(name: str, others: tuple[str, ...], rank: int) -> FinderRow:
    return finder_row(name, text_facts((name, *others)), rank)


def finder(*names: str, others: tuple[str, ...] = ()) -> Finder:
    """Rows of one rank."""
    made = Finder()
    add(made, *(row(name, others, 0) for name in names or NAMES))
    return made


def add(finder: Finder, *rows: FinderRow) -> None:
    """Add rows, to be found at once."""
    finder.add(rows)
    finder.use(finder.index())


def found(names: list[str], text: str, limit: int = 99) -> list[str]:
    """What a text finds, best first."""
    return [names[number] for number in finder(*names).best(text, limit)]


def test_the_best_names_come_first() -> None:
    assert found(NAMES, "red") == ["red", "redo", "fraud-red", "credit", "predict"]
    assert found(NAMES, "RED ") == found(NAMES, "red")
    assert found(NAMES, "ccfraud 16") == ["ccfraud 16", "ccfraud 160"]
    assert found(NAMES, "16 fraud") == ["ccfraud 16", "ccfraud 160"]
    assert found(NAMES, "fraud 1") == ["fraud 1", "ccfraud 16", "ccfraud 160"]


def test_without_a_text_all_come_by_rank_and_then_as_they_came() -> None:
    made = Finder()
    add(made, row("c", (), 2), row("a", (), 1))
    assert made.best("", 9) == [1, 0]
    add(made, row("d", (), 1), row("b", (), 0))
    assert made.best("", 9) == [3, 1, 2, 0]
    assert made.best("", 2) == [3, 1]
    assert made.matches == 4


def test_rank_counts_among_those_that_match_as_well() -> None:
    made = Finder()
    add(
        made,
        row("model-a", (), 3),
        row("model-b", (), 1),
        row("a model", (), 0),
        row("other", ("model",), 0),
    )
    assert made.best("model", 9) == [1, 0, 2, 3]


def test_letters_in_order_find_a_name_where_nothing_holds_the_text_and_the_closest_is_first() -> None:
    names = ["f-r-u-d-e-t", "fraud-detection", "frxxxxxxxudet", "edit"]
    assert found(names, "frudet") == ["fraud-detection", "f-r-u-d-e-t", "frxxxxxxxudet"]
    assert found(["f----d", "f-d"], "fd") == ["f-d", "f----d"]
    assert found(["f----d", "f-d", "fd"], "fd") == ["fd"]
    assert found(["f----d", "f-d", "fd"], "~fd") == ["fd", "f-d", "f----d"]
    assert found(["f----d", "f-d"], "fd !x") == []


def test_letters_of_a_description_find_nothing() -> None:
    made = finder()
    add(made, row("Compare", ("the marked versions",), 0))
    assert made.best("theme", 9) == []
    assert made.best("marked", 9) == [len(NAMES)]


def test_the_typed_number_is_an_id_first() -> None:
    made = Finder()
    names = {4644: "card-velocity-4 4644", 46: "ccfraud 46", 7: "46-model 7"}
    add(made, *(finder_row(name, version_facts(ModelVersion(id=VersionId(number), model_name=name.split()[0])), 0)
                for number, name in names.items()))  # fmt: skip
    assert made.best("46", 9) == [1, 2, 0]
    assert made.best("4", 9) == [2, 0, 1]
    assert made.best("4" * 4_301, 9) == []  # more digits than int() takes


def test_the_language_of_filters_finds_here_too() -> None:
    made = finder(others=("status",))
    assert made.best("red !credit !predict", 9) == [
        NAMES.index(name) for name in ("red", "redo", "fraud-red")
    ]
    assert made.best("stat:x red", 9) == made.best("red", 9)


def test_what_is_cut_off_is_counted() -> None:
    made = finder(*(f"model-{number}" for number in range(500)))
    assert made.best("model-4", 3) == [4, 40, 41]
    assert made.matches == 111
    assert made.best("nothing of the kind", 3) == []
    assert made.matches == 0


def test_signs_in_a_text_are_no_pattern() -> None:
    assert found(["[/x]", "a+b", "x\\d"], "[/") == ["[/x]"]
    assert found(["[/x]", "a+b", "x\\d"], "+") == ["a+b"]
    assert found(["[/x]", "a+b", "x\\d"], "\\") == ["x\\d"]


def test_rows_are_found_once_they_are_in_the_index() -> None:
    made = finder("one", "two")
    made.add([row("one more", (), -1)])
    assert made.best("one", 9) == [0]
    made.use(made.index())
    assert made.best("one", 9) == [0, 2]
    assert len(made) == 3
