"""Which theme the dashboard would have, and where that comes from, for ``wltui doctor``."""

from collections.abc import Mapping

from wltui.core.themes import AskedTheme, choose_theme
from wltui.lifecycle.terminal import find_color_system

from .resolve import DEFAULT


def find_theme(asked: AskedTheme, environ: Mapping[str, str]) -> tuple[str, str]:
    """Return the theme and its origin in words."""
    from wltui.store.private_files import state_folder
    from wltui.store.view_choices import ViewChoices

    kept = ViewChoices(state_folder()).theme
    colours = environ.get("TEXTUAL_COLOR_SYSTEM") or find_color_system(environ)
    is_colourless = bool(environ.get("NO_COLOR"))
    theme = choose_theme(asked.name, kept, colours=colours, is_colourless=is_colourless)
    if theme == asked.name:
        return theme, asked.origin
    if theme == kept:
        return theme, "the palette"
    if is_colourless:
        return theme, "NO_COLOR"
    if colours == "standard":
        return theme, "a terminal of 16 colours"
    return theme, DEFAULT
