"""Look into the file of an upload, reading little of it. Nothing in it is run, loaded or unpacked to disk."""

import os
from enum import Enum
from io import BufferedIOBase, BufferedReader, BytesIO
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from .archive import Archive, read_archive, read_entries
from .local_file import open_regular, unusable
from .onnx_file import OnnxModel, scan_onnx
from .pickled import Pickle, scan_pickle
from .python_code import Module, parse_files

REQUIREMENTS = "requirements.txt"
_LARGEST_CODE = 256 << 10
_ALL_CODE = 2 << 20
_MOST_MODULES = 200
"""Maximum bytes of a Python file that is read, of all of them, and their number."""
_LARGEST_TEXT = 1 << 20
"""Maximum bytes of another text that is read."""
_DEEPEST = 10
"""Maximum classes between one and the class that it derives from."""
_HDF5 = b"\x89HDF\r\n\x1a\n"
_KERAS_PART = 2 << 20
"""Bytes at the beginning and at the end of a Keras file in which its attribute model_config is looked for."""
_TORCH_FILES = {"data.pkl", "version"}
"""Files that torch.save and torch.jit.save write into their zips."""
_TEXTS = ("config.json", "model_index.json", "README.md", REQUIREMENTS)


class Kind(Enum):
    """Kind of a file by its first bytes."""

    EMPTY = "an empty file"
    ZIP = "a zip"
    ONNX = "an ONNX model"
    HDF5 = "an HDF5 file"
    PICKLE = "a pickle"
    PYTHON = "Python code"
    OTHER = "a file of unknown kind"


class Contents(Struct, frozen=True, kw_only=True):
    """A file, as far as it was read. All names and texts in it are hostile."""

    path: Path
    size: int
    kind: Kind
    archive: Archive | None = None
    """Of a zip, or of a file with the suffix of one."""
    modules: dict[str, Module] = {}
    """The Python files by their path below the top of the zip, without those in ``artifacts/``; or the one file."""
    unread: tuple[str, ...] = ()
    """Python files that were not parsed: they are long, encrypted, of another encoding than UTF-8, or too many."""
    texts: dict[str, bytes] = {}
    """Small files of the zip that say something about it, by their path below its top."""
    pickle: Pickle | None = None
    """Of a pickle, or of the one in a file of torch.save."""
    onnx: OnnxModel | None = None
    has_keras_model: bool = False
    """Whether an HDF5 file has the architecture of a Keras model beside its weights."""

    @property
    def files(self) -> frozenset[str]:
        """Return the paths of a zip's files below its top."""
        return frozenset(self.archive.files) if self.archive else frozenset()

    @property
    def is_torch_script(self) -> bool:
        """Return whether it is a model that torch.jit.save wrote: its code is in the file."""
        return self.files >= {*_TORCH_FILES, "constants.pkl"}

    @property
    def is_torch_save(self) -> bool:
        """Return whether torch.save wrote it: weights, or a pickled object without its code."""
        return self.files >= _TORCH_FILES and not self.is_torch_script

    @property
    def is_saved_model(self) -> bool:
        """Return whether it is a TensorFlow SavedModel, in a zip."""
        return "saved_model.pb" in self.files

    def inherits(self, base: str) -> dict[str, str]:
        """Return the classes that derive from ``base`` directly or by another class, and the file of each."""
        found: dict[str, str] = {}
        for _ in range(_DEEPEST):
            more = {
                each.name: name
                for name, module in self.modules.items()
                for each in module.classes
                if each.name not in found
                and any((word := module.aliases.get(b, b)) == base or word in found for b in each.bases)
            }
            if not more:
                break
            found |= more
        return found


def inspect(path: Path) -> Contents:
    """Return the contents of a file. It blocks, for a second at most if the disk is quick: call it in a thread.

    Raises:
        UnusableFile: it can't be read, or is no regular file.
    """
    with BufferedReader(open_regular(path)) as file:
        try:
            size = os.fstat(file.fileno()).st_size
            head = file.read(8)
            file.seek(0)
            found = _of_head(path, size, head, file)
        except OSError as error:
            raise unusable(path, error) from error
    suffix = path.suffix.lower()
    if found.kind is Kind.OTHER and suffix == ".py":
        return _of_code(found)
    if found.kind is Kind.ZIP or (found.kind is Kind.OTHER and suffix == ".zip"):
        return _of_zip(found)
    return found


def _of_head(path: Path, size: int, head: bytes, file: BufferedIOBase) -> Contents:
    if not size:
        return Contents(path=path, size=size, kind=Kind.EMPTY)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return Contents(path=path, size=size, kind=Kind.ZIP)
    if head == _HDF5:
        has_model = any(b"model_config" in _part(file, place) for place in {0, max(size - _KERAS_PART, 0)})
        return Contents(path=path, size=size, kind=Kind.HDF5, has_keras_model=has_model)
    if onnx := scan_onnx(file, size):
        return Contents(path=path, size=size, kind=Kind.ONNX, onnx=onnx)
    file.seek(0)
    if pickle := scan_pickle(file, size):
        return Contents(path=path, size=size, kind=Kind.PICKLE, pickle=pickle)
    return Contents(path=path, size=size, kind=Kind.OTHER)


def _part(file: BufferedIOBase, place: int) -> bytes:
    file.seek(place)
    return file.read(_KERAS_PART)


def _of_code(found: Contents) -> Contents:
    name, modules = found.path.name, None
    if found.size <= _LARGEST_CODE:
        with open_regular(found.path) as file:
            modules = parse_files({name: file.read(_LARGEST_CODE)})
    return replace(found, kind=Kind.PYTHON, modules=modules or {}, unread=() if modules else (name,))


def _of_zip(found: Contents) -> Contents:
    archive = read_archive(found.path)
    if archive.damage or archive.unread_reason:
        return replace(found, archive=archive)
    is_torch = archive.files.keys() >= _TORCH_FILES  # its code is no Python, for all that it ends in .py
    names = () if is_torch else archive.files.keys()
    code = [name for name in names if name.endswith(".py") and not name.startswith("artifacts/")]
    chosen = dict.fromkeys(_affordable(archive, code), _LARGEST_CODE)
    contents = read_entries(archive, chosen | dict.fromkeys((*_TEXTS, *_TORCH_FILES), _LARGEST_TEXT))
    modules = parse_files({name: contents[name] for name in chosen if name in contents})
    weights = contents.get("data.pkl") if is_torch else None
    return replace(
        found,
        kind=Kind.ZIP,
        archive=archive,
        modules=modules or {},
        unread=tuple(name for name in code if name not in (modules or {})),
        texts={name: contents[name] for name in _TEXTS if name in contents},
        pickle=scan_pickle(BytesIO(weights), len(weights)) if weights else None,
    )


def _affordable(archive: Archive, names: list[str]) -> list[str]:
    """Return the Python files that are read, those at the top first."""
    chosen, left = [], _ALL_CODE
    for name in sorted(names, key=lambda name: (name.count("/"), name))[:_MOST_MODULES]:
        size = archive.files[name].size
        if size <= min(left, _LARGEST_CODE):
            chosen.append(name)
            left -= size
    return chosen
