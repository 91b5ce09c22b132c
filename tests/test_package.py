"""The package says the same as the repository, and its description on PyPI has no link that leads nowhere."""

import re
import tomllib

import hatch_build
import wltui
from tests.support.pty_program import ROOT

README = (ROOT / "README.md").read_text("utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
ADDRESS = "https://forge.example/jane/wltui"


def targets(text: str) -> list[tuple[bool, str]]:
    """Return of each link whether it is a picture, and where it leads."""
    return [(bool(sign), target) for sign, target in re.findall(r"(!?)\[[^]]*\]\(([^)]+)\)", text)]


def test_every_relative_link_of_the_readme_leads_to_a_file_of_the_release() -> None:
    before = targets(README)
    after = targets(hatch_build.long_description(README, ADDRESS, "v1.2.3"))
    relative = [(pair, now) for pair, (_, now) in zip(before, after, strict=True) if ":" not in pair[1]]
    assert any(is_picture for (is_picture, _), _ in relative)
    for (is_picture, target), now in relative:
        assert now == f"{ADDRESS}/{'raw' if is_picture else 'blob'}/v1.2.3/{target}"
        assert (ROOT / target.partition("#")[0]).is_file(), target
    assert [pair for pair in before if ":" in pair[1]] == [pair for pair in after if ADDRESS not in pair[1]]


def test_without_an_address_words_stay_and_links_that_would_lead_nowhere_go() -> None:
    text = hatch_build.long_description(README, "", "v1.2.3")
    assert targets(text) == [pair for pair in targets(README) if ":" in pair[1]]
    assert "CONTRIBUTING.md explains the code." in text
    assert hatch_build.project_urls("", "v1.2.3") == {}
    code = "```sh\n[a](b)\n```\n[here](#below) [a](b)"
    assert hatch_build.long_description(code, "", "v1") == "```sh\n[a](b)\n```\n[here](#below) a"


def test_urls_lead_to_files_that_there_are() -> None:
    urls = hatch_build.project_urls(ADDRESS, "v1.2.3")
    assert urls["Source"] == ADDRESS
    assert all((ROOT / file).is_file() for file in hatch_build.PAGES.values())
    assert urls["Changelog"] == f"{ADDRESS}/blob/v1.2.3/CHANGELOG.md"


def test_the_version_and_the_address_are_in_one_place() -> None:
    assert "version" not in PROJECT["project"]
    assert "urls" not in PROJECT["project"]
    path = ROOT / PROJECT["tool"]["hatch"]["version"]["path"]
    assert f'__version__ = "{wltui.__version__}"' in path.read_text("utf-8")
    address = PROJECT["tool"]["hatch"]["metadata"]["hooks"]["custom"]["repository"]
    assert address == "" or re.fullmatch(r"https://[^/]+/.+[^/]", address)


def test_the_container_has_what_it_copies_and_runs_as_a_user_without_rights() -> None:
    lines = (ROOT / "Containerfile").read_text("utf-8").splitlines()
    taken = set((ROOT / ".dockerignore").read_text("utf-8").splitlines())
    for line in lines:
        if line.startswith("COPY ") and "--from" not in line:
            *sources, _ = line.split()[1:]
            assert all((ROOT / source).exists() and f"!{source}" in taken for source in sources)
    last = lines[max(number for number, line in enumerate(lines) if line.startswith("FROM ")) :]
    assert [line for line in last if line.startswith("USER ")] == ["USER 10001:10001"]
    assert not [line for line in last if "pip install" in line]
