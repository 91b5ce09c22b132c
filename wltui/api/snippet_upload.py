"""Write an upload as a program of another, which streams the file from disk as wltui does.

Each run makes another version. None has a limit of time for the whole, since a large file takes long.
"""

import json
from collections.abc import Callable, Mapping

from wltui.core.shell_quoting import printf, quote
from wltui.core.upload_plan import UploadPlan

from .calls import Call
from .sdk_calls import sdk_upload_call
from .snippet_python import format_text, format_value
from .snippets import TOKEN, Target, address, curl_network, requests_program, sdk_program
from .upload import UploadBody, escape_file_name, upload_call

_FORM = """
class Form:
    # The file between the other parts, read while it is sent.
    def __len__(self):
        return len(head) + os.path.getsize(path) + len(tail)

    def __iter__(self):
        yield head
        with open(path, "rb") as file:
            while chunk := file.read(65_536):
                yield chunk
        yield tail
"""


def curl_upload(plan: UploadPlan, target: Target) -> str:
    """Return an upload as a command for a POSIX shell; needs curl 7.76 or newer, and sends what wltui sends.

    The answer goes to standard output and its status to standard error; the exit code is 22 if it is 400 or more.
    """
    name, form, *parts = printf(json.dumps(plan.metadata()))
    file = (
        f"file=@{_in_double_quotes(str(plan.file))};filename={_in_double_quotes(plan.file_name)}"
        ";type=application/octet-stream"
    )
    options = [
        f"curl {quote(address(_call(plan), target))}",
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


def requests_upload(plan: UploadPlan, target: Target) -> str:
    """Return an upload as a Python program that needs the package requests, and sends the bytes that wltui sends."""
    name = escape_file_name(plan.file_name).decode()
    file_head = f'Content-Disposition: form-data; name="file"; filename="{name}"'
    lines = [
        f"path = {format_text(str(plan.file))}",
        f"metadata = {format_text(json.dumps(plan.metadata()))}",
        "boundary = os.urandom(16).hex()",
        r'head = "\r\n".join([',
        '    "--" + boundary,',
        """    'Content-Disposition: form-data; name="metadata"',""",
        '    "Content-Type: application/json",',
        '    "",',
        "    metadata,",
        '    "--" + boundary,',
        f"    {format_text(file_head)},",
        '    "Content-Type: application/octet-stream",',
        r'    "\r\n",',
        "]).encode()",
        r'tail = f"\r\n--{boundary}--\r\n".encode()',
        *_FORM.split("\n"),
        "",
    ]
    timeout = UploadBody.timeout  # requests has one for connecting and for each part of the file
    arguments = ["data=Form(),", f"timeout=({timeout.write:g}, {timeout.read:g}),"]
    content_type = '"multipart/form-data; boundary=" + boundary'
    return requests_program(_call(plan), target, lines, arguments, content_type=content_type)


def sdk_upload(plan: UploadPlan, target: Target) -> str:
    """Return an upload as a Python program on the generated client of the vendor's SDK, as :func:`snippets.sdk`."""
    name = plan.file_name.encode("utf-8", "replace").decode()
    lines = [
        f'file = open({format_text(str(plan.file))}, "rb")',
        f"metadata = UploadRequest.from_dict({format_value(plan.metadata())})",
        "body = UploadPayloadDoc(",
        f'    file=File(file, {format_text(name)}, "application/octet-stream"),',
        "    metadata=metadata,",
        ")",
    ]
    timeout = UploadBody.timeout
    patience = f"{timeout.read:g}, connect={timeout.connect:g}, write={timeout.write:g}"
    more = (".models import UploadRequest", ".types import File")
    return sdk_program(sdk_upload_call(plan.route), target, lines, patience=patience, more_imports=more)


def _in_double_quotes(text: str) -> str:
    """Return a name as curl's forms quote it."""
    escaped = text.replace("\\", r"\\").replace('"', r"\"")
    return f'"{escaped}"'


def _call(plan: UploadPlan) -> Call[object]:
    return upload_call(plan.route, plan.metadata(), plan.file_name)


UPLOADS: Mapping[str, Callable[[UploadPlan, Target], str]] = {
    "curl": curl_upload,
    "requests": requests_upload,
    "sdk": sdk_upload,
}
"""What writes an upload as a program, by the program's kind."""
