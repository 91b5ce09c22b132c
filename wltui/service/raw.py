"""The part of a response that one record was made from, as the API sent it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

import msgspec
from msgspec import Raw, Struct

from wltui.api.repair import repair
from wltui.core.records import Model, ModelVersion, Workspace

from .deployments import PipelineRow
from .service import Source

T = TypeVar("T")
Part = bytes | Raw
LONGEST, WIDEST = 20_000, 20_000
"""Maximum lines shown, and characters per line; the answer's size shows that there is more."""
RawParts = Sequence[tuple[Source, bytes]]
"""Responses, each with the JSON in it that is shown."""
RawFinder = Callable[[], RawParts]
LOST = b"The file that holds this response could not be read. Press r to read the response again."
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class RawText(Struct, frozen=True):
    """A response, or a part of one, as lines of text."""

    path: str
    size: int
    """Bytes as received."""
    lines: tuple[str, ...]
    body: bytes = b""
    """As received, all of it."""


def received(sources: Iterable[Source]) -> RawParts:
    """Return responses as they were received."""
    return [(source, _body(source)) for source in sources]


def _body(source: Source) -> bytes:
    """Return a response as received, or a sentence if the file that holds a large one can't be read any more."""
    try:
        return source.body
    except ValueError:
        return LOST


def raw_texts(parts: RawParts) -> list[RawText]:
    """Return JSON in lines, no more than can be shown. Slow for large answers: call it in a thread then."""
    return [RawText(source.path, len(body), _lines(pretty(body)), body) for source, body in parts]


def raw_document(texts: Sequence[RawText]) -> str:
    """Return JSON as received, for a file: invisible characters are escapes. Several are a list with their paths."""
    from .table_cells import escape_json, format_json

    bodies = [escape_json(text.body.decode(errors="replace")) for text in texts]
    if len(texts) == 1:
        return f"{bodies[0]}\n"
    pairs = zip(texts, bodies, strict=True)
    items = (f'{{"path": {format_json(text.path)}, "body": {body}}}' for text, body in pairs)
    return "[\n" + ",\n".join(items) + "\n]\n"


def _lines(text: str) -> tuple[str, ...]:
    lines = text.split("\n", LONGEST)
    if len(lines) > LONGEST:
        lines[LONGEST:] = ["…"]
    return tuple(line if len(line) <= WIDEST else f"{line[:WIDEST]}…" for line in lines)


def raw_record(
    sources: tuple[Source, ...], record: Workspace | Model | ModelVersion | PipelineRow
) -> tuple[Source, bytes] | None:
    """Return the response that holds the record, and the record's own JSON in it; None if no response does.

    The newest source that has it wins, since later ones have more fields.
    """
    for source in reversed(sources):
        body = _body(source)
        document = body if _as(Raw, body) is not None else repair(body)
        for number, item in _items(document, record):
            if number == record.id:
                return source, bytes(item)
    return None


def pretty(body: bytes) -> str:
    """Return JSON indented for reading; a body that is no JSON is returned as plain text."""
    try:
        return msgspec.json.format(body, indent=2).decode()
    except _UNREADABLE:
        return body.decode(errors="replace")


def in_a_line(body: bytes) -> str:
    """Return JSON in one line; a body that is no JSON is returned as plain text."""
    try:
        return msgspec.json.format(body, indent=0).decode()
    except _UNREADABLE:
        return body.decode(errors="replace")


def _items(
    document: Part, record: Workspace | Model | ModelVersion | PipelineRow
) -> Iterator[tuple[int | None, Part]]:
    """Each item of the record's kind with its id, in every shape that the API has had."""
    if isinstance(record, Workspace):
        for item in _list(_get(document, "workspaces")):
            yield _id(item), item
    elif isinstance(record, Model):
        for item in _list(_get(document, "models")):
            yield _id(_get(item, "model") or item), item
    elif isinstance(record, PipelineRow):
        for item in _list(_get(document, "pipelines")):
            yield _id(_get(item, "pipeline")), item
    else:
        for item in _list(document):
            yield _id(item), item
        for model in _list(_get(document, "models")):
            for item in _list(_get(model, "model_versions")):
                yield _id(_get(item, "model_version")), item
        yield _id(_get(_get(document, "model_version"), "model_version")), document


def _id(item: Part | None) -> int | None:
    return _as(int, _get(item, "id"))


def _get(item: Part | None, key: str) -> Part | None:
    found: dict[str, Raw] | None = _as(dict[str, Raw], item)
    return found.get(key) if found else None


def _list(item: Part | None) -> list[Raw]:
    return _as(list[Raw], item) or []


def _as(kind: type[T], part: Part | None) -> T | None:
    """Decode a part as ``kind``; None if it is something else."""
    try:
        return None if part is None else msgspec.json.decode(part, type=kind)
    except _UNREADABLE:
        return None
