"""Make settings of arguments, environment and profile, and record the origin of each.

A flag comes before the environment, that before the profile, and that before the default; each setting by
itself. A profile is an instance, though, whose token and certificates are for no other: ``WALLAROO_URL`` does not
turn one that was named into another one, ``WLTUI_PROFILE`` does not count beside another ``--endpoint``, nor the
file's default if anything names another instance.
"""

import argparse
import shlex
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from wltui.core.credentials import BROWSER, Credentials, load_credentials
from wltui.core.errors import UsageError
from wltui.core.settings import (
    DRIVERS,
    Network,
    Settings,
    SignIn,
    cache_bytes,
    cache_days,
    normalise_endpoint,
    request_timeout,
)
from wltui.core.themes import find_asked

from .profile_file import Mistake, Profile, Profiles, config_file, read_profiles, read_with_mistakes

T = TypeVar("T")

DEFAULT = "default"
VARIABLES = {
    "request_timeout": "WALLAROO_REQUEST_TIMEOUT",
    "cache_bytes": "WLTUI_CACHE_MB",
    "cache_days": "WLTUI_CACHE_DAYS",
}
"""Variables of settings that only the environment has, by the name of the setting."""


Origin = str | Callable[[], str]
"""The origin of a setting in words, or a function that returns it."""


class Choice(Struct, frozen=True):
    """The settings of a session, and where each comes from."""

    settings: Settings
    found_origins: Mapping[str, Origin]
    """By the setting's name in a profile."""
    wrong_default: UsageError | None = None
    """The error in the default of the file of profiles, which does not count here."""

    @property
    def origins(self) -> Mapping[str, str]:
        """The origin of each setting, in words such as ``--workspace`` or ``profile prod, line 4``."""
        return {
            key: origin if isinstance(origin, str) else origin() for key, origin in self.found_origins.items()
        }


class NoInstance(UsageError):
    """Nothing says which instance is meant; ``profiles`` are those there are.

    If the file of profiles names a default that does not exist, the error is about that.
    """

    def __init__(self, profiles: Profiles) -> None:
        if error := profiles.wrong_default:
            super().__init__(error.what, error.why, error.advice)
        else:
            names = f", --profile {'|'.join(profiles.names)}" if profiles.names else ""
            advice = f"Add --endpoint https://HOST{names}, or set WALLAROO_URL"
            super().__init__("No instance is named", "", advice)
        self.profiles = profiles


def add_instance(parser: argparse._ActionsContainer) -> None:
    """Add the flags that name an instance, and the one that logs what is asked of it."""
    parser.add_argument("--profile", metavar="NAME", help="the profile of the instance, from config.toml")
    parser.add_argument("--endpoint", metavar="URL", help="the instance to open, such as https://HOST")
    parser.add_argument("--log-file", metavar="FILE", help="append a line for each request to a file")


def choose(
    arguments: argparse.Namespace,
    environ: Mapping[str, str],
    profiles: Profiles | None = None,
    *,
    start: str | None = None,
) -> Choice:
    """Return the settings of the session that flags, environment and profiles ask for.

    Args:
        arguments: the flags; one that a command does not have counts as not given.
        environ: the environment.
        profiles: the profiles, if they have been read.
        start: the endpoint that the environment's token, password and address for browsers are for; None for the one
            that is chosen.

    Raises:
        NoInstance: nothing says which instance.
        UsageError: one of them is wrong.
    """
    asked = vars(arguments)
    profiles = read_profiles(config_file()) if profiles is None else profiles
    origins: dict[str, Origin] = {}
    profile, endpoint = _instance(asked, environ, profiles, origins)
    if endpoint is None:
        raise NoInstance(profiles)
    if profile and (missing := check_files(profile)):
        raise missing[0]
    picker = _Picker(profile, origins)
    is_start = start in (None, endpoint)
    usual, found = SignIn(), load_credentials(environ) if is_start else Credentials()
    command = picker.pick("token_command", usual.token_command)
    if command and found.source != "WLTUI_TOKEN":  # the one variable that comes before the profile's own way
        found = Credentials()
    source = found.source or (profile.where("token_command") if profile and command else "")
    origins["credentials"] = source or DEFAULT
    settings = replace(
        _common(asked, environ, profiles),
        endpoint=endpoint,
        profile=profile.name if profile else urlsplit(endpoint).hostname or endpoint,
        token=found.token,
        login=found.login,
        source=source,
        sign_in_command=_login_command(profile, endpoint),
        withheld="" if is_start else _source(environ),
        sign_in=SignIn(
            realm=picker.pick("realm", usual.realm),
            client_id=picker.pick("client", usual.client_id),
            auth_url=picker.pick("auth_url", usual.auth_url),
            browser_url=_browser_url(environ) if is_start else "",
            token_command=command,
            keyring=picker.pick("keyring", False, asked.get("keyring") or None),
        ),
        network=Network(
            ca_bundle=picker.pick("ca_bundle", None),
            client_cert=picker.pick("client_cert", None),
            client_key=picker.pick("client_key", None),
            proxy=picker.pick("proxy", None),
            verify=picker.pick("verify", True),
        ),
        workspace=picker.pick("workspace", None, asked.get("workspace")),
        read_only=picker.pick("read_only", False, asked.get("read_only") or None),
        protected=picker.pick("protected", False, asked.get("protected") or None),
        refresh=picker.pick("refresh", None, asked.get("refresh")),
        colour=picker.pick("colour", ""),
        graphql=picker.pick("graphql", True),
        offline=bool(asked.get("offline")),
    )
    origins["browser_url"] = BROWSER if settings.sign_in.browser_url else DEFAULT
    for name, variable in VARIABLES.items():
        origins[name] = variable if environ.get(variable, "").strip() else DEFAULT
    return Choice(settings, origins, profiles.wrong_default)


def demo_settings(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Settings:
    """Return the settings of the demo, without its endpoint; profiles do not count, but the file's theme does.

    Raises:
        UsageError: an argument is not for the demo.
    """
    asked = vars(arguments)
    for name, why in (("endpoint", ""), ("profile", ""), ("offline", "the demo begins with nothing kept")):
        if asked.get(name):
            raise UsageError(f"--demo and --{name} exclude each other", why)
    profiles = Profiles(config_file())
    with suppress(
        UsageError
    ):  # of the file, only looks count, and no mistake in it keeps the demo from starting
        profiles, _ = read_with_mistakes(profiles.path)
    return replace(
        _common(asked, environ, profiles),
        profile="demo",
        workspace=asked.get("workspace"),
        read_only=arguments.read_only,
        protected=arguments.protected,
        refresh=arguments.refresh,
    )


def _sentence(mistake: object) -> str:
    """Return a mistake as a text that ends as a sentence does."""
    text = str(mistake)
    return text if text.endswith((".", "?")) else f"{text}."


def with_keys(settings: Settings, profiles: Profiles | None = None) -> Settings:
    """Return settings with the user's keys, or with the mistake in them.

    A mistake there keeps nobody from looking at an instance: the usual keys work, and a line on screen says why.

    Args:
        settings: those of the session.
        profiles: the file with the keys; None to read it, if it can be read.
    """
    if profiles is None:
        try:
            profiles, _ = read_with_mistakes(config_file())
        except UsageError as error:
            return replace(settings, key_problem=f"{_sentence(error)} The usual keys work.")
    if mistakes := profiles.keys.mistakes:
        others = f" {len(mistakes)} mistakes; wltui config check shows all." if mistakes[1:] else ""
        return replace(settings, key_problem=f"{_sentence(mistakes[0])}{others} The usual keys work.")
    return replace(settings, keys=profiles.keys.changed)


class _Picker:
    """Reads one setting after the other, and records the origin of each."""

    def __init__(self, profile: Profile | None, origins: dict[str, Origin]) -> None:
        self._profile, self._origins = profile, origins

    def pick(self, key: str, default: T, flag: T | None = None) -> T:
        """Return the flag's value, else the profile's, else the default."""
        if flag is not None:
            self._origins[key] = "--" + key.replace("_", "-")
            return flag
        value: T | None = getattr(self._profile, key) if self._profile else None
        if self._profile is None or value is None:
            self._origins[key] = DEFAULT
            return default
        self._origins[key] = partial(self._profile.where, key)
        return value


def _instance(
    asked: Mapping[str, Any], environ: Mapping[str, str], profiles: Profiles, origins: dict[str, Origin]
) -> tuple[Profile | None, str | None]:
    """Return the profile and the endpoint, None for the one that nothing names."""
    flag, variable = asked.get("endpoint"), environ.get("WALLAROO_URL", "").strip()
    given = normalise_endpoint(flag or variable) if flag or variable else None
    origins["endpoint"] = "--endpoint" if flag else "WALLAROO_URL"
    if named := asked.get("profile"):
        origins["profile"], profile = "--profile", profiles.find(named)
    else:
        variable_name = environ.get("WLTUI_PROFILE", "").strip()
        name = variable_name or profiles.default
        usual = profiles.find(name) if name else None
        rival = given if flag or not variable_name else None
        if usual is None or (rival and usual.endpoint not in (rival, None)):
            return None, given
        origins["profile"] = "WLTUI_PROFILE" if variable_name else f"default of {profiles.path}"
        profile = usual
    if profile.endpoint and not flag:
        origins["endpoint"] = partial(profile.where, "endpoint")
        return profile, profile.endpoint
    if given is None:
        raise UsageError(
            f"Profile {profile.name} of {profiles.path} has no endpoint", "",
            f'Add endpoint = "https://HOST" below [profiles.{profile.name}]',
        )  # fmt: skip
    return profile, given


def _login_command(profile: Profile | None, endpoint: str) -> str:
    """Return the command that signs in to this instance under any environment and default profile."""
    words = ["wltui", "login"]
    if profile:
        words += ["--profile", profile.name]
    if profile is None or profile.endpoint != endpoint:
        words += ["--endpoint", endpoint]
    return shlex.join(words)


def _source(environ: Mapping[str, str]) -> str:
    """Return the variable that has a token or a password; empty if none has a usable one."""
    try:
        return load_credentials(environ).source
    except UsageError:
        return ""


def _browser_url(environ: Mapping[str, str]) -> str:
    """Return the address of Keycloak for browsers, if it differs from the one for this host."""
    given = environ.get(BROWSER, "").strip()
    try:
        return normalise_endpoint(given) if given else ""
    except UsageError as error:
        raise UsageError(f"{BROWSER}: {error.what}", error.why, error.advice) from None


def check_files(profile: Profile) -> list[Mistake]:
    """Return a mistake for each file that a profile names and that does not exist."""
    named = {key: getattr(profile, key) for key in ("ca_bundle", "client_cert", "client_key")}
    return [
        Mistake(profile.path, profile.lines.get(key), f"{key} names {path}, which is no file", "")
        for key, path in named.items()
        if path and not path.is_file()
    ]


def _common(asked: Mapping[str, Any], environ: Mapping[str, str], profiles: Profiles) -> Settings:
    """Return settings with those that depend neither on the instance nor on the profile."""
    return Settings(
        endpoint="",
        toasts=not asked.get("no_toasts"),
        bell=not asked.get("no_bell"),
        notify=bool(asked.get("notify")),
        ascii=bool(asked.get("ascii")),
        mouse=profiles.mouse
        and "STY" not in environ,  # GNU screen holds a lone esc back while a mouse mode is on
        theme=find_asked(environ, profiles.theme, profiles.path.name),
        driver=asked.get("driver") or DRIVERS[0],
        request_timeout=request_timeout(environ),
        cache_bytes=cache_bytes(environ),
        cache_days=cache_days(environ),
    )
