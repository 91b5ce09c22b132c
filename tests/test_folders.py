"""Where wltui keeps its files: by the rules of the system, and never in the working folder."""

import pytest

from wltui.folders import user_folder

HOME = {"HOME": "/u/jane"}
VARIABLES = ("XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")


@pytest.mark.parametrize(
    ("platform", "paths"),
    [
        ("linux", ["/u/jane/.config/wltui", "/u/jane/.cache/wltui", "/u/jane/.local/state/wltui"]),
        (
            "darwin",
            [
                "/u/jane/Library/Application Support/wltui",
                "/u/jane/Library/Caches/wltui",
                "/u/jane/Library/Application Support/wltui",
            ],
        ),
    ],
)
def test_the_folders_of_a_system(platform: str, paths: list[str]) -> None:
    assert [user_folder(variable, HOME, platform) for variable in VARIABLES] == paths


@pytest.mark.parametrize("variable", VARIABLES)
def test_a_variable_that_is_absolute_counts_and_no_other(variable: str) -> None:
    assert user_folder(variable, {**HOME, variable: "/data"}) == "/data/wltui"
    usual = user_folder(variable, HOME)
    for text in ("", "  ", ".", "data", "~/data", "./data"):
        assert user_folder(variable, {**HOME, variable: text}) == usual


@pytest.mark.parametrize("environ", [{}, {"HOME": ""}, {"HOME": "here"}])
def test_without_a_home_nothing_lands_in_the_working_folder(environ: dict[str, str]) -> None:
    assert user_folder("XDG_CACHE_HOME", environ).startswith("/")
