"""Read the records that a command lists, and find those that the user names."""

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from wltui.core.errors import (
    ConnectionFailed,
    NotFound,
    NotSignedIn,
    ServiceError,
    TimedOut,
    UsageError,
)
from wltui.core.records import (
    Model,
    ModelVersion,
    VersionId,
    Workspace,
    WorkspaceId,
    missing_records,
    partial_list,
    unread_versions,
)
from wltui.core.settings import Settings
from wltui.lifecycle.console import say
from wltui.service.answers import Answer, join_answers
from wltui.service.service import Service
from wltui.service.table import Table

from .session import newest

if TYPE_CHECKING:
    from wltui.service.configs_in_use import ConfigsInUse
    from wltui.service.deployments import PipelineRow
    from wltui.service.fleet import Fleet
    from wltui.ui.text.facts import Facts

Names = Mapping[WorkspaceId, str]


class Listing(Struct, frozen=True):
    """A table of records, and by which words each is found."""

    table: Table[Any]
    noun: str
    """The kind of one record."""
    names: Callable[[Any], tuple[int, str]]
    """Return the number and the name of a record."""
    facts: "Callable[[Any], Sequence[Facts]]"
    """Return what the filter language finds a record by."""

    def named(self, words: Sequence[str]) -> "Listing":
        """Return the records that the words name, each a number or else a whole name; all without words.

        Raises:
            NotFound: a word names none.
        """
        if not words:
            return self
        keys = [self.names(record) for record in self.table.records]
        numbers, names = {str(number) for number, _ in keys}, {name for _, name in keys}
        for word in words:
            if word not in numbers and word not in names:
                raise not_found(self.noun, word, names)
        wanted = set(words)
        by_name = wanted - numbers
        found = [
            record
            for record, (number, name) in zip(self.table.records, keys, strict=True)
            if str(number) in wanted or name in by_name
        ]
        return replace(self, table=self.table.with_records(found))

    def matching(self, text: str, now: float) -> "Listing":
        """Return the records that a filter finds; all if it is empty.

        Raises:
            UsageError: a term of the filter can't be understood.
        """
        if not text.strip():
            return self
        from wltui.ui.text.corpus import Corpus
        from wltui.ui.text.query import parse
        from wltui.ui.text.search import Search

        query = parse(text)
        if query.problems:
            raise UsageError("The filter can't be understood", " ".join(query.problems))
        records = self.table.records
        places = Search(Corpus.of(map(self.facts, records))).find(query.terms, now)
        return replace(self, table=self.table.with_records([records[place] for place in places]))


def not_found(noun: str, word: str, names: Iterable[str] = ()) -> NotFound:
    """Return the error that nothing has a number or name, with the nearest of the names that there are."""
    import difflib

    near = difflib.get_close_matches(word, dict.fromkeys(names), n=1)
    advice = f"Did you mean {near[0]}?" if near else f"wltui get {noun}s lists them"
    return NotFound(f"There is no {noun} {word!r}", "", advice)


def find_workspace(workspaces: Iterable[Workspace], word: str) -> Workspace:
    """Return the workspace with a number or name.

    Raises:
        NotFound: there is none.
        UsageError: several have that name.
    """
    listed = list(workspaces)
    found = [each for each in listed if word == str(each.id)] or [
        each for each in listed if word == each.name
    ]
    if not found:
        raise not_found("workspace", word, (each.name for each in listed))
    if found[1:]:
        numbers = ", ".join(str(each.id) for each in found)
        raise UsageError(f"Several workspaces are named {word!r}", f"they are {numbers}", "Give the number")
    return found[0]


def find_models(models: Iterable[Model], word: str, names: Names) -> list[Model]:
    """Return the models with a number or name, which may be in several workspaces; raise NotFound if there is none."""
    listed = list(models)
    found = [each for each in listed if word == str(each.id)] or [
        each for each in listed if word == each.name
    ]
    if not found:
        raise not_found("model", word, (each.name for each in listed))
    if found[1:]:
        places = ", ".join(
            f"{each.id} in {names.get(each.workspace_id, each.workspace_id) if each.workspace_id else 'no workspace'}"
            for each in found
        )
        say(f"wltui: {len(found)} models are named {word!r}: {places}", error=True)
    return found


def parse_version(text: str) -> VersionId:
    """Return the number of a version as a command line has it; raise ArgumentTypeError for other text."""
    from .arguments import parse_positive

    return VersionId(parse_positive(text))


async def read_workspaces(service: Service, settings: Settings) -> Answer[tuple[Workspace, ...]]:
    """Read all workspaces, archived ones too."""
    return await newest(service.workspaces(), settings, is_quiet=True)


def names_of(workspaces: Iterable[Workspace]) -> Names:
    """Return the names of workspaces by number."""
    return {each.id: each.name for each in workspaces}


async def read_fleet(service: Service, settings: Settings) -> "Answer[Fleet]":
    """Read every version of the instance; how much is left is shown if standard error is a terminal.

    Raises:
        WltuiError: no workspace could be read.
    """
    progress = Progress()

    def show(answer: "Answer[Fleet]") -> None:
        left = answer.value.left
        progress.show(f"{left:,} workspaces are left to read" if left and answer.live else "")

    try:
        answer = await newest(service.fleet(), settings, is_quiet=True, on_answer=show)
    finally:
        progress.show("")
    fleet = answer.value
    if fleet.unread and not any(fleet.models.values()):
        raise next(iter(fleet.unread.values()))
    return answer


async def read_configs_in_use(
    service: Service, settings: Settings, workspace_id: WorkspaceId | None
) -> "tuple[ConfigsInUse, str]":
    """Read which configs run of a workspace's versions, or of all; return them, and why they are not known, if so."""
    from wltui.service.configs_in_use import ConfigsInUse

    used, is_known = ConfigsInUse((), {}), False
    async for answer in service.configs_in_use(workspace_id, live=not settings.offline):
        used, is_known = answer.value, answer.live or settings.offline
    if is_known:
        return used, ""
    if settings.offline:
        reason = "nothing of it is kept on this host"
    else:
        reason = next(iter(service.graphql_limits), "GraphQL does not answer")
    return used, f"which configs run is not known: {reason}"


async def read_models(
    service: Service, settings: Settings, workspace: Workspace
) -> Answer[tuple[Model, ...]]:
    """Read the models of a workspace with their versions."""
    return await newest(service.models(workspace.id), settings, is_quiet=True)


def versions_of(answer: Answer[tuple[Model, ...]]) -> Answer[Sequence[ModelVersion]]:
    """Return the versions of models, newest first; those that could not be read are counted."""
    found = [version for model in answer.value for version in model.versions or ()]
    found.sort(key=lambda version: version.id, reverse=True)
    missing, reason = unread_versions(answer.value)
    more, other = missing_records(answer.value)
    versions: Sequence[ModelVersion] = partial_list(found, missing + more, reason or other)
    return answer.of(versions)


async def read_pipelines(
    service: Service, settings: Settings, workspaces: Iterable[Workspace]
) -> "tuple[Answer[tuple[PipelineRow, ...]], tuple[ServiceError, ...]]":
    """Read the pipelines of workspaces, and return why some of them could not be read.

    Raises:
        WltuiError: none could be read, or the network or the sign-in failed.
    """
    listed = list(workspaces)
    wanted = [each for each in listed if each.pipelines] or listed  # an older server may leave them out
    found = await asyncio.gather(
        *(newest(service.pipelines(each.id), settings, is_quiet=True) for each in wanted),
        return_exceptions=True,
    )
    errors = [each for each in found if isinstance(each, BaseException)]
    answers = [each for each in found if not isinstance(each, BaseException)]
    fatal = (NotSignedIn, ConnectionFailed, TimedOut)
    for error in errors:
        if (
            not isinstance(error, ServiceError)
            or not answers
            or (isinstance(error, fatal) and not settings.offline)
        ):
            raise error
    if not answers:
        return Answer((), service.clock(), live=not settings.offline), ()
    rows = tuple(row for answer in answers for row in answer.value)
    gaps = [missing_records(answer.value) for answer in answers]
    value = partial_list(
        rows, sum(number for number, _ in gaps), next((why for number, why in gaps if number), "")
    )
    joined = join_answers(value, *answers, live=all(answer.live for answer in answers))
    return joined, tuple(error for error in errors if isinstance(error, ServiceError))


class Progress:
    """A line on standard error that is written again and again, if that is a terminal."""

    def __init__(self) -> None:
        self._is_on = sys.stderr is not None and sys.stderr.isatty()
        self._shown = ""

    def show(self, text: str) -> None:
        """Show a text in place of the last one; an empty one clears the line."""
        if self._is_on and text != self._shown:
            say(f"\r\x1b[K{text}", error=True, end="")
            self._shown = text
