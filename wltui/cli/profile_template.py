"""``wltui config init`` and ``wltui config check``: a commented config.toml, and the mistakes in the present one."""

import json
from pathlib import Path

from wltui.core.errors import UsageError
from wltui.core.themes import OWN
from wltui.lifecycle.console import escape_line, say, say_error

from .profile_file import Mistake, config_file, read_with_mistakes
from .profile_keys import KEYS
from .resolve import check_files

HEAD = """\
# Profiles of wltui: one table for each instance, opened by wltui --profile NAME.
# Save this as {path}
# and keep it to yourself (chmod 600). wltui never writes it; wltui config check
# finds mistakes.

# The profile that wltui opens by itself:
default = "example"

# The theme; {themes} are wltui's own, and those of Textual work too:
# theme = "wltui-light"

# The mouse is wltui's; without it, it selects text as in every program:
# mouse = false

[profiles.example]
"""
KEYS_HEAD = """\
# Your own keys, by the names of the actions in REFERENCE.md. Several keys stand
# with commas between. esc, ctrl+q and ctrl+c stay as they are.
# [keys]
# "list.sort" = "f2"
# "app.palette" = "ctrl+k, :"
"""
USUAL = ("endpoint",)
"""Keys that the template sets; all others have # before them."""


def profile_template() -> str:
    """Return a file of profiles with every key, all but the endpoint as comments."""
    lines = [HEAD.format(path=escape_line(config_file()), themes=", ".join(OWN))]
    for key, spec in KEYS.items():
        hidden = "" if key in USUAL else "# "
        lines.append(f"# {spec.words}\n{hidden}{key} = {spec.example}\n")
    return "\n".join([lines[0].rstrip("\n"), *lines[1:], KEYS_HEAD])


def check_profiles(file: Path | None = None, *, as_json: bool = False) -> int:
    """Print every mistake in a file of settings, each with its line, and return the exit code.

    Args:
        file: the file; None for the user's own, which may be missing.
        as_json: print a JSON object to standard output, in place of lines.
    """
    path = file or config_file()
    error: UsageError | None = None
    mistakes: list[Mistake] = []
    try:
        profiles, found = read_with_mistakes(path, is_used=file is None)
        mistakes += [*found, *profiles.keys.mistakes]
        mistakes += [profiles.wrong_default] if profiles.wrong_default else []
        for profile in (profiles.all or {}).values():
            mistakes += check_files(profile)
    except UsageError as caught:
        error = caught
    mistakes.sort(key=lambda mistake: mistake.line or 0)
    if as_json:
        rows: list[dict[str, object]] = [
            {"line": mistake.line, "what": mistake.words, "advice": mistake.advice} for mistake in mistakes
        ]
        if error:
            rows.append({"line": None, "what": f"{error.what}: {error.why}", "advice": error.advice})
        say(json.dumps({"format": 1, "file": str(path), "valid": not rows, "mistakes": rows}, indent=2))
        return 2 if rows else 0
    problems = [error] if error else mistakes
    for problem in problems:
        say_error(problem)
    place = escape_line(path)
    if not problems:
        say(f"{place} is valid." if file or path.exists() else f"There is no {place}.")
    return 2 if problems else 0
