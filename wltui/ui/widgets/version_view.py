"""Everything the API says about a version in groups of lines, for the pane beside the list and for the screen.

The first lines answer what people look for first: its status and why, its image, its UUID, and where it runs.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

from wltui.config.detail import VersionDetail
from wltui.config.version_fields import GROUPS
from wltui.core.diagnosis import NO_REASON, Diagnosis
from wltui.core.problems import PATIENCE
from wltui.core.records import UNSET, ModelVersion, Phase, phase
from wltui.core.upload_frameworks import WITH_LOGS
from wltui.core.upload_log import missing_log_reason
from wltui.ui.key_names import KeyNames
from wltui.ui.text.format import age, base_name, full_time, size
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, Spans, clip_middle, shortened, width, wrap

from .config_lines import Decoded, config_groups, config_not_read, config_to_come
from .diagnosis_lines import diagnosis_lines
from .image_path import image_lines, image_path
from .labelled import NARROW, heading, indented, labelled, placed
from .pipeline_words import use_in_little, use_spans
from .status import status

USES_SHOWN = 4
"""The most pipelines that a version's detail names."""
ON_ITS_WAY = "On its way. Up to half an hour is usual."
STILL_PENDING = "It may stay so for long and still serve. Not ready does not mean unusable."
TAGS_SHOWN = 10
"""The most tags that a version's detail shows."""
NO_IMAGE = {
    Phase.READY: "no image (native runtime)",
    Phase.PENDING: "no image yet",
    Phase.OTHER: "no image yet",
}
"""What stands in place of an image, by the version's phase."""
ABOVE = ("id", "uuid")
"""Fields that the first lines show."""
OPTIONAL = frozenset({"requirements", "owner_id", "visibility", "created_on_version", "task_id"})
"""Fields that are left out if they have no value, as most versions have none."""


class VersionView(Struct, frozen=True):
    """The known data of a version, and the lines that show them."""

    version: ModelVersion
    detail: VersionDetail | None
    """None if only the row of the list is known."""
    workspace: str
    now: datetime
    glyphs: Glyphs
    schemas: Decoded = field(default_factory=dict)
    failed: bool = False
    """Whether the detail could not be read."""
    unsent: bool = False
    """Whether the version has an unsent edit of its config."""
    diagnosis: Diagnosis = Diagnosis()
    has_log: bool = False
    """Whether the diagnosis is made with the upload log."""
    keys: KeyNames | None = None
    """The keys that can be pressed for more; None if there are none, and all is shown that they would show."""

    def lines(self, cells: int) -> Sequence[Spans]:
        """Render all lines for a width in cells."""
        first = [*self._head(cells), *self._why(cells), *self._image(cells), self._uuid(), *self._file(cells)]
        groups = [first, self._uses(cells)]
        if self.detail is not None:
            groups += config_groups(self.detail, self.schemas, cells, self.glyphs, keys=self.keys)
        else:
            groups += (config_not_read if self.failed else config_to_come)(cells, self.glyphs)
        groups += [self._fields(title, titles, cells) for title, titles in GROUPS.items()]
        groups[-1] += self._tags(cells)
        lines: list[Spans] = []
        for group in filter(None, groups):
            lines += [(), *group] if lines else group
        return lines

    # What people look for first

    def _head(self, cells: int) -> list[Spans]:
        """Render id, status, age, what it is built for, and its runtime, or its framework until it is ready."""
        version = self.version
        what = phase(version.status)
        words: list[Spans] = [((str(version.id), Role.BOLD),), status(version.status, self.glyphs)]
        if created := version.created:
            waits = "for " if what in (Phase.PENDING, Phase.OTHER) else ""
            words.append(((waits + age(self.now - created), Role.MUTED),))
        accel = version.accel if version.accel != "none" else ""
        if built := " ".join(filter(None, (version.arch, accel))):
            words.append(((self._text(built), Role.PLAIN),))
        if made := (self._runtime() if what is Phase.READY else version.framework):
            words.append(((self._text(made), Role.PLAIN),))
        if self.unsent:
            words.append(((f"{self.glyphs.unsent} unsent edit", Role.ACCENT),))
        lines: list[Spans] = []
        for spans in words:
            if lines and width(lines[-1]) + 2 + width(spans) <= cells:
                lines[-1] = (*lines[-1], ("  ", Role.PLAIN), *spans)
            else:
                lines += wrap(spans, cells)
        return lines

    def _runtime(self) -> str:
        """Return the runtime; empty if it is not known. Before a version is ready it may still change."""
        config = self.detail.config if self.detail else self.version.config
        return config.runtime if config and config.runtime is not UNSET and config.runtime else ""

    def _why(self, cells: int) -> list[Spans]:
        """Render why it is not ready, as far as that is known."""
        what = phase(self.version.status)
        lines = diagnosis_lines(self.diagnosis, cells, self.glyphs)
        if what is Phase.ERROR and not self.diagnosis.reason:
            return [*wrap(((self._no_reason(), Role.MUTED),), cells), *lines]
        if what in (Phase.PENDING, Phase.OTHER) and not lines:
            created = self.version.created
            is_usual = what is Phase.PENDING and created is not None and self.now - created < PATIENCE
            note = ON_ITS_WAY if is_usual else STILL_PENDING
            return wrap(((note, Role.MUTED),), cells)
        return lines

    def _no_reason(self) -> str:
        """Return that there is no reason, and if its upload log may name one, which key reads it."""
        if self.has_log:
            return f"{NO_REASON} Its upload log names none either."
        if self.version.framework in WITH_LOGS and not missing_log_reason(self.version):
            return (
                f"{NO_REASON} Press {self.keys('version.logs')} to read its upload log."
                if self.keys
                else NO_REASON
            )
        return NO_REASON

    def _image(self, cells: int) -> list[Spans]:
        """Render the image's path in one line, from which the registry is cut first."""
        path = self.version.image_path
        if not path:
            words = NO_IMAGE.get(phase(self.version.status))
            return [((words, Role.MUTED),)] if words else []
        whole, *rest = image_lines(path, cells, self.glyphs)
        return [image_path(path, cells, self.glyphs, ascii=self.glyphs.is_ascii) if rest else whole]

    def _uuid(self) -> Spans:
        uuid = self.version.uuid
        return ((self._text(shortened(uuid)) if uuid else f"{self.glyphs.dash} no UUID known", Role.MUTED),)

    def _file(self, cells: int) -> list[Spans]:
        """Render the name of the file if it is ready; one that failed has its reason in this line's place.

        So the lines below seldom jump from row to row.
        """
        name = base_name(self.version.file_name)
        if not name or phase(self.version.status) is not Phase.READY:
            return []
        return [clip_middle(((self._text(shortened(name)), Role.MUTED),), cells, self.glyphs.ellipsis)]

    def _uses(self, cells: int) -> list[Spans]:
        """Render the pipelines that use the version, each with the config that it runs."""
        uses = self.detail.uses if self.detail else None
        title = heading("Runs in", cells, self.glyphs)
        if uses is None:
            advice = f". Press {self.keys('version.pipelines')} to see which." if self.keys else ""
            known = {True: f"a deployed pipeline{advice}", False: "no deployed pipeline"}
            deployed = self.version.deployed
            return [title, *indented(((known[deployed], Role.MUTED),), cells)] if deployed is not None else []
        if not uses:
            words = "deployed, in a pipeline that you don't see" if self.version.deployed else "no pipeline"
            return [title, *indented(((words, Role.MUTED),), cells)]
        newest = self.detail.config.id if self.detail and self.detail.config else None
        lines = [title]
        shown = USES_SHOWN if self.keys else len(uses)
        for use in uses[:shown]:
            name = self._text(shortened(use.pipeline_name))
            if cells < NARROW:  # a description in words would make the lines below jump from row to row
                lines.append((("  ", Role.PLAIN), *use_in_little(use, newest, name, cells - 2, self.glyphs)))
            else:
                lines += indented(((f"{name}  ", Role.BOLD), *use_spans(use, newest)), cells)
        if self.keys and len(uses) > shown:
            more = f"and {len(uses) - shown} more. Press {self.keys('version.pipelines')} to see all."
            lines += indented(((more, Role.MUTED),), cells)
        return lines

    # All else

    def _fields(self, title: str, titles: Mapping[str, str], cells: int) -> list[Spans]:
        """Render the fields of a group, each with its label."""
        lines = [heading(title, cells, self.glyphs)]
        path = self.version.image_path
        if "arch" in titles and path and len(image_lines(path, cells, self.glyphs)) > 1:
            lines += placed("Image", lambda room: image_lines(path, room, self.glyphs), cells)
        for name, label in titles.items():
            text = self._field(name)
            if name not in ABOVE and (text or name not in OPTIONAL):
                value = (self._text(shortened(text)), Role.PLAIN) if text else (self.glyphs.dash, Role.MUTED)
                lines += labelled(label, [(value,)], cells)
        return lines

    def _tags(self, cells: int) -> list[Spans]:
        """Render each tag in a line of its own, as a tag may contain any sign; none if there are none."""
        tags = (self.detail.tags if self.detail else None) or ()
        texts: list[Spans] = [((self._text(shortened(tag)), Role.PLAIN),) for tag in tags[:TAGS_SHOWN]]
        if len(tags) > TAGS_SHOWN:
            texts.append(((f"and {len(tags) - TAGS_SHOWN} more", Role.MUTED),))
        return labelled("Tags" if len(tags) > 1 else "Tag", texts, cells) if texts else []

    def _field(self, name: str) -> str:
        """Return the text of a version's field; empty if it has no value."""
        version = self.version
        match name:
            case "workspace_id":
                return self.workspace
            case "owner_id":
                return (version.owner_id or "").strip('"')
            case "created_at":
                return full_time(version.created_at, self.now)
            case "size":
                return "" if version.size is None else f"{size(version.size)} ({version.size:,} bytes)"
            case "requirements":
                return ", ".join(version.requirements)
        value = getattr(version, name)
        return "" if value is None else str(value)

    def _text(self, text: str) -> str:
        return self.glyphs.text(text)
