"""Paths as people type them, or copy them from a shell."""

from pathlib import Path

import pytest

from wltui.ui.text.shell_path import completions, find_path, from_shell

ENVIRON = {"DATA": "/data", "x": "X"}


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("/a/b.arrow", "/a/b.arrow"),
        ("/a/my file.arrow", "/a/my file.arrow"),
        ("'/a/my file.arrow'", "/a/my file.arrow"),
        ('"/a/my file.arrow"', "/a/my file.arrow"),
        (r"/a/my\ file\ \(1\).arrow", "/a/my file (1).arrow"),
        (r"/a/it\'s.arrow", "/a/it's.arrow"),
        ("'/a/it'\\''s'.arrow", "/a/it's.arrow"),
        ("/a/'b c'/d", "/a/b c/d"),
        ("$DATA/b", "/data/b"),
        ("${DATA}/b", "/data/b"),
        ('"$DATA/b c"', "/data/b c"),
        ("'$DATA/b'", "$DATA/b"),
        (r"\$DATA/b", "$DATA/b"),
        (r'"\$DATA/b\"\\\c"', '$DATA/b"\\\\c'),
        ("$NONE/b", "$NONE/b"),
        ("$xy ${x}y", "$xy Xy"),
        ("cost$", "cost$"),
        ("'/a/open", "/a/open"),
        ('"/a/open', "/a/open"),
        ("/a/end\\", "/a/end\\"),
        ("", ""),
    ],
)
def test_what_a_shell_makes_of_a_path(text: str, path: str) -> None:
    assert from_shell(text, ENVIRON) == path


def test_a_file_of_exactly_the_typed_name_is_meant_first(tmp_path: Path) -> None:
    odd = tmp_path / "'a' $x"
    assert find_path(str(odd), ENVIRON) == tmp_path / "a X"
    odd.touch()
    assert find_path(str(odd), ENVIRON) == odd


def test_home_is_meant_by_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/data")
    assert find_path("~/a", ENVIRON) == Path("/data/a")


def test_tab_completes_what_was_copied_from_a_shell(tmp_path: Path) -> None:
    (tmp_path / "my data").mkdir()
    (tmp_path / "my data" / "one.arrow").touch()
    environ = {"DATA": str(tmp_path)}
    for text in ("$DATA/my", f"'{tmp_path}/my", rf"{tmp_path}/my\ d", f'"{tmp_path}/my da"'):
        assert completions(text, environ) == [f"{tmp_path}/my data/"]
    assert completions(f"{tmp_path}/my data/o", environ) == [f"{tmp_path}/my data/one.arrow"]
    assert completions(f"{tmp_path}/none/o", environ) == []
