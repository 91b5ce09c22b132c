"""The session on screen: sign in on top of any screen, and switch to another user or instance."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import Input

from wltui.auth.identity import identify
from wltui.auth.token_store import Login, TokenStore
from wltui.core.errors import NotSignedIn, UsageError, WltuiError
from wltui.core.records import VersionId
from wltui.core.settings import Settings
from wltui.core.threads import run_in_thread
from wltui.lifecycle.start import Start
from wltui.service.service import Service
from wltui.store.view_choices import ViewChoices
from wltui.ui.actions import disabled_if, find_reason
from wltui.ui.host import Host
from wltui.ui.instances import Instance, Instances
from wltui.ui.screens.base.frame import Frame
from wltui.ui.text.paragraphs import MESSAGE_LINES, paragraphs
from wltui.ui.text.spans import Role, shortened

from .first_frame import FirstFrame
from .messages import ROLES, Messages, Severity
from .saves import Saves
from .uploads import Uploads

Opener = Callable[[Start], Service]
"""Opens the service of a session; may raise UsageError."""

OPENING_SECONDS = 5.0
"""How many seconds reading the user's sign-in from the disk may take."""
CLOSING_SECONDS = 1.0
"""How many seconds the next session waits for the former one to close network and disk."""


def signed_in_elsewhere(app: Host) -> str:
    """Return why sign-in is disabled, or an empty string if it is not."""
    if app.settings.offline:
        return "offline mode"
    if app.refusal is None and app.settings.source:
        return f"the sign-in comes from {app.settings.source}"
    return ""


def no_profiles(app: Host) -> str:
    """Return why there is no other profile to switch to, or an empty string if there may be one."""
    return "" if app.instances is not None else "the demo stays where it is; start wltui --profile NAME"


class SessionApp(FirstFrame):
    """An app whose user and instance may change while it runs.

    Everything on screen, in memory and on disk belongs to one user of one instance. A new session begins with a new
    service and new screens, after the former ones are closed.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("I", "sign_in", "Sign in", id="app.sign_in", tooltip="sign in, or as somebody else"),
        Binding("P", "profiles", "Profiles", id="app.profiles", tooltip="switch to another profile"),
    ]

    def __init__(
        self,
        start: Start,
        opener: Opener,
        state_dir: Path | None,
        instances: Instances | None,
    ) -> None:
        super().__init__(start)
        self.instances = instances
        self.secrets: tuple[str, ...] = ()
        """The secrets of every session so far; no report may contain them."""
        self.store = TokenStore(state_dir) if state_dir else None
        self.choices = ViewChoices(state_dir)
        self.refusal: NotSignedIn | None = None
        self.switching = False
        """Whether a switch to another session is under way."""
        self.saves = Saves(
            lambda: self.service,
            run=lambda work: self.run_worker(work, group="write", exit_on_error=False),
            announce=self._show_outcome,
            on_change=self._refresh_keys,
        )
        self.uploads = Uploads(
            lambda: self.service,
            run=lambda work: self.run_worker(work, group="write", exit_on_error=False),
            announce=self._show_upload_end,
            on_change=self._show_uploads_change,
        )
        self.messages = Messages(self.set_timer, self._show_messages)
        self._opener = opener
        self._state_dir = state_dir
        self._asks = True
        """Whether the sign-in screen opens by itself: once, and not again until a sign-in has succeeded."""
        self._signed_in_anew = False
        self._is_due = False
        self._leaving: set[asyncio.Task[None]] = set()
        """Tasks that close the services of former sessions."""
        self.service = self._opened(start)

    @property
    def _holds_back(self) -> bool:
        return self.switching or super()._holds_back

    def _opened(self, start: Start) -> Service:
        self.secrets = (*self.secrets, *start.settings.secrets)
        service = self._opener(start)
        service.on_auth_change(lambda error: self._learn(service, error))
        return service

    @property
    def busy_reason(self) -> str:
        """Why the session can't be left now; empty if it can."""
        return self.saves.busy_reason() or self.uploads.busy_reason()

    # Implemented by the app

    def begin(self) -> None:
        """Show the first screens of the session; no screen of a former session is left."""
        raise NotImplementedError

    def read_anew(self) -> None:
        """Fetch the data that could not be fetched, now that the same user is signed in again."""
        raise NotImplementedError

    # Signing in

    def _learn(self, service: Service, error: NotSignedIn | None) -> None:
        """Record that the instance no longer accepts the sign-in, or accepts it again if ``error`` is None."""
        if service is not self.service:
            return
        self.refusal = error
        if error is None:
            self._asks, self._signed_in_anew = self._asks or self._signed_in_anew, False
        elif self._asks:
            self._is_due = True
            self.call_later(self.sign_in_if_due)
        self.call_later(self.redraw)

    def redraw(self) -> None:
        """Redraw the frame of the screen in front."""
        if isinstance(self.screen, Frame):
            self.screen.redraw()

    def flash(self, text: str, role: Role = Role.WARNING) -> None:
        """Show a short message in the status line of the screen in front."""
        if isinstance(self.screen, Frame):
            self.screen.flash(text, role)

    def sign_in_if_due(self) -> None:
        """Open the sign-in screen if it is due, but not while the user types into a text box."""
        if self._is_due and not isinstance(self.focused, Input) and not self.switching:
            self._is_due = self._asks = False
            if self.refusal is not None and not self.disabled_reason("sign_in"):
                self.action_sign_in()
                self.frame_is_complete()  # if this is the start
                self.call_later(partial(self.serve_held, give_up=True))  # typed for the screen below

    @disabled_if(signed_in_elsewhere)
    def action_sign_in(self) -> None:
        """Open the sign-in screen on top of the present screens."""
        from wltui.ui.screens.sign_in import SignInScreen

        if not self._is_signing_in:
            self.push_screen(SignInScreen(), self._closed_sign_in)

    @property
    def sign_in_hint(self) -> str:
        """The hint in the status line that the user is not signed in; empty if nothing is wrong."""
        if self.refusal is None or self.disabled_reason("sign_in") or self._is_signing_in:
            return ""
        return f"Not signed in. {self._sign_in_key}"

    @property
    def _sign_in_key(self) -> str:
        """The key that helps a user who is not signed in, as the hint names it."""
        from textual.widgets import TextArea

        if isinstance(self.focused, Input | TextArea):  # letters are text there
            return f"Press {self.key_names('app.palette')}, then Sign in"
        return f"Press {self.key_names('app.sign_in')} to {'see why' if self.settings.source else 'sign in'}"

    def error_text(self, error: WltuiError, *, retries: bool = False) -> str:
        """Return an error as text; one of the sign-in without its advice, as the status line names a key for it."""
        if isinstance(error, NotSignedIn) and not self.disabled_reason("sign_in"):
            return f"{error.what}: {error.why.rstrip('.')}"
        return (error.without_retry() if retries else str(error)).rstrip(".")

    @property
    def _is_signing_in(self) -> bool:
        from wltui.ui.screens.sign_in import SignInScreen

        return any(isinstance(screen, SignInScreen) for screen in self.screen_stack)

    def disabled_reason(self, action: str) -> str:
        return find_reason(self, action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return None if self.disabled_reason(action) else super().check_action(action, parameters)

    def continue_after_sign_in(self, login: Login) -> bool:
        """Return whether the user of this session signed in, so that it continues; if not, switch to the new user.

        There is no switch while a save is under way or an unsent edit can't be written.
        """
        self._signed_in_anew = True
        if login.key == self.service.owner:
            return True
        if why := self.busy_reason:
            self._say(f"{login.name} is signed in from the next start on. Until then: {why}", wrong=True)
            self.pop_screen()
            return False
        before = f" What {self.service.user} had not sent is kept." if self.saves.drafted else ""
        self.switch(self.settings, f"Signed in as {login.name}.{before}")
        return False

    def _closed_sign_in(self, login: Login | None) -> None:
        """Fetch again after the sign-in screen has closed; ``login`` is None if nobody signed in."""
        if login is not None:
            self.refusal = None
            self.read_anew()
            self.flash(f"Signed in as {login.name}.", Role.SUCCESS)
        self.redraw()

    # Another session

    @disabled_if(no_profiles)
    def action_profiles(self) -> None:
        """Open the list of profiles."""
        from wltui.ui.screens.profiles import ProfilesScreen

        if not any(isinstance(screen, ProfilesScreen) for screen in self.screen_stack):
            self.push_screen(ProfilesScreen())

    def switch_blocked_reason(self, instance: Instance) -> str:
        """Return why a switch to an instance is not possible now, or an empty string if it is."""
        if instance.trouble:
            return instance.trouble
        why = self.busy_reason
        return f"{self.settings.profile} can't be left: {why}" if why else ""

    def switch_to(self, instance: Instance) -> None:
        """Switch to an instance, or show why that is not possible."""
        if why := self.switch_blocked_reason(instance):
            self._say(why, wrong=True)
        elif instance.settings is not None:
            self._asks, self._signed_in_anew = True, False
            self.switch(instance.settings)  # no message: the header shows the new instance

    def switch(self, settings: Settings, message: str = "") -> None:
        """Switch to another user or instance, then show ``message``; if that fails, the screen in front stays."""
        if self.switching:
            return
        self.switching = True
        self.run_worker(self._switch(settings, message), group="switch", exit_on_error=False)

    async def _switch(self, settings: Settings, message: str) -> None:
        old = self.service
        try:
            async with asyncio.timeout(OPENING_SECONDS):
                await run_in_thread(identify, settings, None, self._state_dir)  # a slow disk may delay it
                await run_in_thread(old.drafts.flush)
            if why := self.busy_reason:  # the last change could not be written
                raise UsageError(why)
            service = self._opened(Start(settings))
        except (UsageError, TimeoutError) as error:
            self.switching = False
            self._say(str(error) or "The disk with the sign-ins does not answer", wrong=True)
            await self.serve_held()
            return
        for screen in self.screen_stack:
            self.workers.cancel_node(screen)
        await self._leave(old)
        with self.batch_update():  # no screen of the former session is seen beside the name of the next
            gone = [self.pop_screen() for _ in range(len(self.screen_stack) - 1)]
            self.messages.clear()
            self.settings, self.service = settings, service
            self.refusal, self._is_due = None, False
            self.begin()
            for each in gone:
                await each
        self.switching = False
        self.screen.refresh()
        if message:
            self._say(message)
        await self.serve_held()

    async def _leave(self, service: Service) -> None:
        """Close a service; if that takes longer than ``CLOSING_SECONDS``, let it finish in the background."""
        closing = asyncio.create_task(service.close())
        self._leaving.add(closing)
        closing.add_done_callback(self._leaving.discard)
        await asyncio.wait([closing], timeout=CLOSING_SECONDS)
        if closing.done():
            closing.result()

    async def on_unmount(self) -> None:
        await self.service.close()
        await self.choices.wait(CLOSING_SECONDS)
        if self._leaving:
            await asyncio.wait(self._leaving, timeout=CLOSING_SECONDS)

    def _say(self, text: str, *, wrong: bool = False) -> None:
        self._announce(text, severity="error" if wrong else "information", seconds=10)

    def _refresh_keys(self) -> None:
        self.screen.refresh_bindings()

    def _show_outcome(self, version_id: VersionId, text: str, severity: Severity) -> None:
        self._announce(f"Version {version_id}: {text}", severity=severity, seconds=5)

    def _show_uploads_change(self) -> None:
        """Update what the screen in front shows of uploads: the status line, or all of it."""
        if isinstance(self.screen, Frame) and self.screen.has_widgets:
            self.screen.redraw() if self.screen.SHOWS_UPLOADS else self.screen.show_status()

    def _show_upload_end(self, file: str, text: str, severity: Severity) -> None:
        if isinstance(self.screen, Frame) and self.screen.SHOWS_UPLOADS:
            return
        self._announce(f"{shortened(file)}: {text}", severity=severity, seconds=8)

    def _announce(self, text: str, *, severity: Severity, seconds: float) -> None:
        """Show a message for some seconds; a warning or an error until a key is pressed."""
        lines = paragraphs(text, ascii=self.settings.ascii, most=MESSAGE_LINES)
        ends = seconds if severity == "information" else None
        self.messages.show("\n".join(lines), ROLES[severity], seconds=ends)

    def _show_messages(self) -> None:
        if isinstance(self.screen, Frame) and self.screen.has_widgets:
            self.screen.show_status()
