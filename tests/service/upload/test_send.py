"""An upload: sent once whatever happens, and an outcome that is true."""

import asyncio
import json
import os
import random
from pathlib import Path

import pytest

from tests.support.clock import NOW
from tests.support.services import Clock, refusing, saying, session
from tests.support.uploads import LARGE, digest_of, plan_of, stored
from tests.support.waiting import LIMIT, until
from wltui.api.client import Client
from wltui.core.errors import (
    ApiFormatError,
    ConnectionFailed,
    HistoryUnwritable,
    NotSignedIn,
    ReadOnlyMode,
    UploadCancelled,
    WltuiError,
)
from wltui.core.records import ModelVersion, Outcome, VersionId
from wltui.core.threads import run_in_thread
from wltui.core.upload_plan import UploadPlan
from wltui.demo import Demo, Scripted
from wltui.demo.faults import UploadFault
from wltui.service.exchange import Exchange
from wltui.service.service import Service
from wltui.service.upload.outcome import UploadOutcome, judge_answer
from wltui.service.upload.send import Stage
from wltui.service.upload.uploads import Uploads
from wltui.store.upload_history import UploadHistory, UploadRecord

LIST = "models/list"
CONVERT = "models/upload_and_convert"


async def send(service: Service, plan: UploadPlan) -> UploadOutcome:
    return await service.uploads.send(plan, digest_of(plan))


async def upload(demo: Demo, plan: UploadPlan, folder: Path | None = None) -> UploadOutcome:
    async with session(demo.url, folder) as service:
        return await send(service, plan)


async def test_an_upload_is_stored_once_and_its_version_named(demo: Demo, tmp_path: Path) -> None:
    plan, stages, progress = plan_of(tmp_path), list[Stage](), list[int]()
    async with session(demo.url, tmp_path) as service:
        sent = await service.uploads.send(
            plan, digest_of(plan), on_progress=progress.append, on_stage=stages.append
        )
        (record,) = service.uploads.history.entries()
        assert await service.uploads.unsettled() == ()
    (version,) = stored(demo, plan)
    assert (sent.outcome, sent.version and sent.version.id) == (Outcome.SAVED, version.id)
    assert sent.text == f"{plan.file_name} was stored as version {version.id} of fresh."
    assert (stages, progress) == ([Stage.SENDING, Stage.TAKEN_IN], [5])
    assert (record.outcome, record.version_id, record.sha256) == (Outcome.SAVED, version.id, version.sha)
    assert record.metadata == plan.metadata()
    for sha in (None, " " * 64, version.sha.upper()):
        as_listed = ModelVersion(id=VersionId(version.id), sha=sha)
        answered = judge_answer(record, as_listed.id, [as_listed])
        assert answered
        assert answered.version is as_listed
    assert demo.uploads_begun == 1
    request = next(each for each in demo.requests if each.path == CONVERT)
    assert json.dumps(plan.metadata()).encode() in request.body
    token = request.headers["authorization"].removeprefix("Bearer ")
    assert token not in "".join(
        each.read_text() for each in (tmp_path / "history").iterdir() if each.suffix == ".jsonl"
    )


async def test_the_token_is_renewed_and_a_list_read_before_the_first_byte(demo: Demo, tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    async with session(demo.url, None) as service:
        async for _ in service.workspaces():
            pass
        demo.requests.clear()
        await send(service, plan)
    paths = [request.path.rpartition("/")[2] for request in demo.requests]
    assert paths == ["token", "list", "upload_and_convert", "list"]


REFUSALS: list[tuple[UploadFault, Outcome, str]] = [
    ("memory", Outcome.REFUSED, "has not enough memory for an upload now. Nothing was stored. Try again later"),
    ("storage", Outcome.REFUSED, "the platform's storage is full. Nothing was stored."),
    ("s3", Outcome.REFUSED, "its object store. No version was made as far as can be seen."),
    ("foreign-key", Outcome.REFUSED, "workspace 10 does not exist any more, or is not yours. Nothing was stored."),
    ("early-close", Outcome.REFUSED, "the platform's storage is full. Nothing was stored."),
    ("too-large", Outcome.REFUSED, "the gateway does not take a file of this size. Nothing was stored."),
    ("unauthorized", Outcome.REFUSED, "the token has expired. Nothing was stored. Sign in"),
    ("cut", Outcome.NOT_SAVED, "was lost before the answer was complete. Nothing was stored. Upload it again"),
    ("lost-before", Outcome.UNKNOWN, "No version with this file has come up so far. Look again before"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "outcome", "words"), REFUSALS, ids=[fault for fault, *_ in REFUSALS])
async def test_what_was_not_stored_is_said_in_words(
    demo: Demo, tmp_path: Path, fault: UploadFault, outcome: Outcome, words: str
) -> None:
    plan = plan_of(tmp_path)
    os.truncate(plan.file, LARGE if fault == "cut" else 3_000_000)
    demo.fail_uploads(fault)
    sent = await upload(demo, plan)
    assert (sent.outcome, stored(demo, plan), demo.uploads_begun) == (outcome, [], 1)
    assert words in sent.text


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refusing("Bad request: Not a valid ZIP file.", 400), "Not a valid ZIP file. Nothing was stored."),
        (refusing("Unsupported content type: ", 415), "a defect of wltui"),
        (refusing("It is deployed.", 409), "pkl was not uploaded: It is deployed. Nothing was stored."),
        (
            refusing("Not yours.", 403),
            "pkl was not uploaded: Not yours. Nothing was stored. Ask the workspace's owner",
        ),
        (
            refusing("no", 404),
            "pkl was not uploaded: the server has no models/upload_and_convert (no). Nothing",
        ),
        (refusing("Unauthorized", 401), "Unauthorized. Nothing was stored. Sign in"),
        (Scripted(413, b"<h1>too large</h1>"), "does not take a file of this size"),
    ],
)
async def test_other_refusals(demo: Demo, tmp_path: Path, answer: Scripted, words: str) -> None:
    demo.script(CONVERT, answer)
    sent = await upload(demo, plan_of(tmp_path))
    assert sent.outcome is Outcome.REFUSED
    assert words in sent.text
    assert not sent.text.endswith("..")
    assert demo.uploads_begun == 1


@pytest.mark.parametrize(
    "answer",
    [
        Scripted(502, b"<h1>Bad Gateway</h1>", processed=True),
        Scripted(504, b'{"msg":"upstream timed out","code":504}', processed=True),
        Scripted(200, b"{}", processed=True),
        Scripted(processed=True, drop=True),
        refusing("Internal Server Error: Error uploading model to s3", 500),
    ],
    ids=["502", "504", "unreadable", "lost", "s3"],
)
async def test_a_lost_answer_is_settled_by_the_hash(demo: Demo, tmp_path: Path, answer: Scripted) -> None:
    plan = plan_of(tmp_path)
    await upload(demo, plan)  # the same file as an earlier version, which must not be taken for this one
    demo.script(CONVERT, Scripted(answer.status, answer.body, processed=True, drop=answer.drop))
    sent = await upload(demo, plan)
    first, second = stored(demo, plan)
    assert (sent.outcome, sent.version and sent.version.id) == (Outcome.SAVED, second.id)
    assert first.id < second.id
    assert "The answer was lost; the version was found by the file's hash." in sent.text


async def test_an_answer_that_names_the_version_of_another_upload_is_corrected(
    demo: Demo, tmp_path: Path
) -> None:
    plan = plan_of(tmp_path)
    demo.fail_uploads("overtaken")
    sent = await upload(demo, plan)
    (version,) = stored(demo, plan)
    assert (sent.outcome, sent.version and sent.version.id) == (Outcome.SAVED, version.id)
    assert f"The answer named version {version.id + 1}, which holds another file." in sent.text


async def test_a_version_that_can_not_be_checked_is_said_to_be(demo: Demo, tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    demo.script(LIST, Scripted(processed=True), refusing("no", 403))
    sent = await upload(demo, plan)
    assert (sent.outcome, sent.version) == (Outcome.SAVED, None)
    assert f"as version {sent.answered}; that could not be checked (no)." in sent.text


async def test_an_answer_that_names_a_version_without_the_file_is_not_believed(
    demo: Demo, tmp_path: Path
) -> None:
    plan = plan_of(tmp_path)
    answer = {"insert_models": {"returning": [{"models": [{"id": 16}]}]}}
    demo.script(CONVERT, saying(answer))
    sent = await upload(demo, plan)
    assert (sent.outcome, sent.version, stored(demo, plan)) == (Outcome.UNKNOWN, None, [])
    assert "the answer named version 16, which does not hold it" in sent.text


async def test_what_was_stored_late_is_found_by_another_look(demo: Demo, tmp_path: Path) -> None:
    plan, clock = plan_of(tmp_path), Clock()
    demo.fail_uploads("lost-before")
    async with session(demo.url, tmp_path, clock=clock) as service:
        lost = await send(service, plan)
        assert (lost.outcome, lost.can_look_again) == (Outcome.UNKNOWN, True)
        clock.advance(minutes=29)
        assert (await service.uploads.look_again(lost)).outcome is Outcome.UNKNOWN
        await send(service, plan)  # as a gateway would that held it
        found = await service.uploads.look_again(lost)
        assert (found.outcome, found.version and found.version.id) == (
            Outcome.SAVED,
            stored(demo, plan)[0].id,
        )
        assert await service.uploads.unsettled() == ()


async def test_what_has_not_come_up_for_half_an_hour_was_not_stored(demo: Demo, tmp_path: Path) -> None:
    plan, clock = plan_of(tmp_path), Clock()
    demo.fail_uploads("lost-before")
    async with session(demo.url, tmp_path, clock=clock) as service:
        lost = await send(service, plan)
        clock.set_by(hours=1)
        assert (await service.uploads.look_again(lost)).outcome is Outcome.UNKNOWN, "a clock that was set"
        clock.advance(minutes=31)
        assert (await service.uploads.look_again(lost)).outcome is Outcome.NOT_SAVED
        assert await service.uploads.unsettled() == ()


async def test_two_new_versions_with_the_same_file_can_not_be_told_apart(demo: Demo, tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    demo.fail_uploads("lost-before")
    async with session(demo.url, None) as service:
        lost = await send(service, plan)
        await send(service, plan)
        await send(service, plan)
        found = await service.uploads.look_again(lost)
    numbers = [version.id for version in stored(demo, plan)]
    assert (found.outcome, found.candidates) == (Outcome.UNKNOWN, tuple(numbers))
    assert f"versions {numbers[0]} or {numbers[1]} hold the same file" in found.text


async def test_an_upload_of_unknown_outcome_is_not_brought_up_for_ever(demo: Demo, tmp_path: Path) -> None:
    clock = Clock()
    demo.fail_uploads("lost-before")
    async with session(demo.url, tmp_path, clock=clock) as service:
        lost = await send(service, plan_of(tmp_path))
        clock.advance(days=13)
        assert [record.id for record in await service.uploads.unsettled()] == [lost.record.id]
        clock.advance(days=2)
        assert await service.uploads.unsettled() == ()


async def test_of_two_the_one_that_the_user_made_is_theirs(demo: Demo, tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    demo.fail_uploads("lost-before")
    async with session(demo.url, None) as service:
        service.user = "demo@example.com"
        lost = await send(service, plan)
        await send(service, plan)
        await send(service, plan)
        mine, theirs = stored(demo, plan)
        mine.created_by, theirs.created_by = "Demo@example.com", "jo@example.com"
        found = await service.uploads.look_again(lost)
    assert (found.outcome, found.version and found.version.id) == (Outcome.SAVED, mine.id)


async def test_an_old_server_lists_versions_apart(tmp_path: Path) -> None:
    with Demo(seed=1, api="2023.4") as old:
        plan = plan_of(tmp_path)
        old.fail_uploads("lost-answer")
        sent = await upload(old, plan)
        assert (sent.outcome, sent.version and sent.version.id) == (Outcome.SAVED, stored(old, plan)[0].id)


# What is refused before a byte is sent.


async def test_nothing_is_sent_in_a_read_only_session(demo: Demo, tmp_path: Path) -> None:
    async with session(demo.url, tmp_path, read_only=True) as service:
        sent = await send(service, plan_of(tmp_path))
    assert (sent.outcome, demo.uploads_begun) == (Outcome.NOT_SAVED, 0)
    assert isinstance(sent.reason, ReadOnlyMode)


async def test_nothing_is_sent_offline(demo: Demo, tmp_path: Path) -> None:
    def connect() -> Client:
        raise AssertionError("it connects")

    uploads = Uploads(
        Exchange(connect, None, lambda: NOW, offline=True), UploadHistory(None, "", lambda: NOW), "demo"
    )
    plan = plan_of(tmp_path)
    with pytest.raises(ConnectionFailed, match="--offline"):
        await uploads.send(plan, digest_of(plan))


async def test_nothing_is_sent_without_a_list(demo: Demo, tmp_path: Path) -> None:
    demo.script(LIST, saying({"models": 3}))
    with pytest.raises(ApiFormatError):
        await upload(demo, plan_of(tmp_path))
    demo.sign_everybody_out()
    demo.script("/auth/realms/master/protocol/openid-connect/token", refusing("no", 401))
    with pytest.raises((NotSignedIn, WltuiError)):
        await upload(demo, plan_of(tmp_path))
    assert demo.uploads_begun == 0


async def test_nothing_is_sent_that_can_not_be_recorded_unless_asked_for(demo: Demo, tmp_path: Path) -> None:
    plan = plan_of(tmp_path)
    (tmp_path / "history").mkdir(mode=0o777)
    (tmp_path / "history").chmod(0o777)
    async with session(demo.url, tmp_path) as service:
        with pytest.raises(HistoryUnwritable, match="Nothing was stored"):
            await send(service, plan)
        assert demo.uploads_begun == 0
        sent = await service.uploads.send(plan, digest_of(plan), unrecorded=True)
        assert sent.outcome is Outcome.SAVED
        for unrecorded, ends in ((False, Outcome.NOT_SAVED), (True, Outcome.SAVED)):
            (tmp_path / "history").chmod(0o700)
            sent = await service.uploads.send(
                plan,
                digest_of(plan),
                on_stage=lambda _: (tmp_path / "history").chmod(0o777),
                unrecorded=unrecorded,
            )
            assert sent.outcome is ends, "the last byte can't be recorded"
        (tmp_path / "history").chmod(0o700)
        assert [entry.completed is None for entry in service.uploads.history.entries()] == [False, True]


# Cancelling, and ends of the program.


async def test_cancelled_before_its_end_nothing_is_stored(demo: Demo, tmp_path: Path) -> None:
    plan, cancelled = plan_of(tmp_path, b"x" * 3_000_000), asyncio.Event()
    async with session(demo.url, tmp_path) as service:
        sent = await service.uploads.send(
            plan, digest_of(plan), on_progress=lambda sent: cancelled.set(), cancelled=cancelled
        )
    assert (sent.outcome, stored(demo, plan)) == (Outcome.NOT_SAVED, [])
    assert isinstance(sent.reason, UploadCancelled)
    assert "Nothing was stored" in sent.text


async def test_cancelled_before_its_begin_it_ends_though_the_server_hangs(demo: Demo, tmp_path: Path) -> None:
    plan, cancelled = plan_of(tmp_path), asyncio.Event()
    demo.script(LIST, Scripted(processed=True, delay=3_600))
    async with session(demo.url, tmp_path) as service:
        sending = asyncio.create_task(service.uploads.send(plan, digest_of(plan), cancelled=cancelled))
        await run_in_thread(until, lambda: any(each.path == LIST for each in demo.requests))
        cancelled.set()
        with pytest.raises(UploadCancelled, match="Nothing was stored"):
            await sending
    assert demo.uploads_begun == 0


async def test_cancelled_after_its_end_it_is_looked_up(demo: Demo, tmp_path: Path) -> None:
    plan, cancelled = plan_of(tmp_path), asyncio.Event()
    demo.script(CONVERT, Scripted(processed=True, delay=LIMIT))
    async with session(demo.url, tmp_path) as service:
        sending = asyncio.create_task(service.uploads.send(plan, digest_of(plan), cancelled=cancelled))
        await run_in_thread(until, lambda: stored(demo, plan))
        cancelled.set()
        sent = await sending
    (version,) = stored(demo, plan)
    assert (sent.outcome, sent.version and sent.version.id) == (Outcome.SAVED, version.id)


async def _killed(uploads: Uploads, plan: UploadPlan, at: Stage | None) -> None:
    """Begin an upload, and end its task when it comes to a stage, or after its first chunk, as a kill would."""
    task: asyncio.Task[UploadOutcome]

    def end(stage: Stage | None = None) -> None:
        if stage is at:
            task.cancel()

    task = asyncio.create_task(
        uploads.send(plan, digest_of(plan), on_progress=lambda sent: end(), on_stage=end)
    )
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_what_a_kill_left_open_is_settled_by_the_next_start(demo: Demo, tmp_path: Path) -> None:
    halfway, whole = plan_of(tmp_path, b"x" * 3_000_000), plan_of(tmp_path, name="other")
    clock = Clock()
    async with session(demo.url, tmp_path, clock=clock) as service:
        await _killed(service.uploads, halfway, None)
        await _killed(service.uploads, whole, Stage.TAKEN_IN)
    await run_in_thread(until, lambda: not demo.connections)
    async with session(demo.url, tmp_path, clock=clock) as service:
        last, first = await service.uploads.unsettled()
        assert (last.file_name, first.file_name) == (whole.file_name, halfway.file_name)
        ended = await service.uploads.settle(first)
        assert ended
        assert (ended.outcome, stored(demo, halfway)) == (Outcome.NOT_SAVED, [])
        assert "the program ended before the last byte" in ended.text
        ended = await service.uploads.settle(last)
        assert ended
        assert ended.outcome is (Outcome.SAVED if stored(demo, whole) else Outcome.UNKNOWN)
        clock.advance(hours=1)
        ended = await service.uploads.settle(last)
        assert ended
        assert ended.outcome is (Outcome.SAVED if stored(demo, whole) else Outcome.NOT_SAVED)
        assert await service.uploads.unsettled() == ()


async def test_an_upload_that_still_runs_is_not_settled_and_others_of_its_model_wait(
    demo: Demo, tmp_path: Path
) -> None:
    plan, other = plan_of(tmp_path), plan_of(tmp_path, b"other")
    os.truncate(plan.file, LARGE)
    demo.fail_uploads("slow")  # it would take minutes
    sending, waits, cancelled = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def wait(_: float) -> None:
        waits.set()
        await asyncio.sleep(0)

    async with session(demo.url, tmp_path) as one, session(demo.url, tmp_path, wait=wait) as two:
        first = asyncio.create_task(
            one.uploads.send(plan, digest_of(plan), on_stage=lambda _: sending.set(), cancelled=cancelled)
        )
        await sending.wait()
        (record,) = await two.uploads.unsettled()
        assert await two.uploads.settle(record) is None
        second = asyncio.create_task(send(two, other))
        await waits.wait()
        assert stored(demo, other) == []
        cancelled.set()
        assert [(await each).outcome for each in (first, second)] == [Outcome.NOT_SAVED, Outcome.SAVED]
    assert len(stored(demo, other)) == 1


async def test_an_upload_that_went_on_meanwhile_is_settled_by_what_became_of_it(
    demo: Demo, tmp_path: Path
) -> None:
    saved, lost, refused = (
        plan_of(tmp_path, name.encode(), name=name) for name in ("saved", "lost", "refused")
    )
    demo.fail_uploads("none", "lost-before", "memory")
    async with session(demo.url, tmp_path) as one, session(demo.url, tmp_path) as two:
        seen = dict[str, UploadRecord]()

        async def begun(plan: UploadPlan) -> None:
            def begin(stage: Stage) -> None:
                if stage is Stage.SENDING:
                    for entry in two.uploads.history.entries():
                        seen.setdefault(entry.model_name, entry)

            await one.uploads.send(plan, digest_of(plan), on_stage=begin)

        for plan in (saved, lost, refused):
            await begun(plan)
        assert [record.completed for record in seen.values()] == [None] * 3
        ended = {name: await two.uploads.settle(record) for name, record in seen.items()}
        (version,) = stored(demo, saved)
        assert {name: outcome and outcome.outcome for name, outcome in ended.items()} == {
            "saved": Outcome.SAVED, "lost": Outcome.UNKNOWN, "refused": Outcome.REFUSED,
        }  # fmt: skip
        assert f"was stored as version {version.id} of saved." in str(ended["saved"] and ended["saved"].text)
        assert "has not enough memory" in str(ended["refused"] and ended["refused"].text)
        demo.script(LIST, refusing("no", 403))
        unread = await two.uploads.settle(seen["saved"])
        assert unread
        assert f"as version {version.id}; that could not be checked (no)." in unread.text
        assert [entry.outcome for entry in one.uploads.history.entries()] == [
            Outcome.REFUSED, Outcome.UNKNOWN, Outcome.SAVED,
        ]  # fmt: skip


# The truth, whatever happens.


FAULTS: tuple[UploadFault, ...] = (
    "none", "memory", "storage", "s3", "foreign-key", "early-close", "too-large", "unauthorized", "cut",
    "lost-before", "lost-answer", "overtaken",
)  # fmt: skip


async def test_after_a_hundred_random_faults_no_upload_was_stored_twice_and_every_outcome_is_true(
    demo: Demo, tmp_path: Path
) -> None:
    rng, clock = random.Random(18), Clock()
    outcomes = set[Outcome]()
    smallest = min(demo.world.workspaces.values(), key=lambda each: len(each.models)).id  # lists are long
    async with session(demo.url, tmp_path, clock=clock) as service:
        for number in range(100):
            size = rng.choice((0, 10, 10, 10, 600_000))
            plan = plan_of(tmp_path, rng.randbytes(size), name=f"model-{number % 7}", workspace_id=smallest)
            digest = digest_of(plan)
            demo.fail_uploads(rng.choice(FAULTS))
            last_words = rng.choice((None, None, Scripted(502), Scripted(200, b"{"), Scripted(drop=True)))
            if last_words and rng.random() < 0.3:
                demo.script(
                    CONVERT,
                    Scripted(last_words.status, last_words.body, processed=True, drop=last_words.drop),
                )
            cancelled = asyncio.Event()
            cancel_at = rng.choice((None, None, 1, size))

            def progress(
                sent: int,
                at: int | None = cancel_at,
                event: asyncio.Event = cancelled,
                plan: UploadPlan = plan,
            ) -> None:
                if at is not None and sent >= at:
                    event.set()

            if rng.random() < 0.1:
                plan.file.write_bytes(b"changed")
                assert digest.sha256 != digest_of(plan).sha256
            sent = await service.uploads.send(plan, digest, on_progress=progress, cancelled=cancelled)
            outcomes.add(sent.outcome)
            assert demo.uploads_begun <= number + 1  # that of a cancelled one may come in later
            if sent.outcome is Outcome.UNKNOWN:
                await run_in_thread(until, lambda: demo.connections <= 1)  # an hour is enough for it to end
                clock.advance(hours=1)
                sent = await service.uploads.look_again(sent)
            versions = [each for each in demo.world.versions.values() if each.sha == digest.sha256]
            if size:
                assert [each.id for each in versions] == ([sent.version.id] if sent.version else [])
                assert bool(versions) is (sent.outcome is Outcome.SAVED), sent.text
            demo.forget_scripts()
    assert outcomes == set(Outcome)
