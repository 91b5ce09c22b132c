"""Write what is on screen to a file: its path, its format, and the progress."""

import asyncio
import os
import threading
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path, PurePath

from msgspec import Struct
from textual.binding import Binding
from textual.widget import Widget

from wltui.core.errors import FileNotWritten, WltuiError
from wltui.core.home_paths import UnknownHome
from wltui.core.threads import run_in_thread, start_in_thread
from wltui.service.file_content import FileContent
from wltui.store.user_files import Existing, find_existing, write_file
from wltui.ui.screens.base.path_frame import PathFrame, asked
from wltui.ui.screens.confirm import ConfirmScreen
from wltui.ui.text.format import count, size
from wltui.ui.text.shell_path import find_path
from wltui.ui.text.spans import Role, Spans, wrap
from wltui.ui.widgets.choice import Choice
from wltui.ui.widgets.pager import Pager
from wltui.ui.widgets.text_field import TextField

FORMATS = {
    "csv": ("CSV", "for spreadsheets; a text that they would run as a formula begins with '."),
    "tsv": ("TSV", "columns between tabs, without quotes, for cut and awk."),
    "json": ("JSON", "exact texts; null differs from unknown, and it says how old and how complete it is."),
    "jsonl": ("JSONL", "JSON Lines: as JSON, a row a line."),
    "arrow": ("Arrow", "typed columns, for pandas, Polars and DuckDB (Feather 2)."),
    "parquet": ("Parquet", "typed columns, compressed, for the same and for Spark."),
    "toml": ("TOML", "the config as wltui config apply takes it."),
    "txt": ("Text", "lines."),
}
"""The name of each format, and what it is good for."""
HOW = (
    "The path is on the computer that runs wltui, as you type it or copy it from a shell: ~ is your home, and {key} "
    "completes it."
)
CHOICE = " Its suffix chooses the format, or you do in the row below."
CLOSING_SECONDS = 1.0
"""How long the end of the program waits for the disk."""
LOOK_SECONDS = 0.1
"""Seconds between two looks at the progress."""


class Place(Struct, frozen=True):
    """A path as typed, and what is there."""

    path: Path
    existing: Existing | None = None
    trouble: FileNotWritten | None = None


class Cancelled(Exception):
    """The user has cancelled the writing."""


class WriteFileScreen(PathFrame[str | None]):
    """Returns a sentence on the file that was written, or None."""

    IN_HAND = "write the file first, or press esc"
    FOOTER = ("file.put", "path.complete", "choice.next", "frame.back")
    BINDINGS = [
        Binding("enter", "put", "Write", id="file.put", tooltip="write the file", priority=True),
        Binding("escape", "back", "Cancel", id="frame.back", tooltip="write nothing; also while it is being written"),
    ]  # fmt: skip

    def __init__(self, content: FileContent) -> None:
        super().__init__()
        self._content = content
        self._place: Place | None = None
        """What is at the path in the box, once the disk has answered."""
        self._cancel = threading.Event()
        self._result: tuple[str | None] | None = None
        """The result to leave with when the screen in front is left."""
        self._writing: asyncio.Future[int] | None = None
        """The last writing, under way or ended, with the bytes of the file."""
        self._rows: int | None = None
        """How many rows are written; None while nothing is being written."""

    @property
    def crumb(self) -> Spans:
        return (("To a file", Role.PLAIN),)

    @property
    def choice(self) -> Choice:
        """The line of formats."""
        return self.query_one(Choice)

    def body(self) -> Iterable[Widget]:
        yield self.path_row()
        options = [(suffix, FORMATS[suffix][0]) for suffix in self._content.suffixes]
        yield asked("Format", Choice(options, glyphs=self.glyphs, id="format"))
        pager = Pager(self._lines, id="about")
        pager.can_focus = False
        yield pager

    def on_mount(self) -> None:
        self.box.begin(f"{self._content.name}.{self._content.suffixes[0]}")
        self.choice.can_focus = len(self._content.suffixes) > 1
        self._look()

    # What is shown

    def _lines(self, cells: int) -> Sequence[Spans]:
        lines = wrap(((f"{self._content.about}.", Role.PLAIN),), cells)
        for warning in self._content.warnings:
            lines += wrap(((self.shown(warning), Role.WARNING),), cells)
        title, use = FORMATS[self.choice.value]
        has_choice = len(self._content.suffixes) > 1
        if has_choice:
            lines += [(), *wrap(((f"{title}: ", Role.BOLD), (use, Role.PLAIN)), cells)]
        lines.append(())
        if (place := self._place) is not None:
            lines += wrap(self._place_spans(place), cells)
        how = HOW.format(key=self.key_of("path.complete")) + (CHOICE if has_choice else "")
        return [*lines, *wrap(((how, Role.MUTED),), cells)]

    def _place_spans(self, place: Place) -> Spans:
        if place.trouble is not None:
            return ((self.shown(str(place.trouble).rstrip(".") + "."), Role.WARNING),)
        where: Spans = ((f"To {self.shown(str(place.path))}", Role.PLAIN),)
        return (*where, (", which exists: you are asked first.", Role.WARNING)) if place.existing else where

    def status_spans(self) -> tuple[Spans, Spans]:
        if self._rows is None:
            return (), ()
        if self._cancel.is_set():
            return (("Cancelling", Role.WARNING),), ()
        of = f" {self._rows:,} of {count(self._content.rows, 'row')}" if self._content.rows else ""
        return ((f"Writing{of}. esc cancels.", Role.PLAIN),), ()

    def on_text_area_changed(self, event: TextField.Changed) -> None:
        """Choose the format of the suffix that was typed, and look what is at the path."""
        suffix = PurePath(self.box.text.strip()).suffix[1:].lower()
        self.choice.choose(suffix)
        self._look()

    def on_choice_changed(self, event: Choice.Changed) -> None:
        """Give the path the suffix of the chosen format, in place of that of another one."""
        text = self.box.text.rstrip()
        stem, dot, suffix = text.rpartition(".")
        known = dot and suffix.lower() in FORMATS
        self.box.type_anew(f"{stem if known else text}.{event.value}")

    def _look(self) -> None:
        self.start(partial(self._look_at, self.box.text), group="look")

    async def _look_at(self, text: str) -> None:
        place = await run_in_thread(find_place, text) if text.strip() else None
        if text == self.box.text:
            self._place = place
            self.query_one("#about", Pager).show(self._lines)

    # Writing

    def action_put(self) -> None:
        """Write the file, after a question if there is one of that name."""
        if self._rows is None and self.box.text.strip():
            self.start(partial(self._put, self.box.text), group="put")

    async def _put(self, text: str) -> None:
        self.notice(None)
        place = await run_in_thread(find_place, text)
        if place.trouble is not None:
            self.notice(place.trouble)
        elif place.existing is None:
            await self._write(place)
        else:
            self._ask(place, place.existing)

    def _ask(self, place: Place, existing: Existing) -> None:
        if self.app.screen is not self:
            return  # help is in front; the user may press enter again later
        lines: list[Spans] = [
            ((f"There is a file of {size(existing.size)}: {self.shown(str(place.path))}", Role.PLAIN),),
            (("Its content is lost if you replace it.", Role.PLAIN),),
        ]

        def answered(replace: bool | None) -> None:
            if replace:
                self.start(partial(self._write, place), group="put")

        question = ConfirmScreen("Replace it?", lines, keep="Keep it", go="Replace it")
        self.app.push_screen(question, answered)

    async def _write(self, place: Place) -> None:
        self._rows = 0
        fill = partial(self._content.write, self.choice.value)
        writing = start_in_thread(
            write_file, place.path, lambda stream: fill(stream, self._check), replaces=place.existing,
            on_written=self._check,
        )  # fmt: skip
        done = self._writing = asyncio.wrap_future(writing)
        done.add_done_callback(lambda _: done.exception())  # also if nobody waits for it any more
        while not done.done():
            self.show_status()
            await asyncio.wait({done}, timeout=LOOK_SECONDS)
        self._rows = None
        try:
            written = done.result()
        except Cancelled:
            self._leave(None)
        except WltuiError as error:
            if self._cancel.is_set():  # nothing of the file is left, as the user wants it
                self._leave(None)
            else:
                self.notice(error)
                self.show_status()
        else:
            rows = f"{count(self._content.rows, 'row')}, " if self._content.rows else ""
            self._leave(f"Wrote {rows}{size(written)} to {place.path}.")

    def _leave(self, result: str | None) -> None:
        """Leave with a result, as soon as nothing is in front."""
        if self.app.screen is self:
            self.dismiss(result)
        else:
            self._result = (result,)

    def on_screen_resume(self) -> None:
        if self._result is not None:
            self.call_later(self._leave, *self._result)

    def _check(self, rows: int | None = None) -> None:
        """Note the progress; end the writing if the user has cancelled it. Called in the thread that writes."""
        if rows is not None:
            self._rows = rows
        if self._cancel.is_set():
            raise Cancelled

    def leave(self) -> None:
        """Leave; if the file is being written, cancel that first, and leave without it the second time."""
        if self._rows is None or self._cancel.is_set():
            self._cancel.set()
            self.dismiss(None)
        else:
            self._cancel.set()
            self.show_status()

    async def on_unmount(self) -> None:
        """Cancel the writing if the program ends, and give it the time to remove its part of the file."""
        self._cancel.set()
        if self._writing is not None:
            await asyncio.wait({self._writing}, timeout=CLOSING_SECONDS)


def find_place(text: str) -> Place:
    """Return the path that a text names, and what is there. Reads the disk."""
    try:
        path = Path(os.path.abspath(find_path(text.strip(), os.environ)))
    except UnknownHome as error:
        trouble = FileNotWritten(f"{text} can't be written", str(error), "Type the whole path.")
        return Place(Path(text), trouble=trouble)
    try:
        if text.rstrip().endswith("/") and not path.is_dir():
            advice = "Make it first, or choose another name."
            raise FileNotWritten(f"{path}/ can't be written", "there is no such folder", advice)
        return Place(path, find_existing(path))
    except FileNotWritten as error:
        return Place(path, trouble=error)
