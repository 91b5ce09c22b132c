"""Offer the profiles as instances that the user can switch to inside the app."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from wltui.auth.identity import identify
from wltui.core.errors import UsageError
from wltui.ui.instances import Instance

from .profile_file import Profile, Profiles, config_file, read_profiles
from .resolve import choose


class NamedInstances:
    """Each profile as ``--profile`` would open it now, with the other flags that wltui was started with.

    Flags that name a place do not count: ``--workspace``, and ``--endpoint`` if the profile has one. Token and password
    of the environment do not count either: they are for the instance that wltui was started for.
    """

    def __init__(
        self,
        arguments: argparse.Namespace,
        environ: Mapping[str, str],
        state_dir: Path,
        *,
        start: str,
        ascii: bool = False,
    ) -> None:
        """``start`` is the endpoint that wltui was started for."""
        self._start = start
        self._asked = vars(arguments)
        self._environ = environ
        self._state_dir = state_dir
        self._ascii = ascii

    @property
    def path(self) -> Path:
        """The file of the profiles."""
        return config_file()

    def all(self) -> Sequence[Instance]:
        """Every profile in the file as it is now.

        Raises:
            UsageError: there is a mistake in the file.
        """
        profiles = read_profiles(self.path)
        return [self._instance(profile, profiles) for profile in (profiles.all or {}).values()]

    def _instance(self, profile: Profile, profiles: Profiles) -> Instance:
        endpoint = None if profile.endpoint else self._asked.get("endpoint")
        asked = {**self._asked, "profile": profile.name, "endpoint": endpoint, "workspace": None}
        try:
            chosen = choose(argparse.Namespace(**asked), self._environ, profiles, start=self._start)
            settings = replace(chosen.settings, ascii=self._ascii)
            user = identify(settings, None, self._state_dir)
        except UsageError as error:
            return Instance(profile.name, None, trouble=str(error))
        return Instance(profile.name, settings, f"by {settings.source}" if settings.source else user.name)
