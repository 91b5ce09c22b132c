"""How the user wants lists to look, kept by several processes at once."""

from pathlib import Path

from wltui.store.view_choices import ViewChoices

USUAL = (None, False)


async def test_what_another_process_chose_meanwhile_stays(tmp_path: Path) -> None:
    one, other = ViewChoices(tmp_path), ViewChoices(tmp_path)
    assert not one.is_welcomed
    one.welcome()
    one.choose_pane("hidden")
    one.choose_order("models", ("name", True), USUAL)
    await one.wait(60)
    other.choose_order("workspaces", ("id", True), USUAL)
    await other.wait(60)
    kept = ViewChoices(tmp_path)
    assert kept.pane == "hidden"
    assert kept.is_welcomed
    assert kept.order("models", USUAL) == ("name", True)
    assert kept.order("workspaces", USUAL) == ("id", True)
    other.choose_pane("whole")
    other.choose_pane("beside")
    await other.wait(60)
    assert ViewChoices(tmp_path).pane == "beside"
