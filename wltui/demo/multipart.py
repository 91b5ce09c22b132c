"""Read the body of an upload piece by piece: the file is hashed and measured, and only a small one is kept."""

import hashlib
import io
import zipfile
from email.message import Message
from email.parser import HeaderParser

KEPT = 8 << 20
"""Bytes of a file that are kept whole; of a larger one only the end is."""
TAIL = 128 << 10
"""Bytes at the end of a file, where a zip has its directory's end."""
LARGEST_FIELD = 4 << 20
"""Bytes of any other part."""
_END_OF_ZIP = b"PK\x05\x06"


class SentFile:
    """A file that has come, or its beginning."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.size = 0
        self._hash = hashlib.sha256()
        self._kept = bytearray()

    def feed(self, part: bytes) -> None:
        """Take in the next part."""
        self.size += len(part)
        self._hash.update(part)
        self._kept += part
        if self.size > KEPT and len(self._kept) > 2 * TAIL:
            del self._kept[:-TAIL]

    @property
    def sha(self) -> str:
        """Return the SHA-256 of all that has come."""
        return self._hash.hexdigest()

    @property
    def content(self) -> bytes | None:
        """Return the file, or None if it was too large to be kept."""
        return bytes(self._kept) if self.size <= KEPT else None

    @property
    def is_zip(self) -> bool:
        """Return whether it is a zip; of a large one only its end is looked at."""
        content = self.content
        return _END_OF_ZIP in self._kept if content is None else zipfile.is_zipfile(io.BytesIO(content))


class Multipart:
    """The parts of a ``multipart/form-data`` body, which may come in any order."""

    def __init__(self, boundary: str) -> None:
        self.metadata: bytes | None = None
        """The part ``metadata``, or None if it has not come whole."""
        self.file: SentFile | None = None
        """The part ``file``, or None if it has not begun."""
        self._mark = b"\r\n--" + boundary.encode("latin-1")
        self._buffer = bytearray(b"\r\n")
        self._is_in_head = False
        self._part: SentFile | bytearray | None = None
        """What the part that comes is read into; None before the first and for parts of other names."""

    def feed(self, data: bytes) -> None:
        """Take in the next piece of the body."""
        self._buffer += data
        while self._step():
            pass

    def _step(self) -> bool:
        """Read a head, or the content up to the next one; return whether there may be more to read."""
        if self._is_in_head:
            head, end, _ = self._buffer.partition(b"\r\n\r\n")
            if end:
                del self._buffer[: len(head) + len(end)]
                self._begin(bytes(head))
            return bool(end)
        at = self._buffer.find(self._mark)
        length = at if at >= 0 else max(0, len(self._buffer) - len(self._mark))
        self._take(bytes(self._buffer[:length]))
        del self._buffer[: length + (len(self._mark) if at >= 0 else 0)]
        if at >= 0:
            self._end()
        return at >= 0

    def _begin(self, lines: bytes) -> None:
        head: Message = HeaderParser().parsestr(lines.decode("utf-8", "replace").lstrip())
        name = head.get_param("name", header="content-disposition")
        self._is_in_head, self._part = False, None
        if name == "file":
            self._part = self.file = SentFile(head.get_filename() or "")
        elif name == "metadata":
            self._part = bytearray()

    def _take(self, content: bytes) -> None:
        if isinstance(self._part, SentFile):
            self._part.feed(content)
        elif self._part is not None and len(self._part) <= LARGEST_FIELD:
            self._part += content

    def _end(self) -> None:
        if isinstance(self._part, bytearray):
            self.metadata = bytes(self._part)
        self._is_in_head, self._part = True, None


class Stream:
    """The body of ``models/upload_stream``, which is the file."""

    def __init__(self, file_name: str) -> None:
        self.file = SentFile(file_name)

    def feed(self, data: bytes) -> None:
        """Take in the next piece of the body."""
        self.file.feed(data)


def boundary_of(content_type: str) -> str:
    """Return the boundary that a header of ``multipart/form-data`` names; empty if it is of another type."""
    kind = Message()
    kind["content-type"] = content_type
    return (kind.get_boundary() or "") if kind.get_content_type() == "multipart/form-data" else ""
