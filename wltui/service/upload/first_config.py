"""Foresee the config that an upload makes, and what another config would change in it."""

from msgspec.structs import replace

from wltui.config.detail import empty_row
from wltui.config.edit import SCHEMAS
from wltui.core.records import ModelVersion, VersionId
from wltui.core.upload_plan import UploadPlan
from wltui.service.headless_edit import EditSource, KnownConfigs, SourcedEdit

NOT_STORED = VersionId(0)
"""The id of a version that is not stored yet."""


def foresee_config(plan: UploadPlan, source: EditSource) -> SourcedEdit:
    """Return the edit that a source makes of the config of a new version: null but for the schemas that were sent.

    Slow: call it in a thread. No recorded upload began with another config, but nobody promises that none will.

    Raises:
        UsageError, SaveDeclined: as the source raises them; after the upload it would do so too.
    """
    sent = plan.metadata()
    first = replace(empty_row(NOT_STORED), **{key: sent.get(key) for key in SCHEMAS})
    return source(KnownConfigs(ModelVersion(id=NOT_STORED, model_name=plan.name), first, {}))
