"""The content of a file: a table, or a text. It is fixed when the user asks for it, and made when it is written."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

from msgspec import Struct
from msgspec.structs import replace

from wltui.config.detail import VersionDetail, empty_row
from wltui.config.document import format_file
from wltui.config.edit import ConfigEdit

from .table import Progress, Table
from .table_files import Format, write_table

LONGEST_STEM = 60
"""Characters of a file's proposed name, without date and suffix."""
TABLES = tuple(format.value for format in Format)
"""The suffixes of a table's files."""


class FileContent(Struct, frozen=True):
    """The content of a file that the user may write."""

    name: str
    """A name for the file, without suffix."""
    about: str
    """A description: ``34 problems, filtered and sorted as on screen, with all columns``."""
    suffixes: Sequence[str]
    """The suffixes of the formats that it can be written in, the usual one first."""
    write: Callable[[str, BinaryIO, Progress], object]
    """Writes it in the format of a suffix. Called in a thread."""
    rows: int = 0
    """How many rows it has, for the progress; 0 for a text."""
    warnings: Sequence[str] = ()
    """Sentences for the user to read first: that records are missing, or that the data are old."""


def table_content(
    name: str,
    about: str,
    make: Callable[[], Table[Any]],
    *,
    rows: int = 0,
    warnings: Sequence[str] = (),
    usual: str = "csv",
) -> FileContent:
    """Return a table as the content of a file; ``make`` makes the table, in a thread."""

    def write(suffix: str, stream: BinaryIO, on_progress: Progress) -> None:
        write_table(make(), Format(suffix), stream, on_progress)

    return FileContent(
        name, about, (usual, *(each for each in TABLES if each != usual)), write, rows, warnings
    )


def text_content(
    name: str, about: str, make: Callable[[], str], *, suffix: str, warnings: Sequence[str] = ()
) -> FileContent:
    """Return a text as the content of a file; ``make`` makes the text, in a thread."""

    def write(_: str, stream: BinaryIO, on_progress: Progress) -> None:
        stream.write(make().encode())
        on_progress(0)

    return FileContent(name, about, (suffix,), write, warnings=warnings)


def with_config(content: FileContent, detail: VersionDetail) -> FileContent:
    """Return a version's content that may also be written as TOML: its config alone, for ``wltui config apply``."""
    version = detail.version

    def write(suffix: str, stream: BinaryIO, on_progress: Progress) -> None:
        if suffix != "toml":
            content.write(suffix, stream, on_progress)
            return
        edit = ConfigEdit(version.id, detail.config or empty_row(version.id))
        stream.write(format_file(edit, model_name=version.model_name).encode(errors="replace"))
        on_progress(0)

    return replace(content, suffixes=(*content.suffixes, "toml"), write=write)


def file_stem(*words: str, day: date | datetime) -> str:
    """Return a name for a file from words, which may be any text, and a day: ``versions-ccfraud-2026-11-29``."""
    plain = re.sub(r"[^\w.]+", "-", "-".join(words), flags=re.ASCII).strip("-.")[:LONGEST_STEM].strip("-.")
    return f"{plain or 'wltui'}-{day:%Y-%m-%d}"
