"""An address as a QR code, drawn with half blocks for a terminal."""

from collections.abc import Sequence

QUIET = 4
"""Modules of blank edge that the standard asks for; phones need only half of it."""
LEAST_QUIET = 2


def qr_lines(text: str, columns: int, rows: int) -> tuple[str, ...]:
    """Return the code in lines of equal length, with as much quiet zone as fits; no lines if it does not fit.

    The blocks are its light parts: draw it in white on black, whatever the terminal's other colours are.
    """
    import segno  # here, as most sessions do not need it

    try:
        code = segno.make_qr(text, error="l", boost_error=False)
    except segno.DataOverflowError:
        return ()
    for quiet in range(QUIET, LEAST_QUIET - 1, -1):
        size = code.symbol_size(border=quiet)[0]
        if size <= columns and (size + 1) // 2 <= rows:
            return _half_blocks([[not dark for dark in row] for row in code.matrix_iter(border=quiet)])
    return ()


def _half_blocks(light: Sequence[Sequence[bool]]) -> tuple[str, ...]:
    below = [*light[1:], [True] * len(light[0])]  # one more row of quiet zone if the number of rows is odd
    return tuple(
        "".join(" ▄▀█"[2 * top + bottom] for top, bottom in zip(upper, lower, strict=True))
        for upper, lower in list(zip(light, below, strict=True))[::2]
    )
