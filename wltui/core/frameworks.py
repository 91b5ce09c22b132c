"""Facts about the frameworks that models can be uploaded with."""

HUGGING_FACE = "hugging-face-"
"""Begins the names of 16 frameworks."""
NATIVE = frozenset({"onnx", "tensorflow"})
"""Uploaded without conversion: ready at once, without a task, schemas or an image."""
_SUFFIXES = {
    "onnx": (".onnx",),
    "tensorflow": (".zip",),
    "keras": (".h5", ".zip"),
    "pytorch": (".pt",),
    "sklearn": (".pkl",),
    "xgboost": (".pkl",),
    "custom": (".zip",),
    "python": (".zip", ".py"),
    "vllm": (".zip",),
    "sglang": (".zip",),
}
"""``python`` took a single ``.py`` until release 2023.4."""
_WITHOUT_LOGS = NATIVE | {"keras", "mlflow", "pytorch", "sklearn", "xgboost"}
WITH_LOGS = frozenset({"custom", "python"})
"""Frameworks for which conversion logs were recorded."""
_ARCHS = {"jetson": "arm", "openvino": "x86", "qaic": "x86", "rocm": "x86"}


def file_suffixes(framework: str) -> tuple[str, ...]:
    """Return the suffixes of files that the framework takes; nothing if any may do, or that is not known."""
    return (".zip",) if framework.startswith(HUGGING_FACE) else _SUFFIXES.get(framework, ())


def needs_schemas(framework: str) -> bool:
    """Return whether an upload needs an input and an output schema. False if the framework is not known."""
    return framework not in NATIVE and bool(file_suffixes(framework))


def has_upload_logs(framework: str) -> bool:
    """Return whether the platform may log the conversion.

    Logs were only ever seen for ``custom`` and ``python``. True if the framework is not known.
    """
    return framework not in _WITHOUT_LOGS and not framework.startswith(HUGGING_FACE)


def required_arch(accel: str) -> str | None:
    """Return the only architecture that has the accelerator, or None if any may have it."""
    return _ARCHS.get(accel)
