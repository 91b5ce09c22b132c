"""``wltui doctor``: where each setting comes from, and what of it works."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import asdict, replace

from wltui.cli.arguments import Parser
from wltui.cli.resolve import DEFAULT, Choice, NoInstance, add_instance, choose
from wltui.core.credentials import child_environment
from wltui.core.errors import UsageError
from wltui.core.proxies import NO_PROXY, format_proxy, proxy_for
from wltui.core.settings import Settings
from wltui.lifecycle.console import escape_line, say
from wltui.lifecycle.crash import redact
from wltui.lifecycle.terminal import can_show_unicode, detect_terminal, find_color_system, original_environ

if TYPE_CHECKING:
    from wltui.cli.checks import Check

_EPILOG = """\
It changes nothing, and shows no token or password.

exit codes: 0 if nothing failed, 1 if something did, 2 for wrong usage or a
mistake in config.toml
"""
_LEAST_SIZE = (60, 15)


class Setting(Struct, frozen=True):
    """One setting, and what said it."""

    name: str
    value: str
    origin: str


def doctor(words: Sequence[str]) -> int:
    """Look at everything, tell it, and return the exit code.

    Raises:
        UsageError: the words are no arguments of this command, or the settings can't be used at all.
    """
    arguments = _parser().parse(words)
    known: Choice | None = None
    try:
        known = choose(arguments, os.environ)
        wrong_default = known.wrong_default
    except NoInstance as error:
        wrong_default = error.profiles.wrong_default
    settings = _settings(known, os.environ) if known else []
    secrets = known.settings.secrets if known else ()
    if not arguments.json:
        rows = [
            (setting.name, escape_line(setting.value), escape_line(setting.origin)) for setting in settings
        ]
        for line in _table(rows):
            _say(line, secrets)
        _say("", secrets)
    checks = []
    for check in _checks(known, wrong_default):
        checks.append(check)
        if not arguments.json:
            _say(_line(check), secrets)
    well = all(check.ok is not False for check in checks)
    if arguments.json:
        told = {
            "ok": well,
            "settings": [asdict(setting) for setting in settings],
            "checks": [asdict(check) for check in checks],
        }
        _say(json.dumps(_redacted(told, secrets), indent=2), ())
    return 0 if well else 1


def _checks(chosen: Choice | None, wrong_default: UsageError | None) -> "Iterable[Check]":
    """Each check as soon as it is done."""
    import asyncio

    from wltui.cli.checks import Check, check_folder, check_instance
    from wltui.store.private_files import state_folder
    from wltui.store.response_cache import cache_folder

    if wrong_default:  # it matters only if nothing else names an instance
        yield Check("Profiles", None if chosen else False, wrong_default.what, wrong_default.advice)
    if chosen is None:
        advice = "Add --profile or --endpoint, or set WALLAROO_URL"
        yield Check("Instance", False, "nothing says which", advice)
    else:
        with asyncio.Runner() as runner:
            steps = check_instance(chosen.settings, state_folder())
            while check := runner.run(_next(steps)):
                yield check
    yield check_folder("Cache", cache_folder())
    yield check_folder("State", state_folder())
    yield from _terminal(os.environ)


async def _next(steps: "AsyncIterator[Check]") -> "Check | None":
    return await anext(steps, None)


def _terminal(environ: Mapping[str, str]) -> "Iterable[Check]":
    from wltui.cli.checks import Check

    try:
        detect_terminal(environ)
    except UsageError as error:
        dumb = environ.get("TERM") == "dumb"
        yield Check("Terminal", False if dumb else None, error.why or error.what, error.advice)
    else:
        columns, rows = shutil.get_terminal_size()
        least = _LEAST_SIZE[0] <= columns and _LEAST_SIZE[1] <= rows
        advice = "" if least else f"Make it {_LEAST_SIZE[0]}×{_LEAST_SIZE[1]} or larger"
        yield Check("Terminal", least, f"{environ.get('TERM', 'unknown')}, {columns}×{rows}", advice)
    colours = "none, as NO_COLOR asks" if environ.get("NO_COLOR") else _COLOURS[find_color_system(environ)]
    yield Check("Colours", True, colours)
    unicode = can_show_unicode(
        original_environ(environ), getattr(sys.__stderr__, "encoding", None) or "ascii"
    )
    yield (
        Check("UTF-8", True, "yes")
        if unicode
        else Check("UTF-8", None, "no: wltui draws with ASCII", "Set LANG to a locale of UTF-8")
    )
    yield _clipboard(environ)


def _clipboard(environ: Mapping[str, str]) -> "Check":
    """Whether what is copied by OSC 52 reaches the user's clipboard, as far as that can be told."""
    from wltui.cli.checks import Check

    by_mouse = "Select with shift held where copying does nothing"
    if not environ.get("TMUX"):
        return Check("Clipboard", None, "no terminal tells", by_mouse)
    try:
        asked = subprocess.run(  # noqa: S603  a fixed question
            _TMUX, capture_output=True, text=True, timeout=2, check=False, env=child_environment(environ)
        )
    except (OSError, subprocess.TimeoutExpired, UnicodeDecodeError):
        return Check("Clipboard", None, "tmux does not tell", by_mouse)
    if asked.stdout.strip() == "on":
        return Check("Clipboard", True, "tmux hands on what is copied, where its terminal takes it")
    told = "tmux drops what programs copy"
    return Check("Clipboard", None, told, "tmux set-option -s set-clipboard on")


_TMUX = ("tmux", "show-options", "-sv", "set-clipboard")

_COLOURS = {
    "truecolor": "24-bit",
    "256": "256; set COLORTERM=truecolor where the terminal can do more",
    "standard": "16",
}


def _settings(chosen: Choice, environ: Mapping[str, str]) -> list[Setting]:
    settings, origins = chosen.settings, chosen.origins
    network, sign_in = settings.network, settings.sign_in
    values: dict[str, object] = {
        "profile": settings.profile if "profile" in origins else None,
        "endpoint": settings.endpoint,
        "workspace": settings.workspace,
        "refresh": "its own rhythm" if settings.refresh is None else f"{settings.refresh:g} s",
        "read_only": settings.read_only,
        "protected": settings.protected,
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
        "credentials": _who(settings),
        "request_timeout": f"{settings.request_timeout:g} s",
        "cache_bytes": f"{settings.cache_bytes / (1 << 20):g} MB",
        "cache_days": f"{settings.cache_days:g}",
    }
    told = [Setting(name, _shown(value), origins.get(name, DEFAULT)) for name, value in values.items()]
    return [_from_variables(setting, settings.endpoint, environ) for setting in told]


def _from_variables(setting: Setting, endpoint: str, environ: Mapping[str, str]) -> Setting:
    """The setting with the variables that are read where they are needed, or by libraries."""
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


def _who(settings: Settings) -> str:
    if settings.token:
        return "a token"
    if settings.sign_in.token_command:
        return "what token_command prints"
    return f"user {settings.login[0]}" if settings.login else "what wltui login keeps"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "-" if value is None else str(value)


def _redacted(told: object, secrets: Sequence[str]) -> object:
    """What is told, each text of it made safe; keys are our own."""
    if isinstance(told, str):
        return redact(told, secrets)
    if isinstance(told, list):
        return [_redacted(part, secrets) for part in told]
    return {key: _redacted(part, secrets) for key, part in told.items()} if isinstance(told, dict) else told


def _table(rows: Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _line(check: "Check") -> str:
    signs = {True: "✔", False: "✖", None: "–"} if _can_say("✔✖–×") else {True: "ok", False: "!!", None: "--"}
    took = "" if check.seconds is None else f"  {1000 * check.seconds:.0f} ms"
    advice = f"\n    {escape_line(check.advice)}" if check.advice else ""
    return f"{signs[check.ok]} {check.name:10} {escape_line(check.told)}{took}{advice}"


def _can_say(signs: str) -> bool:
    try:
        signs.encode(getattr(sys.stdout, "encoding", None) or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def _say(text: str, secrets: Sequence[str]) -> None:
    say(redact(text, secrets))


def _parser() -> Parser:
    parser = Parser(
        "wltui doctor",
        "wltui doctor [--profile NAME] [--endpoint URL] [--json]",
        "Tell where each setting comes from, and try the way to the instance step by step.",
        _EPILOG,
    )
    add_instance(parser)
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser
