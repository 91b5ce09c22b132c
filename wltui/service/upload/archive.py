"""Read a zip that may be hostile: within bounds of memory and time, and never to disk.

Its list of entries is read only if it is of a usual size, and of its entries only small ones: reading one
ends at the size that is asked for, whatever its head claims.
"""

import errno
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import FileIO
from pathlib import Path

from msgspec import Struct

from .local_file import open_regular, unusable

_LONGEST_LIST = 4 << 20
"""Maximum bytes of the list of entries: at least 40,000 entries with names of 50 characters."""
_LONGEST_END = 1 << 17
"""Maximum bytes at the end of the file in which that list is looked for; zipfile reads half of it."""
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
"""Methods of packing whose memory is bounded. A few kB in another one may unpack to a GB at once."""
_ENCRYPTED = 0x1
_DAMAGE = (
    zipfile.BadZipFile, EOFError, NotImplementedError, OverflowError, RuntimeError, ValueError, struct.error,
    zlib.error,
)  # fmt: skip
"""Errors of zipfile for a file that is no zip, or a damaged one."""


class Entry(Struct, frozen=True):
    """A file in a zip. Its name is hostile text."""

    name: str
    size: int
    """Bytes when unpacked, as the zip claims."""
    packed: int
    """Bytes in the zip, likewise."""
    is_encrypted: bool
    is_link: bool
    offset: int


class Archive(Struct, frozen=True):
    """The list of a zip's entries, without its folders and the entries that macOS adds."""

    path: Path
    entries: tuple[Entry, ...] = ()
    top: str = ""
    """The only folder at the top, with a slash; empty if there are others, or files beside it."""
    files: dict[str, Entry] = {}
    """The entries by their path below ``top``; the last of several with one name."""
    has_leftovers: bool = False
    """Whether macOS added files of its own."""
    damage: str = ""
    """Why it is no zip; empty if it is one."""
    unread_reason: str = ""
    """Why its list was not read, though it may be a zip; empty if it was."""


def read_archive(path: Path) -> Archive:
    """Return the list of a zip's entries. It blocks: call it in a thread.

    Raises:
        UnusableFile: it can't be read, or is no regular file.
    """
    try:
        with _opened(path) as archive:
            listed = [_entry(info) for info in archive.infolist() if not info.filename.endswith("/")]
    except _ListTooLong:
        return Archive(path, unread_reason="its list of files is too long")
    except _DAMAGE as error:
        return Archive(path, damage=str(error) or type(error).__name__)
    entries = tuple(entry for entry in listed if not _is_leftover(entry.name))
    tops = {entry.name.partition("/")[0] for entry in entries}
    is_below = len(tops) == 1 and all("/" in entry.name for entry in entries)
    top = f"{tops.pop()}/" if is_below else ""
    files = {entry.name.removeprefix(top): entry for entry in entries}
    return Archive(path, entries, top, files, len(entries) < len(listed))


def read_entries(archive: Archive, longest: Mapping[str, int]) -> dict[str, bytes]:
    """Return the content of some files by their path below the top, without those that can't be read or are longer.

    Args:
        archive: The zip.
        longest: The most bytes of each file; files that the zip does not have are left out.

    Raises:
        UnusableFile: the zip can't be read any more.
    """
    wanted = {archive.files[name].offset: name for name in longest if name in archive.files}
    found: dict[str, bytes] = {}
    if not wanted:
        return found
    try:
        with _opened(archive.path) as opened:
            for info in opened.infolist():
                name = wanted.pop(info.header_offset, None)  # each once, however often it is listed
                if name is not None and (content := _content(opened, info, longest[name])) is not None:
                    found[name] = content
    except (*_DAMAGE, _ListTooLong):  # it was a zip a moment ago
        pass
    return found


def _is_leftover(name: str) -> bool:
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] == ".DS_Store"


def _entry(info: zipfile.ZipInfo) -> Entry:
    return Entry(
        info.filename,
        info.file_size,
        info.compress_size,
        bool(info.flag_bits & _ENCRYPTED),
        stat.S_ISLNK(info.external_attr >> 16),
        info.header_offset,
    )


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, longest: int) -> bytes | None:
    if info.compress_type not in _METHODS or info.flag_bits & _ENCRYPTED or info.file_size > longest:
        return None
    try:
        with archive.open(info) as file:
            return file.read(longest + 1)[:longest]
    except _DAMAGE:
        return None


class _ListTooLong(Exception):
    """The list of entries is longer than is read."""


class _Bounded:
    """A file of which no read is large: zipfile reads the list of entries at once, whatever size the zip claims."""

    def __init__(self, file: FileIO) -> None:
        self._file = file
        self.seek, self.tell, self.seekable = file.seek, file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > _LONGEST_LIST:
            raise _ListTooLong
        return self._file.read(size if size >= 0 else _LONGEST_END)


@contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    with open_regular(path) as file:
        try:
            with zipfile.ZipFile(_Bounded(file)) as archive:
                yield archive
        except OSError as error:
            if error.errno == errno.EINVAL:  # a place before the file's beginning
                raise zipfile.BadZipFile("it names places outside the file") from error
            raise unusable(path, error) from error
