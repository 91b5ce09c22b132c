"""Edit the whole config in the user's own editor, which uses the terminal meanwhile."""

import os
import re
import shlex
import shutil
import signal
import time
from collections.abc import Callable, Mapping, Sequence

from textual.app import SuspendNotSupported

from wltui.config.document import add_problem_lines, format_document, locate_problems, parse_document
from wltui.config.edit import ConfigEdit, Draft, is_equal_json
from wltui.config.fields import FIELD, Problem
from wltui.core.compact import without_config
from wltui.core.errors import WltuiError
from wltui.core.records import ModelVersion
from wltui.lifecycle.signals import run_in_foreground
from wltui.store.draft_files import Kept
from wltui.store.drafts import Drafts
from wltui.store.editor_texts import EditorText
from wltui.store.file_errors import remedy, why
from wltui.ui.host import Host

CANNOT_WRITE = "The config can't be written to a file for your editor"
EDIT_HERE = "Make room or make the folder writable. Until then, edit the fields on screen"
USUAL = ("nano", "vim", "vi")
"""Programs to try if neither VISUAL nor EDITOR is set."""
AT_ONCE = 5.0
"""An editor that returns within these seconds may have opened a window, in which the user goes on typing."""

_SHELL = ("/bin/sh", "-c")
_FOR_A_SHELL = re.compile(r"[|&;<>()$`\n*?\[#~=%]")
"""Characters for which git runs a command in a shell; spaces, quotes and backslashes do not need one."""
_NOT_RUN = {126: "the shell can't run it", 127: "the shell does not find it"}


def editor_command(environ: Mapping[str, str]) -> Sequence[str]:
    """Return the program and its arguments: ``$VISUAL``, else ``$EDITOR``, else the first installed of ``USUAL``.

    As in git, a shell runs a command that only a shell understands: ``~``, ``$HOME``, ``TERM=xterm vim``.

    Raises:
        WltuiError: No editor was found, or the command can't be split into words.
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
    """Let the user edit a config; return the new edit or None, and a message. See :class:`ExternalEditor`."""
    editor = ExternalEditor(
        app.service.drafts,
        editor_command(os.environ),
        run=lambda argv: _run(app, argv),
        keep=app.saves.keep_draft,
        monotonic=time.monotonic,
        key=app.key_names("editor.external"),
    )
    now = app.service.clock()
    return editor.edit(Kept(without_config(version), draft, began=now, changed=now))


class ExternalEditor:
    """Edits configs as text.

    A text that can't be parsed is opened again with the problems on top. An unchanged or empty text cancels, as does
    an editor that fails; the typed text then stays in its file, and is opened the next time. An editor that returns
    at once may have opened a window: a text saved there is used the next time.

    Args:
        drafts: Stores texts and edits.
        command: The editor and its arguments.
        run: Runs a command and returns its exit code, as :func:`~wltui.lifecycle.signals.run_in_foreground`.
        keep: Called to keep a new edit before the file is removed.
        monotonic: Returns the time in seconds.
        key: The name of the key that opens it.
    """

    def __init__(
        self,
        drafts: Drafts,
        command: Sequence[str],
        *,
        run: Callable[[Sequence[str]], int],
        keep: Callable[[ModelVersion, Draft], object],
        monotonic: Callable[[], float],
        key: str = "f4",
    ) -> None:
        self._drafts, self._command, self._run, self._keep = drafts, command, run, keep
        self._monotonic, self._key = monotonic, key
        self._seconds: float | None = None
        """How long the editor ran; None if it failed."""

    def edit(self, kept: Kept) -> tuple[ConfigEdit | None, str]:
        """Let the user edit the draft ``kept``; return the new edit or None, and a message, which may be empty.

        Raises:
            WltuiError: The editor can't be started, or the file can't be written or read.
        """
        try:
            text = self._drafts.texts.held(kept.version.id)
            if text is not None and text.is_changed() and not text.failed:
                return self._take_from_window(text, kept.draft)
            if text is not None and text.failed:
                opened = self._add_reasons(text)
            else:
                opened = _format_draft(kept)
                text = self._drafts.texts.begin(kept, opened)
        except OSError as error:
            raise WltuiError(CANNOT_WRITE, why(error), remedy(error, EDIT_HERE)) from None
        try:
            result = self._run_until_read(text, opened)
        except WltuiError as error:
            raise WltuiError(error.what, error.why, self._describe_left_text(text) or error.advice) from None
        if isinstance(result, ConfigEdit):
            return self._keep_result(text, result, kept.draft), ""
        return None, f"{result}: the edit is as it was. {self._describe_left_text(text)}".rstrip()

    def _add_reasons(self, text: EditorText) -> bytes:
        """Return the content of a text from an earlier run; if it can't be parsed, with the problems on top."""
        content = text.read()
        found = parse_document(text_of(content), text.kept.draft.edit)
        return (
            content if isinstance(found, ConfigEdit) else _bytes(add_problem_lines(text_of(content), found))
        )

    def _run_until_read(self, text: EditorText, opened: bytes) -> ConfigEdit | str:
        """Run the editor until its text can be parsed; return the edit, or why it was cancelled."""
        resumed = text.failed
        while True:
            try:
                text.write(opened)
            except OSError as error:
                raise WltuiError(CANNOT_WRITE, why(error), remedy(error, EDIT_HERE)) from None
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
        """Return the edit saved in an editor's window, or None and a message; its file stays, for it may be open."""
        content = text.read()
        result = parse_document(text_of(content), text.kept.draft.edit)
        if not isinstance(result, ConfigEdit):
            where = f"line {result[0].line}: " if result[0].line else ""
            return (
                None,
                f"{text.path} can't be read yet: {where}{result[0].text}. Save it, and press {self._key} again.",
            )
        text.note_taken(content)
        edit = _apply_changes(draft.edit, text.kept.draft.edit, result)
        self._keep(text.kept.version, Draft(edit))
        return edit, ""

    def _keep_result(self, text: EditorText, result: ConfigEdit, draft: Draft) -> ConfigEdit:
        """Keep and return a new edit, and remove its text once the edit is on disk."""
        edit = _apply_changes(draft.edit, text.kept.draft.edit, result)
        self._keep(text.kept.version, Draft(edit))
        self._drafts.flush()
        if not self._drafts.unwritten:
            self._drafts.texts.remove(text)
        return edit

    def _describe_left_text(self, text: EditorText) -> str:
        """Return a message on where the typed text is; remove the text if nothing was typed and no editor can be open.

        An editor that ended well may have opened a window, however long it ran, so its file stays.
        """
        try:
            content, typed = _read(text)
        except WltuiError:
            text.failed = True
            return f"What you typed is in {text.path}"
        if typed:
            return f"What you typed is in {text.path}; {self._key} opens it again"
        if text.has_more():
            text.failed = True
            return f"Your editor left something beside {text.path}; {self._key} opens that again"
        if self._seconds is None or not content.strip():
            self._drafts.texts.remove(text)
        elif self._seconds < AT_ONCE:
            return f"If your editor has a window of its own, save there and press {self._key}: {text.path}"
        return ""


def _format_draft(kept: Kept) -> bytes:
    """Return the text of an edit, with its problems on top."""
    edit = kept.draft.edit
    text = format_document(kept.draft, model_name=kept.version.model_name)
    result = parse_document(text, edit)
    faults: Sequence[Problem] = (
        tuple(locate_problems(result.problems(), text)) if isinstance(result, ConfigEdit) else result
    )
    return _bytes(add_problem_lines(text, faults) if faults else text)


def _apply_changes(edit: ConfigEdit, before: ConfigEdit, after: ConfigEdit) -> ConfigEdit:
    """Return an edit with the changes made in the text; changes made in the form meanwhile stay."""
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
            except OSError as error:  # not raised here, since Textual would stay suspended
                failure = error
    except SuspendNotSupported as error:
        raise WltuiError(
            "Your editor can't be opened here", str(error), "Edit the fields on screen"
        ) from None
    raise WltuiError(f"{argv[0]} can't be started", failure.strerror or "", "Set VISUAL or EDITOR")


def _read(text: EditorText) -> tuple[bytes, bool]:
    """Return the file's present content, and whether anything was typed there."""
    try:
        return text.read(), text.is_changed()
    except OSError as error:
        raise WltuiError("What your editor left can't be read", error.strerror or "") from None


def text_of(content: bytes) -> str:
    """Return a file's content as text, with bytes that are not UTF-8 kept as surrogates."""
    return content.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
