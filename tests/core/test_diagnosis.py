"""Cause and remedy of failed uploads, case by case, from the recorded kinds of reasons in several wordings."""

from collections.abc import Iterator

import pytest

from wltui.core.compact import replace_fields as replace
from wltui.core.diagnosis import Diagnosis, SameFile, Source, diagnose
from wltui.core.records import ConfigId, ModelConfig, ModelVersion, VersionId
from wltui.core.upload_log import parse_log
from wltui.demo import failures

SCHEMAS = ModelConfig(id=ConfigId(1), input_schema="aW4=", output_schema="b3V0")
FAILED = ModelVersion(
    id=VersionId(9), status="error", framework="custom", file_name="/home/jo/churn.zip", sha="ab" * 32,
    arch="x86", accel="none", task_id="f0", config=SCHEMAS,
)  # fmt: skip


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        (failures.NO_REQUIREMENTS, "no requirements.txt"),
        ("BYOP models require a requirements.txt to be included\nwithin the zip", "no requirements.txt"),
        (failures.NOT_INSTALLED, "can't be installed"),
        ("COULD NOT PIP INSTALL the requirements.txt of the user", "can't be installed"),
        (failures.NOT_PARSED, "can't be read"),
        (failures.NOT_UNPACKED, "damaged, or no zip"),
        ("zipfile.BadZipFile: File is not a zip file", "damaged, or no zip"),
        (failures.NO_MODULES, "no Python file"),
        (failures.NO_INFERENCE, "No class derives from Inference."),
        (failures.NO_BUILDER, "No class derives from InferenceBuilder."),
        (failures.several("Inference", ["A", "B"]), "More than one class derives from Inference."),
        (
            failures.several("InferenceBuilder", ["A", "B"]),
            "More than one class derives from InferenceBuilder.",
        ),
        (failures.no_method("create"), "lacks the method create"),
        (failures.no_method("inference"), "lacks the property inference"),
        ("InferenceBuilder class must contain the `create` method", "lacks the method create"),
        ("The InferenceBuilder class must contain the make method", "lacks a method"),
        (failures.NO_TYPES, "expected_model_types"),
        ("Inference must override the abstract property expected_model_types.", "expected_model_types"),
        (failures.NO_PREDICT, "lacks the method _predict"),
        ("The class must contain the predict method", "lacks the method _predict"),
        ("The _predict method may only accept a dictionary of numpy arrays", "other arguments"),
    ],
)
def test_a_reason_has_its_cause_and_remedy(reason: str, cause: str) -> None:
    found = diagnose(replace(FAILED, error_summary=f" {reason}  "))
    assert (found.reason, found.source, found.same_file) == (reason, Source.SUMMARY, None)
    assert cause in found.cause
    assert found.remedy


def test_a_reason_that_is_not_known_is_left_unexplained() -> None:
    found = diagnose(replace(FAILED, error_summary="The flux is out of phase"))
    assert found == Diagnosis("The flux is out of phase", Source.SUMMARY)


@pytest.mark.parametrize("status", ["ready", "uploading", "attempting_load_container", "strange", None])
def test_nothing_is_wrong_with_other_versions(status: str | None) -> None:
    assert diagnose(replace(FAILED, status=status)) == Diagnosis()


@pytest.mark.parametrize(
    "summary",
    [None, "", "  ", "null", "Model failed to convert: None", "An error occurred during model conversion."],
)
def test_without_a_reason_it_is_fair_to_try_again(summary: str | None) -> None:
    found = diagnose(replace(FAILED, error_summary=summary))
    assert (found.cause, found.remedy) == ("", "Upload it once more.")
    assert found.reason == (summary or "").strip().replace("null", "")


LOG = parse_log(
    [
        "  × No solution found when resolving dependencies:",
        "  ╰─▶ Because there is no version of torch==9.9, it can't be installed.",
        "Error: Could not pip install user provided requirements.txt",
    ]
)


def test_the_log_gives_the_reason_if_the_summary_does_not() -> None:
    found = diagnose(replace(FAILED, error_summary="null"), log=LOG)
    assert found.source is Source.LOG
    assert found.reason == "Because there is no version of torch==9.9, it can't be installed."
    assert found.log_line == ""
    assert "no release that fits" in found.cause


def test_the_log_says_more_than_the_summary() -> None:
    found = diagnose(replace(FAILED, error_summary=failures.NOT_INSTALLED), log=LOG)
    assert (found.reason, found.source) == (failures.NOT_INSTALLED, Source.SUMMARY)
    assert "torch==9.9" in found.log_line
    assert "no release that fits" in found.cause


def test_a_log_line_that_repeats_the_summary_is_left_out() -> None:
    log = parse_log([f"Error: {failures.NO_TYPES}"])
    assert diagnose(replace(FAILED, error_summary=failures.NO_TYPES), log=log).log_line == ""


def test_a_log_without_a_reason_lends_none() -> None:
    found = diagnose(FAILED, log=parse_log(["mc: <ERROR> Failed to remove `a`. Object does not exist."]))
    assert found == diagnose(FAILED)
    assert "once more" in found.remedy


def test_a_version_with_the_same_file_lends_its_reason() -> None:
    other = replace(FAILED, id=VersionId(4), error_summary=failures.NO_TYPES)
    others = [
        replace(other, id=VersionId(3), error_summary=failures.NO_PREDICT),
        other,
        replace(other, id=VersionId(8), error_summary="null"),
        replace(other, id=VersionId(10), sha="cd" * 32, error_summary=failures.NOT_PARSED),
        replace(other, id=VersionId(11), status="ready", error_summary=failures.NOT_PARSED),
        replace(FAILED, error_summary=failures.NOT_PARSED),
    ]
    found = diagnose(FAILED, siblings=others)
    assert (found.reason, found.source, found.same_file) == (failures.NO_TYPES, Source.SAME_FILE, other.id)
    assert "expected_model_types" in found.cause
    own = diagnose(replace(FAILED, error_summary=failures.NO_BUILDER), siblings=others)
    assert (own.reason, own.same_file) == (failures.NO_BUILDER, None)


@pytest.mark.parametrize("sha", [None, "", " " * 64])
def test_a_blank_hash_is_shared_with_nobody(sha: str | None) -> None:
    other = replace(FAILED, id=VersionId(4), sha=sha, error_summary=failures.NO_TYPES)
    assert diagnose(replace(FAILED, sha=sha), siblings=[other]).same_file is None


def test_the_same_file_that_is_ready_is_worth_a_comparison() -> None:
    found = diagnose(FAILED, siblings=[replace(FAILED, id=VersionId(4), status="ready")])
    assert "ready as version 4" in found.remedy
    assert found.source is None


def test_a_reason_is_borrowed_within_one_framework_only() -> None:
    """A zip that ``custom`` could not unpack says nothing about the same file sent as PyTorch."""
    other = replace(FAILED, id=VersionId(4), file_name="m.onnx", error_summary=failures.NOT_UNPACKED)
    found = diagnose(replace(FAILED, framework="pytorch", file_name="m.onnx"), siblings=[other])
    assert (found.reason, found.source, found.same_file) == ("", None, None)
    assert "The file ends in .onnx, and the framework pytorch" in found.cause
    again = diagnose(replace(FAILED, framework="pytorch", file_name="m.pt"), siblings=[other])
    assert (again.reason, again.cause, again.remedy) == ("", "", "Upload it once more.")


def test_the_same_file_that_is_ready_with_another_framework_is_named() -> None:
    other = replace(FAILED, id=VersionId(4), framework="python", status="ready")
    assert "ready as version 4" in diagnose(FAILED, siblings=[other]).remedy


class Counted(list[ModelVersion]):
    """Versions that count how many of them were read."""

    read = 0

    def __iter__(self) -> Iterator[ModelVersion]:
        for version in super().__iter__():
            self.read += 1
            yield version


def test_siblings_are_read_once_and_only_if_nothing_else_says_why() -> None:
    siblings = Counted(replace(FAILED, id=VersionId(number)) for number in range(100))
    diagnose(replace(FAILED, error_summary=failures.NO_TYPES), siblings=siblings)
    diagnose(FAILED, log=LOG, siblings=siblings)
    diagnose(replace(FAILED, status="ready"), siblings=siblings)
    assert siblings.read == 0
    diagnose(FAILED, siblings=siblings)
    assert siblings.read == 100


def test_two_versions_explain_all_that_have_the_same_file() -> None:
    versions = Counted(
        replace(FAILED, id=VersionId(number), status="ready" if number == 7 else "error",
                error_summary=failures.NO_TYPES if number in (3, 5) else "null")
        for number in range(100)
    )  # fmt: skip
    same = SameFile(versions)
    for version in versions.copy():
        assert [other.id for other in same.of(version)] == [5, 7]
        assert diagnose(version, siblings=same.of(version)) == diagnose(version, siblings=versions.copy())
    assert versions.read <= 200  # once to look through, once to add
    assert not same.of(replace(FAILED, sha="cd" * 32))


@pytest.mark.parametrize("status", ["pending_load_native", "attempting_load_container"])
def test_onnx_by_the_convert_route(status: str) -> None:
    onnx = replace(FAILED, framework="onnx", file_name="ccfraud.onnx", status=status)
    assert "convert route" in diagnose(onnx).cause
    assert "convert route" not in diagnose(replace(onnx, task_id=None)).cause
    assert diagnose(replace(onnx, status="ready")) == Diagnosis()


def test_onnx_that_failed_by_the_convert_route_is_not_called_pending() -> None:
    onnx = replace(FAILED, framework="onnx", file_name="ccfraud.onnx")
    direct = "by the direct route, as wltui and the SDK do."
    assert diagnose(onnx) == Diagnosis(remedy=f"Upload it again {direct}")
    ready = replace(onnx, id=VersionId(4), task_id=None, status="ready")
    assert diagnose(onnx, siblings=[ready]).remedy == (
        f"The same file is ready as version 4. Compare the two, or upload it again {direct}"
    )
    odd = diagnose(replace(onnx, error_summary="The flux is out of phase"))
    assert (odd.reason, odd.cause, odd.remedy) == (
        "The flux is out of phase",
        "",
        f"Upload it again {direct}",
    )
    assert "damaged" in diagnose(replace(onnx, error_summary=failures.NOT_UNPACKED)).cause
    assert "The file ends in .zip" in diagnose(replace(onnx, file_name="a.zip")).cause
    assert diagnose(replace(onnx, task_id=None)).remedy == "Upload it once more."


@pytest.mark.parametrize(
    ("framework", "file", "is_odd"),
    [
        ("pytorch", "model.onnx", True), ("keras", "model.pkl", True), ("keras", "MODEL.H5", False),
        ("hugging-face-summarization", "hf.zip", False), ("hugging-face-summarization", "hf.pt", True),
        ("xgboost", "model", False), ("mlflow", "any.thing", False), ("new-one", "any.thing", False),
    ],
)  # fmt: skip
def test_a_suffix_that_does_not_fit_the_framework(framework: str, file: str, is_odd: bool) -> None:
    found = diagnose(replace(FAILED, framework=framework, file_name=file))
    assert ("The file ends in" in found.cause) is is_odd


@pytest.mark.parametrize(
    ("accel", "arch", "is_odd"),
    [("jetson", "x86", True), ("jetson", "arm", False), ("qaic", "arm", True), ("rocm", "power10", True),
     ("cuda", "arm", False), ("none", "power10", False), ("openvino", None, False)],
)  # fmt: skip
def test_an_accelerator_that_the_architecture_lacks(accel: str, arch: str | None, is_odd: bool) -> None:
    found = diagnose(replace(FAILED, accel=accel, arch=arch))
    assert (f"{accel} exists on" in found.cause) is is_odd


def test_schemas_that_are_missing() -> None:
    bare = ModelConfig(id=ConfigId(1), input_schema="aW4=", output_schema=None)
    assert "output schema" in diagnose(replace(FAILED, config=bare)).cause
    assert "schema" not in diagnose(replace(FAILED, config=ModelConfig(id=ConfigId(1)))).cause  # not known
    assert "schema" not in diagnose(replace(FAILED, config=None)).cause
    onnx = replace(FAILED, framework="tensorflow", task_id=None, config=bare)
    assert "schema" not in diagnose(onnx).cause


def test_every_failure_of_the_demo_is_explained() -> None:
    for failure in (*failures.OF_CUSTOM, *failures.OF_OTHERS):
        found = diagnose(replace(FAILED, error_summary=failure.summary))
        assert bool(found.cause) is bool(found.reason)
        assert found.remedy
