"""A user's visit to an instance, and what has changed since the last one. No request is sent for it.

The answers that screens ask for are compared with a snapshot of the last visit. A visit ends with the program, or with
the first answer after an hour without a key. A start within some minutes of an end continues that visit, so that to
quit and come back does not hide what has changed. A visit that read nothing, such as an offline one, leaves the
snapshot as it is.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from wltui.api import calls
from wltui.api.calls import Call
from wltui.core.records import (
    ConfigId,
    Model,
    ModelConfig,
    ModelId,
    ModelVersion,
    VersionId,
    Workspace,
    missing_records,
)
from wltui.core.threads import run_in_thread, start_in_thread
from wltui.core.visits import Changes, find_changes, find_reconfigured, signs_of
from wltui.store.last_visit import KeptVisit, Snapshot, load_visit, save_visit

from .answers import Answer
from .cached_fleet import by_workspace

WORKSPACES = calls.list_workspaces().path
MODELS = calls.list_all_models().path
VERSIONS = calls.list_versions(ModelId(0), "").path
CONTINUES = timedelta(minutes=10)
"""A start within this time after the end of a visit continues it."""
ABSENCE = timedelta(hours=1)
"""Without a key for so long, a visit has ended."""
CLOSING_SECONDS = 1.0
"""How long the end of the program waits for the disk."""


class Visit:
    """Observes the answers of a session and compares them with the last visit.

    Args:
        path: The file of the last visit; None keeps nothing.
        clock: The time in UTC.
        is_own: Returns whether this program saved a config; such a change is no news.
    """

    def __init__(
        self, path: Path | None, clock: Callable[[], datetime], is_own: Callable[[ConfigId], bool]
    ) -> None:
        self._path, self._clock, self._is_own = path, clock, is_own
        self.since: datetime | None = None
        """When the last visit ended; None if there was none, or if it has not been loaded."""
        self._before = Snapshot()
        """The state at that time."""
        self._last = Snapshot()
        """The state when the program ended last."""
        self._is_loaded = False
        self._lists: dict[str, Mapping[VersionId, str]] = {}
        """The statuses in the lists that were observed."""
        self._workspaces: tuple[Workspace, ...] = ()
        """The list of workspaces as it was last observed."""
        self._configs: dict[VersionId, ConfigId] = {}
        """The newest configs that were observed."""
        self._changes: dict[str, Changes] = {}
        """The changes in each list that was observed."""
        self._waiting: dict[str, list[ModelVersion]] = {}
        """Lists that were observed before the last visit was loaded."""
        self.revision = 0
        """Grows when the changes may have become others."""
        self._last_key = self._observed_at = clock()
        self._has_ended = False
        """Whether the user has been away so long that the next key begins another visit."""
        self._saving: Future[None] | None = None
        """The save of the state at the start of the last absence."""

    # What is observed

    def on_key(self) -> None:
        """Record that the user is there."""
        self._end_if_absent()
        self._last_key, self._has_ended = self._clock(), False

    def observe(self, call: Call[object], value: object) -> Callable[[], None]:
        """Return a function that records what the API answered to a call.

        This one reads the answer and changes nothing, so that a thread can call it; if there are 100,000 versions it
        takes 50 ms and more.
        """
        records = value if isinstance(value, tuple) else ()
        configs = [record for record in records if isinstance(record, ModelConfig)]
        since, before, workspaces = self.since, self._before, self._workspaces
        lists = {
            name: (versions, signs_of(versions))
            for name, versions in self._versions_by_list(call, records, workspaces).items()
        }
        changes: dict[str, Changes] = {}
        if self._is_loaded and since is not None:
            changes = {
                name: find_changes(before.lists.get(name), since, versions)
                for name, (versions, _) in lists.items()
            }

        def record() -> None:
            self._end_if_absent()
            if call.path == WORKSPACES:
                self._note_workspaces(records)
            if lists or configs:
                self._observed_at = self._clock()
            for config in configs:
                if config.version_id is not None:
                    self._note_config(config.version_id, config.id)
            is_same = self.since is since and self._before is before
            for name in _gone(workspaces, self._workspaces) & lists.keys():  # meanwhile
                del lists[name]
            for name, (versions, signs) in lists.items():
                known = self._lists.get(name, {})
                self._forget_configs([each for each in self._configs if each in known and each not in signs])
                self._lists[name] = signs
                self._compare(name, versions, changes.get(name) if is_same else None)

        return record

    def _versions_by_list(
        self, call: Call[object], records: tuple[Any, ...], workspaces: tuple[Workspace, ...]
    ) -> dict[str, list[ModelVersion]]:
        """Return the versions in each list that an answer has, such as that of a workspace; a list may be empty.

        An older server lists models without versions, and the versions of each model in an answer of their own.
        """
        if call.path == VERSIONS:
            return {f"m{call.body['models_pk_id']}": list(records)}
        if call.path != MODELS:
            return {}
        models: dict[object, tuple[Model, ...]] = {call.body.get("workspace_id"): records}
        if "workspace_id" not in call.body:
            answer = Answer[tuple[Model, ...]](records, self._clock(), live=True)
            parts, complete = by_workspace(answer, workspaces)
            models = {workspace_id: parts[workspace_id].value for workspace_id in complete}
        return {
            f"w{workspace_id}": [version for model in listed for version in model.versions or ()]
            for workspace_id, listed in models.items()
            if not listed or any(model.versions is not None for model in listed)
        }

    def _note_workspaces(self, workspaces: tuple[Workspace, ...]) -> None:
        """Record the list of workspaces, and forget what was observed in those that it no longer has."""
        if missing_records(workspaces)[0]:
            return
        gone, self._workspaces = _gone(self._workspaces, workspaces), workspaces
        for name in gone:
            left = self._lists.pop(name, {})
            self._forget_configs([each for each in self._configs if each in left])
            self._waiting.pop(name, None)
            if self._changes.pop(name, None):
                self.revision += 1

    def _forget_configs(self, versions: Iterable[VersionId]) -> None:
        for version_id in versions:
            if self._configs.pop(version_id, None) is not None:
                self.revision += 1

    def _note_config(self, version_id: VersionId, config_id: ConfigId) -> None:
        if self._configs.get(version_id, 0) < config_id:
            self._configs[version_id] = config_id
            self.revision += 1

    def _compare(self, name: str, versions: Iterable[ModelVersion], found: Changes | None = None) -> None:
        """Take the changes that were ``found`` in a list, or find them."""
        if not self._is_loaded:
            self._waiting[name] = list(versions)
        elif self.since is not None:
            if found is None:
                found = find_changes(self._before.lists.get(name), self.since, versions)
            if found != self._changes.get(name, Changes()):
                self._changes[name] = found
                self.revision += 1

    # What has changed

    async def load(self) -> None:
        """Load the last visit, once."""
        if self._is_loaded:
            return
        kept = await run_in_thread(load_visit, self._path) if self._path else None
        if self._is_loaded:  # meanwhile
            return
        self._is_loaded = True
        self.revision += 1
        if kept is not None:
            is_same = self._clock() - kept.ended < CONTINUES
            self._last = kept.last
            self.since, self._before = (kept.since, kept.before) if is_same else (kept.ended, kept.last)
        for name, versions in self._waiting.items():
            self._compare(name, versions)
        self._waiting.clear()

    @property
    def changes(self) -> Changes:
        """Return what has changed since the last visit, as far as it was observed; nothing before :meth:`load`."""
        found = Changes()
        for each in self._changes.values():
            found = found.joined(each) if each else found
        if self.since is None:
            return found
        configs = find_reconfigured(self._before.configs, self._configs)
        theirs = sorted(version_id for version_id, config in configs.items() if not self._is_own(config))
        return found.joined(Changes(reconfigured=tuple(theirs)))

    async def close(self) -> None:
        """Keep the present state for the next visit, unless nothing was read or the disk does not answer.

        If the user is away, the state at the start of that absence is kept: what changed since then is news to them.
        """
        if self._path is None or not self._lists:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(CLOSING_SECONDS):
                await self.load()
                self._end_if_absent()
                if self._saving is not None:
                    await asyncio.wrap_future(self._saving)
                if not self._has_ended:
                    await run_in_thread(self._save, self._path, self._now())

    # The end of a visit

    def _end_if_absent(self) -> None:
        """End the visit if the user has been away too long; what is observed from then on is compared with this."""
        if self._has_ended or self._clock() - self._last_key <= ABSENCE:
            return
        self._has_ended = True
        if self._path is None or not (self._is_loaded and self._lists):
            return
        self._before, self.since = self._observed, self._observed_at
        self._changes.clear()
        self.revision += 1
        ended = KeptVisit(self.since, self._before, self.since, self._before)
        self._saving = start_in_thread(self._save, self._path, ended)

    @property
    def _observed(self) -> Snapshot:
        """Return the present state. Lists that were not read are as they were, but for those of gone workspaces."""
        listed = {f"w{each.id}" for each in self._workspaces}
        gone = {name for name in self._last.lists if name.startswith("w") and listed and name not in listed}
        return self._last.updated(Snapshot(dict(self._lists), dict(self._configs)), gone)

    def _now(self) -> KeptVisit:
        return KeptVisit(self._clock(), self._observed, self.since, self._before)

    @staticmethod
    def _save(path: Path, visit: KeptVisit) -> None:
        with suppress(OSError):  # all that is lost is a comparison
            save_visit(path, visit)


def _gone(before: Iterable[Workspace], now: Iterable[Workspace]) -> set[str]:
    """Return the names of the lists of workspaces that there are no more."""
    return {f"w{each.id}" for each in before} - {f"w{each.id}" for each in now}
