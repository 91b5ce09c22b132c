"""What is known to be wrong with an upload before a byte is sent."""

import os
from pathlib import Path
from typing import Any

import pytest

from tests.support import model_files as files
from tests.support.checked_uploads import CERTAIN, LIKELY, NOTE, Found, found, plan, written
from tests.support.sdk_uploads import SCHEMA
from wltui.core.upload_frameworks import FRAMEWORKS
from wltui.service.upload.checks import Severity, check
from wltui.service.upload.contents import inspect


def good_files(folder: Path) -> dict[str, Path]:
    """Write a file for each framework, in order as far as can be known."""
    made: dict[str, Path] = {
        "onnx": written(folder / "m.onnx", files.onnx_model(inputs=())),
        "tensorflow": files.zip_file(folder / "tf.zip", files.SAVED_MODEL),
        "keras": written(folder / "m.h5", b"\x89HDF\r\n\x1a\n model_config"),
        "pytorch": files.zip_file(folder / "m.pt", files.TORCH_SCRIPT),
        "sklearn": written(folder / "sk.pkl", files.pickle_of("sklearn.svm SVC")),
        "xgboost": written(folder / "xg.pkl", files.pickle_of("xgboost.sklearn XGBClassifier")),
        "custom": files.zip_file(
            folder / "byop.zip", {f"byop/{name}": text for name, text in files.CUSTOM.items()}
        ),
        "python": files.zip_file(folder / "step.zip", files.STEP),
    }
    pretrained = {**files.pretrained(""), "config.json": "{}"}
    return {
        name: made.get(name) or files.zip_file(folder / "pretrained.zip", pretrained) for name in FRAMEWORKS
    }


def test_nothing_is_wrong_with_a_file_that_is_in_order(tmp_path: Path) -> None:
    for framework, file in good_files(tmp_path).items():
        assert found(file, framework) == [], framework


def test_the_worst_comes_first_and_what_was_recorded_is_said_so(tmp_path: Path) -> None:
    file = written(tmp_path / "m.pickle", files.pickle_of("__main__ Model"))
    findings = check(plan(file, "sklearn", name="CCFraud", input_schema=None))
    assert [each.severity for each in findings] == [CERTAIN, LIKELY, LIKELY, LIKELY, NOTE]
    assert (
        findings[0].cause
        == "Its name ends in .pickle; the platform takes .zip, .pt, .onnx, .h5 and .pkl only."
    )
    assert findings[0].remedy == "Rename it to end in .pkl."
    assert findings[0].is_recorded
    assert (
        findings[1].cause
        == "The framework sklearn needs an input and an output schema; the input schema is missing."
    )
    assert not findings[1].is_recorded


@pytest.mark.parametrize(
    ("name", "severity", "words", "remedy"),
    [
        ("", CERTAIN, "has no name", "begin with a letter."),
        (
            "a_b c.d",
            LIKELY,
            "other characters than letters, digits and dashes: a space . _",
            "such as in a-b-c.",
        ),
        ("1abc", LIKELY, "does not begin with a letter", "such as in abc."),
        ("abc-", LIKELY, "ends with a dash", "such as in abc."),
        ("x" * 64, LIKELY, "is 64 characters long; 63 are allowed", "such as in xxx"),
        ("é", LIKELY, "other characters", "begin with a letter."),
        ("abc\n", LIKELY, "digits and dashes: \\n", "such as in abc."),
        ("CCFraud", NOTE, "has capital letters", "Use ccfraud, unless"),
    ],
)
def test_names_of_models(tmp_path: Path, name: str, severity: Severity, words: str, remedy: str) -> None:
    (finding,) = check(plan(good_files(tmp_path)["onnx"], "onnx", name=name))
    assert finding.severity is severity
    assert words in finding.cause
    assert remedy in finding.remedy


@pytest.mark.parametrize("name", ["a", "ccfraud-model-2", "a--b", "x" * 63])
def test_names_that_work(tmp_path: Path, name: str) -> None:
    assert found(good_files(tmp_path)["onnx"], "onnx", name=name) == []


PLANS: list[tuple[str, dict[str, Any], Severity, str]] = [
    ("mlflow", {}, CERTAIN, "mlflow is no framework."),
    ("onnx", {"arch": "sparc"}, CERTAIN, "The platform has no architecture sparc."),
    ("onnx", {"accel": "aio"}, CERTAIN, "The platform has no acceleration aio."),
    ("onnx", {"accel": "jetson"}, LIKELY,
     "The acceleration jetson exists on arm only. The vendor's SDK refuses it for x86."),
    ("onnx", {"arch": "arm", "accel": "qaic"}, LIKELY,
     "The acceleration qaic exists on x86 only. The vendor's SDK refuses it for arm."),
    ("onnx", {"accel_config": {"num_cores": 1}}, NOTE,
     "The acceleration none has no settings: they will not be sent."),
    ("onnx", {"accel": "qaic", "accel_config": {"num_cores": 0}}, LIKELY, "num_cores is 0; it has to be 1 or more."),
    ("onnx", {"accel": "qaic", "accel_config": {"x": 1}}, LIKELY,
     "qaic has no setting x. The vendor's SDK refuses it."),
    ("onnx", {"framework_config": {"a": 1}}, LIKELY, "The framework onnx has no settings."),
    ("onnx", {"output_schema": SCHEMA}, NOTE, "Schemas are not sent with an upload for onnx."),
    ("vllm", {"framework_config": {"a\x1b": 1}}, LIKELY, "vllm has no setting a\\x1b. The vendor's SDK refuses it."),
    ("vllm", {"framework_config": {"gpu_memory_utilization": 7}}, LIKELY,
     "gpu_memory_utilization is 7; it is a part of 1."),
    ("vllm", {"framework_config": {"max_num_seqs": -1}}, LIKELY, "max_num_seqs is -1; it has to be 1 or more."),
    ("vllm", {"framework_config": {"max_num_seqs": True}}, LIKELY,
     "max_num_seqs is True; it has to be a whole number."),
    ("vllm", {"framework_config": {"tool_call_parser": ""}}, LIKELY, "tool_call_parser is empty; it has to be text."),
    ("vllm", {"framework_config": {"gpu_memory_utilization": float("nan")}}, LIKELY,
     "gpu_memory_utilization is nan; it has to be a number."),
    ("vllm", {"framework_config": {"kv_cache_dtype": "fp9"}}, LIKELY,
     "kv_cache_dtype is fp9; it has to be one of the choices: auto, fp8, fp8_e4m3, fp8_e5m2, mxint8."),
    ("vllm", {"framework_config": {"device_group": [0, -1]}, "accel": "qaic"}, LIKELY,
     "device_group is [0, -1]; it has to be a list of whole numbers."),
    ("vllm", {"framework_config": {"device_group": [0]}}, LIKELY, "device_group is for the acceleration qaic only."),
    ("vllm", {"framework_config": {"quantization": "mxfp6"}}, LIKELY,
     "The value mxfp6 of quantization is for the acceleration qaic only."),
    ("sglang", {"framework_config": {"chunked_prefill_size": -2}}, LIKELY,
     "chunked_prefill_size is -2; it has to be -1 or more."),
    ("keras", {"input_schema": None, "output_schema": None}, LIKELY,
     "The framework keras needs an input and an output schema."),
    ("keras", {"input_schema": "AAAA"}, LIKELY, "The input schema is no Arrow schema:"),
]  # fmt: skip


def test_what_a_plan_asks_for(tmp_path: Path) -> None:
    good = good_files(tmp_path)
    for framework, fields, severity, cause in PLANS:
        results = found(good.get(framework, good["vllm"]), framework, **fields)
        assert [(each, words[: len(cause)]) for each, words in results] == [(severity, cause)], framework


def test_settings_that_are_in_order(tmp_path: Path) -> None:
    good = good_files(tmp_path)
    vllm = {
        "max_model_len": 7,
        "enable_auto_tool_choice": False,
        "quantization": "mxfp6",
        "device_group": [0],
    }
    assert found(good["vllm"], "vllm", accel="qaic", framework_config=vllm) == []
    assert found(good["sglang"], "sglang", framework_config={"chunked_prefill_size": -1}) == []
    assert found(good["custom"], "custom", framework_config={"anything": {}, "model_path": "./m/"}) == []


def test_an_older_server_may_not_know_a_word(tmp_path: Path) -> None:
    good = good_files(tmp_path)
    upload = plan(good["sglang"], "sglang", accel="rocm")
    causes = [each.cause for each in check(upload, release=(2025, 2))]
    assert causes == [
        "The framework sglang came with release 2026.1; the server seems to be 2025.2.",
        "The acceleration rocm came with release 2026.1; the server seems to be 2025.2.",
    ]
    assert check(upload, release=(2026, 1)) == check(upload) == []
    tools = plan(good["vllm"], "vllm", framework_config={"tool_call_parser": "hermes"})
    assert [each.cause for each in check(tools, release=(2025, 2))] == [
        "The setting tool_call_parser of vllm came with release 2026.1; the server seems to be 2025.2."
    ]


@pytest.mark.parametrize(
    ("name", "content", "framework", "remedy"),
    [
        ("m.pth", b"", "pytorch", "Save it as TorchScript"),
        ("m.keras", b"x", "keras", "model.save('model.h5')"),
        ("m.joblib", b"x", "sklearn", "Save the model by pickle.dump"),
        ("m.json", b"{}", "xgboost", "Save an XGBoost model by pickle.dump"),
        ("m.pb", b"x", "tensorflow", "Make a zip of the SavedModel's folder"),
        ("step.py", b"def process_data(): pass", "python", "Make a zip of it"),
        ("m.tar.gz", b"x", "custom", "Unpack it, and make a zip"),
        ("m.bin", files.onnx_model(), "onnx", "rename it to end in .onnx"),
        ("model", b"x", "onnx", "Save the model as a file that ends in .onnx"),
        ("m.PKL", files.pickle_of("sklearn.svm SVC"), "sklearn", "Rename it to end in .pkl."),
    ],
)
def test_suffixes_that_the_platform_refuses(
    tmp_path: Path, name: str, content: bytes, framework: str, remedy: str
) -> None:
    first = check(plan(written(tmp_path / name, content), framework))[0]
    assert "the platform takes .zip, .pt, .onnx, .h5 and .pkl" in first.cause
    assert remedy in first.remedy


def test_torch_script_with_another_suffix_is_only_renamed(tmp_path: Path) -> None:
    file = files.zip_file(tmp_path / "m.pth", files.TORCH_SCRIPT)
    assert check(plan(file, "pytorch"))[0].remedy == "Rename it to end in .pt."


CONTENTS: list[tuple[str, bytes, str, Found]] = [
    ("m.onnx", b"", "onnx", [(CERTAIN, "The file is empty.")]),
    ("m.onnx", b"<html>", "onnx", [(LIKELY, "The file does not begin like one of onnx, which takes an ONNX model.")]),
    ("m.onnx", files.onnx_model()[:-30], "onnx", [(LIKELY, "The ONNX file is damaged or cut off")]),
    ("m.onnx", files.onnx_model(inputs=(), external=True), "onnx",
     [(LIKELY, "The model's weights are in another file")]),
    ("m.onnx", files.onnx_model(10, 21, ()), "onnx", [(NOTE, "The file has IR version 10 and opset 21; ")]),
    ("m.onnx", files.onnx_model(inputs=("a", "b\x1b")), "onnx", [(NOTE, "The model's inputs are named a, b\\x1b.")]),
    ("m.onnx", files.onnx_model(), "pytorch", [(LIKELY, "The file ends in .onnx; the framework pytorch takes .pt.")]),
    ("m.pt", files.onnx_model(), "pytorch", [(LIKELY, "The file is an ONNX model; pytorch takes TorchScript")]),
    ("m.h5", b"\x89HDF\r\n\x1a\n", "keras", [(NOTE, "The file seems to hold weights without")]),
    ("m.pkl", files.pickle_of("xgboost.core Booster"), "sklearn",
     [(LIKELY, "The pickle has no class of sklearn. The first")]),
    ("m.pkl", files.pickle_of("sklearn.svm SVC")[:-1], "sklearn", [(LIKELY, "The pickle is cut off.")]),
    ("m.pkl", files.pickle_of("sklearn.svm SVC", "joblib.numpy_pickle NumpyArrayWrapper"), "sklearn",
     [(NOTE, "joblib wrote the file")]),
    ("m.pkl", files.pickle_of("sklearn.pipeline Pipeline", "__main__ Step"), "sklearn",
     [(LIKELY, "The pickle needs a class of the program that saved it")]),
    ("m.zip", b"PK\x03\x04 cut off", "custom", [(CERTAIN, "The file is no valid zip: File is not a zip file.")]),
    ("m.pt", b"PK\x03\x04 cut off", "pytorch", [(LIKELY, "The file is no valid zip: File is not a zip file.")]),
    ("m.zip", b"text", "custom", [(CERTAIN, "The file is no valid zip")]),
]  # fmt: skip


def test_files_that_are_not_what_they_should_be(tmp_path: Path) -> None:
    for name, content, framework, expected in CONTENTS:
        results = found(written(tmp_path / name, content), framework)
        assert len(results) == len(expected), results
        for (severity, cause), (wanted, words) in zip(results, expected, strict=True):
            assert severity is wanted
            assert cause.startswith(words)


def test_weights_without_code_are_no_torch_script(tmp_path: Path) -> None:
    weights = files.pickle_of(
        "collections OrderedDict", "torch._utils _rebuild_tensor_v2", "torch FloatStorage"
    )
    file = files.zip_file(tmp_path / "m.pt", {"m/data.pkl": weights, "m/version": "3", "m/data/0": "x"})
    assert found(file, "pytorch")[0][0] is CERTAIN
    assert "(a state_dict)" in found(file, "pytorch")[0][1]
    whole = files.pickle_of("net Net", "torch FloatStorage")
    file = files.zip_file(tmp_path / "m.pt", {"m/data.pkl": whole, "m/version": "3"})
    assert found(file, "pytorch") == [
        (
            LIKELY,
            "The file was written by torch.save, not by torch.jit.save: it has none of the model's code.",
        )
    ]
    assert found(files.zip_file(tmp_path / "m.pt", {"a": ""}), "pytorch") == [
        (LIKELY, "The file is a zip, but not of PyTorch.")
    ]


def test_a_file_that_can_not_be_read_is_a_finding(tmp_path: Path) -> None:
    (finding,) = check(plan(tmp_path / "none.onnx", "onnx"))
    assert (finding.severity, finding.remedy) == (CERTAIN, "Check the path.")
    assert finding.cause.endswith("none.onnx can't be uploaded: there is no such file.")


def test_a_file_is_read_once_for_any_number_of_checks(tmp_path: Path) -> None:
    file = good_files(tmp_path)["custom"]
    contents = inspect(file)
    os.remove(file)
    assert check(plan(file, "custom"), contents) == []
    assert len(check(plan(file, "python"), contents)) == 1


def test_the_largest_upload_on_record_is_named(tmp_path: Path) -> None:
    (file := tmp_path / "m.pkl").write_bytes(files.pickle_of("sklearn.svm SVC"))
    os.truncate(file, 9_290_701_801)
    (finding,) = check(plan(file, "sklearn"))
    assert finding.severity is NOTE
    assert "9,290,701,801 bytes" in finding.cause
