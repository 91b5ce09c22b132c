"""The frame around every screen: header, breadcrumb, notice, status line, footer, and the keys that hold everywhere."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeVar

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from ...errors import WltuiError
from ..glyphs import ASCII, Glyphs
from ..keys import active_keys
from ..spans import Role, Span, Spans, visible
from ..widgets.key_bar import KeyBar
from ..widgets.line import Line
from ..widgets.notice import Notice

if TYPE_CHECKING:
    from ..app import WltuiApp

T = TypeVar("T")

LEAST_SIZE = (60, 15)
"""Columns and rows that the screens need."""


class Frame(Screen[T]):
    """A screen with the common frame. Subclasses give a body, a crumb, and what the status line says.

    ``FOOTER`` names the bindings (by id) that the footer shows, most used first.
    """

    app: "getters.app[WltuiApp]"
    CSS_PATH = "frame.tcss"
    FOOTER: tuple[str, ...] = ()
    AUTO_FOCUS = "#main"
    BINDINGS = [
        Binding("escape,backspace", "back", "Back", id="frame.back", key_display="esc",
                tooltip="one step back: first the filter, then the marks, then the screen"),
        Binding("question_mark,f1", "help", "Help", id="frame.help", tooltip="the keys that work here"),
    ]  # fmt: skip

    def compose(self) -> ComposeResult:
        yield Line(id="header")
        yield Line(id="crumbs")
        yield from self.body()
        yield Notice(id="notice")
        yield Line(id="status")
        yield KeyBar(id="keys")
        yield Notice(id="too-small")

    # What a subclass gives

    def body(self) -> Iterable[Widget]:
        """The widgets between breadcrumb and status line; the one that gets the focus has the id ``main``."""
        raise NotImplementedError

    @property
    def crumb(self) -> Spans:
        """This screen's place in the breadcrumb."""
        raise NotImplementedError

    def link_spans(self) -> Spans:
        """How fresh what is on screen is, for the header."""
        return ()

    def status_spans(self) -> tuple[Spans, Spans]:
        """The left and right ends of the status line."""
        return (), ()

    # The frame itself

    @property
    def glyphs(self) -> Glyphs:
        """The signs that this terminal can show."""
        return self.app.glyphs

    def visible(self, text: str) -> str:
        """Text from outside, as this terminal can show it."""
        return visible(text, ascii=self.glyphs is ASCII)

    def on_mount(self) -> None:
        self.query_one("#too-small", Notice).tell(
            f"This window is too small for wltui: make it at least {LEAST_SIZE[0]}×{LEAST_SIZE[1]}."
            if self.glyphs is not ASCII
            else f"This window is too small for wltui: make it at least {LEAST_SIZE[0]}x{LEAST_SIZE[1]}."
        )
        self.bindings_updated_signal.subscribe(self, lambda _: self._show_keys())
        self.redraw()

    def on_resize(self) -> None:
        columns, rows = self.app.size
        self.set_class(columns < LEAST_SIZE[0] or rows < LEAST_SIZE[1], "-too-small")
        self._show_keys()

    def on_screen_resume(self) -> None:
        self.redraw()

    def redraw(self) -> None:
        """Write the frame's lines anew; lines that say the same are not painted."""
        if not self.is_mounted:
            return
        settings = self.app.settings
        host = settings.endpoint.partition("://")[2]
        name = settings.profile if settings.profile != host else ""
        left: list[Span] = [(" wltui", Role.BOLD), *([(f"  {self.visible(name)}", Role.ACCENT)] if name else [])]
        left.append((f"  {self.visible(host)}", Role.PLAIN))
        right: list[Span] = [("READ-ONLY  ", Role.WARNING)] if settings.read_only else []
        right += [*self.link_spans(), (f"  {self.visible(self.app.service.user)} ", Role.MUTED)]
        self.query_one("#header", Line).show(tuple(left), tuple(right))
        self.query_one("#crumbs", Line).show(self._crumbs())
        status, end = self.status_spans()
        self.query_one("#status", Line).show(((" ", Role.PLAIN), *status), (*end, (" ", Role.PLAIN)))
        self._show_keys()

    def _crumbs(self) -> Spans:
        frames = [screen for screen in self.app.screen_stack if isinstance(screen, Frame)]
        until = frames.index(self) + 1 if self in frames else len(frames)
        spans: list[Span] = [(" ", Role.PLAIN)]
        for place, frame in enumerate(frames[:until]):
            spans += [(f" {self.glyphs.crumb} ", Role.MUTED)] if place else []
            spans += frame.crumb if place < until - 1 else [(text, Role.BOLD) for text, _ in frame.crumb]
        return tuple(spans)

    def _show_keys(self) -> None:
        if not self.is_mounted:
            return
        active = active_keys(self.active_bindings)
        shown = (active[name] for name in (*self.FOOTER, "frame.help") if name in active and active[name].enabled)
        self.query_one(KeyBar).show_keys(shown, self.app.size.width)

    def notice(self, problem: "WltuiError | str | None", *, role: Role = Role.ERROR) -> None:
        """Say above the status line what went wrong, until it is over; None ends it. Never hides the data."""
        self.query_one("#notice", Notice).tell(problem, role)

    def action_back(self) -> None:
        """Leave the screen."""
        if len(self.app.screen_stack) > 2:  # the app's own empty screen lies below the first
            self.dismiss()
        else:
            self.app.flash("This is the first screen; q quits.")

    def action_help(self) -> None:
        """Show the keys that work here."""
        from .help import HelpScreen

        self.app.push_screen(HelpScreen(self))

    def why_off(self, action: str) -> str:
        """Why an action does not work just now; empty where it does."""
        return ""
