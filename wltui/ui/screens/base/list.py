"""A screen with a table of records: filter, sort order, marks, and a text for an empty table."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.widget import Widget

from wltui.api.calls import Call
from wltui.core.records import Model, ModelVersion, Phase, VersionId, Workspace, missing_records, phase
from wltui.core.version_groups import VersionGroup
from wltui.service.deployments import PipelineRow
from wltui.service.raw import RawFinder, RawParts, raw_record, received
from wltui.service.service import Source
from wltui.ui.text.facts import Facts
from wltui.ui.text.format import could_not_be_read, count
from wltui.ui.text.spans import Role, Spans, clip
from wltui.ui.widgets.filter_bar import FilterBar
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.table.table import RecordTable

from .file_keys import FileKeys, MakeTable
from .filtered import FilteredFrame, is_filtering
from .live import LiveScreen, Result

if TYPE_CHECKING:
    from wltui.service.answers import Answer
    from wltui.service.file_content import FileContent
    from wltui.ui.text.copies import Copy

T = TypeVar("T")
R = TypeVar("R", Workspace, Model, ModelVersion, PipelineRow, VersionGroup)


MOST_COUNTED = 5_000
"""The most versions that are counted by status after each letter of a filter."""
CHANGED_SECONDS = 20.0
"""How long a changed cell is marked."""


class ListScreen(FileKeys[Result], FilteredFrame[Result], LiveScreen[T, Result], Generic[T, R, Result]):
    """A table of records of one kind. A subclass defines the columns, the key, and the records of an answer."""

    FOOTER: ClassVar[tuple[str, ...]] = (
        "filter.done", "filter.clear", "list.open", "list.filter", "copy.open", "list.sort", "frame.back", "live.raw",
        "live.refresh",
    )  # fmt: skip
    NOUN = "row"
    KEPT_AS: str
    """The name by which the order that the user chose is kept on disk: it stays, even if the class is renamed."""
    _counted: tuple[Sequence[object], Counter[Phase]] = ((), Counter())
    """The rows that were counted last, and the number of versions in each phase in them."""
    MARKS = False
    """Whether rows can be marked; a screen that uses marks sets it."""

    @abstractmethod
    def columns(self) -> Sequence[Column[R]]:
        """Return the table's columns."""

    @abstractmethod
    def records(self, value: T) -> Sequence[R]:
        """Return the rows in an answer's value."""

    @abstractmethod
    def open(self, record: R) -> None:
        """Open the screen of a record."""

    @abstractmethod
    def facts(self, record: R) -> Sequence[Facts]:
        """Return what a row knows, which the filter searches: of itself, and of each record below it.

        See :mod:`wltui.ui.text.record_facts`. When they change without the record, call ``table.filter_again()``.
        """

    @property
    def unsearched(self) -> int:
        """How many rows have versions that are not loaded, so that a filter does not find them."""
        return 0

    @property
    def nothing(self) -> str:
        """The text for a table without rows: the reason, and the key that helps."""
        return f"There are no {self.NOUN}s here. {self.key_of('live.refresh')} reads again."

    @property
    def is_as_at_start(self) -> bool:
        return super().is_as_at_start and self.is_untouched

    @property
    def is_untouched(self) -> bool:
        """Whether the table is as it was when the screen opened: sort order, filter, marks and cursor."""
        table = self.table
        usual = table.sort_column == self.SORT and not (table.filter or table.marked or table.has_changes)
        return usual and table.position <= 1 and not is_filtering(self)

    @property
    def key(self) -> Callable[[R], Hashable]:
        """A function that returns the identity of a record, by which its row is found after a refresh."""
        return attrgetter("id")

    def body(self) -> Iterable[Widget]:
        yield self.make_table()
        yield FilterBar()

    def make_table(self, id: str = "main") -> RecordTable[R]:
        """Return the table, empty until the first answer."""
        columns: Sequence[Column[R]] = self.columns()
        usual = self._usual_order(columns)
        sort, reverse = self.app.choices.order(self.KEPT_AS, usual)
        if sort not in (None, *(column.key for column in columns)):
            sort, reverse = usual
        return RecordTable(
            columns, self.key, glyphs=self.glyphs, sort=sort, reverse=reverse, marks=self.MARKS, facts=self.facts,
            clock=self.app.service.clock, usable=self.usable_cells, id=id,
        )  # fmt: skip

    def usable_cells(self, cells: int) -> int:
        """Return how many cells of a line the table's columns may take."""
        return cells

    def _usual_order(self, columns: Sequence[Column[R]]) -> tuple[str | None, bool]:
        return self.SORT, any(column.descending for column in columns if column.key == self.SORT)

    @property
    def row_count(self) -> str:
        if self.answer is None:
            return ""
        table = self.table
        return f"{table.total:,}" if table.shown == table.total else f"{table.shown:,}/{table.total:,}"

    def on_record_table_changed(self) -> None:
        self.show_titles()
        order = self.table.sort_column, self.table.sort_reverse
        self.app.choices.choose_order(self.KEPT_AS, order, self._usual_order(self.columns()))

    @property
    def table(self) -> "RecordTable[R]":
        """The table of records."""
        return self.query_one(RecordTable)

    @property
    def record(self) -> R | None:
        """The record under the cursor."""
        return self.table.record

    def show(self, value: T) -> None:
        complete = self.is_complete(value)
        self.table.show(self.records(value), news=complete and self._complete)
        self._complete = complete
        if self.table.has_changes and not self._unmarking:
            self._unmarking = True
            self.start(self._unmark_changes, group="read marks")

    _complete = True
    _unmarking = False
    """Whether a worker is removing signs of changes."""
    _unsent: frozenset[VersionId] = frozenset()
    """The versions with an unsent edit when the rows were drawn."""

    def unread(self, value: T) -> tuple[int, str]:
        """Return how many rows of an answer could not be read, and the reason for the first."""
        return missing_records(self.records(value))

    def problem(self, value: T) -> str | None:
        return could_not_be_read(*self.unread(value), self.NOUN)

    def is_complete(self, value: T) -> bool:
        """Return whether all cells have their values; a cell filled in later does not count as changed."""
        return True

    async def _unmark_changes(self) -> None:
        """Remove each sign of a change after a while, also in a list that never stops changing."""
        self.table.expire_changes()  # the present changes are new, and stay until the next call
        try:
            while self.table.has_changes:
                await self.app.wait(CHANGED_SECONDS)
                self.table.expire_changes()
        finally:
            self._unmarking = False

    def on_screen_suspend(self) -> None:
        self.table.forget_changes()

    def redraw(self) -> None:
        super().redraw()
        if self.is_mounted:
            self.table.placeholder = ((self._why_nothing(), Role.MUTED),)
            if self._unsent != self.app.saves.drafted:
                self._unsent = frozenset(self.app.saves.drafted)
                self.table.redraw()

    def _why_nothing(self) -> str:
        if self.answer is None:
            if not self.link.failure:
                return f"Loading {self.NOUN}s"
            return f"No {self.NOUN}s loaded, for the reason below. {self.key_of('live.refresh')} tries again."
        if not self.table.total and self.unread(self.answer.value)[0]:
            return f"No {self.NOUN} could be read. Press {self.key_of('live.raw')} for the JSON as received."
        if not self.table.total:
            return self.nothing if self.link.live else f"The cache holds no {self.NOUN}s; asking the instance"
        if not self.table.shown:
            text = self.shown(self.table.filter)
            found = f"None of {self.table.total:,} {self.NOUN}s matches {text!r}."
            if unsearched := self.unsearched:
                found += (
                    f" The versions of {count(unsearched, self.NOUN)} are not loaded yet, and not searched."
                )
            return f"{found} esc clears the filter."
        return ""

    def counts(self) -> Spans:
        """Return the cursor's position and the number of rows, for the status line.

        With a filter, the number of rows that match it comes between them.
        """
        total, shown, position = self.table.total, self.table.shown, self.table.position
        text = count(total, self.NOUN) if shown == total else f"{shown:,} of {count(total, self.NOUN)}"
        if position:
            text = f"{position:,} of {text}" if shown == total else f"{position:,}/{text}"
        marked = len(self.table.marked)
        text += f", {marked:,} marked" if marked else ""
        if self.table.filter and (unsearched := self.unsearched):
            return (text, Role.PLAIN), (f"  {unsearched:,} not searched yet", Role.WARNING)
        return ((text, Role.PLAIN),)

    def counted(self, versions_of: Callable[[R], Sequence[ModelVersion]]) -> Counter[Phase]:
        """Return the number of versions in each phase in the rows that the filter leaves; empty if they are too many.

        Args:
            versions_of: Returns the versions of a row.
        """
        if not self.table.filter:
            return self.phases
        rows = self.table.rows
        if rows is not self._counted[0]:
            found = [versions_of(row) for row in rows[:MOST_COUNTED]]
            if len(rows) > MOST_COUNTED or sum(map(len, found)) > MOST_COUNTED:
                found = []
            self._counted = rows, Counter(phase(version.status) for each in found for version in each)
        return self._counted[1]

    def status_spans(self) -> tuple[Spans, Spans]:
        left: Spans = self.counts() if self.answer else ()
        if left and (by := self.table.hidden_order):
            left = (*left, (f"   by {by}", Role.MUTED))
        if not self.table.filter or is_filtering(self):
            return left, ()
        text: Spans = ((f"/{self.shown(self.table.filter)}", Role.ACCENT),)
        return left, clip(text, self.app.size.width // 2, self.glyphs.ellipsis)

    # Actions

    def on_record_table_moved(self, event: "RecordTable.Moved[R]") -> None:
        self.show_status()

    def on_record_table_opened(self, event: "RecordTable.Opened[R]") -> None:
        self.open(event.record)

    def action_back(self) -> None:
        """Clear the filter, else the marks, else leave the screen."""
        if self.table.marked and not self.table.filter:
            self.table.clear_marks()
            self.redraw()
        else:
            super().action_back()

    def raw_finder(self) -> RawFinder:
        return self._finder([] if self.record is None else [self.record])

    def _finder(self, records: Sequence[R]) -> RawFinder:
        """Return a function that finds the JSON of records, or all of it if it has none of their own."""
        sources = self.sources

        def find() -> RawParts:
            found: list[tuple[Source, bytes]] = []
            for record in records:
                if not isinstance(record, VersionGroup) and (part := raw_record(sources, record)):
                    found.append(part)
            return found or received(sources)

        return find

    # Copying

    def copies(self) -> "list[Copy]":
        from wltui.ui.text.copies import json_copy

        copies = super().copies()
        if len(records := self.chosen) > 1:
            marked = json_copy(self.sources, self._finder(records), number=len(records))
            copies = [marked if copy.letter == marked.letter else copy for copy in copies]
        return copies

    def requests(self) -> Sequence[Call[object]]:
        from wltui.ui.text.copies import calls_of

        return calls_of(self.sources, getattr(self.record, "workspace_id", None))

    # Files

    def file_words(self) -> Sequence[str]:
        """Return words for the name of a file with this list."""
        return (f"{self.NOUN}s",)

    def file_records(self) -> Sequence[R]:
        """Return the records that a file would hold: those that match the filter, in the order on screen."""
        return tuple(self.table.rows)

    def file_table(self, answer: "Answer[Sequence[R]]") -> MakeTable:
        """Return a function that makes a table of records."""
        raise NotImplementedError

    def gaps(self, value: T) -> tuple[int, str, bool]:
        """Return how many rows of an answer are missing, why, and whether rows are still to be read."""
        return (*self.unread(value), False)

    def file_content(self) -> "FileContent | None":
        from wltui.service.tables import with_gaps

        from .file_contents import data_warnings, table_file

        if (answer := self.answer) is None:
            return None
        gaps, records = self.gaps(answer.value), self.file_records()
        make = self.file_table(answer.of(records))
        warnings = data_warnings(answer, self.link.failure, self.app.service.clock(), gaps, self.NOUN)
        if self.table.filter and (unsearched := self.unsearched):
            warnings.append(
                f"The versions of {count(unsearched, self.NOUN)} were not loaded, so not searched."
            )
        return table_file(
            self, self.file_words(), count(len(records), self.NOUN), lambda: with_gaps(make(), *gaps),
            rows=len(records), warnings=warnings, is_filtered=bool(self.table.filter),
        )  # fmt: skip
