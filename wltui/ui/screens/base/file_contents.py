"""What a screen offers to write to a file, with what the user should know first."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from wltui.core.errors import WltuiError
from wltui.core.times import to_local
from wltui.service.answers import Answer
from wltui.service.file_content import FileContent, file_stem, table_content, text_content
from wltui.ui.text.format import age, clock_time, count

from .file_keys import FileKeys, MakeTable
from .freshness import failure_name


def table_file(
    screen: FileKeys[Any],
    words: Sequence[str],
    about: str,
    make: MakeTable,
    *,
    rows: int = 0,
    warnings: Sequence[str] = (),
    is_filtered: bool = False,
    usual: str = "csv",
) -> FileContent:
    """Return a table as the content of a file.

    Args:
        screen: The screen that shows it.
        words: Words for the file's name.
        about: The rows in words: ``34 problems``.
        make: Makes the table, in a thread.
        rows: Their number; 0 if there is but one record.
        warnings: Sentences on missing rows and old data.
        is_filtered: Whether only the rows that match a filter are among them.
        usual: The suffix of the usual format.
    """
    stem = file_stem(*words, day=to_local(screen.app.service.clock()))
    if rows or is_filtered:
        about += f", {'filtered and ' if is_filtered else ''}sorted as on screen, with all columns"
    return table_content(stem, about, make, rows=rows, warnings=warnings, usual=usual)


def text_file(
    screen: FileKeys[Any],
    words: Sequence[str],
    about: str,
    make: Callable[[], str],
    *,
    suffix: str,
    warnings: Sequence[str] = (),
) -> FileContent:
    """Return a text as the content of a file; the arguments are those of :func:`table_file`."""
    stem = file_stem(*words, day=to_local(screen.app.service.clock()))
    return text_content(stem, about, make, suffix=suffix, warnings=warnings)


def data_warnings(
    answer: Answer[Any],
    failure: WltuiError | None,
    now: datetime,
    gaps: tuple[int, str, bool] = (0, "", False),
    noun: str = "row",
) -> list[str]:
    """Return sentences on old data and missing rows, which a user should know before they write a file.

    Args:
        answer: The answer on screen.
        failure: Why the last read failed, or None if it did not.
        now: The time, in UTC.
        gaps: How many rows are missing, why, and whether rows are still to be read.
        noun: The kind of the rows.
    """
    missing, reason, is_unfinished = gaps
    found = []
    if missing:
        found.append(f"Not complete: {count(missing, noun)} could not be read: {reason}")
    elif is_unfinished:
        found.append(f"Not complete: {reason or 'not all of it has been read yet'}")
    if not answer.live:
        found.append(f"From the cache, as of {age(now - answer.as_of)} ago.")
    elif failure is not None:
        found.append(
            f"As of {clock_time(answer.as_of)}, since the last read failed: {failure_name(failure)}."
        )
    return found
