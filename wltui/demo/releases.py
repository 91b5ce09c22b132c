"""The fields that the answers of each release of Wallaroo hold and leave out."""

from struct import pack, unpack
from typing import Literal, get_args

import msgspec

from .deployments import PipelineVersion
from .refusals import RefusalError
from .world import Config, Json, Version

Era = Literal["2023.4", "2025.1", "2025.2", "2026.1"]
"""The release that answers: 2023.4 with the flat lists of the guide, the others with nested ones."""
ERAS: tuple[Era, ...] = get_args(Era)
RELEASES = {"2023.4": "2023.4.0", "2025.1": "2025.1.2", "2025.2": "2025.2.1", "2026.1": "2026.1.3"}
FIELDS_OF_2023 = (
    "id", "model_version_id", "runtime", "tensor_fields", "filter_threshold", "input_schema", "output_schema",
    "batch_config", "sidekick_uri",
)  # fmt: skip
LARGEST = unpack("<f", b"\xff\xff\x7f\x7f")[0]
"""The largest 32-bit float."""


def created_on(version: Version | PipelineVersion, era: Era) -> str:
    """Return the release that made a version; no server knows of a later one than its own."""
    return min(version.created_on_version or RELEASES[era], RELEASES[era])


def whole_row(config: Config, *, listed: bool, era: Era) -> Json:
    """Return the row that comes with a version.

    The query of lists does not select two of its columns, and that of a single version does so since 2026.1: until
    then they are null, whatever they hold.
    """
    row = _sent_row(config)
    if listed or era < "2026.1":
        row |= {"continuous_batching_config": None, "openai": None}
    return row


def inserted_row(config: Config, era: Era) -> Json:
    """Return the row in the answer to an insert."""
    row = _sent_row(config)
    return {name: row[name] for name in FIELDS_OF_2023} if era == "2023.4" else row


def short_row(config: Config) -> Json:
    """Return all that ``get_config_by_id`` selects of a row."""
    row = _sent_row(config)
    return {key: row[key] for key in ("id", "runtime", "tensor_fields", "filter_threshold")}


def _sent_row(config: Config) -> Json:
    """Return a row as REST answers have it."""
    row = stored_row(config)
    if row["filter_threshold"] is not None:
        row["filter_threshold"] = shortest_float32(row["filter_threshold"])
    return row


def shortest_float32(value: float) -> float:
    """Return a 32-bit float as it is printed: by the fewest digits that 32 bits need."""
    candidates = (float(f"{value:.{digits}g}") for digits in range(1, 18))
    return next(short for short in candidates if abs(short) <= LARGEST and _float32(short) == value)


def stored_row(config: Config) -> Json:
    """Return a row as the database holds it: the threshold came through a 32-bit float."""
    row = msgspec.structs.asdict(config)
    if config.filter_threshold is not None:
        row["filter_threshold"] = _float32(config.filter_threshold)
    return row


def _float32(value: float) -> float:
    try:
        return float(unpack("<f", pack("<f", value))[0])
    except OverflowError:
        raise RefusalError(400, "Json deserialize error: number out of range") from None
