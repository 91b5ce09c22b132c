"""Check an upload before a byte is sent: all that can be known without the server, each with its remedy."""

from collections.abc import Sequence

from wltui.core.upload_frameworks import Release
from wltui.core.upload_plan import UploadPlan

from .contents import Contents, inspect
from .file_checks import check_file
from .findings import Finding as Finding
from .findings import Severity as Severity
from .local_file import UnusableFile
from .plan_checks import check_plan
from .zip_checks import check_zip

_ORDER = list(Severity)


def check(
    plan: UploadPlan, contents: Contents | None = None, *, release: Release | None = None
) -> Sequence[Finding]:
    """Return all findings about an upload, the worst first. It blocks: call it in a thread.

    Args:
        plan: The upload.
        contents: Its file, as :func:`inspect` returned it; None to read it.
        release: The newest release that the server is known to have at least; None if none is known.
    """
    found = check_plan(plan, release)
    try:
        known = contents if contents is not None else inspect(plan.file)
    except UnusableFile as error:
        found.append(Finding(Severity.CERTAIN, f"{error.what}: {error.why}.", error.advice))
    else:
        found += check_file(plan, known)
        found += check_zip(plan.framework, known)
    return sorted(found, key=lambda finding: _ORDER.index(finding.severity))
