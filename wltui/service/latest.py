"""Versions on their way to ready, read one by one between two reads of their list, which may be large."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from msgspec import Struct
from msgspec.structs import replace

from wltui.api import calls
from wltui.core.compact import replace_fields
from wltui.core.errors import ConnectionFailed, NoSuchEndpoint, NotFound, NotSignedIn, WltuiError
from wltui.core.records import (
    Model,
    ModelVersion,
    Phase,
    VersionId,
    missing_records,
    partial_list,
    phase,
)

from .answers import Answer
from .exchange import Exchange

T = TypeVar("T")
Models = tuple[Model, ...]
Newer = dict[VersionId, Answer[ModelVersion]]

PATIENCE = 10.0
"""Seconds after which the answer to such a read is not worth waiting for: the next one comes soon."""


MOST = 5_000
"""The most versions of which a single read is kept; a list shows the others as it was read itself."""


class Look(Struct, frozen=True):
    """The outcome of reading some versions one by one."""

    has_changed: bool = False
    """Whether one differs from what was known of it."""
    has_arrived: bool = False
    """Whether one has become ready or failed."""
    is_gone: bool = False
    """Whether the server does not know one any more."""
    is_cut_off: bool = False
    """Whether the network is gone, or the sign-in has ended."""
    has_failed: bool = False
    """Whether one could not be read; what is known of it stays."""


class Latest:
    """What single reads have shown of versions; it holds until their list is read again."""

    def __init__(self, exchange: Exchange, *, most: int = MOST) -> None:
        self._exchange, self._most = exchange, most
        self._known: Newer = {}
        self._gone: set[VersionId] = set()
        """Versions that the server did not know, or has no call for (2023.4): they are not asked for again."""

    def can_look(self, version: ModelVersion) -> bool:
        """Return whether a version may be read alone."""
        return version.id not in self._gone

    async def look(self, versions: Sequence[ModelVersion]) -> Look:
        """Read versions side by side, and keep what the answers show. A failure changes nothing of what is known."""
        looks = await asyncio.gather(*map(self._look_at, versions))
        return Look(*(any(getattr(look, name) for look in looks) for name in Look.__struct_fields__))

    async def _look_at(self, version: ModelVersion) -> Look:
        call = replace(calls.get_version(version.id), patience=PATIENCE)
        try:
            answer = await self._exchange.live(call, background=True)
        except (
            NotFound,
            NoSuchEndpoint,
        ):  # a version that is gone is 400 or 404, and so is a call that is missing
            self._gone.add(version.id)
            return Look(is_gone=True)
        except WltuiError as error:
            is_cut_off = isinstance(error, (ConnectionFailed, NotSignedIn))
            return Look(is_cut_off=is_cut_off, has_failed=True)
        now = joined(version, answer.value)  # the answer to this call has no model
        self._known.pop(version.id, None)
        self._known[version.id] = answer.of(now)
        if len(self._known) > self._most:
            del self._known[next(iter(self._known))]  # the one that was read longest ago
        return Look(
            has_changed=now != version,
            has_arrived=phase(answer.value.status) in (Phase.READY, Phase.ERROR),
        )

    def newer_than(self, as_of: datetime) -> Newer:
        """Return the versions that were read alone after a time."""
        return {number: known for number, known in self._known.items() if known.as_of > as_of}

    def in_models(self, answer: Answer[Models]) -> Answer[Models]:
        """Return a list of models with the versions that were read alone since."""

        newer = self.newer_than(answer.as_of)
        if not newer:
            return answer
        touched = {known.value.model_id for known in newer.values()}
        models = [with_newer(model, newer) if model.id in touched else model for model in answer.value]
        return _renewed(answer, partial_list(models, *missing_records(answer.value)), newer)

    def in_model(self, answer: Answer[Model]) -> Answer[Model]:
        """Return a model with those of its versions that were read alone since."""
        newer = self.newer_than(answer.as_of)
        return _renewed(answer, with_newer(answer.value, newer), newer) if newer else answer


def _renewed(answer: Answer[T], value: T, newer: Newer) -> Answer[T]:
    """Return an answer with a value that has newer versions, and their responses behind those of the list.

    It stays as old as the list, which may have changed otherwise.
    """
    if value == answer.value:
        return answer
    known = {source.digest for source in answer.sources}
    more = (source for each in newer.values() for source in each.sources if source.digest not in known)
    return replace(answer, value=value, sources=(*answer.sources, *more))


def with_newer(model: Model, newer: Newer) -> Model:
    """Return a model with the newer of its versions."""
    versions = model.versions
    if versions is None or not any(version.id in newer for version in versions):
        return model
    renewed = (
        joined(version, newer[version.id].value) if version.id in newer else version for version in versions
    )
    return replace(model, versions=partial_list(renewed, *missing_records(versions)))


def joined(known: ModelVersion | None, newer: ModelVersion) -> ModelVersion:
    """Return a version with its newer status; all that a status does not change is kept.

    A role may not see the columns of reason and image. So a missing one says nothing if the status is the same.
    """
    if known is None:
        return newer
    same = known if known.status == newer.status else newer
    return replace_fields(
        known,
        status=newer.status,
        error_summary=newer.error_summary or same.error_summary,
        image_path=newer.image_path or same.image_path,
    )
