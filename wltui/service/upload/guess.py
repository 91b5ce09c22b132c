"""Guess the framework of a file by its suffix and its content."""

from pathlib import Path

from msgspec import Struct

from wltui.core.upload_frameworks import FRAMEWORKS, HUGGING_FACE

from .contents import REQUIREMENTS, Contents, Kind, inspect
from .file_checks import is_state_dict
from .findings import shorten
from .hugging_face import Task, find_task

_LARGE_MODEL = 1 << 30
"""Bytes from which a language model is probably one for vLLM."""
_BY_SUFFIX = {
    ".pkl": "sklearn",
    ".onnx": "onnx",
    ".h5": "keras",
    ".pt": "pytorch",
    ".pth": "pytorch",
    ".keras": "keras",
    ".py": "python",
}
_PICKLED = ("sklearn", "xgboost")
_OWN_CODE = ("custom", "python")


class Guess(Struct, frozen=True):
    """The framework that a file was probably made with."""

    framework: str
    """Its name; empty if there is no good guess."""
    why: str
    """Why, as a sentence; also why there is none."""
    alternatives: tuple[str, ...] = ()
    """Other frameworks that it may be of, the likeliest first."""


def guess(path: Path) -> Guess:
    """Return the framework of a file. It blocks: call it in a thread.

    Raises:
        UnusableFile: it can't be read, or is no regular file.
    """
    return guess_framework(inspect(path))


def guess_framework(contents: Contents) -> Guess:
    """Return the framework of a file by its contents. Only frameworks of the table are named."""
    match contents.kind:
        case Kind.ONNX:
            return Guess("onnx", "It is an ONNX model.")
        case Kind.HDF5:
            return Guess("keras", "It is an HDF5 file, as Keras writes it.")
        case Kind.PICKLE:
            return _of_pickle(contents)
        case Kind.PYTHON:
            return Guess("python", "It is Python code; make a zip of it first.", ("custom",))
        case Kind.ZIP if contents.archive and not contents.archive.damage:
            return _of_zip(contents)
    framework = _BY_SUFFIX.get(contents.path.suffix.lower(), "")
    if contents.kind is Kind.EMPTY or not framework:
        return Guess(framework, f"It is {contents.kind.value}.")
    return Guess(framework, f"Its name ends in {contents.path.suffix}; its content says nothing.")


def _of_pickle(contents: Contents) -> Guess:
    names = contents.pickle.names if contents.pickle else ()
    for name in names:
        framework = name.partition(".")[0]
        if framework in _PICKLED:
            others = tuple(each for each in _PICKLED if each != framework)
            return Guess(framework, f"It is a pickle of {shorten(name)}.", others)
    if any(name.startswith("torch.") for name in names):
        return Guess("pytorch", "It is a pickle of torch.save, which is no TorchScript.", ("custom",))
    if not names:
        return Guess("sklearn", "It is a pickle; what it holds was not found.", ("xgboost", "custom"))
    why = f"It is a pickle of {shorten(names[0])}, for which there is no framework: put it into a zip with code."
    return Guess("custom", why, _PICKLED)


def _of_zip(contents: Contents) -> Guess:
    if contents.is_torch_script:
        return Guess("pytorch", "It is TorchScript.")
    if contents.is_torch_save:
        what = "weights without code (a state_dict)" if is_state_dict(contents.pickle) else "no TorchScript"
        return Guess("pytorch", f"torch.save wrote it: it holds {what}.", ("custom",))
    if contents.is_saved_model:
        return Guess("tensorflow", "The zip has a saved_model.pb.", ("keras",))
    if "model.weights.h5" in contents.files:
        return Guess("keras", "It is a file of Keras 3; save it as .h5 first.", ("custom",))
    inference = {**contents.inherits("Inference"), **contents.inherits("InferenceBuilder")}
    if inference:
        name, file = next(iter(inference.items()))
        return Guess("custom", f"{shorten(file)} has {shorten(name)}, a class of Inference.", ("python",))
    if task := find_task(contents.texts):
        return _of_task(task, contents)
    if step := next(
        (name for name, each in contents.modules.items() if "process_data" in each.functions), ""
    ):
        return Guess("python", f"{shorten(step)} has a function process_data.", ("custom",))
    return _of_unknown_zip(contents)


def _of_task(task: Task, contents: Contents) -> Guess:
    kinds = tuple(HUGGING_FACE + kind for kind in task.kinds)
    served = ("vllm", "sglang") if task.is_language_model else ()
    if served and contents.size >= _LARGE_MODEL:
        return Guess("vllm", f"{task.why}, and it is large.", ("sglang", *kinds, "custom"))
    if kinds:
        return Guess(kinds[0], f"{task.why}.", (*kinds[1:], *served, "custom"))
    return Guess("custom", f"{task.why}, for which there is no framework: it needs code.", _of_prefix())


def _of_unknown_zip(contents: Contents) -> Guess:
    if contents.archive and contents.archive.unread_reason:
        return Guess("", f"The zip was not looked into: {contents.archive.unread_reason}.", ("custom",))
    if contents.modules or contents.unread or REQUIREMENTS in contents.files:
        return Guess("custom", "The zip has Python code or requirements.txt.", ("python",))
    if "config.json" in contents.files:
        return Guess("", "The zip has a config.json that names no architecture.", (*_of_prefix(), "vllm"))
    return Guess("", "Nothing in the zip says what made it.", (*_OWN_CODE, "tensorflow"))


def _of_prefix() -> tuple[str, ...]:
    return tuple(name for name in FRAMEWORKS if name.startswith(HUGGING_FACE))
