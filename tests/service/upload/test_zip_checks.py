"""What is known to be wrong with a zip before it is uploaded."""

import re
import stat
import zipfile
from pathlib import Path

from tests.support import model_files as files
from tests.support.checked_uploads import CERTAIN, LIKELY, NOTE, Found, found, plan
from wltui.service.upload.checks import check

CODE = files.INFERENCE
IN_FOLDER = {f"byop/{name}": text for name, text in files.CUSTOM.items()}
PACKAGES = (
    "numpy>=1,<2 ; python_version<'3.11'\nx[a,b] @ https://e.org/x\n./a.whl\na==1 \\\n  --hash=sha256:ab\n"
)
CUSTOM: list[tuple[dict[str, str], Found]] = [
    ({}, [(CERTAIN, "The zip has no files.")]),
    ({"main.py": CODE}, [(LIKELY, "The zip has no requirements.txt at its top.")]),
    ({"a/main.py": CODE, "b/requirements.txt": ""},
     [(LIKELY, "The zip has no requirements.txt at its top."), (NOTE, "The zip has Python files in folders only")]),
    (files.CUSTOM | {"lib/requirements.txt": ""}, [(NOTE, "The zip has another requirements.txt: lib/")]),
    (files.CUSTOM | {"requirements.txt": "numpy==1.26 \\\n # new\n-e .\nnumpy=1\n"},
     [(LIKELY, "Line 4 of requirements.txt can't be read: numpy=1.")]),
    (files.CUSTOM | {"requirements.txt": PACKAGES}, []),
    ({"requirements.txt": ""}, [(LIKELY, "The zip has no Python file.")]),
    ({"requirements.txt": "", "artifacts/a.py": CODE},
     [(LIKELY, "The zip has no Python file but in artifacts/, which is ignored.")]),
    (files.CUSTOM | {"b.py": "x = ("}, [(LIKELY, "Python can't parse line 1 of b.py: '(' was never closed.")]),
    (files.CUSTOM | {"b.py": "x = 1\0", "c.py": "-" * 100_000 + "1", "d.py": "def f[T](): pass"},
     [(LIKELY, "Python can't parse"), (LIKELY, "Python can't parse c.py: it is nested too deeply."),
      (LIKELY, "Python can't parse line 1 of d.py")]),
    (files.CUSTOM | {"b.py": "x" * 300_000}, [(NOTE, "Not checked, as too long, too many, or unreadable: b.py.")]),
    ({"requirements.txt": "", "main.py": "class A: pass"},
     [(LIKELY, "No class derives from Inference."), (LIKELY, "No class derives from InferenceBuilder.")]),
    (files.CUSTOM | {"b.py": "class Other(mac.inference.Inference): pass"},
     [(LIKELY, "Several classes derive from Inference: Fraud, Other.")]),
    (files.CUSTOM | {"b.py": "from main import Fraud\nif 1:\n  class Other(Fraud): pass"},
     [(LIKELY, "Several classes derive from Inference: Fraud, Other.")]),
    (files.CUSTOM | {"main.py": CODE.replace("expected_model_types", "x").replace("_predict", "y")},
     [(LIKELY, "The class Fraud lacks expected_model_types."), (LIKELY, "The class Fraud lacks _predict.")]),
    (files.CUSTOM | {"main.py": CODE.replace("def create", "def make").replace("def inference", "def x")},
     [(LIKELY, "The class FraudBuilder lacks inference."), (LIKELY, "The class FraudBuilder lacks create.")]),
    (files.CUSTOM | {"main.py": CODE.replace("more=None", "more")},
     [(LIKELY, "The method _predict of Fraud takes 2 arguments beside self.")]),
    (files.CUSTOM | {"main.py": CODE.replace("(Inference)", "(Mixin, Inference)").replace("_predict", "x")}, []),
    (IN_FOLDER | {"__MACOSX/byop/._main.py": "x", "byop/.DS_Store": ""},
     [(NOTE, "macOS put files of its own into the zip")]),
    (files.CUSTOM | {"../../etc/passwd": ""}, [(LIKELY, "A file of the zip would be unpacked outside its folder")]),
]  # fmt: skip
OTHERS: list[tuple[str, dict[str, str], Found]] = [
    ("python", {"a.txt": ""}, [(LIKELY, "The zip has no Python file.")]),
    ("python", {"step.py": "def process(data): pass"},
     [(LIKELY, "No Python file at the top of the zip has a function process_data.")]),
    ("python", files.STEP | {"b.py": files.STEP["step.py"]},
     [(LIKELY, "Several files have a function process_data: b.py, step.py.")]),
    ("python", files.STEP | {"b.py": "if"}, [(LIKELY, "Python can't parse line 1 of b.py")]),
    ("tensorflow", {"a/x": "", "b/saved_model.pb": ""},
     [(LIKELY, "The zip has no saved_model.pb at its top or in its only folder: it is in b/saved_model.pb.")]),
    ("tensorflow", {"x": ""}, [(LIKELY, "The zip has no saved_model.pb at its top or in its only folder.")]),
    ("tensorflow", {"saved_model.pb": ""}, [(NOTE, "The SavedModel has no folder variables.")]),
    ("keras", {"model.weights.h5": "", "config.json": ""}, [(LIKELY, "The zip is a file of Keras 3 (.keras)")]),
    ("vllm", {"x": "", "a/config.json": ""},
     [(LIKELY, "The zip has no config.json at its top or in its only folder: it is in a/config.json.")]),
    ("hugging-face-summarization", {"config.json": "{}"},
     [(LIKELY, "The zip has no weights"), (NOTE, "The zip has no tokenizer")]),
    ("hugging-face-summarization", files.pretrained("BertForSequenceClassification"),
     [(NOTE, "config.json has the architecture BertForSequenceClassification; that is no model for hugging-face-")]),
    ("hugging-face-image-classification", {"config.json": "{}", "model.safetensors": ""}, []),
]  # fmt: skip


def test_the_layout_of_zips(tmp_path: Path) -> None:
    for framework, content, expected in [*(("custom", *each) for each in CUSTOM), *OTHERS]:
        results = found(files.zip_file(tmp_path / "m.zip", content), framework)
        assert [severity for severity, _ in results] == [severity for severity, _ in expected], results
        for (_, cause), (_, words) in zip(results, expected, strict=True):
            assert cause.startswith(words)


def test_failures_that_were_recorded_are_said_so(tmp_path: Path) -> None:
    file = files.zip_file(tmp_path / "m.zip", {"main.py": "class A(Inference): pass"})
    findings = check(plan(file, "custom"))
    assert [each.is_recorded for each in findings] == [True] * 4
    assert all(each.remedy for each in findings)


def test_a_zip_with_links_and_encrypted_files(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("link.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr(link, "../outside")
        archive.writestr("requirements.txt", "")
        archive.writestr("main.py", CODE)
    content = (tmp_path / "m.zip").read_bytes()
    assert (LIKELY, "The zip has a link in place of a file: link.py.") in found(tmp_path / "m.zip", "custom")
    flags = content.rindex(b"PK\x01\x02") + 8
    (tmp_path / "m.zip").write_bytes(content[:flags] + b"\x01" + content[flags + 1 :])
    results = found(tmp_path / "m.zip", "custom")
    assert (LIKELY, "The zip is encrypted (main.py), and the platform has no password.") in results
    assert (NOTE, "Not checked, as too long, too many, or unreadable: main.py.") in results


def test_a_bomb_is_named_and_not_unpacked(tmp_path: Path) -> None:
    file = files.zip_file(tmp_path / "m.zip", files.CUSTOM | {f"bomb-{number}": "x" for number in range(6)})
    content = bytearray(file.read_bytes())
    for bomb in re.finditer(rb"PK\x01\x02.{42}bomb", bytes(content), re.DOTALL):
        size = bomb.start() + 24
        content[size : size + 4] = (0xFFFFFFF0).to_bytes(4, "little")
    file.write_bytes(content)
    ((severity, cause),) = found(file, "custom")
    assert severity is LIKELY
    assert cause.startswith("The zip unpacks to 25,769,80")


def test_a_zip_with_an_absurd_number_of_entries_is_not_read(tmp_path: Path) -> None:
    file = files.zip_file(tmp_path / "m.zip", {"a": ""})
    content = file.read_bytes()
    begin = content.index(b"PK\x01\x02")
    end = bytearray(content[content.index(b"PK\x05\x06") :])
    many = content[begin : content.index(b"PK\x05\x06")] * 100_000
    end[12:16] = len(many).to_bytes(4, "little")
    file.write_bytes(content[:begin] + many + bytes(end))
    assert found(file, "custom") == [(NOTE, "The zip was not checked, since its list of files is too long.")]


def test_texts_from_files_have_no_control_characters(tmp_path: Path) -> None:
    hostile = "\x1b[2J\u202e[@click=app.quit]\n" + "x" * 500
    code = f"class {'y' * 900}(Inference): pass\nclass B(Inference): pass"
    file = files.zip_file(tmp_path / "m.zip", {f"{hostile}.py": code, "requirements.txt": hostile})
    for finding in check(plan(file, "custom", name=hostile)):
        assert finding.cause.isprintable()
        assert finding.remedy.isprintable()
        assert len(finding.cause) < 300
