"""What each kind of record knows, for the filter of its list and for the palette."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from wltui.core.compact import common_parts
from wltui.core.images import ImagePath
from wltui.core.records import Model, ModelVersion, Phase, Workspace, phase
from wltui.core.times import parse_timestamp
from wltui.service.deployments import PipelineRow

from .facts import Facts, Pair, Texts, facts, texts_of

PHASES: Mapping[Phase, str] = {
    Phase.READY: "ready",
    Phase.ERROR: "error failed",
    Phase.PENDING: "pending",
    Phase.OTHER: "other",
    Phase.ABSENT: "unknown",
}
"""The words that find the versions of each phase, beside the server's own word."""


def version_facts(
    version: ModelVersion,
    *more: Pair,
    below: bool = False,
    same: tuple[str, ...] = (),
    since: datetime | None = None,
) -> Facts:
    """Return what a version knows.

    Args:
        version: The version.
        more: What it does not know itself: the name of its workspace, its cause of failure in other words.
        below: Whether the row is that of its model or workspace, which words find by its status and reason alone.
        same: Keys whose texts are the same in all rows of the list, so that only the keys find them.
        since: When its age began, if not with its creation.
    """
    parts = common_parts(version)
    key = (*map(id, parts), more, below, same)
    held = _TEXTS.get(key)
    if held is None:
        if len(_TEXTS) >= _MOST_TEXTS:
            _TEXTS.clear()
        held = _TEXTS[key] = parts, _version_texts(version, more, below, same)
    return Facts(held[1], version, since.timestamp() if since else None)


def forget_texts() -> None:
    """Drop what is kept to make the facts of a list faster. Whoever has made those of many versions calls it."""
    _TEXTS.clear()


_MOST_TEXTS = 1 << 17
"""Texts that are kept: some 40 MB, until :func:`forget_texts` is called."""
_TEXTS: dict[tuple[object, ...], tuple[object, Texts]] = {}
"""The texts of versions by the identity of what they have in common, which is held with them: the versions of a list
differ in few texts, and to put these together takes ten times as long as the rest."""


def _version_texts(
    version: ModelVersion, more: tuple[Pair, ...], below: bool, same: tuple[str, ...]
) -> Texts:
    """Return the texts of a version that are no digests; see :func:`version_facts`."""
    runtime = version.config.runtime if version.config else None
    first: tuple[Pair, ...] = (
        *more,
        ("status", status_words(version.status)),
        ("reason", version.error_summary),
    )
    others: tuple[Pair, ...] = (
        ("model", version.model_name),  # where most search for letters
        ("file", version.file_name),
        *_image(version.image_path),
        ("framework", version.framework),
        ("arch", version.arch),
        ("accel", version.accel),
        ("by", version.created_by),
        ("by", version.owner_id),
        ("release", version.created_on_version),
        ("runtime", runtime if isinstance(runtime, str) else None),
        ("python", version.python_version),
        ("is", "deployed" if version.deployed else None),
    )
    words, hidden = (first, others) if below else ((*others, *first), ())
    if same:
        hidden = *hidden, *(pair for pair in words if pair[0] in same)
        words = tuple(pair for pair in words if pair[0] not in same)
    return texts_of(words, hidden, is_below=below)


def model_facts(model: Model, *workspace: Pair) -> tuple[Facts, ...]:
    """Return what a model knows: of itself, and of each of its versions. The workspace is found by its key alone."""
    named: tuple[Pair, ...] = (("model", model.name), ("model", str(model.id)))
    own = facts(*named, ("by", _owner(model)), hidden=workspace, id=model.id, since=_updated(model))
    return own, *(
        version_facts(version, *named, *workspace, below=True, same=("ws",))
        for version in model.versions or ()
    )


def workspace_facts(workspace: Workspace) -> Facts:
    """Return what a workspace knows of itself."""
    return facts(
        *workspace_pairs(workspace),
        ("by", workspace.created_by),
        ("is", "archived" if workspace.archived else None),
        id=workspace.id,
        since=seconds(workspace.created_at),
    )


def facts_below(workspace: Workspace, models: Iterable[Model]) -> Iterator[Facts]:
    """Yield what the models of a workspace and their versions know."""
    shared = workspace_pairs(workspace)
    for model in models:
        named: tuple[Pair, ...] = ("model", model.name), ("by", _owner(model))
        yield facts(*shared, hidden=named, is_below=True, id=model.id, since=_updated(model))
        for version in model.versions or ():
            yield version_facts(version, *shared, below=True)


def workspace_pairs(workspace: Workspace) -> tuple[Pair, ...]:
    """Return by which texts a workspace is found."""
    return ("ws", workspace.name), ("ws", str(workspace.id))


def pipeline_facts(row: PipelineRow, *more: Pair) -> tuple[Facts, ...]:
    """Return what a pipeline knows: of itself, and of each version in it."""
    pipeline = row.pipeline
    deployment = pipeline.deployment
    shared: tuple[Pair, ...] = (
        ("pipeline", pipeline.name),
        ("is", {True: "deployed", False: "undeployed", None: None}[row.is_deployed]),
        ("reason", deployment.limit_status if deployment else None),
        ("by", deployment.updated_by if deployment else None),
        *more,
    )
    since = seconds((deployment.updated_at if deployment else None) or pipeline.updated_at)
    steps: Sequence[Facts] = [
        facts(*shared, ("model", model.name), id=pipeline.id, uuid=model.uuid, since=since)
        for step in pipeline.steps
        for model in step.models
    ]
    uses = [facts(*shared, id=use.version_id, config=use.config_id, since=since) for use in row.uses or ()]
    return facts(*shared, id=pipeline.id, uuid=pipeline.version, since=since), *steps, *uses


def status_words(status: str | None) -> str:
    """Return the words that find a status: that of the server, and those of its phase."""
    words = PHASES[phase(status)]
    return f"{status} {words}" if status and status not in words else words


def seconds(stamp: str | None) -> float | None:
    """Return a timestamp in seconds since 1970, or None if it can't be parsed."""
    time = parse_timestamp(stamp)
    return time.timestamp() if time else None


def _owner(model: Model) -> str:
    return (model.owner_id or "").strip('"')


def _updated(model: Model) -> float | None:
    return seconds(model.updated_at or model.created_at)


def _image(path: str | None) -> tuple[Pair, ...]:
    if not path:
        return ()
    return ("image", path), ("tag", _tag(path))


@lru_cache(maxsize=256)  # many versions share few images
def _tag(path: str) -> str:
    return ImagePath.parse(path).tag.removeprefix(":")
