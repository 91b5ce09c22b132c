"""Base classes of widgets that draw spans: roles become styles, spans become strips."""

from rich.segment import Segment
from rich.style import Style
from textual.screen import ScreenResultType
from textual.strip import Strip
from textual.widget import Widget

from wltui.ui.contrast import legible_style
from wltui.ui.text.glyphs import UNICODE, Glyphs
from wltui.ui.text.spans import Role, Spans, clip, in_ascii, width

from .pointer import Pointed, PointerScreen

ROLES = {f"role--{role}" for role in Role}
"""The component classes with the look of each role."""


def role_css(owner: str) -> str:
    """Return CSS with the theme's looks of the roles, as component classes of a widget type or screen."""
    return f"""
    {owner} > .role--bold {{ text-style: bold; }}
    {owner} > .role--muted {{ color: $muted; }}
    {owner}:ansi > .role--muted {{ text-style: dim; }}
    {owner}:nocolor > .role--muted {{ text-style: none; }}
    {owner} > .role--success {{ color: $success; }}
    {owner} > .role--warning {{ color: $warning; }}
    {owner} > .role--error {{ color: $error; text-style: bold; }}
    {owner} > .role--accent {{ color: $accent; }}
    {owner}:nocolor > .role--accent {{ text-style: bold; }}
    {owner} > .role--match {{ color: $accent; text-style: bold; }}
    {owner}:nocolor > .role--match {{ text-style: bold underline; }}
    {owner} > .role--found {{ text-style: reverse; }}
    {owner} > .role--title {{ color: $accent; text-style: bold; }}
    {owner}:ansi > .role--title, {owner}:nocolor > .role--title {{ text-style: bold reverse; }}
    {owner} > .role--heading {{ color: $accent; }}
    {owner}:nocolor > .role--heading {{ text-style: bold; }}
    {owner} > .role--rule {{ color: $border; }}
    {owner}:ansi > .role--rule {{ text-style: dim; }}
    {owner}:nocolor > .role--rule {{ text-style: none; }}
    {owner} > .role--chip {{ background: $chip; color: $chip-ink; text-style: bold; }}
    {owner}:nocolor > .role--chip {{ text-style: bold reverse; }}
    {owner} > .role--selected {{ background: $cursor-background; color: $cursor-foreground; }}
    {owner}:ansi > .role--selected, {owner}:nocolor > .role--selected {{ text-style: reverse; }}
    """


class RoleScreen(PointerScreen[ScreenResultType]):
    """A screen with component classes for the looks of the roles on it."""

    COMPONENT_CLASSES = ROLES
    DEFAULT_CSS = role_css("RoleScreen")


class Painted(Pointed):
    """A widget that draws its lines from spans, in roles that look as everywhere on its :class:`RoleScreen`.

    The screen holds the styles, because Textual computes the styles of all component classes for each widget, and
    again whenever the widget gets or loses a class; a form has dozens of lines.
    """

    ALLOW_SELECT = False

    _styles: dict[Role, Style] | None = None

    def notify_style_update(self) -> None:
        """Drop the computed styles, since the CSS has changed."""
        super().notify_style_update()
        self._styles = None

    @property
    def role_styles(self) -> dict[Role, Style]:
        """Each role's style on this widget's background, in a shade that can be read there."""
        if self._styles is None:
            base, looks = self.line_style, self._looks
            styles = {
                role: base + looks.get_component_rich_style(f"role--{role}", partial=True) for role in Role
            } | {Role.PLAIN: base}
            self._styles = {role: legible_style(style) for role, style in styles.items()}
        return self._styles

    @property
    def line_style(self) -> Style:
        """The style of the lines where no role changes it."""
        return self.rich_style

    @property
    def _looks(self) -> Widget:
        """The widget whose component classes hold the looks of the roles."""
        return self.screen

    @property
    def _glyphs_shown(self) -> Glyphs:
        return getattr(self.app, "glyphs", UNICODE)

    def in_ascii(self, spans: Spans) -> Spans:
        """Return a line as this terminal can show it."""
        if not self._glyphs_shown.is_ascii:
            return spans
        return tuple((in_ascii(text), role) for text, role in spans)

    def strip(self, spans: Spans, cells: int, *, right: Spans = ()) -> Strip:
        """Return a line of ``cells``: ``spans`` at its left, ``right`` at its right end; ``spans`` are cut first."""
        styles = self.role_styles
        line = self.fit(spans, cells, right=right)
        return Strip(Segment.simplify(Segment(text, styles[role]) for text, role in line if text), cells)

    def fit(self, spans: Spans, cells: int, *, right: Spans = ()) -> Spans:
        """Return the spans of a line of ``cells``, as :meth:`strip` paints it."""
        spans, right = self.in_ascii(spans), self.in_ascii(right)
        ellipsis = self._glyphs_shown.ellipsis
        room = cells - width(right)
        if room < 0:
            spans, right, room = (), clip(right, cells, ellipsis), 0
        spans = clip(spans, room - (1 if right and room else 0), ellipsis)
        gap = cells - width(spans) - width(right)
        return (*spans, (" " * gap, Role.PLAIN), *right)


class Restyled(Painted):
    """A widget with looks of its own for the roles: its ``COMPONENT_CLASSES``, which CSS may change."""

    COMPONENT_CLASSES = ROLES
    DEFAULT_CSS = role_css("Restyled")

    @property
    def _looks(self) -> Widget:
        return self
