"""A field that no call of the server's release knows: it is neither shown as null nor cleared without a word."""

import pytest

from tests.support.clock import NOW
from tests.support.editing import INSERT, newest, open_editor, paste, send, to
from tests.support.screens import asked, line_with, words
from tests.support.services import configure
from tests.support.session import OpenApp
from wltui.demo import Demo
from wltui.demo.releases import Era


@pytest.mark.parametrize("listed_row", [0, -1])
@pytest.mark.parametrize("api", ["2025.1", "2025.2"])
async def test_null_of_a_call_that_can_not_know_is_named_before_it_is_cleared(
    open_app: OpenApp, api: Era, listed_row: int
) -> None:
    """The newest row comes with the version, and its OpenAI config is null there whatever it holds."""
    with Demo(seed=1, clock=lambda: NOW, api=api, listed_row=listed_row) as server:
        if listed_row:
            configure(server, 19, openai={"enabled": True})
        else:
            newest(server).openai = {"enabled": True}
        async with open_app(server=server, workspace=10, size=(80, 30)) as session:
            await open_editor(session)
            assert "not readable" in line_with(session, "OpenAI")
            assert "not readable" in line_with(session, "Continuous batching")
            await to(session, "filter_threshold")
            await session.type("0.5")
            await session.press("ctrl+s")
            assert "this save would CLEAR them: Continuous batching, OpenAI" in words(session)
            await session.press("right")
            assert "[ Send, and clear what is not readable ]" in session.text


async def test_what_this_host_saved_stays_readable_where_the_server_answers_null(open_app: OpenApp) -> None:
    with Demo(seed=1, clock=lambda: NOW, api="2025.2", listed_row=-1) as server:
        async with open_app(server=server, workspace=10, size=(80, 30)) as session:
            await open_editor(session)
            await to(session, "openai_config")
            await paste(session, '{"enabled": true}')
            await send(session)
            await session.press("e", "enter")
            assert '"enabled": true' in session.text
            assert "not readable" not in session.text
            await to(session, "filter_threshold")
            await session.type("0.5")
            await session.press("ctrl+s")
            assert "CLEAR" not in session.text
            await session.press("right", "enter")
            assert [row["openai_config"] for row in asked(server, INSERT)] == [{"enabled": True}] * 2
