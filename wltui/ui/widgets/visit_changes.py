"""What has changed since the user's last visit, as spans."""

from collections.abc import Callable, Mapping
from datetime import datetime

from wltui.core.visits import Changes
from wltui.service.visit import Visit
from wltui.ui.text.format import age
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans

from .line import Line

KINDS: Mapping[str, tuple[Callable[[Glyphs], str], Role, str]] = {
    "broke": (lambda signs: signs.error, Role.ERROR, "broke"),
    "became_ready": (lambda signs: signs.ready, Role.SUCCESS, "ready"),
    "appeared": (lambda signs: signs.new, Role.ACCENT, "new"),
    "reconfigured": (lambda signs: signs.changed_just_now, Role.WARNING, "new config"),
}
"""Sign, role and words of each kind of change, by its field; the one to look at first comes first."""


def kind_spans(kind: str, glyphs: Glyphs, number: int | None = None) -> Spans:
    """Render a kind of change after its sign, with a number if there is one: ``✖ 2 broke``."""
    sign, role, words = KINDS[kind]
    count = "" if number is None else f"{number:,} "
    return ((f"{sign(glyphs)} {count}{words}", role),)


def changes_spans(changes: Changes, since: datetime | None, now: datetime, glyphs: Glyphs) -> Spans:
    """Render the numbers of changes in one line; nothing if there are none."""
    if not changes or since is None:
        return ()
    spans: list[tuple[str, Role]] = [(f"Last visit {age(now - since)} ago:", Role.PLAIN)]
    for kind in KINDS:
        if number := len(getattr(changes, kind)):
            spans += [("  ", Role.PLAIN), *kind_spans(kind, glyphs, number)]
    return tuple(spans)


class VisitLine(Line):
    """The changes since the last visit in one line, which takes no row if there are none."""

    DEFAULT_CSS = """
    VisitLine { display: none; background: $panel; }
    VisitLine.-visible { display: block; }
    """

    _revision = 0
    """The revision of the visit whose changes are shown."""

    @property
    def has_news(self) -> bool:
        """Whether there are changes, and so the line is shown."""
        return self.has_class("-visible")

    def show_visit(self, visit: Visit, now: datetime, glyphs: Glyphs) -> bool:
        """Show the changes that a visit has observed by now; return whether the line came or went."""
        if visit.revision == self._revision:
            return False
        self._revision = visit.revision
        before = self.has_news
        spans = changes_spans(visit.changes, visit.since, now, glyphs)
        self.show(((" ", Role.PLAIN), *spans))
        self.set_class(bool(spans), "-visible")
        return self.has_news is not before
