"""The decisive line of an upload's log, in the kinds of logs that were recorded (their texts are new)."""

import time

import pytest

from wltui.core.records import ModelVersion, VersionId
from wltui.core.upload_log import decisive_line, missing_log_reason, parse_log
from wltui.demo import failures
from wltui.demo.logs import VALIDATED

BLANK = " " * 60


def decisive(text: str) -> str | None:
    found = decisive_line(parse_log(text.split("\n")))
    return found.text if found else None


VALIDATION = f"""custom model validation failed
[09:12:33] DEBUG    Received a request for a model    check.py:18
                    with the name 'churn'
           DEBUG    ERROR levels are not shown        check.py:20
BYOP validation FAILED!
Error: The Inference class has to define
expected_model_types, a set of types.
{BLANK}
"""
MODULE = f"""[09:12:33] DEBUG    Failed to load module churn.py:   load.py:7
                    name 'np' is not defined
{BLANK}
BYOP validation FAILED!
Error: No Python modules found in the model directory
"""
PARSED = """           DEBUG    Failed to parse requirement: numpy=>1
Error: Could not parse user provided requirements.txt"""
RESOLVER = """Using Python 3.10.16 environment at: /opt/venv
  × No solution found when resolving dependencies:
  ╰─▶ Because there is no version of torch==9.9 and you require torch==9.9,
      we can conclude that your requirements are unsatisfiable.
No private PyPI configuration found
Error: Could not pip install user provided requirements.txt"""
TRACEBACK = """Loading the step
Traceback (most recent call last):
  File "/app/step.py", line 3, in <module>
    import pandas
ModuleNotFoundError: No module named 'pandas'
"""
CHAINED = (
    TRACEBACK
    + """
During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/app/run.py", line 9, in <module>
ValueError: the step can't be loaded
"""
)
PACKAGED = """./step.py
`/data/step.zip` -> `store/step.zip`
mc: <ERROR> Failed to remove `store/step.tar`. Object does not exist.
Total: 2 KiB, Transferred: 2 KiB"""


@pytest.mark.parametrize(
    ("log", "text"),
    [
        (VALIDATION, "The Inference class has to define expected_model_types, a set of types."),
        (MODULE, "Failed to load module churn.py: name 'np' is not defined"),
        (PARSED, "Failed to parse requirement: numpy=>1"),
        (RESOLVER, "Because there is no version of torch==9.9 and you require torch==9.9, we can conclude that your "
                   "requirements are unsatisfiable."),
        (RESOLVER.replace("╰─▶", "`->").replace("×", "x"), "Because there is no version of torch==9.9 and you "
                   "require torch==9.9, we can conclude that your requirements are unsatisfiable."),
        ("  × Failed to download `torch==2.1.0`", "Failed to download `torch==2.1.0`"),
        (TRACEBACK, "ModuleNotFoundError: No module named 'pandas'"),
        (CHAINED, "ValueError: the step can't be loaded"),
        ("Loading the model\nEOFError: Ran out of input", "EOFError: Ran out of input"),
        (PACKAGED, None),
        ("ERROR: something is red here\ncarried on", None),
        ("", None),
    ],
)  # fmt: skip
def test_the_line_that_says_why(log: str, text: str | None) -> None:
    assert decisive(log) == text


def test_a_failure_that_was_overcome_is_not_the_reason() -> None:
    assert decisive(RESOLVER.rpartition("\n")[0] + "\nError: No Inference-inherited class found") == (
        "No Inference-inherited class found"
    )


@pytest.mark.parametrize(
    "after",
    [
        "INFO retry ok\nuploading",
        "[09:12:33] DEBUG    retry ok",
        "2026-01-06 20:14:08,123 retry ok",
        "[WARN] retry ok",
        "\nThe step is loaded",
        "\n".join(f"part {number} loaded" for number in range(9)),
    ],
)
def test_an_exception_that_was_handled_is_not_the_reason(after: str) -> None:
    assert decisive(TRACEBACK + after) is None
    assert decisive(TRACEBACK + after + "\nEOFError: Ran out of input") == "EOFError: Ran out of input"


def test_an_exception_may_have_more_lines() -> None:
    text = TRACEBACK.replace("'pandas'", "'pandas'\n  Did you forget to install it?\nSee the manual.")
    assert decisive(text) == "ModuleNotFoundError: No module named 'pandas'"


def test_a_traceback_without_its_exception_lends_no_other_line() -> None:
    assert decisive(TRACEBACK.replace("ModuleNotFoundError:", "INFO")) is None


def test_a_line_of_spaces_costs_no_more_than_its_length() -> None:
    log = parse_log([f"Error: No{' ' * 40_000}room"])
    begun = time.thread_time()
    found = decisive_line(log)
    assert time.thread_time() - begun < 1  # seconds of computing: a thousandth now; if quadratic, ten
    assert found is not None


def test_the_file_and_line_of_the_logger_are_left_out() -> None:
    assert decisive("Error: see a.py:3 or b.py:4    check.py:18") == "see a.py:3 or b.py:4"


def test_the_lines_of_the_entry_are_known() -> None:
    found = decisive_line(parse_log(RESOLVER.split("\n")))
    assert found is not None
    assert (found.index, found.lines) == (1, 3)
    begun = "2026-01-06T20:14:08.9Z stderr F Error: The class has no\n2026-01-06T20:14:09.1Z stderr F method predict"
    later = "2026-01-06T20:14:11.3Z stdout F The step is removed"
    found = decisive_line(parse_log(f"{begun}\n{later}".split("\n")))
    assert found is not None
    assert (found.lines, found.text) == (2, "The class has no method predict")
    for odd in ("2026-99-99T99:99:99", "0000-00-00T00:00:00", "٢٠٢٦-01-06T20:14:08"):
        found = decisive_line(parse_log(begun.replace("2026-01-06T20:14:09", odd).split("\n")))
        assert found is not None, "a time that is none ends no entry"
        assert found.lines == 2


def test_the_demo_server_s_logs() -> None:
    texts = {reason: decisive("\n".join(line.text for line in failure.logs))
             for failure in failures.OF_CUSTOM if (reason := failure.summary)}  # fmt: skip
    assert texts.pop("null") is None
    assert "no version of tensorflow-aarch64==2.9.9" in (texts.pop(failures.NOT_INSTALLED) or "")
    assert texts.pop(failures.NO_MODULES) == "Failed to load module forecaster: name 'pandas' is not defined"
    assert all(reason == text for reason, text in texts.items())
    assert decisive("\n".join(line.text for line in VALIDATED)) is None


def test_the_runtime_s_frame_colours_and_progress_are_removed() -> None:
    lines = parse_log(
        [
            "2026-01-06T20:14:07.123456789Z stderr P Resolving",
            "2026-01-06T20:14:08.5Z stderr F  packages",
            "2026-01-06T20:14:09Z stdout F \x1b[31m10%\r100%\x1b[0m",
            "2026-01-06T20:14:10Z stdout F ",
            "no frame",
        ]
    )
    assert [(line.time, line.at[:10], line.text) for line in lines] == [
        ("20:14:07", "2026-01-06", "Resolving packages"),
        ("20:14:09", "2026-01-06", "100%"),
        ("20:14:10", "2026-01-06", ""),
        ("", "", "no frame"),
    ]


def test_a_log_is_only_where_a_task_ran() -> None:
    def reason(framework: str | None, task: str | None) -> str:
        return missing_log_reason(ModelVersion(id=VersionId(1), framework=framework, task_id=task))

    assert reason("custom", "a-task") == reason("python", "a-task") == reason("vllm", "a-task") == ""
    assert "no conversion task" in reason("onnx", None)
    assert "framework pytorch" in reason("pytorch", "a-task")
    assert "hugging-face-summarization" in reason("hugging-face-summarization", "a-task")
    assert reason(None, None) == ""  # list_versions contains neither
