"""Kinds of files: a regular one can be read to its end; a pipe may have none, and to open a device can have effects."""

import stat

_KINDS = (
    (stat.S_ISREG, ""), (stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"), (stat.S_ISBLK, "a device"),
)  # fmt: skip


def other_kind(mode: int) -> str:
    """Return the kind of a file by its mode, such as "a pipe", or an empty string for a regular file."""
    return next((words for is_kind, words in _KINDS if is_kind(mode)), "no file")
