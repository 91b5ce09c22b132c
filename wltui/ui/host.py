"""What screens know of the app: the session, and what they ask the app to do. The app itself knows every screen."""

from collections.abc import Awaitable, Callable, Sequence

from textual.app import App

from wltui.auth.token_store import Login, TokenStore
from wltui.core.errors import NotSignedIn, WltuiError
from wltui.core.records import ModelVersion, WorkspaceId
from wltui.core.settings import Settings
from wltui.service.service import Service
from wltui.ui.app.saves import Saves
from wltui.ui.instances import Instance, Instances
from wltui.ui.text.glyphs import Glyphs


class Host(App[None]):
    """The app as screens see it; :class:`~wltui.ui.app.app.WltuiApp` does what is declared here."""

    # The session

    settings: Settings
    service: Service
    glyphs: Glyphs
    """The signs that this terminal can show."""
    instances: Instances | None
    """Where one can go; None where one can't."""
    store: TokenStore | None
    """The sign-ins on this host."""
    refusal: NotSignedIn | None
    """Why the instance does not know the user, where it does not."""
    workspace_names: dict[WorkspaceId, str]
    """What the workspaces are called, as far as that is known."""
    saves: Saves
    """What is being saved, and which edits are unsent."""

    # Time and input

    wait: Callable[[float], Awaitable[None]]
    """Lets seconds pass."""
    jitter: Callable[[], float]
    """A number from 0 to 1 for each pause after a failure."""
    paused: bool
    """Whether the user wants nothing read by itself."""
    input_time: float
    """When the key, paste or click was made that is being served, by the clock of Textual's messages."""
    keys_served: int
    """How many keys have been served, with all that they made happen at once, or given up."""

    async def serve_held(self, *, give_up: bool = False) -> None:
        """Serve the keys that the screen in front held back; with ``give_up`` drop them."""
        raise NotImplementedError

    def frame_is_complete(self) -> None:
        """Show the first frame: what the screen in front has to show at first is on it."""
        raise NotImplementedError

    async def painted(self) -> None:
        """Wait for the first frame: what takes long, such as imports for the network, would hold it up."""
        raise NotImplementedError

    @property
    def wants_news(self) -> bool:
        """Whether somebody who does not look wants to hear of versions that become ready or fail."""
        raise NotImplementedError

    async def watched(self) -> None:
        """Wait until somebody looks, or news are due."""
        raise NotImplementedError

    # What is shown

    def workspace_label(self, workspace_id: WorkspaceId | None) -> str:
        """Return a workspace's name and number, as far as they are known."""
        raise NotImplementedError

    def show_help(self) -> None:
        """Show the keys that work on the screen in front."""
        raise NotImplementedError

    def show_arrivals(self, versions: Sequence[ModelVersion]) -> None:
        """Announce versions that became ready or failed while somebody watched."""
        raise NotImplementedError

    def error_text(self, error: WltuiError) -> str:
        """Return an error in words, without an advice that the status line gives better."""
        raise NotImplementedError

    def disabled_reason(self, action: str) -> str:
        """Return why an action of the app does not work just now, or an empty string if it does."""
        raise NotImplementedError

    # Signing in, and other sessions

    @property
    def sign_in_hint(self) -> str:
        """What the status line says of the sign-in; empty where nothing is amiss."""
        raise NotImplementedError

    def sign_in_if_due(self) -> None:
        """Open the sign-in screen if it has to open by itself, and may."""
        raise NotImplementedError

    def signed_in(self, login: Login) -> bool:
        """Go on after a sign-in; return whether it is the user whose session this is."""
        raise NotImplementedError

    def switch_blocked_reason(self, instance: Instance) -> str:
        """Return why one can't go over to an instance just now, or an empty string if one can."""
        raise NotImplementedError

    def switch_to(self, instance: Instance) -> None:
        """Go over to an instance, or say why not."""
        raise NotImplementedError
