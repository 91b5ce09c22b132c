"""The upload log of a version, followed while the version is on its way to ready or error."""

from collections.abc import AsyncIterator

from msgspec import Struct

from wltui.api import calls
from wltui.core.compact import replace_fields
from wltui.core.records import ModelVersion, Phase, phase

from .answers import Answer, join_answers
from .exchange import Exchange


class UploadLog(Struct, frozen=True):
    """A version, and what the platform logged while it processed the upload."""

    version: ModelVersion
    lines: tuple[str, ...]
    """Oldest first, in the container runtime's format."""

    @property
    def may_grow(self) -> bool:
        """Whether lines may be added."""
        return phase(self.version.status) in (Phase.PENDING, Phase.OTHER)


async def upload_log(exchange: Exchange, version: ModelVersion) -> AsyncIterator[Answer[UploadLog]]:
    """Yield the log from the cache and then from the API. The status is read first if the log may grow.

    So a log whose version has arrived is complete.
    """
    if cached := await exchange.cached(calls.upload_logs(version.id)):
        yield cached.of(UploadLog(version, cached.value))
    now = None
    if UploadLog(version, ()).may_grow:
        now = await exchange.live_or_none(calls.get_version(version.id))
        if now is not None:
            version = replace_fields(version, status=now.value.status, error_summary=now.value.error_summary)
    log = await exchange.live(calls.upload_logs(version.id))
    yield join_answers(UploadLog(version, log.value), log, now, live=True)
