"""Signing in over whatever is on screen: the code, the password, what goes wrong, and whose screens come back."""

import asyncio
import gc
import json
import re
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from tests.support.clock import NOW
from tests.support.editing import INSERT, open_editor, said, send
from tests.support.screens import (
    asked,
    calls,
    check_screen,
    check_sizes,
    crumbs,
    cursor_line,
    frames,
    header,
    words,
)
from tests.support.session import OpenApp, Session
from wltui.auth.sign_in import sign_in_by_password
from wltui.auth.token_store import Login, TokenStore
from wltui.core.settings import Secret, Settings, SignIn
from wltui.demo import Demo, Scripted
from wltui.demo.keycloak import DEVICE_PATH, PAGE_PATH, TOKEN_PATH

MINE = {"login": None, "source": ""}
"""Settings of somebody who signs in by wltui alone."""
URL = "https://wallaroo.example.com/auth/realms/master/device"
SECRET = "sesame-sesame"


def code(url: str = URL) -> Scripted:
    """A code that is always the same."""
    told = {
        "device_code": SECRET,
        "user_code": "WDJB-MJHT",
        "verification_uri": url,
        "verification_uri_complete": f"{url}?user_code=WDJB-MJHT",
        "expires_in": 600,
        "interval": 5,
    }
    return Scripted(200, json.dumps(told).encode())


def refusal(error: str, words: str = "") -> Scripted:
    """What the sign-in service says no with."""
    return Scripted(400, json.dumps({"error": error, "error_description": words}).encode())


def answer(screen: str, demo: Demo, user: str = "demo") -> None:
    """Open the address that is on screen in a browser, and sign in there."""
    found = re.search(r"[B-Z]{4}-[B-Z]{4}", screen.partition("Open in a browser")[2])
    assert found, screen
    form = {"user_code": found[0], "username": user, "password": user, "answer": "yes"}
    with urlopen(demo.url + PAGE_PATH, urlencode(form).encode()):  # noqa: S310  the demo
        pass


async def sign_in(session: Session, demo: Demo, user: str = "demo") -> None:
    """Answer in the browser, and have the device ask."""
    await asyncio.to_thread(answer, session.text, demo, user)
    await session.time_passes()


@pytest.fixture
def store(tmp_path: Path) -> TokenStore:
    return TokenStore(tmp_path / "state")


@pytest.fixture
async def login(demo: Demo, store: TokenStore) -> Login:
    """Somebody has signed in before."""
    return await sign_in_by_password(
        Settings(demo.url), store, "demo", Secret("demo"), clock=(NOW - timedelta(hours=1)).timestamp
    )


async def test_who_is_not_signed_in_is_told_why_and_how(open_app: OpenApp, demo: Demo, redraw: bool) -> None:
    demo.script(DEVICE_PATH, code())
    mine = {**MINE, "sign_in": SignIn(browser_url="https://wallaroo.example.com/auth")}
    async with open_app(**mine) as session:  # of two lists either may be the first that is refused
        await check_sizes(session, "sign-in", redraw)
        await session.pilot.resize_terminal(60, 15)
        await session.pilot.pause()
        check_screen(session, "sign-in", redraw)


async def test_who_is_not_signed_in_is_asked_to_and_goes_on_from_there(
    open_app: OpenApp, demo: Demo, store: TokenStore
) -> None:
    demo.script(DEVICE_PATH, code())
    async with open_app(**MINE, workspace=10) as session:
        await session.pilot.resize_terminal(60, 15)
        await session.press("r")
        await sign_in(session, demo)
        assert crumbs(session) == "Workspaces › api-tutorial ⟨10⟩", session.text
        assert "demo@example.com" in header(session)
        assert "● live" in header(session)
        assert said(session) == "Signed in as demo@example.com."
    assert store.find_current(demo.url) is not None
    async with open_app(**MINE) as session:
        assert "Sign in" not in session.text


async def test_a_session_that_ends_opens_it_over_what_is_there_and_comes_back(
    open_app: OpenApp, demo: Demo, login: Login
) -> None:
    async with open_app(**MINE, workspace=10, refresh=None) as session:
        await session.press("enter", "j")
        before, row = crumbs(session), cursor_line(session)
        demo.sign_everybody_out()
        await session.time_passes()
        assert crumbs(session).endswith("› Sign in")
        assert "Your sign-in has ended" in words(session)
        since = len(demo.requests)
        await sign_in(session, demo)
        assert (crumbs(session), cursor_line(session)) == (before, row)
        assert "● live" in header(session)
        shown = {"models/list", "models/get_version_by_id", "models/get_config_by_id"}
        assert set(calls(demo, since)) == shown, "nothing but what is on screen is read again"
        demo.sign_everybody_out()
        await session.press("r")
        assert crumbs(session).endswith("› Sign in"), "the next time it is asked for again"


async def test_esc_is_an_answer_and_the_status_line_names_the_key(
    open_app: OpenApp, demo: Demo, login: Login, redraw: bool
) -> None:
    async with open_app(**MINE, workspace=10, refresh=None) as session:
        demo.sign_everybody_out()
        await session.press("r", "escape")
        await check_sizes(session, "not-signed-in", redraw)
        await session.press("r", "r", "enter")
        assert not crumbs(session).endswith("Sign in")
        assert "Not signed in. Press I to sign in" in session.text
        await session.press("I")
        await sign_in(session, demo)
        assert "Not signed in" not in session.text
        assert "● live" in header(session)


async def test_an_edit_keeps_all_that_was_typed_and_its_save_is_the_users_to_send_again(
    open_app: OpenApp, demo: Demo, login: Login
) -> None:
    async with open_app(**MINE, workspace=10, size=(120, 40)) as session:
        await open_editor(session, *"first")
        demo.sign_everybody_out()
        await send(session)
        assert crumbs(session).endswith("› Sign in")
        assert asked(demo, INSERT) == []
        await sign_in(session, demo)
        assert crumbs(session).endswith("Edit config of version 19")
        assert asked(demo, INSERT) == []
        assert "first" in session.text
        await session.type(", second")
        await session.press("f8")
        assert "second" not in session.text
        await session.press("f8")
        assert "first" not in session.text, "what was typed before can be undone, too"
        await session.press("ctrl+y")
        await send(session)
        assert [body["tensor_fields"] for body in asked(demo, INSERT)] == [["first"]]


async def test_a_sign_in_that_ends_under_another_screen_waits_for_it(
    open_app: OpenApp, demo: Demo, login: Login
) -> None:
    async with open_app(**MINE, workspace=10) as session:
        demo.sign_everybody_out()
        await session.press("r")
        page = session.text
        await session.press("question_mark")
        help_page = session.text
        await asyncio.to_thread(answer, page, demo)
        await session.time_passes()
        assert session.text == help_page
        await session.press("escape")
        assert crumbs(session) == "Workspaces › api-tutorial ⟨10⟩"
        assert "● live" in header(session)


async def test_an_editor_that_could_not_begin_begins(open_app: OpenApp, demo: Demo, login: Login) -> None:
    async with open_app(**MINE, workspace=10) as session:
        await session.press("enter")
        demo.sign_everybody_out()
        await session.burst("e", *"quick")
        assert crumbs(session).endswith("› Sign in"), "the q is for the editor"
        await sign_in(session, demo)
        await session.press("enter", "a")
        assert "Unsent changes" in session.text


async def test_another_user_gets_screens_of_their_own_and_sees_nothing_of_the_first(
    open_app: OpenApp, demo: Demo, login: Login
) -> None:
    async with open_app(**MINE, workspace=10) as session:
        await open_editor(session, *"mine")
        demo.sign_everybody_out()
        await send(session)
        painted = frames(session)
        await sign_in(session, demo, "guest")
        assert crumbs(session) == "Workspaces › api-tutorial ⟨10⟩"
        assert "guest@example.com" in header(session)
        told = "Signed in as guest@example.com. What demo@example.com had not sent is kept."
        assert said(session) == told
        assert [frame for frame in painted if "guest@" in frame]
        assert not [frame for frame in painted if "guest@" in frame and "version 19" in frame]
        assert all(frame.strip() for frame in painted), "the screen is never blank"
        await session.press("enter", "e")
        assert "mine" not in session.text
        assert "No changes" in session.text
    async with open_app(login=None, source="", workspace=10) as session:
        assert "guest@example.com" in header(session)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ([refusal("slow_down")], "asks to wait longer"),
        ([Scripted(drop=True)], "Still waiting: the connection to 127.0.0.1 was lost"),
        ([refusal("access_denied")], "the sign-in was refused in the browser"),
        ([refusal("expired_token")], "nobody typed it in time"),
    ],
    ids=["slow", "lost", "denied", "expired"],
)
async def test_what_the_sign_in_service_says_is_told(
    answers: list[Scripted], told: str, open_app: OpenApp, demo: Demo
) -> None:
    demo.script(TOKEN_PATH, *answers)
    async with open_app(**MINE) as session:
        await session.time_passes()
        assert told in words(session)
        await session.press("r")
        await sign_in(session, demo)
        assert "demo@example.com" in header(session)


async def test_a_service_that_can_not_be_reached_says_why_and_r_tries_again(
    open_app: OpenApp, demo: Demo, redraw: bool
) -> None:
    demo.script(DEVICE_PATH, Scripted(503, b"no healthy upstream"), code())
    async with open_app(**MINE) as session:
        await check_sizes(session, "sign-in-failed", redraw)
        await session.press("r")
        assert "WDJB-MJHT" in session.text


async def test_the_time_that_a_code_has_is_told(open_app: OpenApp, demo: Demo) -> None:
    demo.script(DEVICE_PATH, code())
    time = NOW.timestamp()
    async with open_app(**MINE, clock=lambda: NOW.fromtimestamp(time, NOW.tzinfo)) as session:
        assert "good for 10 min" in session.text
        time += 555
        for pause in list(session.waits.pauses):
            if pause[0] == 10:
                pause[1].set_result(None)
        await session.settle()
        assert "good for 50 s" in session.text


async def test_the_address_is_copied_by_the_terminal(open_app: OpenApp, demo: Demo) -> None:
    demo.script(DEVICE_PATH, code())
    async with open_app(**MINE) as session:
        await session.press("c")
        assert session.app.clipboard == f"{URL}?user_code=WDJB-MJHT"
        assert "Copied address, 74 characters" in session.text


async def test_a_qr_code_is_drawn_where_it_fits_and_can_be_read(open_app: OpenApp, demo: Demo) -> None:
    long = f"https://{'long.' * 10}example.com/device"
    demo.script(DEVICE_PATH, code(), code(long), code(f"{URL}/{'x' * 200}"))
    async with open_app(**MINE, size=(80, 24)) as session:
        assert "█▀▀▀█" in session.text
        await session.press("r")
        assert "█▀▀▀█" in session.text, "without the code in it, an address is shorter"
        await session.press("r")
        assert "█▀▀▀█" not in session.text
    demo.script(DEVICE_PATH, code())
    async with open_app(**MINE, ascii=True) as session:
        assert "WDJB-MJHT" in session.text
        assert session.text.isascii()


async def test_a_password_signs_in_and_is_nowhere_to_be_seen(
    open_app: OpenApp, demo: Demo, store: TokenStore, redraw: bool
) -> None:
    demo.script(DEVICE_PATH, code())
    async with open_app(**MINE) as session:
        await session.press("u")
        await session.type("demo")
        await session.press("enter")
        await session.type("swordfish")
        await check_sizes(session, "sign-in-password", redraw)
        assert "swordfish" not in session.text
        await session.press("ctrl+c")
        assert session.app.clipboard == ""
        await session.press("enter")
        assert "Signing in failed: Invalid user credentials" in words(session)
        assert not [
            each for each in gc.get_objects() if type(each) is dict and "swordfish" in each.copy().values()
        ]
        await session.type("demo")
        await session.press("enter")
        assert "demo@example.com" in header(session)
    kept = store.find_current(demo.url)
    assert kept is not None
    assert kept.name == "demo@example.com"


async def test_a_realm_without_passwords_says_so_and_esc_leads_back_to_the_code(
    open_app: OpenApp, demo: Demo
) -> None:
    demo.script(TOKEN_PATH, refusal("unauthorized_client", "Client not allowed for direct access grants"))
    async with open_app(**MINE) as session:
        await session.press("u", *"demo", "tab", *"demo", "enter")
        assert "Client not allowed for direct access grants" in words(session)
        await session.press("escape")
        assert "Waiting for the browser" in session.text


async def test_to_stay_for_days_is_asked_for_with_its_scope(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(**MINE) as session:
        await session.press("s")
        assert "asked to last for days" in words(session)
        assert b"offline_access" in [each for each in demo.requests if each.path == DEVICE_PATH][-1].body
        await session.press("u", *"demo", "tab", *"demo", "enter")
        (form,) = [each.body for each in demo.requests if b"grant_type=password" in each.body]
        assert b"offline_access" in form


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"token": Secret("x.y.z"), "source": "WLTUI_TOKEN"}, "WLTUI_TOKEN gives the token"),
        (
            {"login": ("jane", Secret("sesame")), "source": "WALLAROO_USER"},
            "WALLAROO_USER gives user jane",
        ),
        (
            {"sign_in": SignIn(token_command=("/bin/false",)), "source": "profile lab, line 3"},
            "token_command of profile lab, line 3 gives the token: /bin/false",
        ),
    ],
    ids=["token", "password", "command"],
)
async def test_what_a_token_of_ones_own_needs_is_told_and_no_code_is_asked_for(
    settings: dict[str, object], told: str, open_app: OpenApp, demo: Demo, redraw: bool
) -> None:
    async with open_app(**({"login": None} | settings)) as session:
        assert crumbs(session).endswith("› Sign in")
        assert told in words(session)
        if "token" in settings:
            await check_sizes(session, "sign-in-token", redraw)
        assert "you can sign in here" in words(session)
        assert DEVICE_PATH not in [request.path for request in demo.requests]
        await session.press("r")
        assert crumbs(session) == "Workspaces"


async def test_nobody_is_asked_offline_nor_over_a_filter_that_is_being_typed(
    open_app: OpenApp, demo: Demo, login: Login
) -> None:
    async with open_app(**MINE, refresh=None) as session:
        await session.press("slash", "t")
        demo.sign_everybody_out()
        await session.time_passes()
        await session.type("uq")
        assert "Sign in" not in crumbs(session)
        await session.press("enter")
        assert crumbs(session).endswith("› Sign in")
    async with open_app(**MINE, offline=True) as session:
        assert "Sign in" not in crumbs(session)
        await session.press("question_mark")
        assert "sign in, or as somebody else  (offline mode)" in words(session).replace(" (o", "  (o")


async def test_no_secret_of_the_sign_in_reaches_a_screen_or_the_workers(
    open_app: OpenApp, demo: Demo, tmp_path: Path
) -> None:
    demo.script(DEVICE_PATH, code())
    async with open_app(**MINE) as session:
        seen = session.text + repr(list(session.app.workers)) + repr(session.app.screen.__dict__)
        assert SECRET not in seen
        await session.press("u", *"demo", "tab", *"swordfish", "enter")
        seen = session.text + repr(list(session.app.workers)) + repr(session.app.screen.__dict__)
        assert "swordfish" not in seen
    files = await asyncio.to_thread(contents, tmp_path)
    assert files
    assert not any(secret in each for each in files for secret in (SECRET.encode(), b"swordfish"))


def contents(folder: Path) -> list[bytes]:
    """All that is in the files of a folder."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


async def test_an_address_on_another_host_is_told(open_app: OpenApp, demo: Demo) -> None:
    demo.script(DEVICE_PATH, code("https://w\u0430llaroo.example.com/device"), code(f"{demo.url}/device"))
    async with open_app(**MINE, size=(80, 24)) as session:
        assert "xn--wllaroo-2fg.example.com" in session.text
        assert "Another host than the instance's:" in words(session)
        await session.press("r")
        assert "Another host" not in words(session)
