"""Text from outside is data: no name, message or log line is parsed, moves the cursor, or turns the writing around."""

import base64
import time
import unicodedata
from typing import Any

import msgspec
import pyarrow as pa
import pytest
from rich.cells import cell_len
from textual.events import Paste

from tests.support.editing import said
from tests.support.screens import (
    Json,
    answer,
    crumbs,
    custom_item,
    model_item,
    models,
    refused,
    version_item,
    words,
)
from tests.support.session import OpenApp, Session
from wltui.core.settings import Secret
from wltui.demo import Demo, Scripted

MARKUP = ["[/x]", "model[v1]", "[@click=app.quit]x[/]", "$primary", "[red]r[/red]", "\\[b]", "{x}", "%s"]
HIDDEN = {
    "\x1b[31mE\x1b[0m": "␛[31mE␛[0m",
    "\x1b]0;title\x07": "␛]0;title␇",
    "\x9b2J": "<U+009B>2J",
    "line\nbreak": "line␊break",
    "cr\rlf\ttab": "cr␍lf␉tab",
    "a\u202eb": "a<U+202E>b",
    "c\u2066d": "c<U+2066>d",
    "zero\u200bwidth": "zero<U+200B>width",
    "\ufeffbom": "<U+FEFF>bom",
    "del\x7f": "del␡",
    "tag\U000e0041": "tag<U+E0041>",
}
"""Text, and how it is to be seen."""
WIDE = [
    "שלום עולם",
    "名前のモデル",
    "👩\u200d🔬 lab",
    "e\u0301te\u0301",
    "ｆｕｌｌ",
    "x" * 10_000,
    "名" * 10_000,
]
ALL = [*MARKUP, *HIDDEN, *WIDE]
SEEN = [*MARKUP, *HIDDEN.values()]
IN_LINES = {"\x1b[31mE\x1b[0m": ("E",), "line\nbreak": ("line", "break"), "cr\rlf\ttab": ("lf      tab",)}
"""What is for a terminal, where text has lines of its own."""
SIZE = (200, 50)


def check(session: Session) -> None:
    """Nothing on screen is of a kind that a terminal acts upon, and every line is as wide as the window."""
    strips = session.app.screen._compositor.render_strips()
    for strip in strips:
        wrong = {
            letter for letter in strip.text if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")
        }
        assert not wrong, strip.text
        assert strip.cell_length == cell_len(strip.text) == session.app.size.width
        actions = [s.style.meta for s in strip if s.style and "@click" in s.style.meta]
        assert not actions
    assert session.app.crash is None
    assert session.app.return_code is None


def seen(session: Session, *texts: str) -> None:
    """The screen is sound, and shows these texts as they are."""
    check(session)
    screen = session.text
    missing = [text for text in texts if text not in screen]
    assert not missing, crumbs(session)


def columns_of(session: Session, text: str) -> set[int]:
    """In which cells a text begins, on the lines that hold it."""
    lines = session.text.split("\n")
    return {cell_len(line.partition(text)[0]) for line in lines if text in line}


def config_of(number: int) -> Json:
    """A config with every hostile text in its schema's field names and its tensor fields."""
    fields = [pa.field(text, pa.float32()) for text in ALL]
    schema = base64.b64encode(pa.schema(fields).serialize()).decode()
    return {"id": 100 + number, "model_version_id": number, "runtime": ALL[0], "tensor_fields": ALL,
            "filter_threshold": None, "input_schema": schema, "output_schema": "[/x]\x1b[2J",
            "batch_config": "[/x]\u202e", "openai": {"[/x]": "\u202e\x1b"}}  # fmt: skip


async def test_workspaces_of_any_name(open_app: OpenApp, demo: Demo) -> None:
    told = [
        {"id": number, "name": text, "created_by": text, "created_at": "2026-01-01T10:11:00Z"}
        for number, text in enumerate(ALL, 1)
    ]
    demo.script("workspaces/list", answer({"workspaces": told}))
    async with open_app(size=SIZE) as session:
        seen(session, *SEEN, "שלום", "名前のモデル", "e\u0301te\u0301")
        assert len(columns_of(session, " 60 d ")) == 1
        await session.press("slash")
        await session.type("[/x")
        seen(session, "[/x]", "Filter / [/x")
        await session.type("[@]{")
        seen(session, "None of")
        await session.press("escape", "y")
        seen(session, '"[/x]"')
        demo.script("workspaces/list", *[answer({"workspaces": told})] * 40)
        await session.press("escape")
        for text in SEEN[:3]:
            await session.press("enter")
            seen(session, f"{text} ⟨")
            await session.press("escape", "j")


async def test_models_of_any_name(open_app: OpenApp, demo: Demo) -> None:
    items = [
        model_item(number, text, version_item(number, status=text), owner_id=text)
        for number, text in enumerate(ALL, 1)
    ]
    async with open_app(size=SIZE) as session:
        await session.press("j")
        demo.script("models/list", *[models(*items)] * 3)
        await session.press("enter")
        seen(session, *SEEN, "名前のモデル")
        assert len(columns_of(session, " 26 h ")) == 1
        await session.press("G", "y")
        seen(session, '"[/x]"')
        await session.press("escape", "enter")
        seen(session, f"{SEEN[0]} ⟨1⟩", "? [/x]")


async def test_versions_of_any_kind(open_app: OpenApp, demo: Demo) -> None:
    items = [
        version_item(number, status=text, file_name=text, image_path=f"reg/{text}:{text}", created_by=text,
                     sha=text, version=text, conversion={"arch": text, "framework": text})
        for number, text in enumerate(ALL, 1)
    ]  # fmt: skip
    async with open_app(size=SIZE) as session:
        await session.press("j")
        demo.script("models/list", *[models(model_item(15, "m", *items))] * 3)
        await session.press("enter", "enter", "S", "z")  # without the pane statuses have room
        seen(session, *(f"? {text[:20]}" for text in SEEN))
        await session.press("z", "z")
        for _ in range(0, len(ALL), 5):
            await session.pilot.press(*"jjjjj")
            await session.settle()
            check(session)


@pytest.mark.parametrize("size", [(200, 100), (80, 24)])
async def test_a_version_of_any_kind(open_app: OpenApp, demo: Demo, size: tuple[int, int]) -> None:
    text = "[/x]\x1b[2J\u202e" + "[@click=app.quit]x[/]"
    version = version_item(1, text, status=text, error_summary=text, file_name=text, image_path=text, created_by=text,
                           visibility=text, created_on_version=text, task_id=text, created_at=text,
                           conversion={"arch": text, "accel": {text: 1}, "framework": text, "requirements": [text],
                                       "python_version": text})  # fmt: skip
    version["config"] = config_of(1)
    failed = version_item(1, text, status="error", error_summary=text)
    failed["config"] = config_of(1)
    async with open_app(size=size) as session:
        await session.press("j")
        demo.script("models/list", *[models(model_item(15, text, version))] * 4)
        demo.script(
            "models/get_version_by_id", answer({"model_version": version}), answer({"model_version": failed})
        )
        demo.script("models/get_config_by_id", *[answer({"model_config": config_of(1)})] * 9)
        if size[0] > 109:  # the list beside the detail asks as well
            demo.script("models/get_version_by_id", *[answer({"model_version": failed})] * 9)
        await session.press("enter", "enter")
        seen(session, "[/x]␛[2J<U+202E>")
        await session.press("enter")
        seen(session, "[/x]␛[2J<U+202E>[@click=app.quit]x[/]")
        for _ in range(12):
            await session.press("pagedown")
            check(session)
        await session.press("r", "g")
        seen(session, "✖ error", "[/x]␛[2J<U+202E>[@click=app.quit]x[/]")
        await session.press("y")
        for _ in range(8):
            check(session)
            await session.press("pagedown")


async def test_logs_of_any_kind(open_app: OpenApp, demo: Demo) -> None:
    lines = [*ALL[:-2], *(f"2026-03-01T12:00:01.5Z stderr F {text}" for text in ALL)]
    async with open_app(size=SIZE) as session:
        await session.press("j")
        demo.script("models/list", *[models(model_item(15, "model", custom_item(1)))] * 2)
        await session.press("enter", "enter")
        demo.script("models/get_upload_logs", answer({"logs": lines}))
        await session.press("L")
        told = [*MARKUP, *(line for text, told in HIDDEN.items() for line in IN_LINES.get(text, (told,)))]
        seen(session, *told, *(f"12:00:01 {line}" for line in told))
        await session.press("G")
        check(session)
        await session.press("y")
        seen(session, '"[/x]"')


async def test_messages_of_any_kind(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=SIZE, workspace=10) as session:
        for text, shown in [
            *zip(MARKUP, MARKUP, strict=True),
            ("a\u202eb\u200bc\x1b[2J", "a<U+202E>b<U+200B>c␛[2J"),
        ]:
            demo.script("models/list", refused(500, text))
            await session.press("r")
            seen(session, f"could not be read: {shown}")
        demo.script("models/list", Scripted(502, b"<p>[/x]&#x202e;"), *[Scripted(502, b"[/x]")] * 2)
        await session.press("r")
        seen(session, "[/x]")
        demo.script("models/list", Scripted(200, "[/x]\u202e".encode()))
        await session.press("r")
        seen(session, "[/x]<U+202E>")
        await session.press("enter", "e", "enter")
        await session.type("d")
        await session.press("ctrl+s", "right")
        demo.script("models/insert_model_config", refused(500, "[/x]\u202e[@click=app.quit]"))
        await session.press("enter")
        seen(session, "could not be saved: [/x]<U+202E>[@click=app.quit]")
        await session.press("ctrl+s", "right")
        has_left = False
        refusal = Scripted(status=500, body=b'{"msg": "[/x]", "code": 500}', may_answer=lambda: has_left)
        demo.script("models/insert_model_config", refusal)
        await session.pilot.press("enter", "escape")
        has_left = "Edit config" not in crumbs(session)
        assert has_left, session.text
        await session.settle()
        check(session)
        assert "not be saved: [/x]" in said(session)


async def test_a_config_of_any_kind_is_edited(open_app: OpenApp, demo: Demo) -> None:
    version = version_item(19)
    version["config"] = config_of(19)
    async with open_app(size=(200, 100), workspace=10) as session:
        await session.press("enter", "enter")
        demo.script("models/get_version_by_id", answer({"model_version": version}))
        demo.script("models/get_config_by_id", answer({"model_config": config_of(19)}))
        await session.press("e", "enter")
        seen(session, '"[/x]"', '◉ "[/x]\\u202e"')
        await session.press("shift+tab", "shift+tab")
        seen(session, "[/x]: float", '"a\\u202eb": float')
        await session.press("tab", "tab", "end")
        check(session)
        session.app.post_message(Paste(", a\u202eb\x1b[2J"))
        await session.settle()
        seen(session, "a<U+202E>b␛[2J")
        await session.press("ctrl+r", "end")
        await session.type(", new")
        await session.press("ctrl+s")
        seen(session, '"[/x]"', '"model[v1]"')
        for _ in range(5):
            await session.press("pagedown")
            check(session)


async def test_half_a_surrogate_pair_is_shown_as_what_can_not_be_read(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=SIZE) as session:
        demo.script("workspaces/list", answer({"workspaces": [{"id": 10, "name": "half \ud800 pair"}]}))
        await session.press("r")
        seen(session, "● live 14:30:00", "half <U+FFFD> pair")


async def test_a_workspace_is_literal_wherever_it_is_named(open_app: OpenApp, demo: Demo) -> None:
    demo.script("workspaces/list", answer({"workspaces": [{"id": 10, "name": "[/x]\u202e"}]}))
    async with open_app(size=(200, 100), workspace=10) as session:
        assert crumbs(session) == "Workspaces › [/x]<U+202E> ⟨10⟩"
        await session.press("enter", "enter")
        assert "Workspace [/x]<U+202E> (10)" in words(session)


async def test_a_token_that_a_server_repeats_is_blotted_out(open_app: OpenApp, demo: Demo) -> None:
    token = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJqYW5lIn0.c2VjcmV0"
    echo = f"no access with Authorization: Bearer {token} that is {token}"
    failures = (refused(401, echo), refused(500, echo), refused(403, echo), Scripted(200, echo.encode()))
    async with open_app(size=SIZE, token=Secret(token), login=None) as session:
        for failure in failures:
            demo.script("workspaces/list", failure)
            await session.press("r")
            check(session)
            assert "no access with Authorization: " in words(session)
            assert token[:20] not in session.text
            assert "c2VjcmV0" not in session.text


async def test_a_password_is_never_shown(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=SIZE, login=("demo", Secret("pa55-w0rd"))) as session:
        assert "! not signed in" in session.text
        assert "pa55-w0rd" not in session.text
        assert any(b"pa55-w0rd" in request.body for request in demo.requests)
        await session.press("question_mark", "escape", "y")
        assert "pa55-w0rd" not in session.text


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])  # UTC+14 and UTC-11
async def test_times_at_the_edge_of_time_are_shown_as_received_live_and_from_the_cache(
    open_app: OpenApp, demo: Demo, monkeypatch: pytest.MonkeyPatch, zone: str
) -> None:
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    edges = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00"]
    told = {
        "workspaces": [{"id": number, "name": "w", "created_at": edge} for number, edge in enumerate(edges)]
    }
    listed = answer({"models": [
        model_item(number, "m", version_item(number, created_at=edge), created_at=edge, updated_at=edge)
        for number, edge in enumerate(edges)
    ]})  # fmt: skip
    try:
        for offline in (False, False, True):  # the second time what the cache holds comes first
            demo.script("workspaces/list", *[answer(told)] * 9)
            demo.script("models/list", *[listed] * 9)
            async with open_app(size=(200, 30), offline=offline) as session:
                seen(session, "0001-01-", "9999-12-")
                await session.press("s", "n", "S")
                await session.press("enter")
                seen(session, "0001-01-", "9999-12-")
                await session.press("enter", "enter")
                check(session)
    finally:
        monkeypatch.undo()
        time.tzset()


async def test_one_row_that_can_not_be_read_is_one_row(open_app: OpenApp, demo: Demo) -> None:
    good, odd = {"id": 1, "name": "good one"}, {"id": 2, "name": None}
    item = model_item(7, "half read", version_item(8), {"model_version": {"id": "nine"}})
    demo.script("workspaces/list", *[answer({"workspaces": [good, odd]})] * 9)
    demo.script("models/list", *[answer({"models": [item, {"model": odd}]})] * 9)
    async with open_app() as session:
        seen(session, "good one", "1 workspace")
        await session.until(lambda: "good one 2" in words(session))  # models, one of which can't be read
        assert "1 workspace could not be read: Expected `str`, got `null` - at `$[1].name`." in words(session)
        await session.press("enter")
        seen(session, "half read")
        assert "1 model could not be read: Expected `str`, got `null`" in words(session)
        await session.press("enter")
        assert "1 version could not be read: Expected `int`, got `str`" in words(session)
        assert "1 version " in words(session)
        check(session)


async def test_no_row_that_can_be_read_is_no_empty_list(open_app: OpenApp, demo: Demo) -> None:
    demo.script("workspaces/list", *[answer({"workspaces": [{"id": 1, "name": "w"}]})] * 9)
    item = model_item(7, "half read", {"model_version": {"id": "nine"}})
    demo.script("models/list", *[answer({"models": [item]})] * 9)
    async with open_app() as session:
        await session.press("enter", "enter")
        assert "No version could be read." in words(session)
        assert "1 version could not be read: Expected `int`, got `str`" in words(session)


async def test_no_row_at_all_that_can_be_read_is_an_unreadable_answer(open_app: OpenApp, demo: Demo) -> None:
    demo.script("workspaces/list", *[answer({"workspaces": [{"id": 1}]})] * 9)
    async with open_app() as session:
        assert "unreadable answer" in words(session)
        assert "Object missing required field `name`" in words(session)


async def test_null_is_an_empty_list(open_app: OpenApp, demo: Demo) -> None:
    demo.script("workspaces/list", *[answer({"workspaces": [{"id": 1, "name": "w"}]})] * 9)
    demo.script("models/list", *[answer({"models": None})] * 9)
    async with open_app() as session:
        await session.press("enter")
        assert "This workspace has no models yet." in words(session)
        assert "could not be read" not in words(session)


async def test_names_of_any_length_are_cut_for_the_screen_and_sent_whole(
    open_app: OpenApp, demo: Demo
) -> None:
    long = "a\x01b" * 100_000
    fields: dict[str, Any] = dict.fromkeys(
        ("status", "image_path", "created_at", "error_summary", "created_by"), long
    )
    item = model_item(7, long, version_item(8, **fields), owner_id=long, updated_at=long)
    demo.script(
        "workspaces/list", *[answer({"workspaces": [{"id": 1, "name": long, "created_by": long}]})] * 9
    )
    demo.script("models/list", *[answer({"models": [{**item, "model_versions": None}]})] * 9)
    async with open_app(size=(120, 30)) as session:
        seen(session, "a␁ba␁ba␁ba", "…")
        await session.press("slash")
        await session.type("a␁")
        seen(session, "None of")
        await session.press("escape", "enter")
        seen(session, "a␁ba␁ba␁ba")
        asked = [msgspec.json.decode(r.body) for r in demo.requests if r.path == "models/list_versions"]
        assert {request["model_id"] for request in asked} == {long}
