"""What each call knows of a config, by the server's release; and that no save clears what nobody knew, unsaid."""

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.clock import NOW
from wltui.api import calls
from wltui.api.calls import Call
from wltui.api.knowledge import KNOWN_SINCE, ConfigCall, parse_release
from wltui.config.detail import VersionDetail, combine_detail, inserted_row
from wltui.config.edit import ConfigEdit, is_same_value
from wltui.config.fields import FIELD
from wltui.core.records import UNSET, ConfigId, ModelConfig, ModelVersion, VersionId, WorkspaceId
from wltui.demo.api import Api
from wltui.demo.http import Request
from wltui.demo.keycloak import Keycloak
from wltui.demo.releases import ERAS, RELEASES, Era
from wltui.demo.schemas import PYTORCH_INPUT, PYTORCH_OUTPUT
from wltui.demo.world import Build, Config, Model, Version, Workspace, World

LATE = ("continuous_batching_config", "openai_config")
SET: dict[str, Any] = {
    "tensor_fields": ["a", "b"],
    "filter_threshold": 0.1,
    "batch_config": "single",
    "dynamic_batching_config": {"max_batch_delay_ms": 5, "batch_size_target": 2, "batch_size_limit": None},
    "continuous_batching_config": {"max_concurrent_batch_size": 8},
    "openai_config": {"enabled": True},
    "input_schema": PYTORCH_INPUT.base64,
    "output_schema": PYTORCH_OUTPUT.base64,
}
NULL = dict.fromkeys(SET)


class Anybody(Keycloak):
    """Lets everybody in."""

    def accepts(self, authorization: str) -> bool:
        return True


class Server:
    """A Wallaroo of some release with one version, asked without a network."""

    def __init__(
        self, era: Era, *rows: Mapping[str, Any], created_on: str | None = None, listed_row: int = 0
    ) -> None:
        world = World(seed=1)
        world.add_workspace(Workspace(id=10, name="w", created_at="", created_by=""))
        world.add_model(Model(id=3, name="m", workspace_id=10, created_at="", updated_at=""))
        self.rows = [config(number, row) for number, row in enumerate(rows, 26)]
        world.add_version(
            Version(
                id=16,
                model_id=3,
                uuid="",
                sha="",
                file_name="",
                size=1,
                build=Build(NOW),
                configs=self.rows,
                created_on_version=created_on,
            )
        )
        self._api = Api(world, Anybody(lambda: NOW, 60.0, 5.0), lambda: NOW, era, listed_row=listed_row)

    def ask(self, call: Call[Any]) -> Any:
        body = json.dumps(dict(call.body)).encode()
        response = self._api.answer(Request("POST", call.path, body, {}))
        assert response.status == 200, response.body
        return call.decode(response.body)

    def detail(self, own: Mapping[int, ModelConfig] | None = None) -> VersionDetail:
        """What a version's screen and the editor begin from."""
        (model,) = self.ask(calls.list_models(WorkspaceId(10)))
        whole = self.ask(calls.get_version(VersionId(16)))
        newest = self.ask(calls.get_config(VersionId(16)))
        return combine_detail(model.versions[0], whole, newest, (own or {}).get)


def config(number: int, row: Mapping[str, Any]) -> Config:
    fields = {"openai" if key == "openai_config" else key: value for key, value in row.items()}
    return Config(id=number, model_version_id=16, runtime="flight", **fields)


def unknown(row: ModelConfig | None) -> set[str]:
    assert row is not None
    return {key for key in FIELD if getattr(row, key) is UNSET}


@pytest.mark.parametrize("era", ERAS[1:])
def test_a_list_never_knows_two_fields_whatever_they_hold(era: Era) -> None:
    (model,) = Server(era, SET).ask(calls.list_models(WorkspaceId(10)))
    row = model.versions[0].config
    assert unknown(row) == set(LATE)
    assert row.tensor_fields == ("a", "b")


@pytest.mark.parametrize("era", ERAS[1:])
@pytest.mark.parametrize("held", [SET, NULL], ids=["set", "null"])
def test_a_version_knows_them_since_2026(era: Era, held: Mapping[str, Any]) -> None:
    row = Server(era, held).ask(calls.get_version(VersionId(16))).config
    assert unknown(row) == (set() if era == "2026.1" else set(LATE))


def test_null_counts_only_with_proof_of_the_release() -> None:
    server = Server("2026.1", NULL, created_on="2025.2.1")
    assert unknown(server.ask(calls.get_version(VersionId(16))).config) == set(LATE)
    told = Server("2026.1", SET, created_on="2025.2.1").ask(calls.get_version(VersionId(16))).config
    assert not unknown(told)


@pytest.mark.parametrize("era", ERAS[1:])
def test_the_newest_config_has_three_fields_and_an_insert_has_all(era: Era) -> None:
    server = Server(era, SET)
    assert unknown(server.ask(calls.get_config(VersionId(16)))) == set(FIELD) - {
        "tensor_fields",
        "filter_threshold",
    }
    row = server.ask(calls.insert_config({"model_version_id": 16} | SET))
    assert not unknown(row)
    assert row.openai_config == {"enabled": True}


@pytest.mark.parametrize(("era", "listed_row"), [("2025.2", 0), ("2025.2", -1), ("2026.1", 0)])
def test_what_this_host_saved_is_known_also_where_the_newest_row_comes_with_the_version(
    era: Era, listed_row: int
) -> None:
    server = Server(era, NULL, created_on="2025.1.0", listed_row=listed_row)
    request = {"model_version_id": 16} | SET
    saved = inserted_row(server.ask(calls.insert_config(request)), request)
    row = server.detail({saved.id: saved}).config
    assert not unknown(row)
    assert row is not None
    assert row.openai_config == {"enabled": True}


@pytest.mark.parametrize(
    "other", [{"version_id": VersionId(17)}, {"tensor_fields": ("x",)}, {"filter_threshold": 0.5}]
)
def test_a_saved_row_that_the_server_contradicts_is_not_its_row(other: dict[str, Any]) -> None:
    """An instance that was set up anew counts its configs from 1 again."""
    server = Server("2025.2", SET)
    saved: dict[str, Any] = {"openai_config": {"enabled": False}, "version_id": VersionId(16)} | other
    row = server.detail({26: ModelConfig(id=ConfigId(26), **saved)}).config
    assert "openai_config" in unknown(row)


def test_a_saved_row_stays_known_after_an_upgrade_that_brings_a_field() -> None:
    saved = ModelConfig(id=ConfigId(26), version_id=VersionId(16), openai_config={"enabled": False})
    told = ModelConfig(id=ConfigId(26), version_id=VersionId(16), runtime="onnx", extra=("max_tokens",))
    whole = combine_detail(ModelVersion(id=VersionId(16)), None, told, {26: saved}.get)
    assert whole.config is not None
    assert (whole.config.openai_config, whole.config.extra) == ({"enabled": False}, ("max_tokens",))


def test_a_server_of_2023_has_no_such_fields() -> None:
    """Its row has none of the later columns, and its version lacks the release that took it."""
    row = {"id": 7, "model_version_id": 16, "runtime": "onnx", "batch_config": None, "input_schema": None}
    version = {"model_version": {"id": 16, "name": "m"}, "config": row}

    def read(**more: object) -> ModelConfig | None:
        answer = {"model_version": version | {"model_version": {"id": 16, "name": "m", **more}}}
        return calls.get_version(VersionId(16)).decode(json.dumps(answer).encode()).config

    assert not {"dynamic_batching_config", *LATE} & unknown(read())
    assert {"dynamic_batching_config", *LATE} <= unknown(read(created_on_version="2024.4.1"))
    row["openai"], row["sidekick_uri"] = None, 5  # damaged
    assert "openai_config" in unknown(read())


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2025.2.1", (2025, 2)), ("v2026.1.0-6527", (2026, 1)), (" 2024.4", (2024, 4)), ("2025.10.1", (2025, 10)),
        ("", None), (None, None), ("main", None), ("2026", None), ("20261.1", None), ("2026.99999", None),
    ],
)  # fmt: skip
def test_releases(text: str | None, found: tuple[int, int] | None) -> None:
    assert parse_release(text) == found


def test_every_call_is_in_the_table_and_names_fields_of_a_config() -> None:
    assert set(KNOWN_SINCE) == set(ConfigCall)
    assert all(set(known) <= set(ModelConfig.__struct_fields__) for known in KNOWN_SINCE.values())


rows = st.fixed_dictionaries({key: st.sampled_from([None, value]) for key, value in SET.items()})


@settings(deadline=None)
@given(data=st.data())
def test_a_save_sends_each_field_as_the_server_had_it_or_names_it_as_cleared(data: st.DataObject) -> None:
    """Any config, release, order of rows, history of this host, and edit of one field."""
    era: Era = data.draw(st.sampled_from(ERAS[1:]))
    uploaded_on = data.draw(st.none() | st.sampled_from([RELEASES[one] for one in ERAS]) | st.just(""))
    held = data.draw(st.lists(rows, min_size=1, max_size=4))
    if era != "2026.1":  # until then an upload sets none of the two
        held[0] = held[0] | dict.fromkeys(LATE)
    server = Server(era, *held, created_on=uploaded_on, listed_row=data.draw(st.integers(-4, 3)))
    own = {
        row.id: ModelConfig(id=ConfigId(row.id), version_id=VersionId(16), **values)
        for row, values in zip(server.rows[1:], held[1:], strict=True)
        if data.draw(st.booleans())
    }
    base = server.detail(own).config
    assert base is not None
    key = data.draw(st.sampled_from(sorted(SET)))
    edit = ConfigEdit(VersionId(16), base).with_value(key, data.draw(st.sampled_from([None, SET[key]])))
    request, cleared = edit.request(), edit.cleared_titles()
    for field, spec in FIELD.items():
        if field != key:
            assert is_same_value(field, request[field], held[-1][field]) or spec.title in cleared
        elif field not in edit.values:  # it is said to be so already
            assert is_same_value(field, base_value(base, field), held[-1][field]) or spec.title in cleared


def base_value(base: ModelConfig, field: str) -> object:
    value = getattr(base, field)
    return list(value) if isinstance(value, tuple) else value
