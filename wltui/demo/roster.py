"""The company by name: its people, workspaces and models, and which of them are on the move."""

from typing import NamedTuple

PEOPLE = (
    ("jane@example.com", "8f1f2a8e-0d0b-4d5e-8c7a-6a3f1c2b9e10"),
    ("jo.alvarez@example.com", "2c9b7a44-5f0e-4b53-a6b0-93d1a1f3c7de"),
    ("ml-platform@example.com", "e41d8f0a-77aa-49e6-9a3c-0f9d2b6c1b52"),
    ("priya.raman@example.com", "0b6d4c3e-1f55-4f0c-b4e9-5a7e8d9c2f61"),
    ("anders.ø@example.com", "d5a1f7b2-3c68-4e0d-8f2b-7c4e6a9b1d03"),
    ("svc-retrain@example.com", "a7c3e9d1-64b2-4f7a-9d0e-2b8f5c1a6e74"),
)
HOMES = ("/home/jo/models/", "/Users/jane/Projects/serving/artifacts/", "/home/jupyter/", "./models/")

WORKSPACES = (
    ("fraud-detection", False),
    ("jane@example.com - Default Workspace", False),
    ("Computer Vision", False),
    ("pricing & demand", False),
    ("llm-platform", False),
    ("churn-and-retention", False),
    ("Edge [arm]", False),
    ("mlops-sandbox@acme", False),
    ("Prévision météo", False),
    ("prototypes 2024", True),
)
"""Name, and whether it is archived."""
LONGEST = "probability-of-default-retail-unsecured-calibrated-2025-q3-emea"
MODELS = (
    ("ccfraud", 0, "fraud"),
    ("fraud-scorer", 0, "score"),
    ("chargeback-risk", 0, "xgboost"),
    ("merchant-embedding", 0, "pytorch"),
    (LONGEST, 0, "sklearn"),
    ("aml-graph-features", 0, "forecast"),
    ("card-velocity", 0, "converted"),
    ("ccfraud", 1, "fraud"),
    ("api-sample-model", 1, "fraud"),
    ("x", 1, "sklearn"),
    ("notebook-test", 1, "pytorch"),
    ("house-price", 1, "sklearn"),
    ("yolov8n-openvino", 2, "yolo"),
    ("yolov8n-cuda", 2, "yolo"),
    ("defect-segmentation", 2, "frames"),
    ("cifar-resnet", 2, "cifar"),
    ("shelf-occupancy", 2, "yolo"),
    ("frame-quality", 2, "frames"),
    ("demand-forecast", 3, "forecast"),
    ("price-elasticity", 3, "xgboost"),
    ("promo-uplift", 3, "sklearn"),
    ("basket-affinity", 3, "keras"),
    ("nightly-demand-refit", 3, "sklearn"),
    ("llama-3-8b-instruct", 4, "chat"),
    ("mistral-7b", 4, "llm"),
    ("contract-summarizer", 4, "summary"),
    ("rag-embedder", 4, "rag"),
    ("ticket-router", 4, "classify"),
    ("support-chat-70b", 4, "chat"),
    ("churn-30d", 5, "xgboost"),
    ("nightly-churn-refit", 5, "xgboost"),
    ("win-back", 5, "keras"),
    ("sentiment", 5, "classify"),
    ("ltv", 5, "mlflow"),
    ("mobilenet-edge", 6, "edge"),
    ("vibration-anomaly", 6, "edge"),
    ("yolov8n-openvino", 6, "edge"),
    ("keyword-spotting", 6, "tensorflow"),
    ("nightly-canary", 7, "pytorch"),
    ("smoke-test", 7, "fraud"),
    ("aloha", 7, "tensorflow"),
    ("nightly-drift-probe", 7, "forecast"),
    ("wind-nowcast", 8, "forecast"),
    ("solar-irradiance-day-ahead", 8, "forecast"),
    ("legacy-postprocess", 9, "converted"),
    ("seasonal-arima", 9, "mlflow"),
)
"""Name, position of the workspace, recipe."""


class Live(NamedTuple):
    """A version whose status moves, or hangs, when the server starts."""

    model: str
    age: float
    """Seconds since its upload."""
    stages: tuple[tuple[str, float], ...]
    outcome: str = "ready"
    period: float | None = None


FOREVER = float("inf")
NATIVE = (("uploading", 20.0), ("pending_load_native", 25.0), ("attempting_load_native", 40.0))
CONTAINER = (*NATIVE, ("pending_load_container", 45.0), ("attempting_load_container", 120.0))
REFIT = 900.0
"""Seconds between two builds of a nightly model; four of them, evenly apart, never all rest."""
LIVE = (
    Live("yolov8n-openvino", 18 * 3600, (("attempting_load_container", FOREVER),)),
    Live("support-chat-70b", 3 * 3600 + 700, (("pending_load_container", FOREVER),)),
    Live("contract-summarizer", 200, (("uploading", 600.0), *CONTAINER[1:])),
    Live("nightly-demand-refit", 86_400, CONTAINER, period=REFIT),
    Live("nightly-churn-refit", 86_400 + 225, CONTAINER, period=REFIT),
    Live("nightly-canary", 86_400 + 450, CONTAINER, period=REFIT),
    Live("nightly-drift-probe", 86_400 + 675, CONTAINER, "error", period=REFIT),
    Live("frame-quality", 150, CONTAINER),
    Live("rag-embedder", 100, CONTAINER, "error"),
    Live("promo-uplift", 60, CONTAINER),
    Live("fraud-scorer", 30, NATIVE),
    Live("churn-30d", 5, CONTAINER),
)
