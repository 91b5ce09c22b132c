"""Edits without a screen: merged with what others saved, nothing cleared unseen, earlier saves taken into account."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support.clock import NOW, Clock
from tests.support.configs import NULLS, ONE
from tests.support.services import CONFIG, INSERT, VERSION, configure, saying, sent, session
from wltui.config.detail import VersionDetail
from wltui.config.document import FILE_HEAD
from wltui.config.fields import FIELD
from wltui.config.text_forms import ConfigText, Form, format_config, read_config_text
from wltui.core.errors import ConfigClash, ConfigMoved, SaveDeclined, UsageError
from wltui.core.records import UNSET, ConfigId, ModelVersion, Outcome, VersionId
from wltui.demo import Demo, Scripted
from wltui.demo.releases import shortest_float32
from wltui.demo.schemas import PYTORCH_INPUT, PYTORCH_OUTPUT
from wltui.demo.world import Config
from wltui.service.edit_sources import (
    WrongConfig,
    copy_source,
    file_source,
    predecessor_source,
    revert_source,
    set_source,
    unset_source,
)
from wltui.service.headless_edit import EditPlan, EditSource
from wltui.service.save_outcome import Saved
from wltui.service.service import Service

ROW = ModelVersion(id=VersionId(16))
"""Its only config is 26, with schemas."""


def newest(demo: Demo, version_id: int = 16) -> Config:
    return demo.world.versions[VersionId(version_id)].configs[-1]


def wanting(**values: object) -> EditSource:
    """Sets fields of the newest config to these values."""
    return set_source([(key, str(value)) for key, value in values.items()])


async def text(service: Service, form: Form = "toml") -> str:
    """What `get config` prints."""
    return format_config(await service.config_to_edit(ROW), form)


def file(content: str) -> EditSource:
    read = read_config_text(content)
    assert isinstance(read, ConfigText), read
    return file_source(read, "a.toml")


def changed(plan: EditPlan) -> dict[str, object]:
    return {change.key: change.after for change in plan.changes}


async def save(service: Service, plan: EditPlan) -> Saved:
    plan.check()
    return await service.save_config(plan.version, plan.edit)


def whole(**values: Any) -> dict[str, Any]:
    """The fields of a config on the server, with the schemas of config 26 and nulls."""
    fields = {**NULLS, "input_schema": PYTORCH_INPUT.base64, "output_schema": PYTORCH_OUTPUT.base64, **values}
    return {"openai" if key == "openai_config" else key: value for key, value in fields.items()}


# A file


@pytest.mark.parametrize("form", ["toml", "json"])
@pytest.mark.parametrize("graphql", [True, False])
async def test_a_file_that_is_applied_unchanged_changes_nothing(
    demo: Demo, form: Form, graphql: bool
) -> None:
    async with session(demo.url, None, graphql=graphql) as service:
        plan = await service.plan_edit(ROW, file(await text(service, form)))
    assert (plan.changes, plan.unread) == ((), ())
    assert f'# Version 16 of "{plan.version.model_name}", based on config 26.' in format_config(plan.detail)


async def test_changes_of_others_since_the_file_was_written_are_kept(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        written = (await text(service)).replace("# filter_threshold = 0.5", "filter_threshold = 0.25")
        theirs = configure(demo, 16, **whole(batch_config="single"))
        plan = await service.plan_edit(ROW, file(written))
        assert (plan.base.id, changed(plan)) == (theirs, {"filter_threshold": 0.25})
        kept = "Changed since config 26, which a.toml began from, and kept as it is now: batch_config."
        assert plan.notes == (kept,)
        await save(service, plan)
    row = newest(demo)
    assert (row.filter_threshold, row.batch_config, row.input_schema) == (
        0.25,
        "single",
        PYTORCH_INPUT.base64,
    )


async def test_a_field_that_both_changed_is_named_and_nothing_is_sent(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        written = (await text(service)).replace("# filter_threshold = 0.5", "filter_threshold = 0.25")
        configure(demo, 16, **whole(filter_threshold=0.75))
        with pytest.raises(ConfigClash, match=r"filter_threshold\..*Get the config anew") as clash:
            await service.plan_edit(ROW, file(written))
    assert clash.value.fields == ("filter_threshold",)
    assert sent(demo) == []


async def test_a_file_without_its_origin_is_the_whole_config(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        written = "filter_threshold = 0.25\n" + "".join(
            f'{key} = """\n{FIELD[key].text(value)}\n"""\n'
            for key, value in whole().items()
            if key.endswith("schema")
        )
        configure(demo, 16, **whole(batch_config="single"))
        plan = await service.plan_edit(ROW, file(written))
    assert changed(plan) == {"filter_threshold": 0.25, "batch_config": None}
    assert plan.notes == ("Missing in a.toml, and so to be set to null: batch_config.",)


async def test_a_config_that_nobody_can_read_any_more_is_no_base(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        written = (await text(service)).replace("config 26", "config 25")
        plan = await service.plan_edit(ROW, file(written))
        assert not plan.changes  # it is as the newest, so nobody can lose anything
        written = written.replace("# filter_threshold = 0.5", "filter_threshold = 0.25")
        with pytest.raises(ConfigClash, match=r"config 25.*can't be read.*filter_threshold"):
            await service.plan_edit(ROW, file(written))


async def test_what_was_not_readable_when_a_file_was_written_is_not_null(demo: Demo) -> None:
    configure(demo, 16, **whole(batch_config="single"))
    async with session(demo.url, None) as service:
        written = await text(service)
        assert "# Not readable: " in written
    async with session(demo.url, None, graphql=True) as service:
        plan = await service.plan_edit(ROW, file(written))
        assert plan.changes == ()
        written = written.replace("# filter_threshold = 0.5", "filter_threshold = 0.25")
        assert changed(await service.plan_edit(ROW, file(written))) == {"filter_threshold": 0.25}


@pytest.mark.parametrize(("old", "new"), [("Version 16", "Version 17"), (' of "', ' of "another-')])
async def test_a_file_of_another_version_is_refused(demo: Demo, old: str, new: str) -> None:
    async with session(demo.url, None) as service:
        written = (await text(service)).replace(old, new, 1)
        with pytest.raises(UsageError, match="not of version 16"):
            await service.plan_edit(ROW, file(written))


async def test_what_is_wrong_in_a_file_is_named_with_its_line(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        with pytest.raises(WrongConfig) as wrong:
            await service.plan_edit(
                ROW, file('batch_config = "single"\nfilter_threshold = "x"\ntreshold = 1\n')
            )
    assert wrong.value.lines == (
        "a.toml: line 2: filter_threshold: Not a number; leave it empty for null",
        'a.toml: line 3: treshold: "treshold" is not a valid name; did you mean filter_threshold?',
    )


# What can't be read


async def test_what_cannot_be_read_is_not_cleared_unless_it_is_named(demo: Demo) -> None:
    configure(demo, 16, **whole(openai_config={"enabled": True}))
    async with session(demo.url, None) as service:
        plan = await service.plan_edit(ROW, wanting(filter_threshold=0.5))
        hidden = tuple(key for key in FIELD if getattr(plan.base, key) is UNSET)
        assert plan.unread == hidden
        with pytest.raises(SaveDeclined, match=r"openai_config.*--clear-unknown"):
            plan.check()
        some = await service.plan_edit(ROW, wanting(filter_threshold=0.5), cleared=hidden[1:])
        assert some.unread == hidden[:1]
        typo = await service.plan_edit(ROW, wanting(filter_threshold=0.5), cleared=["openai_confg"])
        assert typo.notes == ("Not in config 260, so there is nothing to clear: openai_confg.",)
        named = await service.plan_edit(ROW, wanting(filter_threshold=0.5), cleared=hidden)
        named.check()
        assert {"openai_config": None, "filter_threshold": 0.5}.items() <= changed(named).items()


async def test_unset_names_a_field_and_a_missing_line_of_a_file_does_not(demo: Demo) -> None:
    configure(demo, 16, **whole())
    async with session(demo.url, None) as service:
        plan = await service.plan_edit(ROW, unset_source(["openai_config"]))
        assert "openai_config" in changed(plan)
        assert "openai_config" not in plan.unread
        nulls = dict.fromkeys(FIELD, "null")
        assert (await service.plan_edit(ROW, set_source(list(nulls.items())))).unread == ()
        assert "openai_config" in (await service.plan_edit(ROW, file("filter_threshold = 0.5\n"))).unread
        listed = 'filter_threshold = 0.5\nset_to_null = ["openai_config"]\n'
        assert "openai_config" not in (await service.plan_edit(ROW, file(listed))).unread
        assert "openai_config" in (await service.plan_edit(ROW, file('{"openai_config": null}'))).unread


async def test_a_field_that_wltui_does_not_know_is_not_cleared_unless_it_is_named(demo: Demo) -> None:
    row = {"id": 26, "model_version_id": 16, "runtime": "flight", **whole(), "warp": 9}
    demo.script(
        VERSION, *[saying({"model_version": {"model_version": {"id": 16, "name": "x"}, "config": row}})] * 2
    )
    async with session(demo.url, None) as service:
        plan = await service.plan_edit(ROW, wanting(filter_threshold=0.5), cleared=list(FIELD))
        assert (plan.unread, plan.notes) == (("warp",), ())
        assert (
            await service.plan_edit(ROW, wanting(filter_threshold=0.5), cleared=[*FIELD, "warp"])
        ).unread == ()


async def test_a_config_that_is_never_returned_whole_is_not_sent() -> None:
    with Demo(seed=1, clock=lambda: NOW, api="2023.4", graphql="absent") as old:
        async with session(old.url, None) as service:
            plan = await service.plan_edit(ROW, wanting(filter_threshold=0.5), cleared=list(FIELD))
        with pytest.raises(SaveDeclined, match="does not return all of it"):
            plan.check()


async def test_an_unknown_null_of_the_base_may_have_been_changed(demo: Demo) -> None:
    """The file changed nothing there, but the newest config can't be read: it is a clash, not a null."""
    async with session(demo.url, None) as service:
        written = (await text(service)).replace("# filter_threshold = 0.5", "filter_threshold = 0.25")
        configure(demo, 16, **whole())
        with pytest.raises(ConfigClash, match=r"input_schema"):
            await service.plan_edit(ROW, file(written))


# What is expected


async def test_another_config_than_was_expected_is_refused(demo: Demo) -> None:
    async with session(demo.url, None) as service:
        assert (await service.plan_edit(ROW, wanting(batch_config="single"), expected=ConfigId(26))).changes
        with pytest.raises(ConfigMoved, match="config 26, not 25"):
            await service.plan_edit(ROW, wanting(batch_config="single"), expected=ConfigId(25))


async def test_a_version_without_a_config_gets_its_first(demo: Demo) -> None:
    none = saying({"model_config": None})
    demo.script(VERSION, saying({"model_version": {"model_version": {"id": 16}, "config": None}}))
    demo.script(CONFIG, none, none)
    async with session(demo.url, None) as service:
        plan = await service.plan_edit(ROW, wanting(batch_config="single"), expected=ConfigId(0))
        await save(service, plan)
    assert sent(demo) == [{"model_version_id": 16, **NULLS, "batch_config": "single"}]


# Single settings


@pytest.mark.parametrize(
    ("word", "key", "value"),
    [
        ("filter_threshold=0.5", "filter_threshold", 0.5),
        ("batch_config=single", "batch_config", "single"),
        ("tensor_fields=a, b", "tensor_fields", ("a", "b")),
        ('tensor_fields=["a"]', "tensor_fields", ("a",)),
        ("input_schema=a: int64", "input_schema", ONE),
        (f"input_schema={ONE}", "input_schema", ONE),
        ("input_schema=null", "input_schema", None),
        ("openai_config.enabled=true", "openai_config", {"enabled": True}),
        ("openai_config.completion_config.stop=x y", "openai_config", {"completion_config": {"stop": "x y"}}),
        ("openai_config.a={{ bos }}", "openai_config", {"a": "{{ bos }}"}),
        ("openai_config.a=[INST] x", "openai_config", {"a": "[INST] x"}),
        ("openai_config.a=1.2.3", "openai_config", {"a": "1.2.3"}),
        ('openai_config={"enabled": false}', "openai_config", {"enabled": False}),
        ("continuous_batching_config.max_concurrent_batch_size=7", "continuous_batching_config",
         {"max_concurrent_batch_size": 7}),
        ('continuous_batching_config={"max_concurrent_batch_size": 9}', "continuous_batching_config",
         {"max_concurrent_batch_size": 9}),
        ("dynamic_batching_config.batch_size_limit=8", "dynamic_batching_config",
         {"max_batch_delay_ms": 10, "batch_size_target": 4, "batch_size_limit": 8}),
    ],
)  # fmt: skip
async def test_a_setting_is_typed_as_in_the_form_or_as_json(
    demo: Demo, word: str, key: str, value: object
) -> None:
    name, _, typed = word.partition("=")
    async with session(demo.url, None) as service:
        plan = await service.plan_edit(ROW, set_source([(name, typed)]))
    assert changed(plan) == {key: value}


@pytest.mark.parametrize(
    ("word", "words"),
    [
        ("treshold=1", "did you mean filter_threshold?"),
        ("filter_threshold=", "Has no value"),
        ("filter_threshold=0,5", "Use a point"),
        ("batch_config=double", '"double" is none of: single, null'),
        ("tensor_fields.a=1", "Has no parts"),
        ("dynamic_batching_config=on", "write an object in JSON"),
        ("dynamic_batching_config.target=1", "did you mean batch_size_target?"),
        ("dynamic_batching_config.batch_size_target=null", "Must be a whole number"),
        ("openai_config=[1]", "Must be an object"),
        ("input_schema=@/nowhere/x.parquet", "could not be read"),
        ("input_schema=@~nobody-of-that-name/x", "can't be read"),
        ("openai_config.=null", "lacks a name beside a dot"),
        ("dynamic_batching_config.=", "lacks a name beside a dot"),
        ("openai_config.a..b=1", "lacks a name beside a dot"),
        ('openai_config.completion_config={"max_tokens": 1,}', "Not valid JSON"),
        ("openai_config.completion_config.n=123456789012345678901", "more than 64 bits"),
        ("openai_config.completion_config.stop=a\udcff", "not valid UTF-8"),
        ("openai_config.completion_config.\udcff=1", "not valid UTF-8"),
        ("tensor_fields=a\udcff", "not valid UTF-8"),
    ],
)
async def test_what_is_wrong_in_a_setting_is_named(demo: Demo, word: str, words: str) -> None:
    name, _, typed = word.partition("=")
    configure(demo, 16, **whole(dynamic_batching_config={"max_batch_delay_ms": 1, "batch_size_target": 2}))
    async with session(demo.url, None, graphql=True) as service:
        with pytest.raises(UsageError, match=words.replace("?", r"\?")):
            await service.plan_edit(ROW, set_source([(name, typed)]))


async def test_a_path_that_ends_early_clears_no_whole_field_and_no_field_is_set_twice(demo: Demo) -> None:
    configure(demo, 16, **whole(openai_config={"enabled": True}))
    wrong = {
        "lacks a name": unset_source(["openai_config."]),
        "filter_threshold: Is set twice": set_source([("filter_threshold", "1"), ("filter_threshold", "2")]),
    }
    async with session(demo.url, None, graphql=True) as service:
        for words, source in wrong.items():
            with pytest.raises(WrongConfig, match=words):
                await service.plan_edit(ROW, source)


async def test_a_part_of_what_cannot_be_read_is_not_set(demo: Demo) -> None:
    configure(demo, 16, **whole())
    async with session(demo.url, None) as service:
        for source in (
            set_source([("openai_config.enabled", "true")]),
            unset_source(["openai_config.enabled"]),
        ):
            with pytest.raises(WrongConfig, match="Is not readable"):
                await service.plan_edit(ROW, source)


async def test_parts_are_removed(demo: Demo) -> None:
    openai = {"enabled": True, "completion_config": {"a": 1, "b": 2}}
    batching = {"max_batch_delay_ms": 1, "batch_size_target": 2, "batch_size_limit": 3}
    configure(demo, 16, **whole(openai_config=openai, dynamic_batching_config=batching))
    paths = [
        "openai_config.completion_config.a",
        "dynamic_batching_config.batch_size_limit",
        "openai_config.c.d",
    ]
    async with session(demo.url, None, graphql=True) as service:
        plan = await service.plan_edit(
            ROW, unset_source([*paths, "continuous_batching_config.max_concurrent_batch_size"])
        )
    assert changed(plan) == {
        "openai_config": {"enabled": True, "completion_config": {"b": 2}},
        "dynamic_batching_config": batching | {"batch_size_limit": None},
    }


# Other configs


async def test_a_config_is_copied_but_not_what_cannot_be_read_of_it(demo: Demo) -> None:
    configure(demo, 19, **whole(batch_config="single", filter_threshold=0.5))
    other = ModelVersion(id=VersionId(19))
    async with session(demo.url, None, graphql=True) as service:
        source = copy_source(await service.config_to_edit(other), ["filter_threshold"])
        assert changed(await service.plan_edit(ROW, source)) == {"batch_config": "single"}
        with pytest.raises(WrongConfig, match=r"--without: .*did you mean input_schema\?"):
            copy_source(VersionDetail(other, None), ["input_shema"])
        with pytest.raises(SaveDeclined, match="no config to copy"):
            await service.plan_edit(ROW, copy_source(VersionDetail(other, None)))
    async with session(demo.url, None) as service:
        detail = await service.config_to_edit(other)
        with pytest.raises(SaveDeclined, match=r"can't be read: .*openai_config.*--without"):
            await service.plan_edit(ROW, copy_source(detail))
        hidden = [key for key in FIELD if detail.config and getattr(detail.config, key) is UNSET]
        plan = await service.plan_edit(ROW, copy_source(detail, hidden))
        assert changed(plan) == {"filter_threshold": 0.5}


async def test_a_new_version_keeps_its_schemas_where_the_one_before_has_none(demo: Demo) -> None:
    configure(demo, 19, **whole(filter_threshold=0.5, input_schema=None, output_schema=None))
    async with session(demo.url, None, graphql=True) as service:
        detail = await service.config_to_edit(ModelVersion(id=VersionId(19)))
        cleared = {"input_schema": None, "output_schema": None}
        assert (
            changed(await service.plan_edit(ROW, copy_source(detail))) == {"filter_threshold": 0.5} | cleared
        )
        assert changed(await service.plan_edit(ROW, predecessor_source(detail))) == {"filter_threshold": 0.5}


async def test_revert_undoes_the_last_save_and_keeps_what_others_changed_since(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        with pytest.raises(SaveDeclined, match="none is recorded"):
            await service.plan_edit(ROW, revert_source(service.history))
        await save(
            service, await service.plan_edit(ROW, wanting(filter_threshold=0.5, batch_config="single"))
        )
        configure(demo, 16, **whole(filter_threshold=0.5, batch_config="single", tensor_fields=["theirs"]))
        plan = await service.plan_edit(ROW, revert_source(service.history))
        assert changed(plan) == {"filter_threshold": None, "batch_config": None}
        configure(demo, 16, **whole(filter_threshold=0.75, batch_config="single"))
        with pytest.raises(ConfigClash, match="filter_threshold"):
            await service.plan_edit(ROW, revert_source(service.history))
        to = await service.plan_edit(ROW, revert_source(service.history, ConfigId(26)))
        assert changed(to) == {"filter_threshold": None, "batch_config": None}
        with pytest.raises(SaveDeclined, match="Config 1 of version 16"):
            await service.plan_edit(ROW, revert_source(service.history, ConfigId(1)))


numbers = st.floats(allow_nan=False, allow_infinity=False, width=32).map(shortest_float32)
settings_of = {
    "filter_threshold": numbers.map(str),
    "batch_config": st.sampled_from(["single", "null"]),
    "tensor_fields": st.sampled_from(["a", "a, b", "null"]),
    "input_schema": st.sampled_from(["a: int64", "null"]),
    "openai_config.enabled": st.sampled_from(["true", "false"]),
}


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.fixed_dictionaries({}, optional=settings_of), st.booleans())
async def test_set_then_revert_gives_the_config_before(
    demo: Demo, words: Mapping[str, str], graphql: bool
) -> None:
    demo.world.versions[VersionId(16)].configs[1:] = []
    async with session(demo.url, None, graphql=graphql) as service:
        before = newest(demo)
        plan = await service.plan_edit(ROW, set_source(list(words.items())))
        if plan.changes:
            await save(service, plan)
            await save(service, await service.plan_edit(ROW, revert_source(service.history)))
        after = newest(demo)
    assert [getattr(after, key) for key in whole()] == [getattr(before, key) for key in whole()]


# Earlier saves


async def test_a_lost_save_that_arrived_is_not_sent_again(demo: Demo) -> None:
    """A job that is run again after exit code 8 makes no second row, whichever source shows the first one."""
    for graphql in (True, False):
        async with session(demo.url, None, graphql=graphql) as service:
            written = (await text(service)).replace("# filter_threshold = 0.5", "filter_threshold = 0.25")
            plan = await service.plan_edit(ROW, file(written))
            demo.script(INSERT, Scripted(drop=True, processed=True))
            saved = await save(service, plan)
            again = await service.plan_edit(ROW, file(written))
            assert not again.changes
            assert saved.outcome is Outcome.SAVED
        demo.world.versions[VersionId(16)].configs[1:] = []
    assert len(sent(demo)) == 2


async def test_a_save_that_may_still_be_carried_out_leaves_doubt(demo: Demo, tmp_path: Path) -> None:
    clock = Clock(NOW)
    async with session(demo.url, tmp_path, graphql=True, clock=clock) as service:
        plan = await service.plan_edit(ROW, wanting(filter_threshold=0.25))
        demo.script(INSERT, Scripted(drop=True))
        saved = await save(service, plan)
        pauses: list[Saved] = []
        saved = await service.look_until_known(saved, pauses.append)
        assert (saved.outcome, len(pauses)) == (Outcome.UNKNOWN, 3)
    async with session(demo.url, tmp_path, graphql=True, clock=clock) as service:
        again = await service.plan_edit(ROW, wanting(filter_threshold=0.25))
        assert again.is_in_doubt
        assert again.changes
        clock.advance(3600)
        later = await service.plan_edit(ROW, wanting(filter_threshold=0.25))
        assert not later.is_in_doubt
    assert len(sent(demo)) == 1


async def test_a_save_that_arrives_while_it_is_looked_for_is_found(demo: Demo) -> None:
    async with session(demo.url, None, graphql=True) as service:
        plan = await service.plan_edit(ROW, wanting(filter_threshold=0.25))
        demo.script(INSERT, Scripted(drop=True))
        saved = await save(service, plan)

        def arrive(_: Saved) -> None:
            configure(demo, 16, **whole(filter_threshold=0.25))

        saved = await service.look_until_known(saved, arrive)
        assert (saved.outcome, saved.config and saved.config.id) == (Outcome.SAVED, newest(demo).id)


def test_the_head_of_a_file_fits_a_terminal_and_is_no_setting() -> None:
    lines = FILE_HEAD.splitlines()
    assert all(line.startswith("#") and len(line) <= 80 for line in lines)
    assert len(lines) >= 5, (
        "editors obey some comments in the first five lines, and the model's name comes next"
    )
