"""Table of the frameworks that a model can be uploaded with, and of the hardware that it can be made for.

The words are those of the vendor's SDK (release 2026.1.3). Durations were recorded from 2022 to 2026.
"""

from typing import Literal

from msgspec import Struct

Release = tuple[int, int]
"""Year and number of a Wallaroo release: ``(2025, 1)``."""
Route = Literal["models/upload", "models/upload_and_convert"]
DIRECT: Route = "models/upload"
"""Stores the file as it is: ready at once, without a task, schemas or an image."""
CONVERT: Route = "models/upload_and_convert"
"""Makes a task that converts the file, or builds a container for it. An ONNX file sent this way stays pending."""
HUGGING_FACE = "hugging-face-"
"""Begins the names of 16 frameworks."""


class Duration(Struct, frozen=True):
    """Seconds from an upload until its version was ready, as recorded in steps of 5 s."""

    shortest: int
    median: int
    """Of several kinds of Hugging Face models, that of the slowest."""
    longest: int
    uploads: int
    """Number of uploads that were recorded."""


class Framework(Struct, frozen=True, kw_only=True):
    """A kind of model file that the platform takes."""

    name: str
    """The word of the API."""
    file: str
    """What is in the file, in words."""
    suffixes: tuple[str, ...]
    """Suffixes of its files, the usual one first."""
    route: Route = CONVERT
    has_logs: bool | None = False
    """Whether the platform logs the conversion; None if that was not recorded."""
    duration: Duration | None = None
    """None if no upload was recorded."""
    since: Release = (2023, 4)
    """The first release whose SDK is known to have it; the oldest that was compared is 2023.4."""

    @property
    def needs_schemas(self) -> bool:
        """Return whether an upload needs an input and an output schema, as the SDK demands."""
        return self.route == CONVERT


_HUGGING_FACE = (
    "automatic-speech-recognition", "feature-extraction", "image-classification", "image-segmentation",
    "image-to-text", "object-detection", "question-answering", "stable-diffusion-text-2-img", "summarization",
    "text-classification", "translation", "zero-shot-classification", "zero-shot-image-classification",
    "zero-shot-object-detection", "sentiment-analysis", "text-generation",
)  # fmt: skip
_TABLE = (
    Framework(name="onnx", file="an ONNX model", suffixes=(".onnx",), route=DIRECT, duration=Duration(0, 0, 0, 32)),
    Framework(name="tensorflow", file="a TensorFlow SavedModel, zipped", suffixes=(".zip",), route=DIRECT,
              duration=Duration(0, 0, 0, 32)),
    Framework(name="python", file="a Python step with process_data, zipped", suffixes=(".zip",), has_logs=True,
              duration=Duration(10, 40, 75, 22), since=(2024, 1)),
    Framework(name="keras", file="a Keras model", suffixes=(".h5", ".zip"), duration=Duration(80, 105, 275, 5)),
    Framework(name="sklearn", file="a scikit-learn model, pickled", suffixes=(".pkl",),
              duration=Duration(45, 85, 190, 20)),
    Framework(name="pytorch", file="a PyTorch model as TorchScript", suffixes=(".pt",),
              duration=Duration(10, 10, 325, 14)),
    Framework(name="xgboost", file="an XGBoost model, pickled", suffixes=(".pkl",),
              duration=Duration(10, 50, 280, 48)),
    *(Framework(name=HUGGING_FACE + kind, file="the folder of save_pretrained, zipped", suffixes=(".zip",),
                duration=Duration(30, 250, 345, 26)) for kind in _HUGGING_FACE),
    Framework(name="custom", file="code with Inference and InferenceBuilder, zipped", suffixes=(".zip",),
              has_logs=True, duration=Duration(0, 85, 505, 43)),
    Framework(name="vllm", file="a language model for vLLM, zipped", suffixes=(".zip",), has_logs=None,
              duration=Duration(0, 1140, 1225, 7), since=(2025, 1)),
    Framework(name="sglang", file="a language model for SGLang, zipped", suffixes=(".zip",), has_logs=None,
              since=(2026, 1)),
)  # fmt: skip
FRAMEWORKS = {framework.name: framework for framework in _TABLE}
"""By name, in the SDK's order. A Python step was a single ``.py``, stored as it is, until release 2023.4."""
NATIVE = frozenset(framework.name for framework in _TABLE if framework.route == DIRECT)
WITH_LOGS = frozenset(framework.name for framework in _TABLE if framework.has_logs)
"""Frameworks for which conversion logs were recorded."""
TAKEN_SUFFIXES = (".zip", ".pt", ".onnx", ".h5", ".pkl")
"""The server refuses every other name of a file (400). That was recorded for the convert route."""
ARCHS: dict[str, Release] = {"x86": (2023, 4), "arm": (2023, 4), "power10": (2024, 4)}
"""Architectures, and the first release whose SDK is known to have each."""
ACCELS: dict[str, Release] = {
    "none": (2023, 4), "cuda": (2024, 1), "jetson": (2024, 1), "openvino": (2024, 2), "qaic": (2025, 1),
    "rocm": (2026, 1),
}  # fmt: skip
"""Accelerations, likewise."""
_ARCH_OF = {"jetson": "arm", "openvino": "x86", "qaic": "x86", "rocm": "x86"}


def file_suffixes(framework: str) -> tuple[str, ...]:
    """Return the suffixes of files that the framework takes or took; nothing if any may do, or that is not known."""
    found = FRAMEWORKS.get(framework)
    return (*found.suffixes, *((".py",) if framework == "python" else ())) if found else ()


def needs_schemas(framework: str) -> bool:
    """Return whether an upload needs an input and an output schema. False if the framework is not known."""
    found = FRAMEWORKS.get(framework)
    return found is not None and found.needs_schemas


def has_upload_logs(framework: str) -> bool:
    """Return whether the platform may log the conversion. True if that is not known."""
    found = FRAMEWORKS.get(framework)
    return found.has_logs is not False if found else framework != "mlflow"


def required_arch(accel: str) -> str | None:
    """Return the only architecture that has the accelerator, or None if any may have it."""
    return _ARCH_OF.get(accel)
