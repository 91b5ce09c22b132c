"""Read profiles: the instances that the user has named in a TOML file, which this program never writes."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from wltui.core.errors import UsageError
from wltui.core.folders import config_folder
from wltui.core.records import WorkspaceId
from wltui.core.settings import Secret
from wltui.core.themes import NAMES, suggest
from wltui.store.file_errors import unreadable
from wltui.store.private_files import check_folder, read_private

from .profile_keys import ABOVE, FILE_KEYS, KEYS

if TYPE_CHECKING:
    from wltui.config.syntax.toml_text import Place

LARGEST = 1 << 18
"""Bytes of the file."""
MOST_DOTS = 500
"""On one of its lines: the parser takes minutes for a key of ten thousand parts."""


class Lines(Mapping[str, int]):
    """The line of each key of a profile, from 1; looked for when one is first asked for, as most starts need none."""

    def __init__(self, file: "_Text", above: tuple[str, ...], keys: Iterable[str]) -> None:
        self._file, self._above, self._keys = file, above, tuple(keys)

    def __getitem__(self, key: str) -> int:
        if key not in self._keys or (line := self._file.line((*self._above, key))) is None:
            raise KeyError(key)
        return line

    def __iter__(self) -> Iterator[str]:
        return iter(self._keys)

    def __len__(self) -> int:
        return len(self._keys)


class _Text:
    """The text of a file, and on which line each setting in it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def line(self, keys: tuple[str, ...]) -> int | None:
        """Return the line on which the setting under these keys begins, or None if it can't be found."""
        place = self._places.get(keys)
        return place.line if place else None

    @cached_property
    def _places(self) -> "Mapping[tuple[str, ...], Place]":
        from wltui.config.syntax.toml_text import find_places

        return find_places(self._text)


class Profile(Struct, frozen=True):
    """One ``[profiles.NAME]``; None stands for a key that it lacks."""

    name: str
    path: Path
    lines: Mapping[str, int]
    """The line of each key that it has."""
    endpoint: str | None = None
    workspace: WorkspaceId | None = None
    refresh: float | None = None
    read_only: bool | None = None
    protected: bool | None = None
    colour: str | None = None
    """One of :data:`~wltui.cli.profile_keys.COLOURS`, or ``#rrggbb``."""
    ca_bundle: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    proxy: Secret | None = None
    verify: bool | None = None
    realm: str | None = None
    client: str | None = None
    auth_url: str | None = None
    token_command: tuple[str, ...] | None = None
    keyring: bool | None = None
    graphql: bool | None = None

    def where(self, key: str) -> str:
        """Return the place of a key in words, such as ``profile prod, line 4``."""
        line = f", line {self.lines[key]}" if key in self.lines else ""
        return f"profile {self.name}{line}"


class Mistake(UsageError):
    """A mistake at a place of the file."""

    def __init__(self, path: Path, line: int | None, what: str, advice: str) -> None:
        super().__init__(f"{path}{f', line {line}' if line else ''}: {what}", "", advice)
        self.line = line
        """From 1; None if it can't be found."""
        self.words = what


class UserKeys:
    """The keys of actions that the file sets; checked when they are first asked for, as commands need none."""

    def __init__(
        self, table: object = None, mistake: Callable[[tuple[str, ...], str, str], Mistake] | None = None
    ) -> None:
        """
        Args:
            table: ``[keys]`` of the file; None if it has none.
            mistake: Makes a mistake of a place in the file, its words, and advice.
        """
        self._table, self._mistake = table, mistake

    @property
    def changed(self) -> Mapping[str, str]:
        """The keys of each action that has other ones, with commas between; those of mistakes are left out."""
        return self._read[0]

    @property
    def mistakes(self) -> Sequence[Mistake]:
        """The mistakes in them, in the order of the file."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[Mapping[str, str], Sequence[Mistake]]:
        if self._table is None or self._mistake is None:
            return {}, ()
        if not isinstance(self._table, Mapping):
            return {}, (
                self._mistake(("keys",), "keys is no table", 'Write [keys], and below it "list.sort" = "f2"'),
            )
        from .key_settings import read_keys

        changed, found = read_keys(self._table)
        return changed, [self._mistake(("keys", *wrong.place), wrong.what, wrong.advice) for wrong in found]


class Profiles(Struct, frozen=True):
    """The content of the file; a missing file has none."""

    path: Path
    default: str | None = None
    """One of the names."""
    all: Mapping[str, Profile] | None = None
    wrong_default: Mistake | None = None
    """The error in the file's default; it matters only if nothing else names an instance."""
    keys: UserKeys = UserKeys()
    theme: str = ""
    """One of :data:`wltui.core.themes.NAMES`, or empty."""
    mouse: bool = True
    """Whether clicks and the wheel do anything."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names in the order of the file."""
        return tuple(self.all or ())

    def find(self, name: str) -> Profile:
        """Return the profile of a name.

        Raises:
            UsageError: there is none; the error names the nearest one.
        """
        if self.all and name in self.all:
            return self.all[name]
        if not self.all:
            advice = f"Write [profiles.{name}] with an endpoint there"
            raise UsageError(f"There is no profile {name!r}", f"{self.path} has none", advice)
        raise UsageError(f"There is no profile {name!r} in {self.path}", "", _meant(name, self.all))


def config_file() -> Path:
    """Return the file of the profiles; it may not exist."""
    return config_folder() / "config.toml"


def read_profiles(path: Path) -> Profiles:
    """Return the profiles in a file, with every value checked, but not whether the files that they name exist.

    Raises:
        UsageError: the file can't be read, or holds a mistake; the error names the line and the nearest valid key.
    """
    profiles, mistakes = read_with_mistakes(path)
    if mistakes:
        raise mistakes[0]
    return profiles


def read_with_mistakes(path: Path, *, is_used: bool = True) -> tuple[Profiles, Sequence[Mistake]]:
    """Return the profiles in a file, and each mistake, which they lack.

    A wrong default is not among the mistakes, nor a wrong key, as ``Profiles`` has them.

    Args:
        path: The file.
        is_used: Whether its settings are used. Then it may be missing, and nobody else may be able to change it.

    Raises:
        UsageError: the file can't be read, or is not valid TOML.
    """
    try:
        if is_used:
            check_folder(path.parent, own=False)
            text = read_private(path, largest=LARGEST).decode()
        else:
            from .named_file import read_named_file

            text = read_named_file(str(path), LARGEST).decode()
    except FileNotFoundError:
        return Profiles(path), ()
    except OSError as error:
        raise unreadable(str(path), error) from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} can't be read", "it is not in UTF-8", "Save it as UTF-8") from None
    import tomllib  # most starts have no such file

    for number, line in enumerate(text.splitlines(), 1):
        if line.count(".") > MOST_DOTS:
            raise UsageError(
                f"{path} is not valid TOML", f"too many dots (at line {number})", "Correct that line"
            )
    try:
        tables = tomllib.loads(text.removeprefix("\ufeff"))
    except (
        ValueError,
        RecursionError,
    ) as error:  # not only tomllib's own: Python reads no number of 5,000 digits
        raise UsageError(f"{path} is not valid TOML", str(error), "Correct that line") from None
    reader = _Reader(path, text)
    return reader.read(tables), reader.mistakes


class _Reader:
    """Checks one file, and collects each mistake with its line."""

    def __init__(self, path: Path, text: str) -> None:
        self._path, self._text = path, _Text(text)
        self.mistakes: list[Mistake] = []

    def read(self, tables: Mapping[str, object]) -> Profiles:
        self._known(tables, FILE_KEYS, "at its top", ())
        named = tables.get("profiles", {})
        if not isinstance(named, dict):
            self._wrong(("profiles",), "profiles is no table", "Write [profiles.NAME]")
            named = {}
        profiles = {name: self._profile(name, values) for name, values in named.items()}
        keys = UserKeys(tables.get("keys"), self._mistake)
        theme = self._theme(tables.get("theme"))
        mouse = tables.get("mouse", True)
        if not isinstance(mouse, bool):
            self._wrong(("mouse",), "mouse is neither true nor false", "Write mouse = false")
            mouse = True
        default = tables.get("default")
        if default is None or (isinstance(default, str) and default in profiles):
            return Profiles(self._path, default, profiles, keys=keys, theme=theme, mouse=mouse)
        if isinstance(default, str):
            wrong = self._mistake(
                ("default",), f"default is {default!r}, which is no profile", _meant(default, profiles)
            )
        else:
            wrong = self._mistake(("default",), "default is not the name of a profile", _meant("", profiles))
        return Profiles(self._path, None, profiles, wrong, keys, theme, mouse)

    def _theme(self, name: object) -> str:
        if name is None or (isinstance(name, str) and name in NAMES):
            return name or ""
        if isinstance(name, str):
            self._wrong(("theme",), f"theme is {name!r}, which does not exist", suggest([name]))
        else:
            self._wrong(("theme",), "theme is not the name of a theme", suggest([]))
        return ""

    def _profile(self, name: str, values: object) -> Profile:
        place = ("profiles", name)
        if not isinstance(values, dict):
            self._wrong(place, f"{name} is no table of settings", f"Write [profiles.{name}]")
            values = {}
        if not name.strip() or not name.isprintable():
            self._wrong(place, f"{name!r} is no name of a profile", "Use letters, digits and -")
        self._known(values, KEYS, f"in [profiles.{name}]", place)
        read: dict[str, Any] = {}
        for key in [key for key in values if key in KEYS]:
            try:
                read[key] = KEYS[key].parse(values[key])
            except ValueError as error:
                self._wrong((*place, key), f"{key} is {error}", "")
            except UsageError as error:
                self._wrong((*place, key), f"{key}: {error.what}", error.advice)
            if isinstance(read.get(key), Path):
                read[key] = self._path.parent / read[key]
        if "client_key" in values and "client_cert" not in values:
            self._wrong((*place, "client_key"), "client_key stands without client_cert", "Add client_cert")
        return Profile(name, self._path, Lines(self._text, place, values), **read)

    def _known(
        self, values: Mapping[str, object], keys: Iterable[str], where: str, above: tuple[str, ...]
    ) -> None:
        for key in values:
            if key not in keys:
                advice = _elsewhere(key, is_in_profile=bool(above)) or _meant(key, keys)
                self._wrong((*above, key), f"there is no {key!r} {where}", advice)

    def _wrong(self, keys: tuple[str, ...], what: str, advice: str) -> None:
        self.mistakes.append(self._mistake(keys, what, advice))

    def _mistake(self, keys: tuple[str, ...], what: str, advice: str) -> Mistake:
        return Mistake(self._path, self._text.line(keys), what, advice)


def _elsewhere(key: str, *, is_in_profile: bool) -> str:
    """Return advice for a key that belongs to another part of the file, or an empty string."""
    if not is_in_profile:
        return "It is of one profile: write it below [profiles.NAME]" if key in KEYS else ""
    if key == "keys":
        return "Keys are for the whole file: write [keys]"
    return ABOVE if key in FILE_KEYS else ""


def _meant(word: str, known: Iterable[str]) -> str:
    """Return advice for a word that is none of those known."""
    known = list(known)
    if not known:
        return "There is none"
    if near := difflib.get_close_matches(word.lower().replace("-", "_"), known, n=1, cutoff=0.5):
        return f"Did you mean {near[0]}?"
    return f"There is {', '.join(known)}"
