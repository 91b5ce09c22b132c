"""The part of a response that one record was made from, as the API sent it."""

from collections.abc import Iterator
from typing import TypeVar

import msgspec
from msgspec import Raw

from .api.repair import repaired
from .records import Model, ModelVersion, Workspace
from .service import Source

T = TypeVar("T")
Part = bytes | Raw
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def raw_record(
    sources: tuple[Source, ...], record: Workspace | Model | ModelVersion
) -> tuple[Source, bytes] | None:
    """Return the response that holds the record, and the record's own JSON in it; None if no response does.

    The newest source that tells of it wins, since later ones tell more.
    """
    for source in reversed(sources):
        body = source.body
        document = body if _as(Raw, body) is not None else repaired(body)
        for number, item in _items(document, record):
            if number == record.id:
                return source, bytes(item)
    return None


def pretty(body: bytes) -> str:
    """Return JSON in lines, for reading; what is no JSON is returned as the text that it is."""
    try:
        return msgspec.json.format(body, indent=2).decode()
    except _UNREADABLE:
        return body.decode(errors="replace")


def _items(document: Part, record: Workspace | Model | ModelVersion) -> Iterator[tuple[int | None, Part]]:
    """Each item of the record's kind with its id, in every shape that the API has had."""
    if isinstance(record, Workspace):
        for item in _list(_get(document, "workspaces")):
            yield _id(item), item
    elif isinstance(record, Model):
        for item in _list(_get(document, "models")):
            yield _id(_get(item, "model") or item), item
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
    """Return a part as what it should be; None if it is something else."""
    try:
        return None if part is None else msgspec.json.decode(part, type=kind)
    except _UNREADABLE:
        return None
