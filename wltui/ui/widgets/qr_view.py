"""A QR code, in colours that do not depend on the theme."""

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

from wltui.ui.text.qr_code import qr_lines

INK = Style(color="#ffffff", bgcolor="#000000")
"""White on black, which scanners can read with any theme."""


class QrCode(Widget):
    """The QR code of the first address whose code fits; takes no room if none does."""

    DEFAULT_CSS = "QrCode { width: auto; height: auto; display: none; } QrCode.-shown { display: block; }"

    def __init__(self) -> None:
        super().__init__()
        self._lines: tuple[str, ...] = ()
        self._asked: tuple[tuple[str, ...], int, int] = ((), 0, 0)

    def offer(self, addresses: tuple[str, ...], columns: int, rows: int) -> None:
        """Show the code of the first address whose code fits into this room, or nothing."""
        if (addresses, columns, rows) == self._asked:
            return
        self._asked = (addresses, columns, rows)
        codes = (qr_lines(address, columns, rows) for address in addresses)
        self._lines = next(filter(None, codes), ())
        self.set_class(bool(self._lines), "-shown")
        self.styles.width, self.styles.height = len(self._lines[0]) if self._lines else 0, len(self._lines)
        self.refresh(layout=True)

    def render_line(self, y: int) -> Strip:
        line = self._lines[y] if y < len(self._lines) else ""
        return Strip([Segment(line, INK)] if line else [])
