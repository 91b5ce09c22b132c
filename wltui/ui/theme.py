"""The program's colours. Those of its own themes are exact values of the 256-colour palette, so that they are the same
on terminals with 24-bit colour and without."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from rich.color_triplet import ColorTriplet
from textual.app import App
from textual.color import Color
from textual.scrollbar import ScrollBarRender
from textual.theme import BUILTIN_THEMES, Theme

from .contrast import SIGNS, TEXT, contrast, legible
from .stylesheet import MatchingStylesheet

DARK = Theme(
    name="wltui-dark",
    primary="#5fafff",
    secondary="#87afd7",
    success="#87d787",
    warning="#ffaf5f",
    error="#ff5f5f",
    accent="#d7afff",
    foreground="#d0d0d0",
    background="#121212",
    surface="#1c1c1c",
    panel="#262626",
    dark=True,
    variables={
        # Textual computes shades of the named colours, and its middle shade differs from the given colour.
        "error": "#ff5f5f",
        "warning": "#ffaf5f",
        "text-error": "#ff8787",
        "text-warning": "#ffaf5f",
        "text-success": "#87d787",
        "text-disabled": "#9e9e9e",
        "text-muted": "#9e9e9e",
        "scrollbar": "#767676",
        "scrollbar-hover": "#9e9e9e",
        "scrollbar-active": "#9e9e9e",
        "scrollbar-background": "#1c1c1c",
        "muted": "#8a8a8a",
        "cursor-background": "#3a3a3a",
        "cursor-blurred": "#262626",
        "cursor-foreground": "#ffffff",
        "band": "#303030",
        "border": "#6c6c6c",
        "input-cursor-background": "#d0d0d0",
        "input-cursor-foreground": "#121212",
        "input-selection-background": "#005f87",
        "input-selection-foreground": "#ffffff",
    },
)

LIGHT = Theme(
    name="wltui-light",
    primary="#005faf",
    secondary="#005f87",
    success="#008700",
    warning="#af5f00",
    error="#d70000",
    accent="#8700af",
    foreground="#262626",
    background="#ffffff",
    surface="#eeeeee",
    panel="#e4e4e4",
    dark=False,
    variables={
        "error": "#d70000",
        "warning": "#af5f00",
        "text-error": "#af0000",
        "text-warning": "#875f00",
        "text-success": "#005f00",
        "text-disabled": "#585858",
        "text-muted": "#585858",
        "scrollbar": "#767676",
        "scrollbar-hover": "#585858",
        "scrollbar-active": "#585858",
        "scrollbar-background": "#eeeeee",
        "muted": "#6c6c6c",
        "cursor-background": "#d7d7ff",
        "cursor-blurred": "#eeeeee",
        "cursor-foreground": "#000000",
        "band": "#dadada",
        "border": "#8a8a8a",
        "input-cursor-background": "#262626",
        "input-cursor-foreground": "#ffffff",
        "input-selection-background": "#005faf",
        "input-selection-foreground": "#ffffff",
    },
)

TERMINAL = replace(BUILTIN_THEMES["ansi-dark"], name="terminal", primary="ansi_cyan", accent="ansi_cyan")
"""The terminal's own 16 colours: blue, which Textual's theme uses, is hard to read on most black backgrounds."""

OWN = (DARK, LIGHT, TERMINAL)
_ANSI = {
    "muted": "ansi_default",
    "cursor-background": "ansi_default",
    "cursor-blurred": "ansi_default",
    "cursor-foreground": "ansi_default",
    "band": "ansi_default",
    "border": "ansi_default",
    "text-disabled": "ansi_default",
    "scrollbar": "ansi_cyan",
    "scrollbar-hover": "ansi_cyan",
    "scrollbar-active": "ansi_bright_cyan",
    "scrollbar-background": "ansi_default",
    "scrollbar-background-hover": "ansi_default",
    "scrollbar-background-active": "ansi_default",
    "input-cursor-background": "ansi_default",
    "input-cursor-foreground": "ansi_default",
    "input-cursor-text-style": "reverse",
}
"""Variables that themes of the terminal's own colours lack, have by halves, or have for a black background.

Styles reverse the cursor there and dim muted text and rules, as any of the 16 may be the background's colour.
"""
STATUSES = ("success", "warning", "error")
CURSOR, BAND, MUTED = 0.2, 0.04, 0.6
"""Parts of another colour in derived ones: of the main one in the cursor's background, of the text's in the background
of text boxes, and in muted text."""


class WholeCells(ScrollBarRender):
    """Scroll bars without eighths of a block at their ends, which some terminals can't show."""

    VERTICAL_BARS = [" "]


class ThemedApp(App[None]):
    """An app with this program's themes, which completes the other themes so that all text can be read."""

    chip = ""
    """The colour of the profile: a name of :data:`_CHIPS`, ``#rrggbb``, or empty for none."""

    def __init__(self, **named: Any) -> None:
        super().__init__(**named)
        self.stylesheet = MatchingStylesheet(variables=self.theme_variables)
        for theme in OWN:
            self.register_theme(theme)

    def get_css_variables(self) -> dict[str, str]:
        """Return the values of the styles' variables."""
        theme = self.current_theme
        self.theme_variables = complete(theme, super().get_css_variables()) | _chip(theme, self.chip)
        return self.theme_variables


def complete(theme: Theme, variables: dict[str, str]) -> dict[str, str]:
    """Return the variables that Textual makes of a theme with those that this program's styles need besides."""
    if theme.ansi:
        return variables | _ANSI
    return variables if theme in OWN else variables | _derive(variables)


def _derive(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that a theme of Textual's lacks, and its inks in shades that can be read on its backgrounds.

    Args:
        variables: the variables that Textual makes of the theme.
    """
    background = Color.parse(variables["background"])

    def opaque(name: str) -> Color:
        return background + Color.parse(variables[name])

    def ink(colour: Color, *on: Color, least: float = TEXT) -> str:
        grounds = map(_triplet, on or (background, surface, panel, band))
        return legible(_triplet(colour), *grounds, least=least).hex

    foreground, surface, panel = map(opaque, ("foreground", "surface", "panel"))
    band = panel.blend(foreground, BAND)
    cursor = background.blend(opaque("primary"), CURSOR)
    muted = background.blend(foreground, MUTED)
    track = opaque("scrollbar-background")
    return {
        "band": band.hex,
        "muted": ink(muted, background),
        "text-muted": ink(muted),
        "text-disabled": ink(muted),
        "foreground": ink(foreground),
        "cursor-background": cursor.hex,
        "cursor-blurred": surface.hex,
        "cursor-foreground": ink(foreground, cursor),
        "border": ink(opaque("border"), background, least=SIGNS),
        **{name: ink(opaque(name)) for name in ("primary", "accent")},
        **{name: ink(opaque(name), background) for name in STATUSES},  # adapted to other grounds when painted
        **{f"text-{name}": ink(opaque(name), panel) for name in STATUSES},
        **{
            name: ink(opaque(name), track, least=SIGNS)
            for name in ("scrollbar", "scrollbar-hover", "scrollbar-active")
        },
        "input-cursor-background": foreground.hex,
        "input-cursor-foreground": ink(background, foreground),
        "input-selection-background": cursor.hex,
        "input-selection-foreground": ink(foreground, cursor),
    }


_CHIPS = {
    "primary": "#005f87",
    "secondary": "#005f5f",
    "success": "#005f00",
    "warning": "#875f00",
    "error": "#870000",
    "accent": "#5f00af",
}
"""The backgrounds that the names of colours stand for: dark in every theme, so that they outshine no failure."""
_BRIGHT = (2, 3, 6, 7, 10, 11, 14, 15)
"""Green, yellow, cyan and white, and their bright kinds, by their numbers in a terminal."""


def _chip(theme: Theme, colour: str) -> dict[str, str]:
    """Return the background of a profile's name, and a text colour that can be read on it.

    On one of the terminal's own 16 that is a guess.
    """
    if not colour:
        return {"chip": "transparent", "chip-ink": "ansi_default"}
    if theme.ansi and (known := getattr(theme, colour, None)):
        is_bright = Color.parse(known).ansi in _BRIGHT
        return {"chip": known, "chip-ink": "ansi_black" if is_bright else "ansi_bright_white"}
    ground = Color.parse(_CHIPS.get(colour, colour))
    ink = max(("#ffffff", "#000000"), key=lambda ink: contrast(_triplet(Color.parse(ink)), _triplet(ground)))
    return {"chip": ground.hex, "chip-ink": ink}


def _triplet(colour: Color) -> ColorTriplet:
    return ColorTriplet(*colour.rgb)
