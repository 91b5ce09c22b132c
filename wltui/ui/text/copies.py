"""What can be copied of what is on screen: each with the letter of the menu, and the text that is copied."""

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from wltui.api.calls import Call
from wltui.core.records import Model, ModelVersion, Workspace, WorkspaceId
from wltui.core.settings import Settings
from wltui.core.terminal_text import split_lines
from wltui.core.version_groups import GroupBy, VersionGroup
from wltui.service.deployments import PipelineRow
from wltui.service.raw import RawFinder, in_a_line, pretty
from wltui.service.service import Source

from .format import count
from .spans import visible

if TYPE_CHECKING:  # it is imported when the menu is opened
    from wltui.api.snippets import Target

PREVIEW = 200
"""The most characters of a text that the menu needs."""
FEW = 4
"""The most responses of which the menu shows a beginning."""
MOST_REQUESTS = 12
"""The most requests that are copied together; a comparison of two versions has 10."""
LINES = 20
"""The most lines of a text that the menu shows one after the other."""
_CONTROL = re.compile("[\u0000-\u001f\u007f-\u009f]")

Maker = Callable[[Call[object], "Target"], str | None]
"""Writes a request as a program."""
Copied = Workspace | Model | ModelVersion | PipelineRow | VersionGroup
"""A record with values to copy."""


class Copy(Struct, frozen=True):
    """An entry of the menu."""

    letter: str
    title: str
    """What it is: ``image path``."""
    make: Callable[[], str]
    """Return the text; empty if there is none after all."""
    preview: str = ""
    """The beginning of the text, or its description."""
    number: int = 1
    """How many records it is of."""
    is_slow: bool = False
    """Whether ``make`` belongs in a thread."""
    is_request: bool = False
    """Whether it is the request of the screen."""
    is_value: bool = False
    """Whether it is one value, without blanks as a rule."""
    lacks: str = ""
    """What it leaves out: ``188 other requests``."""

    @property
    def what(self) -> str:
        """Return its title, with the number of records if there are several."""
        return self.title if self.number == 1 else f"{self.title} of {self.number:,}"


def text_copy(letter: str, title: str, text: str, *, preview: str = "", number: int = 1) -> Copy:
    """Return an entry for a text that is known; it need not be safe to show."""
    return Copy(letter, title, lambda: text, preview or _in_a_line(text), number)


def _in_a_line(text: str) -> str:
    """Return the beginning of a text, safe to show."""
    return visible(" ".join(text[: 2 * PREVIEW].split())[:PREVIEW])


def value_copies(records: Sequence[Copied]) -> list[Copy]:
    """Return the entries for the values of records: those that any of them has, a line for each record.

    Control characters become visible: a terminal or a shell would act on them where the text is pasted.
    """
    found: dict[str, tuple[str, list[str]]] = {}
    for record in records:
        for letter, title, value in _values(record):
            found.setdefault(letter, (title, []))[1].append(without_control(value or ""))
    if len(records) == 1 and isinstance(records[0], ModelVersion) and (why := records[0].error_summary):
        found["e"] = "reason", [without_control(line) for line in split_lines(why)]
    return [
        Copy(letter, title, partial("\n".join, values), visible(", ".join(values[:LINES])[:PREVIEW]), len(records),
             is_value=letter != "e")
        for letter, (title, values) in found.items()
        if any(values)
    ]  # fmt: skip


def without_control(text: str) -> str:
    """Return ``text`` with control characters made visible, and all others as they are."""
    return _CONTROL.sub(lambda match: visible(match[0]), text)


def _values(record: Copied) -> Sequence[tuple[str, str, str | None]]:
    """Return letter, title and text of each value of a record."""
    match record:
        case ModelVersion():
            return (
                ("i", "id", str(record.id)),
                ("u", "UUID", record.uuid),
                ("h", "SHA", record.sha),
                ("m", "image path", record.image_path),
                ("n", "name", record.model_name),
                ("e", "reason", record.error_summary and " ".join(split_lines(record.error_summary))),
            )
        case PipelineRow():
            pipeline = record.pipeline
            return (
                ("i", "id", str(record.id)),
                ("u", "UUID", pipeline.version),
                ("n", "name", pipeline.name),
            )
        case VersionGroup():
            is_image = record.by is GroupBy.IMAGE
            path = next((each.image_path for each in record.versions), None) if is_image else None
            return (("m", "image path", path), ("n", "name", record.name))
    return (("i", "id", str(record.id)), ("n", "name", record.name))


def row_copy(rows: Sequence[Sequence[str]]) -> Copy:
    """Return the entry for rows: all columns as they are seen, separated by tabs."""
    lines = ["\t".join(visible(cell).strip() for cell in row) for row in rows]
    preview = "  ".join(filter(None, lines[0].split("\t"))) if lines else ""
    return text_copy("r", "row", "\n".join(lines), preview=preview, number=len(lines))


def json_copy(sources: Sequence[Source], find: RawFinder, *, number: int = 1) -> Copy:
    """Return the entry for JSON as it was received: indented, or of several records a line each."""
    is_slow = number > 1 or len(sources) > FEW or any(source.is_large for source in sources)

    def text() -> str:
        form = pretty if number == 1 else in_a_line
        return "\n".join(form(body) for _, body in find())

    preview = "as received"
    if not is_slow and (found := find()):
        preview = _in_a_line(found[0][1][: 2 * PREVIEW].decode(errors="replace"))
    return Copy("j", "JSON", text, preview, number, is_slow)


def calls_of(sources: Sequence[Source], workspace: WorkspaceId | None = None) -> Sequence[Call[object]]:
    """Return the requests of responses, each once; those of one workspace, if there are some for it."""
    calls = {source.call.key: source.call for source in sources}
    of_it = [
        call
        for call in calls.values()
        if workspace is not None and call.body.get("workspace_id") == workspace
    ]
    return of_it or [*calls.values()]


def request_copies(requests: Sequence[Call[object]], settings: Settings) -> list[Copy]:
    """Return the entries for requests as programs of another, one after the other; of many, only the first."""
    if not requests:
        return []
    from wltui.api import snippets
    from wltui.api.sdk_calls import sdk_call

    def entry(letter: str, title: str, maker: Maker, calls: Sequence[Call[object]]) -> Copy:
        calls = calls[:MOST_REQUESTS]
        left_out = len(requests) - len(calls)
        lacks = count(left_out, "other request") if left_out else ""

        def text() -> str:
            target = snippets.target_of(settings)
            programs = [program for call in calls if (program := maker(call, target))]
            return "\n".join(programs).rstrip("\n")  # else a shell runs it when pasted

        return Copy(letter, title, text, preview, is_request=True, lacks=lacks)

    preview = requests[0].url("") + (f" and {len(requests) - 1:,} more" if len(requests) > 1 else "")
    in_sdk = [
        call for call in requests if sdk_call((call.path, *call.alternatives))
    ]  # it has none for GraphQL
    return [
        entry("c", "curl", snippets.curl, requests),
        entry("p", "Python requests", snippets.requests, requests),
        *([entry("k", "SDK code", snippets.sdk, in_sdk)] if in_sdk else []),
    ]
