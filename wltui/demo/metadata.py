"""The JSON part of an upload: its fields, and how the platform changes them before it stores them."""

from pathlib import PurePosixPath
from typing import Literal, get_args

import msgspec

from .releases import Era
from .world import Json

Framework = Literal[
    "onnx", "python", "tensorflow", "sklearn", "keras", "xgboost", "pytorch", "mlflow", "vllm", "sglang", "custom",
    "hugging-face-automatic-speech-recognition", "hugging-face-feature-extraction",
    "hugging-face-image-classification", "hugging-face-image-segmentation", "hugging-face-image-to-text",
    "hugging-face-object-detection", "hugging-face-question-answering",
    "hugging-face-stable-diffusion-text-2-img", "hugging-face-summarization",
    "hugging-face-text-classification", "hugging-face-translation", "hugging-face-zero-shot-classification",
    "hugging-face-zero-shot-image-classification", "hugging-face-zero-shot-object-detection",
    "hugging-face-sentiment-analysis", "hugging-face-text-generation",
]  # fmt: skip
Accel = Literal["none", "cuda", "jetson", "openvino", "rocm"]
SINCE = {"vllm": "2025.1", "sglang": "2026.1", "rocm": "2026.1"}
"""The release that brought a word, for those that an answering release may lack."""
FRAMEWORKS: tuple[str, ...] = get_args(Framework)


class Conversion(msgspec.Struct):
    """How the file is to be made into a model."""

    framework: Framework
    requirements: list[str]
    python_version: Literal["3.8", "3.9"] | None = None
    arch: Literal["x86", "arm", "power10"] | None = None
    accel: Accel | Json | None = None
    framework_config: Json | None = None


class Metadata(msgspec.Struct):
    """The metadata of an upload."""

    name: str
    visibility: Literal["private", "public"]
    workspace_id: int
    conversion: Json
    input_schema: str | None = None
    output_schema: str | None = None
    image_path: str | None = None

    @property
    def framework(self) -> str:
        """The framework's word."""
        return str(self.conversion["framework"])


def parse_metadata(text: bytes, era: Era) -> Metadata:
    """Return the metadata, its conversion as it was sent.

    Raises:
        msgspec.DecodeError: it is no JSON, or something in it is missing or unknown to the release.
        UnicodeDecodeError: likewise.
    """
    metadata = msgspec.json.decode(text, type=Metadata)
    conversion = msgspec.convert(metadata.conversion, Conversion)
    for word in (conversion.framework, conversion.accel):
        if isinstance(word, str) and era < SINCE.get(word, ""):
            raise msgspec.ValidationError(f"Invalid enum value '{word}' - at `$.conversion`")
    if isinstance(conversion.accel, dict) and list(conversion.accel) != ["qaic"]:
        raise msgspec.ValidationError("Invalid enum value - at `$.conversion.accel`")
    return metadata


def stored_conversion(conversion: Json, file_name: str) -> Json:
    """Return a conversion as the platform keeps it: that of a custom model says where its files are then."""
    if conversion.get("framework") != "custom":
        return conversion
    config = (conversion.get("framework_config") or {}).get("config") or {}
    path = f"{PurePosixPath(file_name)}/model"
    return {
        **conversion,
        "framework_config": {"framework": "custom", "config": {**config, "model_path": path}},
    }
