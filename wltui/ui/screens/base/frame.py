"""The frame of every screen: header, breadcrumb, notice, status line, footer, and the keys that work everywhere."""

from collections.abc import Callable, Coroutine, Iterable
from pathlib import Path
from typing import ClassVar, TypeVar
from urllib.parse import urlsplit

from textual import getters
from textual.app import ComposeResult
from textual.binding import Binding
from textual.color import Color
from textual.events import DescendantFocus, Key
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from wltui.core.errors import WltuiError
from wltui.core.event_log import log_trouble
from wltui.ui.actions import find_reason, hidden_if, is_hidden
from wltui.ui.host import Host
from wltui.ui.keys import active_keys
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.paragraphs import paragraphs
from wltui.ui.text.spans import Role, Span, Spans, plain, shortened, width
from wltui.ui.widgets.key_bar import KeyBar
from wltui.ui.widgets.line import Line
from wltui.ui.widgets.notice import Notice
from wltui.ui.widgets.painted import RoleScreen

T = TypeVar("T")

LEAST_SIZE = (60, 15)
"""The columns and rows that every screen needs at least."""
FLASH_SECONDS = 4.0
FILL = (
    "version.history", "version.external", "pane.mode", "app.palette", "app.problems", "app.versions", "app.profiles",
    "app.pause", "file.write", "app.quit",
)  # fmt: skip
"""The bindings that fill the footer of every screen, if there is room."""


def lists_first(screen: "Frame[object]") -> bool:
    """Return whether q quits, and so does not leave the screen."""
    return screen.Q_QUITS


def saving(screen: "Frame[object]") -> str:
    """Return why the user's own editor can't take over the terminal: a save has to show its outcome there."""
    return "a save is under way" if screen.app.saves.under_way else ""


class Frame(RoleScreen[T]):
    """A screen with the common frame. A subclass defines its body, its crumb and its status line.

    ``FOOTER`` lists the ids of the bindings that the footer shows, most used first; then come those of :data:`FILL`.
    """

    app: getters.app[Host]
    CSS_PATH = str(Path(__file__).with_name("frame.tcss"))  # a bare name is resolved beside the subclass
    FOOTER: ClassVar[tuple[str, ...]] = ()
    Q_QUITS: ClassVar[bool] = False
    """Whether q quits, as on the lists of workspaces, models and versions; elsewhere it leaves the screen."""
    IN_HAND: ClassVar[str] = ""
    """Why no list that opens from anywhere may cover this screen; empty if one may."""
    SHOWS_UPLOADS: ClassVar[bool] = False
    """Whether the end of an upload is seen here, so that no toast has to say it."""
    AUTO_FOCUS = "#main"
    BINDINGS = [
        Binding("escape,backspace", "back", "Back", id="frame.back", key_display="esc",
                tooltip="one step back: first the filter, then the marks, then the screen"),
        Binding("q", "leave", "Back", id="frame.leave", show=False,
                tooltip="leave the screen; on the lists of workspaces, models and versions: quit"),
        Binding("question_mark,f1", "help", "Help", id="frame.help", tooltip="the keys that work here"),
    ]  # fmt: skip

    _flash = ""
    _flash_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Line(id="header")
        yield Line(id="crumbs")
        yield from self.body()
        yield Notice(id="notice")
        yield Notice(id="trouble")
        yield Line(id="status")
        yield KeyBar(id="keys")
        yield Notice(id="too-small")

    # Defined by subclasses

    def body(self) -> Iterable[Widget]:
        """Yield the widgets between breadcrumb and status line; the one to focus has the id ``main``."""
        raise NotImplementedError

    @property
    def crumb(self) -> Spans:
        """This screen's place in the breadcrumb."""
        raise NotImplementedError

    @property
    def is_cut_off(self) -> bool:
        """Whether the instance can't be reached now, as far as this screen knows."""
        return self.app.settings.offline

    def link_spans(self) -> Spans:
        """Return the freshness of the content, for the header; by default that of the screen below."""
        stack = self.app.screen_stack
        below = stack[stack.index(self) - 1] if self in stack else None
        return below.link_spans() if isinstance(below, Frame) else ()

    @property
    def is_as_at_start(self) -> bool:
        """Whether a start with the same settings would show this screen, and its data are fresh from the API."""
        return False

    def cached_spans(self) -> Spans:
        """Return the freshness for a picture that the next start shows, as :meth:`link_spans` does for now."""
        return ()

    def status_spans(self) -> tuple[Spans, Spans]:
        """Return the left and right ends of the status line."""
        return (), ()

    def start(self, work: Callable[[], Coroutine[object, object, None]], *, group: str) -> None:
        """Run work of this screen in a worker; new work of a group cancels the former work of that group."""
        self.run_worker(work, group=group, exclusive=True, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Raise the error of a failed worker: a defect ends the program and is not passed over in silence."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            raise event.worker.error

    # The frame itself

    @property
    def glyphs(self) -> Glyphs:
        """The signs that this terminal can show."""
        return self.app.glyphs

    def shown(self, text: str) -> str:
        """Return text from outside as one line that this terminal can show."""
        return self.glyphs.text(shortened(text))

    def on_mount(self) -> None:
        self.set_class(self.glyphs.is_ascii, "-ascii")
        columns, rows = LEAST_SIZE
        self.query_one("#too-small", Notice).show_problem(
            f"wltui needs a window of {columns} columns and {rows} rows or more. ctrl+q quits."
        )
        if tint := self._tint:
            styles = self.query_one("#header").styles
            styles.background, styles.color = tint, ink_on(tint)
        self.bindings_updated_signal.subscribe(self, lambda _: self._show_keys())
        self.redraw()

    @property
    def _tint(self) -> Color | None:
        """The profile's colour, for the header; None if the profile has none or colours are off."""
        colour = self.app.settings.colour
        if not colour or self.app.no_color:
            return None
        known = getattr(self.app.current_theme, colour, None) or self.app.theme_variables.get(colour, colour)
        return Color.parse(known)

    @property
    def too_small(self) -> bool:
        """Whether the window is too small to show the screen, which is then covered."""
        return self.has_class("-too-small")

    def on_resize(self) -> None:
        columns, rows = self.app.size
        self.set_class(columns < LEAST_SIZE[0] or rows < LEAST_SIZE[1], "-too-small")
        self.redraw()

    def on_screen_resume(self) -> None:
        self.redraw()
        self.app.call_later(self.app.sign_in_if_due)

    def redraw(self) -> None:
        """Update the lines of the frame; lines with the same text are not painted again."""
        if not self.is_mounted:
            return
        self.query_one("#header", Line).show(*self._header(self.link_spans()))
        self.query_one("#crumbs", Line).show(self._crumbs())
        self.show_status()
        self._show_keys()

    def show_status(self) -> None:
        """Update the status line, and the troubles above it."""
        status, end = self.status_spans()
        end = (*end, *self.app.uploads.status(self.glyphs))
        trouble = [self.shown(self.app.service.trouble or log_trouble() or "")]
        if hint := self.app.sign_in_hint:
            status = ((f"{hint}   ", Role.WARNING), *status)
        if self._flash:
            flash: Spans = ((self.shown(self._flash), Role.WARNING),)
            if width(flash) + width(end) + 3 > self.app.size.width:  # its end may contain the reason
                trouble.append(plain(flash))
            else:
                status = flash
        self.query_one("#trouble", Notice).show_problem(
            "\n".join(filter(None, trouble)) or None, Role.WARNING
        )
        self.query_one("#status", Line).show(((" ", Role.PLAIN), *status), (*end, (" ", Role.PLAIN)))

    def cached_header(self) -> Strip:
        """Return the header for a picture of this screen that the next start shows."""
        return self.query_one("#header", Line).render_spans(*self._header(self.cached_spans()))

    def _header(self, link: Spans) -> tuple[Spans, Spans]:
        """Return the left and right ends of the header.

        If the window is too narrow for all of it, the host is cut last: it names the instance that the user changes.
        """
        settings = self.app.settings
        is_named = settings.profile != urlsplit(settings.endpoint).hostname
        name = self.shown(settings.profile) if is_named else ""
        user = self.shown(self.app.service.user)
        user = "" if plain(link).endswith(user) else user  # "not signed in" appears once
        left, right = ends = self._header_ends(link, "wltui", name, user)
        for shorter in (
            (link[:1], "wltui", name, user),
            (link[:1], "", name, user),
            (link[:1], "", name, ""),
            (link[:1], "", "", ""),
            (tuple((text.partition(" ")[0], role) for text, role in link[:1]), "", "", ""),  # the sign alone
        ):
            if width(left) + 1 + width(right) <= self.app.size.width:
                break
            left, right = ends = self._header_ends(*shorter)
        if self._tint:  # other colours may not be readable on it
            left, right = (tuple((text, _on_tint(role)) for text, role in side) for side in ends)
        return left, right

    def _header_ends(self, link: Spans, title: str, name: str, user: str) -> tuple[Spans, Spans]:
        settings = self.app.settings
        parts = ((title, Role.BOLD), (name, Role.ACCENT), (self.shown(settings.host), Role.PLAIN))
        words = [span for span in parts if span[0]]
        left = [(f"{'  ' if place else ' '}{text}", role) for place, (text, role) in enumerate(words)]
        right: list[Span] = []
        if settings.exposed_hosts:
            right.append(("NOT ENCRYPTED  ", Role.ERROR))
        if not settings.network.verify:
            right.append(("TLS NOT VERIFIED  ", Role.ERROR))
        if settings.read_only:
            right.append(("READ-ONLY  ", Role.WARNING))
        right += [*link, (f"  {user} " if user else " ", Role.MUTED)]
        return tuple(left), tuple(right)

    def _crumbs(self) -> Spans:
        """Return the crumbs from the first screen to this one; if they don't fit, the first ones are left out."""
        frames = [screen for screen in self.app.screen_stack if isinstance(screen, Frame)]
        crumbs = (
            [frame.crumb for frame in frames[: frames.index(self) + 1]] if self in frames else [self.crumb]
        )
        crumbs[-1] = tuple((text, Role.BOLD) for text, _ in crumbs[-1])
        arrow = (f" {self.glyphs.crumb} ", Role.MUTED)
        cut: Spans = ((self.glyphs.ellipsis, Role.MUTED), arrow)
        spans: Spans = crumbs.pop()
        while crumbs:
            longer = (*crumbs[-1], arrow, *spans)
            if 1 + width(longer) + (width(cut) if len(crumbs) > 1 else 0) > self.app.size.width:
                break
            spans = longer
            crumbs.pop()
        return ((" ", Role.PLAIN), *(cut if crumbs else ()), *spans)

    def _show_keys(self) -> None:
        if not self.is_mounted:
            return
        active = active_keys(self.active_bindings, ascii=self.glyphs.is_ascii)
        shown = (
            active[name]
            for name in dict.fromkeys(("menu.close", *self.FOOTER, *FILL, "frame.help"))
            if name in active and active[name].enabled
        )
        self.query_one(KeyBar).show_keys(shown, self.app.size.width)

    def notice(self, problem: "WltuiError | str | None", *, role: Role = Role.ERROR) -> None:
        """Show a problem above the status line, beside the data, until it is over; None removes it."""
        text = "\n".join(paragraphs(str(problem), ascii=self.glyphs.is_ascii)) if problem else None
        self.query_one("#notice", Notice).show_problem(text, role)

    def flash(self, text: str) -> None:
        """Show a short message in the status line for a few seconds; not for text that must not be missed."""
        self._flash = text
        self.redraw()
        if self._flash_timer:  # that of the message before would end this one early
            self._flash_timer.stop()
        self._flash_timer = self.set_timer(FLASH_SECONDS, self._end_flash)

    def _end_flash(self) -> None:
        if self._flash:
            self._flash = ""
            self.redraw()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self.app.sign_in_if_due()

    def on_key(self, event: Key) -> None:
        """Remove the short message; if the key is disabled, show the reason."""
        self._end_flash()
        if (entry := self.active_bindings.get(event.key)) and not entry.enabled:
            action = entry.binding.action.partition("(")[0]
            if why := self.disabled_reason(action):
                self.flash(f"{entry.binding.description}: {why}.")

    def action_back(self) -> None:
        """Leave the screen."""
        if len(self.app.screen_stack) > 2:  # the app's own empty screen lies below the first
            self.dismiss()
        else:
            self.flash("This is the first screen. Press q to quit.")

    @hidden_if(lists_first)
    def action_leave(self) -> None:
        """Leave the screen, as q does in pagers."""
        self.action_back()

    def action_help(self) -> None:
        """Show the keys that work here."""
        self.app.show_help()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if is_hidden(self, action):
            return False
        return None if self.disabled_reason(action) else super().check_action(action, parameters)

    def disabled_reason(self, action: str) -> str:
        """Return why an action is disabled, or an empty string if it is not."""
        return find_reason(self, action) or self.app.disabled_reason(action)

    def read_anew(self) -> None:
        """Fetch again after a sign-in; for data that a screen does not fetch when it comes to the front."""


def ink_on(ground: Color) -> Color:
    """Return a text colour that is readable on a ground; a guess if the ground is one of the terminal's own 16."""
    if ground.ansi is None:
        return ground.get_contrast_text(1)
    return Color.parse("ansi_black" if ground.ansi in _BRIGHT else "ansi_bright_white")


_BRIGHT = (2, 3, 6, 7, 10, 11, 14, 15)
"""Green, yellow, cyan and white, and their bright kinds, by their numbers in a terminal."""


def _on_tint(role: Role) -> Role:
    return Role.PLAIN if role in (Role.PLAIN, Role.MUTED, Role.SUCCESS) else Role.BOLD
