"""Messages that are over are let go: a list that changes all day shows thousands."""

from textual._styles_cache import StylesCache

from tests.support.session import OpenApp


def drawn() -> int:
    """How many lines of widgets Textual has drawn since it last let go of the widgets that it drew."""
    found = StylesCache.get_inner_outer.cache_info()
    return found.hits + found.misses


async def test_each_message_lets_go_of_the_widgets_drawn_before(open_app: OpenApp) -> None:
    """100 messages that were over used to leave 6,400 objects in memory."""
    async with open_app(size=(80, 24)) as session:
        for _ in range(5):  # lines that one message alone does not come to
            await session.pilot.resize_terminal(81, 24)
            await session.pilot.resize_terminal(80, 24)
            await session.settle()
        before = drawn()
        assert before
        session.app.notify("Version 7 is ready")
        await session.until(lambda: session.app.screen.query("Toast"))
        session.app.clear_notifications()
        await session.until(lambda: drawn() < before)
