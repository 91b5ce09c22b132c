"""The header of every screen: the instance at its left end, freshness and user at its right end."""

from urllib.parse import urlsplit

from textual.color import Color

from wltui.ui.host import Host
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Span, Spans, plain, shortened, width


def header_ends(host: Host, link: Spans, *, is_tinted: bool) -> tuple[Spans, Spans]:
    """Return the left and right ends of the header.

    If the window is too narrow for all of it, the instance's host is cut last: it names what the user changes.

    Args:
        host: The app.
        link: The freshness of the content.
        is_tinted: Whether the header has the profile's colour.
    """
    settings, glyphs = host.settings, host.glyphs
    is_named = settings.profile != urlsplit(settings.endpoint).hostname
    name = _shown(glyphs, settings.profile) if is_named else ""
    user = _shown(glyphs, host.service.user)
    user = "" if plain(link).endswith(user) else user  # "not signed in" appears once
    left, right = ends = _build_ends(host, link, "wltui", name, user)
    for shorter in (
        (link[:1], "wltui", name, user),
        (link[:1], "", name, user),
        (link[:1], "", name, ""),
        (link[:1], "", "", ""),
        (tuple((text.partition(" ")[0], role) for text, role in link[:1]), "", "", ""),  # the sign alone
    ):
        if width(left) + 1 + width(right) <= host.size.width:
            break
        left, right = ends = _build_ends(host, *shorter)
    if is_tinted:  # other colours may not be readable on it
        left, right = (tuple((text, _on_tint(role)) for text, role in end) for end in ends)
    return left, right


def _build_ends(host: Host, link: Spans, title: str, name: str, user: str) -> tuple[Spans, Spans]:
    settings = host.settings
    address = _shown(host.glyphs, settings.host)
    parts = ((title, Role.BOLD), (name, Role.ACCENT), (address, Role.PLAIN))
    words = [span for span in parts if span[0]]
    left = [(f"{'  ' if place else ' '}{text}", role) for place, (text, role) in enumerate(words)]
    right: list[Span] = []
    if settings.exposed_hosts:
        right.append(("NOT ENCRYPTED  ", Role.ERROR))
    if not settings.network.verify:
        right.append(("TLS NOT VERIFIED  ", Role.ERROR))
    if settings.read_only:
        right.append(("READ-ONLY  ", Role.WARNING))
    right += [*link, (f"  {user} " if user else " ", Role.MUTED)]
    return tuple(left), tuple(right)


def _shown(glyphs: Glyphs, text: str) -> str:
    return glyphs.text(shortened(text))


def find_tint(host: Host) -> Color | None:
    """Return the profile's colour, for the header; None if the profile has none or colours are off."""
    colour = host.settings.colour
    if not colour or host.no_color:
        return None
    if host.current_theme.ansi:
        return Color.parse(getattr(host.current_theme, colour, None) or colour)
    return Color.parse(_TINTS.get(colour, colour))


_TINTS = {
    "primary": "#005f87",
    "secondary": "#005f5f",
    "success": "#005f00",
    "warning": "#875f00",
    "error": "#870000",
    "accent": "#5f00af",
}
"""The backgrounds that the names of colours stand for: dark in every theme, so that no failure is outshone."""


def ink_on(ground: Color) -> Color:
    """Return a text colour that is readable on a ground; a guess if the ground is one of the terminal's own 16."""
    if ground.ansi is None:
        return ground.get_contrast_text(1)
    return Color.parse("ansi_black" if ground.ansi in _BRIGHT else "ansi_bright_white")


_BRIGHT = (2, 3, 6, 7, 10, 11, 14, 15)
"""Green, yellow, cyan and white, and their bright kinds, by their numbers in a terminal."""


def _on_tint(role: Role) -> Role:
    return Role.PLAIN if role in (Role.PLAIN, Role.MUTED, Role.SUCCESS) else Role.BOLD
