"""Start a program in a process that has its modules already: to import them is two thirds of a start's time.

A :class:`Nursery` imports the modules once, and forks for each program: the child takes the terminal and the
environment that it is given, and runs the module as ``python -m`` does, in its main thread and to the interpreter's own
end. What happens before the modules are imported is not tested by it.
"""

import atexit
import io
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
MODULES = (
    "wltui.cli.run", "wltui.demo", "wltui.lifecycle.crash", "wltui.lifecycle.prefetch", "wltui.service.open",
    "wltui.ui.app.app", "wltui.ui.screens.version", "wltui.ui.screens.versions", "wltui.ui.screens.workspaces",
)  # fmt: skip
READ_EARLY = ("COLORTERM", "LANG", "LC_", "NO_COLOR", "PYTHON", "TERM", "TEXTUAL_", "TZ")
"""How the names of variables begin that are read when Python starts or modules are imported.

All programs of a nursery have the same values of them.
"""


class Started:
    """A program that runs: what is used of :class:`subprocess.Popen`."""

    def __init__(self, nursery: "Nursery", pid: int) -> None:
        self._nursery, self.pid = nursery, pid
        self._code: int | None = None

    def wait(self) -> int:
        """Return its exit code (``-n`` after signal n) when it has ended."""
        if self._code is None:
            self._code = self._nursery.ask({"wait": self.pid})
        return self._code

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal, unless it was waited for, as its number may be another process's then."""
        if self._code is None:
            os.kill(self.pid, number)


class Nursery:
    """The process that forks; it ends with this one."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._socket, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            command = [sys.executable, "-m", "tests.support.warm_start", str(other.fileno())]
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=dict(environ), pass_fds=[other.fileno()], stdin=subprocess.DEVNULL
            )
        atexit.register(self.end)

    def end(self) -> None:
        """Let it end, which it does when nobody can ask it any more."""
        self._socket.close()
        self.process.wait()

    def ask(self, question: Mapping[str, object]) -> int:
        """Return the answer, a number."""
        self._socket.send(json.dumps(question).encode())
        answer = self._socket.recv(100)
        assert answer, "the process that starts programs has ended"
        return int(answer)


_nurseries: dict[frozenset[tuple[str, str]], Nursery] = {}


def start_warm(argv: Sequence[str], environ: Mapping[str, str], terminal: str, controlling: bool) -> Started:
    """Run ``python -m`` with these words as the leader of a session on a terminal, ``controlling`` or not."""
    early = frozenset(item for item in environ.items() if item[0].startswith(READ_EARLY))
    if early not in _nurseries:
        _nurseries[early] = Nursery(environ)
    nursery = _nurseries[early]
    question = {"argv": argv, "environ": environ, "terminal": terminal, "controlling": controlling}
    return Started(nursery, nursery.ask(question))


def serve(requests: socket.socket) -> list[str]:
    """Fork when asked to. Returns in each child the module to run and its arguments; ends the process itself."""
    while question := json.loads(requests.recv(1 << 20) or b"null"):
        if child := question.get("wait"):
            answer = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        elif not (answer := os.fork()):
            requests.close()
            os.setsid()
            take_terminal(question["terminal"], question["controlling"])
            os.environ.clear()
            os.environ.update(question["environ"])
            return list(question["argv"])
        requests.send(str(answer).encode())
    os._exit(0)


def take_terminal(path: str, controlling: bool) -> None:
    """Use a terminal for the standard streams.

    The first that a session's leader opens becomes its controlling one, unless ``controlling`` is off.
    """
    terminal = os.open(path, os.O_RDWR | (0 if controlling else os.O_NOCTTY))
    for descriptor, name in enumerate(("stdin", "stdout", "stderr")):
        os.dup2(terminal, descriptor)
        before = getattr(sys, name)
        buffer = open(descriptor, "wb" if descriptor else "rb", closefd=False)  # noqa: SIM115  it stays open
        stream = io.TextIOWrapper(buffer, before.encoding, before.errors, line_buffering=True)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)
    os.close(terminal)


def prepare() -> None:
    """Import the modules, as the program does after it has looked at its terminal."""
    import gc
    from importlib import import_module

    from wltui.lifecycle.terminal import textual_variables

    before = dict(os.environ)
    os.environ.update(textual_variables(os.environ))
    for module in MODULES:
        import_module(module)
    os.environ.clear()
    os.environ.update(before)
    gc.freeze()  # so that the children share it


if __name__ == "__main__":
    prepare()
    module, *words = serve(socket.socket(fileno=int(sys.argv[1])))
    sys.argv = ["", *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
