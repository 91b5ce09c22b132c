"""The columns that a table for people has if the user names none."""

from collections.abc import Mapping, Sequence

DEFAULTS: Mapping[str, Sequence[str]] = {
    "workspaces": ("id", "name", "archived", "created_at", "created_by"),
    "models": ("id", "name", "workspace", "versions", "newest_status", "updated_at", "newest_image_path"),
    "versions": ("id", "model", "workspace", "status", "created_at", "reason", "image_path"),
    "pipelines": ("id", "name", "workspace", "deployed", "config", "deployed_at", "models"),
    "problems": ("id", "trouble", "since", "workspace", "model", "reason", "cause", "remedy"),
    "configs": ("config_id", "version_id", "runtime", "batch_config", "filter_threshold", "tensor_fields"),
    "history": ("at", "outcome", "version_id", "model", "config_id", "changed", "user"),
    "drafts": ("changed_at", "version_id", "model", "changed", "is_open"),
}
"""The columns of each kind of record if the user names none; the last ones are cut on a narrow terminal."""
