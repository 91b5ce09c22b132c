"""Where wltui keeps its files: by the rules of the system, and never in the working folder."""

from pathlib import Path

import platformdirs
import pytest

from wltui.core.folders import cache_folder, config_folder, state_folder, user_folder

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


@pytest.mark.parametrize("base", [None, "", "/data", "data"])
def test_the_first_picture_and_platformdirs_look_in_the_same_folders(
    base: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environ = {"HOME": "/u/jane"} | ({} if base is None else dict.fromkeys(VARIABLES, base))
    for name in ("HOME", *VARIABLES):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    folders = [config_folder(), cache_folder(), state_folder()]
    assert folders == [Path(user_folder(variable, environ)) for variable in VARIABLES]
    if base != "data":
        named = (platformdirs.user_config_dir, platformdirs.user_cache_dir, platformdirs.user_state_dir)
        assert folders == [Path(folder("wltui", appauthor=False)) for folder in named]
