"""Find earlier versions of an upload's model, and of its very file, in listings that are already loaded."""

from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from wltui.core.diagnosis import NO_REASON, diagnose
from wltui.core.records import Model, ModelVersion, Phase, VersionId, WorkspaceId, missing_records, phase
from wltui.core.upload_plan import UploadPlan

from .findings import Finding, Severity, shorten

_LONGEST_REASON = 300


class Target(Struct, frozen=True):
    """The model that an upload goes to."""

    model: Model | None
    """None if the workspace has no model of that name, so that the upload makes one."""
    ordinal: int | None
    """The upload will be its first, second, … version; None if its versions are not all known."""
    previous: ModelVersion | None = None
    """Its newest version; None if it has none, or none is known."""
    with_schemas: ModelVersion | None = None
    """Its newest version of the same framework whose schemas are both known; else of any framework."""
    with_config: ModelVersion | None = None
    """Its newest version that is ready, whose config the new one may get; else the newest."""
    similar: str = ""
    """The name of another model that differs in capital letters only; empty if there is none."""


def find_target(plan: UploadPlan, models: Iterable[Model]) -> Target:
    """Return the model that an upload goes to.

    Args:
        plan: The upload.
        models: The models of its workspace, or of several.
    """
    here = [model for model in models if model.workspace_id in {None, plan.workspace_id}]
    similar = next(
        (model.name for model in here if model.name != plan.name and model.name.lower() == plan.name.lower()),
        "",
    )
    model = next((model for model in here if model.name == plan.name), None)
    if model is None:
        return Target(None, 1, similar=similar)
    if model.versions is None:
        return Target(model, None, similar=similar)
    versions = sorted(model.versions, key=lambda version: version.id, reverse=True)
    have_schemas = [version for version in versions if _has_schemas(version)]
    same = (version for version in have_schemas if version.framework == plan.framework)
    ready = (version for version in versions if phase(version.status) is Phase.READY)
    newest = versions[0] if versions else None
    return Target(
        model,
        len(versions) + 1 if not missing_records(model.versions)[0] else None,
        newest,
        next(same, have_schemas[0] if have_schemas else None),
        next(ready, newest),
        similar,
    )


def _has_schemas(version: ModelVersion) -> bool:
    config = version.config
    return (
        config is not None and isinstance(config.input_schema, str) and isinstance(config.output_schema, str)
    )


def probe(sha256: str) -> ModelVersion:
    """Return a version that stands for a file that is not uploaded yet, to ask for others with the same file."""
    return ModelVersion(id=VersionId(0), sha=sha256)


def check_same_file(
    plan: UploadPlan,
    sha256: str,
    versions: Iterable[ModelVersion],
    workspaces: Mapping[WorkspaceId, str] | None = None,
) -> list[Finding]:
    """Return the fates of this very file before: the newest version of each, those that failed first.

    Args:
        plan: The upload.
        sha256: The hash of its file.
        versions: The versions of any workspaces. Those with another file are ignored, and failures with another
            framework: with this one the file may be in order.
        workspaces: The names of workspaces by their ids, as far as they are known.
    """
    same = [
        version
        for version in versions
        if (version.sha or "").strip().lower() == sha256
        and not (phase(version.status) is Phase.ERROR and version.framework != plan.framework)
    ]
    same.sort(key=lambda version: version.id, reverse=True)
    found: dict[Phase, Finding] = {}
    for version in same:
        state = phase(version.status)
        if state not in found:
            found[state] = _describe(plan, version, same, workspaces or {})
    return sorted(found.values(), key=lambda finding: finding.severity is not Severity.LIKELY)


def _describe(
    plan: UploadPlan,
    version: ModelVersion,
    same: Sequence[ModelVersion],
    workspaces: Mapping[WorkspaceId, str],
) -> Finding:
    subject = f"This very file is version {version.id}{_of_model(plan, version, workspaces)}"
    state = phase(version.status)
    others = sum(phase(each.status) is state for each in same) - 1
    more = f", like {others:,} other version{'s' if others > 1 else ''} with it" if others else ""
    if state is Phase.ERROR:
        known = diagnose(version, siblings=same)
        reason = shorten(" ".join(known.reason.split()), _LONGEST_REASON)
        why = known.cause or (f"The platform says: {reason}." if reason else NO_REASON)
        return Finding(
            Severity.LIKELY, f"{subject}, which failed{more}. {why}", known.remedy, is_recorded=True
        )
    fate = {
        Phase.READY: "which is ready", Phase.PENDING: "which is on its way to ready",
    }.get(state, "whose status is not known")  # fmt: skip
    is_again = version.model_name == plan.name and version.workspace_id in {None, plan.workspace_id}
    remedy = "Change the config of that version, unless you want another one." if is_again else ""
    return Finding(Severity.NOTE, f"{subject}, {fate}{more}.", remedy)


def _of_model(plan: UploadPlan, version: ModelVersion, workspaces: Mapping[WorkspaceId, str]) -> str:
    model = f" of {shorten(version.model_name)}" if version.model_name else ""
    if version.workspace_id in {None, plan.workspace_id}:
        return model
    name = workspaces.get(version.workspace_id, "")
    return f"{model} in the workspace {shorten(name)}" if name else f"{model} in another workspace"
