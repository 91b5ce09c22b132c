"""Everything the API says about a version in groups of lines, for the pane beside the list and for the screen."""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from msgspec import Struct, field

from wltui.config.detail import VersionDetail
from wltui.config.fields import FIELDS, FieldSpec
from wltui.config.schema import Schema, SchemaError
from wltui.core.images import ImagePath
from wltui.core.pipelines import PipelineUse
from wltui.core.records import UNSET, ModelConfig, ModelVersion, Phase, phase
from wltui.core.times import parse_timestamp
from wltui.ui.text.format import age, full_time, size
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.paragraphs import paragraphs
from wltui.ui.text.spans import LONGEST_LINE, Role, Spans, clip, shortened, wrap

from .pipeline_words import use_in_little, use_spans
from .status import status

LABEL = 21
"""Width of the labels' column in cells."""
ROOM_FOR_WORDS = 40
"""Cells of values from which on a pipeline is described in words; in less, the lines below would jump by them."""
USES_SHOWN = 4
"""The most pipelines that a version's detail names."""
TAGS_SHOWN = 10
"""The most tags that a version's detail shows."""
NO_IMAGE = {
    Phase.READY: "a native runtime needs none",
    Phase.PENDING: "none yet",
    Phase.OTHER: "none yet",
}
"""The reason why a version has no image, by its phase."""
SCHEMAS = {"input_schema": "Input schema", "output_schema": "Output schema"}


class VersionView(Struct, frozen=True):
    """The known data of a version, and the lines that show them."""

    version: ModelVersion
    detail: VersionDetail | None
    """None if only the row of the list is known."""
    workspace: str
    now: datetime
    glyphs: Glyphs
    schemas: Mapping[str, Schema | SchemaError] = field(default_factory=dict)
    """Decoded schemas, or why they can't be decoded, by their base64 text; a missing one is being decoded."""
    failed: bool = False
    """Whether the detail could not be read."""
    unsent: bool = False
    """Whether the version has an unsent edit of its config."""

    def lines(self, cells: int) -> Sequence[Spans]:
        """Render all lines for a width in cells."""
        groups = [self._status(cells), self._image(cells)]
        if self.detail is None and self.failed:
            groups += [[self._heading("Config"), (("  not read", Role.MUTED),)]]
        elif self.detail is None:
            groups += self._config_to_come(cells)
        else:
            groups += [self._config(self.detail, cells)]
            config = self.detail.config
            groups += [self._schema(config, name, cells) for name in SCHEMAS] if config else []
        groups += [self._build(cells), self._file(cells), self._identity(cells)]
        lines: list[Spans] = []
        for group in groups:
            lines += [(), *group] if lines else group
        return lines

    # Groups

    def _status(self, cells: int) -> list[Spans]:
        version = self.version
        created = parse_timestamp(version.created_at)
        state = status(version.status, self.glyphs)
        if created and phase(version.status) in (Phase.PENDING, Phase.OTHER):
            state = (*state, (f"  for {age(self.now - created)}", Role.MUTED))
        if self.unsent:
            state = (*state, (f"  {self.glyphs.unsent} unsent edit", Role.ACCENT))
        lines = [state]
        if phase(version.status) is Phase.ERROR:
            reason = version.error_summary
            logs = "; L shows the upload logs" if self.detail is None or self.detail.complete else ""
            if reason and (reason_lines := paragraphs(reason, ascii=self.glyphs.is_ascii)):
                lines += self._values("Reason", [((line, Role.PLAIN),) for line in reason_lines], cells)
            else:
                lines += self._value("Reason", ((f"no reason given{logs}", Role.MUTED),), cells)
        if phase(version.status) in (Phase.PENDING, Phase.OTHER):
            note = "It may stay so for long and still be served: not ready is not the same as unusable."
            lines += [(("  ", Role.PLAIN), *line) for line in wrap(((note, Role.MUTED),), cells - 2)]
        if self.detail is not None and self.detail.uses is not None:
            return lines + self._uses(self.detail.uses, self.detail.config, cells)
        if version.deployed is not None:
            lines += self._row("Deployed", "yes" if version.deployed else "no", cells)
        return lines

    def _uses(self, uses: Sequence[PipelineUse], config: ModelConfig | None, cells: int) -> list[Spans]:
        """Render the pipelines that use the version, each with the config that it runs."""
        if not uses:
            return self._value("Pipelines", (("none", Role.MUTED),), cells)
        newest = config.id if config else None
        room = cells - LABEL - 2

        def render(use: PipelineUse) -> Spans:
            name = self._text(shortened(use.pipeline_name))
            if room < ROOM_FOR_WORDS:
                return use_in_little(use, newest, name, room, self.glyphs)
            return ((f"{name}  ", Role.BOLD), *use_spans(use, newest))

        texts = [render(use) for use in uses[:USES_SHOWN]]
        if len(uses) > USES_SHOWN:
            texts.append(((f"and {len(uses) - USES_SHOWN} more. Press D to see all.", Role.MUTED),))
        return self._values("Pipelines" if len(uses) > 1 else "Pipeline", texts, cells)

    def _identity(self, cells: int) -> list[Spans]:
        version = self.version
        owner = (version.owner_id or "").strip('"')
        return [
            self._heading("Identity"),
            *self._row("Version id", str(version.id), cells),
            *self._row("UUID", version.uuid, cells),
            *self._row("Model", version.model_name, cells, Role.BOLD),
            *self._row("Model id", None if version.model_id is None else str(version.model_id), cells),
            *self._row("Workspace", self.workspace, cells),
            *self._row("Owner", owner, cells),
            *self._row("Visibility", version.visibility, cells, optional=True),
            *self._tags(cells),
            *self._row("Created by", version.created_by, cells),
            *self._row("Created", full_time(version.created_at, self.now), cells),
            *self._row("On release", version.created_on_version, cells, optional=True),
            *self._row("Task", version.task_id, cells, optional=True),
        ]

    def _tags(self, cells: int) -> list[Spans]:
        """Render each tag in a line of its own, as a tag may contain any sign; none if there are none."""
        tags = (self.detail.tags if self.detail else None) or ()
        texts: list[Spans] = [((self._text(shortened(tag)), Role.PLAIN),) for tag in tags[:TAGS_SHOWN]]
        if len(tags) > TAGS_SHOWN:
            texts.append(((f"and {len(tags) - TAGS_SHOWN} more", Role.MUTED),))
        return self._values("Tags" if len(tags) > 1 else "Tag", texts, cells) if texts else []

    def _file(self, cells: int) -> list[Spans]:
        version = self.version
        return [
            self._heading("File"),
            *self._row("Name", version.file_name, cells),
            *self._row("SHA-256", version.sha, cells),
            *self._row(
                "Size",
                None if version.size is None else f"{size(version.size)} ({version.size:,} bytes)",
                cells,
            ),
        ]

    def _image(self, cells: int) -> list[Spans]:
        path = self.version.image_path
        lines = [self._heading("Image")]
        if not path:
            note = NO_IMAGE.get(phase(self.version.status), "")
            return [
                *lines,
                *self._value("Path", ((f"{self.glyphs.dash}  {note}".rstrip(), Role.MUTED),), cells),
            ]
        image = ImagePath.parse(self._text(path[-LONGEST_LINE:]))
        whole: Spans = (
            *(
                (part, Role.MUTED) for part in re.findall("[^/]*/", image.folder)
            ),  # so that lines break between them
            (image.name, Role.BOLD),
            (image.tag, Role.ACCENT),
            (image.digest, Role.MUTED),
        )
        lines += self._value("Path", tuple(span for span in whole if span[0]), cells)
        lines += self._row("Name", image.name, cells, Role.BOLD)
        lines += self._row("Tag", image.tag.lstrip(":"), cells, Role.ACCENT)
        return lines + self._row("Digest", image.digest.lstrip("@"), cells, Role.MUTED, optional=True)

    def _build(self, cells: int) -> list[Spans]:
        version = self.version
        return [
            self._heading("Runs on"),
            *self._row("Architecture", version.arch, cells),
            *self._row("Acceleration", version.accel, cells),
            *self._row("Framework", version.framework, cells),
            *self._row("Python", version.python_version, cells),
            *self._row("Requirements", ", ".join(version.requirements) or "none", cells, optional=True),
        ]

    def _config(self, detail: VersionDetail, cells: int) -> list[Spans]:
        config = detail.config
        if config is None:
            return [self._heading("Config"), (("  none yet: e makes the first one", Role.MUTED),)]
        lines = [self._heading(f"Config {config.id}")]
        if detail.replaced_config:
            note = f"config {detail.replaced_config.id} came with the upload"
            lines += [(("  ", Role.PLAIN), *line) for line in wrap(((note, Role.MUTED),), cells - 2)]
        lines += self._row(
            "Runtime", config.runtime if config.runtime is not UNSET else None, cells, Role.BOLD
        )
        for spec in FIELDS:
            if spec.key not in SCHEMAS:
                lines += self._config_row(spec, getattr(config, spec.key), cells)
        for title, value in (("Queue depth", config.queue_depth), ("Sidekick URI", config.sidekick_uri)):
            if value is not UNSET and value is not None:
                lines += self._row(title, str(value), cells)
        return lines

    def _schema(self, config: ModelConfig, name: str, cells: int) -> list[Spans]:
        text = getattr(config, name)
        heading = self._heading(SCHEMAS[name])
        if text is UNSET:
            return [heading, (("  not readable", Role.WARNING),)]
        if text is None:
            return [heading, (("  none", Role.MUTED),)]
        schema = self.schemas.get(text)
        if schema is None:
            return [heading, (("  decoding", Role.MUTED),)]
        if isinstance(schema, SchemaError):
            spans: Spans = ((self._text(f"{schema.what}: {schema.why}"), Role.ERROR),)
            return [heading, *(((" " * 2, Role.PLAIN), *line) for line in wrap(spans, cells - 2))]
        if not schema.fields:
            return [heading, (("  no fields", Role.MUTED),)]
        name_cells = min(max(len(self._text(entry.name)) for entry in schema.fields) + 2, max(12, cells // 3))
        lines = [heading]
        for entry in schema.fields:
            label = clip(((self._text(entry.name), Role.BOLD),), name_cells - 2, self.glyphs.ellipsis)
            pad = name_cells - sum(len(text) for text, _ in label)
            kind: Spans = (
                (self._text(entry.type), Role.PLAIN),
                *([] if entry.nullable else [("  not null", Role.ACCENT)]),
            )
            first, *rest = wrap(kind, max(8, cells - name_cells - 2))
            lines.append((("  ", Role.PLAIN), *label, (" " * pad, Role.PLAIN), *first))
            lines += [((" " * (name_cells + 2), Role.PLAIN), *line) for line in rest]
        return lines

    # Lines

    def _text(self, text: str) -> str:
        return self.glyphs.text(text)

    def _heading(self, text: str) -> Spans:
        return ((text, Role.ACCENT),)

    def _row(
        self, label: str, text: str | None, cells: int, role: Role = Role.PLAIN, *, optional: bool = False
    ) -> list[Spans]:
        """Render a label and a value; an ``optional`` one is left out if it is missing."""
        if not text:
            return [] if optional else self._value(label, ((self.glyphs.dash, Role.MUTED),), cells)
        return self._value(label, ((self._text(shortened(text)), role),), cells)

    def _config_to_come(self, cells: int) -> list[list[Spans]]:
        """Render placeholders for the config's lines before it is read, so that later lines do not move then."""
        titles = ["Runtime", *(spec.title for spec in FIELDS if spec.key not in SCHEMAS)]
        reading: Spans = (("reading", Role.MUTED),)
        rows = [line for title in titles for line in self._value(title, reading, cells)]
        schemas = [[self._heading(title), (("  ", Role.PLAIN), *reading)] for title in SCHEMAS.values()]
        return [[self._heading("Config"), *rows], *schemas]

    def _config_row(self, spec: FieldSpec, value: object, cells: int) -> list[Spans]:
        role = Role.WARNING if value is UNSET else Role.MUTED if value is None else Role.PLAIN
        return self._value(spec.title, ((self._text(spec.describe(value)), role),), cells)

    def _value(self, label: str, spans: Spans, cells: int) -> list[Spans]:
        return self._values(label, [spans], cells)

    def _values(self, label: str, paragraphs: Iterable[Spans], cells: int) -> list[Spans]:
        """Render a label, and to its right the paragraphs one below the other."""
        first, *rest = [line for spans in paragraphs for line in wrap(spans, max(8, cells - LABEL - 2))]
        return [
            ((f"  {label:<{LABEL}}", Role.MUTED), *first),
            *(((" " * (LABEL + 2), Role.PLAIN), *line) for line in rest),
        ]
