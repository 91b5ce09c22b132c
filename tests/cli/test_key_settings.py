"""The user's own keys: which texts are keys, and the mistakes that are found before a screen is there."""

import string
from pathlib import Path

import pytest
from textual.keys import _character_to_key

from wltui.cli.key_settings import parse_key, read_keys
from wltui.cli.profile_file import read_profiles
from wltui.cli.resolve import with_keys
from wltui.core.settings import Settings
from wltui.ui.key_names import FIXED, KeyNames, key_name, usual_keys


def test_every_sign_of_a_keyboard_is_the_key_that_textual_knows_and_is_shown_as_itself() -> None:
    for sign in string.punctuation + string.ascii_letters + string.digits + "éß":
        key = _character_to_key(sign)
        assert (parse_key(sign), parse_key(key), key_name(key)) == (key, key, sign)


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("f2", "f2"), ("F2", "f2"), ("shift+f2", "shift+f2"), ("ctrl+s", "ctrl+s"), ("shift+ctrl+s", "ctrl+shift+s"),
        ("esc", "escape"), ("PgUp", "pageup"), ("↑", "up"), ("ctrl++", "ctrl+plus"), ("ctrl+_", "ctrl+underscore"),
        ("alt+x", "alt+x"), ("space", "space"), ("ctrl+space", "ctrl+@"), ("shift+tab", "shift+tab"),
    ],
)  # fmt: skip
def test_keys_are_typed_as_screens_show_them(typed: str, key: str) -> None:
    assert parse_key(typed) == key


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("ctrl+S", "Did you mean ctrl+s?"),
        ("ctrl-s", "Did you mean ctrl+s?"),
        ("^s", "Did you mean ctrl+s?"),
        ("C-s", "Did you mean ctrl+s?"),
        ("strl+s", "Did you mean ctrl+s?"),
        ("shift+s", "Did you mean S?"),
        ("shift+1", "Write the sign that it types"),
        ("enterr", "Did you mean enter?"),
        ("pgdown", "Did you mean pagedown?"),
        ("f25", "Did you mean f5?"),
        ("foo", "Write a sign, a name such as f2 or pagedown, or ctrl+t"),
        ("", "Write a sign, a name such as f2 or pagedown, or ctrl+t"),
    ],
)
def test_a_text_that_is_not_a_key_is_named_with_the_one_that_is_meant(typed: str, advice: str) -> None:
    with pytest.raises(ValueError, match="is not a key") as caught:
        parse_key(typed)
    assert str(caught.value).partition("\n")[2] == advice


def test_several_keys_stand_with_commas_between_or_in_a_list_and_a_name_may_be_written_without_quotes() -> (
    None
):
    table = {"list.sort": "f2, ctrl+t", "list": {"reverse": ["f6", ","]}, "live.raw": " ; "}
    assert read_keys(table) == (
        {"list.sort": "f2,ctrl+t", "list.reverse": "f6,comma", "live.raw": "semicolon"}, [],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({"list.srot": "f2"}, "there is no action 'list.srot'. Did you mean list.sort?"),
        ({"table.sort": "f2"}, "there is no action 'table.sort'. Did you mean list.sort?"),
        ({"theme": "nord"}, "there is no action 'theme'. It is for the whole file: write it above the first line in"),
        ({"xyz": "f2"}, "there is no action 'xyz'. REFERENCE.md lists the names of actions"),
        ({"list.sort": "f2", "list": {"sort": "f6"}}, "list.sort is set twice. Remove one of the lines"),
        ({"list.sort": ""}, "list.sort: no key is named. Write one, such as \"f2\", or remove the line"),
        ({"list.sort": 2}, 'list.sort: neither a key nor a list of keys. Write "f2", or ["f2", "ctrl+t"]'),
        ({"list.sort": ["f2", 3]}, 'list.sort: neither a key nor a list of keys. Write "f2", or ["f2", "ctrl+t"]'),
        ({"list.sort": "esc"}, "list.sort: esc always goes back, so that it can be no other key. Choose another key"),
        ({"app.pause": "ctrl+q"}, "app.pause: ctrl+q always quits, so that it can be no other key. Choose another"),
        ({"app.pause": "ctrl+i"}, "app.pause: to a terminal ctrl+i is the same as tab. Choose another key"),
        ({"editor.save": "w"}, "editor.save: 'w' is typed as text there. Choose a key that types nothing, such as f2"),
        ({"file.put": "w"}, "file.put: 'w' is typed as text there. Choose a key that types nothing, such as f2"),
        ({"editor.save": "ctrl+k"}, "editor.save: ctrl+k edits the text there. Choose another key"),
        (
            {"list.mark": "e"},
            "e would be the key of list.mark and of version.edit, uploads.configure, on the same screen. "
            "Choose another key for list.mark, or change that of version.edit, uploads.configure",
        ),
        (
            {"compare.swap": "f2", "compare.next": "f2"},
            "f2 would be the key of compare.swap and of compare.next, on the same screen. "
            "Choose another key for compare.swap, or change that of compare.next",
        ),
    ],
)  # fmt: skip
def test_a_mistake_names_the_action_and_says_what_to_do(table: dict[str, object], expected: str) -> None:
    (mistake,) = read_keys(table)[1]
    assert f"{mistake.what}. {mistake.advice}".startswith(expected)


def test_no_usual_key_is_a_mistake_and_all_may_be_written_down() -> None:
    changed, mistakes = read_keys({name: list(keys) for name, keys in usual_keys().items()})
    assert mistakes == []
    assert {name: tuple(keys.split(",")) for name, keys in changed.items()} == usual_keys()


def test_two_actions_may_change_their_keys_and_those_that_never_meet_may_share_one() -> None:
    assert read_keys({"version.edit": "L", "version.logs": "e"})[1] == []
    assert read_keys({"compare.swap": "f2", "list.sort": "f2"})[1] == []


def test_esc_and_ctrl_q_stay_beside_the_keys_of_the_user() -> None:
    changed, mistakes = read_keys({"frame.back": "f9", "app.quit": "f10"})
    assert (changed, mistakes) == ({"frame.back": "f9,escape", "app.quit": "f10,ctrl+q"}, [])
    names = KeyNames(changed)
    assert (names("frame.back"), names("app.quit"), names("filter.clear"), names("list.sort")) == (
        "f9", "f10", "esc", "s",
    )  # fmt: skip
    assert set(FIXED) >= {"escape", "ctrl+q"}


def test_a_wrong_key_is_named_with_its_line_and_keeps_nobody_out(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('[profiles.a]\n[keys]\n"list.sort" = "f2"\nversion.edit = "ctrl+S"\n"live.raw" = "foo"\n')
    settings = with_keys(Settings("https://wallaroo.example.com"), read_profiles(path))
    assert settings.keys == {}, "all of them or none, so that no two of them meet"
    assert settings.key_problem == (
        f"{path}, line 4: version.edit: 'ctrl+S' is not a key. Did you mean ctrl+s? 2 mistakes; "
        "wltui config check shows all. The usual keys work."
    )
    path.write_text('[keys]\n"list.sort" = ""\n')
    assert with_keys(settings, read_profiles(path)).key_problem.endswith(
        "remove the line. The usual keys work."
    )
    path.write_text("keys = 1\n")
    (mistake,) = read_profiles(path).keys.mistakes
    assert str(mistake) == f'{path}, line 1: keys is no table. Write [keys], and below it "list.sort" = "f2"'
