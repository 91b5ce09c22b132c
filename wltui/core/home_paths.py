"""Paths that begin in the home folder of a user."""

from pathlib import Path, PurePath


class UnknownHome(RuntimeError):
    """A path begins with ``~``, or ``~name``, and nothing says where that home folder is."""


def expand_home(path: str | PurePath) -> Path:
    """Return a path with a ``~`` or ``~name`` at its beginning replaced by that home folder. May read the disk.

    Raises:
        UnknownHome: there is no such user, or no home folder is known of them.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise UnknownHome(f"no home folder is known for {Path(path).parts[0]}") from None
