"""Why a version is not ready: the server's words in red, and below them cause and remedy, marked as wltui's words."""

from wltui.core.diagnosis import Diagnosis, Source
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.paragraphs import paragraphs
from wltui.ui.text.spans import Role, Spans, shortened, wrap

from .labelled import labelled

CAUSE, REMEDY = "wltui: cause", "wltui: remedy"


def diagnosis_lines(found: Diagnosis, cells: int, glyphs: Glyphs) -> list[Spans]:
    """Render a diagnosis over the whole width; nothing if it is empty."""
    lines = [
        line
        for text in paragraphs(found.reason, ascii=glyphs.is_ascii)
        for line in wrap(((text, Role.ERROR),), cells)
    ]
    if words := origin_words(found):
        lines += wrap(((f"({words})", Role.MUTED),), cells)
    if found.log_line:
        lines += labelled("Upload log", [((glyphs.text(shortened(found.log_line)), Role.ERROR),)], cells)
    for label, text in ((CAUSE, found.cause), (REMEDY, found.remedy)):
        if text:
            lines += labelled(label, [((glyphs.text(text), Role.PLAIN),)], cells, Role.ACCENT)
    return lines


def origin_words(found: Diagnosis) -> str:
    """Return where the reason is from, if it is not the version's own."""
    if found.source is Source.LOG:
        return "from its upload log"
    if found.source is Source.SAME_FILE:
        return f"the reason of version {found.same_file}, which has the same file"
    return ""
