"""An upload as the list of uploads has it."""

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from wltui.core.records import ModelVersion, Outcome

if TYPE_CHECKING:  # a start imports none of them
    from wltui.service.upload.outcome import UploadOutcome
    from wltui.service.upload.queue import UploadJob
    from wltui.store.upload_history import UploadRecord


class Upload(Struct, eq=False):
    """An upload of this session, or one that a former program left open."""

    file_name: str
    model_name: str
    size: int
    job: "UploadJob | None" = None
    record: "UploadRecord | None" = None
    predecessor: ModelVersion | None = None
    """The version whose config the new one may get."""
    found: "UploadOutcome | None" = None
    """What a look has found out about an upload of a former program."""
    sent_at: datetime | None = None
    """When its last byte was sent; None before, and if that is not known."""
    is_looking: bool = False
    """Whether its outcome is being looked up."""
    still_runs: bool = False
    """Whether another program is sending it."""

    @property
    def is_open(self) -> bool:
        """Whether its outcome is not known, and another look may find it out."""
        outcome = self.outcome
        return outcome.can_look_again if outcome is not None else self.record is not None

    @property
    def is_refused(self) -> bool:
        """Whether it was begun in this session and has ended, and nothing was stored."""
        if self.job is None or not self.job.has_ended:
            return False
        return self.outcome is None or self.outcome.outcome in (Outcome.REFUSED, Outcome.NOT_SAVED)

    @property
    def outcome(self) -> "UploadOutcome | None":
        """The outcome, as far as it is known."""
        return self.job.outcome if self.job else self.found
