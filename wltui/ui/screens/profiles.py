"""Choose the profile to switch to."""

from collections.abc import Iterable, Sequence

from textual.binding import Binding
from textual.widget import Widget

from wltui.core.errors import UsageError
from wltui.core.threads import run_in_thread
from wltui.ui.actions import disabled_if, hidden_if
from wltui.ui.instances import Instance
from wltui.ui.screens.base.filtered import FilteredFrame, is_asking
from wltui.ui.text.format import count
from wltui.ui.text.spans import Role, Spans, wrap
from wltui.ui.widgets.block import Block
from wltui.ui.widgets.filter_bar import FilterBar
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.table.table import RecordTable

EXAMPLE = (
    "[profiles.prod]",
    'endpoint = "https://wallaroo.example.com"',
    'colour = "error"',
    "protected = true",
)


def no_profile(screen: "ProfilesScreen") -> str:
    """Return why there is no profile to switch to, or an empty string if there is one."""
    if screen.is_mounted and screen.table.record is None:
        return "there is no profile under the cursor"
    return ""


class ProfilesScreen(FilteredFrame[Instance]):
    """Lists the profiles of the config file, and switches to the one that the user chooses."""

    CSS_PATH = "profiles.tcss"
    USELESS = ("app.pause", "app.profiles")
    FOOTER = (
        "filter.done",
        "filter.clear",
        "profiles.switch",
        "list.filter",
        "copy.open",
        "live.refresh",
        "frame.back",
    )
    BINDINGS = [
        Binding("enter", "switch", "Switch", id="profiles.switch", tooltip="go over to this profile", priority=True),
        Binding("r,f5", "refresh", "Refresh", id="live.refresh", tooltip="read the file of profiles again"),
    ]  # fmt: skip

    def __init__(self) -> None:
        super().__init__()
        self._instances: Sequence[Instance] | None = None
        """None until they are loaded."""

    @property
    def crumb(self) -> Spans:
        return (("Profiles", Role.PLAIN),)

    @property
    def table(self) -> RecordTable[Instance]:
        """The table of profiles."""
        return self.query_one(RecordTable)

    def body(self) -> Iterable[Widget]:
        yield RecordTable(self._columns(), lambda each: each.name, glyphs=self.glyphs, id="main")
        yield Block(self._how, id="how")
        yield FilterBar()

    def on_mount(self) -> None:
        self.action_refresh()

    def action_refresh(self) -> None:
        """Load the file of profiles again, so that a user who has just changed it sees the change."""
        self.start(self._read, group="read")

    async def _read(self) -> None:
        if (instances := self.app.instances) is None:
            return
        try:
            self._instances = await run_in_thread(instances.all)
        except UsageError as error:
            self.set_class(False, "-empty")
            self.notice(error)
            return
        self.notice(None)
        self.table.show(self._instances, news=False)
        self.set_class(not self._instances, "-empty")
        current = next((each for each in self._instances if self._is_current(each)), None)
        if current is not None:
            self.table.move_to(current.name)
        self.redraw()

    def _is_current(self, instance: Instance) -> bool:
        here, there = self.app.settings, instance.settings
        return there is not None and (there.profile, there.endpoint) == (here.profile, here.endpoint)

    def status_spans(self) -> tuple[Spans, Spans]:
        if self._instances is None or not self.is_mounted:
            return (), ()
        text = self.table.filter
        end: Spans = ((f"/{self.shown(text)}", Role.ACCENT),) if text else ()
        return ((count(len(self._instances), "profile"), Role.PLAIN),), end

    # Actions

    @hidden_if(is_asking)
    @disabled_if(no_profile)
    def action_switch(self) -> None:
        """Switch to the profile under the cursor, or show why that is not possible."""
        instance = self.table.record
        if instance is None:
            return
        if self._is_current(instance):
            self.flash(f"{instance.name} is where you are.")
        elif why := self.app.switch_blocked_reason(instance):
            self.notice(why)
        else:
            self.notice(None)
            self.flash(f"Going over to {instance.name}")
            self.app.switch_to(instance)

    def on_record_table_opened(self) -> None:
        self.action_switch()

    # Drawing

    def _columns(self) -> Sequence[Column[Instance]]:
        def where(instance: Instance) -> str:
            return instance.settings.host if instance.settings else self.glyphs.dash

        def user(instance: Instance) -> str:
            return instance.user or self.glyphs.dash

        def notes(instance: Instance, _: int = 0) -> Spans:
            if instance.settings is None:
                return ((self.shown(instance.trouble), Role.WARNING),)
            parts = [("current", Role.ACCENT)] if self._is_current(instance) else []
            parts += [("read-only", Role.WARNING)] if instance.settings.read_only else []
            parts += [("protected", Role.PLAIN)] if instance.settings.protected else []
            parts += [] if instance.settings.network.verify else [("TLS unverified", Role.ERROR)]
            parts += [(f"colour {instance.settings.colour}", Role.MUTED)] if instance.settings.colour else []
            separated = [((", ", Role.MUTED), each) for each in parts]
            return tuple(span for pair in separated for span in pair)[1:]

        def words(instance: Instance) -> str:
            if instance.settings is None:
                return ""
            return "".join(text for text, _ in notes(instance))

        return (
            Column("name", "Profile", lambda each: each.name, width=10, flex=1, max_width=30),
            Column("where", "Instance", where, width=50, snug=True),  # a host that is cut may be mistaken
            Column("user", "Signed in", user, width=16, flex=1, max_width=40, priority=1),
            Column("notes", "Notes", words, cell=notes, width=40, snug=True),
        )

    def _how(self, cells: int) -> Sequence[Spans]:
        path = self.app.instances.path if self.app.instances else ""
        text = f"No profile is written yet. Instances that you name in {path} are listed here:"
        lines = wrap(((self.shown(text), Role.PLAIN),), cells)
        lines += [(), *(((f"  {line}", Role.ACCENT),) for line in EXAMPLE), ()]
        advice = (
            f"Press {self.key_of('live.refresh')} to read it again. wltui config init prints every setting."
        )
        return [*lines, *wrap(((advice, Role.MUTED),), cells)]
