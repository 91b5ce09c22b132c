"""Judge the outcome of an upload by the versions of its model, and say it in words.

The platform names each version's file by its SHA-256, and ids of versions only grow. So a version is ours if it has
our hash, is newer than all that were there before, and nobody else is known to have made it. An upload whose last byte
was never sent can't have been stored. If none is there after a lost answer, it is still not certain for half an hour
that none will come: a gateway may hold the request.
"""

from collections.abc import Sequence
from datetime import timedelta

from msgspec import Struct
from msgspec.structs import replace

from wltui.core.errors import (
    ApiRefused,
    Forbidden,
    NoSuchEndpoint,
    NotFound,
    NotSignedIn,
    OutcomeUnknown,
    WltuiError,
)
from wltui.core.instant import Instant
from wltui.core.records import ModelVersion, Outcome, VersionId, missing_records
from wltui.service.save_outcome import TOO_LATE
from wltui.store.upload_history import UploadRecord

LONGEST_WAIT = timedelta(minutes=15)
"""How long a program waits for the answer after the last byte."""


class UploadOutcome(Struct, frozen=True):
    """The outcome of an upload, as far as it is known."""

    outcome: Outcome
    record: UploadRecord
    version: ModelVersion | None = None
    """The version that it made; None if it made none, or if it is not known which."""
    answered: VersionId | None = None
    """The version that the server's answer named; it may be another upload's."""
    candidates: tuple[VersionId, ...] = ()
    """Versions of which one may be this upload's, if it is not known which."""
    reason: WltuiError | None = None
    """Why it was refused or broken off, why its outcome had to be looked up, or why it could not be."""
    unread: WltuiError | None = None
    """Why the model's versions could not be read, if they had to be."""
    can_look_again: bool = False
    """True if another look may find out more."""

    @property
    def text(self) -> str:
        """Return the outcome as sentences for the user."""
        return outcome_text(self)


def judge(
    record: UploadRecord, versions: Sequence[ModelVersion], now: Instant, reason: WltuiError | None = None
) -> UploadOutcome:
    """Return the outcome, by its model's versions, of an upload that was sent whole and whose answer is not known.

    Args:
        record: The upload.
        versions: All versions of its model, as just read.
        now: A moment before that was read.
        reason: Why the answer is not known.
    """
    found = matches(record, versions)
    if len(found) == 1:
        return UploadOutcome(Outcome.SAVED, record, found[0], reason=reason)
    if found:
        numbers = tuple(sorted(version.id for version in found))
        return UploadOutcome(Outcome.UNKNOWN, record, candidates=numbers, reason=reason)
    if is_over(record, now) and not missing_records(versions)[0]:
        return UploadOutcome(Outcome.NOT_SAVED, record, reason=reason)
    return UploadOutcome(Outcome.UNKNOWN, record, reason=reason, can_look_again=True)


def matches(record: UploadRecord, versions: Sequence[ModelVersion]) -> list[ModelVersion]:
    """Return the versions that the upload may have made; if the user's name decides between several, that one."""
    found = [version for version in versions if _may_be(record, version)]
    own = [version for version in found if _is_same_user(version.created_by, record.user)]
    return own if len(own) == 1 else found


def _may_be(record: UploadRecord, version: ModelVersion) -> bool:
    user, maker = record.user, version.created_by or ""
    is_others = "@" in user and "@" in maker and not _is_same_user(maker, user)
    framework = record.metadata.get("conversion", {}).get("framework")
    return (
        version.id > record.newest_before
        and _sha(version) == record.sha256
        and version.framework in (None, framework)
        and not is_others
    )


def _sha(version: ModelVersion) -> str:
    """Return the hash of a version's file; empty if it is not known, as old servers say by blanks."""
    return (version.sha or "").strip().lower()


def _is_same_user(one: str | None, other: str) -> bool:
    return bool(one) and (one or "").casefold() == other.casefold()


def is_over(record: UploadRecord, now: Instant) -> bool:
    """Return whether the upload can't be carried out any more, by a clock that nobody sets."""
    if record.given_up is not None:
        return now.elapsed_since(record.given_up) > TOO_LATE
    return now.elapsed_since(record.completed or record.began) > TOO_LATE + LONGEST_WAIT


def judge_answer(
    record: UploadRecord, answered: VersionId, versions: Sequence[ModelVersion]
) -> UploadOutcome | None:
    """Return the outcome of an upload that the server took, with the version that really holds the file.

    The answer names the model's highest version, which may be of another upload that ended just then. None if no
    version holds the file: then the answer does not show that it was stored.
    """
    saved = UploadOutcome(Outcome.SAVED, record, answered=answered)
    named = next((version for version in versions if version.id == answered), None)
    if named is not None and named.id > record.newest_before and _sha(named) in ("", record.sha256):
        return replace(saved, version=named)
    found = matches(record, versions)
    if len(found) == 1:
        return replace(saved, version=found[0])
    if not found:
        missing, why = missing_records(versions)
        return replace(saved, unread=WltuiError("Some versions could not be read", why)) if missing else None
    return replace(saved, candidates=tuple(sorted(version.id for version in found)))


def refusal(error: WltuiError, record: UploadRecord) -> WltuiError:
    """Return the refusal of an upload in words: the next step, and whether anything was stored."""
    failed = f"{record.file_name} was not uploaded"
    stored = "Nothing was stored."
    if isinstance(error, NotSignedIn):
        return NotSignedIn(
            failed, error.why, f"{stored} Sign in and upload it again", endpoint=error.endpoint
        )
    if isinstance(error, Forbidden | NotFound | NoSuchEndpoint):
        return type(error)(failed, error.why, f"{stored} {error.advice}".strip(), endpoint=error.endpoint)
    if not isinstance(error, ApiRefused):
        return error
    why, said = error.why, error.why.lower()
    match error.status:
        case 400:
            advice = f"{stored} Correct that and upload it again"
        case 413:
            why, advice = (
                "the gateway does not take a file of this size",
                "Ask your administrator to raise its limit",
            )
            advice = f"{stored} {advice}"
        case 415:
            advice = f"{stored} This is a defect of wltui, please report it"
        case 500 if "memory" in said:
            why = "the platform has not enough memory for an upload now"
            advice = f"{stored} Try again later, or ask your administrator"
        case 500 if "workspace_id_fkey" in said:
            why = f"workspace {record.workspace_id} does not exist any more, or is not yours"
            advice = f"{stored} Choose another workspace"
        case 500 if "s3" in said:
            why = "the platform could not put the file into its object store"
            advice = (
                "No version was made as far as can be seen. Ask your administrator about the object store"
            )
        case 507:
            why, advice = "the platform's storage is full", f"{stored} Ask your administrator to make room"
        case _:
            advice = error.advice or stored.rstrip(".")
    return ApiRefused(
        failed, why, advice, endpoint=error.endpoint, status=error.status, retry_after=error.retry_after
    )


def outcome_text(result: UploadOutcome) -> str:
    """Return the outcome of an upload as sentences for the user."""
    file, model = result.record.file_name, result.record.model_name
    match result.outcome:
        case Outcome.SAVED if result.version is not None:
            text = f"{file} was stored as version {result.version.id} of {model}."
            if result.answered not in (None, result.version.id):
                text += f" The answer named version {result.answered}, which holds another file."
            elif isinstance(result.reason, OutcomeUnknown):
                text += " The answer was lost; the version was found by the file's hash."
            return text
        case Outcome.SAVED:
            which = f"version {_one_of(result.candidates or (result.answered,))}"
            why = f" ({result.unread.why})" if result.unread else ""
            return f"{file} was stored in {model}, as {which}; that could not be checked{why}."
        case Outcome.UNKNOWN if result.candidates:
            return (
                f"It is not known which version of {model} this upload made, if any: "
                f"versions {_one_of(result.candidates)} hold the same file, and all are new."
            )
        case Outcome.UNKNOWN:
            why = f" ({result.reason.why})" if result.reason else ""
            seen = "No version with this file has come up so far."
            if result.unread:
                seen = f"The versions of {model} could not be read ({result.unread.why})."
            return (
                f"It is not known yet whether {file} was stored in {model}{why}. {seen} "
                "Look again before you upload it once more."
            )
        case Outcome.NOT_SAVED if result.reason is None:
            return f"{file} was not stored in {model}: no version with this file has come up."
        case _:
            return f"{result.reason}." if result.reason else f"{file} was not stored in {model}."


def _one_of(numbers: Sequence[VersionId | None]) -> str:
    return " or ".join(str(number) for number in numbers)
