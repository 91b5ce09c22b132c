"""Saves of a session: each goes out once, and its outcome to who listens, or else to the user."""

import asyncio
from collections.abc import AsyncIterator, Coroutine

import pytest

from tests.service.test_saving import begin
from tests.support.services import INSERT, count_requests, session
from wltui.config.edit import ConfigEdit
from wltui.core.errors import WltuiError
from wltui.core.records import ModelVersion, Outcome, VersionId
from wltui.demo import Demo, Scripted
from wltui.service.save_outcome import Saved
from wltui.service.service import Service
from wltui.ui.app.messages import Severity
from wltui.ui.app.saves import Saves


class SavesOfDemo:
    """Saves of a session on the demo, with what they show and whom they call."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.works: list[asyncio.Task[None]] = []
        self.announced: list[tuple[VersionId, Severity]] = []
        self.ended: list[Outcome | str] = []
        self.changes = 0
        self.is_open = True
        self.saves = Saves(lambda: self.service, run=self.run, announce=self.announce, on_change=self.change)

    def run(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        async def do() -> None:
            await work

        self.works.append(asyncio.create_task(do()))
        return self.works[-1]

    def announce(self, version_id: VersionId, text: str, severity: Severity) -> None:
        self.announced.append((version_id, severity))

    def change(self) -> None:
        self.changes += 1

    def on_save_ended(self, edit: ConfigEdit, saved: Saved) -> None:
        self.ended.append(saved.outcome)

    def on_save_failed(self, edit: ConfigEdit, error: WltuiError) -> None:
        self.ended.append(type(error).__name__)

    def on_save_waits(self) -> None:
        self.ended.append("waits" if self.saves.waiting else "goes on")

    async def save(self) -> VersionId:
        """Save a change to its end; return its version."""
        edit = (await begin(self.service)).with_value("tensor_fields", ("a",))
        version = ModelVersion(id=edit.version_id)
        self.saves.save(version, edit)
        assert self.saves.under_way == {version.id}
        assert self.saves.busy_reason()
        await asyncio.gather(*self.works)
        assert not self.saves.under_way
        return version.id


@pytest.fixture
async def under_test(demo: Demo) -> AsyncIterator[SavesOfDemo]:
    async with session(demo.url, None) as service:
        yield SavesOfDemo(service)


async def test_an_outcome_that_nobody_listens_for_is_shown(under_test: SavesOfDemo, demo: Demo) -> None:
    version_id = await under_test.save()
    assert under_test.announced == [(version_id, "information")]
    assert under_test.ended == []
    assert under_test.changes == 1
    assert count_requests(demo, INSERT) == 1


async def test_an_outcome_goes_to_the_listener_of_its_version(under_test: SavesOfDemo) -> None:
    version_id = (await begin(under_test.service)).version_id
    under_test.saves.listen(VersionId(version_id + 1), under_test)
    await under_test.save()
    assert under_test.ended == []
    under_test.saves.listen(version_id, under_test)
    await under_test.save()
    assert under_test.ended == [Outcome.SAVED]


@pytest.mark.parametrize("is_gone", [True, False])
async def test_a_failure_that_nobody_sees_is_shown(
    under_test: SavesOfDemo, demo: Demo, is_gone: bool
) -> None:
    demo.script(INSERT, Scripted(400, b'{"msg": "no", "code": 400}'))
    under_test.is_open = not is_gone
    under_test.saves.listen((await begin(under_test.service)).version_id, under_test)
    version_id = await under_test.save()
    assert under_test.announced == ([(version_id, "error")] if is_gone else [])
    assert under_test.ended == ([] if is_gone else ["ApiRefused"])
    assert count_requests(demo, INSERT) == 1


async def test_a_listener_that_leaves_does_not_take_its_successor_along(
    under_test: SavesOfDemo, demo: Demo
) -> None:
    version_id = (await begin(under_test.service)).version_id
    former = SavesOfDemo(under_test.service)
    under_test.saves.listen(version_id, former)
    under_test.saves.listen(version_id, under_test)
    under_test.saves.stop_listening(version_id, former)
    await under_test.save()
    assert (former.ended, under_test.ended) == ([], [Outcome.SAVED])
    under_test.saves.stop_listening(version_id, under_test)
    await under_test.save()
    assert under_test.ended == [Outcome.SAVED]
