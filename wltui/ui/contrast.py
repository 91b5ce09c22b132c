"""Contrast between text and its background, by the formula of WCAG 2, and colours that have enough of it."""

from colorsys import rgb_to_hsv
from functools import lru_cache

from rich.color import Color, ColorSystem
from rich.color_triplet import ColorTriplet
from rich.style import Style

TEXT, SIGNS = 4.5, 3.0
"""The least contrast of text, and of signs and lines, that WCAG asks for (1.4.3 and 1.4.11, level AA)."""
STEPS = 20
"""The number of shades between a colour and black or white that are tried."""
HUE = 20 / 360
"""The part of the colour wheel by which a shade may differ from its colour: a brown is no olive."""


def contrast(one: ColorTriplet, other: ColorTriplet) -> float:
    """Return the contrast of two colours: from 1, if they are equal, to 21, for black and white."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(1024)
def luminance(colour: ColorTriplet) -> float:
    """Return the relative luminance of a colour in sRGB, from 0 for black to 1 for white."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@lru_cache(1024)
def legible(ink: ColorTriplet, *grounds: ColorTriplet, least: float = TEXT) -> ColorTriplet:
    """Return a colour if it can be read on the grounds, else the nearest shade of it that can, or black or white.

    Shades of a colour of the palette of 256 are such colours too, so that terminals with no more show them as they are,
    except where the palette has none of the hue: terminals with 256 colours show its nearest there.
    """

    def weakest(colour: ColorTriplet) -> float:
        return min(contrast(colour, ground) for ground in grounds)

    if weakest(ink) >= least:
        return ink
    ends = sorted((ColorTriplet(0, 0, 0), ColorTriplet(255, 255, 255)), key=weakest)
    shades = [_blend(ink, ends[1], step / STEPS) for step in range(1, STEPS)]
    listed = [_in_palette(shade) for shade in shades] if _in_palette(ink) == ink else []
    near = (shade for shade in listed if _has_hue(shade, ink))
    return next((shade for shade in (*near, *shades) if weakest(shade) >= least), ends[1])


def legible_style(style: Style) -> Style:
    """Return a style whose colour can be read on its background; the terminal's own colours stay as they are."""
    ink, ground = style.color, style.bgcolor
    if ink is None or ground is None or ink.triplet is None or ground.triplet is None:
        return style
    readable = legible(ink.triplet, ground.triplet)
    return style if readable == ink.triplet else style + Style(color=Color.from_triplet(readable))


def _blend(one: ColorTriplet, other: ColorTriplet, part: float) -> ColorTriplet:
    return ColorTriplet(*(round(a + (b - a) * part) for a, b in zip(one, other, strict=True)))


def _has_hue(shade: ColorTriplet, colour: ColorTriplet) -> bool:
    """Return whether a shade has the hue of a colour; of a grey, which has none, each is a shade."""
    (hue, is_coloured, _), (wanted, has_hue, _) = (rgb_to_hsv(*each.normalized) for each in (shade, colour))
    apart = abs(hue - wanted)
    return not has_hue or (is_coloured > 0 and min(apart, 1 - apart) <= HUE)


def _in_palette(colour: ColorTriplet) -> ColorTriplet:
    """Return the colour of the palette of 256 that terminals without more colours show in place of one."""
    return Color.from_triplet(colour).downgrade(ColorSystem.EIGHT_BIT).get_truecolor()
