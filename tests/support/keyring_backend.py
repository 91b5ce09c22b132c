"""A keyring for tests, on disk so that programs share it; ``PYTHON_KEYRING_BACKEND`` or a fixture chooses one."""

import json
import os
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked


class FileKeyring(KeyringBackend):
    """As safe as keyring recommends, so it says."""

    priority = 5

    @property
    def _path(self) -> Path:
        return Path(os.environ["TEST_KEYRING"])

    def _all(self) -> dict[str, str]:
        return json.loads(self._path.read_text()) if self._path.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._all().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        self._path.write_text(json.dumps(self._all() | {f"{service} {username}": password}))

    def delete_password(self, service: str, username: str) -> None:
        left = self._all()
        del left[f"{service} {username}"]
        self._path.write_text(json.dumps(left))


class PlainFile(FileKeyring):
    """One that protects nothing."""

    priority = 0.5  # type: ignore[assignment]


class Locked(FileKeyring):
    """One that nobody unlocks."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("Failed to unlock the collection!")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked("Failed to unlock the collection!")


class Odd(FileKeyring):
    """One that raises what no keyring should."""

    def get_password(self, service: str, username: str) -> str | None:
        raise ZeroDivisionError
