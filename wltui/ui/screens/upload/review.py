"""Review an upload before it is sent: target, file, findings, and the metadata as they are sent."""

import json
import os
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from msgspec import Struct

from wltui.core.upload_frameworks import DIRECT, FRAMEWORKS
from wltui.core.upload_plan import UploadPlan
from wltui.service.upload.digest import FileDigest
from wltui.service.upload.findings import Finding, Severity
from wltui.service.upload.predecessors import Target
from wltui.service.upload.preparing import describe_target
from wltui.ui.screens.base.review import SendReview
from wltui.ui.text.copies import Copy, text_copy
from wltui.ui.text.format import age, size
from wltui.ui.text.shell_path import shorten_home
from wltui.ui.text.spans import Role, Spans, visible, wrap
from wltui.ui.text.upload_words import finding_spans
from wltui.ui.widgets.labelled import heading, labelled


class Ready(Struct, frozen=True):
    """An upload that can be sent, with all that is known of it."""

    plan: UploadPlan
    digest: FileDigest
    findings: Sequence[Finding]
    target: Target | None


class UploadReview(SendReview):
    """Returns True if the user chose to send the file."""

    def __init__(self, ready: Ready) -> None:
        super().__init__()
        self._ready = ready

    @property
    def name_to_type(self) -> str:
        return self._ready.plan.name

    @property
    def send_label(self) -> str:
        """The button's text, which says if the platform will refuse the file."""
        is_bad = any(finding.severity is Severity.CERTAIN for finding in self._ready.findings)
        return "Upload all the same" if is_bad else "Upload"

    def lines(self, cells: int) -> Sequence[Spans]:
        plan, ready = self._ready.plan, self._ready
        workspace = self.shown(self.app.workspace_label(plan.workspace_id))
        where = describe_target(ready.target, self.shown(plan.name)) or "a new version or model"
        return (
            *[line for finding in ready.findings for line in wrap(finding_spans(finding, self.glyphs), cells)],
            *([()] if ready.findings else []),
            heading("Upload", cells, self.glyphs, ((f"  to {self.shown(self.app.settings.host)}", Role.PLAIN),)),
            *labelled("Workspace", [((workspace, Role.PLAIN),)], cells),
            *labelled("Model", [((self.shown(plan.name), Role.BOLD), (f"  {where}", Role.PLAIN))], cells),
            *labelled("File", [((self.shown(shorten_home(plan.file, os.environ)), Role.PLAIN),)], cells),
            *labelled("Size", [((f"{size(ready.digest.size)}  ({ready.digest.size:,} bytes)", Role.PLAIN),)], cells),
            *labelled("SHA-256", [((ready.digest.sha256, Role.PLAIN),)], cells),
            *labelled("Route", [((f"POST /v1/api/{plan.route}", Role.PLAIN), (f"  {self._route_words}", Role.MUTED))],
                      cells),
            (),
            heading("Metadata", cells, self.glyphs, (("  sent before the file", Role.MUTED),)),
            *self.json_lines(plan.metadata(), cells),
            (),
            *wrap((("It is sent once. A version that was stored can't be taken back from here. It begins with a config "
                    "of its own: that of an earlier version is one key away then.", Role.MUTED),), cells),
        )  # fmt: skip

    @property
    def _route_words(self) -> str:
        plan = self._ready.plan
        if plan.route == DIRECT:
            return "stored as it is, and ready at once"
        framework = FRAMEWORKS.get(plan.framework)
        duration = framework.duration if framework else None
        usual = (
            f", in {age(timedelta(seconds=duration.median))} as a rule"
            if duration and duration.median
            else ""
        )
        return f"converted, or put into a container{usual}"

    def copies(self) -> list[Copy]:
        plan, metadata = (
            self._ready.plan,
            json.dumps(self._ready.plan.metadata(), indent=2, ensure_ascii=False),
        )
        preview = f"{plan.route}, with {visible(plan.file_name)}"
        return [
            text_copy("h", "SHA-256", self._ready.digest.sha256),
            text_copy("j", "metadata as JSON", metadata, preview=visible(" ".join(metadata.split()))),
            *(
                Copy(letter, title, partial(self._program, form), preview, is_request=True)
                for letter, title, form in (
                    ("c", "curl", "curl"),
                    ("p", "Python requests", "requests"),
                    ("k", "SDK code", "sdk"),
                )
            ),
        ]

    def _program(self, form: str) -> str:
        from wltui.api.snippet_upload import UPLOADS
        from wltui.api.snippets import target_of

        return UPLOADS[form](self._ready.plan, target_of(self.app.settings)).rstrip("\n")
