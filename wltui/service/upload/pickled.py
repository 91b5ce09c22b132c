"""Name the classes in a pickle by its opcodes, without loading it: loading one runs whatever its author wants."""

import pickletools
from io import BufferedIOBase

from msgspec import Struct

MOST_STEPS = 50_000
"""Maximum opcodes that are read: the classes of a model stand at its beginning."""
_MOST_NAMES = 200
_LONGEST_NAME = 200
_LONGEST_LINE = 1 << 16
"""Bytes of a line that are read at once."""
_BY_CODE = {ord(each.code): each for each in pickletools.opcodes}
_LENGTHS = {
    pickletools.TAKEN_FROM_ARGUMENT1: 1, pickletools.TAKEN_FROM_ARGUMENT4: 4,
    pickletools.TAKEN_FROM_ARGUMENT4U: 4, pickletools.TAKEN_FROM_ARGUMENT8U: 8,
}  # fmt: skip
"""Bytes of the length that stands before an argument."""


class Pickle(Struct, frozen=True):
    """Properties of a pickle."""

    names: tuple[str, ...] = ()
    """The classes and functions that loading it needs, as ``module.name``, in their order."""
    is_whole: bool = False
    """Whether its end was reached."""
    is_cut_off: bool = False
    """Whether the file ends before the pickle does."""

    def has_module(self, module: str) -> bool:
        """Return whether it needs a module of this name, or one below it."""
        return any(name.startswith(f"{module}.") for name in self.names)


def scan_pickle(file: BufferedIOBase, size: int) -> Pickle | None:
    """Return the properties of a pickle that begins where the file is now, or None if that is none.

    Without the opcode that newer ones begin with, it counts as one only if it names something and has an end: a text
    may begin with any letter, and most letters are opcodes.

    Args:
        file: A file that can be sought in.
        size: The size of the file.
    """
    begin = file.tell()
    is_marked = file.read(1) == b"\x80"
    file.seek(begin)
    found = _scan(file, size)
    return found if is_marked or (found.is_whole and found.names) else None


def _scan(file: BufferedIOBase, size: int) -> Pickle:
    scan = _Scan(file, size)
    for _ in range(MOST_STEPS):
        code = file.read(1)
        opcode = _BY_CODE.get(code[0]) if code else None
        if code and opcode is None:  # joblib writes arrays between the opcodes
            break
        if opcode and opcode.name == "STOP":
            return Pickle(tuple(scan.names), is_whole=True)
        if opcode is None or not scan.step(opcode):
            return Pickle(tuple(scan.names), is_cut_off=True)
    return Pickle(tuple(scan.names))


class _Scan:
    """The names that were found, and the texts by which the next may be named."""

    def __init__(self, file: BufferedIOBase, size: int) -> None:
        self._file, self._size = file, size
        self.names: dict[str, None] = {}
        self._last = ("", "")
        """The two texts that were pushed last; STACK_GLOBAL takes them."""
        self._memo: dict[int, str] = {}
        self._memoized = 0

    def step(self, opcode: pickletools.OpcodeInfo) -> bool:
        """Read the argument of an opcode, and return whether the file has all of it."""
        argument = self._argument(opcode)
        if argument is None:
            return False
        name = opcode.name
        if name in {"GLOBAL", "INST"}:
            self._add(argument.decode("utf-8", "replace").replace("\n", ".", 1).strip())
        elif name == "STACK_GLOBAL":
            self._add(".".join(self._last))
        elif "UNICODE" in name or name in {"STRING", "SHORT_BINSTRING", "BINSTRING"}:
            self._push(argument.decode("utf-8", "replace").strip("'\""))
        elif name in {"BINGET", "LONG_BINGET"}:
            self._push(self._memo.get(int.from_bytes(argument, "little"), ""))
        elif name in {"BINPUT", "LONG_BINPUT"}:
            self._memo[int.from_bytes(argument, "little")] = self._last[1]
        elif name == "MEMOIZE":
            self._memo[self._memoized] = self._last[1]
            self._memoized += 1
        elif opcode.stack_after:
            self._push("")
        return True

    def _push(self, text: str) -> None:
        self._last = (self._last[1], text)

    def _add(self, name: str) -> None:
        if len(self.names) < _MOST_NAMES:
            self.names[name[:_LONGEST_NAME]] = None
        self._push("")

    def _argument(self, opcode: pickletools.OpcodeInfo) -> bytes | None:
        """Return an opcode's argument, empty for a long one; None if the file ends in it."""
        if opcode.arg is None:
            return b""
        length = opcode.arg.n
        if length == pickletools.UP_TO_NEWLINE:
            lines = [self._line() for _ in range(2 if opcode.name in {"GLOBAL", "INST"} else 1)]
            return b"".join(lines) if all(lines) else None
        if length in _LENGTHS:
            head = self._file.read(_LENGTHS[length])
            if len(head) < _LENGTHS[length]:
                return None
            length = int.from_bytes(head, "little")
        if length <= _LONGEST_NAME:
            argument = self._file.read(length)
            return argument if len(argument) == length else None
        place = self._file.tell() + length
        if place > self._size:
            return None
        self._file.seek(place)
        return b""

    def _line(self) -> bytes:
        """Return the beginning of the line, and skip it; empty if the file ends in it."""
        line = part = self._file.readline(_LONGEST_NAME)
        while part and not part.endswith(b"\n"):
            part = self._file.readline(_LONGEST_LINE)
        return line if part else b""
