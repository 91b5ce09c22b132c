"""How many keys lie between the start and the answer to the questions that people come with."""

import re

import pytest

from tests.support.clock import NOW
from tests.support.screens import crumbs, cursor_line, words
from tests.support.session import OpenApp, Session
from wltui.demo import Demo
from wltui.ui.widgets.table.table import RecordTable


class Hand:
    """Presses keys and counts them."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.keys = 0

    async def press(self, *keys: str) -> str:
        """Press keys; return the screen in one line."""
        self.keys += len(keys)
        await self.session.press(*keys)
        return words(self.session)


def count_failed(demo: Demo) -> int:
    """How many versions failed whose workspace is not archived."""
    versions = [
        version
        for workspace in demo.world.workspaces.values()
        for model in workspace.models
        for version in model.versions
        if not workspace.archived
    ]
    return sum(version.build.status(NOW) == "error" for version in versions)


async def test_what_failed_in_the_whole_instance_takes_one_key(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(80, 24)) as session:
        hand = Hand(session)
        await hand.press("exclamation_mark")
        assert hand.keys <= 2
        assert f"✖ {count_failed(demo)} failed" in session.text


async def test_each_reason_takes_one_key(open_app: OpenApp, demo: Demo) -> None:
    """The next row in a wide window, where the detail stands beside the list; enter in a narrow one."""
    async with open_app() as session:
        await session.press("exclamation_mark", "slash", *"could", "enter")
        for _ in range(session.app.screen.query_one(RecordTable).total and 2):
            row = cursor_line(session)
            number = int(re.search(r" (\d+)  ", row.partition("│")[0].rstrip() + "  ")[1])  # type: ignore[index]
            reason = " ".join((demo.world.versions[number].error_summary or "").split()[:4])
            beside = " ".join(line.partition("│")[2] for line in session.text.split("\n"))
            assert reason in " ".join(beside.split())
            await session.press("j")
        await session.pilot.resize_terminal(80, 24)
        await session.press("enter")
        assert reason in words(session)


async def test_what_broke_since_yesterday_takes_six_keys(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24), graphql=True) as session:
        hand = Hand(session)
        await hand.press("exclamation_mark", "slash", *"24h", "enter")
        assert hand.keys == 6
        assert "old config" not in session.text  # since when that is so is not known
        ages = re.findall(r"^[▸ ] *(\d+ \w+)  \S ", session.text, re.MULTILINE)
        assert ages
        assert all(re.fullmatch(r"\d+ (s|min)|([1-9]|1\d|2[0-4]) h", age) for age in ages), ages


async def test_the_image_of_the_last_good_version_takes_three_keys(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        await session.press("exclamation_mark", "slash", *"id:91", "enter")
        assert " 91 " in cursor_line(session)
        hand = Hand(session)
        text = await hand.press("equals_sign", "enter")
        assert hand.keys + 1 <= 3
        good = demo.world.versions[int(re.findall(r"Compare \d+ with (\d+)", text)[0])]
        assert good.build.outcome == "ready"
        assert good.image_path
        assert good.image_path.rpartition("/")[2] in "".join(text.split(" "))


async def test_two_versions_of_any_models_are_compared_by_three_keys(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("0")
        hand = Hand(session)
        await hand.press("space", "space", "equals_sign")
        assert hand.keys == 3
        assert re.search(r"\d+.*\d+", crumbs(session))


async def test_what_still_runs_on_which_image_takes_two_keys(open_app: OpenApp) -> None:
    async with open_app() as session:
        hand = Hand(session)
        text = await hand.press("0", "b")
        assert hand.keys == 2
        assert "mac-deploy:v2024.1.0-4945 3 · · 3" in text


@pytest.mark.parametrize("what", ["uuid", "sha"])
async def test_a_whole_uuid_or_hash_finds_its_version_from_the_first_screen(
    open_app: OpenApp, demo: Demo, what: str
) -> None:
    version = demo.world.versions[105]
    text = version.uuid if what == "uuid" else version.sha
    async with open_app() as session:
        await session.press("slash", *text, "enter")
        home = demo.world.workspaces[demo.world.models[version.model_id].workspace_id].name
        assert home in cursor_line(session)
        await session.press("escape", "ctrl+p", *text)
        assert " 105 " in session.text
