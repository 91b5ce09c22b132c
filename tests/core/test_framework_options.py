"""Typed settings of an upload."""

import pytest

from wltui.core.framework_options import CUSTOM, OPTIONS, QAIC, SGLANG, VLLM, parse_value

VALUES = [
    ("max_num_seqs", " 7 ", 7),
    ("max_num_seqs", "", None),
    ("max_num_seqs", "many", "many"),
    ("max_num_seqs", "7.5", 7.5),
    ("gpu_memory_utilization", "0.8", 0.8),
    ("gpu_memory_utilization", "NaN", "NaN"),
    ("enable_auto_tool_choice", "True", True),
    ("enable_auto_tool_choice", "false", False),
    ("enable_auto_tool_choice", "yes", "yes"),
    ("kv_cache_dtype", "fp8", "fp8"),
    ("tool_call_parser", "7", "7"),
    ("device_group", "0, 1", [0, 1]),
    ("device_group", "[0]", [0]),
    ("device_group", "a,b", "a,b"),
]


@pytest.mark.parametrize(("key", "text", "value"), VALUES)
def test_a_typed_value_is_of_its_kind_or_left_to_the_checks(key: str, text: str, value: object) -> None:
    option = next(each for each in VLLM if each.key == key)
    found = parse_value(option, text)
    assert found == value
    assert type(found) is type(value)


def test_a_key_of_ones_own_is_read_as_json_if_it_is_that() -> None:
    texts = ('{"a": [1]}', "7", "plain words", "true", "")
    assert [parse_value(None, text) for text in texts] == [{"a": [1]}, 7, "plain words", True, None]
    for odd in ("[" * 100_000, "\udcff", "NaN", '{"a": Infinity}', "1e999"):
        assert parse_value(None, odd) == odd


def test_options_are_in_the_order_in_which_the_sdk_sends_them() -> None:
    for options in (*OPTIONS.values(), QAIC):
        keys = [option.key for option in options]
        assert keys == sorted(keys)
        assert all(option.default in option.choices for option in options if option.choices)
    assert {len(SGLANG), len(QAIC)} == {8}
    assert (len(VLLM), len(CUSTOM)) == (10, 1)
