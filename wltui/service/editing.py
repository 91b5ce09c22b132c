"""Begin an edit of a version's config: fetch the config live, and look an earlier save up whose outcome is open."""

from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from wltui.config.detail import VersionDetail, empty_row
from wltui.config.edit import ConfigEdit
from wltui.core.records import ModelVersion

from .graphql import Rows
from .reads import live_detail
from .saving import Settled, settle
from .session import Session


class EditStart(Struct, frozen=True):
    """Everything that an edit begins from."""

    detail: VersionDetail
    """The version and its newest config, an empty one if it has none."""
    settled: Settled | None
    """An earlier save that the user should know about."""
    read_at: datetime
    """When the config was fetched."""


async def begin_edit(session: Session, version: ModelVersion, edit: ConfigEdit | None) -> EditStart:
    """Return the start of an edit; see ``Service.begin_edit``."""
    now = session.history.now()
    detail, rows = await fetch_config(session, version)
    settled = await settle(session.history, version.id, detail.config, now, edit, rows=rows)
    return EditStart(detail, settled, session.exchange.clock())


async def fetch_config(session: Session, version: ModelVersion) -> tuple[VersionDetail, Rows]:
    """Fetch a version with its newest config, and all config rows if GraphQL shows them."""
    answer, rows = await live_detail(session, version)
    detail = answer.value
    return detail if detail.config else replace(detail, config=empty_row(version.id)), rows
