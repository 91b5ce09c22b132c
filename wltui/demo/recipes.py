"""The ways in which the company brings models to Wallaroo, and the images that come of them."""

from typing import Any, NamedTuple

from . import schemas
from .logs import VALIDATED, LogLine
from .schemas import Schema


class Recipe(NamedTuple):
    """One way to bring a model to Wallaroo."""

    framework: str
    runtime: str
    file: str
    size: int
    """Bytes of the file, about."""
    inputs: Schema | None = None
    outputs: Schema | None = None
    image: str | None = None
    """The image's name without registry and tag; None for native runtimes."""
    accels: tuple[str | dict[str, Any], ...] = ("none",)
    archs: tuple[str, ...] = ("x86",)
    requirements: tuple[str, ...] = ()
    framework_config: dict[str, Any] | None = None
    tuned: dict[str, Any] = {}
    """The changes of a later config row."""
    logs: tuple[LogLine, ...] = ()
    """The log of a successful upload."""


QAIC = {
    "qaic": {
        "num_cores": 16,
        "num_devices": 4,
        "ctx_len": 2048,
        "prefill_seq_len": 128,
        "full_batch_size": 16,
        "mxfp6_matmul": True,
        "mxint8_kv_cache": True,
        "aic_enable_depth_first": False,
    }
}
CHAT_TEMPLATE = (
    "{% for message in messages %}\n"
    "<|{{ message['role'] }}|>\n{{ message['content'] }}</s>\n"
    "{% endfor %}\n<|assistant|>\n"
)
OPENAI = {
    "enabled": True,
    "completion_config": {"temperature": 0.2, "max_tokens": 256},
    "chat_completion_config": {"temperature": 0.3, "max_tokens": 512, "chat_template": CHAT_TEMPLATE},
}
VLLM = {
    "framework": "vllm",
    "config": {
        "max_model_len": 4096,
        "gpu_memory_utilization": 0.9,
        "kv_cache_dtype": "auto",
        "max_num_seqs": 256,
        "quantization": "none",
    },
}
DYNAMIC = {"max_batch_delay_ms": 1000, "batch_size_target": 8, "batch_size_limit": 10}

RECIPES = {
    "fraud": Recipe(
        "onnx",
        "onnx",
        "ccfraud.onnx",
        1_928,
        accels=("none", "cuda"),
        tuned={"tensor_fields": ["dense_input"]},
    ),
    "score": Recipe(
        "onnx",
        "onnx",
        "scorer.onnx",
        412_000,
        schemas.FRAUD_INPUT,
        schemas.FRAUD_OUTPUT,
        tuned={"filter_threshold": 0.1, "tensor_fields": ["tensor"]},
    ),
    "yolo": Recipe(
        "onnx",
        "onnx",
        "yolov8n.onnx",
        12_823_491,
        schemas.IMAGE,
        schemas.DETECTIONS,
        accels=("openvino", "cuda", "none"),
        tuned={"tensor_fields": ["images"], "batch_config": "single"},
    ),
    "edge": Recipe(
        "onnx",
        "onnx",
        "mobilenet.pt.onnx",
        27_400_112,
        accels=("none", "jetson"),
        archs=("arm",),
        tuned={"tensor_fields": ["data"]},
    ),
    "tensorflow": Recipe("tensorflow", "tensorflow", "alohacnnlstm.zip", 3_204_551),
    "keras": Recipe(
        "keras",
        "flight",
        "keras_sequential_single_io.h5",
        1_120_448,
        schemas.VARIABLE,
        schemas.CLASSES,
        "mac-deploy",
    ),
    "sklearn": Recipe(
        "sklearn",
        "flight",
        "pipeline.pkl",
        96_211,
        schemas.HOUSE,
        schemas.VARIABLE,
        "mac-deploy",
        archs=("x86", "x86", "arm"),
        tuned={"dynamic_batching_config": DYNAMIC},
    ),
    "xgboost": Recipe(
        "xgboost", "flight", "xgb_reg.pkl", 240_013, schemas.VARIABLE, schemas.VARIABLE, "mac-deploy"
    ),
    "converted": Recipe("xgboost", "onnx", "xgb_converted.pkl", 188_400, schemas.VARIABLE, schemas.VARIABLE),
    "pytorch": Recipe(
        "pytorch",
        "flight",
        "model-auto-conversion_pytorch_multi_io_model.pt",
        86_028,
        schemas.PYTORCH_INPUT,
        schemas.PYTORCH_OUTPUT,
        "mac-deploy",
        accels=("none", "cuda"),
        tuned={
            "dynamic_batching_config": {
                "max_batch_delay_ms": 10,
                "batch_size_target": 4,
                "batch_size_limit": None,
            }
        },
    ),
    "cifar": Recipe(
        "pytorch", "flight", "cifar_resnet.pt", 44_700_100, schemas.CIFAR, schemas.CLASSES, "mac-deploy"
    ),
    "forecast": Recipe(
        "custom",
        "flight",
        "forecast_byop.zip",
        5_310_220,
        schemas.SENSORS,
        schemas.FORECAST,
        "mac-deploy",
        requirements=("numpy==1.26.4", "statsmodels==0.14.2"),
        framework_config={"framework": "custom", "config": {}},
        tuned={"filter_threshold": 0.25},
        logs=VALIDATED,
    ),
    "frames": Recipe(
        "custom",
        "flight",
        "frame_quality.zip",
        61_003_771,
        schemas.TENSOR,
        schemas.DETECTIONS,
        "mac-deploy",
        accels=("cuda",),
        requirements=("opencv-python-headless==4.10.0.84",),
        logs=VALIDATED,
    ),
    "summary": Recipe(
        "hugging-face-summarization",
        "flight",
        "hf-summarization.zip",
        1_220_044_102,
        schemas.SUMMARY_INPUT,
        schemas.SUMMARY_OUTPUT,
        "mac-deploy",
        accels=("cuda", "none"),
        tuned={"dynamic_batching_config": DYNAMIC},
    ),
    "classify": Recipe(
        "hugging-face-text-classification",
        "flight",
        "distilbert.zip",
        268_411_902,
        schemas.TEXT,
        schemas.CLASSES,
        "mac-deploy",
        archs=("x86", "arm"),
    ),
    "chat": Recipe(
        "vllm",
        "flight",
        "llama-3-8b-instruct.zip",
        15_002_117_308,
        schemas.EMPTY,
        schemas.EMPTY,
        "mac-deploy-qaic-vllm",
        accels=(QAIC,),
        framework_config=VLLM,
        tuned={"continuous_batching_config": {"max_concurrent_batch_size": 100}, "openai": OPENAI},
        logs=VALIDATED,
    ),
    "llm": Recipe(
        "vllm",
        "flight",
        "mistral-7b.zip",
        13_870_220_917,
        schemas.LLM_INPUT,
        schemas.LLM_OUTPUT,
        "mac-deploy",
        accels=("cuda",),
        framework_config=VLLM,
        tuned={"continuous_batching_config": {"max_concurrent_batch_size": 256}},
    ),
    "rag": Recipe(
        "custom",
        "flight",
        "rag_byop.zip",
        2_044_310,
        schemas.CHAT,
        schemas.TEXT,
        "mac-deploy",
        requirements=("sentence-transformers==3.0.1", "faiss-cpu==1.8.0", "pydantic>=2,<3"),
        logs=VALIDATED,
    ),
    "mlflow": Recipe(
        "mlflow",
        "mlflow",
        "mlflow-statsmodels.zip",
        77_412,
        schemas.VARIABLE,
        schemas.VARIABLE,
        "mlflow-deploy",
    ),
}

RELEASES = (
    (90, None, "v2025.2.1-6555"),
    (170, "2025.2.0", "v2025.2.0-6480"),
    (330, "2025.1.2", "v2025.1.2-6210"),
    (500, "2024.4.1", "v2024.4.1-5873"),
    (650, "2024.2.0", "v2024.2.0-main-5455"),
    (10_000, "2024.1.0", "v2024.1.0-4945"),
)
"""Until how many days ago each release ran, with its name (None: the one that answers) and its images' tag."""
PROXY = "proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/"
"""The prefix of almost every image."""
ODD_IMAGES = (
    "proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/mac-deploy@sha256:"
    "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945",
    "ghcr.io/wallaroolabs/mac-deploy:v2025.1.2-6210",
    "gpu-hf-summ-official2:1.30",
    "ghcr.io/wallaroolabs/mac-deploy:main",
    "registry.example.com:5000/ml/team-a/serving-base:2025-11-03_rc1",
)
