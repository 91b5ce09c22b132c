"""Made-up model files: as small as a check allows, and none of them runs."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

INFERENCE = """
from mac.inference import Inference
from mac.inference.creation import InferenceBuilder as Builder

class Fraud(Inference):
    @property
    def expected_model_types(self):
        return {object}

    def _predict(self, input_data, more=None):
        return {}

class FraudBuilder(Builder):
    @property
    def inference(self):
        return Fraud()

    def create(self, config):
        return self.inference
"""
CUSTOM = {"requirements.txt": "", "main.py": INFERENCE}
STEP = {"step.py": "def process_data(data):\n    return data\n"}
SAVED_MODEL = {"saved_model.pb": "x", "variables/variables.index": "x"}
TORCH_SCRIPT = {"m/data.pkl": "", "m/constants.pkl": "", "m/version": "3", "m/code/__torch__.py": ""}


def zip_file(path: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write a zip of these files, and return its path."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def pickle_of(*names: str) -> bytes:
    """Return a pickle of protocol 4 that makes objects of these classes, each ``module name``."""
    parts = [b"\x8c%c%s\x94\x8c%c%s\x94\x93\x94)\x81" % _pair(name) for name in names]
    return b"\x80\x04\x95" + bytes(8) + b"".join(parts) + b"."


def _pair(name: str) -> tuple[int, bytes, int, bytes]:
    module, _, word = (part.encode() for part in name.partition(" "))
    return len(module), module, len(word), word


def field(number: int, value: int | bytes) -> bytes:
    """Return a field of a message of Protocol Buffers."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    """Return a number in groups of seven bits."""
    low, rest = value & 0x7F, value >> 7
    return bytes([low | 0x80]) + varint(rest) if rest else bytes([low])


def onnx_model(
    ir: int = 8, opset: int = 17, inputs: tuple[str, ...] = ("tensor",), *, external: bool = False
) -> bytes:
    """Return an ONNX model with one initializer, which is an input too, as older exporters write it."""
    weights = field(8, b"weights") + (field(13, field(1, b"location")) if external else field(9, b"1234"))
    graph = field(1, field(4, b"Add")) + field(5, weights)
    graph += b"".join(field(11, field(1, name.encode())) for name in (*inputs, "weights"))
    return field(1, ir) + field(2, b"tests") + field(7, graph) + field(8, field(1, b"") + field(2, opset))


def pretrained(architecture: str, **config: object) -> dict[str, str]:
    """Return the files of a folder of save_pretrained."""
    words = {"architectures": [architecture], "model_type": "made-up", **config}
    return {"config.json": json.dumps(words), "model.safetensors": "x", "tokenizer.json": "{}"}
