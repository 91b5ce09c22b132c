"""Edits of configs without a screen: from the newest config to the request, with all that a user should know.

As in the editor, an edit begins from the newest config, read live. Changes of others are merged field by field, an
earlier save whose outcome is open is looked up, and a field that can't be read is sent as null only if it was named.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from msgspec import Struct

from wltui.config.detail import NO_CONFIG, VersionDetail, empty_row
from wltui.config.edit import ConfigEdit, FieldChange
from wltui.config.fields import FIELD, Problem
from wltui.config.merge import Side
from wltui.core.errors import ConfigClash, ConfigMoved, SaveDeclined
from wltui.core.records import UNSET, ConfigId, ModelConfig, ModelVersion, Outcome, overlay
from wltui.core.threads import run_in_thread
from wltui.store.save_history import History

from .editing import fetch_config
from .rebase import Clash, rebase_on_newest
from .save_outcome import Saved
from .saving import LOOK_AGAIN, Settled, look_up, settle
from .session import Session

LOOKS = 3
"""How often a command looks a save up after the editor's first two looks; the editor goes on."""


class KnownConfigs(Struct, frozen=True):
    """The newest config of a version, and the older ones as far as the API or this host's history shows them."""

    version: ModelVersion
    newest: ModelConfig
    """With the id ``NO_CONFIG`` and every field null if the version has no config."""
    rows: Mapping[ConfigId, ModelConfig]
    """Older and newer ones, each as far as it is known."""

    def find(self, config_id: ConfigId) -> ModelConfig | None:
        """Return a config of the version as far as it is known, or None."""
        if config_id == self.newest.id:
            return self.newest
        return empty_row(self.version.id) if config_id == NO_CONFIG else self.rows.get(config_id)


class SourcedEdit(Struct, frozen=True):
    """The config that a user wants a version to have, as an edit."""

    edit: ConfigEdit
    """Its base is any config of the version: later changes of others are merged."""
    nulled: frozenset[str] = frozenset()
    """Keys of fields that the user named to be null, even if they can't be read."""
    notes: tuple[str, ...] = ()
    """Sentences that the user should read before it is sent."""
    advice: str = "Begin anew from the newest config"
    """The next step if others have changed the same fields."""


EditSource = Callable[[KnownConfigs], SourcedEdit]
"""Returns the edit, given the configs of the version; raises UsageError or SaveDeclined if it is wrong."""


class EditPlan(Struct, frozen=True):
    """An edit on top of the newest config, and why it should not be sent, if so."""

    detail: VersionDetail
    edit: ConfigEdit
    """Its base is the newest config as read."""
    notes: tuple[str, ...] = ()
    settled: Settled | None = None
    """An earlier save that the user should know about."""
    unread: tuple[str, ...] = ()
    """Fields that a save would clear though nobody can read them, or that wltui does not know, by their keys."""

    @property
    def version(self) -> ModelVersion:
        """Return the version as the API returns it."""
        return self.detail.version

    @property
    def base(self) -> ModelConfig:
        """Return the newest config."""
        return self.edit.base

    @property
    def changes(self) -> tuple[FieldChange, ...]:
        """Return the changes to the newest config. Slow the first time, as schemas are compared."""
        return self.edit.changes()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Return the problems of the config that prevent a save."""
        return self.edit.problems()

    @property
    def is_in_doubt(self) -> bool:
        """Return whether an earlier save may still be carried out."""
        saved = self.settled.saved if self.settled else None
        return saved is not None and saved.outcome is Outcome.UNKNOWN and saved.sent is not None

    def check(self) -> None:
        """Raise SaveDeclined if a save would clear fields that nobody can read."""
        if not self.detail.complete:
            raise SaveDeclined(
                f"The config of version {self.edit.version_id} is not sent",
                "the server does not return all of it (it has no get_version_by_id), and a save would clear the "
                "fields that can't be read",
            )
        if self.unread:
            raise SaveDeclined(
                f"The config of version {self.edit.version_id} is not sent",
                f"these fields of config {self.base.id} can't be read, and a save would clear them: "
                f"{', '.join(self.unread)}",
                "Set them to what they are to be; or add --clear-unknown with the names of those that may be cleared",
            )


async def plan_edit(
    session: Session,
    version: ModelVersion,
    source: EditSource,
    *,
    expected: ConfigId | None = None,
    cleared: Collection[str] = (),
) -> EditPlan:
    """Return an edit on top of the newest config, read live, with all that should be known before it is sent.

    Args:
        session: The session.
        version: The version, of which the id is enough.
        source: Called in a thread with the configs of the version.
        expected: The id that the newest config is expected to have, or None for any.
        cleared: Keys of fields that may be cleared though they can't be read, or that wltui does not know.

    Raises:
        ConfigMoved: the newest config is not the expected one.
        ConfigClash: others changed the same fields since the base of the sourced edit.
        UsageError, SaveDeclined: as ``source`` raises them.
        WltuiError: the config can't be read.
    """
    now = session.history.now()
    detail, rows = await fetch_config(session, version)
    newest = detail.config or empty_row(version.id)
    if expected is not None and newest.id != expected:
        raise ConfigMoved(
            f"Version {version.id} has another config than was expected",
            f"the newest is config {newest.id or 'none'}, not {expected or 'none'}",
            "Nothing was sent",
            newest=newest,
        )
    sourced = await run_in_thread(source, _known(detail, newest, rows, session.history))
    settled = await settle(session.history, version.id, newest, now, sourced.edit, rows=rows)
    return await run_in_thread(_plan, detail, newest, sourced, settled, frozenset(cleared))


def _known(
    detail: VersionDetail, newest: ModelConfig, rows: Sequence[ModelConfig], history: History
) -> KnownConfigs:
    """Return the configs of a version as far as anybody knows them."""
    version_id = detail.version.id
    saved = [entry.config for entry in history.entries(version_id) if entry.config is not None]
    found: dict[ConfigId, ModelConfig] = {}
    first = [detail.version.config] if detail.version.config else []
    for row in (*saved, *first, *rows):
        known = found.get(row.id)
        found[row.id] = overlay(known, row) if known else row
    return KnownConfigs(detail.version, newest, found)


def _plan(
    detail: VersionDetail,
    newest: ModelConfig,
    sourced: SourcedEdit,
    settled: Settled | None,
    cleared: frozenset[str],
) -> EditPlan:
    if _is_done(settled, newest):
        return EditPlan(detail, ConfigEdit(sourced.edit.version_id, newest), sourced.notes, settled)
    named = sourced.nulled | cleared
    edit = _rebase(sourced, newest, settled, named)
    for key in cleared & FIELD.keys():
        if getattr(newest, key) is UNSET and edit.value(key) is UNSET:
            edit = edit.with_value(key, None)
    unread: tuple[str, ...] = ()
    if edit.is_changed:
        unread = tuple(key for key in (*_nulls_of_unread(edit), *newest.extra) if key not in named)
    edit.problems()  # computed here, in the thread
    absent = sorted(cleared - FIELD.keys() - set(newest.extra))
    note = f"Not in config {newest.id or 'none'}, so there is nothing to clear: {', '.join(absent)}."
    return EditPlan(detail, edit, (*sourced.notes, note) if absent else sourced.notes, settled, unread)


def _is_done(settled: Settled | None, newest: ModelConfig) -> bool:
    """Return whether an earlier save of this very edit made the newest config."""
    if settled is None or not settled.is_draft or settled.saved.outcome is not Outcome.SAVED:
        return False
    return settled.saved.config is not None and settled.saved.config.id == newest.id


def _rebase(
    sourced: SourcedEdit, newest: ModelConfig, settled: Settled | None, named: frozenset[str]
) -> ConfigEdit:
    """Return the edit on top of the newest config; fields named to be null, and not readable there, are null."""
    edit = sourced.edit
    placed = rebase_on_newest(edit, newest, settled)
    if not isinstance(placed, Clash):
        return placed
    choices = {
        field.key: Side.YOURS
        for field in placed.fields
        if field.key in named and field.theirs is UNSET and field.yours is None
    }
    placed = rebase_on_newest(edit, newest, settled, choices)
    if isinstance(placed, Clash):
        titles = ", ".join(field.key for field in placed.fields)
        raise ConfigClash(
            f"Version {edit.version_id} has a newer config than this edit began from",
            f"config {newest.id or 'none'} is the newest, the edit began from config {edit.base.id or 'none'}, and "
            f"both changed, or may have changed: {titles}",
            f"Nothing was sent. {sourced.advice}",
            newest=newest,
            fields=tuple(field.key for field in placed.fields),
        )
    return placed


def _nulls_of_unread(edit: ConfigEdit) -> tuple[str, ...]:
    """Return the keys of the fields that an edit sends as null though they are not readable in its base."""
    return tuple(
        key
        for key, value in edit.row.items()
        if (value is None or value is UNSET) and getattr(edit.base, key) is UNSET
    )


async def look_until_known(
    session: Session,
    saved: Saved,
    *,
    wait: Callable[[float], Awaitable[None]],
    on_pause: Callable[[Saved], object],
) -> Saved:
    """Return the outcome of a save after a few more looks at growing intervals, if it is unknown; nothing is sent.

    ``on_pause`` is called before each pause with the outcome so far.
    """
    for pause in LOOK_AGAIN[:LOOKS]:
        if saved.is_final or saved.sent is None:
            break
        on_pause(saved)
        await wait(pause)
        saved = await look_up(session, saved.sent)
    return saved
