"""``wltui get``: lists and single records in every format, with as few requests as the screens make."""

import csv
import io
import json
import re
from pathlib import Path

import pytest

from tests.support.commands import Commands
from tests.support.screens import answer, model_item, models, refused, version_item
from wltui.cli.output import BINARY, FORMATS
from wltui.demo import Demo, Scripted
from wltui.demo.releases import Era

PLAIN = {"NO_COLOR": "1"}
HOSTILE = "[/x] $(id)\n=1+1 \x1b]52;c;!\x07 \u202e مرحبا 漢字 e\u0301\t|"


def test_in_a_pipe_a_list_has_the_columns_that_people_see_separated_by_tabs(wltui: Commands) -> None:
    found = wltui("get", "workspaces")
    assert (found.code, found.err) == (0, "")
    assert found.out.startswith(
        "id\tname\tarchived\tcreated_at\tcreated_by\n4\tccfraud-quickstart\tfalse\t2023-10-30T"
    )
    assert wltui("get", "models", "--workspace", "4", "-o", "name").out == "ccfraud-model\n"
    assert wltui("get", "models", "3", "-o", "name", "api-sample-model", "--workspace", "10").code == 4
    found = wltui("get", "models", "15", "-o", "name", "14", "--workspace", "10")
    assert set(found.out.split()) == {"api-sample-model", "api-upload-pytorch-multi-io"}
    rows = wltui("get", "versions", "--workspace", "ccfraud-quickstart").rows
    assert {row[2] for row in rows} == {"ccfraud-quickstart"}


def without_ages(text: str) -> str:
    """Return a table without its ages, which go on between two commands."""
    return re.sub(r" *\d+ (?:s|min|h|d|y)\b", " AGE", text)


def test_on_a_terminal_a_table_fits_and_colour_repeats_what_a_word_says(wltui: Commands) -> None:
    listed = ("get", "versions", "--workspace", "fraud-detection")
    words = (*listed, "--columns", "id,model,workspace,status,reason,image_path")  # without ages
    coloured = wltui(*words, terminal=100).out
    assert "\x1b[31merror" in coloured
    assert "\x1b[32mready" in coloured
    plain = wltui(*words, terminal=100, environ=PLAIN).out
    assert "\x1b" not in plain
    assert without_ages(plain) == without_ages(re.sub(r"\x1b\[\d+m", "", coloured))
    assert max(map(len, plain.splitlines())) <= 100
    assert re.match(r" *ID  MODEL +WORKSPACE +STATUS +REASON", plain)
    narrow = wltui(*words, terminal=60, environ=PLAIN).out  # what the user has chosen is cut, not left out
    assert re.match(r" *ID  MODEL +WORKS.+ +STATUS +REASON +IMAGE", narrow)
    assert max(map(len, narrow.splitlines())) <= 60
    wide = wltui(*listed, "-o", "wide", terminal=100, environ=PLAIN).out
    assert "SHA-256" in wide
    assert re.search(r"\d{4}-\d\d-\d\dT\d\d:\d\d", wide)
    aligned = wltui(*listed, "-o", "table").out
    assert "\x1b" not in aligned
    assert aligned.startswith(" ID  MODEL")


def test_records_are_chosen_sorted_and_counted(wltui: Commands) -> None:
    failed = wltui("get", "versions", "--filter", "status:error", "-o", "json").items
    assert failed
    assert {item["phase"] for item in failed} == {"error"}
    words = ("get", "versions", "--columns", "id,model", "--sort", "model,id:desc", "--limit", "5")
    found = wltui(*words)
    rows = found.rows
    assert len(rows) == 5
    assert rows == sorted(rows, key=lambda row: (row[1].casefold(), -int(row[0])))
    assert re.fullmatch(r"wltui: 5 of \d+ versions are shown\n", found.err)
    assert list(wltui(*words, "-o", "json").items[0]) == ["id", "model"]
    one, other = [row[0] for row in wltui("get", "models", "--columns", "id", "--limit", "2").rows]
    assert [row[0] for row in wltui("get", "models", other, one, "--columns=id").rows] == [one, other]


def test_counts_of_workspaces_are_read_if_they_are_named(wltui: Commands, server: Demo) -> None:
    before = len(server.requests)
    wltui("get", "workspaces")
    assert [request.path for request in server.requests[before:] if "/" in request.path][
        -1
    ] == "workspaces/list"
    rows = wltui("get", "workspaces", "--columns", "name,models,failed_versions").rows
    assert ["ccfraud-quickstart", "1", "0"] in rows
    server.script("models/list", *[refused(403, "not yours")] * 40)
    found = wltui("get", "workspaces", "--columns", "name,models")
    server._scripts.clear()
    assert ["ccfraud-quickstart", ""] in found.rows
    assert "a part could not be read: the models of 11 workspaces could not be counted" in found.err


def test_models_of_one_name_are_all_listed_and_named(wltui: Commands) -> None:
    models = wltui("get", "models", "-o", "json").items
    names = [item["name"] for item in models]
    twice = next(name for name in names if names.count(name) > 1)
    found = wltui("get", "versions", "--model", twice)
    assert found.code == 0
    assert re.match(rf"wltui: {names.count(twice)} models are named '{twice}': \d+ in ", found.err)
    assert {row[1] for row in found.rows} == {twice}


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (["get", "models", "ccfrad"], 4, "There is no model 'ccfrad'. Did you mean ccfraud?"),
        (["get", "versions", "999999"], 4, "There is no version '999999'. wltui get versions lists them"),
        (["get", "models", "--workspace", "fraud-detecton"], 4, "Did you mean fraud-detection?"),
        (["get", "versions", "--model", "nobody"], 4, "There is no model 'nobody'"),
        (["get", "version", "999999"], 4, "999999"),
        (["get", "config", "999999"], 4, "999999"),
        (["get", "pipeline", "999999"], 4, "There is no pipeline '999999'"),
        (["get", "versions", "--columns", "id,modle"], 2, "there is no column 'modle'. Did you mean model?"),
        (["get", "versions", "--sort", "id:down"], 2, "Write :asc or :desc"),
        (["get", "versions", "--filter", "stauts:error"], 2, "Did you mean status:?"),
        (["get", "version", "twelve"], 2, "'twelve' is not a whole number"),
        (["get", "modells"], 2, "there is no 'modells'. Did you mean models?"),
        (["get", "models", "--workspce", "4"], 2, "there is no '--workspce'. Did you mean --workspace?"),
        (["get", "models", "--model", "4"], 2, "--model belongs to get versions"),
        (["get", "models", "-o", "yaml"], 2, "-o/--output: there is no 'yaml'. Choose from table, wide"),
        (["get"], 2, "KIND"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_with_its_own_exit_code(
    wltui: Commands, words: list[str], code: int, message: str
) -> None:
    found = wltui(*words)
    assert (found.code, found.out) == (code, "")
    assert found.err.startswith("wltui: ")
    assert found.err.count("\n") == 1
    assert message in found.err


def test_each_kind_of_failure_has_its_exit_code(wltui: Commands, server: Demo) -> None:
    anonymous = {"WALLAROO_USER": "", "WALLAROO_PASSWORD": ""}
    assert wltui("get", "workspaces", environ=anonymous).code == 3
    assert wltui("get", "workspaces", environ={"WALLAROO_PASSWORD": "wrong"}).code == 3
    server.script("workspaces/list", refused(403, "not yours"))
    assert wltui("get", "workspaces").code == 5
    server.script("workspaces/list", *[Scripted(200, b"<html>")] * 4)
    assert wltui("get", "workspaces").code == 6
    server._scripts.clear()
    for words in (
        ["get", "workspaces", "--cached"],
        ["problems", "--cached"],
        ["describe", "version", "46", "--offline"],
    ):
        found = wltui(*words)
        assert (found.code, found.out) == (6, "")
        assert "nothing of it is kept on this host. Run the command again without --cached" in found.err


def test_a_name_that_several_workspaces_have_wants_a_number(wltui: Commands, server: Demo) -> None:
    listed = {"workspaces": [{"id": 10, "name": "twin"}, {"id": 11, "name": "twin"}]}
    server.script("workspaces/list", answer(listed))
    found = wltui("get", "models", "--workspace", "twin")
    assert found.code == 2
    assert "Several workspaces are named 'twin': they are 10, 11. Give the number" in found.err


def test_a_number_is_taken_before_a_name_that_looks_like_it(wltui: Commands, server: Demo) -> None:
    listed = {"workspaces": [{"id": 10, "name": "11"}, {"id": 11, "name": "12"}, {"id": 13, "name": "12"}]}
    server.script("workspaces/list", *[answer(listed)] * 2)
    assert [row[0] for row in wltui("get", "workspaces", "11").rows] == ["11"]
    assert [row[0] for row in wltui("get", "workspaces", "12", "10").rows] == ["10", "11", "13"]
    assert "'1_0' is not a whole number" in wltui("get", "version", "1_0").err


def test_a_list_of_which_nothing_could_be_read_is_a_failure(wltui: Commands, server: Demo) -> None:
    server.script("models/list", *[refused(403, "not yours")] * 40)
    for kind in ("models", "versions"):
        found = wltui("get", kind)
        assert (found.code, found.out) == (5, "")
    server._scripts.clear()
    server.script("workspaces/list", *[Scripted(503)] * 4)
    assert wltui("get", "workspaces").code == 6  # nothing was refused: there was nobody to ask
    server._scripts.clear()


def test_a_list_that_is_not_complete_says_so_in_both_places(wltui: Commands, server: Demo) -> None:
    broken = {"workspaces": [{"id": 10, "name": "one"}, {"name": "without a number"}]}
    server.script("workspaces/list", *[answer(broken)] * 2)
    assert (
        "wltui: the list is not complete, 1 workspaces could not be read: " in wltui("get", "workspaces").err
    )
    head = json.loads(wltui("get", "workspaces", "-o", "json").out)
    assert (head["format"], head["live"], head["complete"], head["missing"]) == (1, True, False, 1)


def test_a_live_list_makes_as_few_requests_as_its_screen(wltui: Commands, server: Demo) -> None:
    def asked(*words: str) -> list[str]:
        before = len(server.requests)
        assert wltui(*words).code == 0
        paths = [request.path for request in server.requests[before:]]
        return sorted(path.rpartition("/v1/")[2] for path in paths if "openid-connect" not in path)

    assert asked("get", "workspaces") == ["workspaces/list"]
    assert asked("get", "models") == ["graphql", "models/list", "workspaces/list"]
    assert asked("get", "versions", "-o", "json") == ["graphql", "models/list", "workspaces/list"]
    assert asked("get", "models", "--workspace", "10") == ["models/list", "workspaces/list"]
    assert asked("get", "models", "--cached") == []


def test_what_was_read_before_is_shown_without_a_network_and_counts_as_no_visit(
    wltui: Commands, server: Demo, tmp_path: Path
) -> None:
    live = wltui("get", "models", "-o", "jsonl").out
    cached = wltui("get", "models", "--cached", "-o", "jsonl")
    assert cached.out == live
    assert re.fullmatch(r"wltui: from disk, \d+ \w+ old\n", cached.err)
    assert json.loads(wltui("get", "models", "--cached", "-o", "json").out)["live"] is False
    kept = [path.name for path in (tmp_path / "cache" / "wltui").iterdir()]
    assert any(name.endswith(".db") for name in kept)
    assert not any(name.endswith(".visit") for name in kept)


def test_a_version_is_shown_with_its_config_and_where_it_runs(wltui: Commands) -> None:
    (item,) = wltui("get", "version", "6", "-o", "json").items
    assert item["id"] == 6
    assert item["workspace"] == "ccfraud-quickstart"
    assert item["config_id"] == 20
    assert item["pipelines"] == ["ccfraud-pipeline"]
    assert item["runs_in"] == [
        {
            "pipeline_id": 1,
            "pipeline": "ccfraud-pipeline",
            "deployed": True,
            "config_id": 15,
            "config": "outdated",
        }
    ]
    assert "model\tccfraud-model\n" in wltui("get", "version", "6").out
    assert re.search(
        r"^Model +ccfraud-model$", wltui("get", "version", "6", terminal=80, environ=PLAIN).out, re.MULTILINE
    )


def test_a_config_is_toml_json_or_base64(wltui: Commands) -> None:
    text = wltui("get", "config", "46").out
    assert '# Version 46 of "chargeback-risk", based on config 75.' in text
    assert 'input_schema = """\nvariable: list<item: float>\n"""' in text
    assert 'input_schema = """\n/////' in wltui("get", "config", "46", "--schemas", "base64").out
    (item,) = wltui("get", "config", "46", "-o", "json").items
    assert (item["version_id"], item["config_id"]) == (46, 75)
    assert item["input_schema"].startswith("/////")
    assert item["batch_config"] is None
    assert wltui("get", "config", "46", "-o", "json", "--schemas", "text").items[0]["input_schema"] == (
        "variable: list<item: float>"
    )


def test_a_pipeline_shows_which_configs_it_runs(wltui: Commands) -> None:
    (item,) = wltui("get", "pipeline", "1", "-o", "json").items
    assert (item["name"], item["config"]) == ("ccfraud-pipeline", "outdated")
    assert item["running"][0]["newest_config_id"] == 20
    outdated = wltui("get", "pipelines", "--filter", "is:redeploy", "-o", "json").items
    assert {found["config"] for found in outdated} == {"outdated"}
    assert 6 in {
        found["id"] for found in wltui("get", "versions", "--filter", "is:redeploy", "-o", "json").items
    }


def test_no_name_from_outside_reaches_a_terminal_or_another_line(wltui: Commands, server: Demo) -> None:
    workspaces = {"workspaces": [{"id": 10, "name": HOSTILE, "created_by": HOSTILE, "models": [1]}]}
    failed = version_item(1, HOSTILE, status="error", error_summary=HOSTILE, image_path=HOSTILE)
    server.script("workspaces/list", answer(workspaces))
    server.script("models/list", models(model_item(1, HOSTILE, failed)))
    server.script("/v1/graphql", Scripted(404))  # else its versions count too, if they come last
    assert wltui("get", "versions").code == 0
    words = ("get", "versions", "--cached", "--filter", "漢字")
    for terminal in (0, 120):
        for format in ("", *FORMATS):
            chosen = ("-o", format) if format else ()
            found = wltui(*words, *chosen, terminal=terminal, environ=PLAIN)
            if format in BINARY:
                assert found.code == (2 if terminal else 0)
                continue
            assert found.code == 0, found.err
            for text in (found.out, found.err):
                assert all(letter.isprintable() or letter in "\n\t\r" for letter in text)
            if format == "csv":
                (row,) = csv.DictReader(io.StringIO(found.out, newline=""))
                assert "漢字" in row["model"]
                continue
            assert found.out.count("\n") == {"json": 3, "jsonl": 1, "name": 1}.get(format, 2)
            if format == "json":
                assert found.items[0]["model"] == HOSTILE


@pytest.mark.parametrize("api", ["2023.4", "2026.1"])
def test_a_server_without_graphql_or_a_call_for_a_version_shows_one_all_the_same(
    api: Era, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with Demo(seed=1, api=api, graphql="absent") as demo:
        old = Commands(monkeypatch, tmp_path, demo.url)
        (item,) = old("get", "version", "6", "-o", "json").items
        assert (item["model"], item["status"]) == ("ccfraud-model", "ready")
        shown = old("describe", "version", "6").out
        assert shown.startswith("version 6 of ccfraud-model\n")
        assert ("ccfraud-pipeline" in shown) is (api == "2026.1")
        unknown = old("get", "version", "999999")
        assert (unknown.code, unknown.out) == (4, "")
