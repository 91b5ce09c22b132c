"""On every screen, in each theme of our own, text and signs can be read: WCAG 2, level AA, from what is painted."""

import pkgutil
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import pytest
from rich.color import Color, ColorType
from rich.color_triplet import ColorTriplet
from rich.style import Style
from textual.color import Color as Parsed
from textual.strip import Strip
from textual.theme import BUILTIN_THEMES

from tests.support.clock import Clock
from tests.support.services import configure
from tests.support.session import OpenApp, Session
from tests.support.uploads import running_upload, write_custom_model
from tests.ui.test_pictures import Named
from tests.ui.test_sign_in import code
from tests.ui.test_since_visit import becomes
from wltui.core.themes import ANSI, DARK, LIGHT, NAMES, TERMINAL
from wltui.demo import Demo
from wltui.demo.keycloak import DEVICE_PATH
from wltui.ui import screens
from wltui.ui.contrast import SIGNS, TEXT, contrast, legible
from wltui.ui.screens.base.frame import Frame
from wltui.ui.theme import OWN, ThemedApp, complete
from wltui.ui.widgets.config_form import ConfigForm
from wltui.ui.widgets.qr_view import INK
from wltui.ui.widgets.text_box import TextBox

SOMEBODY_SAVES, TOASTS, READ, UPLOAD, LOCK = (
    "somebody saves",
    "toasts",
    "the file is read",
    "an upload",
    "lock",
)
"""In place of keys: the version in the editor gets another config; a message of each severity is shown; the file in the
upload form is read to its end; an upload runs; the form of the editor is locked, as it is for a save."""
WALK: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("Workspaces", (TOASTS,)),
    ("Workspaces", ("slash", *"x:y z")),
    ("Profiles", ("escape", "P", "down")),
    ("Palette", ("escape", "ctrl+p", *"re")),
    ("SinceVisit", ("escape", "v")),
    ("Fleet", ("escape", "exclamation_mark")),
    ("Logs", ("L",)),
    ("VersionGroups", ("escape", "0", "b")),
    ("InstanceHistory", ("escape", "escape", "escape", "H")),
    ("Pipelines", ("escape", "D")),
    ("ConfigChange", ("equals_sign",)),
    ("Deployment", ("escape", "enter")),
    ("Models", ("escape", "escape", "down", "enter")),
    ("Models", ("s",)),
    ("Upload", ("escape", "u", *"fr")),
    ("UploadReview", ("tab", READ, "ctrl+s")),
    ("Uploads", ("escape", "escape", UPLOAD, "U")),
    ("Confirm", ("x",)),
    ("Quit", ("escape", "escape", "ctrl+q")),
    ("Versions", ("escape", "enter", "space", "space")),
    ("Versions", ("c",)),
    ("Compare", ("escape", "equals_sign")),
    ("WriteFile", ("escape", "o")),
    ("Version", ("escape", "down", "enter")),
    ("Raw", ("y", "slash", *"id")),
    ("Raw", ("enter",)),
    ("Help", ("escape", "escape", "question_mark")),
    ("SchemaFile", ("escape", "e", "up", "f3", "x", "enter")),
    ("ConfigEditor", ("escape", LOCK)),
    ("PickVersion", ("ctrl+o",)),
    ("ConfigEditor", ("escape", "down", "enter", *",,", "tab", "tab", *"0,")),
    (
        "Review",
        ("backspace", *".1", "shift+tab", "shift+tab", "backspace", "backspace", *"a", "ctrl+s"),
    ),
    ("Conflict", (SOMEBODY_SAVES, "right", "enter")),
    ("History", ("escape", "escape", "H")),
)
"""The screens in an order that needs few keys, and the keys that lead from one to the next."""
IN_TERMINAL = (
    "Profiles",
    "Palette",
    "UploadReview",
    "Uploads",
    "Versions",
    "Compare",
    "ConfigEditor",
    "Review",
    "Conflict",
)
"""The screens that are also looked at in the terminal's own colours."""


def screen_names() -> set[str]:
    """Return the names of all screens: of the classes of frames that have no subclass."""
    for module in pkgutil.walk_packages(screens.__path__, f"{screens.__name__}."):
        import_module(module.name)
    names: set[str] = set()
    found: list[type[object]] = [Frame]
    while found:
        kind = found.pop()
        kinds = [each for each in kind.__subclasses__() if each.__module__.startswith(screens.__name__)]
        found += kinds
        if not kinds:
            names.add(kind.__name__.removesuffix("Screen"))
    return names


def painted(style: Style | None) -> tuple[Color, Color]:
    """The colours of text and background; none is dimmed, as terminals dim as they like."""
    assert style is not None
    assert style.color is not None
    assert style.bgcolor is not None
    return style.color, style.bgcolor


def unreadable(session: Session) -> Iterator[str]:
    """Describe each piece of the screen with too little contrast."""
    for number, strip in enumerate(session.app.screen._compositor.render_strips()):
        for text, style, _ in strip:
            if not (words := text.strip()):
                continue
            ink, ground = painted(style)
            found = contrast(ink.get_truecolor(), ground.get_truecolor())
            least = TEXT if any(char.isalnum() or char.isascii() for char in words) else SIGNS
            if found < least or (style and style.dim):
                yield f"line {number}, {words!r}: {found:.2f}, {style}"


def foreign(session: Session) -> Iterator[str]:
    """Describe each piece in a colour that is none of the terminal's own 16, except a QR code."""
    for number, strip in enumerate(session.app.screen._compositor.render_strips()):
        for text, style, _ in strip:
            assert style is not None
            kinds = {color.type for color in (style.color, style.bgcolor) if color}
            if not kinds <= {ColorType.DEFAULT, ColorType.STANDARD} and style != INK:
                yield f"line {number}, {text!r}: {style}"


def reversed_pieces(strip: Strip) -> Iterator[str]:
    return (text for text, style, _ in strip if style and style.reverse)


def is_reversed(session: Session, text: str) -> bool:
    strips = session.app.screen._compositor.render_strips()
    return any(text in piece for strip in strips for piece in reversed_pieces(strip))


async def check(session: Session, name: str, wrong: list[str]) -> None:
    """Look at the screen in each theme, in the present one first, as a change takes its time."""
    present, other = sorted((DARK, LIGHT), key=session.app.theme.__ne__)
    for theme in (present, *((TERMINAL,) if name in IN_TERMINAL else ()), other):
        if theme != session.app.theme:
            session.app.theme = theme
            await session.settle()
        found = foreign(session) if theme == TERMINAL else unreadable(session)
        wrong += [f"{name} in {theme}, {piece}" for piece in found]
        if (name, theme) == ("Review", TERMINAL):
            assert is_reversed(session, "[ Cancel ]")  # it has the focus
        if (name, theme) == ("Palette", TERMINAL):
            assert [*reversed_pieces(session.app.screen.query_one(TextBox).render_line(0))] == [
                " "
            ]  # its cursor


async def go(session: Session, demo: Demo, folder: Path, key: str) -> None:
    """Press a key, or do what stands in place of one."""
    match key:
        case "somebody saves":
            configure(demo, 16, filter_threshold=0.75)
        case "toasts":
            for severity in ("information", "warning", "error"):
                session.app.notify("It is so", title="Version 1", severity=severity)
            await session.settle()
        case "the file is read":
            await session.until(lambda: "SHA-256" in session.text)
        case "an upload":
            session.app.uploads.all.append(running_upload(folder))
        case "lock":
            session.app.screen.query_one(ConfigForm).disabled = True
            await session.settle()
        case _:
            await session.press(key)


async def test_every_screen_can_be_read(
    open_app: OpenApp, demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_custom_model(tmp_path)
    monkeypatch.chdir(tmp_path)
    wrong: list[str] = []
    clock = Clock()
    clock.advance(hours=-14)
    async with open_app(clock=clock):
        pass  # the last visit
    becomes(demo, 6, "error")
    becomes(demo, 17, "ready")
    clock.advance(hours=14)
    looks = {"profile": "prod", "colour": "error"}
    async with open_app(clock=clock, size=(100, 30), instances=Named(), graphql=True, **looks) as session:
        for name, keys in WALK:
            for key in keys:
                await go(session, demo, tmp_path, key)
            assert type(session.app.screen).__name__.removesuffix("Screen") == name, session.text
            await check(session, name, wrong)
            if LOCK in keys:
                session.app.screen.query_one(ConfigForm).disabled = False
    demo.script(DEVICE_PATH, code())
    async with open_app(login=None, source="") as session:
        await check(session, "SignIn", wrong)
    assert not wrong, "\n".join(wrong)


def test_no_screen_is_left_out() -> None:
    assert screen_names() == {name for name, _ in WALK} - {"Confirm"} | {"SignIn"}  # which has a subclass


GROUNDS = ("background", "surface", "panel", "band")
PAIRS = [
    *(("foreground", ground, TEXT) for ground in GROUNDS),
    *(("text-disabled", ground, TEXT) for ground in GROUNDS),
    *(("accent", ground, TEXT) for ground in ("background", "band")),
    *((f"text-{name}", "panel", TEXT) for name in ("success", "warning", "error")),
    ("primary", "background", TEXT),
    ("muted", "background", TEXT),
    ("cursor-foreground", "cursor-background", TEXT),
    ("input-cursor-foreground", "input-cursor-background", TEXT),
    ("input-selection-foreground", "input-selection-background", TEXT),
    ("border", "background", SIGNS),
    ("scrollbar", "scrollbar-background", SIGNS),
    ("scrollbar-active", "scrollbar-background", SIGNS),
]
"""Variables that styles use for text or signs, those that they use for what is behind, and the least contrast."""


@pytest.mark.parametrize("name", sorted({*NAMES} - {*ANSI}))
def test_every_theme_has_inks_that_can_be_read_on_its_backgrounds(name: str) -> None:
    theme = (BUILTIN_THEMES | {theme.name: theme for theme in OWN})[name]
    found = complete(theme, theme.to_color_system().generate() | theme.variables)
    colours = {name: ColorTriplet(*Parsed.parse(found[name]).rgb) for pair in PAIRS for name in pair[:2]}
    weak = {
        pair: round(contrast(*(colours[name] for name in pair[:2])), 2)
        for pair in PAIRS
        if contrast(*(colours[name] for name in pair[:2])) < pair[2]
    }
    assert not weak


def test_a_shade_is_the_nearest_that_can_be_read_and_keeps_its_hue() -> None:
    grey, red = ColorTriplet(0x3A, 0x3A, 0x3A), ColorTriplet(0xFF, 0x5F, 0x5F)
    assert legible(red, ColorTriplet(0, 0, 0)) is red
    assert legible(red, grey).hex == "#ff8787"
    assert legible(red, ColorTriplet(255, 255, 255)).hex == "#af5f5f"
    brown, lavender = ColorTriplet(0xAF, 0x5F, 0), ColorTriplet(0xD7, 0xD7, 0xFF)
    assert legible(brown, lavender).hex == "#8c4c00"  # of the palette, only an olive could be read there
    assert legible(red, ColorTriplet(0x80, 0x80, 0x80)).hex == "#260e0e"
    assert contrast(ColorTriplet(0, 0, 0), ColorTriplet(255, 255, 255)) == 21


@pytest.mark.parametrize(
    ("theme", "colour", "chip"),
    [
        (DARK, "#ffaf5f", ("#ffaf5f", "#000000")),
        (LIGHT, "error", ("#870000", "#ffffff")),
        (TERMINAL, "success", ("ansi_green", "ansi_black")),
        (TERMINAL, "error", ("ansi_red", "ansi_bright_white")),
    ],
)
def test_a_profiles_name_can_be_read_on_its_colour(theme: str, colour: str, chip: tuple[str, str]) -> None:
    app = ThemedApp()
    app.theme, app.chip = theme, colour
    found = app.get_css_variables()
    assert (found["chip"].lower(), found["chip-ink"]) == chip
