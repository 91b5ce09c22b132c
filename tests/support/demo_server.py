"""The embedded Wallaroo as a process of its own, and a token of whichever there is."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from tests.support.pty_program import ROOT
from tests.support.waiting import LIMIT
from wltui.demo.keycloak import TOKEN_PATH


class DemoServer:
    """``wltui demo-server``; a context manager that leaves no process behind."""

    def __init__(self) -> None:
        self._held: socket.socket | None = None
        self._process = subprocess.Popen(
            [sys.executable, "-m", "wltui", "demo-server"], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().strip()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()
        if self._held is not None:
            self._held.close()

    def stop(self) -> None:
        """Stand still, with every connection open; returns when it does."""
        self._process.send_signal(signal.SIGSTOP)
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WNOWAIT)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def end(self) -> None:
        """End the process. Its port is held until the block ends, so that no other server answers there."""
        if self._held is not None:
            return
        assert self._process.stdout is not None
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._held = socket.socket()
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        address = urlsplit(self.url)
        if address.port is not None:
            self._held.bind((address.hostname, address.port))  # and not listened at: connections are refused


def sign_in(url: str) -> str:
    """A token of the embedded Wallaroo."""
    form = b"grant_type=password&client_id=sdk-client&username=demo&password=demo"
    with urllib.request.urlopen(url + TOKEN_PATH, form, timeout=LIMIT) as told:  # noqa: S310  our own server
        token = json.load(told)["access_token"]
    assert isinstance(token, str)
    return token
