"""The checks of the zip of a ``custom`` model, before a container is built for it."""

import ast
import io
import re
import zipfile

from . import failures
from .failures import Failure

REQUIREMENT = re.compile(r"\s*(?:#.*|-.*|[A-Za-z0-9][\w.-]*(?:\[[\w, -]*\])?\s*(?:[=<>!~@;].*)?)?")
READ = (".py", "requirements.txt")
PARENTS = {"Inference", "InferenceBuilder"}


def check_custom(content: bytes) -> Failure | None:
    """Return why a custom model fails, or None if it is built.

    Its one folder, if it has no more than one at the top, counts as the top. Files below ``artifacts/`` are not
    checked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            files = {name: archive.read(name) if name.endswith(READ) else b"" for name in names}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return failures.validated(failures.NOT_UNPACKED)
    files = _below_the_top(files)
    if "requirements.txt" not in files:
        return failures.validated(failures.NO_REQUIREMENTS)
    for line in files["requirements.txt"].decode("utf-8", "replace").splitlines():
        if not REQUIREMENT.fullmatch(line):
            return failures.validated(
                failures.NOT_PARSED, f"           DEBUG    Failed to parse requirement: {line}"
            )
    modules = {name: text for name, text in files.items() if name.endswith(".py")}
    return _check_modules(modules) if modules else failures.validated(failures.NO_MODULES)


def _below_the_top(files: dict[str, bytes]) -> dict[str, bytes]:
    tops = {name.partition("/")[0] for name in files}
    if len(tops) == 1 and all("/" in name for name in files):
        files = {name.partition("/")[2]: text for name, text in files.items()}
    return {name: text for name, text in files.items() if not name.startswith("artifacts/")}


def _check_modules(modules: dict[str, bytes]) -> Failure | None:
    classes: dict[str, list[ast.ClassDef]] = {"Inference": [], "InferenceBuilder": []}
    for name, text in modules.items():
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError) as error:
            return failures.not_loaded(name, str(error))
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                for parent in {_name(base) for base in node.bases} & PARENTS:
                    classes[parent].append(node)
    for kind, none in (("Inference", failures.NO_INFERENCE), ("InferenceBuilder", failures.NO_BUILDER)):
        found = classes[kind]
        if not found:
            return failures.validated(none)
        if len(found) > 1:
            return failures.validated(failures.several(kind, [node.name for node in found]))
    return _check_classes(classes["Inference"][0], classes["InferenceBuilder"][0])


def _check_classes(inference: ast.ClassDef, builder: ast.ClassDef) -> Failure | None:
    reasons = (
        (inference, "expected_model_types", failures.NO_TYPES),
        (inference, "_predict", failures.NO_PREDICT),
        (builder, "inference", failures.no_method("inference")),
        (builder, "create", failures.no_method("create")),
    )
    for node, method, reason in reasons:
        if method not in {each.name for each in node.body if isinstance(each, ast.FunctionDef)}:
            return failures.validated(reason)
    return None


def _name(base: ast.expr) -> str:
    return base.attr if isinstance(base, ast.Attribute) else base.id if isinstance(base, ast.Name) else ""
