"""The palette's commands to the app, and the rows that offer them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from textual.dom import DOMNode

from wltui.core.compact import without_config
from wltui.core.records import Model, ModelId, ModelVersion, Workspace, WorkspaceId
from wltui.core.themes import DARK, LIGHT, NAMES, TERMINAL
from wltui.store.drafts import Kept
from wltui.ui.instances import Instance
from wltui.ui.text.facts import Facts, Pair, facts, text_facts
from wltui.ui.text.finder import FinderRow, row
from wltui.ui.text.format import age, base_name
from wltui.ui.text.record_facts import forget_texts, seconds, version_facts, workspace_facts, workspace_pairs
from wltui.ui.upload_entry import Upload


class RunAction(Struct, frozen=True):
    """Run a binding's action on the node that has the binding: ``await app.run_action(action, node)``."""

    action: str
    node: DOMNode


class OpenWorkspace(Struct, frozen=True, gc=False):
    """Go to the models of a workspace."""

    workspace_id: WorkspaceId


class OpenModel(Struct, frozen=True, gc=False):
    """Go to the versions of a model."""

    workspace_id: WorkspaceId
    model_id: ModelId
    name: str


class OpenVersion(Struct, frozen=True, gc=False):
    """Go to a version. The record has no config, and may be older than the server's."""

    version: ModelVersion


class OpenDraft(Struct, frozen=True, gc=False):
    """Continue an unsent edit of a version."""

    version: ModelVersion


class OpenUpload(Struct, frozen=True):
    """Go to an upload in the list of uploads."""

    upload: Upload


class SwitchProfile(Struct, frozen=True):
    """Switch to another instance."""

    instance: Instance


class ChooseTheme(Struct, frozen=True):
    """Change the theme."""

    name: str


Command = (
    RunAction | ChooseTheme | SwitchProfile | OpenUpload | OpenWorkspace | OpenModel | OpenVersion | OpenDraft
)


def place_of(command: Command | None) -> tuple[str, int] | None:
    """Return the place that a command goes to, as a kind and an id, or None if it goes to none."""
    match command:
        case OpenWorkspace(workspace_id):
            return "workspace", workspace_id
        case OpenModel(_, model_id):
            return "model", model_id
        case OpenVersion(version):
            return "version", version.id
    return None


class Target(Struct, frozen=True, eq=False, gc=False):
    """One row of the palette. Its texts are unchecked text from outside.

    There may be many, and they form no reference cycles, so the garbage collector does not track them.
    """

    kind: str
    """The kind of target, in a word for people."""
    rank: int
    """Sort key among equal matches, lowest first."""
    name: str
    about: str
    """Text after the name, searched with it."""
    where: str
    """Text at the right: a workspace's name, an action's key, or an unsent edit's age."""
    command: Command | None
    """None if the command is disabled, see ``off``."""
    off: str = ""
    """Why the command is disabled, or an empty string."""
    status: str | None = None
    """A version's status."""
    facts: Facts | None = None
    """What a place knows; None if the texts of the row are all."""

    @property
    def row(self) -> FinderRow:
        """What it is found by."""
        return row(self.name, self.facts or text_facts((self.name, self.about, self.where)), self.rank)


UNSENT, ACTION, WORKSPACE, MODEL, VERSION, MINOR, OFF = range(7)
"""The ranks. ``MINOR`` is for actions that no footer shows, such as moving the cursor."""


def uploads(listed: Iterable[Upload]) -> list[Target]:
    """Return the rows of the session's uploads."""
    return [
        Target("upload", UNSENT, each.file_name, f"to {each.model_name}", _state(each), OpenUpload(each))
        for each in listed
    ]


def _state(upload: Upload) -> str:
    from wltui.ui.text.upload_words import outcome_word, short_state  # only who uploads needs it

    if upload.job is not None:
        return short_state(upload.job)
    return outcome_word(upload.found) if upload.found else "unsettled"


def drafts(kept: Iterable[Kept], now: datetime, disabled_reason: Callable[[Kept], str]) -> list[Target]:
    """Return the rows of unsent edits; ``disabled_reason`` returns why one can't be opened, or an empty string."""
    return [
        Target(
            "unsent",
            UNSENT,
            f"{each.version.model_name} {each.version.id}".strip(),
            "unsent edit",
            f"{age(now - each.changed)} ago",
            None if off else OpenDraft(each.version),
            off,
        )
        for each in kept
        for off in [disabled_reason(each)]
    ]


def profiles(instances: Iterable[Instance], here: str) -> list[Target]:
    """Return the rows of instances to switch to: all but that of the profile ``here``."""
    return [
        Target(
            "profile",
            ACTION,
            f"Switch profile: {each.name}",
            each.settings.host if each.settings else "",
            "",
            None if each.trouble else SwitchProfile(each),
            each.trouble,
        )
        for each in instances
        if each.name != here
    ]


def themes(current: str, disabled_reason: Callable[[str], str]) -> list[Target]:
    """Return the rows of the themes; ``disabled_reason`` returns why one can't be chosen, or an empty string."""
    return [
        Target(
            "theme",
            OFF if off else MINOR,
            f"Theme: {name}",
            _THEMES.get(name, ""),
            "now" if name == current else "",
            None if off else ChooseTheme(name),
            off,
        )
        for name in NAMES
        for off in [disabled_reason(name)]
    ]


_THEMES = {
    DARK: "dark, wltui's own",
    LIGHT: "light, wltui's own",
    TERMINAL: "the terminal's own 16 colours",
}


def places(workspace: Workspace, models: Sequence[Model]) -> list[Target]:
    """Return the rows of a workspace, its models, and their versions."""
    where, shared = workspace.name, workspace_pairs(workspace)
    found = [
        Target("workspace", WORKSPACE, where, str(workspace.id), "archived" if workspace.archived else "",
               OpenWorkspace(workspace.id), facts=workspace_facts(workspace))
    ]  # fmt: skip
    for model in models:
        command = OpenModel(workspace.id, model.id, model.name)
        named: tuple[Pair, ...] = ("model", model.name), ("by", (model.owner_id or "").strip('"'))
        own = facts(*named, *shared, id=model.id, since=seconds(model.updated_at or model.created_at))
        found.append(Target("model", MODEL, model.name, str(model.id), where, command, facts=own))
        for version in model.versions or ():
            light = without_config(version)  # schemas are long, and versions many
            found.append(
                Target("version", VERSION, f"{model.name} {version.id}", base_name(version.file_name), where,
                       OpenVersion(light), status=version.status or "", facts=version_facts(version, *shared))
            )  # fmt: skip
    forget_texts()
    return found
