"""The log file of a process: where it is asked for, and its first and last line."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from wltui import __version__
from wltui.core.errors import UsageError
from wltui.core.event_log import format_event, log, set_sink
from wltui.core.home_paths import UnknownHome, expand_home
from wltui.lifecycle.console import escape_line, say

VARIABLE = "WLTUI_LOG"


@contextmanager
def logged(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Iterator[None]:
    """Log what happens in the block, if ``--log-file`` or ``WLTUI_LOG`` names a file.

    At the end the user sees why lines are missing, if any are.

    Raises:
        UsageError: the file can't be used.
    """
    name: str | None = getattr(arguments, "log_file", None)
    if name is None:
        name = environ.get(VARIABLE, "").strip()
    elif not name.strip():
        raise UsageError("--log-file names no file", "", "Write --log-file FILE")
    if not name:
        yield
        return
    from wltui.store.file_errors import remedy, why
    from wltui.store.log_file import LogFile

    path: Path | str = name
    try:
        path = expand_home(name).absolute()
        file = LogFile(path)
    except (OSError, UnknownHome, ValueError) as error:
        advice, reason = "Name a file in a folder of yours, or leave it out", str(error)
        if isinstance(error, OSError):
            advice, reason = remedy(error, advice), why(error)
        raise UsageError(f"The log file {path} can't be used", reason, advice) from None
    command = getattr(arguments, "command", None) or "dashboard"
    file.write_at_once(format_event("start", version=__version__, command=command))
    outer = set_sink(file)
    try:
        yield
    finally:
        ended_by = sys.exc_info()[0]
        log("end", error=ended_by.__name__ if ended_by else None)
        set_sink(outer)
        if gaps := file.close():
            say(f"wltui: {escape_line(gaps)}", error=True)
