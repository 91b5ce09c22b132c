"""The theme of the program: the one to begin with, and a change while it runs."""

from contextlib import suppress
from pathlib import Path

from textual import constants

from wltui.core.themes import ANSI, NAMES, choose_theme
from wltui.core.threads import start_in_thread
from wltui.lifecycle.first_picture import delete_pictures, list_pictures
from wltui.lifecycle.start import Start
from wltui.ui.instances import Instances

from .copying import CopyingApp
from .session import Opener

FIRST_THEME = "textual-dark"
"""The theme in which an app of Textual's begins if its default is one that it does not know."""


class ThemingApp(CopyingApp):
    """An app in the theme that environment or file ask for, or else in the one that the user chose last."""

    def __init__(
        self, start: Start, opener: Opener, state_dir: Path | None, instances: Instances | None
    ) -> None:
        super().__init__(start, opener, state_dir, instances)
        self._asked, self.chip = start.settings.theme, start.settings.colour
        # TEXTUAL_THEME is Textual's default too, and is no change then, though it was not registered in time.
        self.set_reactive(ThemingApp.theme, FIRST_THEME)
        self.theme = self._find_theme(self.choices.theme)
        self._refresh_truecolor_filter(self.ansi_theme)  # Textual does that only if its own default differs

    def _find_theme(self, kept: str) -> str:
        colours = constants.COLOR_SYSTEM or ""
        return choose_theme(self._asked.name, kept, colours=colours, is_colourless=self.no_color)

    def on_mount(self) -> None:
        if self._asked.problem:
            self._say(self.glyphs.text(self._asked.problem), wrong=True)

    def begin(self) -> None:
        """Take the colour of the session's profile."""
        if self.settings.colour != self.chip:
            self.chip = self.settings.colour
            self.refresh_css(animate=False)

    def theme_disabled_reason(self, name: str) -> str:
        """Return why a theme can't be chosen, or an empty string if it can."""
        if self.no_color:
            return "NO_COLOR is set"
        if name not in ANSI and constants.COLOR_SYSTEM == "standard":
            return "this terminal has 16 colours"
        return ""

    def choose_theme(self, name: str) -> None:
        """Change the theme, and keep it for later sessions unless environment or file ask for another one."""
        if name not in NAMES or self.theme_disabled_reason(name):
            return
        self.theme = name
        if self._asked.name:
            self.flash(f"{name} for this session: {self._asked.origin} asks for {self._asked.name}.")
            return
        self.choices.choose_theme(name)
        if self._first is not None:
            start_in_thread(self._delete_pictures, self._first.folder)

    def _delete_pictures(self, folder: str) -> None:
        """Delete the first pictures, which are in another theme; the next one is saved in this one."""
        self._kept = ""
        with suppress(OSError):
            delete_pictures(list_pictures(folder))

    def looks_like_next_start(self) -> bool:
        """Return whether the next start will have the present theme: another process may have chosen one."""
        return self.theme == self._find_theme(self.choices.load_theme())
