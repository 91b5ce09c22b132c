"""The app's interface for screens: the session, and services of the app. The app itself imports the screens."""

from collections.abc import Awaitable, Callable, Sequence

from wltui.auth.token_store import Login, TokenStore
from wltui.core.errors import NotSignedIn, WltuiError
from wltui.core.records import ModelVersion, WorkspaceId
from wltui.core.settings import Settings
from wltui.service.service import Service
from wltui.store.view_choices import ViewChoices
from wltui.ui.app.messages import Messages
from wltui.ui.app.saves import Saves
from wltui.ui.app.uploads import Uploads
from wltui.ui.instances import Instance, Instances
from wltui.ui.key_names import KeyNames
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.theme import ThemedApp
from wltui.ui.upload_entry import Upload


class Host(ThemedApp):
    """The app as screens see it; :class:`~wltui.ui.app.app.WltuiApp` implements it."""

    # The session

    settings: Settings
    service: Service
    glyphs: Glyphs
    """The signs that this terminal can show."""
    key_names: KeyNames
    """The keys of every action, for texts that name one."""
    instances: Instances | None
    """The instances to switch to; None if switching is not possible."""
    store: TokenStore | None
    """The sign-ins on this host."""
    refusal: NotSignedIn | None
    """Why the instance refuses the user's sign-in, or None if it does not."""
    workspace_names: dict[WorkspaceId, str]
    """The known names of workspaces."""
    saves: Saves
    """The saves in progress and the unsent edits."""
    uploads: Uploads
    """The uploads of this session, and what was typed for one."""
    messages: Messages
    """What has ended or arrived, until a key is pressed."""
    choices: ViewChoices
    """How the user wants lists to look."""
    last_jump: tuple[str, tuple[str, int]] | None
    """The text that the palette last went to a place with, and the place."""

    # Time and input

    wait: Callable[[float], Awaitable[None]]
    """Waits for a number of seconds."""
    jitter: Callable[[], float]
    """Returns a number from 0 to 1 that varies the pause after a failure."""
    paused: bool
    """Whether the user has paused automatic refreshes."""
    input_time: float
    """Time of the key, paste or click that is being served, by the clock of Textual's messages."""
    keys_served: int
    """How many keys have been served, with their immediate effects, or dropped."""

    async def serve_held(self, *, give_up: bool = False) -> None:
        """Serve the keys that the screen in front held back; with ``give_up``, drop them."""
        raise NotImplementedError

    def hold_key(self) -> None:
        """Hold back the key that is being served, before all others, since the screen in front is not ready for it."""
        raise NotImplementedError

    async def give_way(self) -> None:
        """Let keys that have arrived be served first. Call it between the parts of long work on the event loop.

        A thread would hold keys up for longer: Python leaves it five milliseconds at a time.
        """
        raise NotImplementedError

    def frame_is_complete(self) -> None:
        """Show the first frame, since the screen in front has its first content."""
        raise NotImplementedError

    async def wait_until_painted(self) -> None:
        """Wait for the first frame. Call it before work that would delay it, such as importing the HTTP library."""
        raise NotImplementedError

    @property
    def wants_news(self) -> bool:
        """Whether a user who does not watch the terminal wants to be notified of versions that become ready or fail."""
        raise NotImplementedError

    async def wait_until_watched(self) -> None:
        """Wait until the user watches the terminal, or a check for notifications is due."""
        raise NotImplementedError

    # Texts and messages

    def workspace_label(self, workspace_id: WorkspaceId | None) -> str:
        """Return a workspace's name and number, as far as known."""
        raise NotImplementedError

    def show_help(self) -> None:
        """Show the keys that work on the screen in front."""
        raise NotImplementedError

    async def show_uploads(self, upload: Upload | None = None) -> None:
        """Show the uploads of the session, with the cursor on one of them."""
        raise NotImplementedError

    def show_arrivals(self, versions: Sequence[ModelVersion]) -> None:
        """Announce versions that became ready or failed while a screen watched them."""
        raise NotImplementedError

    def error_text(self, error: WltuiError, *, retries: bool = False) -> str:
        """Return an error as text, without advice that the status line repeats.

        ``retries``: also without advice to try again, as the screen says when it does so, or by which key.
        """
        raise NotImplementedError

    def disabled_reason(self, action: str) -> str:
        """Return why an action of the app is disabled, or an empty string if it is not."""
        raise NotImplementedError

    def choose_theme(self, name: str) -> None:
        """Change the theme."""
        raise NotImplementedError

    def theme_disabled_reason(self, name: str) -> str:
        """Return why a theme can't be chosen, or an empty string if it can."""
        raise NotImplementedError

    def copy(self, what: str, text: str, *, lacks: str = "") -> None:
        """Copy a text to the clipboard, and show what it was, how long, and what it lacks."""
        raise NotImplementedError

    # Signing in, and other sessions

    @property
    def sign_in_hint(self) -> str:
        """The status line's text on the user's sign-in; empty if nothing is wrong with it."""
        raise NotImplementedError

    def sign_in_if_due(self) -> None:
        """Open the sign-in screen if a sign-in is necessary and the screen may open by itself."""
        raise NotImplementedError

    def continue_after_sign_in(self, login: Login) -> bool:
        """Continue after a sign-in; return whether the user is the one of this session."""
        raise NotImplementedError

    def switch_blocked_reason(self, instance: Instance) -> str:
        """Return why the session can't switch to an instance at present, or an empty string if it can."""
        raise NotImplementedError

    def switch_to(self, instance: Instance) -> None:
        """Switch to an instance, or show why that is not possible."""
        raise NotImplementedError
