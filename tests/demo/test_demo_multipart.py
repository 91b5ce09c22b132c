"""The body of an upload, read in pieces of any size, in little memory."""

import hashlib
import io
import tracemalloc
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wltui.demo.multipart import KEPT, Multipart, SentFile, boundary_of

BOUNDARY = "--x"


def body_of(metadata: bytes, content: bytes) -> bytes:
    return (
        b'----x\r\nContent-Disposition: form-data; name="other"\r\n\r\n1'
        b'\r\n----x\r\nContent-Disposition: form-data; name="file"; filename="m.pkl"\r\n\r\n' + content +
        b'\r\n----x\r\nContent-Disposition: form-data; name="metadata"\r\nContent-Type: application/json\r\n\r\n'
        + metadata + b"\r\n----x--\r\n"
    )  # fmt: skip


@given(
    content=st.lists(st.sampled_from([b"\r\n", b"--", b"\r\n--", b"x", b"\r", b"\r\n----", b""])).map(
        b"".join
    ),
    metadata=st.binary(max_size=20).filter(lambda text: b"\r\n----x" not in text),
    size=st.integers(1, 40),
)
def test_parts_are_found_wherever_the_pieces_are_cut(content: bytes, metadata: bytes, size: int) -> None:
    if b"\r\n----x" in b"\r\n" + content + b"\r\n":
        return
    body, form = body_of(metadata, content), Multipart(BOUNDARY)
    for at in range(0, len(body), size):
        form.feed(body[at : at + size])
    assert form.file
    assert (form.metadata, form.file.name, form.file.content) == (metadata, "m.pkl", content)
    assert form.file.sha == hashlib.sha256(content).hexdigest()


def test_a_large_file_is_not_kept_and_known_as_a_zip_by_its_end() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a", "b")
    piece = bytes(1 << 20)
    file = SentFile("m.zip")
    tracemalloc.start()
    try:
        for _ in range(2 * KEPT // len(piece)):
            file.feed(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < KEPT + (4 << 20)
    assert (file.content, file.is_zip) == (None, False)
    file.feed(buffer.getvalue())
    assert file.is_zip


@pytest.mark.parametrize(
    ("kind", "boundary"),
    [
        ("multipart/form-data; boundary=x", "x"),
        ('multipart/form-data; boundary="a b"', "a b"),
        ("application/json", ""),
    ],
)
def test_the_boundary_is_found_in_the_content_type(kind: str, boundary: str) -> None:
    assert boundary_of(kind) == boundary
