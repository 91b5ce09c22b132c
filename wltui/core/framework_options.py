"""Options of an upload: the settings of vLLM and SGLang, and of the acceleration QAIC.

Keys, choices and defaults are those of the vendor's SDK (release 2026.1.3). It checks no range but that of QAIC, and
the server's answer to a wrong value was not recorded. The server's own description of its API has unsigned integers.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import msgspec
from msgspec import Struct

from .upload_frameworks import Release


class Kind(Enum):
    """What a value has to be."""

    INTEGER = "a whole number"
    NUMBER = "a number"
    SWITCH = "true or false"
    CHOICE = "one of the choices"
    TEXT = "text"
    INTEGERS = "a list of whole numbers"


class Option(Struct, frozen=True):
    """A setting of an upload."""

    key: str
    kind: Kind
    meaning: str
    default: object = None
    """The value that is sent if none is given; None if nothing is sent then."""
    choices: tuple[str, ...] = ()
    least: int = 0
    """The least value of an integer that makes sense."""
    is_fraction: bool = False
    """Whether it is a part of a whole: above 0, and 1 at most."""
    accel: str = ""
    """The only acceleration that it has a meaning for; empty if it is for any."""
    only_with: Mapping[str, str] = {}
    """Choices that one acceleration alone has."""
    since: Release | None = None
    """The release that brought it, if that is not the one of its framework."""


_VLLM_QUANTIZATION = (
    "none", "aqlm", "awq", "awq_marlin", "bitsandbytes", "compressed-tensors", "deepspeedfp", "experts_int8",
    "fbgemm_fp8", "fp8", "gguf", "gptq", "gptq_marlin", "gptq_marlin24", "hqq", "ipex", "marlin", "modelopt",
    "mxfp6", "neuron_quant", "qqq", "tpu_int8",
)  # fmt: skip
_SGLANG_QUANTIZATION = (
    "none", "awq", "awq_marlin", "bitsandbytes", "fp8", "gguf", "gptq", "gptq_marlin", "marlin", "modelopt",
    "w8a8_fp8", "w8a8_int8",
)  # fmt: skip
_CACHE = "Type of the values in the key-value cache"

VLLM = (
    Option("block_size", Kind.INTEGER, "Tokens in a block of the cache; 32 is advised for QAIC", least=1),
    Option("device_group", Kind.INTEGERS, "Devices that the model is compiled for", accel="qaic"),
    Option("enable_auto_tool_choice", Kind.SWITCH, "Let the model choose its tools", since=(2026, 1)),
    Option("gpu_memory_utilization", Kind.NUMBER, "Part of the GPU's memory to use", 0.9, is_fraction=True),
    Option("kv_cache_dtype", Kind.CHOICE, _CACHE, "auto", ("auto", "fp8", "fp8_e4m3", "fp8_e5m2", "mxint8"),
           only_with={"mxint8": "qaic"}),
    Option("max_model_len", Kind.INTEGER, "Maximum tokens of a prompt and its answer", least=1),
    Option("max_num_seqs", Kind.INTEGER, "Maximum sequences at once", 256, least=1),
    Option("max_seq_len_to_capture", Kind.INTEGER, "Maximum tokens of a sequence to capture", least=1, accel="qaic"),
    Option("quantization", Kind.CHOICE, "Method by which the weights are quantized", "none", _VLLM_QUANTIZATION,
           only_with={"mxfp6": "qaic"}),
    Option("tool_call_parser", Kind.TEXT, "Parser of tool calls, such as hermes", since=(2026, 1)),
)  # fmt: skip
"""Up to release 2025.2 the SDK sent 8192 as ``max_seq_len_to_capture``. The tools came with 2026.1.3."""
SGLANG = (
    Option("chunked_prefill_size", Kind.INTEGER, "Maximum tokens in a chunk of the prefill; -1: no chunks", 1024,
           least=-1),
    Option("context_length", Kind.INTEGER, "Maximum tokens of a prompt and its answer", 2048, least=1),
    Option("kv_cache_dtype", Kind.CHOICE, _CACHE, "auto", ("auto", "fp8_e4m3", "fp8_e5m2")),
    Option("max_prefill_tokens", Kind.INTEGER, "Maximum tokens in a batch of the prefill", 2048, least=1),
    Option("max_running_requests", Kind.INTEGER, "Maximum requests at once", 64, least=1),
    Option("mem_fraction_static", Kind.NUMBER, "Part of the memory for weights and cache", 0.8, is_fraction=True),
    Option("page_size", Kind.INTEGER, "Tokens in a page of the cache", 16, least=1),
    Option("quantization", Kind.CHOICE, "Method by which the weights are quantized", "none", _SGLANG_QUANTIZATION),
)  # fmt: skip
CUSTOM = (Option("model_path", Kind.TEXT, "Folder of the model's files in the zip", "./model/"),)
"""A custom model may have any other key beside it."""
QAIC = (
    Option("aic_enable_depth_first", Kind.SWITCH, "Schedule depth first", False),
    Option("ctx_len", Kind.INTEGER, "Maximum tokens that the model remembers", 128, least=1),
    Option("full_batch_size", Kind.INTEGER, "Maximum sequences at once", 8, least=1),
    Option("mxfp6_matmul", Kind.SWITCH, "Compile for MXFP6", False),
    Option("mxint8_kv_cache", Kind.SWITCH, "Compress the cache to MXINT8", False),
    Option("num_cores", Kind.INTEGER, "Cores that the model is compiled for", 16, least=1),
    Option("num_devices", Kind.INTEGER, "Devices (SoCs) that the model is compiled for", 1, least=1),
    Option("prefill_seq_len", Kind.INTEGER, "Tokens of a prompt that are read at once", 32, least=1),
)  # fmt: skip
"""The settings of the acceleration ``qaic``. The SDK refuses numbers below 1."""
OPTIONS: dict[str, tuple[Option, ...]] = {"custom": CUSTOM, "vllm": VLLM, "sglang": SGLANG}
"""The options of each framework that has any, in the order in which the SDK sends them."""


def fill_in(options: tuple[Option, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values to send: those given, and defaults for the others; a value of None is not sent.

    Keys that are no option come first, as the SDK sends them.
    """
    known = {option.key: given.get(option.key, option.default) for option in options}
    values = {key: value for key, value in given.items() if key not in known} | known
    return {key: value for key, value in values.items() if value is not None}


def parse_value(option: Option | None, text: str) -> object:
    """Return the value that a typed text stands for, or None if it is empty, so that the default is sent.

    A text that is no such value is returned as it is, for the checks to name. Without an option, as for a custom
    model's own keys, it is read as JSON if it is that. NaN and infinity are none: the server reads no such JSON.
    """
    words = text.strip()
    if not words or (option and option.kind in {Kind.TEXT, Kind.CHOICE}):
        return words or None
    if option and option.kind is Kind.INTEGERS and not words.startswith("["):
        words = f"[{words}]"
    try:
        return msgspec.json.decode(words.lower() if option and option.kind is Kind.SWITCH else words)
    except (ValueError, RecursionError):  # also of a text that is not Unicode
        return text.strip()
