"""The whole config in the user's own editor, which has the terminal meanwhile."""

import os
import shlex
import shutil
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from wltui.config_edit import ConfigEdit, Draft
from wltui.config_fields import Problem
from wltui.config_text import from_text, located, to_text, with_reasons
from wltui.errors import WltuiError
from wltui.lifeline import run_in_foreground
from wltui.records import ModelVersion
from wltui.store.files import why, write_whole

if TYPE_CHECKING:
    from .app import WltuiApp

CANNOT_WRITE = "The config can't be written to a file for your editor"
USUAL = ("nano", "vim", "vi")
"""What is tried where neither VISUAL nor EDITOR is set."""


def editor_command(environ: Mapping[str, str]) -> Sequence[str]:
    """The program and its arguments: ``$VISUAL``, else ``$EDITOR``, else what is usual.

    Raises:
        WltuiError: there is none.
    """
    for name in ("VISUAL", "EDITOR"):
        if text := environ.get(name, "").strip():
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


def edit_config(app: "WltuiApp", version: ModelVersion, draft: Draft) -> tuple[ConfigEdit | None, str]:
    """Have a config edited; returns the new edit or None, and what there is to say.

    A text that can't be read is opened again with the reasons on top. One that is unchanged or empty cancels, as
    does an editor that fails; whatever was typed then stays in its file. A new edit is kept before its file goes.

    Raises:
        WltuiError: there is no editor, or it can't be started here, or the file can't be written or read.
    """
    command = editor_command(os.environ)
    text = to_text(draft, model_name=version.model_name)
    faults = _faults(text, draft.edit)
    began = with_reasons(text, faults) if faults else text
    try:
        path = Path(mkdtemp(prefix="wltui-")) / f"config-of-version-{version.id}.toml"  # the folder is 0700
    except OSError as error:
        raise WltuiError(CANNOT_WRITE, why(error), "Set TMPDIR to a folder that can be written") from None
    try:
        result = _edited(app, [*command, str(path)], path, began, draft.edit)
    except WltuiError as error:
        raise WltuiError(error.what, error.why, _left(path, began) or error.advice) from None
    if isinstance(result, ConfigEdit):
        app.keep_draft(version, Draft(result))
        app.flush()
        shutil.rmtree(path.parent, ignore_errors=True)
        return result, ""
    return None, f"{result}: the edit is as it was. {_left(path, began)}".rstrip()


def _faults(text: str, edit: ConfigEdit) -> tuple[Problem, ...]:
    """What a text has that can't be read, or else can't be saved."""
    result = from_text(text, edit)
    return tuple(located(result.problems(), text)) if isinstance(result, ConfigEdit) else result


def _edited(
    app: "WltuiApp", argv: Sequence[str], path: Path, began: str, edit: ConfigEdit
) -> ConfigEdit | str:
    """What the user makes of an edit, or how it was cancelled."""
    opened = began
    while True:
        try:
            write_whole(path, opened.encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise WltuiError(CANNOT_WRITE, why(error)) from None
        code = _run(app, argv)
        text = _read(path)
        if code > 0:
            return f"The editor ended with {code}"
        if code < 0:
            return f"The editor was ended by {signal.Signals(-code).name}"
        if not text.strip():
            return "The text was empty"
        if text == opened:
            return "Nothing changed"
        result = from_text(text, edit)
        if isinstance(result, ConfigEdit):
            return result
        opened = with_reasons(text, result)


def _run(app: "WltuiApp", argv: Sequence[str]) -> int:
    """The editor's exit code, once it has ended."""
    try:
        with app.suspend():
            try:
                return run_in_foreground(argv)
            except OSError as error:  # not let out of here, as Textual would stay suspended
                failure = error
    except SuspendNotSupported as error:
        raise WltuiError("Your editor can't be opened here", str(error)) from None
    raise WltuiError(f"{argv[0]} can't be started", failure.strerror or "", "Set VISUAL or EDITOR")


def _left(path: Path, began: str) -> str:
    """Says where that is which was typed; if nothing was, nothing is left behind."""
    try:
        typed = _read(path)
    except WltuiError:
        return f"What you typed is in {path}"
    if typed.strip() and typed != began:
        return f"What you typed is in {path}"
    shutil.rmtree(path.parent, ignore_errors=True)
    return ""


def _read(path: Path) -> str:
    """What is in the file now, bytes that are no UTF-8 kept as they are; nothing where it is gone."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise WltuiError("What your editor left can't be read", error.strerror or "") from None
