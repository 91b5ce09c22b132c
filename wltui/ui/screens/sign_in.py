"""Sign in inside the app: by a code that is entered in any browser, or with a user and a password."""

from collections.abc import Iterable, Sequence
from functools import partial

from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.widget import Widget

from wltui.auth.token_store import Login
from wltui.core.errors import WltuiError
from wltui.core.settings import Secret, Settings
from wltui.ui.actions import disabled_if, hidden_if
from wltui.ui.screens.base.frame import Frame
from wltui.ui.text.spans import Role, Spans, visible
from wltui.ui.widgets.choice import Choice
from wltui.ui.widgets.line import Line
from wltui.ui.widgets.notice import Notice
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.qr_view import QrCode
from wltui.ui.widgets.secret_box import SecretBox
from wltui.ui.widgets.text_box import TextBox

from .sign_in_words import Waiting, by_code, comes_from_elsewhere, from_elsewhere, place, reason, shown

TEXT_COLUMNS = 38
"""Columns that the text needs beside the QR code."""
ROOMY = 16
"""Rows from which on the code has a line of its own."""
TICK = 10.0
"""Seconds between two updates of how long the code is valid."""


def shows_code(screen: "SignInScreen") -> bool:
    """Return whether the code is shown and not the form."""
    return not screen.is_form


def asks_for_password(screen: "SignInScreen") -> bool:
    """Return whether the form is shown, in which letters are text and not keys."""
    return screen.is_form


def only_explains(screen: "SignInScreen") -> bool:
    """Return whether the user can only try again, as wltui can't sign in with these settings."""
    return screen.is_explaining


def goes_well(screen: "SignInScreen") -> bool:
    """Return whether there is no failure to retry."""
    return not (screen.has_failed or screen.is_explaining)


def no_address(screen: "SignInScreen") -> str:
    """Return why there is no address to copy, or an empty string if there is one."""
    return "" if screen.has_code else "there is no address to copy"


class SignInScreen(Frame[Login]):
    """Returns the sign-in if it is that of the session's user; the app switches to any other user."""

    IN_HAND = "leave the sign-in first, by esc"

    CSS_PATH = "sign_in.tcss"
    FOOTER = (
        "sign.go", "sign.next", "sign.copy", "sign.password", "sign.again", "sign.stay", "frame.back",
    )  # fmt: skip
    BINDINGS = [
        Binding("enter", "go", "Sign in", id="sign.go", tooltip="sign in with what was typed", priority=True),
        Binding("r,f5", "again", "Try again", id="sign.again", tooltip="ask for a new code, or try again"),
        Binding("enter", "retry", "Try again", id="sign.retry", tooltip="the same, where something failed", show=False),
        Binding("c", "copy", "Copy", id="sign.copy", tooltip="copy the address"),
        Binding("u", "password", "Password", id="sign.password", tooltip="with a user and a password"),
        Binding("s", "stay", "Stay", id="sign.stay",
                tooltip="stay signed in for days, where the instance allows it; or as usual"),
        Binding("tab,down", "field(1)", "Next", id="sign.next", tooltip="to the next field"),
        Binding("shift+tab,up", "field(-1)", "Previous", id="sign.previous", tooltip="to the field before", show=False),
        Binding("escape", "back", "Cancel", id="frame.back", tooltip="cancel; nothing is lost"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._waiting = Waiting()
        self._stays = False
        """Whether to ask for a sign-in that lasts for days."""
        self._sends = False
        """Whether a sign-in with a password is under way."""
        self._login: Login | None = None
        """A sign-in that ended while another screen was in front."""

    @property
    def crumb(self) -> Spans:
        return (("Sign in", Role.PLAIN),)

    @property
    def settings(self) -> Settings:
        """The settings of the instance to sign in to."""
        return self.app.settings

    @property
    def is_explaining(self) -> bool:
        """Whether token or password come from outside wltui, so that the screen can only explain the problem."""
        return comes_from_elsewhere(self.settings)

    @property
    def has_code(self) -> bool:
        """Whether there is a code to sign in with."""
        return self._waiting.code is not None

    @property
    def has_failed(self) -> bool:
        """Whether there is no code because the device flow failed."""
        return self._waiting.error is not None

    @property
    def is_form(self) -> bool:
        """Whether the form for user and password is shown in place of the code."""
        return self.has_class("-form")

    def body(self) -> Iterable[Widget]:
        user, password = TextBox("user name or e-mail address"), SecretBox("not shown as you type")
        user.id, password.id = "user", "password"
        lasting = Choice([("", "as usual"), ("stay", "for days")], glyphs=self.glyphs, id="stay")
        rows = (("User", user), ("Password", password), ("Stay", lasting))
        yield Horizontal(
            Vertical(
                Pager(self._lines, id="main"),
                *(Horizontal(_label(title), field, classes="field") for title, field in rows),
                Notice(id="wrong"),
                id="words",
            ),
            QrCode(),
            id="panes",
        )

    def on_mount(self) -> None:
        if not self.is_explaining:
            self.start(self._count_down, group="clock")
            self.action_again()

    def on_resize(self) -> None:
        self._show()

    # Sign in by a code

    async def _by_device(self) -> None:
        from wltui.auth.sign_in import sign_in_by_device

        if (store := self.app.store) is None:
            return
        try:
            login = await sign_in_by_device(
                self.settings,
                store,
                lambda code: self._show(Waiting(code)),
                on_wait=lambda why, _: self._show(Waiting(self._waiting.code, why)),
                scope=self._scope,
                wait=self.app.wait,
                clock=self._now,
            )
        except WltuiError as error:
            self._show(Waiting(error=error))
            return
        self._finish(login)

    async def _count_down(self) -> None:
        while True:
            await self.app.wait(TICK)
            self.redraw()

    def _now(self) -> float:
        return self.app.service.clock().timestamp()

    @property
    def _scope(self) -> str:
        from wltui.auth.sign_in import OFFLINE_SCOPE

        return OFFLINE_SCOPE if self._stays else ""

    # Sign in with a password

    @hidden_if(shows_code)
    def action_go(self) -> None:
        """Sign in with the user and password typed, or focus the first field that is empty."""
        user = self.query_one("#user", TextBox)
        box = self.query_one(SecretBox)
        missing = user if not user.value.strip() else box if not box.value else None
        if missing is not None:
            missing.focus()
        elif not self._sends:
            self._sends = True
            self._stays = self.query_one("#stay", Choice).value == "stay"
            self._show_wrong("Asking the sign-in service", Role.MUTED)
            self.start(partial(self._by_password, user.value.strip(), box.take()), group="sign in")

    async def _by_password(self, user: str, password: Secret) -> None:
        from wltui.auth.sign_in import sign_in_by_password

        if (store := self.app.store) is None:
            return
        try:
            login = await sign_in_by_password(
                self.settings, store, user, password, scope=self._scope, clock=self._now
            )
        except WltuiError as error:
            self._sends = False
            self._show_wrong(f"{error.what}: {error.why.rstrip('.')}.")
            self.query_one(SecretBox).focus()
            return
        self._finish(login)

    def _show_wrong(self, text: str, role: Role = Role.ERROR) -> None:
        self.query_one("#wrong", Notice).show_problem(self.shown(text) if text else None, role)

    # After a sign-in

    def _finish(self, login: Login) -> None:
        """Close the screen, now or when it is in front again."""
        self._login = login
        if self.app.screen is self and self.app.continue_after_sign_in(login):
            self.dismiss(login)

    def on_screen_resume(self) -> None:
        if self._login is not None:
            self._finish(self._login)

    # Keys

    @hidden_if(shows_code)
    def action_field(self, step: int) -> None:
        """Focus the next field (1) or the one before (-1)."""
        if step > 0:
            self.focus_next()
        else:
            self.focus_previous()

    @hidden_if(asks_for_password)
    def action_again(self) -> None:
        """Request a new code; if the screen can only explain, close it, so that the screen below reads again."""
        if self.is_explaining:
            self.dismiss()
            return
        self._show(Waiting())
        self.start(self._by_device, group="sign in")

    @hidden_if(asks_for_password, goes_well)
    def action_retry(self) -> None:
        """Try again after a failure."""
        self.action_again()

    @hidden_if(asks_for_password, only_explains)
    @disabled_if(no_address)
    def action_copy(self) -> None:
        """Copy the address to the clipboard, through the terminal."""
        if (code := self._waiting.code) is not None:
            self.app.copy("address", visible(code.url_with_code or code.url))

    @hidden_if(asks_for_password, only_explains)
    def action_stay(self) -> None:
        """Switch between a sign-in that lasts for days and a usual one, and request a new code."""
        self._stays = not self._stays
        self.query_one("#stay", Choice).choose("stay" if self._stays else "")
        self.action_again()

    @hidden_if(asks_for_password, only_explains)
    def action_password(self) -> None:
        """Show the form for user and password, and cancel the code."""
        self.workers.cancel_group(self, "sign in")
        self._set_form(True)
        self.query_one("#user").focus()

    def _set_form(self, shown: bool) -> None:
        self.set_class(shown, "-form")
        self.query_one(SecretBox).clear()
        self._show_wrong("")
        self._show(Waiting())
        self.refresh_bindings()

    def leave(self) -> None:
        """Go back from the form to the code; if the code is shown or a password is being sent, close."""
        if self._sends or not self.is_form:
            self.dismiss()
            return
        self._set_form(False)
        self.query_one("#main").focus()
        self.action_again()

    # Drawing

    def _show(self, waiting: Waiting | None = None) -> None:
        """Show the state of the device flow; ``waiting``, if given, is the new state."""
        if not self.is_mounted:
            return
        if waiting is not None:
            self._waiting = waiting
        code = self._waiting.code
        addresses = tuple(filter(None, (code.url_with_code, code.url))) if code else ()
        if self.settings.ascii or self.app.no_color or self.is_form:
            addresses = ()
        room = self.query_one("#panes").size
        self.query_one(QrCode).offer(addresses, room.width - TEXT_COLUMNS, room.height)
        self.query_one("#main", Pager).show(self._lines)
        self.redraw()
        self.refresh_bindings()

    def link_spans(self) -> Spans:
        if self.app.refusal is None:
            return super().link_spans()
        return ((f"{self.glyphs.offline} not signed in", Role.ERROR),)

    def status_spans(self) -> tuple[Spans, Spans]:
        if (code := self._waiting.code) is None:
            return (), ()
        left = max(0.0, code.ends - self._now())
        good = f"{left / 60:.0f} min" if left > 90 else f"{TICK * -(-left // TICK):.0f} s"
        return (), ((f"the code is good for {good}", Role.PLAIN),)

    def _lines(self, cells: int) -> Sequence[Spans]:
        lines = [*place(self.settings)]
        if self.is_explaining:
            lines += from_elsewhere(self.settings, self.app.key_names)
        elif not self.is_form:
            roomy = self.query_one("#panes").size.height >= ROOMY
            lines += by_code(
                self._waiting, self.settings, self.glyphs, self.app.key_names, stays=self._stays, roomy=roomy
            )
        return shown([*lines, *reason(self.app.refusal)], cells, self.glyphs)


def _label(title: str) -> Line:
    label = Line()
    label.show(((title, Role.PLAIN),))
    return label
