"""Prepare an upload from the command line: look at the file and its workspace, and show what was found."""

from collections.abc import Awaitable, Sequence
from pathlib import Path
from typing import TypeVar

from msgspec import Struct

from wltui.core.errors import FileChanged, ReadOnlyMode, UsageError
from wltui.core.home_paths import UnknownHome, expand_home
from wltui.core.records import Model, Workspace
from wltui.core.settings import Settings
from wltui.core.threads import run_in_thread
from wltui.core.upload_frameworks import needs_schemas, required_arch
from wltui.core.upload_plan import UploadPlan
from wltui.service.service import Service
from wltui.service.upload.contents import Contents, inspect
from wltui.service.upload.digest import FileDigest, digest_in_thread
from wltui.service.upload.findings import Finding, Severity
from wltui.service.upload.guess import Guess, guess_framework
from wltui.service.upload.local_file import UnusableFile
from wltui.service.upload.names import suggest_name
from wltui.service.upload.predecessors import Target, find_target, probe
from wltui.service.upload.preparing import (
    Hardware,
    describe_target,
    find_all,
    parse_options,
    usual_hardware,
    versions_of,
)
from wltui.ui.text.format import size
from wltui.ui.text.upload_words import finding_text, percent

from .records import Progress, find_workspace, names_of, read_models, read_workspaces
from .save_text import say_line

T = TypeVar("T")


class UploadFlags(Struct, frozen=True, kw_only=True):
    """What the flags of the command say."""

    file: Path
    workspace: str
    """Name or number; empty for the one that the settings name."""
    name: str | None = None
    framework: str | None = None
    arch: str | None = None
    accel: str | None = None
    options: dict[str, str] = {}
    input_schema: Path | None = None
    output_schema: Path | None = None
    yes: bool = False
    confirm: str | None = None
    force: bool = False
    """Send what the platform will refuse for sure, as far as the checks know."""
    dry_run: bool = False
    unrecorded: bool = False
    output: str = "id"


class Prepared(Struct, frozen=True, kw_only=True):
    """An upload that can be sent, with all that is known of it."""

    plan: UploadPlan
    digest: FileDigest
    findings: Sequence[Finding]
    target: Target
    workspace: Workspace
    guess: Guess
    hardware: Hardware

    @property
    def is_hopeless(self) -> bool:
        """Whether the platform will refuse it for sure."""
        return any(finding.severity is Severity.CERTAIN for finding in self.findings)


class Preparer:
    """Prepares an upload in one session.

    Args:
        service: The session's service.
        settings: Its settings.
        flags: The flags.
    """

    def __init__(self, service: Service, settings: Settings, flags: UploadFlags) -> None:
        self._service, self._settings, self._flags = service, settings, flags
        self._progress = Progress()

    async def prepare(self) -> Prepared:
        """Read the file and the models of the workspace, and return the upload with all that was found.

        Raises:
            ReadOnlyMode: the session is read-only; nothing was read either.
            UsageError: the file can't be read, or something has to be given.
            NotFound: there is no such workspace.
            WltuiError: the workspace can't be read.
        """
        flags = self._flags
        if self._settings.read_only and not flags.dry_run:
            raise ReadOnlyMode(
                f"{flags.file.name} was not uploaded", "this session is read-only", "Nothing was sent"
            )
        contents = await _usable(run_in_thread(inspect, flags.file))
        workspaces = (await read_workspaces(self._service, self._settings)).value
        workspace = self._find_workspace(workspaces)
        models = (await read_models(self._service, self._settings, workspace)).value
        guess = guess_framework(contents)
        framework = flags.framework or guess.framework
        if not framework:
            likely = f" It may be {', '.join(guess.alternatives)}." if guess.alternatives else ""
            raise UsageError(
                f"The framework of {flags.file.name} is not known", f"{guess.why}{likely}", "Add --framework"
            )
        plan, target, hardware = await self._plan(workspace, models, framework)
        digest = await self._hash(contents)
        known = [*versions_of(models), *await self._service.cached_same_file(probe(digest.sha256))]
        names, now = names_of(workspaces), self._service.clock()
        findings = await run_in_thread(lambda: find_all(plan, contents, digest.sha256, known, names, now=now))
        return Prepared(
            plan=plan,
            digest=digest,
            findings=findings,
            target=target,
            workspace=workspace,
            guess=guess,
            hardware=hardware,
        )

    def _find_workspace(self, workspaces: Sequence[Workspace]) -> Workspace:
        word = self._flags.workspace or str(self._settings.workspace or "")
        if not word:
            raise UsageError("The workspace is missing", "", "Add --workspace with its name or number")
        return find_workspace(workspaces, word)

    async def _plan(
        self, workspace: Workspace, models: Sequence[Model], framework: str
    ) -> tuple[UploadPlan, Target, Hardware]:
        flags = self._flags
        name = flags.name if flags.name is not None else suggest_name(flags.file.name)
        if not name:
            why = f"{flags.file.name} has no letter for one" if flags.name is None else "--name is empty"
            raise UsageError("The model has no name", why, "Add --name, such as --name ccfraud")
        bare = UploadPlan(
            name=name, workspace_id=workspace.id, file=flags.file.absolute(), framework=framework
        )
        target = find_target(bare, models)
        hardware = await self._hardware(target, framework)
        accel = hardware.accel
        config, accel_config = parse_options(framework, accel, flags.options)
        schemas = await self._schemas(target, framework)
        plan = UploadPlan(
            name=name,
            workspace_id=workspace.id,
            file=bare.file,
            framework=framework,
            arch=hardware.arch,
            accel=accel,
            accel_config=accel_config,
            framework_config=config,
            input_schema=schemas["input_schema"],
            output_schema=schemas["output_schema"],
        )
        return plan, target, hardware

    async def _hardware(self, target: Target, framework: str) -> Hardware:
        """Return the hardware: of the flags, as the accelerator needs it, or as version or instance have it."""
        flags = self._flags
        needed = required_arch(flags.accel or "")
        given = flags.arch or needed
        default = "" if given else await self._service.uploads.default_arch()
        usual = usual_hardware(target, framework, default)
        source = "" if flags.arch else f"all that {flags.accel} takes" if needed else usual.source
        return Hardware(given or usual.arch, flags.accel or usual.accel, source)

    async def _schemas(self, target: Target, framework: str) -> dict[str, str | None]:
        """Return the schemas of the files that were given, else those of the model's newest version that has them."""
        from wltui.config.schema import SchemaError
        from wltui.config.schema.files import read_schema

        files = {"input_schema": self._flags.input_schema, "output_schema": self._flags.output_schema}
        config = target.with_schemas.config if target.with_schemas and needs_schemas(framework) else None
        found: dict[str, str | None] = {}
        for key, file in files.items():
            try:
                read = await run_in_thread(read_schema, expand_home(file)) if file else None
            except SchemaError as error:
                raise UsageError(error.what, error.why, error.advice) from None
            except UnknownHome as error:
                raise UsageError(f"{file} can't be read", str(error), "Write the whole path") from None
            before = getattr(config, key) if config else None
            found[key] = read or (before if isinstance(before, str) else None)
        if config and target.with_schemas and None in files.values():
            say_line(f"Schemas that are not given are those of version {target.with_schemas.id}.")
        return found

    async def _hash(self, contents: Contents) -> FileDigest:
        def show(done: int, total: int) -> None:
            self._progress.show(f"Reading {contents.path.name}: {percent(done, total)} %")

        try:
            return await _usable(digest_in_thread(contents.path, show))
        finally:
            self._progress.show("")

    def show(self, ready: Prepared) -> None:
        """Show what would be sent, and all that was found."""
        plan = ready.plan
        where = describe_target(ready.target, plan.name) or "a new version"
        why = "" if self._flags.framework else f" ({ready.guess.why.rstrip('.')})"
        say_line(f"{plan.file_name}, {size(ready.digest.size)}, SHA-256 {ready.digest.sha256}")
        say_line(
            f"to {self._settings.host}, workspace {ready.workspace.name} ({plan.workspace_id}), as {plan.name}: {where}"
        )
        source = f" ({ready.hardware.source})" if ready.hardware.source else ""
        say_line(
            f"framework {plan.framework}{why}, {plan.arch}{source}, acceleration {plan.accel}, by {plan.route}"
        )
        for finding in ready.findings:
            say_line(finding_text(finding))


async def _usable(work: Awaitable[T]) -> T:
    """Return what reading the file returns; raise UsageError if it can't be read."""
    try:
        return await work
    except (UnusableFile, FileChanged) as error:
        raise UsageError(error.what, error.why, error.advice) from None
