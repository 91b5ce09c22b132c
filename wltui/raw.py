"""The part of a response that one record was made from, as the API sent it."""

from collections.abc import Iterator
from typing import Any

import msgspec

from .records import Model, ModelVersion, Workspace
from .service import Source


def raw_record(
    sources: tuple[Source, ...], record: Workspace | Model | ModelVersion
) -> tuple[Source, bytes] | None:
    """The response that holds the record, and the record's own JSON in it; None where none does.

    The newest source that tells of it wins, since later ones tell more.
    """
    for source in reversed(sources):
        try:
            document = msgspec.json.decode(source.body)
        except msgspec.DecodeError:
            continue
        for number, item in _items(document, record):
            if number == record.id:
                return source, msgspec.json.encode(item)
    return None


def pretty(body: bytes) -> str:
    """JSON in lines, for reading; what is no JSON is shown as the text that it is."""
    try:
        return msgspec.json.format(body, indent=2).decode()
    except (msgspec.DecodeError, UnicodeDecodeError):
        return body.decode(errors="replace")


def _items(document: Any, record: Workspace | Model | ModelVersion) -> Iterator[tuple[object, Any]]:
    """Each item of the record's kind with its id, in every shape that the API has had."""
    if isinstance(record, Workspace):
        for item in _list(document, "workspaces"):
            yield _get(item, "id"), item
    elif isinstance(record, Model):
        for item in _list(document, "models"):
            yield _get(_get(item, "model") or item, "id"), item
    else:
        for item in document if isinstance(document, list) else ():
            yield _get(item, "id"), item
        for model in _list(document, "models"):
            for item in _list(model, "model_versions"):
                yield _get(_get(item, "model_version"), "id"), item
        yield _get(_get(_get(document, "model_version"), "model_version"), "id"), document


def _get(item: Any, key: str) -> Any:
    return item.get(key) if isinstance(item, dict) else None


def _list(item: Any, key: str) -> list[Any]:
    found = _get(item, key)
    return found if isinstance(found, list) else []
