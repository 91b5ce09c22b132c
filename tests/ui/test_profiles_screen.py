"""Going over to another profile: what is listed, what is left, and that nothing of one is seen in the other."""

import argparse
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from tests.support.clock import NOW
from tests.support.editing import INSERT, open_editor
from tests.support.screens import calls, check_sizes, crumbs, cursor_line, frames, header, words
from tests.support.session import OpenApp, Session
from wltui.auth.sign_in import sign_in_by_password
from wltui.auth.token_store import TokenStore
from wltui.cli.instances import NamedInstances
from wltui.core.settings import Secret, Settings
from wltui.demo import Demo, Scripted

USER = {"WALLAROO_USER": "demo", "WALLAROO_PASSWORD": "demo"}
LISTED = """
default = "prod"

[profiles.prod]
endpoint = "https://wallaroo.example.com"
protected = true
colour = "error"

[profiles.staging]
endpoint = "https://staging.example.com"
read_only = true
verify = false
"""
WRONG = """
[profiles.lab]
endpoint = "https://lab.example.com"
ca_bundle = "missing.pem"
"""


@pytest.fixture
def other() -> Iterator[Demo]:
    """Another instance."""
    with Demo(seed=2, clock=lambda: NOW) as server:
        server.world.workspaces[10].name = "the other ten"
        yield server


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, demo: Demo, other: Demo) -> None:
    """Two profiles, each of an instance of its own."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    write(f"""
[profiles.demo]
endpoint = "{demo.url}"

[profiles.other]
endpoint = "{other.url}"
workspace = 10
read_only = true
colour = "error"
""")


@pytest.fixture
async def instances(tmp_path: Path, profiles: None, demo: Demo, other: Demo) -> NamedInstances:
    """The profiles of somebody whose password is for the one, and who has signed in to the other."""
    store = TokenStore(tmp_path / "state")
    await sign_in_by_password(Settings(other.url), store, "demo", Secret("demo"), clock=NOW.timestamp)
    return named(tmp_path, demo.url, USER)


def write(text: str) -> None:
    """The user writes the file of profiles."""
    path = NamedInstances(argparse.Namespace(), {}, Path(), start="").path
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def named(tmp_path: Path, start: str, environ: Mapping[str, str], *, offline: bool = False) -> NamedInstances:
    """The profiles, where wltui was started with few flags."""
    flags = argparse.Namespace(refresh=0.0, workspace=13, offline=offline)
    return NamedInstances(flags, environ, tmp_path / "state", start=start)


async def go_over(session: Session) -> None:
    """To the profile of the other instance."""
    await session.press("P", "j")
    assert "other" in cursor_line(session)
    await session.press("enter")


def grounds(session: Session) -> set[str]:
    """The names of the header's backgrounds."""
    looks = [segment.style for segment in session.app.screen._compositor.render_strips()[0]]
    return {look.bgcolor.name for look in looks if look and look.bgcolor}


async def test_profiles_are_listed_with_what_is_known_of_them(
    open_app: OpenApp, instances: NamedInstances, redraw: bool
) -> None:
    write(LISTED)
    async with open_app(instances=instances) as session:
        await session.press("P")
        await check_sizes(session, "profiles", redraw)
        write(LISTED + WRONG)
        await session.press("r", "G", "enter")
        assert "missing.pem, which is no file" in words(session)
        await session.press("slash", *"staging", "enter")
        assert [line for line in session.text.split("\n") if "example.com" in line] == [cursor_line(session)]
        assert "staging" in cursor_line(session)


async def test_who_has_no_profiles_is_told_how_to_write_them(
    open_app: OpenApp, instances: NamedInstances
) -> None:
    instances.path.unlink()
    async with open_app(instances=instances) as session:
        await session.press("P")
        assert f"Instances that you name in {instances.path}" in words(session).replace("/ ", "/")
        assert "[profiles.prod]" in session.text
        assert session.text.split("\n")[-1].startswith(" / Filter")
        write('[profiles.prod]\nendpiont = "https://wallaroo.example.com"\n')
        await session.press("r")
        assert "line 2: there is no 'endpiont' in [profiles.prod]. Did you mean endpoint?" in words(session)
        write(LISTED)
        await session.press("r")
        assert "2 profiles" in session.text


async def test_another_profile_takes_the_place_of_this_one(
    open_app: OpenApp, instances: NamedInstances, demo: Demo, other: Demo
) -> None:
    async with open_app(instances=instances, place="", workspace=10) as session:
        await open_editor(session, *"mine", "escape", "escape")
        seen = frames(session)
        await go_over(session)
        since = len(demo.requests)
        assert crumbs(session) == "Workspaces › the other ten ⟨10⟩"
        assert f"other  {other.url.removeprefix('http://')}" in header(session)
        assert "#870000" in grounds(session)  # its colour
        assert "READ-ONLY" in header(session)
        assert all(frame.strip() for frame in seen), "the screen is never blank"
        theirs = [frame for frame in seen if "  other  " in frame.split("\n")[0]]
        assert theirs
        assert not [frame for frame in theirs if "api-tutorial" in frame]
        await session.press("r", "enter", "escape", "escape")
        assert demo.requests[since:] == []
        await session.press("P", "k", "enter")
        assert crumbs(session) == "Workspaces"
        await session.press("ctrl+p", *"unsent", "enter")
        assert "mine" in session.text
        assert "READ-ONLY" not in header(session)
        assert "#870000" not in grounds(session)


@pytest.mark.parametrize("trouble", ["hangs", "is gone"])
async def test_an_instance_that_does_not_answer_can_be_left(
    trouble: str, open_app: OpenApp, instances: NamedInstances, demo: Demo
) -> None:
    async with open_app(instances=instances) as session:
        if trouble == "hangs":
            demo.script("workspaces/list", Scripted(delay=3_600))
        else:
            demo.refuse()
        await session.pilot.press("r")
        await session.until(lambda: "refreshing" in header(session) or "offline" in header(session))
        await session.pilot.press("P")
        await session.until(lambda: "other" in session.text)
        await session.pilot.press("j", "enter")
        await session.until(lambda: "READ-ONLY" in header(session))
        await session.settle()
        assert crumbs(session) == "Workspaces › the other ten ⟨10⟩"


async def test_nobody_leaves_while_a_save_is_under_way(
    open_app: OpenApp, instances: NamedInstances, demo: Demo, other: Demo
) -> None:
    async with open_app(instances=instances, workspace=10, request_timeout=3_600.0) as session:
        await open_editor(session, *"mine", "ctrl+s")
        demo.script(INSERT, Scripted(delay=3_600))
        await session.pilot.press("right", "enter", "escape", "P")
        await session.until(lambda: "other" in session.text)
        await session.pilot.press("j", "enter")
        await session.until(lambda: "demo can't be left: a save is under way" in words(session))
        assert calls(other) == []


async def test_the_palette_goes_over_too(open_app: OpenApp, instances: NamedInstances, other: Demo) -> None:
    async with open_app(instances=instances) as session:
        await session.press("ctrl+p", *"switch other", "enter")
        assert crumbs(session) == "Workspaces › the other ten ⟨10⟩"


async def test_a_profile_of_somebody_who_is_not_signed_in_asks_to_sign_in(
    open_app: OpenApp, profiles: None, tmp_path: Path, demo: Demo
) -> None:
    async with open_app(instances=named(tmp_path, demo.url, {})) as session:
        await session.press("P")
        assert "not signed in" in cursor_line(session)
        await session.press("escape")
        await go_over(session)
        assert crumbs(session).endswith("› Sign in")
        await session.press("escape", "P", "k", "enter")
        assert "demo" in header(session)


async def test_in_the_demo_it_is_off_with_a_reason(open_app: OpenApp) -> None:
    async with open_app() as session:
        await session.press("P")
        assert crumbs(session) == "Workspaces"
        assert "Profiles: the demo stays where it is" in session.text


async def test_hosts_that_differ_at_their_end_are_told_apart_in_a_narrow_window(
    open_app: OpenApp, instances: NamedInstances
) -> None:
    hosts = [f"wallaroo.ml-platform.{region}.example.com" for region in ("eu-central-1", "eu-central-2")]
    write("\n".join(f'[profiles.p{n}]\nendpoint = "https://{h}"' for n, h in enumerate(hosts)))
    async with open_app(instances=instances, size=(80, 24)) as session:
        await session.press("P")
        assert [host for host in hosts if f" {host} " in session.text] == hosts


async def test_the_password_of_the_start_goes_to_no_other_instance(
    open_app: OpenApp, profiles: None, tmp_path: Path, demo: Demo, other: Demo
) -> None:
    async with open_app(instances=named(tmp_path, demo.url, USER)) as session:
        await go_over(session)
        assert crumbs(session).endswith("› Sign in")
        assert "WALLAROO_USER is not sent here" in words(session)
        sent = b"".join(request.body for request in other.requests)
        assert b"password" not in sent
        await session.press("escape", "P", "k", "enter")
        assert "demo" in header(session)
        assert crumbs(session) == "Workspaces"
        assert "api-tutorial" in session.text


@pytest.mark.parametrize("name", ["WLTUI_TOKEN", "WALLAROO_USER"])
def test_token_and_password_are_for_every_profile_of_the_instance_of_the_start(
    name: str, profiles: None, tmp_path: Path, demo: Demo
) -> None:
    environ = {"WLTUI_TOKEN": "t0ken"} if name == "WLTUI_TOKEN" else USER
    mine, theirs = [each.settings for each in named(tmp_path, demo.url, environ).all()]
    assert mine is not None
    assert theirs is not None
    assert (mine.source, mine.withheld) == (name, "")
    assert (theirs.token, theirs.login, theirs.source, theirs.withheld) == (None, None, "", name)
