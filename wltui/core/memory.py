"""Give memory back to the system."""

from contextlib import suppress


def release_memory() -> None:
    """Return freed memory to the system, if the C library keeps it; takes some milliseconds without the GIL.

    glibc keeps what an answer of many megabytes took in pieces: 10 to 25 MB after a list of 100,000 versions.
    """
    # macOS and musl have no such function, and some builds of Python lack ctypes.
    with suppress(ImportError, OSError, AttributeError, TypeError):
        import ctypes

        ctypes.CDLL(None).malloc_trim(0)
