"""``wltui config init`` and ``wltui config check``: a commented config.toml, and the mistakes in the present one."""

from wltui.core.errors import UsageError
from wltui.lifecycle.console import escape_line, say, say_error
from wltui.ui.text.format import count

from .profile_file import config_file, read_with_mistakes
from .profile_keys import KEYS
from .resolve import check_files

HEAD = """\
# Profiles of wltui: one table for each instance, opened by wltui --profile NAME.
# Save this as {path}
# and keep it to yourself (chmod 600). wltui never writes it; wltui config check
# finds mistakes.

# The profile that wltui opens by itself:
default = "example"

[profiles.example]
"""
USUAL = ("endpoint",)
"""Keys that the template sets; all others have # before them."""


def profile_template() -> str:
    """Return a file of profiles with every key, all but the endpoint as comments."""
    lines = [HEAD.format(path=escape_line(config_file()))]
    for key, spec in KEYS.items():
        hidden = "" if key in USUAL else "# "
        lines.append(f"# {spec.words}\n{hidden}{key} = {spec.example}\n")
    return "\n".join([lines[0].rstrip("\n"), *lines[1:]])


def check_profiles() -> int:
    """Print every mistake in the file of profiles, each with its line, and return the exit code."""
    path = config_file()
    try:
        profiles, found = read_with_mistakes(path)
    except UsageError as error:
        say_error(error)
        return 2
    mistakes = [*found, *([profiles.wrong_default] if profiles.wrong_default else [])]
    for profile in (profiles.all or {}).values():
        mistakes += check_files(profile)
    for mistake in mistakes:
        say_error(mistake)
    if mistakes:
        return 2
    place = escape_line(path)
    say(
        f"{place}: {count(len(profiles.names), 'profile')}, no mistake"
        if path.exists()
        else f"There is no {place}."
    )
    return 0
