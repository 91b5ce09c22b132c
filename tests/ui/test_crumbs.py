"""The dividing line: it fills its cells, names the way and the panes, and shows which pane has the keys."""

import pytest

from wltui.ui.screens.base.crumbs import PaneTitle, dividing_line
from wltui.ui.text.glyphs import ASCII, UNICODE, Glyphs
from wltui.ui.text.spans import Role, Spans, plain, width

WAY: list[Spans] = [
    (("Workspaces", Role.PLAIN),),
    (("fraud-detection ", Role.PLAIN), ("⟨11⟩", Role.MUTED)),
    (("merchant-embedding ", Role.PLAIN), ("⟨55⟩", Role.MUTED)),
]


def line(cells: int, pane: PaneTitle | None = None, count: str = "14", glyphs: Glyphs = UNICODE) -> Spans:
    parts = dividing_line(WAY, glyphs, cells, count=count, pane=pane)
    return tuple(span for spans, _ in parts for span in spans)


def standing_out(spans: Spans) -> list[str]:
    return [text for text, role in spans if role is Role.TITLE]


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_it_fills_every_width(glyphs: Glyphs) -> None:
    for cells in range(60, 241):
        panes = [None, PaneTitle("Version 180", 0, True)]
        panes += [PaneTitle("Version 180", cells // 3, keys) for keys in (True, False)]
        for pane in panes:
            assert width(line(cells, pane, glyphs=glyphs)) == cells
            assert len(standing_out(line(cells, pane, glyphs=glyphs))) == 1


def test_the_title_of_the_pane_that_has_the_keys_stands_out() -> None:
    beside = PaneTitle("Version 180", 40, False)
    assert plain(line(120, beside)) == (
        "─ Workspaces › fraud-detection ⟨11⟩ › merchant-embedding ⟨55⟩ ───────────── 14 ─┬"
        "─ Version 180 ─────────────────────────"
    )
    assert standing_out(line(120, beside)) == ["merchant-embedding ⟨55⟩"]
    assert standing_out(line(120, beside._replace(has_keys=True))) == ["Version 180"]
    whole = line(120, PaneTitle("Version 180", 0, True))
    assert "merchant-embedding ⟨55⟩ › Version 180 ─" in plain(whole)
    assert standing_out(whole) == ["Version 180"]


def test_without_room_the_first_crumbs_are_left_out_and_then_the_count() -> None:
    assert plain(line(60)).startswith("─ … › fraud-detection ⟨11⟩ › merchant-embedding ⟨55⟩ ─")
    pane = PaneTitle("", 34, False)
    assert plain(line(70, pane)).startswith("─ … › merchant-embedding ⟨55⟩ ─ 14 ─┬──")
    assert plain(line(69, pane)).startswith("─ … › merchant-embedding ⟨55⟩ ─────┬──")
    assert plain(line(50, pane)).startswith("─ merchant-em… ─┬──")
