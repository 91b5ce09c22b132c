"""Recover texts of the user's own editor from a program that ended meanwhile, as unsent edits."""

from collections.abc import Sequence

from wltui.store.drafts import Drafts
from wltui.store.editor_texts import EditorText


def recover_texts(drafts: Drafts) -> None:
    """Make unsent edits of the texts that ended processes left. Reads and writes the disk.

    A text that can't be parsed, or that conflicts with another unsent edit, stays until the config is next opened in
    the editor.
    """
    with drafts.texts.recovering:
        if left := drafts.texts.adopt():
            _recover(drafts, left)


def _recover(drafts: Drafts, left: Sequence[EditorText]) -> None:
    from wltui.config.document import parse_document
    from wltui.config.edit import ConfigEdit, Draft  # most starts find no text

    for text in left:
        version, edit = text.kept.version, text.kept.draft.edit
        text.failed = True
        try:
            content = text.read()
        except OSError:
            continue
        result = parse_document(content.decode("utf-8", "surrogateescape"), edit)
        kept = drafts.take(version.id)
        is_free = kept is None or kept.draft.edit == edit
        if isinstance(result, ConfigEdit) and is_free and not text.has_more():
            drafts.keep(version, Draft(result))
            drafts.flush()
            if not drafts.unwritten:
                text.note_taken(content)
                text.failed = False
