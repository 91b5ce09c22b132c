"""Decide which nulls of a config are real: a table of calls, fields and releases.

A config has every key in every answer, but each call selects only some columns of it from the server's database. A
column that a call does not select is null in its answer, whatever its value is. So null is valid only if this table
lists the column for the call; a value other than null is always valid. The table follows the queries that the server
shares with the vendor's SDK, compared from 2024.2 to 2026.1, and recorded answers.
"""

import re
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from typing import Any

from msgspec import UNSET

Release = tuple[int, int]
"""Year and number of a Wallaroo release: ``(2025, 2)``. Patch numbers are ignored."""

ALWAYS: Release = (0, 0)

COLUMNS_SINCE: Mapping[str, Release] = {
    "sidekick_uri": (2024, 1),
    "dynamic_batching_config": (2024, 3),
    "continuous_batching_config": (2025, 1),
    "openai_config": (2025, 1),
    "queue_depth": (2025, 1),
}
"""The release that added a column; all other columns have always existed.

Since 2024.1 every answer has ``sidekick_uri``, and every version the release that received its upload.
"""


class ConfigCall(Enum):
    """The calls whose answer contains a config row."""

    LIST = "models/list"
    """And ``models/list_versions_for_model``."""
    VERSION = "models/get_version_by_id"
    NEWEST = "models/get_config_by_id"
    INSERT = "models/insert_model_config"
    GRAPHQL = "/v1/graphql"
    """A config row itself. What was not selected is missing from the answer, so each null in it is one."""


_SHORT = dict.fromkeys(("runtime", "tensor_fields", "filter_threshold"), ALWAYS)
_USUAL = _SHORT | dict.fromkeys(
    (
        "batch_config",
        "input_schema",
        "output_schema",
        "dynamic_batching_config",
        "queue_depth",
        "sidekick_uri",
    ),
    ALWAYS,
)

KNOWN_SINCE: Mapping[ConfigCall, Mapping[str, Release]] = {
    ConfigCall.LIST: _USUAL,
    ConfigCall.VERSION: _USUAL | {"continuous_batching_config": (2026, 1), "openai_config": (2026, 1)},
    ConfigCall.NEWEST: _SHORT,
    ConfigCall.INSERT: _USUAL | {"continuous_batching_config": ALWAYS, "openai_config": ALWAYS},
    ConfigCall.GRAPHQL: _USUAL | {"continuous_batching_config": ALWAYS, "openai_config": ALWAYS},
}
"""The release since which a call returns a field, so that its null means null; without an entry it never does.

The answer to an insert is the inserted row itself: it has had these two columns since they exist.
"""

NEVER: Release = (9999, 0)
_UNSURE = {
    call: tuple(
        (name, since)
        for name in KNOWN_SINCE[ConfigCall.INSERT]
        if (since := known.get(name, NEVER)) != ALWAYS
    )
    for call, known in KNOWN_SINCE.items()
}
"""The fields of each call whose null is not always valid."""


@lru_cache(maxsize=256)
def parse_release(text: str | None) -> Release | None:
    """Return the release at the start of a text such as ``2025.2.1``, or None if there is none."""
    found = re.match(r"\s*v?(20\d\d)\.(\d{1,3})(?!\d)", text or "", re.ASCII)
    return (int(found[1]), int(found[2])) if found else None


def drop_unknown(row: dict[str, Any], call: ConfigCall, proven: Release | None = None) -> None:
    """Set each null field of a config row to ``UNSET`` if the call does not return it.

    Args:
        row: The fields of a :class:`~wltui.core.records.ModelConfig`, changed in place.
        call: The call that returned the row.
        proven: Lowest possible release of the server, such as the one that received the version's upload.
    """
    if call is ConfigCall.VERSION and proven is None and all(row[name] is UNSET for name in COLUMNS_SINCE):
        row |= dict.fromkeys(
            COLUMNS_SINCE
        )  # a server of 2023 has no such columns, so a save can't clear them
        return
    for name, since in _UNSURE[call]:
        if row[name] is None and (proven is None or proven < since):
            row[name] = UNSET
