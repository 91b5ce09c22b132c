"""The program's colours. They are exact values of the 256-colour palette, so that they are the same on terminals
with 24-bit colour and without."""

from dataclasses import replace

from textual.scrollbar import ScrollBarRender
from textual.theme import BUILTIN_THEMES, Theme

MUTED = "#8a8a8a"

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
        "scrollbar": "#005f87",
        "scrollbar-hover": "#5f87af",
        "scrollbar-background": "#1c1c1c",
        "muted": MUTED,
        "cursor-background": "#005f87",
        "cursor-foreground": "#ffffff",
        "alarm": "#ffafaf",
        "band": "#303030",
        "border": "#585858",
        "input-cursor-background": "#d0d0d0",
        "input-cursor-foreground": "#121212",
        "input-selection-background": "#005f87",
    },
)

TERMINAL = replace(BUILTIN_THEMES["ansi-dark"], name="terminal", accent="ansi_cyan")
"""The terminal's own colours, for terminals with no more than 16: the nearest of those to DARK's are all white."""


class WholeCells(ScrollBarRender):
    """Scroll bars without eighths of a block at their ends, which some terminals can't show."""

    VERTICAL_BARS = [" "]


DEFAULTS = {
    "muted": "ansi_bright_black",
    "cursor-background": "ansi_default",
    "cursor-foreground": "ansi_default",
    "alarm": "ansi_bright_red",
    "band": "ansi_default",
}
"""Values for themes without these names: the terminal's own colours."""
