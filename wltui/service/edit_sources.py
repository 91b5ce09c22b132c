"""Sources of an edit without a form: a file, single settings, another version's config, or an earlier config."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeVar

from msgspec.structs import replace

from wltui.config import assignments
from wltui.config.detail import NO_CONFIG, VersionDetail
from wltui.config.edit import SCHEMAS, ConfigEdit, is_same_value
from wltui.config.field_values import describe_unknown
from wltui.config.fields import FIELD, Problem
from wltui.config.schema import SchemaError
from wltui.config.schema.files import read_schema
from wltui.config.text_forms import ConfigText, parse_config
from wltui.core.errors import ConfigClash, SaveDeclined, UsageError
from wltui.core.home_paths import UnknownHome, expand_home
from wltui.core.records import UNSET, ConfigId, ModelConfig, Outcome, VersionId
from wltui.store.save_history import History

from .headless_edit import EditSource, KnownConfigs, SourcedEdit
from .save_outcome import assumed

Word = TypeVar("Word")

GET_ANEW = "Get the config anew, or remove from the file the line that names its config; then the file is the whole one"


class WrongConfig(UsageError):
    """A config that a user has written is wrong; ``lines`` has a line for each problem."""

    def __init__(self, place: str, problems: Iterable[Problem]) -> None:
        """``place`` is the file or the words that the problems are in; empty if they need no name."""
        self.lines = tuple(_line(place, problem) for problem in problems)
        super().__init__("; ".join(self.lines))


def _line(file: str, problem: Problem) -> str:
    place = f"line {problem.line}" if problem.line is not None else ""
    if place and problem.column is not None:
        place += f", column {problem.column}"
    name = ".".join(key for key in (problem.field, problem.part) if key)
    return ": ".join(filter(None, (file, place, name, problem.text)))


# A file


def file_source(read: ConfigText, name: str) -> EditSource:
    """Return the source of a config that is in a file. ``name`` is the file's, for messages.

    If the file names the config that it began from, changes that others have made since are kept; else the file is
    the whole config.
    """

    def make(known: KnownConfigs) -> SourcedEdit:
        origin = read.origin
        if origin is None:
            return _edit_of_text(read, name, known, known.newest, ())
        _check_version(read, name, known)
        if origin.config_id is None:
            return _edit_of_text(read, name, known, known.newest, ())
        base = known.find(origin.config_id)
        if base is None or not _is_whole(read, base, origin.unread):
            return _edit_without_base(read, name, known, origin.config_id)
        sourced = _edit_of_text(read, name, known, base, origin.unread)
        return replace(sourced, notes=(*sourced.notes, *_kept_changes(name, known.newest, base)))

    return make


def _kept_changes(name: str, newest: ModelConfig, base: ModelConfig) -> tuple[str, ...]:
    """Return a sentence on what has changed since the config that a file began from, if anything has.

    So a file is not taken for the newest config where it leaves that as it is.
    """
    changed = [
        key
        for key in FIELD
        for was, has in [(getattr(base, key), getattr(newest, key))]
        if UNSET not in (was, has) and not is_same_value(key, was, has)
    ]
    began = f"config {base.id or 'none'}, which {name} began from"
    return (f"Changed since {began}, and kept as it is now: {', '.join(changed)}.",) if changed else ()


def _check_version(read: ConfigText, name: str, known: KnownConfigs) -> None:
    origin, version = read.origin, known.version
    if origin is None:
        return
    others_name = origin.model_name and version.model_name and origin.model_name != version.model_name
    if origin.version_id == version.id and not others_name:
        return
    whose = f"version {origin.version_id}" + (f" of {origin.model_name}" if origin.model_name else "")
    number = f"version {version.id}" if version.id else "the new version"
    here = number + (f" of {version.model_name}" if version.model_name else "")
    raise UsageError(
        f"{name} has the config of {whose}, not of {here}",
        "",
        "Remove what names the version in the file to apply it all the same, or use wltui config copy",
    )


def _is_whole(read: ConfigText, base: ModelConfig, unread: Collection[str]) -> bool:
    """Return whether a field that is missing in a TOML file was null when it was written, or can't be read now either.

    Else nobody knows the meaning of its absence.
    """
    if read.settings is not None:
        return True
    return all(getattr(base, key) is not UNSET or key in unread for key in FIELD)


def _edit_without_base(read: ConfigText, name: str, known: KnownConfigs, began: ConfigId) -> SourcedEdit:
    unread = read.origin.unread if read.origin else ()
    sourced = _edit_of_text(read, name, known, known.newest, unread)
    if began == known.newest.id or not sourced.edit.is_changed:
        return sourced
    changed = tuple(change.key for change in sourced.edit.changes())
    raise ConfigClash(
        f"Version {known.version.id} has a newer config than {name} began from",
        f"the newest is config {known.newest.id or 'none'}; config {began or 'none'}, from which the file began, can't "
        f"be read as a whole, so it is not known who changed: {', '.join(changed)}",
        f"Nothing was sent. {GET_ANEW}",
        newest=known.newest,
        fields=changed,
    )


def _edit_of_text(
    read: ConfigText, name: str, known: KnownConfigs, base: ModelConfig, unread: Collection[str]
) -> SourcedEdit:
    """Return the edit that a text makes; fields in ``unread`` were not readable when it was written.

    They are not null, though they are missing.
    """
    written = replace(base, **dict.fromkeys(unread, UNSET))
    parsed = parse_config(read, ConfigEdit(known.version.id, written))
    if not isinstance(parsed, ConfigEdit):
        raise WrongConfig(name, parsed)
    edit = _with_values(ConfigEdit(known.version.id, base), parsed.values.items())
    named = [key for key, value in parsed.values.items() if value is None and getattr(written, key) is UNSET]
    if read.settings is not None:
        return SourcedEdit(edit, advice=GET_ANEW)
    missing = [key for key, value in edit.values.items() if value is None and key not in named]
    note = f"Missing in {name}, and so to be set to null: {', '.join(missing)}."
    return SourcedEdit(edit, frozenset(named), notes=(note,) if missing else (), advice=GET_ANEW)


def _with_values(edit: ConfigEdit, values: Iterable[tuple[str, object]]) -> ConfigEdit:
    for key, value in values:
        edit = edit.with_value(key, value)
    return edit


# Single settings


def set_source(words: Sequence[tuple[str, str]]) -> EditSource:
    """Return the source of an edit that sets fields, or parts of them; see :mod:`wltui.config.assignments`."""

    def make(known: KnownConfigs) -> SourcedEdit:
        def change(edit: ConfigEdit, word: tuple[str, str]) -> assignments.Result:
            return assignments.assign(edit, *word, _read_schema)

        nulls = frozenset(key for key, text in words if text == "null" and key in FIELD)
        _check_once(path for path, _ in words)
        return SourcedEdit(_change_each(known, words, change), nulls)

    return make


def _check_once(paths: Iterable[str]) -> None:
    """Raise WrongConfig if a field, or a part of one, is set twice: one of the two is a mistake."""
    if twice := [path for path, number in Counter(paths).items() if number > 1]:
        raise WrongConfig("", [Problem(path, "Is set twice") for path in twice])


def _read_schema(path: str) -> str:
    try:
        return read_schema(expand_home(path))
    except UnknownHome as error:
        raise SchemaError(f"{path} can't be read", str(error)) from None


def unset_source(paths: Sequence[str]) -> EditSource:
    """Return the source of an edit that sets fields to null, or removes parts of them."""

    def make(known: KnownConfigs) -> SourcedEdit:
        return SourcedEdit(_change_each(known, paths, assignments.unset), frozenset(paths) & FIELD.keys())

    return make


def _change_each(
    known: KnownConfigs, words: Iterable[Word], change: Callable[[ConfigEdit, Word], assignments.Result]
) -> ConfigEdit:
    """Return an edit of the newest config after each change.

    Raises:
        WrongConfig: some of them are wrong.
    """
    edit, problems = ConfigEdit(known.version.id, known.newest), list[Problem]()
    for word in words:
        result = change(edit, word)
        if isinstance(result, ConfigEdit):
            edit = result
        else:
            problems += result
    if problems:
        raise WrongConfig("", problems)
    return edit


# Other configs


def copy_source(other: VersionDetail, without: Collection[str] = ()) -> EditSource:
    """Return the source of an edit that copies the config of another version, except for the fields in ``without``.

    Raises:
        WrongConfig: ``without`` has a name that is no field's.
        SaveDeclined: by the source, if a field of the other config can't be read, or there is none.
    """
    if wrong := [Problem("", describe_unknown(key, list(FIELD))) for key in without if key not in FIELD]:
        raise WrongConfig("--without", wrong)

    def make(known: KnownConfigs) -> SourcedEdit:
        number, config = other.version.id, other.config
        if config is None or config.id == NO_CONFIG:
            raise SaveDeclined(
                f"Version {number} has no config to copy",
                "",
                "Nothing was sent. To set fields to null, use unset",
            )
        values = {key: getattr(config, key) for key in FIELD if key not in without}
        if hidden := [key for key, value in values.items() if value is UNSET]:
            raise SaveDeclined(
                f"The config of version {number} can't be copied as a whole",
                f"these fields of it can't be read: {', '.join(hidden)}",
                "Nothing was sent. Add --without with their names to leave them as they are",
            )
        return SourcedEdit(_with_values(ConfigEdit(known.version.id, known.newest), values.items()))

    return make


def predecessor_source(other: VersionDetail) -> EditSource:
    """Return the source of an edit that gives a new version the config of the one before it.

    Its own schemas, which came with the upload, stay where the other version has none.
    """
    config = other.config
    return copy_source(other, [key for key in SCHEMAS if config is not None and getattr(config, key) is None])


def revert_source(history: History, to: ConfigId | None = None) -> EditSource:
    """Return the source of an edit that undoes the last save of this host, or puts back a former config as a whole.

    To undo a save changes the fields that it changed, and keeps later changes of others.

    Raises:
        SaveDeclined: by the source, if no save is recorded, or nobody knows that config.
    """

    def make(known: KnownConfigs) -> SourcedEdit:
        version_id = known.version.id
        if to is not None:
            row = known.find(to)
            if row is None:
                raise SaveDeclined(
                    f"Config {to} of version {version_id} can't be put back",
                    "neither the instance nor this host's history shows it",
                )
            return _put_back(ConfigEdit(version_id, known.newest), row)
        entries = history.entries(version_id)
        last = next((entry for entry in entries if entry.outcome is Outcome.SAVED and entry.config), None)
        if last is None or last.config is None:
            raise SaveDeclined(
                f"No save of version {version_id} can be undone",
                history.unreadable or "none is recorded on this host",
            )
        made = assumed(last.request, known.find(last.config.id) or last.config)
        return _put_back(ConfigEdit(version_id, made), last.base)

    return make


def _put_back(edit: ConfigEdit, row: ModelConfig) -> SourcedEdit:
    values = {key: getattr(row, key) for key in FIELD}
    hidden = [FIELD[key].title for key, value in values.items() if value is UNSET]
    note = f"Not readable in config {row.id}, and left as they are: {', '.join(hidden)}."
    advice = "Set these fields yourself, or put back a whole config: wltui config revert --to"
    return SourcedEdit(_with_values(edit, values.items()), notes=(note,) if hidden else (), advice=advice)


def problems_of(version_id: VersionId, problems: Iterable[Problem]) -> WrongConfig:
    """Return the error for a config that nobody should send."""
    return WrongConfig(f"the config of version {version_id}", problems)
