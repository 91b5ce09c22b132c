"""Check the zip of an upload: whether it can be unpacked, and whether its files are laid out as its framework wants."""

import re
from collections.abc import Iterator

from wltui.core.upload_frameworks import HUGGING_FACE

from .archive import Archive
from .code_checks import check_classes, check_syntax
from .contents import REQUIREMENTS, Contents, Kind
from .findings import Finding, Severity, shorten
from .hugging_face import find_task

_HUGE, _BOMB_RATIO = 20 << 30, 100
"""Bytes when unpacked, and times the size of the zip, by which one is taken for a bomb if it exceeds both."""
_MAKE_AGAIN = "Make the zip again."
_REQUIREMENT = re.compile(
    r"(?:[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?\s*(?:\[[^\]]*\])?\s*"  # a package and its extras
    r"(?:$|\(.*\)\s*$|@.*|;.*|(?:===|==|~=|!=|<=|>=|<|>)\s*[^=<>!~\s,;]+.*)"  # its versions or its address
    r"|-.*|\S*[/\\].*)$",  # an option of pip, a path, an address
    re.ASCII | re.DOTALL,
)
_BEST_TOP = "Make the zip of the folder's content, or of the one folder that holds all."
_HF_WEIGHTS = re.compile(r"\.(?:safetensors|bin|h5|msgpack|pt|ckpt|onnx)$")


def check_zip(framework: str, contents: Contents) -> Iterator[Finding]:
    """Yield findings about a zip; none for other files."""
    archive = contents.archive
    if archive is None or (contents.path.suffix != ".zip" and contents.kind is not Kind.ZIP):
        return
    if archive.damage:
        is_recorded = contents.path.suffix == ".zip"
        severity = Severity.CERTAIN if is_recorded else Severity.LIKELY
        cause = f"The file is no valid zip: {shorten(archive.damage)}."
        yield Finding(severity, cause, _MAKE_AGAIN if is_recorded else "Save the model again.", is_recorded)
        return
    if archive.unread_reason:
        cause = f"The zip was not checked, since {archive.unread_reason}."
        yield Finding(
            Severity.NOTE, cause, "Leave out what the model does not need, such as a virtual environment."
        )
        return
    if not archive.entries:
        yield Finding(Severity.CERTAIN, "The zip has no files.", _MAKE_AGAIN)
        return
    yield from _check_entries(archive, max(contents.size, 1))
    if framework == "custom":
        yield from _check_custom(contents)
    elif framework == "python":
        yield from _check_step(contents)
    elif framework in {"tensorflow", "keras"}:
        yield from _check_saved_model(framework, contents)
    elif framework.startswith(HUGGING_FACE) or framework in {"vllm", "sglang"}:
        yield from _check_pretrained(framework, contents)


def _check_entries(archive: Archive, packed: int) -> Iterator[Finding]:
    def first(names: list[str]) -> str:
        return shorten(names[0]) + (f" and {len(names) - 1} more" if len(names) > 1 else "")

    if encrypted := [entry.name for entry in archive.entries if entry.is_encrypted]:
        cause = f"The zip is encrypted ({first(encrypted)}), and the platform has no password."
        yield Finding(Severity.LIKELY, cause, "Make it without a password.")
    if outside := [entry.name for entry in archive.entries if _is_outside(entry.name)]:
        cause = f"A file of the zip would be unpacked outside its folder: {first(outside)}."
        yield Finding(Severity.LIKELY, cause, _MAKE_AGAIN)
    if links := [entry.name for entry in archive.entries if entry.is_link]:
        cause = f"The zip has a link in place of a file: {first(links)}."
        yield Finding(Severity.LIKELY, cause, "Make the zip with the file itself: zip without its option -y.")
    unpacked = sum(entry.size for entry in archive.entries)
    if unpacked > _HUGE and unpacked > _BOMB_RATIO * packed:
        cause = f"The zip unpacks to {unpacked:,} bytes, {unpacked // packed:,} times its size."
        yield Finding(Severity.LIKELY, cause, _MAKE_AGAIN)
    if archive.has_leftovers:
        cause = "macOS put files of its own into the zip (__MACOSX, .DS_Store), which may be taken for the model's."
        remedy = "Make it by zip in the terminal, or remove them: zip -d FILE '__MACOSX/*' '*.DS_Store'."
        yield Finding(Severity.NOTE, cause, remedy)


def _is_outside(name: str) -> bool:
    return (
        name.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", name) or bool(re.match(r"[A-Za-z]:", name))
    )


def _check_custom(contents: Contents) -> Iterator[Finding]:
    yield from _check_requirements(contents)
    if not contents.modules and not contents.unread:
        is_ignored = any(name.startswith("artifacts/") and name.endswith(".py") for name in contents.files)
        words = " but in artifacts/, which is ignored" if is_ignored else ""
        yield Finding(Severity.LIKELY, f"The zip has no Python file{words}.",
                      "Put the code at the top of the zip, beside requirements.txt.", is_recorded=True)  # fmt: skip
        return
    code = [*contents.modules, *contents.unread]
    if all("/" in name for name in code):
        cause = f"The zip has Python files in folders only, such as {shorten(min(code))}."
        yield Finding(Severity.NOTE, cause, "If it fails, put the code at the top, beside requirements.txt.")
    yield from check_syntax(contents, is_recorded=True)
    yield from check_classes(contents)


def _check_requirements(contents: Contents) -> Iterator[Finding]:
    elsewhere = [
        name for name in contents.files if name.rpartition("/")[2] == REQUIREMENTS and name != REQUIREMENTS
    ]
    if REQUIREMENTS not in contents.files:
        place = f"it is in {shorten(min(elsewhere))}" if elsewhere else "it may be empty"
        yield Finding(Severity.LIKELY, "The zip has no requirements.txt at its top.",
                      f"Put it beside the code, at the top or in the only folder there: {place}.",
                      is_recorded=True)  # fmt: skip
        return
    if elsewhere:
        cause = f"The zip has another requirements.txt: {shorten(min(elsewhere))}."
        yield Finding(
            Severity.NOTE, cause, "The one at the top counts; remove the other if it is not needed."
        )
    text = contents.texts.get(REQUIREMENTS, b"").decode("utf-8-sig", "replace")
    begun = ""
    for number, line in enumerate(text.splitlines(), 1):
        line, begun = begun + line, ""  # noqa: PLW2901  with the lines that it continues
        if line.endswith("\\"):
            begun = f"{line[:-1]} "
            continue
        words = re.sub(r"(?:^|\s)#.*", "", line).strip()
        if words and not _REQUIREMENT.match(words[:1000]):
            cause = f"Line {number} of requirements.txt can't be read: {shorten(words)}."
            yield Finding(
                Severity.LIKELY, cause, "Correct it: package==version, for example.", is_recorded=True
            )
            return


def _check_step(contents: Contents) -> Iterator[Finding]:
    top = [name for name in contents.modules if "/" not in name]
    steps = [name for name in top if "process_data" in contents.modules[name].functions]
    if not contents.modules and not contents.unread:
        yield Finding(Severity.LIKELY, "The zip has no Python file.", "Put the step's file at its top.")
        return
    yield from check_syntax(contents, is_recorded=False)
    if any(module.error for module in contents.modules.values()) or contents.unread:
        return
    if not steps:
        cause = "No Python file at the top of the zip has a function process_data."
        yield Finding(
            Severity.LIKELY, cause, "Name the step's function process_data; it takes and returns the data."
        )
    elif len(steps) > 1:
        cause = f"Several files have a function process_data: {', '.join(map(shorten, sorted(steps)[:5]))}."
        yield Finding(Severity.LIKELY, cause, "Keep one of them.")


def _check_saved_model(framework: str, contents: Contents) -> Iterator[Finding]:
    if contents.is_saved_model:
        if not any(name.startswith("variables/") for name in contents.files):
            cause = "The SavedModel has no folder variables."
            yield Finding(Severity.NOTE, cause, "Check that the zip has all that was saved.")
        return
    remedy = "Make the zip of the folder that model.export or tf.saved_model.save wrote."
    if "model.weights.h5" in contents.files:
        cause = "The zip is a file of Keras 3 (.keras) with another name."
        yield Finding(Severity.LIKELY, cause, "Save the model as HDF5: model.save('model.h5').")
        return
    below = [name for name in contents.files if name.endswith("/saved_model.pb")]
    cause = "The zip has no saved_model.pb at its top or in its only folder"
    yield Finding(Severity.LIKELY, f"{cause}: it is in {shorten(min(below))}." if below else f"{cause}.",
                  _BEST_TOP if below else remedy)  # fmt: skip


def _check_pretrained(framework: str, contents: Contents) -> Iterator[Finding]:
    """Yield findings about the folder of save_pretrained; no failure of one was recorded with a reason."""
    files = contents.files
    if not files & {"config.json", "model_index.json"}:
        below = sorted(name for name in files if name.endswith("/config.json"))
        cause = "The zip has no config.json at its top or in its only folder"
        remedy = _BEST_TOP if below else "Make the zip of the folder that save_pretrained wrote."
        words = f"{cause}: it is in {shorten(below[0])}." if below else f"{cause}."
        yield Finding(Severity.LIKELY, words, remedy)
        return
    if not any(_HF_WEIGHTS.search(name) for name in files):
        yield Finding(Severity.LIKELY, "The zip has no weights, such as model.safetensors.",
                      "Make the zip of all files that save_pretrained wrote.")  # fmt: skip
    task = find_task(contents.texts)
    if task and framework.startswith(HUGGING_FACE) and framework.removeprefix(HUGGING_FACE) not in task.kinds:
        better = f"Choose {HUGGING_FACE}{task.kinds[0]}" if task.kinds else "Choose custom, and add code"
        cause = f"{task.why}; that is no model for {framework}."
        yield Finding(Severity.NOTE, cause, f"{better}, unless the config is wrong.")
    is_text = framework in {"vllm", "sglang"} or framework.removeprefix(HUGGING_FACE) in _WITH_TOKENIZER
    if is_text and not any("token" in name or "vocab" in name for name in files):
        yield Finding(Severity.NOTE, "The zip has no tokenizer, such as tokenizer.json.",
                      "Save it into the same folder: tokenizer.save_pretrained(FOLDER).")  # fmt: skip


_WITH_TOKENIZER = {
    "feature-extraction", "question-answering", "summarization", "text-classification", "translation",
    "zero-shot-classification", "sentiment-analysis", "text-generation",
}  # fmt: skip
