"""The reference's table of figures has the shape of what the benchmarks print; its times are nobody's business here."""

from benchmarks.figures import PART, REFERENCE, ROWS, table


def first_cells(markdown: str) -> list[str]:
    """What the rows are called, without what was measured in them."""
    lines = [line for line in markdown.splitlines() if line.startswith("|")]
    return [line.split("|")[1].partition("(")[0].strip() for line in lines[2:]]


def test_the_reference_has_every_figure_that_is_measured_and_when_and_where() -> None:
    found = PART.search(REFERENCE.read_text("utf-8"))
    assert found
    assert first_cells(found[0]) == [row.title.partition("(")[0].strip() for row in ROWS]
    assert "`python -m benchmarks" in found[0].splitlines()[-1]


def test_bytes_are_told_exactly_and_beside_the_others() -> None:
    made = table({("down", "wltui"): [300, 301, 400], ("down", "DataTable"): [602]}, "python -m benchmarks")
    (line,) = [line for line in made.splitlines() if line.startswith("| `down` inside")]
    assert [cell.strip() for cell in line.split("|")[3:6]] == ["0.301 kB", "", "0.602 kB (0.50 ×)"]
