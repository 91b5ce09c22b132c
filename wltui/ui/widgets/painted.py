"""Base classes of widgets that draw spans: roles become styles, spans become strips."""

from rich.segment import Segment
from rich.style import Style
from textual.events import Click, Event, MouseDown, MouseUp
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip
from textual.widget import Widget

from wltui.ui.text.glyphs import UNICODE
from wltui.ui.text.spans import Role, Spans, clip, visible, width

LEFT = 1
"""The mouse's left button."""
ROLES = {f"role--{role}" for role in Role}
"""The component classes with the look of each role."""


def role_css(owner: str) -> str:
    """Return CSS with the theme's looks of the roles, as component classes of a widget type or screen."""
    return f"""
    {owner} > .role--bold {{ text-style: bold; }}
    {owner} > .role--muted {{ color: $muted; }}
    {owner} > .role--success {{ color: $success; }}
    {owner} > .role--warning {{ color: $warning; }}
    {owner} > .role--error {{ color: $error; text-style: bold; }}
    {owner} > .role--accent {{ color: $accent; }}
    {owner} > .role--match {{ color: $accent; text-style: bold; }}
    {owner}:nocolor > .role--match {{ text-style: bold underline; }}
    {owner} > .role--found {{ text-style: reverse; }}
    {owner} > .role--alarm {{ color: $alarm; text-style: bold; }}
    """


class RoleScreen(Screen[ScreenResultType]):
    """A screen with component classes for the looks of the roles on it."""

    COMPONENT_CLASSES = ROLES
    DEFAULT_CSS = role_css("RoleScreen")

    def _forward_event(self, event: Event) -> None:
        """Forward an event to the widgets, except for mouse buttons other than the left one."""
        if not isinstance(event, MouseDown | MouseUp | Click) or event.button == LEFT:
            super()._forward_event(event)


class Painted(Widget):
    """A widget that draws its lines from spans, in roles that look as everywhere on its :class:`RoleScreen`.

    The screen holds the styles, because Textual computes the styles of all component classes for each widget, and
    again whenever the widget gets or loses a class; a form has dozens of lines.
    """

    _styles: dict[Role, Style] | None = None

    def notify_style_update(self) -> None:
        """Drop the computed styles, since the CSS has changed."""
        super().notify_style_update()
        self._styles = None

    @property
    def role_styles(self) -> dict[Role, Style]:
        """Each role's style on this widget's background."""
        if self._styles is None:
            base, looks = self.rich_style, self._looks
            self._styles = {
                role: base + looks.get_component_rich_style(f"role--{role}", partial=True) for role in Role
            } | {Role.PLAIN: base}
        return self._styles

    @property
    def _looks(self) -> Widget:
        """The widget whose component classes hold the looks of the roles."""
        return self.screen

    def strip(self, spans: Spans, cells: int, *, right: Spans = ()) -> Strip:
        """Return a line of ``cells``: ``spans`` at its left, ``right`` at its right end; ``spans`` are cut first."""
        styles = self.role_styles
        glyphs = getattr(self.app, "glyphs", UNICODE)
        if glyphs.is_ascii:
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


class Restyled(Painted):
    """A widget with looks of its own for the roles: its ``COMPONENT_CLASSES``, which CSS may change."""

    COMPONENT_CLASSES = ROLES
    DEFAULT_CSS = role_css("Restyled")

    @property
    def _looks(self) -> Widget:
        return self
