"""The keys of every action, and which actions can meet: made by ``pytest --redraw tests/ui/test_keymap.py``.

The file of settings is checked against it before a screen, or Textual, is imported.
"""

ACTIONS = """\
app.quit ctrl+q WltuiApp
app.palette ctrl+p,colon WltuiApp
app.problems exclamation_mark WltuiApp
app.versions 0 WltuiApp
app.repaint ctrl+l WltuiApp
app.suspend ctrl+z WltuiApp
app.uploads U WltuiApp
app.pause p WltuiApp
app.sign_in I SessionApp
app.profiles P SessionApp
copy.open c CopyFrame
file.write o FileKeys
list.filter slash FilteredFrame
frame.back escape,backspace,h,left Frame
frame.leave q Frame
frame.help question_mark,f1 Frame
app.quit q,ctrl+q QuitKeys
live.refresh r,f5 LiveScreen
live.raw y LiveScreen
news.open v NewsFrame
path.complete tab PathFrame first
review.buttons tab SendReview
review.down down,j SendReview
review.up up,k SendReview
review.page_down pagedown SendReview
review.page_up pageup SendReview
search.open slash SearchFrame
search.next n SearchFrame
search.previous N SearchFrame
pane.mode z SidePaneScreen
pane.other tab SidePaneScreen
upload.begin u UploadKeys
version.edit e VersionKeys
version.external E VersionKeys
version.history H VersionKeys
version.compare equals_sign VersionKeys
version.pipelines D VersionKeys
version.logs L VersionKeys
compare.next n CompareScreen
compare.previous N CompareScreen
compare.fold space,enter CompareScreen
compare.swap x,tab CompareScreen
conflict.review ctrl+s ConflictScreen
conflict.next down,tab,j,enter ConflictScreen
conflict.previous up,shift+tab,k ConflictScreen
conflict.page_down pagedown ConflictScreen
conflict.page_up pageup ConflictScreen
editor.save ctrl+s ConfigEditor
editor.discard ctrl+n ConfigEditor
editor.reload f5,r ConfigEditor
frame.back escape ConfigEditor
editor.type enter EditorFrame
editor.next down,tab,j EditorFrame
editor.previous up,shift+tab,k EditorFrame
editor.reset ctrl+r EditorFrame
history.before enter HistoryScreen first
history.again a HistoryScreen
history.pane tab SaveListFrame
live.refresh r,f5 SaveListFrame
file.read enter SchemaFileScreen first
frame.back escape SchemaFileScreen
editor.copy ctrl+o EditorSources
editor.external f4 EditorSources
editor.file f3 EditorSources
fleet.fold f FleetScreen
fleet.group b FleetScreen
fleet.archived a FleetScreen
models.pipelines D ModelsScreen
palette.pick enter PaletteScreen first
palette.down down,ctrl+n PaletteScreen
palette.up up,ctrl+p PaletteScreen
palette.page_down pagedown PaletteScreen
palette.page_up pageup PaletteScreen
pick.take enter PickVersion first
pick.everywhere a PickVersion
pipelines.compare equals_sign PipelinesScreen
profiles.switch enter ProfilesScreen first
live.refresh r,f5 ProfilesScreen
raw.back y RawScreen
sign.go enter SignInScreen first
sign.again r,f5 SignInScreen
sign.retry enter SignInScreen
sign.copy c SignInScreen
sign.password u SignInScreen
sign.stay s SignInScreen
sign.next tab,down SignInScreen
sign.previous shift+tab,up SignInScreen
frame.back escape SignInScreen
upload.review ctrl+s UploadScreen
upload.next down UploadScreen
upload.previous up,shift+tab UploadScreen
upload.schema f3 UploadScreen
upload.anew ctrl+n UploadScreen
frame.back escape UploadScreen
uploads.open enter UploadsScreen first
uploads.configure e UploadsScreen
uploads.look f5,r UploadsScreen
uploads.cancel x UploadsScreen
uploads.unrecorded s UploadsScreen
uploads.remove delete UploadsScreen
groups.next b VersionGroupsScreen
workspaces.archived a WorkspacesScreen
workspaces.pipelines D WorkspacesScreen
workspaces.history H WorkspacesScreen
file.put enter WriteFileScreen first
frame.back escape WriteFileScreen
choice.next right,l,space Choice
choice.previous left,h Choice
choice.tab tab,shift+tab Choice
choice.pick enter Choice
field.undo f8,ctrl+underscore Choice
field.redo ctrl+y Choice
filter.done enter,down FilterBar first
filter.clear escape FilterBar
filter.complete tab FilterBar
menu.close escape,enter,backspace,left LetterMenu first
pager.down down,j Pager
pager.up up,k Pager
pager.page_down pagedown Pager
pager.page_up pageup Pager
pager.half_down ctrl+d Pager
pager.half_up ctrl+u Pager
pager.top home,g Pager
pager.end end,G Pager
search.done enter SearchBar first
search.cancel escape SearchBar
list.up up,k RecordTable
list.down down,j RecordTable
list.page_up pageup RecordTable
list.page_down pagedown RecordTable
list.half_up ctrl+u RecordTable
list.half_down ctrl+d RecordTable
list.first home,g RecordTable
list.last end,G RecordTable
list.open enter,l,right RecordTable
list.mark space RecordTable
list.sort s RecordTable
list.reverse S RecordTable
field.undo f8,ctrl+underscore TextField
field.redo ctrl+y TextField
app.suspend ctrl+z TextField
field.line_up ctrl+up TextField
field.line_down ctrl+down TextField
sides.next right,l,space ThreeWay
sides.previous left,h ThreeWay
sides.base 1 ThreeWay
sides.theirs 2 ThreeWay
sides.yours 3 ThreeWay
"""
"""Name, usual keys and class of each action, and whether its keys come before those of a text box."""

SCREENS = """\
app: WltuiApp SessionApp
CompareScreen: FileKeys LiveScreen CopyFrame Frame
  LetterMenu, Pager
ConfigChangeScreen: SearchFrame FileKeys LiveScreen CopyFrame Frame
  LetterMenu, Pager, SearchBar
QuitScreen: Frame
  Choice, Pager
DeploymentScreen: SearchFrame FileKeys LiveScreen CopyFrame Frame
  LetterMenu, Pager, SearchBar
ConflictScreen: CopyFrame Frame
  Choice, LetterMenu, Pager, ThreeWay
ConfigEditor: EditorSources EditorFrame Frame
  Choice, Pager, TextField
HistoryScreen: SaveListFrame FileKeys FilteredFrame CopyFrame Frame
  FilterBar, LetterMenu, Pager, RecordTable
ReviewScreen: SendReview CopyFrame Frame
  Choice, LetterMenu, Pager, TextField
SchemaFileScreen: PathFrame Frame
  Pager, TextField
FleetScreen: SidePaneScreen FileKeys FilteredFrame LiveScreen CopyFrame VersionKeys UploadKeys QuitKeys NewsFrame Frame
  FilterBar, LetterMenu, Pager, RecordTable
HelpScreen: SearchFrame FileKeys CopyFrame Frame
  LetterMenu, Pager, SearchBar
InstanceHistoryScreen: SaveListFrame FileKeys FilteredFrame CopyFrame Frame
  FilterBar, LetterMenu, Pager, RecordTable
LogsScreen: SearchFrame FileKeys LiveScreen CopyFrame Frame
  LetterMenu, Pager, SearchBar
ModelsScreen: SidePaneScreen FileKeys FilteredFrame LiveScreen CopyFrame UploadKeys QuitKeys Frame
  FilterBar, LetterMenu, Pager, RecordTable
PaletteScreen: Frame
  RecordTable
PickVersion: FileKeys FilteredFrame LiveScreen CopyFrame Frame
  FilterBar, LetterMenu, Pager, RecordTable
PipelinesScreen: FileKeys FilteredFrame LiveScreen CopyFrame Frame
  FilterBar, LetterMenu, Pager, RecordTable
ProfilesScreen: FilteredFrame CopyFrame Frame
  FilterBar, LetterMenu, Pager, RecordTable
RawScreen: SearchFrame FileKeys CopyFrame Frame
  LetterMenu, Pager, SearchBar
SignInScreen: Frame
  Choice, Pager
SinceVisitScreen: FileKeys FilteredFrame CopyFrame Frame
  FilterBar, LetterMenu, Pager, RecordTable
UploadScreen: PathFrame Frame
  Choice, TextField
UploadsScreen: Frame
  RecordTable
UploadReview: SendReview CopyFrame Frame
  Choice, LetterMenu, Pager, TextField
VersionScreen: VersionKeys UploadKeys SearchFrame FileKeys LiveScreen CopyFrame Frame
  LetterMenu, Pager, SearchBar
VersionGroupsScreen: FileKeys FilteredFrame LiveScreen CopyFrame QuitKeys Frame
  FilterBar, LetterMenu, Pager, RecordTable
VersionsScreen: SidePaneScreen FileKeys FilteredFrame LiveScreen CopyFrame VersionKeys UploadKeys QuitKeys Frame
  FilterBar, LetterMenu, Pager, RecordTable
WorkspacesScreen: SidePaneScreen FileKeys FilteredFrame LiveScreen CopyFrame UploadKeys NewsFrame QuitKeys Frame
  FilterBar, LetterMenu, Pager, RecordTable
WriteFileScreen: PathFrame Frame
  Choice, Pager, TextField
"""
"""The classes whose actions work on each screen beside its own; below, those of each widget."""

EDITING = """\
alt+backspace
alt+delete
backspace
ctrl+a
ctrl+backspace
ctrl+c
ctrl+d
ctrl+e
ctrl+k
ctrl+left
ctrl+pagedown
ctrl+pageup
ctrl+right
ctrl+shift+a
ctrl+shift+k
ctrl+shift+left
ctrl+shift+right
ctrl+u
ctrl+v
ctrl+w
ctrl+x
delete
down
end
enter
f6
f7
home
left
pagedown
pageup
right
shift+down
shift+end
shift+home
shift+left
shift+right
shift+up
up
"""
"""The keys by which any text box is edited."""
