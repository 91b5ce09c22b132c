"""Run the dashboard: from settings to the app on the terminal, and to the exit code."""

import argparse
import gc
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from msgspec.structs import replace

from wltui.core.settings import Secret, Settings
from wltui.lifecycle.console import run_guarded
from wltui.lifecycle.first_picture import FirstPicture
from wltui.lifecycle.signals import SignalGuard
from wltui.lifecycle.start import Start
from wltui.lifecycle.terminal import Terminal


class App(Protocol):
    """The part of an app that :func:`run_app` uses."""

    @property
    def return_code(self) -> int | None:
        """The exit code; None if asyncio cancelled the app."""

    @property
    def crash(self) -> BaseException | None:
        """The unexpected error that ended the app, which has not printed it."""

    @property
    def secrets(self) -> Sequence[str]:
        """Texts that a crash report may not hold."""

    @property
    def takes_mouse(self) -> bool:
        """Whether it takes the mouse from the terminal."""

    def run(self, *, mouse: bool) -> object:
        """Run to the end."""

    def exit(self, *, return_code: int) -> None:
        """End the app. Called from any thread; returns at once."""

    def flush(self) -> None:
        """Save unsent edits. Called from any thread."""


def run(settings: Settings, terminal: Terminal, arguments: argparse.Namespace, picture: FirstPicture) -> int:
    """Run the dashboard to its end, and return the exit code.

    ``picture`` may be on the terminal. The garbage collector is off until the first frame: all that is imported stays,
    and to examine it again and again takes a tenth of the start.

    Raises:
        UsageError: nothing names the user whose answers to show, or a sign-in on disk can't be used.
    """
    terminal.prepare(os.environ)
    gc.disable()
    return _run_demo(settings) if arguments.demo else _run_instance(settings, arguments, picture)


def _run_instance(settings: Settings, arguments: argparse.Namespace, picture: FirstPicture) -> int:
    from wltui.auth.identity import identify
    from wltui.lifecycle.garbage import Garbage
    from wltui.lifecycle.prefetch import start_prefetch
    from wltui.store.private_files import state_folder
    from wltui.store.response_cache import cache_folder

    cache_dir, state_dir = cache_folder(), state_folder()
    identity = identify(settings, cache_dir, state_dir)
    prefetch = start_prefetch(settings, identity, state_dir)
    start = Start(settings, identity, picture, prefetch, Garbage())

    with SignalGuard(picture.attributes) as guard:  # older than every other thread that takes signals
        return run_app(
            lambda: _build_app(start, cache_dir, state_dir, arguments),
            guard,
            settings.secrets,
            leave_picture=picture.restore_terminal,
        )


def _run_demo(settings: Settings) -> int:
    with SignalGuard() as guard:  # older than every other thread that takes signals
        from tempfile import TemporaryDirectory

        from wltui.demo import Demo
        from wltui.lifecycle.garbage import Garbage

        folder = TemporaryDirectory(prefix="wltui-demo-", ignore_cleanup_errors=True)
        with folder as path, Demo() as server:
            settings = replace(
                settings,
                endpoint=server.url,
                login=("demo", Secret("demo")),
                source="the demo",
                place="embedded Wallaroo",
                lasting=False,
            )
            start = Start(settings, garbage=Garbage())
            return run_app(
                lambda: _build_app(start, Path(path) / "cache", Path(path) / "state"),
                guard,
                cleanup=folder.cleanup,
            )


def _build_app(
    start: Start, cache_dir: Path, state_dir: Path, arguments: argparse.Namespace | None = None
) -> App:
    """Import and build the app; without ``arguments`` it offers no other instances."""
    from wltui.service.open import open_service
    from wltui.service.service import Service
    from wltui.ui.app.app import WltuiApp

    from .instances import NamedInstances

    def open_session(start: Start) -> Service:
        return open_service(
            start.settings, cache_dir, state_dir, identity=start.identity, prefetch=start.prefetch
        )

    instances = arguments and NamedInstances(
        arguments, os.environ, state_dir, start=start.settings.endpoint, ascii=start.settings.ascii
    )
    return WltuiApp(start, open_session, state_dir=state_dir, instances=instances)


def run_app(
    build: Callable[[], App],
    guard: SignalGuard,
    secrets: Sequence[str] = (),
    cleanup: Callable[[], object] | None = None,
    leave_picture: Callable[[], object] = lambda: None,
) -> int:
    """Run an app to its end, report a crash on standard error, and return the exit code.

    Args:
        build: imports and builds the app.
        guard: has been started.
        secrets: texts that a crash report may not hold, besides those of the app.
        cleanup: called if the process has to be ended under the app.
        leave_picture: gives the terminal back if the app never came as far as its driver.
    """
    hidden = list(secrets)

    def work() -> int:
        app = build()
        guard.attach(save=app.flush, ask_exit=lambda code: app.exit(return_code=code), cleanup=cleanup)
        try:
            app.run(mouse=app.takes_mouse)
        finally:
            hidden.extend(app.secrets)
        leave_picture()
        guard.release()
        if crash := app.crash:
            raise crash if isinstance(crash, Exception) else RuntimeError("wltui was interrupted") from crash
        return 130 if app.return_code is None else app.return_code  # None: asyncio cancelled it, by SIGINT

    def restore_terminal() -> None:
        leave_picture()
        guard.restore_terminal()
        guard.release()

    return run_guarded(work, restore_terminal=restore_terminal, secrets=lambda: hidden)
