"""What all tests share: a fixed time zone and clock, the embedded Wallaroo, and the app on it."""

import gc
import os
import random
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import hypothesis
import pytest

# A run in the background of a script or by nohup ignores these, and so would the programs that tests start and end.
for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
    if signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
os.environ["TZ"] = "UTC"
time.tzset()
os.umask(0o022)  # with another one, files that tests make are open to a group, and so are refused
for name in (
    "NO_COLOR",
    "TMUX",
    "STY",
    "COLORTERM",
    "PYTHONUNBUFFERED",
    "TEXTUAL_THEME",
    "WLTUI_TOKEN",
    "WALLAROO_URL",
    "WLTUI_CACHE_MB",
    "WLTUI_CACHE_DAYS",
    "WLTUI_PROFILE",
    "WALLAROO_USER",
    "WALLAROO_PASSWORD",
    "WALLAROO_SDK_AUTH_TYPE",
    "WALLAROO_SDK_AUTH_ENDPOINT",
    "WALLAROO_SDK_CREDENTIALS",
):
    os.environ.pop(name, None)
os.environ["XDG_CONFIG_HOME"] = "/nonexistent"  # whoever runs the tests may have profiles
os.environ["TEXTUAL_ANIMATIONS"] = "none"  # as the program has it

from tests.support import stress  # noqa: E402
from tests.support.bounds import lengthen, shorten  # noqa: E402
from tests.support.clock import NOW, at_once  # noqa: E402
from tests.support.parsed_css import share_parsed_css  # noqa: E402
from tests.support.pty_program import Program  # noqa: E402
from tests.support.rest import let_pilots_wait_for_rest  # noqa: E402
from tests.support.session import OpenApp, Session, Waits  # noqa: E402  Textual reads the environment when it is imported
from tests.support.unseen import leave_out_frames  # noqa: E402
from wltui.core.settings import Secret, Settings  # noqa: E402
from wltui.demo import Demo  # noqa: E402
from wltui.demo.company import FIRST_VERSION  # noqa: E402
from wltui.lifecycle.start import Start  # noqa: E402
from wltui.service.open import open_service  # noqa: E402
from wltui.ui.app.app import WltuiApp  # noqa: E402
from wltui.ui.instances import Instances  # noqa: E402

share_parsed_css()
lengthen()
let_pilots_wait_for_rest()
gc.collect()
gc.freeze()  # all that was imported: looking through it again and again costs a tenth of a run's time
gc.set_threshold(20_000, 20, 100)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--redraw", action="store_true", help="write the snapshots and pictures anew")
    parser.addoption(
        "--thorough",
        action="store_true",
        help="kill and type as often as it takes to be sure, and run the tests marked as thorough",
    )
    parser.addoption(
        "--stress",
        type=int,
        nargs="?",
        const=random.randrange(1_000_000),
        metavar="SEED",
        help="delay threads, processes, statements, callbacks and answers at random: finds tests that pass by luck",
    )


# No clock decides, and a run finds what the one before found; --thorough draws other examples each time.
steady = hypothesis.settings(
    deadline=None,
    derandomize=True,
    database=None,
    max_examples=30,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.register_profile("steady", steady)
hypothesis.settings.register_profile("thorough", steady, derandomize=False, max_examples=500)


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "thorough: proves with the whole program what cheaper tests prove too; only with --thorough",
    )
    hypothesis.settings.load_profile("thorough" if config.getoption("--thorough") else "steady")
    if (seed := config.getoption("--stress")) is not None:
        stress.install(seed)
    Program.may_be_warm = not config.getoption("--thorough") and seed is None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out the tests marked as thorough, unless they or one of their fellows are asked for by name."""
    if config.getoption("--thorough") or any("::" in argument for argument in config.args):
        return
    left_out = [item for item in items if item.get_closest_marker("thorough")]
    config.hook.pytest_deselected(items=left_out)
    items[:] = [item for item in items if not item.get_closest_marker("thorough")]


def pytest_report_header(config: pytest.Config) -> str:
    seed = config.getoption("--stress")
    return "" if seed is None else f"stress: the same delays again by --stress={seed}"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if (seed := item.config.getoption("--stress")) is not None:
        stress.begin(seed, item.nodeid)


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Return one process more than there are processors for all tests, since those of whole programs wait a lot.

    Some tests start sooner, and pictures are drawn, in one process.
    """
    everything = config.args_source is not pytest.Config.ArgsSource.ARGS
    chosen = config.option.keyword or config.option.markexpr or config.getoption("--redraw")
    return (os.cpu_count() or 1) + 1 if everything and not chosen else 0


@pytest.fixture
def usual_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the program wait no longer than it does for a user; see :mod:`tests.support.bounds`."""
    shorten(monkeypatch)


@pytest.fixture
def redraw(request: pytest.FixtureRequest) -> bool:
    """Whether snapshots are to be written rather than compared."""
    return bool(request.config.getoption("--redraw"))


@pytest.fixture
def thorough(request: pytest.FixtureRequest) -> bool:
    """Whether drills are to be repeated until luck is ruled out, rather than as often as a run has time for."""
    return bool(request.config.getoption("--thorough"))


@pytest.fixture
def demo() -> Iterator[Demo]:
    """The embedded Wallaroo, its clock standing still, and the guide's versions uploaded on its own release.

    So every field of their first config row can be read.
    """
    with Demo(seed=1, clock=lambda: NOW) as server:
        for number, version in server.world.versions.items():
            if number < FIRST_VERSION:
                version.created_on_version = None
        yield server


@pytest.fixture
def open_app(demo: Demo, tmp_path: Path) -> OpenApp:
    """Opens the app on the embedded Wallaroo: ``async with open_app(size=(80, 24)) as session``."""

    @asynccontextmanager
    async def opened(
        *,
        size: tuple[int, int] = (120, 40),
        server: Demo | None = None,
        clock: Callable[[], datetime] = lambda: NOW,
        ticks: Callable[[], float] = lambda: 0.0,
        instances: Instances | None = None,
        wait: Callable[[float], Awaitable[None]] = at_once,
        **settings: object,
    ) -> AsyncIterator[Session]:
        chosen = {
            "endpoint": (server or demo).url,
            "login": ("demo", Secret("demo")),
            "source": "the demo",
            "profile": "demo",
            "place": "embedded Wallaroo",
            "refresh": 0.0,
            "graphql": False,  # tests that are about it switch it on
        } | settings
        asked = Settings(**chosen)  # type: ignore[arg-type]

        waits = Waits()
        app = WltuiApp(
            Start(asked),
            lambda start: open_service(
                start.settings,
                tmp_path / "cache",
                tmp_path / "state",
                clock=clock,
                ticks=ticks,
                wait=wait,
                jitter=lambda: 0.5,
            ),
            state_dir=tmp_path / "state",
            instances=instances,
            wait=waits,
            jitter=lambda: 0.5,
        )
        leave_out_frames(app)
        app.messages.after = lambda seconds, end: None  # how long a test takes decides nothing
        app.messages.least = 0
        app.choices.is_welcomed = True
        async with app.run_test(size=size) as pilot:
            session = Session(app, pilot, waits)
            await session.settle()
            yield session

    return opened
