"""A save of a config: sent once, and looked up where its answer was lost."""

from dataclasses import dataclass
from enum import Enum

from .api import calls
from .config_edit import ConfigEdit, FieldChange, read_back
from .detail import NO_CONFIG, OwnRows, inserted, overlay
from .errors import ApiFormatError, ConfigMoved, OutcomeUnknown, WltuiError
from .exchange import Exchange
from .records import ModelConfig, VersionId


class Outcome(Enum):
    """What became of a save."""

    TOOK = "took"
    DID_NOT_TAKE = "did not take"
    UNKNOWN = "can't tell yet"


@dataclass(frozen=True, slots=True)
class Saved:
    """A save's outcome, the config that the server has now, and where that differs from what was sent."""

    outcome: Outcome
    config: ModelConfig | None = None
    differences: tuple[FieldChange, ...] = ()
    reason: WltuiError | None = None
    """Why the outcome had to be looked up, or why the config could not be read back."""


async def save(exchange: Exchange, own: OwnRows, edit: ConfigEdit) -> Saved:
    """Send an edit; see ``Service.save_config``."""
    before = await _newest(exchange, edit.version_id)
    if (before.id if before else NO_CONFIG) != edit.base.id:
        raise ConfigMoved(
            f"Version {edit.version_id} was configured by somebody else meanwhile",
            f"this edit began from config {edit.base.id or 'none'}, the newest is {before.id if before else 'none'}",
            "Nothing was sent. Leave the editor and open it again to begin from the newest",
        )
    request = edit.request()
    call = calls.insert_config(request)
    try:
        config = inserted(call.decode(await exchange.write(call)), request)
    except (OutcomeUnknown, ApiFormatError) as reason:
        return await _look_up(exchange, edit, reason)
    own.remember(config, exchange.clock())
    try:
        newest = await _newest(exchange, edit.version_id)
    except WltuiError as reason:
        return Saved(Outcome.TOOK, config, read_back(request, config), reason)
    if newest is None or newest.id < config.id:
        return Saved(Outcome.UNKNOWN, newest)
    # A still newer one is somebody else's; ours took all the same.
    kept = overlay(config, newest) if newest.id == config.id else config
    return Saved(Outcome.TOOK, kept, read_back(request, kept))


async def _look_up(exchange: Exchange, edit: ConfigEdit, reason: WltuiError) -> Saved:
    """What became of a save whose answer was lost, as far as the newest config tells; nothing is sent again."""
    try:
        newest = await _newest(exchange, edit.version_id)
    except WltuiError:
        return Saved(Outcome.UNKNOWN, reason=reason)
    if (newest.id if newest else NO_CONFIG) == edit.base.id:
        under_way = isinstance(reason, OutcomeUnknown) and reason.under_way
        return Saved(Outcome.UNKNOWN if under_way else Outcome.DID_NOT_TAKE, newest, reason=reason)
    if newest is None:
        return Saved(Outcome.UNKNOWN, reason=reason)
    differences = read_back(edit.request(), newest)
    return Saved(Outcome.UNKNOWN if differences else Outcome.TOOK, newest, differences, reason)


async def _newest(exchange: Exchange, version_id: VersionId) -> ModelConfig | None:
    return (await exchange.live(calls.get_config(version_id), fresh=True)).value
