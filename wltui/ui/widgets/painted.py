"""What every widget shares that draws spans itself: roles become styles, spans become strips."""

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from wltui.ui.glyphs import ASCII, UNICODE
from wltui.ui.spans import Role, Spans, clip, visible, width


class Painted(Widget):
    """A widget that draws its lines from spans. The theme's looks for the roles are in ``COMPONENT_CLASSES``."""

    COMPONENT_CLASSES = {f"role--{role}" for role in Role}
    DEFAULT_CSS = """
    Painted > .role--bold { text-style: bold; }
    Painted > .role--muted { color: $muted; }
    Painted > .role--success { color: $success; }
    Painted > .role--warning { color: $warning; }
    Painted > .role--error { color: $error; text-style: bold; }
    Painted > .role--accent { color: $accent; }
    Painted > .role--match { text-style: underline; }
    """

    _styles: dict[Role, Style] | None = None

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._styles = None

    @property
    def role_styles(self) -> dict[Role, Style]:
        """Each role's style on this widget's background."""
        if self._styles is None:
            base = self.rich_style
            self._styles = {
                role: base + self.get_component_rich_style(f"role--{role}", partial=True) for role in Role
            } | {Role.PLAIN: base}
        return self._styles

    def strip(self, spans: Spans, cells: int, *, right: Spans = ()) -> Strip:
        """The spans at the left and ``right`` at the right end of a line of ``cells``; the left is cut first."""
        styles = self.role_styles
        glyphs = getattr(self.app, "glyphs", UNICODE)
        if glyphs is ASCII:
            spans, right = (
                tuple((visible(text, ascii=True), role) for text, role in line) for line in (spans, right)
            )
        ellipsis = glyphs.ellipsis
        room = cells - width(right)
        if room < 0:
            spans, right, room = (), clip(right, cells, ellipsis), 0
        spans = clip(spans, room - (1 if right and room else 0), ellipsis)
        gap = cells - width(spans) - width(right)
        line = (*spans, (" " * gap, Role.PLAIN), *right)
        return Strip(Segment.simplify(Segment(text, styles[role]) for text, role in line if text), cells)
