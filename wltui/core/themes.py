"""The names of the themes, and which of them is asked for. Textual, which has most of them, is not imported for it."""

from collections.abc import Iterable, Mapping

from msgspec import Struct

VARIABLE = "TEXTUAL_THEME"
DARK, LIGHT, TERMINAL = OWN = ("wltui-dark", "wltui-light", "terminal")
NAMES = (
    *OWN, "textual-dark", "textual-light", "nord", "gruvbox", "catppuccin-mocha", "catppuccin-latte",
    "catppuccin-frappe", "catppuccin-macchiato", "dracula", "tokyo-night", "monokai", "flexoki", "solarized-light",
    "solarized-dark", "rose-pine", "rose-pine-moon", "rose-pine-dawn", "atom-one-dark", "atom-one-light", "ansi-dark",
    "ansi-light",
)  # fmt: skip
ANSI = (TERMINAL, "ansi-dark", "ansi-light")
"""Those of the terminal's own 16 colours."""


class AskedTheme(Struct, frozen=True):
    """The theme that the environment or the user's file asks for."""

    name: str = ""
    """One of :data:`NAMES`, or empty if nothing asks for one."""
    origin: str = ""
    """What asks for it, in words such as ``TEXTUAL_THEME`` or ``config.toml, line 3``."""
    problem: str = ""
    """A sentence if the environment asks for a theme that does not exist, which then does not count."""


def find_asked(environ: Mapping[str, str], written: str = "", place: str = "") -> AskedTheme:
    """Return the theme that the environment asks for, or else the one ``written`` at a ``place`` in the user's file.

    The variable may list several for different programs; the first that exists counts, as in Textual.
    """
    words = [word.strip() for word in environ.get(VARIABLE, "").split(",")]
    if name := next(filter(NAMES.__contains__, words), ""):
        return AskedTheme(name, VARIABLE)
    unknown = ", ".join(filter(None, words))
    problem = f"{VARIABLE} names no theme of wltui: {unknown}. {suggest(words)}" if unknown else ""
    return AskedTheme(written, place if written else "", problem)


def suggest(words: Iterable[str]) -> str:
    """Return a sentence with the theme whose name is nearest to one of the words, or with the names of all."""
    import difflib  # most starts need no such advice

    for word in words:
        for near in difflib.get_close_matches(word.lower().replace("_", "-"), NAMES, n=1, cutoff=0.5):
            return f"Did you mean {near}?"
    return f"There are {', '.join(NAMES)}."


def choose_theme(asked: str, kept: str, *, colours: str, is_colourless: bool) -> str:
    """Return the theme to begin with: the one asked for, else the user's last choice, else the usual one.

    Args:
        asked: what environment or file ask for, or empty.
        kept: what the user chose in an earlier session, or empty.
        colours: what the terminal has, as ``TEXTUAL_COLOR_SYSTEM``: ``standard`` is 16.
        is_colourless: whether no colours are wanted, as ``NO_COLOR`` says.
    """
    chosen = next((name for name in (asked, kept) if name in NAMES), DARK)
    needs_more = chosen not in ANSI and (is_colourless or colours == "standard")
    return TERMINAL if needs_more else chosen
