"""Help: the keys of the screen below, generated from its bindings; the most used first."""

from collections.abc import Iterable, Sequence
from typing import Any

from textual.widget import Widget

from wltui.ui.keys import Key, active_keys
from wltui.ui.screens.base.frame import FILL, Frame
from wltui.ui.screens.base.search import SearchFrame
from wltui.ui.text.spans import Role, Spans, wrap
from wltui.ui.widgets.labelled import heading
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.search_bar import SearchBar

MOST_USED = "Most used"
MOST = 10
"""How many keys are listed there."""
IN_LISTS = (
    "list.open", "list.filter", "frame.back", "app.problems", "list.sort", "copy.open", "version.edit",
)  # fmt: skip
"""The bindings that are used most in lists; elsewhere those that come first in the footer."""
GROUPS = {"app": "Everywhere", "frame": "Everywhere", "list": "In the list", "pager": "While reading"}
"""Headings by the first part of a binding's id; all other bindings go under ``HERE``."""
HERE = "This screen"
MOUSE = (
    "Mouse: a click moves the cursor, a double click opens the row, a click on a column's title sorts. The keys in the "
    "last line and the screens in the second one can be clicked. Drag to select text, or click twice on a word; ctrl+c "
    "copies it. Within tmux the mouse needs its option mouse on. With shift held the terminal itself selects."
)
LABEL = 20
"""Width of the column of keys, in cells."""


class HelpScreen(SearchFrame[None]):
    """The keys of another screen, each with its reason if it is disabled."""

    FOOTER = ("search.open", "search.next", "frame.back")
    HAS_FILE = False

    def __init__(self, about: Frame[Any]) -> None:
        super().__init__()
        self._about = about
        self._keys = active_keys(about.active_bindings, ascii=about.glyphs.is_ascii)

    @property
    def crumb(self) -> Spans:
        return (("Help", Role.PLAIN),)

    def body(self) -> Iterable[Widget]:
        yield Pager(self._lines, id="main")
        yield SearchBar()

    def status_spans(self) -> tuple[Spans, Spans]:
        return self.hit_spans(), ()

    def action_help(self) -> None:
        """Close the help: the key that opens it also closes it."""
        self.dismiss()

    def _lines(self, cells: int) -> Sequence[Spans]:
        lines: list[Spans] = []
        for title, keys in self._sections().items():
            lines += [*([()] if lines else []), heading(title, cells, self.glyphs)]
            for key in keys:
                off = "" if key.enabled else self._about.disabled_reason(key.binding.action) or "off here"
                text: Spans = ((key.text, Role.MUTED if off else Role.PLAIN),)
                if off:
                    text = (*text, (f"  ({off})", Role.WARNING))
                lines += _entry(key.names, Role.ACCENT, text, cells)
        lines += [(), heading("Signs", cells, self.glyphs), *self._signs(cells)]
        lines += [(), *wrap(((MOUSE, Role.MUTED),), cells)]
        return lines

    def _sections(self) -> dict[str, list[Key]]:
        """Return the keys by their headings, those without any left out; the most used ones come first."""
        footer = (*self._about.FOOTER, "frame.back", *FILL)
        ranks = dict.fromkeys((*IN_LISTS, *footer) if "list.open" in self._keys else footer)
        most = [name for name in ranks if name in self._keys][:MOST]
        sections = {MOST_USED: [self._keys[name] for name in most]}
        for title in (HERE, *GROUPS.values()):
            sections[title] = [
                key
                for name, key in self._keys.items()
                if name not in most and GROUPS.get(name.partition(".")[0], HERE) == title
            ]
        return {title: keys for title, keys in sections.items() if keys}

    def _signs(self, cells: int) -> list[Spans]:
        """Render the meanings of the glyphs."""
        signs = self.glyphs
        meanings = (
            (signs.ready, Role.SUCCESS, "ready"),
            (signs.error, Role.ERROR, "error"),
            (signs.pending, Role.WARNING, "on its way to ready or error"),
            (
                signs.other,
                Role.MUTED,
                "unknown: a status that is new to wltui, or what can't be read or compared",
            ),
            (signs.absent, Role.MUTED, "no status; in a column of counts, none"),
            (
                signs.differs,
                Role.WARNING,
                "differs: from the newest ready version's image, or in a comparison",
            ),
            (signs.redeploy, Role.WARNING, "deployed with an older config: deploy the pipeline again"),
            (signs.live, Role.SUCCESS, "read from the instance at this time"),
            (signs.cached, Role.MUTED, "from the cache, not read yet"),
            (signs.changed_just_now, Role.ACCENT, "changed a moment ago"),
            (signs.unsent, Role.ACCENT, f"your edit, not sent yet; {self.key_of('version.edit')} opens it"),
            (signs.new, Role.ACCENT, "uploaded since your last visit"),
            (signs.mark, Role.ACCENT, "a marked row"),
            (signs.dash, Role.MUTED, "nothing there"),
        )
        return [
            line for sign, role, text in meanings for line in _entry(sign, role, ((text, Role.PLAIN),), cells)
        ]


def _entry(name: str, role: Role, text: Spans, cells: int) -> list[Spans]:
    """Render a key or a sign, with its meaning in a second column; below a name that has no room there."""
    label = f"  {name:<{LABEL - 2}}"
    lines: list[Spans] = [((" " * LABEL, Role.PLAIN), *line) for line in wrap(text, max(8, cells - LABEL))]
    if label.endswith(" "):
        return [((label, role), *lines[0][1:]), *lines[1:]]
    return [((label, role),), *lines]
