"""The whole config in the user's own editor, which has the terminal meanwhile."""

import os
import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING

from textual.app import SuspendNotSupported

from wltui.config_edit import ConfigEdit, Draft
from wltui.config_text import from_text, to_text, with_reasons
from wltui.errors import WltuiError
from wltui.lifeline import run_in_foreground
from wltui.records import ModelVersion

if TYPE_CHECKING:
    from .app import WltuiApp

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
    does an editor that fails; whatever was typed then stays in its file.

    Raises:
        WltuiError: there is no editor, or it can't be started here.
    """
    command = editor_command(os.environ)
    folder = Path(mkdtemp(prefix="wltui-"))  # 0700
    path = folder / f"config-of-version-{version.id}.toml"
    began = opened = to_text(draft, model_name=version.model_name)
    while True:
        _write(path, opened)
        code = _run(app, [*command, str(path)])
        text = _read(path)
        if code or text == opened or not text.strip():
            return None, _given_up(path, began, text, code)
        result = from_text(text, draft.edit)
        if isinstance(result, ConfigEdit):
            shutil.rmtree(folder, ignore_errors=True)
            return result, ""
        opened = with_reasons(text, result)


def _run(app: "WltuiApp", argv: Sequence[str]) -> int:
    """The editor's exit code, once it has ended."""
    try:
        with app.suspend():
            return run_in_foreground(argv)
    except SuspendNotSupported as error:
        raise WltuiError("Your editor can't be opened here", str(error)) from None
    except OSError as error:
        raise WltuiError(
            f"{argv[0]} can't be started", error.strerror or "", "Set VISUAL or EDITOR"
        ) from None


def _given_up(path: Path, began: str, text: str, code: int) -> str:
    how = "Nothing changed" if text.strip() else "The text was empty"
    if code:
        how = f"The editor ended with {code}"
    if text in (began, ""):
        shutil.rmtree(path.parent, ignore_errors=True)
        return f"{how}: the edit is as it was."
    return f"{how}: the edit is as it was. What you typed is in {path}"


def _write(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8",
              errors="surrogateescape") as file:  # fmt: skip
        file.write(text)


def _read(path: Path) -> str:
    """What is in the file now, bytes that are no UTF-8 kept as they are; nothing where it is gone."""
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except FileNotFoundError:
        return ""
