"""A save whose answer was lost: never blamed on somebody else, never offered as unsent, and never lost."""

from tests.support.editing import CONFIG, INSERT, newest, open_editor, said, send, sent, shown, to
from tests.support.screens import asked, crumbs, refused, words
from tests.support.services import Clock, configure
from tests.support.session import OpenApp, Session
from wltui.core.records import VersionId
from wltui.demo import Demo, Scripted

LOST = Scripted(drop=True)
LOST_AND_DONE = Scripted(processed=True, drop=True)


def carry_out(demo: Demo) -> int:
    """The last request that came is carried out at last."""
    request = dict(asked(demo, INSERT)[-1])
    request["openai"] = request.pop("openai_config")
    return configure(demo, request.pop("model_version_id"), **request)


async def make_single(session: Session) -> None:
    """Change the batch config, which no call reads back."""
    await open_editor(session)
    await to(session, "batch_config")
    await session.press("right")


def own_row_is_offered(session: Session, demo: Demo) -> None:
    number = newest(demo).id
    told = words(session)
    assert crumbs(session).endswith("Edit config of version 19"), "no conflict with somebody else"
    assert f"may be config {number}: all that can be read of it is as you sent it." in told
    assert "Not readable, so not proven: Batch config." in told
    assert "ctrl+s sends it again" in told
    assert "◉ single" in shown(session, "Batch config")[0]


async def test_an_own_save_is_not_blamed_on_somebody_else(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, size=(140, 40)) as session:
        await make_single(session)
        demo.script(INSERT, LOST_AND_DONE)
        await send(session)
        own_row_is_offered(session, demo)
        await session.press("escape", "e")
        own_row_is_offered(session, demo)
    async with open_app(workspace=10, size=(140, 40)) as session:
        await open_editor(session)
        own_row_is_offered(session, demo)
        await session.press("ctrl+s")
        assert f"Config {newest(demo).id} may be your save of 2026-03-02 14:30, or somebody else's." in words(
            session
        )
        await session.press("right", "enter")
        assert f"saved as config {newest(demo).id}. No deployed pipeline uses this version." in said(session)
        first, again = asked(demo, INSERT)
        assert first == again, "every field is sent as it was"
        await session.press("e")
        assert "No changes" in session.text
        assert "may be" not in words(session)


async def test_an_edit_that_went_on_stands_on_the_own_save_that_came_late(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10, size=(140, 40)) as session:
        await make_single(session)
        demo.script(INSERT, LOST)
        await send(session)
        await session.press("escape", "e", "enter")
        assert "may still be saved: its answer was lost, since the connection to 127.0.0.1" in words(session)
        await to(session, "filter_threshold")
        await session.press(*"0.5")
        await session.press("ctrl+s")
        assert "may still be carried out, and would then replace this one." in words(session)
        number = carry_out(demo)
        await session.press("right", "enter")
        assert f"Your save of before made config {number} meanwhile; nothing was sent." in words(session)
        assert len(asked(demo, INSERT)) == 1
        await send(session)
        assert asked(demo, INSERT)[-1] | {"filter_threshold": None} == asked(demo, INSERT)[0]
        assert newest(demo).filter_threshold == 0.5


async def test_a_save_that_is_carried_out_late_is_found_by_itself(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, size=(140, 40)) as session:
        await open_editor(session, *"a")
        demo.script(INSERT, LOST)
        await send(session)
        assert "Your save may still be saved" in words(session)
        assert await session.time_passes() == 5
        assert "Your save may still be saved" in words(session)
        number = carry_out(demo)
        assert await session.time_passes() == 10
        assert f"saved as config {number}: it holds all that you changed." in said(session)
        assert crumbs(session).endswith("⟨15⟩")
        assert len(asked(demo, INSERT)) == 1


async def test_somebody_elses_config_over_a_save_of_which_nothing_is_known(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10, size=(140, 40)) as session:
        await open_editor(session, *"a")
        demo.script(INSERT, LOST)
        await send(session)
        await session.press("escape")
        number = configure(demo, 19, tensor_fields=["theirs"])
        await session.press("e")
        assert crumbs(session).endswith("Conflict")
        told = words(session)
        assert f"Somebody else saved config {number}" in told
        assert "Your save of 2026-03-02 14:30 may be replaced, or may still be saved" in told
        assert "Nothing was sent" not in told


async def test_a_save_that_was_answered_is_no_unsent_edit_at_the_next_visit(
    open_app: OpenApp, demo: Demo
) -> None:
    """The program was killed after the answer, before the edit was forgotten."""
    async with open_app(workspace=10, size=(140, 40)) as session:
        await make_single(session)
        kept = session.app.service.drafts.take(VersionId(19))
        assert kept
        await send(session)
        session.app.service.drafts.keep(kept.version, kept.draft)
    async with open_app(workspace=10, size=(140, 40)) as session:
        await session.press("enter", "e")
        assert f"Your save of 2026-03-02 14:30 was saved as config {newest(demo).id}" in said(session)
        await session.press("down")
        assert "No changes" in session.text
        assert "◉ single" in shown(session, "Batch config")[0]
        assert session.app.service.drafts.take(VersionId(19)) is None
        assert len(asked(demo, INSERT)) == 1


async def test_a_clock_that_is_set_makes_nothing_final(open_app: OpenApp, demo: Demo) -> None:
    clock = Clock()
    async with open_app(workspace=10, size=(140, 40), clock=clock, ticks=clock.ticks) as session:
        await open_editor(session, *"a")
        demo.script(INSERT, LOST)
        await send(session)
        clock.set_by(hours=30)
        await session.press("f5")
        assert "Your save may still be saved" in words(session)
        clock.advance(minutes=31)
        await session.press("f5")
        assert "Your save was not saved: the newest config is still 29." in words(session)
        assert sent(demo)["tensor_fields"] == ["a"]


async def test_where_the_outcome_can_not_be_read_either_it_is_looked_up_at_the_next_visit(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10, size=(140, 40)) as session:
        await make_single(session)
        demo.script(INSERT, Scripted(502, b"<h1>Bad Gateway</h1>", processed=True))
        demo.script(CONFIG, Scripted(processed=True), refused(500, "no"))
        await send(session)
        assert "and the config can't be read." in words(session)
        await session.press("escape")
        demo.script(CONFIG, refused(500, "no"))
        await session.press("e")
        assert "Your edit, which was sent and may be saved, is open all the same" in words(session)
        await session.press("f5")
        own_row_is_offered(session, demo)
        assert len(asked(demo, INSERT)) == 1
