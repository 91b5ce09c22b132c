"""What is known of a session when the app begins it."""

from typing import TYPE_CHECKING

from msgspec import Struct

from wltui.core.settings import Settings

if TYPE_CHECKING:
    from wltui.auth.identity import Identity

    from .first_picture import FirstPicture
    from .garbage import Garbage
    from .prefetch import Prefetch


class Start(Struct, frozen=True):
    """The settings of a session, and what was prepared for it before the app was imported.

    Only the first session of a process has more than settings. A later one, of another user or instance, looks
    everything up by itself.
    """

    settings: Settings
    identity: "Identity | None" = None
    """None if the user has not been identified yet."""
    picture: "FirstPicture | None" = None
    """What may be on the terminal already. None if no picture is shown or saved, as in the demo."""
    prefetch: "Prefetch | None" = None
    """The first answers, if another process asks for them."""
    garbage: "Garbage | None" = None
    """Runs the garbage collector, which the start has turned off; None if that is not the app's concern."""
