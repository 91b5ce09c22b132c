"""A config as a file: what `get config` prints, applied again, changes nothing; and where a file is from is known."""

import json
import re
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from tests.support.configs import DYNAMIC, NULLS, ONE, config, configs, texts
from wltui.config.detail import NO_CONFIG, VersionDetail
from wltui.config.document import DocumentOrigin, parse_origin
from wltui.config.edit import ConfigEdit
from wltui.config.fields import FIELD, Problem
from wltui.config.text_forms import (
    ConfigText,
    Form,
    Schemas,
    config_record,
    format_config,
    parse_config,
    read_config_text,
)
from wltui.core.records import ConfigId, ModelConfig, ModelVersion, VersionId

VERSION = VersionId(16)


def detail(row: ModelConfig | None, name: str = "ccfraud") -> VersionDetail:
    return VersionDetail(ModelVersion(id=VERSION, model_name=name), row)


def read(text: str) -> ConfigText:
    found = read_config_text(text)
    assert isinstance(found, ConfigText), found
    return found


def parse(text: str, row: ModelConfig) -> ConfigEdit:
    made = parse_config(read(text), ConfigEdit(VERSION, row))
    assert isinstance(made, ConfigEdit), made
    return made


def refusal(text: str, row: ModelConfig | None = None) -> Problem:
    found = read_config_text(text)
    if isinstance(found, ConfigText):
        result = parse_config(found, ConfigEdit(VERSION, row or config()))
        assert isinstance(result, tuple)
        (found,) = result
    return found


@given(configs, texts, st.sampled_from(get_args(Form)), st.sampled_from([None, *get_args(Schemas)]))
def test_the_text_of_a_config_is_that_config_and_names_its_origin(
    row: ModelConfig, name: str, form: Form, schemas: Schemas | None
) -> None:
    text = format_config(detail(row, name), form, schemas)
    assert parse(text, row) == ConfigEdit(VERSION, row)
    hidden = tuple(key for key in FIELD if getattr(row, key) is UNSET)
    assert read(text).origin == DocumentOrigin(VERSION, name, row.id, hidden)
    assert all(character.isprintable() or character in "\n\t" for character in text)


@pytest.mark.parametrize("form", get_args(Form))
def test_a_version_without_a_config_has_a_text_too(form: Form) -> None:
    text = format_config(detail(None), form)
    assert read(text).origin == DocumentOrigin(VERSION, "ccfraud", NO_CONFIG)
    row = ModelConfig(id=NO_CONFIG, **NULLS)
    assert not parse(text, row).values


def test_schemas_are_text_or_base64_as_asked() -> None:
    row = config(input_schema=ONE)
    assert "a: int64" in format_config(detail(row))
    assert ONE in format_config(detail(row), schemas="base64")
    assert config_record(detail(row))["input_schema"] == ONE
    assert config_record(detail(row), schemas="text")["input_schema"] == "a: int64"


def test_json_sets_what_it_names_and_leaves_the_rest() -> None:
    row = config(filter_threshold=0.5, dynamic_batching_config=DYNAMIC, batch_config="single")
    text = json.dumps(
        {"filter_threshold": 0.25, "batch_config": None, "input_schema": "a: int64", "runtime": "x"}
    )
    made = parse(text, row)
    assert made.values == {"filter_threshold": 0.25, "batch_config": None, "input_schema": ONE}
    assert read(text).origin is None


def test_json_may_be_a_request_or_a_list_of_one() -> None:
    request = ConfigEdit(VERSION, config(tensor_fields=("a",))).request()
    assert read(json.dumps(request)).origin == DocumentOrigin(VERSION, "", None)
    assert parse(json.dumps(request), config()).values == {"tensor_fields": ("a",)}
    listed = json.dumps({"format": 1, "items": [config_record(detail(config(tensor_fields=("a",))))]})
    assert read(listed).origin == DocumentOrigin(VERSION, "ccfraud", ConfigId(20))
    assert parse(listed, config()).values == {"tensor_fields": ("a",)}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('{"filter_threshold": ', "Not valid JSON"),
        ('{"items": []}', "Expected one config, not 0"),
        ('{"treshold": 1}', "did you mean filter_threshold?"),
        ('{"tensor_fields": [1]}', "Item 1 of the list is not a text"),
        ('{"batch_config": "doubles"}', "Expected a value such as"),
        ('{"dynamic_batching_config": {"batch_size_target": 0, "max_batch_delay_ms": 1}}', "Must be above 0"),
        ("filter_threshold = true", "Expected a value such as"),
        ('{"version_id": "16"}', "version_id is not a whole number"),
        ('{"model_version_id": true}', "model_version_id is not a whole number"),
        ('{"version_id": 16, "config_id": "26"}', "config_id is not a whole number"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(text: str, words: str) -> None:
    assert words in refusal(text).text


@pytest.mark.parametrize(
    "line", ["# Version 16, based on config 26", '# Version 16 of "a\\x", based on config 26.', "x = 1"]
)
def test_a_line_that_somebody_edited_names_no_origin(line: str) -> None:
    assert read(f"{line}\nfilter_threshold = 0.5").origin is None


@pytest.mark.parametrize(
    "text", ["", "\ufeff \n", "# batch_config = 1\n", "# Version 16, based on config 26"]
)
def test_an_empty_text_clears_nothing(text: str) -> None:
    assert "no settings" in refusal(text).text


def test_a_line_within_a_value_is_no_origin() -> None:
    text = 'input_schema = """\n# Version 9, based on config 3.\n"""\n# Version 8, based on config 2.\n'
    assert read(text).origin is None
    above = "# a comment\n\n# Version 16, its first config.\n"
    assert parse_origin(above + text) == DocumentOrigin(VERSION, "", NO_CONFIG)


@pytest.mark.parametrize("form", get_args(Form))
def test_a_file_that_is_cut_off_is_never_read_as_nulls(form: Form) -> None:
    text = format_config(detail(config(input_schema=ONE, output_schema=ONE)), form)
    for kept in range(len(text) - 1):
        assert isinstance(read_config_text(text[:kept]), Problem), text[:kept]
    if form == "toml":
        whole = re.sub(r"# Version .*\n", "", text)
        assert read(whole).origin is None
        assert isinstance(read_config_text(whole[: len(whole) // 2]), Problem)
