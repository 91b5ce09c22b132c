"""The text of a config in an editor of the user's own: what is taken from it, and what becomes of the file."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from wltui.config.edit import ConfigEdit, Draft
from wltui.core.errors import WltuiError
from wltui.core.records import ConfigId, ModelConfig, ModelVersion, VersionId
from wltui.store.drafts import Drafts, Kept
from wltui.ui.external_editor import AT_ONCE, ExternalEditor, editor_command
from wltui.ui.recovered_texts import recover_texts

NOW = datetime(2026, 3, 2, 14, 30, tzinfo=UTC)
VERSION = ModelVersion(id=VersionId(19), model_name="model")
BASE = ModelConfig(id=ConfigId(29), tensor_fields=None, filter_threshold=None)
EDIT = ConfigEdit(VERSION.id, BASE)
Visit = Callable[[Path], int | None]


class EditorUser:
    """A user's editor and the program that starts it. Each visit is a function that gets the file."""

    def __init__(self, drafts: Drafts) -> None:
        self.drafts = drafts
        self.now = 0.0
        self.command: Sequence[str] = ("ed", "-w")
        self.kept: list[ConfigEdit] = []

    def edit(
        self, *visits: Visit, seconds: float = AT_ONCE + 1, edit: ConfigEdit = EDIT
    ) -> tuple[ConfigEdit | None, str]:
        """Have an edit edited; each visit takes so many seconds. Returns the new edit, and what is said."""
        left = list(visits)

        def run(argv: Sequence[str]) -> int:
            assert tuple(argv[:-1]) == tuple(self.command)
            self.now += seconds
            return left.pop(0)(Path(argv[-1])) or 0

        editor = ExternalEditor(
            self.drafts, self.command, run=run, keep=self.keep, monotonic=lambda: self.now
        )
        result = editor.edit(Kept(VERSION, Draft(edit), NOW, NOW))
        assert not left
        return result

    def keep(self, version: ModelVersion, draft: Draft) -> None:
        """Keep an edit as the app does."""
        self.kept.append(draft.edit)
        self.drafts.keep(version, draft)

    @property
    def file(self) -> Path:
        """The file that is edited or was left."""
        text = self.drafts.texts.held(VERSION.id)
        assert text
        return text.path


def nothing(file: Path) -> None:
    """Leave the file as it is."""


def puts(old: str, new: str) -> Visit:
    """Put something in the place of something else."""

    def visit(file: Path) -> None:
        text = file.read_bytes()
        assert old.encode() in text
        file.write_bytes(text.replace(old.encode(), new.encode("utf-8", "surrogateescape")))

    return visit


UNSET = "# filter_threshold = 0.5"
SET = puts(UNSET, "filter_threshold = 0.25")
BREAK = puts(UNSET, "filter_threshold = much")


@pytest.fixture
def user(tmp_path: Path) -> Iterator[EditorUser]:
    drafts = Drafts(tmp_path / "wltui", "owner", lambda: NOW)
    yield EditorUser(drafts)
    drafts.close()


def left(folder: Path) -> list[Path]:
    """The texts that are left on disk."""
    return list(folder.glob("wltui/drafts/owner/editor/*/config-*.toml"))


@pytest.mark.parametrize("seconds", [0, AT_ONCE + 1])
def test_what_is_set_is_kept_and_the_file_is_gone(user: EditorUser, tmp_path: Path, seconds: float) -> None:
    edited, said = user.edit(SET, seconds=seconds)
    assert edited is not None
    assert (dict(edited.values), said) == ({"filter_threshold": 0.25}, "")
    assert user.kept == [edited]
    assert left(tmp_path) == []


def emptied(file: Path) -> None:
    file.write_text("")


def blank(file: Path) -> None:
    file.write_text(" \n\n")


@pytest.mark.parametrize(
    ("visit", "why"),
    [
        (emptied, "The text was empty"),
        (blank, "The text was empty"),
        (Path.unlink, "The text was empty"),
        (lambda _: 3, "The editor ended with 3"),
        (lambda _: -9, "The editor was ended by SIGKILL"),
    ],
)
@pytest.mark.parametrize("seconds", [0, AT_ONCE + 1])
def test_what_cancels_leaves_no_file(
    user: EditorUser, tmp_path: Path, visit: Visit, why: str, seconds: float
) -> None:
    assert user.edit(visit, seconds=seconds) == (None, f"{why}: the edit is as it was.")
    assert left(tmp_path) == []
    assert user.kept == []


def test_unchanged_cancels(user: EditorUser) -> None:
    assert user.edit(nothing) == (None, "Nothing changed: the edit is as it was.")


def test_an_editor_that_returns_at_once_may_have_a_window_and_what_is_saved_there_is_taken(
    user: EditorUser,
) -> None:
    edited, said = user.edit(nothing, seconds=AT_ONCE / 2)
    assert edited is None
    assert said.endswith(f"If your editor has a window of its own, save there and press f4: {user.file}")
    SET(user.file)
    edited, said = user.edit()
    assert (edited and dict(edited.values), said) == ({"filter_threshold": 0.25}, "")
    puts("0.25", "0.75")(user.file)  # the window is still open
    edited, said = user.edit(edit=user.kept[-1])
    assert edited
    assert dict(edited.values) == {"filter_threshold": 0.75}


def test_a_window_that_took_long_to_open_loses_nothing_either(user: EditorUser) -> None:
    user.edit(nothing, seconds=60)
    SET(user.file)
    edited, _ = user.edit()
    assert edited
    assert dict(edited.values) == {"filter_threshold": 0.25}


def test_a_fault_in_a_window_is_told_and_the_file_is_left_alone(user: EditorUser) -> None:
    user.edit(nothing, seconds=0)
    BREAK(user.file)
    content = user.file.read_bytes()
    edited, said = user.edit()
    assert edited is None
    assert f"{user.file} can't be read yet: line " in said
    assert said.endswith("press f4 again.")
    assert user.file.read_bytes() == content
    puts("much", "0.75")(user.file)
    edited, _ = user.edit()
    assert edited
    assert dict(edited.values) == {"filter_threshold": 0.75}


def test_what_was_typed_in_the_form_while_a_window_was_open_stays(user: EditorUser) -> None:
    user.edit(nothing, seconds=0)
    SET(user.file)
    edited, _ = user.edit(edit=EDIT.with_value("tensor_fields", ("a",)))
    assert edited
    assert dict(edited.values) == {"filter_threshold": 0.25, "tensor_fields": ("a",)}


def test_without_anything_saved_in_the_window_the_editor_comes_again_with_the_form(user: EditorUser) -> None:
    user.edit(nothing, seconds=0)
    file = user.file
    edited, _ = user.edit(
        puts('tensor_fields = ["a"]', 'tensor_fields = ["b"]'), edit=EDIT.with_value("tensor_fields", ("a",))
    )
    assert edited
    assert dict(edited.values) == {"tensor_fields": ("b",)}
    assert not file.exists()


def fails(visit: Visit) -> Visit:
    """Do something, and end with 3."""

    def visits(file: Path) -> int:
        visit(file)
        return 3

    return visits


def test_what_was_typed_in_an_editor_that_fails_is_opened_again(user: EditorUser) -> None:
    edited, said = user.edit(fails(SET))
    assert (edited, said) == (
        None, f"The editor ended with 3: the edit is as it was. What you typed is in {user.file}; f4 opens it again"
    )  # fmt: skip
    assert "filter_threshold = 0.25\n" in user.file.read_text()
    edited, _ = user.edit(nothing)
    assert edited
    assert dict(edited.values) == {"filter_threshold": 0.25}


def test_a_fault_that_is_given_up_is_opened_again_with_its_reason(user: EditorUser) -> None:
    edited, said = user.edit(BREAK, nothing)
    assert edited is None
    assert said.endswith(f"What you typed is in {user.file}; f4 opens it again")
    assert user.edit(nothing) == (None, said)
    found = user.file.read_text()
    assert found.startswith("# >>> Not accepted.")
    assert found.count("# >>> Not accepted.") == 1
    edited, _ = user.edit(puts("much", "0.75"))
    assert edited
    assert dict(edited.values) == {"filter_threshold": 0.75}


def test_bytes_that_are_no_utf_8_are_a_fault_and_come_back_as_they_were(user: EditorUser) -> None:
    def mend(file: Path) -> None:
        content = file.read_bytes()
        assert b"This is not valid UTF-8" in content.split(b"\n")[1]
        assert content.count(b"# caf\xe9 \xff\n") == 1
        file.write_bytes(content.replace(b"\xe9 \xff", b""))

    edited, _ = user.edit(puts(UNSET, "# caf\udce9 \udcff\nfilter_threshold = 0.5"), mend)
    assert edited
    assert dict(edited.values) == {"filter_threshold": 0.5}


@pytest.mark.parametrize("code", [126, 127])
def test_a_command_that_the_shell_can_not_run_is_told(user: EditorUser, tmp_path: Path, code: int) -> None:
    user.command = editor_command({"EDITOR": "A=1 nowhere"})
    with pytest.raises(
        WltuiError, match=r"A=1 nowhere can't be started: the shell .*\. Set VISUAL or EDITOR"
    ):
        user.edit(lambda _: code)
    assert left(tmp_path) == []


# Commands


@pytest.mark.parametrize(
    ("environ", "command"),
    [
        ({"VISUAL": "vim -f", "EDITOR": "nano"}, ["vim", "-f"]),
        ({"VISUAL": "", "EDITOR": "nano"}, ["nano"]),
        ({"VISUAL": "  ", "EDITOR": "'my editor' \"a b\""}, ["my editor", "a b"]),
        ({"EDITOR": "~/bin/ed -w"}, ["/bin/sh", "-c", '~/bin/ed -w "$@"', "~/bin/ed -w"]),
        ({"EDITOR": "$HOME/bin/ed"}, ["/bin/sh", "-c", '$HOME/bin/ed "$@"', "$HOME/bin/ed"]),
        ({"EDITOR": "A=1 ed"}, ["/bin/sh", "-c", 'A=1 ed "$@"', "A=1 ed"]),
    ],
)
def test_visual_is_before_editor_and_a_shell_reads_what_only_a_shell_can(
    environ: dict[str, str], command: list[str]
) -> None:
    assert editor_command(environ) == command


def test_an_open_quote_is_told() -> None:
    with pytest.raises(WltuiError, match=r"EDITOR=\"vim 'a\" is no command: No closing quotation"):
        editor_command({"EDITOR": "vim 'a"})


def test_without_a_usual_editor_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(WltuiError, match="No editor was found: neither VISUAL nor EDITOR is set"):
        editor_command({})


# After the end of the program


def end(drafts: Drafts) -> None:
    """What a process leaves when it is killed: only its locks are gone."""
    drafts.close()


def ended_with(folder: Path, *visits: Visit, edit: ConfigEdit = EDIT) -> None:
    """A program that ended while its editor was open."""
    drafts = Drafts(folder / "wltui", "owner", lambda: NOW)
    if edit.values:
        drafts.keep(VERSION, Draft(edit))
    user = EditorUser(drafts)
    user.edit(*visits, edit=edit)
    end(drafts)


def test_what_was_typed_is_an_unsent_edit_of_the_next_program(user: EditorUser, tmp_path: Path) -> None:
    ended_with(tmp_path, fails(SET))
    recover_texts(user.drafts)
    (kept,) = user.drafts.all()
    assert dict(kept.draft.edit.values) == {"filter_threshold": 0.25}
    recover_texts(user.drafts)
    assert len(user.drafts.all()) == 1


def test_it_goes_with_the_unsent_edit_that_it_began_from(user: EditorUser, tmp_path: Path) -> None:
    ended_with(tmp_path, fails(SET), edit=EDIT.with_value("tensor_fields", ("a",)))
    recover_texts(user.drafts)
    (kept,) = user.drafts.all()
    assert dict(kept.draft.edit.values) == {"filter_threshold": 0.25, "tensor_fields": ("a",)}


def test_another_unsent_edit_stays_and_the_text_is_opened_by_f4(user: EditorUser, tmp_path: Path) -> None:
    ended_with(tmp_path, fails(SET))
    mine = EDIT.with_value("tensor_fields", ("a",))
    user.drafts.keep(VERSION, Draft(mine))
    recover_texts(user.drafts)
    (kept,) = user.drafts.all()
    assert kept.draft.edit == mine
    edited, _ = user.edit(nothing, edit=mine)
    assert edited
    assert dict(edited.values) == {"filter_threshold": 0.25, "tensor_fields": ("a",)}


def test_a_fault_is_opened_by_f4(user: EditorUser, tmp_path: Path) -> None:
    ended_with(tmp_path, BREAK, nothing)
    recover_texts(user.drafts)
    assert user.drafts.all() == ()
    edited, _ = user.edit(puts("much", "0.75"))
    assert edited
    assert dict(edited.values) == {"filter_threshold": 0.75}


def test_what_an_editor_left_beside_the_text_is_there_when_it_is_opened_again(
    user: EditorUser, tmp_path: Path
) -> None:
    def swapped(file: Path) -> int:
        file.with_name(f".{file.name}.swp").write_text("typed, and not saved")
        return 0

    def looks(file: Path) -> None:
        assert file.with_name(f".{file.name}.swp").exists()

    ended_with(tmp_path, swapped)
    recover_texts(user.drafts)
    assert user.edit(looks)[0] is None


def test_a_window_that_outlives_the_program_loses_nothing(user: EditorUser, tmp_path: Path) -> None:
    ended_with(tmp_path, nothing)
    recover_texts(user.drafts)
    assert user.drafts.texts.held(VERSION.id) is None
    (file,) = left(tmp_path)
    SET(file)
    recover_texts(user.drafts)
    (kept,) = user.drafts.all()
    assert dict(kept.draft.edit.values) == {"filter_threshold": 0.25}


def test_a_text_of_a_program_that_runs_is_left_to_it(user: EditorUser, tmp_path: Path) -> None:
    other = Drafts(tmp_path / "wltui", "owner", lambda: NOW)
    EditorUser(other).edit(fails(SET))
    recover_texts(user.drafts)
    assert user.drafts.all() == ()
    other.close()


def test_damaged_files_among_the_texts_harm_nothing(user: EditorUser, tmp_path: Path) -> None:
    ended_with(tmp_path, fails(SET))
    folder = tmp_path / "wltui/drafts/owner/editor"
    (folder / "19-a file").write_text("")
    for name, content in (("19-empty", None), ("19-wrong", b"{}")):
        (folder / name).mkdir(mode=0o700)
        if content is not None:
            (folder / name / ".edit.json").write_bytes(content)
    recover_texts(user.drafts)
    assert len(user.drafts.all()) == 1
