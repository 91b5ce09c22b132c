"""Print what ``wltui get … --cached`` printed before, if nothing has changed since, before anything large is imported.

Only lists and records in a pipe are kept, without a filter, as that may depend on the time. See :mod:`~.kept_files`.
"""

import os
import time

from .kept_files import Inputs, build_name, delete_kept, find_surplus, kept_folder, load

TYPE_CHECKING = False  # typing takes its time
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

FORMAT = b"wltui output 1"
FLAGS = frozenset({"--cached", "--offline"})
DAY = 86_400.0


class KeptOutput:
    """The output of one command line and environment."""

    def __init__(self, words: "Sequence[str]", environ: "Mapping[str, str]") -> None:
        self.folder = kept_folder(environ)
        self._path = f"{self.folder}/{build_name(words, environ)}-output"
        self._inputs = Inputs()
        self.body: bytes | None = None
        """What the command has printed; None if it is not to be kept."""
        self.as_of = 0.0
        """When that was true, in seconds since 1970."""

    def print(self) -> int | None:
        """Print the output of before, and its age on standard error; return the exit code, or None if there is none.

        If standard output can't be written, None is returned as well: the command says so when it meets that itself.
        """
        stamp, _, body = load(self._path, FORMAT).partition(b"\n")
        if not stamp:
            return None
        from datetime import timedelta

        from wltui.ui.text.format import age

        message = f"wltui: from disk, {age(timedelta(seconds=time.time() - float(stamp)))} old\n"
        try:
            os.write(2, message.encode())
            while body:
                body = body[os.write(1, body) :]
        except BrokenPipeError:
            return 141
        except OSError:
            return None
        return 0

    def record_inputs(self, paths: "Iterable[os.PathLike[str] | str]") -> None:
        """Remember the state of the files that the output is made from; call it before they are read."""
        self._inputs.record(paths)

    def save(self, days: float, write: "Callable[[str, bytes], object]") -> None:
        """Save what was printed, if it is to be kept and nothing has changed meanwhile.

        Args:
            days: How long answers on disk are shown.
            write: Writes a whole file, in a folder for this user alone.

        Raises:
            OSError: It can't be written.
        """
        if self.body is None:
            return
        content = b"%r\n" % self.as_of + self.body
        if self._inputs.save(self._path, FORMAT, content, until=self.as_of + days * DAY, write=write):
            delete_kept(find_surplus(self.folder, days * DAY))


def find_output(words: "Sequence[str]", environ: "Mapping[str, str]") -> KeptOutput | None:
    """Return the output of a command line, if it is one whose output is kept and goes to no terminal."""
    if words[:1] != ["get"] or FLAGS.isdisjoint(words) or os.isatty(1):
        return None
    return KeptOutput(words, environ)
