"""The few signs this program draws, each one cell wide in every terminal, and their ASCII stand-ins."""

from msgspec import Struct

from .spans import visible


class Glyphs(Struct, frozen=True):
    """One set of signs."""

    ready: str
    error: str
    pending: str
    other: str
    absent: str
    live: str
    cached: str
    refreshing: str
    offline: str
    paused: str
    changed_just_now: str
    """Behind a cell that differs from what it said before."""
    crumb: str
    separator: str
    dash: str
    """Nothing there: null, absent, not applicable."""
    ellipsis: str
    up: str
    down: str
    mark: str
    more: str
    differs: str
    """Beside an image tag that is not the newest ready version's."""
    changed: str
    """Beside a field of the editor that differs from what the server has."""
    unsent: str
    """Beside a version that has an edit of its config that was not sent."""
    on: str
    off: str
    id_open: str
    id_close: str
    is_ascii: bool = False
    """Whether the terminal can show no other characters."""

    def text(self, text: str) -> str:
        """Return text from outside as one line that this terminal can show."""
        return visible(text, ascii=self.is_ascii)


UNICODE = Glyphs(
    ready="✔", error="✖", pending="◐", other="?", absent="·", live="●", cached="◌", refreshing="↻", offline="!",
    paused="‖", changed_just_now="◂",
    crumb="›", separator="·", dash="—", ellipsis="…", up="▲", down="▼", mark="▪", more="▸", differs="≠", changed="●",
    unsent="✎", on="◉", off="○", id_open="⟨", id_close="⟩",
)  # fmt: skip

ASCII = Glyphs(
    ready="+", error="x", pending="~", other="?", absent=".", live="@", cached="o", refreshing="%", offline="!",
    paused="=", changed_just_now="<",
    crumb=">", separator="-", dash="-", ellipsis="..", up="^", down="v", mark="#", more=">", differs="!=", changed="*",
    unsent="*", on="(x)", off="( )", id_open="<", id_close=">", is_ascii=True,
)  # fmt: skip
