"""Give memory back to the system: glibc keeps 10 to 40 MB of what an answer with 100,000 versions took in pieces."""

from contextlib import suppress
from functools import cache

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
"""The numbers of two settings in ``malloc.h``."""
LARGE_BLOCK = 1 << 18
"""Bytes from which on a block is returned as soon as it is freed. To take it anew costs a fresh page for every 4 kB."""


@cache
def return_large_blocks() -> None:
    """Have the C library return each large block when it is freed, from now on, if it can.

    Else its own limit rises with the blocks that are freed, up to 32 MB. What it then keeps at the end of a thread's
    heap is not even returned by :func:`release_memory`.
    """
    # macOS and musl have no such function, and some builds of Python lack ctypes.
    with suppress(ImportError, OSError, AttributeError, TypeError):
        import ctypes

        library = ctypes.CDLL(None)
        library.mallopt(_M_MMAP_THRESHOLD, LARGE_BLOCK)
        library.mallopt(_M_TRIM_THRESHOLD, LARGE_BLOCK)


def release_memory() -> None:
    """Return freed memory to the system, if the C library keeps it; takes some milliseconds without the GIL."""
    with suppress(ImportError, OSError, AttributeError, TypeError):
        import ctypes

        ctypes.CDLL(None).malloc_trim(0)
