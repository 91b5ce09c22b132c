"""Follow the status of a version until it is the wanted one."""

import asyncio
from collections.abc import Awaitable, Callable, Collection

from wltui.core.errors import ApiFormatError, ConnectionFailed, ServiceError, TimedOut, Unavailable
from wltui.core.records import ModelVersion, Phase, VersionId, phase
from wltui.lifecycle.console import say_error
from wltui.service.service import Service


async def follow_version(
    service: Service,
    version_id: VersionId,
    wanted: Collection[str],
    on_status: Callable[[ModelVersion, str], object],
    *,
    pause: float,
    wait: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> int:
    """Follow a version, and return the exit code: 0 once its status is a wanted one, 1 once it will not become one.

    A failure that may pass is said once, and the version is read again.

    Args:
        service: The session's service.
        version_id: The version.
        wanted: Statuses in lower case, or phases such as ``ready``.
        on_status: Called with the version and its status when that is another one than before.
        pause: Seconds between two reads.
        wait: Waits for a number of seconds.

    Raises:
        ServiceError: the server shows no status, or refuses to; or its first answer can't be read.
    """
    failure = last = ""
    while True:
        try:
            version = await service.current_version(version_id)
        except ServiceError as error:
            if not may_pass(error, is_known=bool(last)):
                raise
            if str(error) != failure:
                say_error(error)
            failure = str(error)
            await wait(pause)
            continue
        failure = ""
        status = version.status or "unknown"
        if status != last:
            last = status
            on_status(version, status)
        if status.lower() in wanted or phase(status).value in wanted:
            return 0
        if phase(version.status) in (Phase.READY, Phase.ERROR):
            return 1
        if phase(version.status) is Phase.ABSENT:
            raise ServiceError(f"The server does not show the status of version {version.id}")
        await wait(pause)


def may_pass(error: ServiceError, *, is_known: bool) -> bool:
    """Return whether a read may succeed later; ``is_known`` if the same one did before, from the same address."""
    passing = (ConnectionFailed, TimedOut, Unavailable)
    return isinstance(error, passing) or (is_known and isinstance(error, ApiFormatError))
