"""A list of models decoded at once, to compare with the same one read piece by piece."""

from msgspec import ValidationError

from wltui.api import wire
from wltui.api.lenient import decode
from wltui.core.errors import ApiFormatError
from wltui.core.records import Model, PartialList, WorkspaceId


def decoded_at_once(body: bytes, workspace_id: WorkspaceId) -> tuple[Model, ...] | None:
    """Return the models in an answer, or None if it can't be read."""
    try:
        models = wire.models(decode(body, wire.Models, what="", endpoint=""), workspace_id)
    except (ApiFormatError, ValidationError):
        return None
    return None if isinstance(models, PartialList) and not models else models
