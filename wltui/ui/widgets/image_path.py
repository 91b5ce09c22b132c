"""A container image's path, cut from the left, since people compare its name and tag."""

from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from wltui.core.images import ImagePath
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import LONGEST_LINE, Role, Span, Spans, visible, width


@lru_cache(maxsize=4096)  # the versions of a list share few images, and a filter asks for each
def short_image(path: str) -> str:
    """Return a path's name, tag and the first digits of its digest."""
    return ImagePath.parse(path[-LONGEST_LINE:]).short


def image_path(
    path: str | None, cells: int, glyphs: Glyphs, *, differs: bool = False, ascii: bool = False
) -> Spans:
    """Render the path in at most ``cells``, cut from the left if necessary; ``differs`` marks its tag."""
    if not path:
        return ((glyphs.dash, Role.MUTED),)
    image = ImagePath.parse(visible(path[-LONGEST_LINE:], ascii=ascii))
    mark: Span = (f" {glyphs.differs}", Role.WARNING)
    spans: list[Span] = [
        (image.folder, Role.MUTED),
        (image.name, Role.BOLD),
        (image.tag, Role.ACCENT),
        (image.short_digest, Role.MUTED),
        *([mark] if differs else []),
    ]
    return _cut_left(tuple(span for span in spans if span[0]), cells, glyphs.ellipsis)


def _cut_left(spans: Spans, cells: int, ellipsis: str) -> Spans:
    """Return the right end of the spans in at most ``cells``; a cut folder keeps the slash before the name."""
    excess = width(spans) - cells
    if excess <= 0:
        return spans
    folder = spans[0][0] if spans[0][0].endswith("/") else ""
    if folder and cell_len(folder) >= excess + 2:  # the ellipsis replaces the cut part, before a slash
        tail = folder[excess + cell_len(ellipsis) :]
        slash = tail.find("/")
        return ((ellipsis + tail[slash:], spans[0][1]), *spans[1:])
    spans = spans[1:] if folder else spans
    excess = width(spans) - cells
    if excess <= 0:
        return spans
    kept: list[Span] = []
    excess += cell_len(ellipsis)
    for text, role in spans:
        size = cell_len(text)
        if excess >= size:
            excess -= size
            continue
        if excess > 0:
            kept.append((set_cell_size(text[::-1], size - excess)[::-1], role))
            excess = 0
        else:
            kept.append((text, role))
    return ((ellipsis, kept[0][1] if kept else Role.MUTED), *kept)
