"""The outcome of a save in one sentence."""

from typing import Literal

from wltui.config.detail import NO_CONFIG
from wltui.config.fields import FIELD
from wltui.core.records import UNSET, ModelConfig, Outcome
from wltui.service.save_outcome import Found, Saved, in_words
from wltui.service.saving import Settled
from wltui.ui.text.format import day_time, shortened

Severity = Literal["information", "warning"]
NAMED = 2
"""The most pipelines that the sentence names."""
NOT_REPEATED = "Nothing is sent again by itself."
SAVING = "Saving: sent once, then read back"


def waiting_words(key: str) -> str:
    """Return sentences on a save that has not begun, since another one on this host is under way."""
    return (
        "Waiting for another wltui on this machine, which is saving a config of this version. Nothing is sent yet; "
        f"{key} gives up."
    )


def outcome_words(saved: Saved) -> tuple[str, Severity]:
    """Return a sentence on a save's outcome, to follow the version's name, and its severity."""
    number = saved.config.id if saved.config else "?"
    match saved.outcome:
        case Outcome.UNKNOWN:
            return doubt_words(saved), "warning"
        case Outcome.NOT_SAVED | Outcome.REFUSED:
            return f"was not saved: the newest config is still {_config_number(saved.config)}.", "warning"
    if saved.differences:
        kept = in_words(saved.differences)
        return f"saved as config {number}, but the server kept something else. {kept}", "warning"
    if saved.newer is not None:
        return f"saved as config {number}, then replaced: somebody saved config {saved.newer}.", "warning"
    if saved.replaced is not None:
        return (
            f"saved as config {number}. It replaced config {saved.replaced}, which was saved in the same moment; the "
            "history has both."
        ), "warning"
    if saved.unread:
        unread = ", ".join(saved.unread)
        return f"saved as config {number}, which can't be read as a whole. Not proven: {unread}.", "warning"
    if saved.found is not None:
        rest = any(getattr(saved.config, key) is UNSET for key in FIELD)
        but = "The rest of it can't be read, so check it." if rest else "Its answer was lost."
        return (
            f"saved as config {number}: it holds all that you changed. {but}",
            "warning" if rest else "information",
        )
    if saved.reason is not None:
        return f"saved as config {number}, but reading it back failed: {saved.reason.why}.", "warning"
    return f"saved as config {number}. {_deployed_words(saved)}", "information"


def _deployed_words(saved: Saved) -> str:
    """Return a sentence on the pipelines that still run an older config."""
    if saved.running is None:
        return "Running deployments keep theirs until they are deployed again."
    if not saved.running:
        return "No deployed pipeline uses this version."
    names = [shortened(use.pipeline_name) for use in saved.running]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"To use it, deploy {', '.join(names[:NAMED])}{more} again."


def doubt_words(saved: Saved) -> str:
    """Return the known facts of a save with an unknown outcome, to follow the version's name."""
    number = _config_number(saved.config)
    lost = (
        f"its answer was lost, since {saved.reason.why}"
        if saved.reason and saved.reason.why
        else "no answer is known"
    )
    match saved.found:
        case Found.FITS:
            unread = f" Not readable, so not proven: {', '.join(saved.unread)}." if saved.unread else ""
            return f"may be config {number}: all that can be read of it is as you sent it.{unread}"
        case Found.OTHER:
            return f"may be replaced, or may still be saved: the newest is config {number}, which holds something else."
        case Found.BASE if saved.sent and saved.sent.answered:
            return (
                f"may still be saved: it was answered as config {saved.sent.answered.id}, but not found when read "
                f"back. The newest config is still {number}."
            )
        case Found.BASE:
            return f"may still be saved: {lost}. The newest config is still {number}."
    return f"may be saved: {lost}, and the config can't be read."


def warning_words(settled: Settled) -> str:
    """Return a warning before a save while the outcome of an earlier one is unknown."""
    when = day_time(settled.entry.at.isoformat())
    if settled.saved.found is Found.FITS and settled.saved.config is not None:
        return (
            f"Config {settled.saved.config.id} may be your save of {when}, or somebody else's. This save replaces "
            "it, and what can't be read of it."
        )
    return f"Your save of {when} may still be carried out, and would then replace this one."


def _config_number(config: ModelConfig | None) -> str:
    return "none" if config is None or config.id == NO_CONFIG else str(config.id)
