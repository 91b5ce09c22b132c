"""The folders in which wltui keeps its files, by the rules of the system.

platformdirs knows them. The first picture of a start is looked for before anything is imported, so :func:`user_folder`
knows the rules of Linux and macOS too. A variable that holds no absolute path is ignored, as the XDG Base Directory
Specification asks for; platformdirs would take it.
"""

import os
import sys

TYPE_CHECKING = False  # typing takes its time
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
    """Return the folder that an XDG variable stands for; it may not exist.

    ``HOME`` counts if it is absolute; else the home folder is the one in the system's list of users, and ``/`` for
    whom that does not know.
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
    """Return the folder of what wltui must not lose; it may not exist."""
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
