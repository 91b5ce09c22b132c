"""What can be known of an upload while its form is filled in: read from the file, and from the instance."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from msgspec.structs import replace

from wltui.core.errors import WltuiError
from wltui.core.home_paths import UnknownHome
from wltui.core.records import Model, ModelVersion, WorkspaceId
from wltui.core.threads import run_in_thread
from wltui.core.upload_frameworks import needs_schemas
from wltui.service.upload.contents import Contents, inspect
from wltui.service.upload.digest import FileDigest, digest_in_thread
from wltui.service.upload.findings import Finding
from wltui.service.upload.guess import Guess, guess_framework
from wltui.service.upload.names import suggest_name
from wltui.service.upload.predecessors import Target, find_target, probe
from wltui.service.upload.preparing import (
    Hardware,
    find_all,
    order_frameworks,
    usual_hardware,
    versions_of,
)
from wltui.ui.screens.base.opening import CACHE_SECONDS
from wltui.ui.screens.base.path_frame import PathFrame
from wltui.ui.text.upload_words import repeat_finding
from wltui.ui.upload_draft import SCHEMAS, Built, build_upload, find_file, schema_text
from wltui.ui.upload_entry import Upload
from wltui.ui.widgets.upload_form import UploadForm


class UploadReading(PathFrame[Upload | None]):
    """A form of an upload that reads the file and the models of the workspace, and fills in what they say."""

    def __init__(self, workspace_id: WorkspaceId, model_name: str = "") -> None:
        super().__init__()
        self.workspace_id, self.model_name = workspace_id, model_name
        self.path: Path | None = None
        """The file, if there is one at the path in the box."""
        self.trouble = ""
        """Why there is none."""
        self.contents: Contents | None = None
        self.guess: Guess | None = None
        self.digest: FileDigest | None = None
        self.done = 0
        """Bytes of the file that have been read for its hash."""
        self.models: Sequence[Model] | None = None
        self.unread = ""
        """Why the models of the workspace are not known."""
        self._same: Sequence[ModelVersion] = ()
        """Versions of other workspaces with the same file, as far as they are in the cache."""
        self._default_arch = ""
        """The architecture that the instance names as its default, once it is known."""
        self.hardware = Hardware()
        """The hardware that was filled in."""
        self.built: Built | None = None
        self.findings: Sequence[Finding] = ()
        self.target: Target | None = None
        self.schemas_of: ModelVersion | None = None
        """The version whose schemas were filled in."""

    @property
    def opening_seconds(self) -> float:
        return CACHE_SECONDS

    @property
    def form(self) -> UploadForm:
        """The form."""
        return self.query_one(UploadForm)

    def show_known(self) -> None:
        """Show what is known by now."""
        raise NotImplementedError

    # The file

    def forget_file(self) -> None:
        """Forget what is known of the file."""
        self.path, self.contents, self.guess, self.digest = None, None, None, None
        self.trouble, self.done, self._same = "", 0, ()

    def look_at(self, text: str) -> None:
        """Begin to read the file of a path as typed."""
        self.forget_file()
        self.start(partial(self._read_file, text), group="file")

    async def _read_file(self, text: str) -> None:
        """Look at the file, fill in what it says, and make its hash; typing another path ends that."""
        if not text.strip():
            return
        try:
            path = await run_in_thread(find_file, text)
            contents = await run_in_thread(inspect, path)
        except (WltuiError, UnknownHome) as error:
            self.trouble = str(error)
            self.show_known()
            return
        self.path, self.contents, self.guess = path, contents, guess_framework(contents)
        await self._fill_in()
        try:
            self.digest = await digest_in_thread(path, self._hashed)
        except WltuiError as error:
            self.path, self.trouble = None, str(error)
            self.show_known()
            return
        self._same = await self.app.service.cached_same_file(probe(self.digest.sha256))
        self.check()

    def _hashed(self, done: int, _: int) -> None:
        self.done = done
        self.show_known()

    async def _fill_in(self) -> None:
        """Fill in what the file and the model's versions say, but for what the user has filled in."""
        form, guess = self.form, self.guess
        if guess is not None and self.path is not None:
            name = suggest_name(self.path.name)
            framework = form.draft.framework if "framework" in form.draft.given else guess.framework
            form.offer_frameworks(order_frameworks(guess), is_chosen=bool(framework))
            await form.fill_in(name=name, framework=framework)
        self._find_target()
        self.hardware = usual_hardware(self.target, form.draft.framework, self._default_arch)
        await form.fill_in(arch=self.hardware.arch, accel=self.hardware.accel)
        await self._fill_in_schemas()
        self.check()

    async def _fill_in_schemas(self) -> None:
        version = self.target.with_schemas if self.target else None
        if version is None or version == self.schemas_of or not needs_schemas(self.form.draft.framework):
            return
        config = version.config
        encoded = {key: getattr(config, key) for key in SCHEMAS}
        texts = {key: await run_in_thread(schema_text, key, value) for key, value in encoded.items()}
        self.schemas_of = version
        await self.form.fill_in(**texts)

    # The instance

    async def read_models(self) -> None:
        """Read the models of the workspace, and fill in what they say."""
        try:
            async for answer in self.app.service.models(self.workspace_id):
                self.models, self.unread = answer.value, ""
                await self._fill_in()
                self.end_opening()
        except WltuiError as error:
            self.unread = self.app.error_text(error, retries=True)
            self.show_known()
            self.end_opening()

    async def read_default_arch(self) -> None:
        """Fetch the default architecture of the instance, and fill it in where nothing else says one."""
        self._default_arch = await self.app.service.uploads.default_arch()
        if self._default_arch:
            await self._fill_in()

    def read_anew(self) -> None:
        self.start(self.read_models, group="models")

    def _find_target(self) -> None:
        draft = self.form.draft
        plan = build_upload(replace(draft, input_schema="", output_schema=""), Path(), self.workspace_id).plan
        self.target = find_target(plan, self.models) if self.models is not None and plan.name else None

    # Checks

    def check(self) -> None:
        """Begin to check what was typed."""
        self._find_target()
        self.show_known()
        self.start(self.check_all, group="check")

    async def check_all(self) -> None:
        """Check what was typed, the file, and what became of the file before."""
        draft, path, contents = self.form.draft, self.path, self.contents
        if path is None or contents is None:
            self.built, self.findings = None, ()
            self.show_known()
            return
        self.built = built = await run_in_thread(build_upload, draft, path, self.workspace_id)
        sha256 = self.digest.sha256 if self.digest else ""
        known = [*versions_of(self.models or ()), *self._same]
        names, now = dict(self.app.workspace_names), self.app.service.clock()
        repeats = await self.app.service.uploads.unsettled_of(built.plan, sha256)
        found = await run_in_thread(lambda: find_all(built.plan, contents, sha256, known, names, now=now))
        self.findings = [*(repeat_finding(record, self.key_of("app.uploads")) for record in repeats), *found]
        if self.target is not None and self.target.with_schemas is not self.schemas_of:
            await self._fill_in_schemas()
        self.show_known()
