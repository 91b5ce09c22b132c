"""The ways in which builds fail, in the kinds of words that real servers use for them.

Only the ``custom`` framework gives reasons: its zip is looked into. Of the other frameworks no build that failed was
ever seen with a reason or a log.
"""

from typing import NamedTuple

from .logs import LogLine, log_lines


class Failure(NamedTuple):
    """A way in which a build fails."""

    summary: str | None
    logs: tuple[LogLine, ...] = ()


HEAD = """
custom model validation failed
[20:14:07] DEBUG    Got request                 validate.py:52
                    {'name': 'uploaded-model',
                    'created_by':
                    'jo.alvarez@example.com',
                    'framework': 'custom'}
           DEBUG    Unpacking /tmp/model.zip     archive.py:31
           DEBUG    Found 1 folder at the top    archive.py:40
"""
NO_REQUIREMENTS = "A custom model needs a file requirements.txt to be included at the root level of its zip."
NOT_INSTALLED = "Could not pip install user provided requirements.txt"
NOT_PARSED = "Could not parse user provided requirements.txt"
NOT_UNPACKED = "Could not unpack user provided zip file"
NO_MODULES = "No Python modules found in the model directory"
NO_INFERENCE = "No Inference-inherited class found in the model directory"
NO_BUILDER = "No InferenceBuilder-inherited class found in the model directory"
NO_TYPES = "The Inference class must define the property expected_model_types"
NO_PREDICT = "The Inference class must contain the predict method, which is named _predict"


def validated(reason: str, *details: str) -> Failure:
    """Return the failure of a zip that was looked into: its reason is also the last line of its logs."""
    blank = " " * 60
    text = "\n".join(
        (HEAD.strip("\n"), *details, blank, blank, "BYOP validation FAILED!", f"Error: {reason}")
    )
    return Failure(reason, log_lines(text))


def several(kind: str, names: list[str]) -> str:
    """Return the reason of a zip in which more classes than one could be meant."""
    return f"Multiple {kind}-inherited classes found in the model directory: {', '.join(names)}"


def no_method(name: str) -> str:
    """Return the reason of a builder that lacks a method."""
    return f"The InferenceBuilder class must contain the {name} method"


def not_loaded(module: str, error: str) -> Failure:
    """Return the failure of a zip whose module could not be imported, which is said as if there were none."""
    return validated(
        NO_MODULES, f"           DEBUG    Failed to load module {module}:", f"                    {error}"
    )


RESOLVED = """
Using Python 3.10.16 environment at: /opt/venv
Resolved 41 packages in 1.92s
  × No solution found when resolving dependencies:
  ╰─▶ Because there is no version of tensorflow-aarch64==2.9.9 and you
      require tensorflow-aarch64==2.9.9, we can conclude that your
      requirements are unsatisfiable.
No private PyPI configuration found
Error: Could not pip install user provided requirements.txt
"""
PACKAGED = """
./
./step.py
./artifacts/
`/data/models/step.zip` -> `store/models/step.zip`
mc: <ERROR> Failed to remove `store/packages/step.tar`. Object does not exist.
Total: 2.11 KiB, Transferred: 2.11 KiB, Speed: 61.40 KiB/s
"""
OF_CUSTOM = (
    Failure(NOT_INSTALLED, log_lines(RESOLVED)),
    validated(NO_REQUIREMENTS),
    Failure("null", log_lines(PACKAGED, "stdout")),
    not_loaded("forecaster", "name 'pandas' is not defined"),
    validated(NO_TYPES),
    Failure("", validated(NO_PREDICT).logs),
    validated(several("Inference", ["Forecaster", "BaseForecaster"])),
    Failure(None),
    validated(no_method("create")),
)
"""Taken in turn by the company's custom models."""
OF_OTHERS = (Failure(None), Failure("null"), Failure(""), Failure("null"))
"""Taken in turn by those of other frameworks."""
