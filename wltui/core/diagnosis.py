"""Why a version is not ready: the server's words for it, and, in wltui's words, the known cause and what helps.

Only ``custom`` models fail with a reason, and of those only some: the same failure came once with its reason and once
with none. So a version without one borrows from its upload log, and from versions with the same file and framework.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from enum import Enum
from functools import lru_cache
from pathlib import PurePath
from typing import TypeGuard, TypeVar

from msgspec import Struct

from .compact import file_key, read_status
from .explanation import Explanation, find_explanation
from .problems import took_convert_route
from .records import ModelVersion, Phase, VersionId, phase
from .upload_frameworks import file_suffixes, needs_schemas, required_arch
from .upload_log import LogLine, decisive_line

Key = TypeVar("Key")
FileKey = bytes | str | None


class Source(Enum):
    """Where the server's words for a failure are from."""

    SUMMARY = "the version's own summary"
    LOG = "its upload log"
    SAME_FILE = "another version with the same file"


class Diagnosis(Struct, frozen=True, gc=False):
    """Why a version is not ready, as far as it is known. Empty if nothing is wrong with it."""

    reason: str = ""
    """The server's words, unescaped; empty if it gave none."""
    source: Source | None = None
    """Where the reason is from; None without one."""
    same_file: VersionId | None = None
    """The version whose reason it is, if that is not this one's own."""
    log_line: str = ""
    """The server's words in the upload log that say more than the reason; empty if there are none."""
    cause: str = ""
    """What the failure means, in wltui's words; empty if that is not known."""
    remedy: str = ""
    """What to do about it, in wltui's words; empty if that is not known."""


NO_REASON = "The platform gave no reason."
"""What to say of a failed version whose diagnosis has no reason."""
NO_REASON_SHORT = "no reason given"
"""The same in a column of a list."""
BY_CONVERT_ROUTE = Explanation(
    "",
    "An ONNX file was sent by the convert route, where it stays pending.",
    "Upload the file again with wltui or the SDK. This version may still be deployed and answer.",
)
_SAYS_NOTHING = (
    r"^(?:null|(?:model )?failed to convert(?:: none)?|an error occurred during model conversion)?\.?$"
)
"""Words that only say that it failed."""
_WITH_ADMINISTRATOR = "A private index is set up by the administrator."
KNOWN = (
    Explanation(r"no solution found|there (?:is|are) no versions? of|requirements are unsatisfiable",
                "A package of requirements.txt has no release that fits the build.",
                "Change its version: the build runs Python 3.10, and arm may need another package, such as "
                f"tensorflow-aarch64. {_WITH_ADMINISTRATOR}"),
    Explanation(r"requirements\.txt.{0,40}(?:to be included|missing|not found)|\b(?:no|missing) requirements\.txt",
                "The zip has no requirements.txt at its top level.",
                "Add requirements.txt beside the code. It may be empty."),
    Explanation(r"pars(?:e|ing).{0,40}requirement", "A line of requirements.txt can't be read.",
                "Correct that line; the upload log names it."),
    Explanation(r"failed to load module|name '[^']*' is not defined|no module named|importerror|\bsyntax",
                "A Python file of the zip can't be imported.",
                "Fix the error that the log names. Add a package that is missing to requirements.txt."),
    Explanation(r"install.{0,40}requirements\.txt", "A package of requirements.txt can't be installed.",
                "Look up the package in the upload log. Its version has to exist for Python 3.10 and for the "
                f"architecture: arm has other packages. {_WITH_ADMINISTRATOR}"),
    Explanation(r"(?:unpack|unzip|extract).{0,40}(?:zip|file|archive)|bad ?zip ?file|not a (?:valid )?zip",
                "The file is damaged, or no zip.", "Make the zip again."),
    Explanation(r"no (?:python )?modules? (?:\w+ )?found",
                "The zip has no Python file at its top level, or importing one failed.",
                "Look for an import error in the upload log. Keep the code and requirements.txt in the same folder."),
    Explanation(r"(?:multiple|several|more than one) inferencebuilder\b",
                "More than one class derives from InferenceBuilder.", "Keep one of them in the zip."),
    Explanation(r"(?:multiple|several|more than one) inference\b",
                "More than one class derives from Inference.", "Keep one of them in the zip."),
    Explanation(r"no inferencebuilder\b", "No class derives from InferenceBuilder.",
                "Derive a class from mac's InferenceBuilder."),
    Explanation(r"no inference\b.{0,40}(?:class|found)", "No class derives from Inference.",
                "Derive a class from mac's Inference."),
    Explanation(r"expected_model_types", "The Inference class lacks the property expected_model_types.",
                "Add the property. It returns a set of types."),
    Explanation(r"dict(?:ionary)? of numpy arrays", "The method _predict has other arguments than it should.",
                "Let it take one argument, a dictionary of numpy arrays."),
    Explanation(r"_predict\b|\bpredict.? method", "The Inference class lacks the method _predict.",
                "Add the method."),
    Explanation(r"inferencebuilder.{0,60}\binference\b.? (?:method|property)",
                "The InferenceBuilder class lacks the property inference.", "Add it."),
    Explanation(r"inferencebuilder.{0,60}\bcreate\b.? method",
                "The InferenceBuilder class lacks the method create.", "Add the method."),
    Explanation(r"inferencebuilder.{0,60}(?:must|contain|missing|lack)",
                "The InferenceBuilder class lacks a method.", "Add the method that the reason names."),
    Explanation(r"ran out of input|unpicklingerror|pickle data was truncated", "The file is empty or cut off.",
                "Save the model again, and upload that file."),
)  # fmt: skip
"""The reasons that were recorded, by their keywords: what says most comes first."""


class SameFile:
    """Which versions can explain the failure of another one that has the same file and no reason of its own.

    Of a list that is added in parts, all parts are looked through first: only the files of such failures are kept.

    A reason is borrowed within one framework only: it is about the rules of that framework, and with another one the
    file may be in order. Within it, the reason is about the file, which has the same fault whatever else is odd about
    the upload.
    """

    def __init__(self, versions: Collection[ModelVersion] = ()) -> None:
        """``versions`` are looked through and added."""
        self._unexplained: set[FileKey] = set()
        """The files of which a version failed without a reason."""
        self._failed: dict[tuple[FileKey, str | None], ModelVersion] = {}
        """The newest that failed with a reason, by file and framework."""
        self._ready: dict[FileKey, ModelVersion] = {}
        """The newest that is ready, by file."""
        self.look_through(versions)
        self.add(versions)

    def look_through(self, versions: Iterable[ModelVersion]) -> None:
        """Note the files of the versions that failed without a reason, in any order."""
        for version in versions:
            if phase(read_status(version)) is Phase.ERROR and not says_why(version.error_summary):
                self._unexplained.add(file_key(version))
        self._unexplained.discard(None)  # of one that is being sent

    def add(self, versions: Iterable[ModelVersion]) -> None:
        """Add any number of versions, in any order, after all have been looked through."""
        if not self._unexplained:
            return
        for version in versions:
            file = file_key(version)
            if file not in self._unexplained:
                continue
            state = phase(version.status)
            if state is Phase.READY:
                _keep_newest(self._ready, file, version)
            elif state is Phase.ERROR and says_why(version.error_summary):
                _keep_newest(self._failed, (file, version.framework), version)

    def fill(self, versions: Sequence[ModelVersion], at_once: int) -> Iterator[None]:
        """Look through and add versions, ``at_once`` in a step, and yield after each step."""
        for work in (self.look_through, self.add):
            for start in range(0, len(versions), at_once):
                work(versions[start : start + at_once])
                yield

    def of(self, version: ModelVersion) -> Sequence[ModelVersion]:
        """Return the versions that can explain the failure of this one: two at most, and it may be one of them."""
        return [other for other in (self.failed(version), self.ready(version)) if other]

    def failed(self, version: ModelVersion) -> ModelVersion | None:
        """Return the newest version that failed with a reason, of the same framework, or None if there is none."""
        return self._failed.get((file_key(version), version.framework))

    def ready(self, version: ModelVersion) -> ModelVersion | None:
        """Return the newest version that is ready, of any framework, or None if there is none."""
        return self._ready.get(file_key(version))


def diagnose(
    version: ModelVersion, *, log: Sequence[LogLine] | None = None, siblings: Iterable[ModelVersion] = ()
) -> Diagnosis:
    """Return why a version is not ready; an empty diagnosis if nothing is known to be wrong with it.

    Args:
        version: The version, with as many fields as are known.
        log: Its upload log; None if that was not read.
        siblings: Versions that may have the same file; others are ignored. They are read once, and only if neither
            the version nor its log says why. For the versions of a list, pass those that ``SameFile.of`` returns: all
            of them for each one would be quadratic.
    """
    state = phase(version.status)
    if state is Phase.PENDING and took_convert_route(version):
        return Diagnosis(
            *_own_words(version, ""), cause=BY_CONVERT_ROUTE.cause, remedy=BY_CONVERT_ROUTE.remedy
        )
    if state is not Phase.ERROR:
        return Diagnosis()
    decisive = decisive_line(log) if log else None
    line = decisive.text if decisive else ""
    reason, source = _own_words(version, line)
    lender = ready = None
    if not says_why(reason):
        same = SameFile()
        same.look_through((version,))
        same.add(other for other in siblings if other.id != version.id)
        lender, ready = None if line else same.failed(version), same.ready(version)
    if lender:
        reason, source = (lender.error_summary or "").strip(), Source.SAME_FILE
    known = _explain(line) or _explain(reason) or _from_facts(version)
    if known is None and (took_convert_route(version) or not says_why(reason)):
        known = _upload_again(version, ready)
    return Diagnosis(
        reason, source, lender.id if lender else None, "" if _is_same_text(line, reason) else line,
        known.cause if known else "", known.remedy if known else "",
    )  # fmt: skip


def says_why(summary: str | None) -> TypeGuard[str]:
    """Return whether a summary says more than that the upload failed."""
    return not _says_nothing(summary or "")


@lru_cache(maxsize=1024)  # the versions of a list share few reasons
def _says_nothing(summary: str) -> bool:
    return re.search(_SAYS_NOTHING, " ".join(summary.split()), re.IGNORECASE) is not None


def _keep_newest(found: dict[Key, ModelVersion], key: Key, version: ModelVersion) -> None:
    if key not in found or found[key].id < version.id:
        found[key] = version


def _own_words(version: ModelVersion, line: str) -> tuple[str, Source | None]:
    """Return the server's words for this version, and where they are from: its summary, or the line of its log."""
    own = (version.error_summary or "").strip()
    if says_why(own):
        return own, Source.SUMMARY
    if line:
        return line, Source.LOG
    return (own, Source.SUMMARY) if own not in ("", "null") else ("", None)


@lru_cache(maxsize=1024)  # the versions of a list share few reasons
def _explain(words: str) -> Explanation | None:
    return find_explanation(words, KNOWN) if words else None


def _from_facts(version: ModelVersion) -> Explanation | None:
    """Return what is odd about the upload: its file's suffix, accelerator, or schemas. None if nothing is."""
    framework, accel = version.framework or "", version.accel or ""
    taken, suffix = file_suffixes(framework), PurePath(version.file_name or "").suffix
    if suffix and taken and suffix.lower() not in taken:
        return Explanation(
            "",
            f"The file ends in {suffix}, and the framework {framework} takes {' or '.join(taken)}.",
            "Upload it again with the framework that the file was made with.",
        )
    arch = required_arch(accel)
    if arch and version.arch and version.arch != arch:
        return Explanation(
            "",
            f"The acceleration {accel} exists on {arch} only; the version is for {version.arch}.",
            f"Upload it again for {arch}, or with another acceleration.",
        )
    schemas = (version.config.input_schema, version.config.output_schema) if version.config else ()
    if needs_schemas(framework) and None in schemas:
        return Explanation(
            "",
            f"The framework {framework} needs an input and an output schema; the upload lacks one.",
            "Upload it again with both schemas.",
        )
    return None


def _upload_again(version: ModelVersion, ready: ModelVersion | None) -> Explanation:
    """Return what to do about a failure of which nothing else is known.

    A failure without a reason was followed by a success with the next upload.

    Args:
        version: The version that failed.
        ready: One with the same file that is ready; None if there is none.
    """
    how = "again by the direct route, as wltui and the SDK do" if took_convert_route(version) else "once more"
    found = f"The same file is ready as version {ready.id}. Compare the two, or upload" if ready else "Upload"
    return Explanation("", "", f"{found} it {how}.")


def _is_same_text(line: str, reason: str) -> bool:
    return " ".join(line.split()).casefold() == " ".join(reason.split()).casefold()
