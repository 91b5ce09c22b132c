"""Words for uploads: what the checks find, how far a file has come, and what became of it."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from wltui.core.records import Outcome
from wltui.service.upload.findings import Finding, Severity
from wltui.service.upload.outcome import UploadOutcome
from wltui.service.upload.queue import State, UploadJob
from wltui.store.upload_history import UploadRecord

from .format import age, clock_time, day_time, size
from .glyphs import Glyphs
from .spans import Role, Spans

BAR, LEAST_BAR = 30, 10
"""Cells of a progress bar, and the least where there is little room."""
_WORDS = {
    State.WAITING: "waiting",
    State.HASHING: "reading",
    State.SENDING: "sending",
    State.TAKEN_IN: "taken in",
}


def finding_spans(finding: Finding, glyphs: Glyphs) -> Spans:
    """Render a finding: how sure it is, its cause and its remedy."""
    text = glyphs.text(f"{finding.cause} {finding.remedy}".strip())
    match finding.severity:
        case Severity.CERTAIN:
            return (f"{glyphs.error} Refused for sure: ", Role.ERROR), (text, Role.ERROR)
        case Severity.LIKELY:
            return ("! Will probably fail: ", Role.WARNING), (text, Role.WARNING)
        case Severity.REPEAT:
            return ("! May be stored twice: ", Role.WARNING), (text, Role.WARNING)
    return (f"{glyphs.separator} {text}", Role.MUTED),  # fmt: skip


def finding_text(finding: Finding) -> str:
    """Return a finding as a line for a terminal without a screen."""
    words = {Severity.CERTAIN: "error", Severity.NOTE: "note"}
    return f"{words.get(finding.severity, 'warning')}: {finding.cause} {finding.remedy}".strip()


def repeat_finding(record: UploadRecord, key: str) -> Finding:
    """Return the finding about an upload of the same file to the same model whose outcome is not known.

    ``key`` is the name of the key that shows the uploads.
    """
    began = day_time(record.began.time.isoformat())
    cause = f"The outcome of your upload of this very file of {began} is not known yet."
    return Finding(Severity.REPEAT, cause, f"Leave the form and press {key} to look it up first.")


def percent(done: int, total: int) -> int:
    """Return how much is done, in whole per cent; an empty file is done."""
    return min(100, 100 * done // total) if total else 100


def bar_spans(done: int, total: int, cells: int, glyphs: Glyphs) -> Spans:
    """Render a bar that shows how much of a file is done."""
    filled = cells * percent(done, total) // 100
    return (glyphs.bar * filled, Role.ACCENT), (glyphs.track * (cells - filled), Role.MUTED)


def running_lines(job: UploadJob, cells: int, glyphs: Glyphs, *, sent_at: datetime | None) -> Iterator[Spans]:
    """Yield the lines on a job that has not ended; ``sent_at``: when its last byte was sent, if it was."""
    since = f" Its last byte left at {clock_time(sent_at)}; this may take minutes." if sent_at else ""
    yield ((glyphs.text(f"{job.plan.file_name} {job.state.value}.{since}"), Role.PLAIN),)
    if job.state in (State.HASHING, State.SENDING):
        text = f"  {progress_text(job)}"
        bar = max(LEAST_BAR, min(BAR, cells - len(text)))
        yield (*bar_spans(job.done, job.size, bar, glyphs), (text, Role.PLAIN))


def progress_text(job: UploadJob) -> str:
    """Return how far a job has come: bytes of all, rate, and the time that is left, as far as known."""
    parts = [f"{percent(job.done, job.size)} %", f"{size(job.done)} of {size(job.size)}"]
    if job.rate is not None:
        parts.append(f"{size(int(job.rate))}/s")
    if job.seconds_left is not None and job.done < job.size:
        parts.append(f"{age(timedelta(seconds=job.seconds_left))} left")
    return "   ".join(parts)


def short_state(job: UploadJob) -> str:
    """Return the state of a job in a word or two, for a column."""
    if not job.has_ended:
        word = _WORDS[job.state]
        return (
            f"{word} {percent(job.done, job.size)} %" if job.state in (State.SENDING, State.HASHING) else word
        )
    if job.outcome is None:
        return "not sent"
    return outcome_word(job.outcome)


def outcome_word(outcome: UploadOutcome) -> str:
    """Return an outcome in a word or two."""
    version = f"version {outcome.version.id}" if outcome.version else "stored"
    words = {
        Outcome.SAVED: version,
        Outcome.REFUSED: "refused",
        Outcome.NOT_SAVED: "not stored",
        Outcome.UNKNOWN: "not known",
    }
    return words.get(outcome.outcome, "not known")


def end_text(job: UploadJob) -> str:
    """Return what became of a job, as sentences; empty before its end."""
    if job.outcome is not None:
        return job.outcome.text
    return f"{str(job.error).rstrip('.')}." if job.error else ""


def is_success(job: UploadJob) -> bool:
    """Return whether a job's file was stored."""
    return job.outcome is not None and job.outcome.outcome is Outcome.SAVED


def is_unknown(job: UploadJob) -> bool:
    """Return whether it is not known what became of a job."""
    return job.outcome is not None and job.outcome.outcome is Outcome.UNKNOWN


def status_spans(jobs: Sequence[UploadJob], unsettled: int, glyphs: Glyphs) -> Spans:
    """Render the uploads that run, and those that former programs left open, for the status line of every screen."""
    running = [job for job in jobs if not job.has_ended]
    parts: list[str] = []
    if running:
        total, done = sum(job.size for job in running), sum(_sent(job) for job in running)
        more = f" of {len(running)} uploads" if len(running) > 1 else ""
        parts.append(f"{glyphs.upload} {percent(done, total) if total else 0} %{more}")
    if unsettled:
        many = "uploads" if unsettled > 1 else "upload"
        parts.append(f"{glyphs.upload} {unsettled} unsettled {many}: U")
    return ((f"  {'  '.join(parts)}", Role.WARNING if unsettled else Role.ACCENT),) if parts else ()


def _sent(job: UploadJob) -> int:
    return job.done if job.state is State.SENDING else job.size if job.state is State.TAKEN_IN else 0
