"""Write an upload as a curl command, which streams the file from disk as wltui does."""

import json

from wltui.core.records import VersionId
from wltui.core.shell_quoting import printf, quote
from wltui.core.upload_plan import UploadPlan

from .calls import Call
from .snippets import TOKEN, Target, address, curl_network


def curl_upload(plan: UploadPlan, call: Call[VersionId], target: Target) -> str:
    """Return an upload as a command for a POSIX shell; needs curl 7.76 or newer, and sends what wltui sends.

    It has no limit of time, since a large file takes long. Each run makes another version. The answer goes to standard
    output and its status to standard error; the exit code is 22 if it is 400 or more.
    """
    name, form, *parts = printf(json.dumps(plan.metadata()))
    file = (
        f"file=@{_in_double_quotes(str(plan.file))};filename={_in_double_quotes(plan.file_name)}"
        ";type=application/octet-stream"
    )
    options = [
        f"curl {quote(address(call, target))}",
        *curl_network(target, None),
        "--silent",
        "--show-error",
        "--fail-with-body",
        f'--header "Authorization: Bearer ${TOKEN}"',
        "--form 'metadata=<-;type=application/json'",
        f"--form {quote(file)}",
        r"--write-out '\n%{stderr}HTTP %{http_code}\n'",
    ]
    command = " \\\n  ".join(options)
    return " \\\n  ".join([f"{name} {form}", *parts]) + f" |\n{command}\n"


def _in_double_quotes(text: str) -> str:
    """Return a name as curl's forms quote it."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'
