"""Files that mean harm: each ends in a guess and findings, whatever is in it."""

import os
import pickle
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import model_files as files
from tests.support.checked_uploads import plan
from wltui.core.upload_frameworks import FRAMEWORKS
from wltui.service.upload.archive import read_archive
from wltui.service.upload.checks import check
from wltui.service.upload.contents import Kind, inspect
from wltui.service.upload.guess import guess_framework
from wltui.service.upload.pickled import scan_pickle
from wltui.service.upload.python_code import parse_files
from wltui.service.upload.read_code import facts


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hostile")


def judge(file: Path) -> None:
    """Look at a file in every way."""
    contents = inspect(file)
    found = guess_framework(contents)
    assert {*filter(None, [found.framework]), *found.alternatives} <= set(FRAMEWORKS)
    assert found.why.isprintable()
    for framework in ("onnx", "tensorflow", "pytorch", "sklearn", "custom", "python", "vllm"):
        for finding in check(plan(file, framework, input_schema=None, output_schema=None), contents):
            assert finding.cause.isprintable()


def damaged(seed: bytes) -> st.SearchStrategy[bytes]:
    """Return bytes that differ from these in some places, and may end early."""
    changes = st.lists(
        st.tuples(st.integers(0, len(seed) - 1), st.binary(min_size=1, max_size=4)), max_size=6
    )

    def apply(found: list[tuple[int, bytes]], length: int) -> bytes:
        content = bytearray(seed)
        for place, new in found:
            content[place : place + len(new)] = new
        return bytes(content[:length])

    return st.builds(apply, changes, st.integers(len(seed) // 2, len(seed)) | st.just(len(seed)))


def zipped(content: dict[str, str]) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in content.items():
            archive.writestr(name, text)
    return buffer.getvalue()


@given(
    damaged(
        zipped(
            {"config.json": '{"architectures": ["BertModel"]}', "requirements.txt": "a==1", "m.bin": "x" * 99}
        )
    )
)
def test_damaged_zips(folder: Path, content: bytes) -> None:
    (folder / "m.zip").write_bytes(content)
    judge(folder / "m.zip")


ODD_NAMES = (
    "a", "b/c.txt", "/", "..", "../x", "C:\\x", "\x1b[2J", "\u202e", "é", "x" * 300, "__MACOSX/a", " ", "\n"
)  # fmt: skip


@given(st.lists(st.sampled_from(ODD_NAMES), max_size=4, unique=True))
def test_odd_names_in_zips(folder: Path, names: list[str]) -> None:
    judge(files.zip_file(folder / "n.zip", dict.fromkeys(names, "x")))


def test_a_file_without_a_name_in_a_zip(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("x")
    entry.filename = ""
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive, archive.open(entry, "w") as file:
        file.write(b"x")
    assert [each.name for each in read_archive(tmp_path / "m.zip").entries] == [""]
    judge(tmp_path / "m.zip")


@given(damaged(files.onnx_model(inputs=("a", "b"), external=True)))
def test_damaged_onnx(folder: Path, content: bytes) -> None:
    (folder / "m.onnx").write_bytes(content)
    judge(folder / "m.onnx")


@given(
    damaged(pickle.dumps({"a": [1, "b" * 300, b"c" * 300, 2.5, ValueError("x"), -(10**30)]}, 4))
    | damaged(files.pickle_of("sklearn.svm SVC", "a b", "c d"))
    | st.binary(max_size=40).map(lambda tail: b"\x80\x02" + tail)
)
def test_damaged_pickles(folder: Path, content: bytes) -> None:
    (folder / "m.pkl").write_bytes(content)
    judge(folder / "m.pkl")


@given(st.text(st.sampled_from("()[]{}:=+-*~ \n\t'\"\\#.,abif0\0\ud800"), max_size=60) | st.text(max_size=40))
def test_odd_code(text: str) -> None:
    found = facts(text)
    assert set(found) in ({"error", "line"}, {"classes", "functions", "aliases"})


class Harm:
    """Unpickling it would show."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("harm",)


def test_a_pickle_is_never_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for protocol in range(6):
        content = pickle.dumps(Harm(), protocol)
        (tmp_path / "m.pkl").write_bytes(content)
        found = inspect(tmp_path / "m.pkl").pickle
        assert found
        assert found.names[0].endswith(".mkdir")
        judge(tmp_path / "m.pkl")
    assert os.listdir(tmp_path) == ["m.pkl"]


def test_code_is_never_run_or_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = "import os\nos.mkdir('harm')\n"
    file = files.zip_file(tmp_path / "m.zip", {"ast.py": code, "json.py": code, "requirements.txt": ""})
    (tmp_path / "ast.py").write_text(code)
    assert set(inspect(file).modules) == {"ast.py", "json.py"}
    assert sorted(os.listdir(tmp_path)) == ["ast.py", "m.zip"]


def test_what_a_small_file_unpacks_to_takes_little_memory(tmp_path: Path) -> None:
    bomb = "x = 1\n" * 3_000_000
    file = files.zip_file(tmp_path / "m.zip", {"main.py": bomb, "config.json": bomb, "requirements.txt": ""})
    del bomb
    content = file.read_bytes()
    lie = (1000).to_bytes(4, "little")  # the zip claims that the code is small
    begin = content.index(b"PK\x01\x02")
    file.write_bytes(content[: begin + 24] + lie + content[begin + 28 :])
    tracemalloc.start()
    try:
        contents = inspect(file)
        assert tracemalloc.get_traced_memory()[1] < 2 << 20
    finally:
        tracemalloc.stop()
    assert contents.texts == {"requirements.txt": b""}


def test_the_end_of_a_zip_may_claim_anything(tmp_path: Path) -> None:
    end = bytearray(zipped({})[-22:])
    for size, place in ((0xFFFFFFFE, 0), (0, 0xFFFFFFFE), (0xFFFFFFFF, 0xFFFFFFFF), (46, 0)):
        end[12:16], end[16:20] = size.to_bytes(4, "little"), place.to_bytes(4, "little")
        (tmp_path / "m.zip").write_bytes(b"PK\x03\x04" + bytes(60) + end)
        assert not read_archive(tmp_path / "m.zip").entries
        judge(tmp_path / "m.zip")


def test_a_long_argument_of_a_pickle_is_skipped(tmp_path: Path) -> None:
    content = b"\x80\x04\x8e" + (1 << 60).to_bytes(8, "little") + b"x"
    found = scan_pickle(BytesIO(content), len(content))
    assert found
    assert found.is_cut_off
    (tmp_path / "m.pkl").write_bytes(content)
    assert inspect(tmp_path / "m.pkl").kind is Kind.PICKLE


def test_nesting_and_size_end_the_parser_and_not_the_program() -> None:
    deep = {name: (text * 60_000 + "1").encode() for name, text in {
        "a": "-", "b": "not ", "c": "lambda:", "d": "1+", "e": "f(", "f": "1 if 1 else ", "g": "[", "h": "a.",
    }.items()}  # fmt: skip
    found = parse_files(deep)
    assert found is not None
    assert all(module.error for module in found.values())
    odd = parse_files(
        {
            "latin.py": b"# coding: latin-1\nx = '\xe9'",
            "bad.py": b"x = '\xe9'",
            "bom.py": b"\xef\xbb\xbfx = 1",
        }
    )
    assert odd is not None
    assert {name: module.error for name, module in odd.items()} == {"bad.py": "it is not UTF-8", "bom.py": ""}


def test_code_in_another_encoding_counts_as_unread(tmp_path: Path) -> None:
    code = "# coding: latin-1\nx = 'é'".encode("latin-1")
    contents = inspect(files.zip_file(tmp_path / "m.zip", {"main.py": code, "requirements.txt": ""}))
    assert (contents.modules, contents.unread) == ({}, ("main.py",))
