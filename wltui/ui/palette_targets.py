"""What the palette can ask the app to do, and the rows in which it offers that."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct
from textual.dom import DOMNode

from wltui.core.records import Model, ModelId, ModelVersion, Workspace, WorkspaceId
from wltui.store.drafts import Kept
from wltui.ui.instances import Instance
from wltui.ui.text.finder import FinderRow, row
from wltui.ui.text.format import age, base_name


class RunAction(Struct, frozen=True):
    """Run a binding's action where the binding is: ``await app.run_action(action, node)``."""

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
    """Go to a version; it comes without its config, and may have changed since the cache learned of it."""

    version: ModelVersion


class OpenDraft(Struct, frozen=True, gc=False):
    """Go on with an unsent edit of a version."""

    version: ModelVersion


class SwitchProfile(Struct, frozen=True):
    """Go over to another instance."""

    instance: Instance


Command = RunAction | SwitchProfile | OpenWorkspace | OpenModel | OpenVersion | OpenDraft


class Target(Struct, frozen=True, eq=False, gc=False):
    """One row of the palette. Its texts are as they came from outside.

    There may be many, which form no circle: the garbage collector need not look at them.
    """

    kind: str
    """What it is, in a word for people."""
    rank: int
    """Kinds with the least number stand first among those that match as well."""
    name: str
    about: str
    """What is told behind the name, and searched with it."""
    where: str
    """Where it is: a workspace's name; of an action its key, of an unsent edit its age."""
    command: Command | None
    """None where it can't be done just now."""
    off: str = ""
    """Why not."""
    status: str | None = None
    """Of a version."""

    @property
    def row(self) -> FinderRow:
        """What it is found by."""
        return row(self.name, (self.about, self.where, self.status or ""), self.rank)


UNSENT, ACTION, WORKSPACE, MODEL, VERSION, MINOR, OFF = range(7)
"""The ranks. Minor are the actions that no footer shows, such as moving the cursor."""


def drafts(kept: Iterable[Kept], now: datetime, disabled_reason: Callable[[Kept], str]) -> list[Target]:
    """Unsent edits; ``disabled_reason`` says why one can't be opened, or nothing."""
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
    """Return the instances that one can go over to, other than the one of the profile ``here``."""
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


def places(workspace: Workspace, models: Sequence[Model]) -> list[Target]:
    """Return the rows of a workspace, its models, and their versions."""
    where = workspace.name
    found = [
        Target("workspace", WORKSPACE, where, str(workspace.id), "archived" if workspace.archived else "",
               OpenWorkspace(workspace.id))
    ]  # fmt: skip
    for model in models:
        command = OpenModel(workspace.id, model.id, model.name)
        found.append(Target("model", MODEL, model.name, str(model.id), where, command))
        for version in model.versions or ():
            light = msgspec.structs.replace(version, config=None)  # schemas are long, and versions many
            found.append(
                Target("version", VERSION, f"{model.name} {version.id}", base_name(version.file_name), where,
                       OpenVersion(light), status=version.status or "")
            )  # fmt: skip
    return found
