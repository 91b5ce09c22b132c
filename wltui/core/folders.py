"""Find the folders of wltui's files, by the rules of the system.

platformdirs implements them. The first picture of a start is loaded before anything is imported, so
:func:`user_folder` repeats the rules of Linux and macOS. A variable without an absolute path is ignored, as the XDG
Base Directory Specification requires; platformdirs would use it.
"""

import os
import sys

TYPE_CHECKING = False  # importing typing takes time
if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

TOKENS = "tokens"
"""The folder of the sign-ins, in that of the state."""
_NAME = "wltui"
_LINUX = {"XDG_CONFIG_HOME": ".config", "XDG_CACHE_HOME": ".cache", "XDG_STATE_HOME": ".local/state"}
_SUPPORT = "Library/Application Support"
_MACOS = {"XDG_CONFIG_HOME": _SUPPORT, "XDG_CACHE_HOME": "Library/Caches", "XDG_STATE_HOME": _SUPPORT}


def user_folder(variable: str, environ: "Mapping[str, str]", platform: str = sys.platform) -> str:
    """Return the folder of an XDG variable; it may not exist.

    ``HOME`` is used if it is absolute; otherwise the home folder in the system's list of users, or ``/`` if the user
    is not in it.
    """
    base = environ.get(variable, "").strip()
    if not os.path.isabs(base):
        home = environ.get("HOME", "")
        if not os.path.isabs(home):
            home = _home()
        base = os.path.join(home, (_MACOS if platform == "darwin" else _LINUX)[variable])
    return os.path.join(base, _NAME)


def config_folder() -> "Path":
    """Return the folder of ``config.toml``; it may not exist."""
    return _path("XDG_CONFIG_HOME", "user_config_dir")


def cache_folder() -> "Path":
    """Return the folder of every instance's cache; it may not exist."""
    return _path("XDG_CACHE_HOME", "user_cache_dir")


def state_folder() -> "Path":
    """Return the folder of drafts, history and tokens, which must not get lost; it may not exist."""
    return _path("XDG_STATE_HOME", "user_state_dir")


def _path(variable: str, question: str) -> "Path":
    """Return the folder that platformdirs names, but never one relative to the working folder."""
    from pathlib import Path

    import platformdirs

    base = os.environ.get(variable, "").strip()
    if os.path.isabs(base) or (not base and os.path.isabs(os.environ.get("HOME", ""))):
        return Path(getattr(platformdirs, question)(_NAME, appauthor=False))
    return Path(user_folder(variable, os.environ))


def _home() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return "/"
