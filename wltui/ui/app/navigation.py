"""Carry out a command of the palette: run an action, switch the profile, or go to a place."""

from wltui.core.records import ModelId, ModelVersion, WorkspaceId
from wltui.ui.host import Host
from wltui.ui.palette_targets import (
    ChooseTheme,
    Command,
    OpenDraft,
    OpenModel,
    OpenUpload,
    OpenVersion,
    OpenWorkspace,
    RunAction,
    SwitchProfile,
)
from wltui.ui.screens.base.version_actions import VersionKeys
from wltui.ui.screens.fleet import FleetScreen
from wltui.ui.screens.models import ModelsScreen
from wltui.ui.screens.version import VersionScreen
from wltui.ui.screens.versions import VersionsScreen
from wltui.ui.upload_entry import Upload


async def obey(app: Host, command: Command) -> None:
    """Carry out the command that the user chose in the palette."""
    match command:
        case RunAction(action, node):
            await app.run_action(action, node)
        case ChooseTheme(name):
            app.choose_theme(name)
        case SwitchProfile(instance):
            app.switch_to(instance)
        case OpenUpload(upload):
            await show_uploads(app, upload)
        case OpenWorkspace(workspace_id):
            await go_to(app, workspace_id)
        case OpenModel(workspace_id, model_id, name):
            await go_to(app, workspace_id, model_id, name)
        case OpenVersion(version):
            await go_to_version(app, version)
        case OpenDraft(version):
            await go_to_version(app, version)
            if isinstance(app.screen, VersionKeys):
                await app.screen.run_action("edit")


async def show_fleet(app: Host, *, problems: bool) -> None:
    """Go back to the list of problems, or of all versions, if it is open; else open it."""
    for place, screen in enumerate(app.screen_stack):
        if isinstance(screen, FleetScreen) and screen.is_problems is problems and screen.only is None:
            while len(app.screen_stack) > place + 1:
                await app.pop_screen()
            return
    await app.push_screen(FleetScreen(problems=problems))


async def show_uploads(app: Host, upload: Upload | None = None) -> None:
    """Go back to the list of uploads if it is open; else open it. The cursor goes to ``upload``, if there is one."""
    from wltui.ui.screens.upload.progress import UploadsScreen

    for place, screen in enumerate(app.screen_stack):
        if isinstance(screen, UploadsScreen):
            while len(app.screen_stack) > place + 1:
                await app.pop_screen()
            screen.move_to(upload)
            return
    await app.push_screen(UploadsScreen(upload))


async def go_to_version(app: Host, version: ModelVersion) -> None:
    """Open a version's screen, on top of the screens of its workspace and model if they are known."""
    await go_to(app, version.workspace_id, version.model_id, version.model_name)
    await app.push_screen(VersionScreen(version))


async def go_to(
    app: Host, workspace_id: WorkspaceId | None, model_id: ModelId | None = None, model_name: str = ""
) -> None:
    """Leave all screens but the first, and open the ones that lead to the place, so that esc goes up."""
    while len(app.screen_stack) > 2:  # the app's own empty screen lies below the first
        await app.pop_screen()
    if workspace_id is not None:
        await app.push_screen(ModelsScreen(workspace_id))
    if workspace_id is not None and model_id is not None:
        await app.push_screen(VersionsScreen(workspace_id, model_id, model_name))
