"""The question before quitting, if something is under way or would be lost."""

from collections.abc import Set

from wltui.core.records import VersionId
from wltui.ui.screens.confirm import QuitScreen
from wltui.ui.text.glyphs import Glyphs
from wltui.ui.text.spans import Role, shortened

from .saves import Saves
from .uploads import Uploads


def quit_question(
    saves: Saves, uploads: Uploads, glyphs: Glyphs, given_up: Set[VersionId], *, trouble: str, has_ended: bool
) -> QuitScreen | None:
    """Return the next question to answer before the program quits, or None if nothing has to be asked.

    Args:
        saves: The saves under way, and the unsent edits.
        uploads: The uploads of this session.
        glyphs: The signs that the terminal can show.
        given_up: The versions whose saves are not waited for.
        trouble: Why unsent edits would be lost; empty if they stay.
        has_ended: Whether the question before held no longer: its answer may be on the way, so another is asked.
    """
    if saves.begun - given_up:
        lines = [(("A save is under way; its outcome is not known yet.", Role.PLAIN),)]
        question = QuitScreen("Quit?", lines, keep="Wait for it", go="Quit without knowing")
        question.holds = lambda: bool(saves.begun - given_up)
    elif saves.waiting:
        lines = [(("A save waits for another wltui on this machine; nothing is sent yet.", Role.PLAIN),)]
        question = QuitScreen("Quit?", lines, keep="Wait for it", go="Quit and don't send")
        question.holds = lambda: bool(saves.waiting) and not saves.begun - given_up
    elif jobs := uploads.running:
        lines = [((glyphs.text(f"{job.plan.file_name} {job.state.value}."), Role.PLAIN),) for job in jobs]
        lines += [((text, Role.WARNING),) for text in dict.fromkeys(job.quitting for job in jobs)]
        question = QuitScreen("Quit?", lines, keep="Stay", go="Quit and break off")
        states = [(job, job.state) for job in jobs]  # a quit means something else in each
        question.holds = lambda: [(job, job.state) for job in uploads.running] == states
    elif (unsent := saves.drafted - given_up) and trouble:
        versions = ", ".join(map(str, sorted(unsent)))
        lines = [
            ((f"There are unsent edits, of version {versions}.", Role.PLAIN),),
            ((glyphs.text(shortened(trouble)), Role.WARNING),),
        ]
        question = QuitScreen("Quit?", lines, keep="Stay", go="Quit and lose them")
    elif has_ended:
        question = QuitScreen(
            "Quit?", [(("Nothing is left to wait for.", Role.PLAIN),)], keep="Stay", go="Quit"
        )
    else:
        return None
    return question
