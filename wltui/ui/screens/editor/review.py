"""Review: the exact change and the exact request, before it is sent. The focus starts on Cancel."""

import json
from collections.abc import Sequence

from wltui.api.calls import Call, insert_config
from wltui.config.edit import ConfigEdit, format_diff
from wltui.core.records import ModelVersion
from wltui.ui.screens.base.review import SendReview
from wltui.ui.text.copies import Copy, text_copy
from wltui.ui.text.spans import Role, Spans, visible, wrap
from wltui.ui.widgets.diff_view import diff_lines
from wltui.ui.widgets.labelled import heading


class ReviewScreen(SendReview):
    """Returns True if the user chose to send the edit of a config."""

    def __init__(self, version: ModelVersion, edit: ConfigEdit, warning: str = "") -> None:
        """
        Args:
            version: The version that is configured.
            edit: The edit to send.
            warning: A text above everything else; empty for none.
        """
        super().__init__()
        self.version = version
        self.edit = edit
        self._warning = warning

    @property
    def name_to_type(self) -> str:
        return self.version.model_name

    @property
    def send_label(self) -> str:
        """The button's text, which names the fields that the save would also clear."""
        unreadable, unknown = self.edit.cleared_titles(), self.edit.base.extra
        lost = " and ".join(
            (*(["what is not readable"] if unreadable else []), *(["unknown fields"] if unknown else []))
        )
        return f"Send, and clear {lost}" if lost else "Send"

    def lines(self, cells: int) -> Sequence[Spans]:
        lost = self.edit.cleared_titles()
        warning = (
            "These fields of the newest config are not readable, and this save would CLEAR them: "
            f"{', '.join(lost)}. Send only if you know that they are empty."
        )
        unknown = self.edit.base.extra
        newer = (
            "The newest config has fields that wltui does not know. A save can't carry them and would CLEAR them: "
            f"{visible(', '.join(unknown))}. Use a newer wltui, or send only if they may go."
        )
        return (
            *([*wrap(((self._warning, Role.WARNING),), cells), ()] if self._warning else []),
            heading("Change", cells, self.glyphs, ((f"  {self._target()}", Role.MUTED),)),
            *diff_lines(self.edit.changes(), cells),
            (),
            *([*wrap(((warning, Role.ERROR),), cells), ()] if lost else []),
            *([*wrap(((newer, Role.ERROR),), cells), ()] if unknown else []),
            heading("Request", cells, self.glyphs, (("  POST /v1/api/models/insert_model_config", Role.PLAIN),
                                                    (f"  to {visible(self.app.settings.host)}", Role.MUTED))),
            *self.json_lines(self.edit.request(), cells),
            (),
            *wrap((("Send saves a new config, once. Running deployments keep the config they were deployed "
                    "with until they are deployed again.", Role.MUTED),), cells),
        )  # fmt: skip

    def _target(self) -> str:
        return f"of version {self.version.id} of {visible(self.version.model_name)}"

    # Copying

    def copies(self) -> list[Copy]:
        lines = [f"{sign} {visible(text)}" for sign, text in format_diff(self.edit.changes())]
        request = json.dumps(self.edit.request(), indent=2, ensure_ascii=False)
        return [
            text_copy("i", "id of the version", str(self.version.id)),
            text_copy("d", "difference", "\n".join(lines), preview="  ".join(lines)),
            text_copy("j", "JSON of the request", request),
        ]

    def requests(self) -> Sequence[Call[object]]:
        return (insert_config(self.edit.request()),)
