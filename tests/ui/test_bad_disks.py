"""The screens on a disk that does not answer, or that holds what nobody can read."""

import os
import threading
from pathlib import Path

import pytest

from tests.support.screens import crumbs, words
from tests.support.session import OpenApp, Session
from tests.support.slow_disk import hung
from tests.support.waiting import LIMIT, within

PATIENCE = 3.0
"""Seconds within which users are promised that the program has ended, whatever the disk does."""


async def edit_and_go_back(session: Session) -> None:
    """Ask for the config editor, which the disk keeps from beginning, and leave it and the program by keys."""
    with within(PATIENCE):
        await session.pilot.press("e")
        await session.until(lambda: crumbs(session).endswith("Edit config of version 19"))
        await session.until(lambda: "Reading the newest config" in session.text)
        await session.pilot.press("escape")
        await session.until(lambda: not crumbs(session).endswith("Edit config of version 19"))
        await session.pilot.press("q")
        await session.until(lambda: session.app.return_code == 0)
        await session.app.service.close()


async def test_unsent_edits_that_can_not_be_read_in_time_hold_up_no_key(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "e", "enter")
        await session.type("d1")
        await session.press("ctrl+q")
    async with open_app(workspace=10) as session:
        await session.press("enter")
        (kept,) = (tmp_path / "state" / "drafts").glob("*/19-*.json")
        lock = kept.with_name(f"{kept.stem.split('-')[1]}.lock")
        lock.touch()  # as a killed process leaves it
        with hung(lock):
            await edit_and_go_back(session)


@pytest.mark.usefixtures("usual_bounds")
async def test_who_quits_while_the_last_letters_are_on_their_way_to_the_disk_is_asked(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, may_write = os.fsync, threading.Event()

    def write_late(descriptor: int) -> None:
        assert may_write.wait(LIMIT)
        write(descriptor)

    async with open_app(workspace=10) as session:
        await session.press("enter", "e", "enter")
        monkeypatch.setattr(os, "fsync", write_late)
        await session.type("d")
        await session.press("ctrl+q")
        assert "There are unsent edits, of version 19." in words(session)
        assert "[ Stay ] Quit and lose them" in words(session)
        may_write.set()
        await session.press("enter")
        await session.until(lambda: not session.app.service.drafts.unwritten)
        await session.press("ctrl+q")
        assert session.app.return_code == 0


async def test_a_history_that_can_not_be_read_in_time_holds_up_no_key(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "e", "enter")
        await session.type("d1")
        await session.press("ctrl+s", "right", "enter")
        (history,) = (tmp_path / "state" / "history").glob("*.jsonl")
        with history.open("ab") as other:
            other.write(b"what another program appends\n")
        with hung(history):
            await edit_and_go_back(session)


async def test_unreadable_edits_of_others_are_told_but_not_asked_about(
    open_app: OpenApp, tmp_path: Path
) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "e", "enter")
        await session.type("d1")
        await session.press("ctrl+q")
    (kept,) = (tmp_path / "state" / "drafts").glob("*/19-*.json")
    kept.rename(kept.with_name("16-0123456789abcdef-1.json")).write_text("damaged")
    async with open_app(workspace=10) as session:
        assert "16-0123456789abcdef-1.json" in str(session.app.service.trouble)
        await session.press("enter", "e", "enter")
        await session.type("d1")
        await session.press("ctrl+q")
        assert "Quit?" not in session.text
        assert session.app.return_code == 0
