"""Lines with a look of their own, such as the cursor's, below the looks of their spans."""

from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from wltui.ui.contrast import legible_style
from wltui.ui.text.spans import Role, Spans, clip, width

from .selectable import Selectable

STATUSES = (Role.SUCCESS, Role.WARNING, Role.ERROR)
"""The roles that keep their colours in a reversed line."""


class Ink(NamedTuple):
    """The look of a role in a line."""

    style: Style
    quiet: bool
    """Whether a blank looks the same in it as in the line's plain style."""


class Layered(Selectable):
    """Paints spans over the component classes of their line."""

    _inks: dict[tuple[object, ...], dict[Role, Ink]] | None = None

    def notify_style_update(self) -> None:
        """Drop the computed styles, since the CSS has changed."""
        super().notify_style_update()
        self._inks = None

    def paint(self, spans: Spans, cells: int, *components: str) -> Strip:
        """Return a line of ``cells`` in the looks of ``components``.

        It has as few segments as possible, since each costs some 35 bytes on the wire.
        """
        spans = clip(spans, cells)
        inks = self._line_inks(components)
        runs: list[tuple[str, Ink]] = []
        for text, role in (*spans, (" " * (cells - width(spans)), Role.PLAIN)):
            if not text:
                continue
            ink = inks[role]
            before, last = runs[-1] if runs else ("", ink)
            if ink == last or (last.quiet and text.isspace()):
                runs[-1:] = [(before + text, last)]
            elif ink.quiet and before.isspace():
                runs[-1:] = [(before + text, ink)]
            else:
                runs.append((text, ink))
        return Strip([Segment(text, ink.style) for text, ink in runs], cells)

    def _line_inks(self, components: tuple[str, ...]) -> dict[Role, Ink]:
        if self._inks is None:
            self._inks = {}
        if components not in self._inks:
            line = self.rich_style
            for component in components:
                line += self.get_component_rich_style(component, partial=True)
            self._inks[components] = {role: self._ink(line, role) for role in Role}
        return self._inks[components]

    def _ink(self, line: Style, role: Role) -> Ink:
        style, blank = self._looks.get_component_rich_style(f"role--{role}", partial=True), _in_blanks(line)
        if line.reverse and role in STATUSES and not self.app.no_color:
            line += Style(reverse=False)  # a status is as legible as in other lines, on a gap in the cursor
        elif line.reverse:  # the colour would be the background in a reversed line
            style = style.without_color + Style(dim=False)
        style = legible_style(line + style)
        return Ink(style, _in_blanks(style) == blank)


def _in_blanks(style: Style) -> tuple[object, ...]:
    """Return the parts of a style that show on a blank."""
    return style.bgcolor, bool(style.underline), bool(style.strike), bool(style.reverse)
