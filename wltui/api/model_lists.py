"""Decode a list of models in pieces, so that other threads get their turn and memory is shared.

This is the way of every list of models, of whatever size; only one that does not fit is decoded leniently. Decoding
100 MB in one call would block every other thread for half a second. Here one call only splits the list, which for as
much takes 50 ms; each version is decoded separately. Equal texts are kept once, and so are records that equal those of
an earlier answer.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec import Raw

from wltui.core.records import Model, ModelId, ModelVersion, WorkspaceId
from wltui.core.sharing import Sharing

from .wire import ConfiguredVersion, ListedModel, models_of
from .wire_config import Wire


class UnreadModel(ListedModel, frozen=True, gc=False):
    """A model whose versions are not decoded yet."""

    model_versions: tuple[Raw, ...] | None = None  # type: ignore[assignment]


class UnreadModels(Wire, frozen=True, gc=False):
    """``models/list``."""

    models: tuple[UnreadModel, ...] | None


_LIST = msgspec.json.Decoder(UnreadModels)
_VERSION = msgspec.json.Decoder(ConfiguredVersion)


def models(
    body: bytes, workspace_id: WorkspaceId | None, before: Sequence[Model] | None
) -> tuple[Model, ...]:
    """Return the models in an answer, as :func:`wltui.api.wire.models`; ``before`` are those of an earlier answer.

    Raises:
        DecodeError, ValidationError, UnicodeDecodeError: a part is malformed; the caller decodes it leniently.
    """
    known = {model.id: model for model in before or ()}
    sharing = Sharing()

    def versions(raws: Iterable[Raw], model: Model) -> Iterator[ModelVersion]:
        known_versions = {version.id: version for version in _versions(known, model.id)}
        for raw in raws:
            version = _VERSION.decode(raw).record(model, sharing)
            earlier = known_versions.get(version.id)
            yield earlier if earlier is not None and earlier == version else version

    def read() -> Iterator[Model]:
        for item in _LIST.decode(body).models or ():
            model = item.record(workspace_id, versions)
            earlier = known.get(model.id)
            yield earlier if earlier is not None and earlier == model else model

    return models_of(read())


def _versions(known: dict[ModelId, Model], model_id: ModelId) -> Sequence[ModelVersion]:
    model = known.get(model_id)
    return (model.versions or ()) if model else ()
