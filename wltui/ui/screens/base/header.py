"""The header of every screen: the instance at its left end, freshness and user at its right end."""

from urllib.parse import urlsplit

from wltui.ui.host import Host
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Span, Spans, plain, shortened, width


def header_ends(host: Host, link: Spans) -> tuple[Spans, Spans]:
    """Return the left and right ends of the header; ``link`` is the freshness of the content.

    If the window is too narrow for all of it, the instance's host is cut last: it names what the user changes. Where
    the profile has a colour, name and host are on it.
    """
    settings, glyphs = host.settings, host.glyphs
    is_named = settings.profile != urlsplit(settings.endpoint).hostname
    name = _shown(glyphs, settings.profile) if is_named else ""
    user = _shown(glyphs, host.service.user)
    user = "" if plain(link).endswith(user) else user  # "not signed in" appears once
    left, right = _build_ends(host, link, "wltui", name, user)
    for shorter in (
        (link[:1], "wltui", name, user),
        (link[:1], "", name, user),
        (link[:1], "", name, ""),
        (link[:1], "", "", ""),
        (tuple((text.partition(" ")[0], role) for text, role in link[:1]), "", "", ""),  # the sign alone
    ):
        if width(left) + 1 + width(right) <= host.size.width:
            break
        left, right = _build_ends(host, *shorter)
    return left, right


def _build_ends(host: Host, link: Spans, title: str, name: str, user: str) -> tuple[Spans, Spans]:
    settings = host.settings
    address = _shown(host.glyphs, settings.host)
    instance = "  ".join(filter(None, (name, address)))
    left: list[Span] = [(f" {title} ", Role.BOLD)] if title else []
    if settings.colour:
        left.append((f" {instance} ", Role.CHIP))
    else:
        left += [(f" {name} ", Role.ACCENT)] if name else []
        left.append((f" {address}", Role.PLAIN))
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
