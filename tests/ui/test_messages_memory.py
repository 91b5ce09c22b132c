"""Messages that are over are let go: a list that changes all day shows thousands."""

import gc

from textual._styles_cache import StylesCache

from tests.support.session import OpenApp
from tests.support.unseen import draw_each_frame
from wltui.ui.app.app import WltuiApp


def drawn() -> int:
    """How many widgets' drawings are in memory."""
    gc.collect()
    return sum(type(each) is StylesCache for each in gc.get_objects())


async def test_a_message_that_is_over_leaves_nothing_in_memory(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as session:
        draw_each_frame(session.app)
        found = []
        for _ in range(3):
            for number in range(5):
                WltuiApp.notify(session.app, f"Version {number} is ready", timeout=0.1)  # that of tests lasts
                await session.until(
                    lambda: session.app.screen.query("Toast") or not [*session.app._notifications]
                )
                await session.until(lambda: not session.app.screen.query("Toast"))
            found.append(drawn())
        assert found[2] <= found[1] + 2
