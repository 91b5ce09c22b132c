"""The queue of uploads: at once or one after the other, how far and how fast, and what cancelling means."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from itertools import count
from pathlib import Path

import pytest

from tests.support.services import Clock, session
from tests.support.uploads import digest_of, plan_of, stored
from tests.support.waiting import limit
from wltui.core.errors import FileChanged, UploadCancelled, WltuiError
from wltui.core.records import Outcome
from wltui.core.upload_plan import UploadPlan
from wltui.demo import Demo
from wltui.service.upload.digest import FileDigest
from wltui.service.upload.outcome import UploadOutcome
from wltui.service.upload.queue import Rate, State, UploadJob, UploadQueue


class Tasks(list["asyncio.Task[None]"]):
    """Runs what it is given, as the app does."""

    def __call__(self, work: Coroutine[object, object, None]) -> None:
        self.append(asyncio.create_task(work))

    async def end(self) -> None:
        async with limit(lambda: "the end of all uploads"):
            await asyncio.gather(*self)


@pytest.fixture
async def tasks() -> AsyncIterator[Tasks]:
    tasks = Tasks()
    yield tasks
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


class Sender:
    """Stands for the sending: the test lets each upload go on."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.go_on: dict[str, asyncio.Event] = {}

    async def send(self, plan: UploadPlan, digest: FileDigest, **events: object) -> UploadOutcome:
        self.begun.append(plan.file_name)
        await self.go_on.setdefault(plan.file_name, asyncio.Event()).wait()
        raise FileChanged(f"{plan.file_name} changed")


async def test_uploads_go_side_by_side_and_of_one_model_one_after_the_other(
    demo: Demo, tmp_path: Path, tasks: Tasks
) -> None:
    states: dict[UploadJob, list[State]] = {}

    def note(job: UploadJob) -> None:
        seen = states.setdefault(job, [])
        if job.state not in seen[-1:]:
            seen.append(job.state)

    plans = [plan_of(tmp_path, bytes([number]), name="a" if number < 3 else "b") for number in range(4)]
    async with session(demo.url, tmp_path) as service:
        queue = service.uploads.queue(tasks, note)
        jobs = [queue.add(plan) for plan in plans]
        assert queue.busy_reason() == "4 uploads are under way"
        await tasks.end()
        assert (queue.running, queue.busy_reason()) == ([], "")
        queue.remove(jobs[0])
        assert queue.jobs == jobs[1:]
    versions = [version.id for plan in plans for version in stored(demo, plan)]
    made = [job.outcome.version.id for job in jobs if job.outcome and job.outcome.version]
    assert made == versions
    assert versions[:3] == sorted(versions[:3]), "in the order in which they were added"
    whole = [State.HASHING, State.WAITING, State.SENDING, State.TAKEN_IN, State.ENDED]
    assert all(states[job] == whole for job in jobs)


async def test_what_waits_for_its_turn_is_not_begun(tmp_path: Path, tasks: Tasks) -> None:
    sender, changes = Sender(), list[State]()
    queue = UploadQueue(sender.send, tasks, lambda job: changes.append(job.state), lambda: 0.0)
    plans = [plan_of(tmp_path, bytes([number])) for number in range(3)]
    first, second, third = (queue.add(plan, digest_of(plan)) for plan in plans)
    await _settled()
    assert sender.begun == [first.plan.file_name]
    assert second.state is State.WAITING
    assert "Nothing has been sent" in second.cancelling
    queue.cancel(second)
    await _settled()
    assert second.has_ended
    assert isinstance(second.error, UploadCancelled)
    sender.go_on[first.plan.file_name].set()
    await _settled()
    assert sender.begun == [first.plan.file_name, third.plan.file_name], (
        "the turn of a cancelled one is passed on"
    )
    sender.go_on[third.plan.file_name].set()
    await tasks.end()
    assert isinstance(first.error, WltuiError)


async def _settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_cancelled_while_it_is_sent_nothing_is_stored(demo: Demo, tmp_path: Path, tasks: Tasks) -> None:
    plan = plan_of(tmp_path, b"x" * 3_000_000)
    meanings = list[str]()
    async with session(demo.url, tmp_path) as service:

        def cancel(job: UploadJob) -> None:
            if job.state is State.SENDING and job.done:
                meanings.append(job.cancelling)
                queue.cancel(job)

        seconds = count()
        queue = service.uploads.queue(tasks, cancel, ticks=lambda: float(next(seconds)))
        job = queue.add(plan)
        await tasks.end()
    assert job.outcome
    assert (job.outcome.outcome, stored(demo, plan)) == (Outcome.NOT_SAVED, [])
    job.enter(State.TAKEN_IN)
    assert job.quitting.endswith("The next start looks up whether it was stored.")
    assert set(meanings) == {"Cancelling breaks the upload off before its end. Nothing is stored."}


async def test_a_file_that_can_not_be_read_ends_its_job_with_the_reason(
    demo: Demo, tmp_path: Path, tasks: Tasks
) -> None:
    plan = plan_of(tmp_path)
    plan.file.unlink()
    async with session(demo.url, tmp_path) as service:
        job = service.uploads.queue(tasks).add(plan)
        await tasks.end()
    assert job.has_ended
    assert job.error
    assert (job.outcome, demo.uploads_begun) == (None, 0)


def test_the_rate_is_smoothed_and_known_from_the_first_quarter_of_a_second() -> None:
    clock = Clock()
    rate = Rate(clock.ticks)
    clock.advance(0.1)
    rate.add(100)
    assert rate.bytes_per_second is None
    clock.advance(0.9)
    rate.add(1_000)
    assert rate.bytes_per_second == pytest.approx(1_000)
    clock.advance(1)
    rate.add(1_000)  # a second of silence
    assert 400 < (rate.bytes_per_second or 0) < 600
    for second in range(60):
        clock.advance(1)
        rate.add(1_000 + 3_000 * (second + 1))
    assert rate.bytes_per_second == pytest.approx(3_000, rel=0.01)


async def test_the_time_left_follows_from_the_rate(tmp_path: Path) -> None:
    clock, plan = Clock(), plan_of(tmp_path, b"x" * 1_000)
    job = UploadJob(plan, digest_of(plan), clock.ticks, unrecorded=False)
    assert (job.rate, job.seconds_left) == (None, None)
    clock.advance(1)
    job.progress(250)
    assert job.seconds_left == pytest.approx(3)
