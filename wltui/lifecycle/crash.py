"""Format the report of a crash: enough for a bug report, and nothing that must not be in one."""

import platform
import re
import traceback
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from wltui import __version__
from wltui.core.escapes import escape_invisible
from wltui.core.redaction import hide_secrets

_FRAMES = 40
_CREDENTIAL = re.compile(
    r"(?P<before>\b(?:bearer|basic)\s+)[\w.~+/=-]{6,}"
    r"|(?P<field>[\"']?\b(?:\w+_token|token|password|client_secret)[\"']?\s*[=:]\s*[\"']?)[^\s\"',;&}]+"
    r"|\beyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?",
    re.IGNORECASE,
)


def format_report(error: BaseException, secrets: Sequence[str] = ()) -> str:
    """Return an error and its traceback as plain text, without local variables, credentials or control characters.

    Args:
        error: the unexpected error.
        secrets: texts to hide; text that looks like a credential is hidden anyway.
    """
    trace = "".join(traceback.format_exception(error, limit=-_FRAMES))
    return (
        "wltui stopped on an error that it did not expect. A report of it should hold these lines:\n\n"
        f"{_versions()}\n{redact(trace, secrets)}"
    )


def redact(text: str, secrets: Sequence[str] = ()) -> str:
    """Return ``text`` with secrets and apparent credentials hidden and control characters escaped."""
    text = hide_secrets(text, secrets)
    text = _CREDENTIAL.sub(lambda found: f"{found['before'] or found['field'] or ''}[hidden]", text)
    return escape_invisible(text)


def _versions() -> str:
    parts = [f"wltui {__version__}"]
    for package in ("textual", "httpx"):
        try:
            parts.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            parts.append(f"no {package}")
    return ", ".join([*parts, f"Python {platform.python_version()}", platform.platform(terse=True)])
