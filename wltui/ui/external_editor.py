"""The whole config in the user's own editor, which has the terminal meanwhile."""

import os
import re
import shlex
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence

from msgspec.structs import replace
from textual.app import SuspendNotSupported

from wltui.config.document import add_problem_lines, format_document, locate_problems, parse_document
from wltui.config.edit import ConfigEdit, Draft, is_equal_json
from wltui.config.fields import FIELD, Problem
from wltui.core.errors import WltuiError
from wltui.core.records import ModelVersion
from wltui.lifecycle.signals import run_in_foreground
from wltui.store.draft_files import Kept
from wltui.store.drafts import Drafts
from wltui.store.editor_texts import EditorText
from wltui.store.private_files import why
from wltui.ui.host import Host

CANNOT_WRITE = "The config can't be written to a file for your editor"
USUAL = ("nano", "vim", "vi")
"""What is tried where neither VISUAL nor EDITOR is set."""
AT_ONCE = 5.0
"""Seconds within which an editor that returns may have a window of its own, in which one goes on typing."""

_SHELL = ("/bin/sh", "-c")
_FOR_A_SHELL = re.compile(r"[|&;<>()$`\n*?\[#~=%]")
"""What git leaves to a shell, besides spaces, quotes and backslashes, which any command may have."""
_NOT_RUN = {126: "the shell can't run it", 127: "the shell does not find it"}


def editor_command(environ: Mapping[str, str]) -> Sequence[str]:
    """Return the program and its arguments: ``$VISUAL``, else ``$EDITOR``, else what is usual.

    As in git, a shell reads what only a shell understands: ``~``, ``$HOME``, ``TERM=xterm vim``.

    Raises:
        WltuiError: there is none.
    """
    for name in ("VISUAL", "EDITOR"):
        if text := environ.get(name, "").strip():
            if _FOR_A_SHELL.search(text):
                return [*_SHELL, f'{text} "$@"', text]
            try:
                return shlex.split(text)
            except ValueError as error:
                raise WltuiError(
                    f"{name}={text!r} is no command", str(error), "Set it to your editor"
                ) from None
    for program in USUAL:
        if shutil.which(program):
            return [program]
    raise WltuiError("No editor was found", "neither VISUAL nor EDITOR is set", "Set one, such as EDITOR=vim")


def edit_config(app: Host, version: ModelVersion, draft: Draft) -> tuple[ConfigEdit | None, str]:
    """Have a config edited; return the new edit or None, and what there is to say. See :class:`ExternalEditor`."""
    editor = ExternalEditor(
        app.service.drafts,
        editor_command(os.environ),
        run=lambda argv: _run(app, argv),
        keep=app.saves.keep_draft,
        monotonic=time.monotonic,
    )
    now = app.service.clock()
    return editor.edit(Kept(replace(version, config=None), draft, began=now, changed=now))


class ExternalEditor:
    """Edits configs as text.

    A text that can't be read is opened again with the reasons on top. One that is unchanged or empty cancels, as does
    an editor that fails; what was typed then stays in its file, and is opened the next time. An editor that returns at
    once may have a window of its own: what is saved there is taken the next time.

    Args:
        drafts: where texts and edits are kept.
        command: the editor and its arguments.
        run: runs a command and returns its exit code, as :func:`~wltui.lifecycle.signals.run_in_foreground`.
        keep: keeps a new edit, before its file goes.
        monotonic: a clock in seconds.
    """

    def __init__(
        self,
        drafts: Drafts,
        command: Sequence[str],
        *,
        run: Callable[[Sequence[str]], int],
        keep: Callable[[ModelVersion, Draft], object],
        monotonic: Callable[[], float],
    ) -> None:
        self._drafts, self._command, self._run, self._keep = drafts, command, run, keep
        self._monotonic = monotonic
        self._seconds: float | None = None
        """How long the editor ran; None if it failed."""

    def edit(self, kept: Kept) -> tuple[ConfigEdit | None, str]:
        """Have the draft ``kept`` edited; return the new edit or None, and what there is to say.

        Raises:
            WltuiError: the editor can't be started here, or the file can't be written or read.
        """
        try:
            text = self._drafts.texts.held(kept.version.id)
            if text is not None and text.is_changed() and not text.failed:
                return self._take_from_window(text, kept.draft)
            if text is not None and text.failed:
                opened = self._with_reasons(text)
            else:
                opened = _opened(kept)
                text = self._drafts.texts.begin(kept, opened)
        except OSError as error:
            raise WltuiError(CANNOT_WRITE, why(error)) from None
        try:
            result = self._edited(text, opened)
        except WltuiError as error:
            raise WltuiError(error.what, error.why, self._left(text) or error.advice) from None
        if isinstance(result, ConfigEdit):
            return self._taken(text, result, kept.draft), ""
        return None, f"{result}: the edit is as it was. {self._left(text)}".rstrip()

    def _with_reasons(self, text: EditorText) -> bytes:
        """Return a text that was left, with the reasons on top why it can't be read, if so."""
        content = text.read()
        found = parse_document(text_of(content), text.kept.draft.edit)
        return (
            content if isinstance(found, ConfigEdit) else _bytes(add_problem_lines(text_of(content), found))
        )

    def _edited(self, text: EditorText, opened: bytes) -> ConfigEdit | str:
        """Return what the user makes of an edit, or how it was cancelled."""
        resumed = text.failed
        while True:
            try:
                text.write(opened)
            except OSError as error:
                raise WltuiError(CANNOT_WRITE, why(error)) from None
            began = self._monotonic()
            code = self._run([*self._command, str(text.path)])
            self._seconds = self._monotonic() - began if code == 0 else None
            content, typed = _read(text)
            text.failed = typed and code != 0
            if tuple(self._command[:2]) == _SHELL and code in _NOT_RUN:
                raise WltuiError(
                    f"{self._command[-1]} can't be started", _NOT_RUN[code], "Set VISUAL or EDITOR"
                )
            if code > 0:
                return f"The editor ended with {code}"
            if code < 0:
                return f"The editor was ended by {signal.Signals(-code).name}"
            if not content.strip():
                return "The text was empty"
            if content == opened and not (resumed and typed):
                text.failed = typed
                return "Nothing changed"
            result = parse_document(text_of(content), text.kept.draft.edit)
            if isinstance(result, ConfigEdit):
                return result
            text.failed = True
            if content == opened:
                return "Nothing changed"
            opened, resumed = _bytes(add_problem_lines(text_of(content), result)), False

    def _take_from_window(self, text: EditorText, draft: Draft) -> tuple[ConfigEdit | None, str]:
        """Take what was saved in an editor's window, which may still be open: nothing is done to its file."""
        content = text.read()
        result = parse_document(text_of(content), text.kept.draft.edit)
        if not isinstance(result, ConfigEdit):
            where = f"line {result[0].line}: " if result[0].line else ""
            return (
                None,
                f"{text.path} can't be read yet: {where}{result[0].text}. Save it, and press f4 again.",
            )
        text.note_taken(content)
        edit = _applied(draft.edit, text.kept.draft.edit, result)
        self._keep(text.kept.version, Draft(edit))
        return edit, ""

    def _taken(self, text: EditorText, result: ConfigEdit, draft: Draft) -> ConfigEdit:
        """Keep a new edit, and then remove its text."""
        edit = _applied(draft.edit, text.kept.draft.edit, result)
        self._keep(text.kept.version, Draft(edit))
        self._drafts.flush()
        if not self._drafts.unwritten:
            self._drafts.texts.remove(text)
        return edit

    def _left(self, text: EditorText) -> str:
        """Say where that is which was typed; remove the text if nothing was, and nothing can be any more.

        An editor that ended well may have a window of its own, however long it took: its file stays.
        """
        try:
            content, typed = _read(text)
        except WltuiError:
            text.failed = True
            return f"What you typed is in {text.path}"
        if typed:
            return f"What you typed is in {text.path}; f4 opens it again"
        if text.has_more():
            text.failed = True
            return f"Your editor left something beside {text.path}; f4 opens that again"
        if self._seconds is None or not content.strip():
            self._drafts.texts.remove(text)
        elif self._seconds < AT_ONCE:
            return f"If your editor has a window of its own, save there and press f4: {text.path}"
        return ""


def _opened(kept: Kept) -> bytes:
    """Return the text of an edit, with what is wrong with it on top."""
    edit = kept.draft.edit
    text = format_document(kept.draft, model_name=kept.version.model_name)
    result = parse_document(text, edit)
    faults: Sequence[Problem] = (
        tuple(locate_problems(result.problems(), text)) if isinstance(result, ConfigEdit) else result
    )
    return _bytes(add_problem_lines(text, faults) if faults else text)


def _applied(edit: ConfigEdit, before: ConfigEdit, after: ConfigEdit) -> ConfigEdit:
    """Return an edit with what the text changed; what the form changed meanwhile stays."""
    if edit == before:
        return after
    for key in FIELD:
        if not is_equal_json(before.value(key), after.value(key)):
            edit = edit.with_value(key, after.value(key))
    return edit


def _run(app: Host, argv: Sequence[str]) -> int:
    """Run the editor and return its exit code."""
    try:
        with app.suspend():
            try:
                return run_in_foreground(argv)
            except OSError as error:  # not let out of here, as Textual would stay suspended
                failure = error
    except SuspendNotSupported as error:
        raise WltuiError("Your editor can't be opened here", str(error)) from None
    raise WltuiError(f"{argv[0]} can't be started", failure.strerror or "", "Set VISUAL or EDITOR")


def _read(text: EditorText) -> tuple[bytes, bool]:
    """Return what is in the file now, and whether anything was typed there."""
    try:
        return text.read(), text.is_changed()
    except OSError as error:
        raise WltuiError("What your editor left can't be read", error.strerror or "") from None


def text_of(content: bytes) -> str:
    """Return a file's content as text, bytes that are no UTF-8 kept as they are."""
    return content.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
