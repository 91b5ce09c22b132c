"""Lines that are painted leave memory by themselves."""

import sys

from rich.segment import Segment
from textual.strip import Strip

from wltui.ui.strips import leave_no_cycles


def test_a_line_that_is_divided_at_its_end_alone_does_not_hold_itself() -> None:
    leave_no_cycles()
    line = Strip([Segment("fraud"), Segment("-detection")])
    held = sys.getrefcount(line)
    assert [part.text for part in line.divide([15])] == ["fraud-detection"]
    assert [part.text for part in line.divide([15, 20])] == ["fraud-detection"]
    assert sys.getrefcount(line) == held
    assert [part.text for part in line.divide(cut for cut in (3, 15))] == ["fra", "ud-detection"]
