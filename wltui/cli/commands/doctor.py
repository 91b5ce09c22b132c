"""``wltui doctor``: show where each setting comes from, and which part of the way to the instance works."""

import argparse
import json
import os
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from wltui.cli.command import add_instance_flags, explain
from wltui.cli.profile_file import UserKeys, config_file, read_profiles
from wltui.cli.resolve import DEFAULT, Choice, NoInstance, choose
from wltui.cli.theme_origin import find_theme
from wltui.core.errors import UsageError
from wltui.core.proxies import NO_PROXY, format_proxy, proxy_for
from wltui.core.settings import Settings
from wltui.lifecycle.console import escape_line, say
from wltui.lifecycle.crash import redact

if TYPE_CHECKING:
    from wltui.cli.checks import Check


class Setting(Struct, frozen=True):
    """One setting, and where it comes from."""

    name: str
    value: str
    origin: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the flags and the help."""
    add_instance_flags(parser)
    parser.add_argument("--json", action="store_true", help="for programs")
    explain(
        parser,
        "Show where each setting comes from, and try the way to the instance step by step.",
        ["wltui doctor --profile prod", "wltui doctor --json | jq '.checks[] | select(.ok == false)'"],
        {0: "nothing failed", 1: "something did"},
        usual=(2,),
        notes="It changes nothing, and shows no token or password.",
    )


def run(arguments: argparse.Namespace) -> int:
    """Check everything, print the findings, and return the exit code.

    Raises:
        UsageError: the settings can't be used at all.
    """
    choice: Choice | None = None
    profiles = read_profiles(config_file())
    try:
        choice = choose(arguments, os.environ, profiles)
        wrong_default = choice.wrong_default
    except NoInstance as error:
        wrong_default = error.profiles.wrong_default
    settings = _settings(choice, os.environ) if choice else []
    secrets = choice.settings.secrets if choice else ()
    if not arguments.json:
        for line in [*_table(settings), ""]:
            _say(line, secrets)
    checks = []
    for check in _checks(choice, wrong_default, profiles.keys):
        checks.append(check)
        if not arguments.json:
            _say(_line(check), secrets)
    is_well = all(check.ok is not False for check in checks)
    if arguments.json:
        report = to_builtins({"ok": is_well, "settings": settings, "checks": checks})
        _say(json.dumps(_redacted(report, secrets), indent=2), ())
    return 0 if is_well else 1


def _checks(choice: Choice | None, wrong_default: UsageError | None, keys: UserKeys) -> "Iterator[Check]":
    """Yield each check as soon as it is done."""
    import asyncio

    from wltui.cli.checks import Check, check_folder, check_instance
    from wltui.cli.terminal_checks import check_terminal
    from wltui.store.private_files import state_folder
    from wltui.store.response_cache import cache_folder

    if wrong_default:  # it matters only if nothing else names an instance
        yield Check("Profiles", None if choice else False, wrong_default.what, wrong_default.advice)
    if choice and (problem := choice.settings.theme.problem):
        yield Check("Theme", None, problem)
    if keys.mistakes:  # the dashboard opens all the same, with the usual keys
        first = keys.mistakes[0]
        yield Check("Keys", None, first.what, f"{first.advice} The usual keys work until then".lstrip())
    if choice is None:
        advice = "Add --profile or --endpoint, or set WALLAROO_URL"
        yield Check("Instance", False, "nothing says which", advice)
    else:
        with asyncio.Runner() as runner:
            steps = check_instance(choice.settings, state_folder())
            while check := runner.run(_next(steps)):
                yield check
    yield check_folder("Cache", cache_folder())
    yield check_folder("State", state_folder())
    yield from check_terminal(os.environ)


async def _next(steps: "AsyncIterator[Check]") -> "Check | None":
    return await anext(steps, None)


def _settings(choice: Choice, environ: Mapping[str, str]) -> list[Setting]:
    settings, origins = choice.settings, {**choice.origins}
    network, sign_in = settings.network, settings.sign_in
    theme, origins["theme"] = find_theme(settings.theme, environ)
    values: dict[str, object] = {
        "profile": settings.profile if "profile" in origins else None,
        "endpoint": settings.endpoint,
        "workspace": settings.workspace,
        "refresh": "its own rhythm" if settings.refresh is None else f"{settings.refresh:g} s",
        "read_only": settings.read_only,
        "protected": settings.protected,
        "theme": theme,
        "colour": settings.colour or None,
        "graphql": settings.graphql,
        "ca_bundle": network.ca_bundle or ("the system's" if network.verify else "none"),
        "client_cert": network.client_cert,
        "client_key": network.client_key,
        "proxy": (format_proxy(network.proxy.reveal()) if network.proxy.reveal() else "none")
        if network.proxy
        else None,
        "verify": network.verify,
        "realm": sign_in.realm,
        "client": sign_in.client_id,
        "auth_url": sign_in.auth_url or f"{settings.endpoint}/auth",
        "browser_url": sign_in.browser_url or None,
        "token_command": f"{sign_in.token_command[0]} …" if sign_in.token_command else None,
        "keyring": sign_in.keyring,
        "credentials": _credentials(settings),
        "request_timeout": f"{settings.request_timeout:g} s",
        "cache_bytes": f"{settings.cache_bytes / (1 << 20):g} MB",
        "cache_days": f"{settings.cache_days:g}",
    }
    found = [Setting(name, _format(value), origins.get(name, DEFAULT)) for name, value in values.items()]
    return [_with_variable(setting, settings.endpoint, environ) for setting in found]


def _with_variable(setting: Setting, endpoint: str, environ: Mapping[str, str]) -> Setting:
    """Return the setting, or the one of a variable that is read only when needed, or by a library."""
    if setting.origin != DEFAULT:
        return setting
    if setting.name == "proxy":
        found = proxy_for(endpoint, environ)
        return replace(
            setting,
            value=format_proxy(found.url.reveal()) if found else "none",
            origin=found.variable
            if found
            else next((name for name in NO_PROXY if environ.get(name, "").strip()), DEFAULT),
        )
    if setting.name == "ca_bundle" and (path := environ.get("SSL_CERT_FILE") or environ.get("SSL_CERT_DIR")):
        variable = "SSL_CERT_FILE" if environ.get("SSL_CERT_FILE") else "SSL_CERT_DIR"
        return replace(setting, value=path, origin=variable)
    return setting


def _credentials(settings: Settings) -> str:
    if settings.token:
        return "a token"
    if settings.sign_in.token_command:
        return "what token_command prints"
    return f"user {settings.login[0]}" if settings.login else "what wltui login keeps"


def _format(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "-" if value is None else str(value)


def _redacted(value: object, secrets: Sequence[str]) -> object:
    """Return a value of JSON with secrets hidden in each of its texts; the keys are our own."""
    if isinstance(value, str):
        return redact(value, secrets)
    if isinstance(value, list):
        return [_redacted(part, secrets) for part in value]
    if isinstance(value, dict):
        return {key: _redacted(part, secrets) for key, part in value.items()}
    return value


def _table(settings: Sequence[Setting]) -> list[str]:
    """Return the settings as lines of columns; none if there are no settings."""
    rows = [(setting.name, escape_line(setting.value), escape_line(setting.origin)) for setting in settings]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _line(check: "Check") -> str:
    signs = (
        {True: "✔", False: "✖", None: "–"} if _can_encode("✔✖–×") else {True: "ok", False: "!!", None: "--"}
    )
    took = "" if check.seconds is None else f"  {1000 * check.seconds:.0f} ms"
    advice = f"\n    {escape_line(check.advice)}" if check.advice else ""
    return f"{signs[check.ok]} {check.name:10} {escape_line(check.finding)}{took}{advice}"


def _can_encode(signs: str) -> bool:
    try:
        signs.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _say(text: str, secrets: Sequence[str]) -> None:
    say(redact(text, secrets))
