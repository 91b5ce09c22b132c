"""Continue from the picture that is on the terminal, and save one for the next start.

The picture stays until the first complete frame: earlier frames are not written, and of that frame only the cells
that differ. Keys typed meanwhile refer to the rows of the picture, and so wait until these rows are there.
"""

import asyncio
import shutil
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from importlib import import_module

import textual.screen
from textual.driver import Driver

from wltui.core.threads import run_in_thread
from wltui.lifecycle.first_picture import FirstPicture
from wltui.lifecycle.start import Start
from wltui.store.private_files import write_private
from wltui.ui.screens.base.frame import Frame
from wltui.ui.strips import leave_no_cycles
from wltui.ui.terminal.cells import Grid
from wltui.ui.terminal.difference import Abilities, difference
from wltui.ui.terminal.driver import LeanDriver, driver_class

from .typeahead import TypeAhead

PATIENCE, PATIENCE_BEFORE_NOTHING = 1.0, 0.2
"""Seconds after which an incomplete frame is shown, over a picture and on an empty terminal.

By then the answer is slow, or does not come.
"""
LOOKS = 10
"""How often that is looked at over a picture: as long as the API is not asked, rows of the cache are on their way."""
KEEP_AFTER, KEEP_EVERY = 2.0, 15.0
"""Seconds from the start to the first saved picture, and between the later ones; the same picture is not saved twice.

The program may end without warning, or on a screen that no start shows.
"""
PERIOD = 0.002
"""Least number of seconds between frames. A screen's first frame waits for one period; nothing is animated."""
NEXT = (
    "importlib.resources",
    "wltui.lifecycle.crash",
    "wltui.ui.screens.versions",
    "wltui.ui.screens.version",
)
"""Modules to import after the first frame: a crash may make their files unreadable, and a key should not wait.

``importlib.resources`` is the first, as it is for the modules of the network, which another thread may import now: its
parts import each other, and two threads that enter this circle at different modules get a ``_DeadlockError``.
"""
LEAVING = 0.2
"""Seconds that an exit waits for the disk."""


class FirstFrame(TypeAhead):
    """An app that writes nothing until its first frame is complete, and may start from a picture."""

    def __init__(self, start: Start) -> None:
        first, driver = start.picture, driver_class(start.settings.driver)
        textual.screen.UPDATE_PERIOD = PERIOD  # type: ignore[misc]
        leave_no_cycles()
        super().__init__(driver_class=(driver and first and _going_on_from(first, driver)) or driver)
        self.settings = start.settings
        self._first = first
        self.garbage = start.garbage
        self._begun: tuple[object, object] = ()  # type: ignore[assignment]
        self._kept = ""
        self._complete = asyncio.Event()
        self._unseen = ExitStack()
        """Holds back layout and drawing until it is closed, since the frames would not be seen."""
        self._unseen.enter_context(self.batch_update())

    def on_mount(self) -> None:
        if self._holds:
            self.set_timer(PATIENCE, partial(self._lose_patience, LOOKS))
        else:
            self.set_timer(PATIENCE_BEFORE_NOTHING, self.frame_is_complete)
        self._begun = self.settings, self.service
        if self._first:
            self.set_timer(KEEP_AFTER, self._keep)
            self.set_interval(KEEP_EVERY, self._keep)

    def _lose_patience(self, looks: int) -> None:
        """Show an incomplete frame over the picture if it is the API that is waited for, or all takes far too long."""
        if looks > 1 and self._holds and not self.service.waits_for_api:
            self.set_timer(PATIENCE, partial(self._lose_patience, looks - 1))
        else:
            self.frame_is_complete()

    def frame_is_complete(self) -> None:
        """Show the first frame, now that the screen in front has its content; further calls do nothing."""
        if not self._complete.is_set():
            self._unseen.close()
            self.screen.check_idle()
            if isinstance(self._driver, LeanDriver):
                self._driver.delay()  # Textual draws it in two steps
            self.call_after_refresh(self._go_on)

    async def wait_until_painted(self) -> None:
        """Wait until the first frame is shown; slow work, such as imports for the network, would delay it."""
        await self._complete.wait()

    async def _go_on(self) -> None:
        if self._complete.is_set():
            return
        self._complete.set()
        if isinstance(self._driver, LeanDriver):
            self._driver.release()
        if self.garbage:
            self.garbage.begin()
        await self.serve_held()
        for module in NEXT:
            await run_in_thread(import_module, module)
        if self.garbage:
            self.garbage.begin()  # the modules stay too

    def looks_like_next_start(self) -> bool:
        """Return whether the next start will have the present theme; may read the disk."""
        raise NotImplementedError

    @property
    def _holds(self) -> bool:
        """Whether the terminal still shows the picture, or nothing, in place of the first frame."""
        return isinstance(self._driver, LeanDriver) and self._driver.hold

    @property
    def _holds_back(self) -> bool:
        return self._holds or super()._holds_back

    # The next start's picture

    async def _keep(self) -> None:
        if keep := self._picture():
            await run_in_thread(keep)

    def keep_picture(self) -> None:
        """Save a picture now, since the app is about to end; wait for the disk at most ``LEAVING`` seconds."""
        if keep := self._picture():
            leaving = threading.Thread(target=keep, name="picture", daemon=True)
            leaving.start()
            leaving.join(LEAVING)

    def _picture(self) -> Callable[[], None] | None:
        """Return a function that saves a picture of the screen in front, or None if a start would not show it."""
        first, screen, driver = self._first, self.screen, self._driver
        if first is None or not isinstance(driver, LeanDriver) or not isinstance(screen, Frame):
            return None
        same = self._begun == (self.settings, self.service)  # neither the profile nor the user has changed
        if not (same and screen.is_as_at_start) or driver.hold:
            return None
        shown = driver.picture()
        if shown is None or shown == self._kept:
            return None
        self._kept = shown
        header = screen.cached_header().render(self.console)
        columns, rows = self.size

        def keep() -> None:
            if not self.looks_like_next_start():
                return
            grid = Grid(columns, rows)
            grid.paint(f"{shown}\x1b[1;1H{header}")
            plainly = Abilities(erases=False, moves_lines=False)
            picture = difference(Grid(columns, rows), grid, plainly)
            try:
                seconds = self.settings.cache_days * 86_400
                first.save(picture, columns, rows, seconds=seconds, write=write_private)
            except OSError:
                return  # a picture only saves time; the cache reports errors of the disk

        return keep


def _going_on_from(first: FirstPicture, driver: type[Driver]) -> type[Driver]:
    """Return a subclass of the driver that takes over the picture on the terminal when it starts."""

    class GoingOn(driver):  # type: ignore[misc, valid-type]
        def start_application_mode(self) -> None:
            picture, first.text = first.text, ""  # used once: after ctrl+z or an editor it is gone
            if picture and first.size == shutil.get_terminal_size():
                self.take_over(picture)
            super().start_application_mode()
            if first.attributes is not None and not first.is_taken_over:
                self.attrs_before = first.attributes  # not the ones that the picture needed
            first.is_taken_over = True

    return GoingOn
