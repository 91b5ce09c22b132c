"""What all screens share: header, breadcrumb, footer, help, filter, quitting, and terminals that can do little."""

from dataclasses import replace
from pathlib import Path

import pytest
from rich.color import ColorType
from textual import constants

from tests.support.screens import (
    asked,
    calls,
    crumbs,
    cursor_line,
    header,
    line_with,
    refused,
    words,
)
from tests.support.session import OpenApp, Session
from wltui.core.settings import Network, Secret
from wltui.demo import Demo, Scripted
from wltui.ui.screens.base.frame import FLASH_SECONDS
from wltui.ui.text.spans import Role
from wltui.ui.widgets.line import Line

ROOT = Path(__file__).parents[2]


def footer(session: Session) -> str:
    """The last line."""
    return session.text.split("\n")[-1]


async def test_the_next_short_message_is_not_ended_by_the_timer_of_the_one_before(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as session:
        for letter in "inr":
            await session.burst("c", letter)
        assert "Copied row" in session.text
        timers = [timer for timer in session.app.screen._timers if timer._interval == FLASH_SECONDS]
        assert len([timer for timer in timers if timer._task]) == 1


# Where am I


async def test_the_breadcrumb_never_loses_where_one_is(open_app: OpenApp) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "enter", "question_mark")
        assert crumbs(session).startswith("Workspaces › ")
        assert crumbs(session).endswith("version 19 › Help")
        await session.pilot.resize_terminal(70, 24)
        await session.settle()
        assert crumbs(session).startswith("… › ")
        assert crumbs(session).endswith("version 19 › Help")
        await session.pilot.resize_terminal(140, 24)
        await session.settle()
        assert crumbs(session).startswith("Workspaces › ")


async def test_the_header_tells_instance_freshness_and_user(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(profile="acme-prod", place="api.example.com") as session:
        assert header(session).split() == [
            "wltui",
            "acme-prod",
            "api.example.com",
            "●",
            "live",
            "14:30:00",
            "demo",
        ]


@pytest.mark.parametrize("name", ["api", "127"])
async def test_a_profile_is_named_even_where_its_name_begins_the_hosts(open_app: OpenApp, name: str) -> None:
    async with open_app(profile=name, place="api.127.example.com" if name == "api" else "") as session:
        assert header(session).split()[1] == name


async def test_a_host_is_not_told_twice(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(profile="127.0.0.1", place="") as session:
        assert header(session).split()[1] == demo.url.partition("//")[2]


LONG_HOST = "wallaroo.ml-platform.eu-central-1.example.com"


@pytest.mark.parametrize("columns", [60, 80, 120])
@pytest.mark.parametrize(
    "settings",
    [
        {"offline": True},
        {"profile": "acme-production"},
        {"network": Network(verify=False)},
        {"profile": "p" * 40, "read_only": True},
    ],
    ids=["offline", "profile", "unverified", "read-only"],
)
async def test_the_host_is_the_last_thing_to_be_cut_from_the_header(
    open_app: OpenApp, columns: int, settings: dict[str, object]
) -> None:
    if "offline" in settings:
        async with open_app(size=(80, 24)):
            pass  # fills the cache
    host = LONG_HOST if columns > 60 else "wallaroo.example.com"
    async with open_app(size=(columns, 24), place=host, **settings) as session:
        assert f" {host} " in header(session)
        for word in [*(["READ-ONLY"] if "read_only" in settings else []),
                     *(["TLS NOT VERIFIED"] if "network" in settings else [])]:  # fmt: skip
            assert word in header(session)
        if "offline" in settings:
            assert "◌ offline mode" in header(session)
            assert ("as of 14:30:00" in header(session)) == (columns == 120)


async def test_that_nobody_is_signed_in_is_said_once_in_the_header(open_app: OpenApp) -> None:
    async with open_app(login=None) as session:
        assert header(session).count("not signed in") == 1


async def test_no_colour_of_a_profile_where_none_is_wanted(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with open_app(profile="acme-prod", place="api.example.com", colour="#ff0000") as session:
        assert "acme-prod" in header(session)
        looks = [segment.style for segment in session.app.screen._compositor.render_strips()[0]]
        assert "#ff0000" not in {look.bgcolor.name for look in looks if look and look.bgcolor}


@pytest.mark.parametrize("columns", [60, 80])
async def test_a_session_that_believes_every_server_says_so_all_the_time(
    open_app: OpenApp, columns: int
) -> None:
    async with open_app(size=(columns, 24), network=Network(verify=False), read_only=True) as session:
        assert "TLS NOT VERIFIED  READ-ONLY" in header(session)
        await session.press("enter", "question_mark")
        assert "TLS NOT VERIFIED  READ-ONLY" in header(session)


async def test_a_session_without_encryption_says_so_all_the_time(open_app: OpenApp) -> None:
    async with open_app(
        size=(80, 24), endpoint="http://wallaroo.invalid", network=Network(proxy=Secret("")), place=""
    ) as session:
        assert "NOT ENCRYPTED" in header(session)
        await session.press("question_mark")
        assert "NOT ENCRYPTED" in header(session)


async def test_what_is_known_already_is_there_at_once_and_says_so(open_app: OpenApp, demo: Demo) -> None:
    async with open_app() as session:
        await session.press("j")
        demo.script("models/list", Scripted(delay=60))
        await session.pilot.press("enter")
        await session.pilot.pause()
        assert "◌ cached 0 s ago" in header(session)
        assert "api-upload-pytorch-multi-io" in session.text


# Why not


@pytest.mark.parametrize("columns", [60, 80])
async def test_why_something_can_not_be_done_is_never_cut_off(
    open_app: OpenApp, demo: Demo, columns: int
) -> None:
    async with open_app(workspace=10, size=(80, 24)) as session:
        await session.press("enter")
    async with open_app(workspace=10, size=(columns, 24), offline=True) as session:
        await session.press("enter", "e")
        assert "Edit config: offline, and an edit needs the newest config." in words(session)
        await session.press("P")
        assert "the demo stays where it is; start wltui --profile NAME." in words(session)
        await session.press("slash")
        await session.type("f5999fe0-0d0b-44d2-aa7a-e52df78b2586")
        assert "'f5999fe0-0d0b-44d2-aa7a-e52df78b2586'. esc clears the filter." in words(session)
        await session.press("enter")
        assert "0 of 5 versions" in words(session)


async def test_a_long_refusal_is_shown_to_its_end(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, size=(60, 15)) as session:
        demo.script("models/list", refused(400, "no " * 100 + "end"), refused(403, "no " * 60 + "end"))
        await session.press("r")
        assert "The models of workspace 10 could not be read: no no" in words(session)
        await session.press("r")
        assert "Ask the workspace's owner or an administrator." in words(session)
        assert "api-sample-model" in session.text


# Reading by itself


async def test_what_is_on_screen_is_read_again_by_itself(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, size=(80, 24), refresh=None) as session:
        demo.world.models[14].name = "renamed"
        assert await session.time_passes() == 30
        assert "renamed" in session.text
        assert "refreshing" not in header(session)
        assert await session.time_passes() == 20  # the name's mark
        demo.refuse()
        await session.time_passes()
        assert "! offline · as of 14:30:00" in header(session)
        assert "renamed" in session.text
        assert "refused the connection" in words(session)
        assert "Next try at 14:30:02" in words(session)
        assert [await session.time_passes() for _ in range(6)] == [2, 4, 8, 16, 30, 30]
        demo.start()
        await session.time_passes()
        assert "● live" in header(session)
        assert "refused the connection" not in words(session)

        await session.press("enter", "enter")
        assert crumbs(session).endswith("version 19")
        lists = calls(demo).count("models/list")
        details = calls(demo).count("models/get_config_by_id")
        await session.time_passes()
        await session.time_passes()
        assert calls(demo).count("models/get_config_by_id") == details + 2
        assert calls(demo).count("models/list") == lists  # nobody looks at it


async def test_what_is_on_its_way_is_read_more_often(open_app: OpenApp) -> None:
    async with open_app(workspace=11, size=(80, 24), refresh=None) as session:
        assert "pending…native" in session.text
        assert await session.time_passes() == 5


@pytest.mark.parametrize("asked", [3.0, 60.0])
async def test_the_user_says_how_often_but_a_failure_slows_it_down(
    asked: float, open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10, size=(80, 24), refresh=asked) as session:
        assert await session.time_passes() == asked
        demo.refuse()
        await session.time_passes()
        assert [await session.time_passes() for _ in range(3)] == [max(asked, pause) for pause in (2, 4, 8)]


async def test_nothing_is_read_by_itself_where_that_is_off(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10, size=(80, 24), refresh=0.0) as session:
        demo.script("models/list", refused(500, "away"))
        await session.press("r")
        assert "Next try" not in words(session)
        assert session.waits.pauses == []


async def test_a_failure_that_asking_again_does_not_mend_is_not_repeated(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10, size=(80, 24), refresh=None) as session:
        for failure, mends in (
            (refused(403, "no"), False),
            (refused(500, "no"), True),
            (refused(401, "no"), False),
        ):
            demo.script("models/list", failure, failure)
            await session.press("r")
            assert ("Next try at 14:30:02" in words(session)) == mends
            assert len(session.waits.pauses) == mends
            demo.script("models/list", Scripted(processed=True))
            await session.press("r", "r")


# Help


async def test_help_lists_the_keys_that_work_and_why_one_does_not(open_app: OpenApp) -> None:
    async with open_app(workspace=10, read_only=True) as session:
        assert "READ-ONLY" in header(session)
        await session.press("enter")
        await session.press("question_mark")
        assert line_with(session, "edit the config of this version").endswith("(this session is read-only)")
        assert line_with(session, "upload logs of this version").startswith("   L ")
        assert "quit; asks first if something would be lost" in session.text
        await session.press("question_mark")
        assert crumbs(session).endswith("⟨15⟩")
        await session.press("e")
        assert crumbs(session).endswith("⟨15⟩")
        assert "Edit config" not in footer(session)


@pytest.mark.parametrize(("columns", "panes"), [(80, 0), (120, 1)])
async def test_help_names_the_keys_that_do_something_here_and_no_others(
    open_app: OpenApp, columns: int, panes: int
) -> None:
    async with open_app(size=(columns, 100)) as session:
        await session.press("question_mark")
        assert "mark the row" not in session.text
        assert "   r f5 " in line_with(session, "read again now")
        await session.press("question_mark", "space")
        assert "marked" not in session.text
        await session.press("j", "enter", "space")
        assert "marked" not in session.text
        await session.press("enter", "question_mark")
        assert "mark the row" in session.text
        assert session.text.count("to the other pane") == panes
        await session.press("question_mark", "space", "space", "equals_sign", "question_mark")
        assert " h ← " in line_with(session, "one step back: ")
        await session.press("question_mark", "left")
        assert "2 marked" in session.text
        await session.press("escape", "enter", "question_mark")
        assert " h ← " in line_with(session, "one step back: ")


async def test_every_key_in_the_footer_works_here(open_app: OpenApp) -> None:
    async with open_app(workspace=10, size=(160, 40)) as session:
        await session.press("enter")
        assert "e Edit config" in footer(session)
        assert "? Help" in footer(session)
        await session.press("f1")
        assert crumbs(session).endswith("Help")
        await session.press("f1")
        assert crumbs(session).endswith("⟨15⟩")


async def test_a_narrow_window_loses_neither_help_nor_its_words(open_app: OpenApp) -> None:
    async with open_app(workspace=10, size=(60, 40)) as session:
        await session.press("enter")
        assert footer(session).endswith("? Help")
        await session.press("question_mark")
        assert "one step back: first the filter, then the marks, then the screen" in words(session)
        assert "…" not in session.text.partition("\n")[2].partition("\n")[2]


# Filter


async def test_a_filter_is_typed_kept_and_cleared(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("j", "slash")
        assert "enter Keep the filter" in footer(session)
        await session.type("jane")
        assert "jane@example.com" in session.text
        assert "llm-platform" not in session.text
        await session.type("qe")  # keys of the list are letters here
        assert "Filter / janeqe" in session.text
        await session.press("backspace", "backspace", "enter")
        assert "Filter /" not in session.text
        assert "of 11 workspaces" in session.text
        assert "/jane" in session.text
        await session.press("j")
        assert "churn-and-retention" in cursor_line(session)  # created by jane
        await session.press("slash", "escape")
        assert "11 workspaces" in session.text
        await session.press("slash")
        await session.type("zz")
        await session.press("down")
        assert "None of 11 workspaces matches 'zz'. esc clears the filter." in session.text
        await session.press("enter", "y", "escape", "escape")
        assert "11 workspaces" in session.text


# Quitting


async def test_q_quits_where_nothing_would_be_lost(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("q")
        assert session.app.return_code == 0


async def test_quitting_keeps_unsent_edits_for_the_next_session(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "e", "enter")
        await session.type("d1")
        await session.press("ctrl+q")
        assert session.app.return_code == 0
    async with open_app(workspace=10) as session:
        await session.press("enter", "e")
        assert "Your unsent edit of 0 s ago is back" in words(session)
        assert "d1" in line_with(session, "Tensor fields")
    assert "models/insert_model_config" not in calls(demo)


async def test_unsent_edits_that_can_not_be_kept_are_asked_about(
    open_app: OpenApp, demo: Demo, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    async with open_app(workspace=10) as session:
        await session.press("enter", "e", "enter")
        await session.type("d1")
        session.app.flush()
        await session.press("ctrl+q")
        assert "There are unsent edits, of version 19" in session.text
        assert "they last until you quit" in words(session)
        assert "[ Stay ]" in session.text
        await session.press("q", "ctrl+q")
        assert session.text.count("Quit?") == 1
        await session.press("enter")
        assert crumbs(session).endswith("Edit config of version 19")
        assert "d1" in session.text
        await session.press("escape", "escape", "q", "escape")
        assert crumbs(session) == "Workspaces › api-tutorial ⟨10⟩"
        await session.press("q", "right", "enter")
        assert session.app.return_code == 0
    assert "models/insert_model_config" not in calls(demo)


async def test_a_save_under_way_is_asked_about(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "e", "enter")
        await session.type("d1")
        await session.press("ctrl+s", "right")
        seen: list[str] = []
        held = Scripted(processed=True, may_answer=lambda: len(seen) > 0)
        demo.script("models/insert_model_config", held)
        await session.pilot.press("enter", "ctrl+q")
        await session.until(lambda: "A save is under way; its outcome is not known yet." in session.text)
        seen.append(session.text)
        assert "[ Wait for it ]" in seen[0]
        await session.press("enter")
        assert "saved as config" in words(session)
        assert len(asked(demo, "models/insert_model_config")) == 1


# Terminals that can do little


TOO_SMALL = "wltui needs 60 columns and 15 rows. ctrl+q quits."


async def resize(session: Session, columns: int, rows: int) -> None:
    await session.pilot.resize_terminal(columns, rows)
    await session.settle()


async def test_too_small_a_window_says_so_and_comes_back(open_app: OpenApp) -> None:
    async with open_app(size=(20, 4)) as session:
        assert words(session) == TOO_SMALL
        await session.press("j", "enter", "question_mark", "q")  # nobody sees what these would do
        assert words(session) == TOO_SMALL
        await resize(session, 60, 15)
        assert crumbs(session) == "Workspaces"
        await session.press("j")
        assert "api-tutorial" in cursor_line(session)
        for size in ((1, 1), (59, 40), (80, 14)):
            await resize(session, *size)
            assert "api-tutorial" not in session.text
        for size in ((20, 4), (59, 3), (80, 1)):
            await resize(session, *size)
            assert words(session) == TOO_SMALL, "and nothing of the screen below it"
        session.app.messages.show("Version 19: not saved.", Role.ERROR)
        await session.press("j")  # ends no message, as nobody has seen it
        await resize(session, 80, 24)
        assert "Version 19: not saved." in session.text
        await session.press("enter")
        assert crumbs(session).endswith("api-tutorial ⟨10⟩")


@pytest.mark.parametrize(
    "small", [(59, 24), *(pytest.param(small, marks=pytest.mark.thorough) for small in ((40, 8), (1, 1)))]
)
async def test_a_small_window_costs_nothing_on_any_screen(small: tuple[int, int], open_app: OpenApp) -> None:
    async with open_app(size=(80, 24), workspace=10) as session:
        for keys in (
            ["enter"],
            ["enter"],
            ["y"],
            ["escape", "L"],
            ["escape", "e"],
            ["enter", "x", "ctrl+s"],
            ["f1"],
        ):
            await session.press(*keys)
            before = crumbs(session)
            await resize(session, *small)
            await resize(session, 80, 24)
            assert crumbs(session) == before
        await session.press("escape", "escape", "y")  # the focus is where it was
        assert line_with(session, "Tensor fields").endswith("xy")


async def test_ascii_terminals_get_ascii_alone(open_app: OpenApp, demo: Demo) -> None:
    odd = "Prévision 名前 ✔ \u202e"
    version = demo.world.versions[19]
    demo.world.models[15].name = version.file_name = version.created_by = version.error_summary = odd
    version.image_path = f"r/{odd}:é"
    version.build = replace(version.build, outcome="quantisé")
    async with open_app(ascii=True) as session:

        def check() -> None:
            wrong = {letter for letter in session.text if not letter.isascii()}
            assert not wrong, crumbs(session)

        check()
        for key in ("slash", "e", "enter", "question_mark", "escape", "escape", "escape", "a", "j", "enter",
                    "question_mark", "G", "escape", "y", "escape", "space", "k", "enter", "L", "escape",
                    "y", "escape", "enter", "y", "escape", "e", "enter", "d", "tab", "space", "tab", "x"):  # fmt: skip
            await session.press(key)
            check()
        assert "Not a number" in session.text
        assert "Pr?vision" in session.text
        await session.pilot.resize_terminal(80, 24)
        for key in ("ctrl+s", "backspace", "ctrl+s", "right", "escape", "escape", "G"):
            await session.press(key)
            check()
        await session.press("escape")
        assert "? quantis?" in session.text
        demo.script("models/list", refused(500, odd))
        await session.press("r")
        assert "Pr?vision" in session.text
        check()


async def test_sixteen_colours_keep_statuses_accent_and_muted_apart(
    open_app: OpenApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "COLOR_SYSTEM", "standard")
    async with open_app() as session:
        styles = session.app.screen.query_one(Line).role_styles
        roles = (Role.PLAIN, Role.SUCCESS, Role.WARNING, Role.ERROR, Role.ACCENT, Role.MUTED)
        looks = {(styles[role].color, bool(styles[role].dim)) for role in roles}
        assert len(looks) == len(roles)
        assert all(color and color.type in (ColorType.STANDARD, ColorType.DEFAULT) for color, _ in looks)
        cursor = next(strip for strip in session.app.screen._compositor.render_strips() if "▸" in strip.text)
        own = {styles[role].color for role in (Role.SUCCESS, Role.WARNING, Role.ERROR)}
        assert all(look and (look.reverse or look.color in own) for _, look, _ in cursor)
