"""How the user wants lists and colours to look, kept for the next start: one small file for all instances.

It also has whether the program has explained itself, which it does once.

Losing it costs two keys, so a file that is missing, damaged or not safe counts as empty, and one that can't be written
is left alone.
"""

import asyncio
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Lock
from typing import Literal

import msgspec
from msgspec import Struct

from wltui.core.threads import start_in_thread

from .private_files import private_folder, read_private, write_whole

FILE = "choices.json"
LARGEST = 1 << 16
"""Bytes that are read at most."""

Pane = Literal["beside", "hidden", "whole"]
"""How lists show the detail of the version under the cursor: beside them, not at all, or in their place."""
Order = tuple[str | None, bool]
"""The column that a list is sorted by, or None for the order of the answer; and whether it is reversed."""


class _Kept(Struct, frozen=True, omit_defaults=True):
    pane: Pane = "beside"
    orders: dict[str, Order] = {}
    theme: str = ""
    is_welcomed: bool = False


class ViewChoices:
    """What the user chose, in this session and in earlier ones."""

    def __init__(self, folder: Path | None) -> None:
        """``folder`` is that of the file; with None the choices last as long as this object."""
        self._path = folder / FILE if folder else None
        kept = self._load()
        self.pane = kept.pane
        """How lists show details in a wide terminal; see :meth:`choose_pane`."""
        self._has_chosen_pane = False
        self.theme = kept.theme
        """The theme; empty for the usual one, and it may be one that does not exist. See :meth:`choose_theme`."""
        self._has_chosen_theme = False
        self.is_welcomed = kept.is_welcomed
        """Whether a first start has explained itself; see :meth:`welcome`."""
        self._orders = dict(kept.orders)
        self._chosen: set[str] = set()
        """The lists that were sorted in this session."""
        self._writing = Lock()
        self._writes: list[Future[None]] = []
        """The writes that may be under way: one that began first may end last."""

    def order(self, name: str, usual: Order) -> Order:
        """Return how a list is sorted: as the user chose, or in the usual order."""
        return self._orders.get(name, usual)

    def choose_order(self, name: str, order: Order, usual: Order) -> None:
        """Keep how a list is sorted, unless it is as it was; it is written in a thread."""
        if order != self.order(name, usual):
            self._orders[name] = order
            self._chosen.add(name)
            self._keep()

    def choose_pane(self, pane: Pane) -> None:
        """Keep how lists show details; it is written in a thread."""
        if pane != self.pane:
            self.pane = pane
            self._has_chosen_pane = True
            self._keep()

    def choose_theme(self, name: str) -> None:
        """Keep the theme; it is written in a thread."""
        self.theme = name
        self._has_chosen_theme = True
        self._keep()

    def welcome(self) -> None:
        """Keep that a first start has explained itself; it is written in a thread."""
        self.is_welcomed = True
        self._keep()

    def load_theme(self) -> str:
        """Return the theme that is kept now, which another process may have chosen; reads the disk."""
        return self.theme if self._has_chosen_theme else self._load().theme

    async def wait(self, seconds: float) -> None:
        """Wait until the choices are on disk, but not longer than some seconds."""
        if self._writes:
            await asyncio.wait([*map(asyncio.wrap_future, self._writes)], timeout=seconds)

    def _keep(self) -> None:
        self._writes = [write for write in self._writes if not write.done()]
        self._writes.append(start_in_thread(self._write))

    def _load(self) -> _Kept:
        if self._path is not None:
            with suppress(OSError, ValueError, RecursionError):  # msgspec's errors are ValueErrors
                return msgspec.json.decode(read_private(self._path, largest=LARGEST), type=_Kept)
        return _Kept()

    def _write(self) -> None:
        """Write what was chosen in this session. What another process chose meanwhile stays as it left it."""
        if self._path is None:
            return
        with self._writing, suppress(OSError):
            chosen = {name: self._orders[name] for name in [*self._chosen]}
            kept = self._load()
            pane = self.pane if self._has_chosen_pane else kept.pane
            theme = self.theme if self._has_chosen_theme else kept.theme
            is_welcomed = self.is_welcomed or kept.is_welcomed
            content = msgspec.json.encode(_Kept(pane, {**kept.orders, **chosen}, theme, is_welcomed))
            private_folder(self._path.parent)
            write_whole(self._path, content)
