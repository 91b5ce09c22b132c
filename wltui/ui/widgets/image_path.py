"""A container image's path, cut so that name and tag stay, since people compare them."""

import re
from functools import lru_cache

from rich.cells import cell_len

from wltui.core.images import ImagePath
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import (
    LONGEST_LINE,
    Continued,
    Cut,
    Role,
    Spans,
    clip,
    clip_start,
    plain,
    visible,
    width,
    wrap,
)


@lru_cache(maxsize=4096)  # the versions of a list share few images, and a filter asks for each
def short_image(path: str) -> str:
    """Return a path's name, tag and the first digits of its digest."""
    return ImagePath.parse(path[-LONGEST_LINE:]).short


def image_path(
    path: str | None, cells: int, glyphs: Glyphs, *, differs: bool = False, ascii: bool = False
) -> Spans:
    """Render the path in at most ``cells``; ``differs`` marks its tag.

    Without room, the folder is cut from the left and then dropped, then the digest is cut, and last the name.
    """
    if not path:
        return ((glyphs.dash, Role.MUTED),)
    image = ImagePath.parse(visible(path[-LONGEST_LINE:], ascii=ascii))
    mark: Spans = ((f" {glyphs.differs}", Role.WARNING),) if differs else ()
    name: Spans = ((image.name, Role.BOLD), (image.tag, Role.ACCENT))
    digest: Spans = ((image.short_digest, Role.MUTED),)
    room = cells - width(mark)
    if width(name) > room:
        shown = _cut_start(name, room, glyphs.ellipsis)
    else:
        rest = room - width(name)
        if width(digest) <= rest:
            folder = _cut_folder(image.folder, rest - width(digest), glyphs.ellipsis)
            shown = (
                (Cut.of(image.folder, folder), Role.MUTED),
                *name,
                (Cut.of(image.digest, image.short_digest), Role.MUTED),
            )
        else:
            shown = (*name, *_cut_digest(digest, rest, glyphs.ellipsis))
    return tuple(span for span in (*shown, *mark) if span[0] or isinstance(span[0], Cut))


def image_lines(path: str, cells: int, glyphs: Glyphs) -> list[Spans]:
    """Render the whole path in lines that break between its folders; name and tag stay together if they fit."""
    image = ImagePath.parse(visible(path[-LONGEST_LINE:], ascii=glyphs.is_ascii))
    parts: list[Spans] = [((folder, Role.MUTED),) for folder in re.findall("[^/]*/", image.folder)]
    parts.append(tuple(span for span in ((image.name, Role.BOLD), (image.tag, Role.ACCENT)) if span[0]))
    parts.append(((image.digest, Role.MUTED),) if image.digest else ())
    lines: list[Spans] = []
    for part in filter(None, parts):
        if lines and width(lines[-1]) + width(part) <= cells:
            lines[-1] += part
            continue
        ((text, role), *others), *rest = wrap(part, cells)
        lines += [((Continued.after("", text) if lines else text, role), *others), *rest]
    return lines


def _cut_folder(folder: str, cells: int, ellipsis: str) -> str:
    """Return the right end of a folder, from one of its slashes; an empty string if there is no room for any."""
    if cell_len(folder) <= cells:
        return folder
    tail = plain(clip_start(((folder, Role.MUTED),), cells - cell_len(ellipsis)))
    slash = tail.find("/")
    return ellipsis + tail[slash:] if slash >= 0 else ""


def _cut_digest(digest: Spans, cells: int, ellipsis: str) -> Spans:
    """Return the beginning of a digest, or only an ellipsis if there is no room for any of its digits."""
    algorithm = plain(digest).partition(":")[0]
    if cells > cell_len(algorithm) + 1 + cell_len(ellipsis):
        return clip(digest, cells, ellipsis)
    return ((ellipsis, Role.MUTED),) if digest[0][0] and cells >= cell_len(ellipsis) else ()


def _cut_start(spans: Spans, cells: int, ellipsis: str) -> Spans:
    """Return the right end of the spans in at most ``cells``, after an ellipsis."""
    kept = clip_start(spans, cells - cell_len(ellipsis))
    return ((ellipsis, kept[0][1] if kept else Role.MUTED), *kept)
