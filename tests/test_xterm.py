"""The terminal that tests play takes whatever a program writes, as terminals do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.xterm import Xterm

WRITTEN = (
    b"\x1b[?2026h\x1b[12;34H\x1b[38;2;240;240;240;48;5;17mmodel\x1b[7C\x1b[0m\x1b[38K\x1b[2;9r\x1b[3M\x1b[3L\x1b[r"
    b"\x1b]8;;http://localhost/\x1b\\link\x1b]8;;\x1b\\\x1b[4X\x1b[2J\x1b[?25l\xe2\x96\xb8 Copied 3"
    b"\x1b[K\r\n\x1b[?2026l"
)


def terminal() -> Xterm:
    return Xterm(20, 4, lambda text: None)


@pytest.mark.parametrize(
    ("cut_off", "end", "shown"),
    [
        (b"\x1b[2;240", b";3Cthere", "here  there"),  # three numbers where one is taken
        (b"\x1b[1", b"8Kthere", "herethere"),  # nothing that can be erased
        (b"\x1b[1", b"38Jthere", "herethere"),
        (b"\x1b[12;3", b"\x1b[?25lCopied", "hereCopied"),  # a sequence that another breaks off
        (b"\x1b[?1", b"\x1b[?25lCopied", "hereCopied"),
        (b"\x1b]8;;http", b"\x1b[?25lCopied", "hereCopied"),
        (b"\x1b[?2", b"?25Cthere", "herethere"),
        (b"\x1b[?", b"$pthere", "herethere"),
    ],
)
def test_the_beginning_of_one_sequence_with_the_end_of_another_harms_nothing(
    cut_off: bytes, end: bytes, shown: str
) -> None:
    xterm = terminal()
    xterm.receive(b"here" + cut_off)
    xterm.receive(end)
    assert xterm.text() == shown


@given(st.integers(0, len(WRITTEN)), st.integers(0, len(WRITTEN)), st.booleans())
def test_a_terminal_that_was_flushed_can_be_left(kept: int, lost: int, at_once: bool) -> None:
    xterm = terminal()
    xterm.receive(b"$ wltui\x1b[?1049h\x1b[?1000h")
    pieces = WRITTEN[:kept], WRITTEN[lost:], b"\x18\x1b\\\x1b[?2026l\x1b[?25h\x1b[?1000l\x1b[?1049l"
    for piece in (b"".join(pieces),) if at_once else pieces:
        xterm.receive(piece)
    assert xterm.text() == "$ wltui"
