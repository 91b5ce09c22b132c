"""The state of an instance when its user last looked at it: a small file for each instance and user.

It has the ids of versions with a letter for the status of each, and config ids. It is kept beside the cache and cleared
with it, since all that is lost with it is one comparison.
"""

import json
import zlib
from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

from msgspec import Struct

from wltui.core.records import ConfigId, VersionId
from wltui.core.times import require_time
from wltui.core.visits import SIGNS

from .private_files import private_folder, read_private, to_json, write_whole

FORMAT = 1
ENDING = ".visit"
MOST = 200_000
"""Versions of a snapshot; for more nothing is kept."""
LARGEST, LARGEST_UNPACKED = 4 << 20, 32 << 20
"""Bytes of a file, and of what is in it, that are read at most."""


class Snapshot(Struct, frozen=True):
    """The statuses of versions, and the newest configs of some."""

    lists: Mapping[str, Mapping[VersionId, str]] = {}
    """For each list that was read, such as that of a workspace, the phases of its versions as letters."""
    configs: Mapping[VersionId, ConfigId] = {}

    @property
    def size(self) -> int:
        """Return the number of versions."""
        return sum(map(len, self.lists.values())) + len(self.configs)

    def updated(self, newer: "Snapshot", gone: Collection[str] = ()) -> "Snapshot":
        """Return a snapshot with the lists and configs of a newer one in place of its own.

        The lists in ``gone`` are left out if the newer one lacks them. Configs of versions that are no longer in any
        list are left out, too.
        """
        kept = {name: statuses for name, statuses in self.lists.items() if name not in gone}
        lists = {**kept, **newer.lists}
        dropped = set().union(*self.lists.values()).difference(*lists.values())
        configs = {**self.configs, **newer.configs}
        return Snapshot(lists, {each: config for each, config in configs.items() if each not in dropped})


class KeptVisit(Struct, frozen=True):
    """The last visit."""

    ended: datetime
    last: Snapshot
    """The state at its end."""
    since: datetime | None = None
    """When the visit before it ended; None if there was none."""
    before: Snapshot = Snapshot()
    """The state at that time, with which it was compared."""


def visit_path(folder: Path, owner: str) -> Path:
    """Return the path of the file of one instance and user, beside their cache."""
    return folder / f"{owner}{ENDING}"


def load_visit(path: Path) -> KeptVisit | None:
    """Load the last visit; None if there is none, or if the file is damaged, of another format, or not safe."""
    try:
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(read_private(path, largest=LARGEST), LARGEST_UNPACKED)
        if unpacker.unconsumed_tail or not unpacker.eof:
            return None
        document: Any = json.loads(content)
        if document["format"] != FORMAT:
            return None
        since = document["since"]
        return KeptVisit(
            require_time(document["ended"]),
            _parse(document["last"]),
            None if since is None else require_time(since),
            _parse(document["before"]),
        )
    except (
        OSError,
        zlib.error,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        OverflowError,
        RecursionError,
    ):
        return None


def save_visit(path: Path, visit: KeptVisit) -> None:
    """Save a visit, or remove the file if it has more than :data:`MOST` versions; raises OSError.

    Without a file the next visit begins with the lists that it reads itself, so that saving does not stop for good.
    """
    if max(visit.last.size, visit.before.size) > MOST:
        forget_visit(path)
        return
    document = {
        "format": FORMAT,
        "ended": visit.ended.isoformat(),
        "since": visit.since.isoformat() if visit.since else None,
        "last": _format(visit.last),
        "before": _format(visit.before),
    }
    private_folder(path.parent)
    write_whole(path, zlib.compress(to_json(document)))


def forget_visit(path: Path) -> int:
    """Remove the file of a visit, if there is one; return the bytes freed. Raises OSError."""
    try:
        size = path.lstat().st_size
        path.unlink()
    except FileNotFoundError:
        return 0
    return size


def _format(snapshot: Snapshot) -> dict[str, object]:
    """Return a snapshot for JSON: sorted ids as differences, by letter, since these pack well."""
    lists = {}
    for name, statuses in snapshot.lists.items():
        by_sign: dict[str, list[int]] = {}
        for version_id in sorted(statuses):
            by_sign.setdefault(statuses[version_id], []).append(version_id)
        lists[name] = {sign: _differences(ids) for sign, ids in by_sign.items()}
    configs = sorted(snapshot.configs.items())
    return {
        "lists": lists,
        "configs": [_differences([one for one, _ in configs]), [two for _, two in configs]],
    }


def _parse(document: Any) -> Snapshot:
    """Return the snapshot in a document; raises one of the errors of damage."""
    lists: dict[str, dict[VersionId, str]] = {}
    for name, by_sign in document["lists"].items():
        statuses = lists[str(name)] = {}
        for sign, ids in by_sign.items():
            if sign not in SIGNS.values():
                raise ValueError("an unknown status")
            statuses.update(dict.fromkeys(map(VersionId, _whole(accumulate(_whole(ids)))), sign))
    ids, configs = document["configs"]
    known = dict(zip(map(VersionId, accumulate(_whole(ids))), map(ConfigId, _whole(configs)), strict=True))
    return Snapshot(lists, known)


def _differences(ids: list[int]) -> list[int]:
    return [*ids[:1], *(two - one for one, two in pairwise(ids))]


def _whole(numbers: Any) -> list[int]:
    found = list(numbers)
    if not all(type(number) is int for number in found):
        raise ValueError("not whole numbers")
    return found
