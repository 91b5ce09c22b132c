"""Metadata of uploads as the vendor's SDK 2026.1.3 sends them, recorded; ``tests/demo/test_sdk.py`` compares anew."""

from pathlib import Path
from typing import Any

from wltui.core.records import WorkspaceId
from wltui.core.upload_frameworks import DIRECT, FRAMEWORKS, file_suffixes
from wltui.core.upload_plan import UploadPlan

SCHEMA = (
    "/////3gAAAAQAAAAAAAKAAwABgAFAAgACgAAAAABBAAMAAAACAAIAAAABAAIAAAABAAAAAEAAAAUAAAAEAAUAAgABgAHAAwAAAAQABAAAAAAAAED"
    "EAAAACAAAAAEAAAAAAAAAAYAAABhbW91bnQAAAAABgAIAAYABgAAAAAAAQA="
)
"""One field: ``amount``, a 32-bit float."""
TOOLS = {
    "tool_call_parser": "hermes", "enable_auto_tool_choice": False, "device_group": [0, 1], "block_size": 32,
    "max_model_len": 7, "max_seq_len_to_capture": 8, "quantization": "mxfp6",
}  # fmt: skip
MORE: dict[str, dict[str, Any]] = {
    "sdk-qaic": {"framework": "vllm", "accel": "qaic", "accel_config": {"num_cores": 4}, "framework_config": TOOLS},
    "sdk-own-keys": {"framework": "custom", "framework_config": {"zeta": [1], "model_path": "./x/", "alpha": {}}},
    "sdk-rocm": {"framework": "sglang", "accel": "rocm", "framework_config": {"chunked_prefill_size": -1}},
    "sdk-jetson": {"framework": "onnx", "arch": "arm", "accel": "jetson"},
}  # fmt: skip
"""Uploads with settings, by the model's name."""
CONFIGS: dict[str, dict[str, Any]] = {
    "custom": {"model_path": "./model/"},
    "vllm": {"gpu_memory_utilization": 0.9, "kv_cache_dtype": "auto", "max_num_seqs": 256, "quantization": "none"},
    "sglang": {
        "chunked_prefill_size": 1024, "context_length": 2048, "kv_cache_dtype": "auto",
        "max_prefill_tokens": 2048, "max_running_requests": 64, "mem_fraction_static": 0.8, "page_size": 16,
        "quantization": "none",
    },
    "sdk-qaic": {
        "block_size": 32, "device_group": [0, 1], "enable_auto_tool_choice": False,
        "gpu_memory_utilization": 0.9, "kv_cache_dtype": "auto", "max_model_len": 7, "max_num_seqs": 256,
        "max_seq_len_to_capture": 8, "quantization": "mxfp6", "tool_call_parser": "hermes",
    },
    "sdk-own-keys": {"zeta": [1], "alpha": {}, "model_path": "./x/"},
}  # fmt: skip
CONFIGS["sdk-rocm"] = CONFIGS["sglang"] | {"chunked_prefill_size": -1}
"""Recorded settings: the defaults of a framework, and those of ``MORE``. The others have none."""
QAIC = {
    "aic_enable_depth_first": False, "ctx_len": 128, "full_batch_size": 8, "mxfp6_matmul": False,
    "mxint8_kv_cache": False, "num_cores": 4, "num_devices": 1, "prefill_seq_len": 32,
}  # fmt: skip


def plans() -> list[UploadPlan]:
    """Return one upload of each framework, in the order of the SDK's enumeration, and then those of ``MORE``."""
    kinds = [(name.replace("hugging-face", "hf"), {"framework": name}) for name in FRAMEWORKS]
    return [plan(name, **fields) for name, fields in (*kinds, *MORE.items())]


def plan(name: str, **fields: Any) -> UploadPlan:
    """Return an upload into workspace 4, its schemas given even if the route does not send them."""
    file = Path("folder") / f"sdk{file_suffixes(fields['framework'])[0]}"
    schemas: dict[str, Any] = {"input_schema": SCHEMA, "output_schema": SCHEMA}
    return UploadPlan(name=name, workspace_id=WorkspaceId(4), file=file, **schemas, **fields)


def recorded(upload: UploadPlan) -> dict[str, Any]:
    """Return the metadata that the SDK sent for one of :func:`plans`."""
    settings = CONFIGS.get(upload.name, CONFIGS.get(upload.framework))
    is_direct = upload.route == DIRECT
    return {
        "name": upload.name,
        "visibility": "private",
        "workspace_id": 4,
        "conversion": {
            "arch": upload.arch,
            "accel": {"qaic": QAIC} if upload.accel == "qaic" else upload.accel,
            "framework": upload.framework,
            "framework_config": settings and {"config": settings, "framework": upload.framework},
            "python_version": "3.8",
            "requirements": [],
        },
    } | ({} if is_direct else {"input_schema": SCHEMA, "output_schema": SCHEMA})
