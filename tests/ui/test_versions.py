"""The versions of a model: images side by side, and from 110 columns on the detail of the one under the cursor."""

from datetime import timedelta

from tests.support.clock import NOW
from tests.support.screens import (
    asked,
    calls,
    crumbs,
    cursor_line,
    header,
    line_with,
    model_item,
    models,
    refused,
    version_item,
    words,
)
from tests.support.session import OpenApp, Session
from wltui.demo import Demo
from wltui.ui.screens.versions import VersionsScreen
from wltui.ui.text.spans import Role

PROXY = "proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/"
SHA256 = "4f53cda18c2baa0c0354bb5f9a3ecbe5ed12ab4d8e11ba873c2f11161202b945"
IMAGES = {
    30: (f"{PROXY}mac-deploy:v2025.2.1-6555", "mac-deploy:v2025.2.1-6555"),
    29: (f"{PROXY}mac-deploy:v2025.1.2-6210", "mac-deploy:v2025.1.2-6210 ≠"),
    28: (f"{PROXY}mac-deploy@sha256:{SHA256}", "mac-deploy@sha256:4f53cda18c2b ≠"),
    27: (f"{PROXY}mac-deploy:v1@sha256:{SHA256}", "mac-deploy:v1@sha256:4f53cda18c2b ≠"),
    26: ("gpu-hf-summ-official2:1.30", "gpu-hf-summ-official2:1.30 ≠"),
    25: ("registry.example.com:5000/ml/serving-base", "registry.example.com:5000/ml/serving-base ≠"),
    24: ("mac-deploy", "mac-deploy ≠"),
    23: (None, "—"),
    22: ("", "—"),
    21: ("odd:/@", "odd:/@ ≠"),
}
"""Version, its image path, and how its row shows it."""


async def open_versions(session: Session, demo: Demo, *versions: dict[str, object]) -> None:
    """From the first screen to the versions of a model that has just these."""
    await session.press("j")
    told = models(model_item(15, "model", *versions))
    demo.script("models/list", told, told)
    await session.press("enter", "enter")


async def test_a_narrow_list_needs_one_request(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(80, 24), workspace=10) as session:
        before = len(demo.requests)
        await session.press("enter")
        assert crumbs(session).endswith("api-upload-pytorch-multi-io ⟨15⟩")
        await session.press("j", "j")
        assert calls(demo, before) == ["models/list"]
        assert asked(demo, "models/list")[-1] == {"workspace_id": 10}
        assert "5 versions   ✖ 4  ✔ 1" in session.text
        rows = [line[1:].split()[0] for line in session.text.split("\n")[3:8]]
        assert rows == ["19", "18", "17", "16", "15"]
        assert "/mlflow-deploy:v2023.4.0-4103" in line_with(session, " 16 ")
        assert "17" in cursor_line(session)


async def test_a_wide_one_reads_the_version_under_the_cursor_too(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        before = len(demo.requests)
        await session.press("enter")
        assert calls(demo, before).count("models/list") == 1
        assert set(calls(demo, before)) == {
            "models/list",
            "models/get_config_by_id",
            "models/get_version_by_id",
            "pipelines/list_pipelines",
        }
        assert "Config 29" in session.text
        await session.press("j")
        assert calls(demo, before).count("pipelines/list_pipelines") == 1
        assert "Config 28" in session.text
        assert "Config 29" not in session.text
        assert {body["model_id"] for body in asked(demo, "models/get_config_by_id")} == {19, 18}

        top = session.text.split("\n")[2].partition("│")[2]
        await session.press("tab", "G")
        assert session.text.split("\n")[2].partition("│")[2] != top
        assert "18" in cursor_line(session)
        await session.press("tab", "j")
        assert "Config 27" in session.text
        await session.pilot.resize_terminal(80, 24)
        await session.settle()
        assert "Config" not in session.text


async def test_a_detail_that_can_not_be_read_says_so_beside_the_list(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter")
        demo.script("models/get_config_by_id", refused(500, "the database is away"))
        await session.press("r")
        assert "the database is away" in words(session)
        assert "● live" in header(session)
        assert "19" in cursor_line(session)
        assert "Config 29" in session.text
        await session.press("r")
        assert "the database is away" not in words(session)


async def test_a_release_of_2023_is_asked_for_the_one_model(open_app: OpenApp) -> None:
    with Demo(api="2023.4") as old:
        async with open_app(size=(80, 24), server=old, workspace=10) as session:
            before = len(old.requests)
            await session.press("enter")
            assert calls(old, before) == ["models/list", "models/list_versions"]
            assert "5 versions   ✖ 4  ✔ 1" in session.text
            await session.press("enter")
            assert "Config 29" in session.text
            assert "Unknown: Batch config" in session.text
            assert "(this server's API does not return them)" in words(session)


async def test_images_are_told_apart_at_a_glance(open_app: OpenApp, demo: Demo) -> None:
    versions = [version_item(number, image_path=path) for number, (path, _) in IMAGES.items()]
    async with open_app(size=(300, 24)) as session:
        await open_versions(session, demo, *versions)
        rows = [line.partition("│")[0] for line in session.text.split("\n")]
        for number, (_, shown) in IMAGES.items():
            (row,) = [row for row in rows if f" {number}  ✔ ready" in row]
            assert f"{shown}  " in row, row
            assert ("≠" in row) == ("≠" in shown)
        await session.press("slash")
        await session.type("hf-summ")
        await session.press("enter")
        assert "1 of 10 versions" in session.text
        assert "26" in cursor_line(session)


async def test_what_is_marked_is_measured_by_the_newest_that_is_ready(open_app: OpenApp, demo: Demo) -> None:
    new, old = "r.io/a:2", "r.io/a:1"
    async with open_app(size=(80, 24)) as session:
        await open_versions(
            session,
            demo,
            version_item(9, status="error", image_path=new),
            version_item(8, image_path=old),
            version_item(7, image_path=old),
            version_item(6, image_path=None),
        )
        marks = ["≠" in line for line in session.text.split("\n")[3:7]]
        assert marks == [True, False, False, False]


async def test_ages_sort_as_ages_and_the_youngest_come_first(open_app: OpenApp, demo: Demo) -> None:
    # As text the times are in another order: some are in other zones than the rest.
    times = {
        1: "2026-03-01T12:00:00Z",
        2: "2026-03-01T13:30:00+02:00",
        3: "2026-03-01T06:45:00-05:00",
        4: None,
    }
    async with open_app(size=(80, 24)) as session:
        await open_versions(session, demo, *(version_item(n, created_at=time) for n, time in times.items()))

        def ids() -> list[str]:
            return [line.removeprefix("▸").split()[0] for line in session.text.split("\n")[3:7]]

        await session.press("s", "a")
        assert "▲ Age" in session.text
        assert ids() == ["1", "3", "2", "4"]
        await session.press("S")
        assert "▼ Age" in session.text
        assert ids() == ["2", "3", "1", "4"]


async def test_the_age_of_a_row_goes_on_though_nothing_else_does(open_app: OpenApp, demo: Demo) -> None:
    time = NOW
    told = models(model_item(15, "model", version_item(1, created_at=NOW.isoformat())))
    demo.script("models/list", *[told] * 9)
    async with open_app(size=(80, 24), workspace=10, refresh=None, clock=lambda: time) as session:
        await session.press("enter")
        assert cursor_line(session).endswith(" 0 s")
        time += timedelta(minutes=5)
        await session.time_passes()
        assert cursor_line(session).endswith(" 5 min")


async def test_the_worst_come_first_when_sorted_by_status(open_app: OpenApp, demo: Demo) -> None:
    words = ["ready", "error", "uploading", "quantizing", None]
    async with open_app(size=(80, 24)) as session:
        await open_versions(session, demo, *(version_item(n, status=word) for n, word in enumerate(words, 1)))
        await session.press("s", "s")
        signs = [line.split()[1 + line.startswith("▸ ")] for line in session.text.split("\n")[3:8]]
        assert signs == ["✖", "?", "◐", "·", "✔"]


async def test_files_are_shown_without_the_folders_of_whoever_uploaded_them(
    open_app: OpenApp, demo: Demo
) -> None:
    names = {3: r"C:\Users\jo\model.onnx", 2: "/home/jo/other.pt", 1: None}
    async with open_app(size=(200, 24)) as session:
        await open_versions(session, demo, *(version_item(n, file_name=name) for n, name in names.items()))
        await session.press("z")  # the pane shows the whole path
        assert " 3 " in line_with(session, " model.onnx ")
        assert " 2 " in line_with(session, " other.pt ")
        assert "jo" not in session.text


async def test_a_model_that_is_gone_keeps_what_was_seen_of_it(open_app: OpenApp, demo: Demo) -> None:
    async with open_app(size=(80, 24), workspace=10) as session:
        await session.press("enter")
        demo.script("models/list", models())
        await session.press("r")
        assert "! gone · as of 14:30:00" in header(session)
        assert "Model 15 is gone" in session.text
        assert "mlflow-deploy" in session.text


async def test_rows_that_move_keep_cursor_and_marks(open_app: OpenApp, demo: Demo) -> None:
    first = [version_item(n) for n in (3, 2, 1)]
    async with open_app(size=(80, 24)) as session:
        await open_versions(session, demo, *first)
        await session.press("space", "j")
        assert " 1 " in cursor_line(session)
        demo.script(
            "models/list",
            models(model_item(15, "model", version_item(4, status="uploading"), *reversed(first))),
        )
        await session.press("r")
        assert " 1 " in cursor_line(session)
        assert line_with(session, " 3 ").startswith("▪")
        assert "4 versions, 1 marked   ◐ 1  ✔ 3" in session.text


async def test_a_filter_that_matches_nothing_leaves_no_version_to_act_upon(
    open_app: OpenApp, demo: Demo
) -> None:
    offered = ["enter Open", "e Edit config", "= Compare"]
    async with open_app(workspace=10) as session:
        await session.press("enter", "j")
        assert "Config 28" in session.text
        assert all(key in session.text for key in offered)
        await session.press("slash", "z", "z", "z", "enter")
        assert "None of 5 versions matches 'zzz'" in session.text
        pane = [line.rpartition("│")[2] for line in session.text.split("\n")[2:-2] if "│" in line]
        assert len(pane) > 30
        assert "".join(pane).strip() == ""
        assert not any(key in session.text for key in offered)
        before = len(demo.requests)
        await session.press("enter", "e", "L")
        assert crumbs(session).endswith("⟨15⟩")
        assert calls(demo, before) == []
        await session.press("f1")
        assert "(no version is under the cursor)" in line_with(session, "edit the config of this version")
        assert "(no version is under the cursor)" in line_with(session, "the upload logs of this version")
        await session.press("f1", "escape")
        assert all(key in session.text for key in offered)
        assert "18" in cursor_line(session)
        assert "Config 28" in session.text
        await session.press("e")
        assert crumbs(session).endswith("Edit config of version 18")


async def test_an_unsent_edit_is_marked_on_the_way_to_it_until_it_is_gone(open_app: OpenApp) -> None:
    async with open_app(size=(80, 24)) as session:
        await session.press("j", "enter", "enter", "j", "e", "enter")
        await session.type("d1")
        await session.press("escape")
        assert "✖ error ✎" in cursor_line(session)
        assert session.text.count("✎") == 1
        await session.press("enter")
        assert "✎ unsent edit" in line_with(session, "18  ✖ error")
        await session.press("escape", "escape")
        assert cursor_line(session).startswith("▸✎ api-upload-pytorch-multi-io")
        await session.press("escape")
        assert "✎ 1 unsent edit: H" in session.text
    async with open_app(size=(120, 40)) as session:
        await session.until(lambda: "✎ 1 unsent edit: H" in session.text)
        await session.press("j", "enter", "enter", "j")
        assert session.text.count("✎") == 2  # in the row, and in the pane
        await session.press("e", "ctrl+r", "escape")
        assert "✎" not in session.text
        await session.press("escape")
        assert "✎" not in session.text
        await session.press("escape")
        assert "✎" not in session.text


async def test_z_hides_the_pane_lets_it_take_the_screen_and_shows_it_again(
    open_app: OpenApp, demo: Demo
) -> None:
    async with open_app(workspace=10) as session:
        await session.press("enter", "j")
        assert "Config 28" in session.text
        await session.press("z")  # hidden
        assert "│" not in session.text
        assert "Config 28" not in session.text
        before = len(demo.requests)
        await session.press("j")
        assert calls(demo, before) == []  # the detail of no row is read
        await session.press("escape", "enter", "j", "j", "j")  # remembered for the next list
        assert "│" not in session.text
        await session.press("z")  # whole
        assert "Config 26" in session.text
        assert "▼ ID" not in session.text
        await session.press("G")  # scrolls the pane, as it has the focus
        assert session.app.focused is session.app.screen.query_one("#pane")
        await session.press("escape")  # back beside the list
        assert "16" in cursor_line(session)
        assert "Config 26" in session.text
        await session.press("z", "z", "slash", "escape")  # a filter needs the list
        assert "16" in cursor_line(session)

        await session.press("z", "z")
        await session.pilot.resize_terminal(109, 40)
        await session.press("j")
        assert "15" in cursor_line(session)
        await session.press("z")
        assert "Pane: it needs a window of 110 columns or more." in session.text
        await session.pilot.resize_terminal(120, 40)
        await session.settle()
        assert "Config 25" in session.text
        assert "▼ ID" not in session.text
        await session.press("z")
        assert "15" in cursor_line(session)
        assert "Config 25" in session.text


async def test_a_failed_version_without_an_image_shows_its_reason_there(
    open_app: OpenApp, demo: Demo
) -> None:
    words = "The zip has\nno [/x] module"
    async with open_app(size=(80, 24)) as session:
        await open_versions(
            session,
            demo,
            version_item(5, status="error", error_summary=words, sha="aa"),
            version_item(4, status="error", error_summary=None, sha="aa"),
            version_item(3, status="error", error_summary="null", sha="bb"),
            version_item(2, status="error", error_summary="late", image_path="r.io/a:1"),
            version_item(1, status="uploading", error_summary="early"),
        )
        shown = session.text.split("\n")[3:8]
        for line, text in zip(
            shown,
            [
                "The zip has no [/x] module",
                "The zip has no [/x] module",
                "no reason given",
                "r.io/a:1",
                "—",
            ],
            strict=True,
        ):
            assert f"  {text}  " in line
        screen = session.app.screen
        assert isinstance(screen, VersionsScreen)
        (image,) = [column for column in screen.columns() if column.key == "image"]
        assert image.cell is not None
        roles = [image.cell(version, 40)[0][1] for version in screen.table.rows]
        assert roles == [Role.PLAIN, Role.PLAIN, Role.MUTED, Role.MUTED, Role.MUTED]
