"""The frame of every screen: header, breadcrumb, notice, status line, footer, and the keys that work everywhere."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, TypeVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding
from textual.events import DescendantFocus, Key
from textual.keys import key_to_character
from textual.screen import Screen
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker, WorkerState

from wltui.core.errors import WltuiError
from wltui.core.event_log import log_trouble
from wltui.ui.actions import find_reason, is_hidden
from wltui.ui.host import Host
from wltui.ui.keys import active_keys
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.paragraphs import paragraphs
from wltui.ui.text.spans import Role, Spans, shortened, width
from wltui.ui.widgets.key_bar import KeyBar
from wltui.ui.widgets.line import Line
from wltui.ui.widgets.notice import Notice
from wltui.ui.widgets.parts_line import PartsLine

from .crumbs import PaneTitle, dividing_line
from .header import header_ends
from .opening import OpeningScreen

T = TypeVar("T")

LEAST_SIZE = (60, 15)
"""The columns and rows that every screen needs at least."""
FLASH_SECONDS = 4.0
FILL = (
    "app.problems", "version.history", "app.palette", "version.external", "pane.mode", "app.versions", "file.write",
    "app.pause", "app.profiles", "app.quit",
)  # fmt: skip
"""The bindings that fill the footer of every screen, if there is room."""


def saving(screen: "Frame[object]") -> str:
    """Return why the user's own editor can't take over the terminal: a save has to show its outcome there."""
    return "a save is under way" if screen.app.saves.under_way else ""


class Frame(OpeningScreen[T]):
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
    USELESS: ClassVar[tuple[str, ...]] = ("app.pause",)
    """The bindings of :data:`FILL` that do nothing here: only a :class:`LiveScreen` can pause."""
    SHOWS_UPLOADS: ClassVar[bool] = False
    """Whether the end of an upload is seen here, so that no message has to say it."""
    AUTO_FOCUS = "#main"
    BINDINGS = [
        Binding("escape,backspace,h,left", "back", "Back", id="frame.back", key_display="esc",
                tooltip="one step back: first the filter, then the marks, then the screen"),
        Binding("q", "leave", "Back", id="frame.leave", show=False,
                tooltip="leave the screen, unless it is a list of workspaces, models or versions"),
        Binding("question_mark,f1", "help", "Help", id="frame.help", tooltip="the keys that work here"),
    ]  # fmt: skip

    _flash: Spans = ()
    _flash_timer: Timer | None = None

    def compose(self) -> ComposeResult:
        yield Line(id="header")
        yield PartsLine(id="crumbs")
        yield from self.body()
        yield Notice(part=0.4, id="notice")
        yield Notice(part=0.3, id="trouble")
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
    def row_count(self) -> str:
        """The number of rows of a list, for the dividing line."""
        return ""

    @property
    def pane_title(self) -> PaneTitle | None:
        """The title of the pane at the right, or None if there is none."""
        return None

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
        # Without a description Textual makes one: the repr of all arguments, such as 100,000 versions.
        self.run_worker(work, group=group, description=group, exclusive=True, exit_on_error=False)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Raise the error of a failed worker: a defect ends the program and is not passed over in silence."""
        if event.state is WorkerState.ERROR and event.worker.error is not None:
            raise event.worker.error

    # The frame itself

    @property
    def glyphs(self) -> Glyphs:
        """The signs that this terminal can show."""
        return self.app.glyphs

    def key_of(self, name: str) -> str:
        """Return the key of an action, by the id of its binding, for a text that names it."""
        return self.app.key_names(name)

    def shown(self, text: str) -> str:
        """Return text from outside as one line that this terminal can show."""
        return self.glyphs.text(shortened(text))

    def first_classes(self) -> dict[str, bool]:
        return super().first_classes() | {"-ascii": self.glyphs.is_ascii}

    def on_mount(self) -> None:
        columns, rows = LEAST_SIZE
        self.query_one("#too-small", Notice).show_problem(
            f"wltui needs {columns} columns and {rows} rows. ctrl+q quits."
        )
        self.bindings_updated_signal.subscribe(self, lambda _: self._show_keys())
        self.redraw()

    @property
    def max_scroll_y(self) -> int:
        """How far the screen scrolls: not at all, or in a tiny window nothing would cover it."""
        return 0

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
        if not self.shows_lines:
            return
        self.query_one("#header", Line).show(*header_ends(self.app, self.link_spans()))
        self.show_titles()
        self.show_status()
        self._show_keys()

    def show_status(self) -> None:
        """Update the status line, and the troubles and longer messages above it, once the screen has widgets."""
        if not self.shows_lines:
            return
        status, end = self.status_spans()
        end = (*end, *self.app.uploads.status(self.glyphs))
        if hint := self.app.sign_in_hint:
            status = ((f"{hint}   ", Role.WARNING), *status)
        said = [(message.text, message.role) for message in self.app.messages.all]
        said += self._flash
        room = self.app.size.width - width(end) - 3  # the end is not cut: a flash may refer to it
        is_short = bool(said) and "\n" not in said[-1][0] and width((said[-1],)) <= room
        if is_short and said[-1][1] is not Role.MUTED:
            status = (said.pop(),)
        wrong_keys = self.app.settings.key_problem if self.Q_QUITS else ""  # elsewhere its lines are needed
        troubles = self.app.service.trouble or log_trouble(), wrong_keys
        said = [*((self.shown(trouble), Role.WARNING) for trouble in troubles if trouble), *said]
        self.query_one("#trouble", Notice).show_texts(said)
        self.query_one("#status", Line).show(((" ", Role.PLAIN), *status), (*end, (" ", Role.PLAIN)))

    def cached_header(self) -> Strip:
        """Return the header for a picture of this screen that the next start shows."""
        return self.query_one("#header", Line).render_spans(*header_ends(self.app, self.cached_spans()))

    @property
    def _opened_before(self) -> "Sequence[Frame[Any]]":
        """The open screens from the first to the one below this."""
        frames = [screen for screen in self.app.screen_stack if isinstance(screen, Frame)]
        return frames[: frames.index(self)] if self in frames else []

    def show_titles(self) -> None:
        """Update the dividing line, with the way to this screen and the titles of its panes."""
        if not self.shows_lines:
            return
        crumbs = [*(frame.crumb for frame in self._opened_before), self.crumb]
        line = dividing_line(
            crumbs, self.glyphs, self.app.size.width, count=self.row_count, pane=self.pane_title
        )
        self.query_one("#crumbs", PartsLine).show_parts(line)

    @on(PartsLine.Clicked, "#crumbs")
    def _go_back_to(self, event: PartsLine.Clicked) -> None:
        """Go back to a screen that is open, unless one on the way there has something to end or to ask first."""
        target = self._opened_before[int(event.name)]
        front: Screen[Any] = self
        while front is not target and isinstance(front, Frame):
            front.leave()
            if self.app.screen is front:
                return
            front = self.app.screen

    @on(PartsLine.Clicked, "#keys")
    def _press_key(self, event: PartsLine.Clicked) -> None:
        key = Key(event.name, key_to_character(event.name))
        key._sender = None  # as that of a key from the terminal: no message passes its sender on the way up
        self.app.post_message(key)

    @property
    def active_bindings(self) -> dict[str, ActiveBinding]:
        """The keys that work at present: none that is typed as text, which Textual forgets of keys that were moved."""
        active, focused = super().active_bindings, self.focused
        if focused is None or not self.app.settings.keys:
            return active
        taken = {key for key in active if focused.check_consume_key(key, key_to_character(key))}
        return {key: entry for key, entry in active.items() if key not in taken or entry.node is focused}

    def _show_keys(self) -> None:
        if not self.shows_lines:
            return
        active = active_keys(self.active_bindings, ascii=self.glyphs.is_ascii)
        for name in (*self.USELESS, *(("app.pause",) if self.app.settings.refresh == 0 else ())):
            active.pop(name, None)
        shown = (
            active[name]
            for name in dict.fromkeys(("menu.close", *self.FOOTER, *FILL, "frame.help"))
            if name in active and active[name].enabled
        )
        self.query_one(KeyBar).show_keys(shown, self.app.size.width)

    def notice(self, problem: "WltuiError | str | None", *, role: Role = Role.ERROR) -> None:
        """Show a problem above the status line, beside the data, until it is over; None removes it."""
        text = "\n".join(paragraphs(str(problem), ascii=self.glyphs.is_ascii)) if problem else None
        if text and isinstance(problem, WltuiError) and not text.endswith((".", "!", "?")):
            text += "."
        self.query_one("#notice", Notice).show_problem(text, role)

    def flash(self, text: str, role: Role = Role.WARNING) -> None:
        """Show a short message in the status line for a few seconds; not for text that must not be missed."""
        self._flash = ((self.shown(text), role),)
        self.redraw()
        if self._flash_timer:  # that of the message before would end this one early
            self._flash_timer.stop()
        self._flash_timer = self.set_timer(FLASH_SECONDS, self._end_flash)

    def _end_flash(self) -> None:
        if self._flash:
            self._flash = ()
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
        """Go one step back: where nothing is filtered, marked or searched for, leave the screen."""
        self.leave()

    def leave(self) -> None:
        """Leave the screen, or end first what is under way on it."""
        if len(self.app.screen_stack) > 2:  # the app's own empty screen lies below the first
            self.dismiss()
        else:
            self.flash(f"This is the first screen. Press {self.key_of('app.quit')} to quit.")

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


class QuitKeys(Frame[T]):
    """A frame that q does not leave. Elsewhere the app has ctrl+q alone, so that q quits nowhere by surprise."""

    Q_QUITS = True
    BINDINGS = [
        Binding("q,ctrl+q", "app.quit", "Quit", id="app.quit",
                tooltip="quit; asks first if something would be lost"),
    ]  # fmt: skip
