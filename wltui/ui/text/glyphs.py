"""The few signs that the program draws, each one cell wide in every terminal, and their ASCII replacements."""

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
    """After a cell that changed."""
    crumb: str
    separator: str
    dash: str
    """In place of a value that is null, absent or not applicable."""
    ellipsis: str
    up: str
    down: str
    mark: str
    more: str
    differs: str
    """Beside an image tag that is not the newest ready version's."""
    new: str
    """Beside a version that was uploaded since the user's last visit."""
    redeploy: str
    """Beside what a deployed pipeline runs with an older config than the newest."""
    unsent: str
    """Beside a version with an unsent edit of its config, and beside a changed field in the editor."""
    upload: str
    """Before how far an upload is, in the status line."""
    bar: str
    track: str
    """The filled and the empty part of a progress bar."""
    on: str
    off: str
    id_open: str
    id_close: str
    rule: str
    tee: str
    """The line between the breadcrumb and the body, and where the line beside a pane begins in it."""
    thumb: str
    """The part of a scroll bar that shows what is in view."""
    is_ascii: bool = False
    """Whether the terminal can show only ASCII."""

    def text(self, text: str) -> str:
        """Return text from outside as one line that this terminal can show."""
        return visible(text, ascii=self.is_ascii)


UNICODE = Glyphs(
    ready="✔", error="✖", pending="◐", other="?", absent="·", live="●", cached="◌", refreshing="↻", offline="!",
    paused="‖", changed_just_now="◂",
    crumb="›", separator="·", dash="—", ellipsis="…", up="▲", down="▼", mark="▪", more="▸", differs="≠",
    new="+", redeploy="⇡", unsent="✎", upload="⇧", bar="━", track="─", on="◉", off="○", id_open="⟨", id_close="⟩",
    rule="─", tee="┬", thumb="▐",
)  # fmt: skip

ASCII = Glyphs(
    ready="+", error="x", pending="~", other="?", absent=".", live="@", cached="o", refreshing="%", offline="!",
    paused="=", changed_just_now="<",
    crumb=">", separator="-", dash="-", ellipsis="..", up="^", down="v", mark="#", more=">", differs="!=",
    new="n", redeploy="^", unsent="*", upload="^", bar="=", track="-", on="(x)", off="( )", id_open="<", id_close=">",
    rule="-", tee="+", thumb="#", is_ascii=True,
)  # fmt: skip
