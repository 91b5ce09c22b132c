"""Read the head of an ONNX file: its version, its inputs, and whether its weights are in other files.

ONNX is a message of Protocol Buffers. Its large parts are skipped, and no more of its fields are read than a bound.
"""

from collections.abc import Iterator
from io import BufferedIOBase

from msgspec import Struct

MOST_FIELDS = 60_000
"""Maximum fields that are read in all."""
_LONGEST_NAME = 200
_MOST_NAMES = 50
_VARINT, _FIXED_64, _BYTES, _FIXED_32 = 0, 1, 2, 5
# Numbers of fields, by message
_IR_VERSION, _GRAPH, _OPSET = 1, 7, 8
_INITIALIZER, _INPUT = 5, 11
_TENSOR_NAME, _TENSOR_EXTERNAL = 8, 13
_VALUE_NAME = 1
_OPSET_DOMAIN, _OPSET_VERSION = 1, 2


class OnnxModel(Struct, frozen=True):
    """Properties of an ONNX file."""

    ir_version: int
    opset: int = 0
    """Version of the standard operators; 0 if that is not known."""
    inputs: tuple[str, ...] = ()
    """Names of its inputs; those with a value of their own are left out. Hostile text."""
    has_graph: bool = False
    is_external: bool = False
    """Whether weights are in other files, which an upload does not send."""
    is_cut_off: bool = False
    """Whether the file ends before the message does."""


class _NoMessage(Exception):
    """These bytes are no message, or it ends in the midst of a field."""


class _Field(Struct, frozen=True):
    number: int
    kind: int
    value: int
    """Of a varint; for bytes, their number."""
    place: int
    """Where its bytes begin."""


def scan_onnx(file: BufferedIOBase, size: int) -> OnnxModel | None:
    """Return the properties of an ONNX file, or None if it is none."""
    scan = _Scan(file)
    return scan.run(size) if scan.begins_like_one(size) else None


class _Scan:
    def __init__(self, file: BufferedIOBase) -> None:
        self._file = file
        self._left = MOST_FIELDS
        self.ir_version = self.opset = 0
        self.inputs: dict[str, None] = {}
        self.valued: set[str] = set()
        self.has_graph = self.is_external = False

    def begins_like_one(self, size: int) -> bool:
        """Return whether the first field is a version of the format, as every writer puts it, and another follows."""
        try:
            first = next(self._fields(0, size), None)
            if (
                not first
                or (first.number, first.kind) != (_IR_VERSION, _VARINT)
                or not 1 <= first.value <= 100
            ):
                return False
            tag, _ = self._varint(first.place)
        except _NoMessage:
            return False
        return 2 <= tag >> 3 <= 25 and tag & 7 in {_VARINT, _BYTES}

    def run(self, size: int) -> OnnxModel:
        """Return the properties, as far as the fields can be read."""
        is_cut_off = False
        try:
            self._model(size)
        except _NoMessage:
            is_cut_off = self._left > 0
        inputs = tuple(name for name in self.inputs if name not in self.valued)[:_MOST_NAMES]
        return OnnxModel(self.ir_version, self.opset, inputs, self.has_graph, self.is_external, is_cut_off)

    def _model(self, size: int) -> None:
        for field in self._fields(0, size):
            if field.number == _IR_VERSION and field.kind == _VARINT:
                self.ir_version = field.value
            elif field.kind == _BYTES and field.number == _GRAPH:
                self.has_graph = True
                self._graph(field)
            elif field.kind == _BYTES and field.number == _OPSET:
                self._opset(field)

    def _graph(self, graph: _Field) -> None:
        for field in self._fields(graph.place, graph.value):
            if field.kind != _BYTES or field.number not in {_INITIALIZER, _INPUT}:
                continue
            is_tensor = field.number == _INITIALIZER
            for inner in self._fields(field.place, field.value):
                if is_tensor and inner.number == _TENSOR_EXTERNAL:
                    self.is_external = True
                elif inner.kind == _BYTES and inner.number == (_TENSOR_NAME if is_tensor else _VALUE_NAME):
                    name = self._text(inner)
                    self.valued.add(name) if is_tensor else self.inputs.setdefault(name)

    def _opset(self, opset: _Field) -> None:
        domain, version = "", 0
        for field in self._fields(opset.place, opset.value):
            if field.number == _OPSET_DOMAIN and field.kind == _BYTES:
                domain = self._text(field)
            elif field.number == _OPSET_VERSION and field.kind == _VARINT:
                version = field.value
        if domain in {"", "ai.onnx"}:
            self.opset = version

    def _text(self, field: _Field) -> str:
        self._file.seek(field.place)
        return self._file.read(min(field.value, _LONGEST_NAME)).decode("utf-8", "replace")

    def _fields(self, place: int, length: int) -> Iterator[_Field]:
        """Yield the fields of a message, their bytes unread.

        Raises:
            _NoMessage: it is none, or too much has been read.
        """
        end = place + length
        while place < end:
            self._left -= 1
            if self._left <= 0:
                raise _NoMessage
            self._file.seek(place)
            tag, place = self._varint(place)
            number, kind = tag >> 3, tag & 7
            value = 0
            if kind in {_VARINT, _BYTES}:
                value, place = self._varint(place)
            length = {_VARINT: 0, _FIXED_64: 8, _BYTES: value, _FIXED_32: 4}.get(kind, -1)
            if not number or length < 0 or place + length > end:
                raise _NoMessage
            yield _Field(number, kind, value, place)
            place += length

    def _varint(self, place: int) -> tuple[int, int]:
        """Return the number at the file's place, and the place after it."""
        value = 0
        for shift in range(0, 70, 7):
            byte = self._file.read(1)
            if not byte:
                break
            place += 1
            value |= (byte[0] & 0x7F) << shift
            if byte[0] < 0x80:
                return value, place
        raise _NoMessage
