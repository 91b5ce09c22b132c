"""The rows of a list of all versions, and what is known of each beyond the row: its problem, since when, and why."""

from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import compress
from math import inf
from operator import attrgetter

from msgspec import Struct, field
from msgspec.structs import replace

from wltui.core.compact import created_seconds
from wltui.core.diagnosis import NO_REASON_SHORT, SameFile, diagnose
from wltui.core.pipelines import PipelineUse
from wltui.core.problems import MEANINGS, Problem, Trouble, find_problems, group_equal
from wltui.core.records import ModelVersion, Phase, VersionId, phase

from .corpus import Corpus
from .facts import Facts
from .format import age
from .query import parse
from .record_facts import forget_texts
from .search import Search
from .spans import Role

AT_ONCE = 10_000
"""Versions that are judged in one step: some milliseconds."""
Outdated = Mapping[VersionId, Collection[PipelineUse]]


class Verdicts(Struct, frozen=True):
    """All versions of a list, and what is wrong with them."""

    versions: Sequence[ModelVersion]
    """All versions, whether they have a problem or not."""
    same_file: SameFile
    outdated: Outdated
    problems: dict[VersionId, Problem] = field(default_factory=dict)
    """What is wrong with versions; empty if not only problems are listed."""
    groups: Sequence[Sequence[ModelVersion]] = ()
    """The versions with problems, those with the same trouble, file and reason together, youngest first."""


class FleetRows:
    """All versions, or those that need attention: of equal problems the first alone, unless they are unfolded."""

    def __init__(self, clock: Callable[[], datetime], *, is_problems: bool) -> None:
        self.is_problems = is_problems
        self.rows: Sequence[ModelVersion] = ()
        """Those with a row, in the order of the list."""
        self.unfolded: set[VersionId] = set()
        """The groups of which all versions are shown, by their first version."""
        self._clock = clock
        self._verdicts = Verdicts((), SameFile(), {})
        self._groups: dict[VersionId, Sequence[ModelVersion]] = {}
        """The versions with the same trouble, file and reason, by the first of them; groups of one are left out."""
        self._first: dict[VersionId, VersionId] = {}
        """The first version of the group, for each version in one."""

    def judge(
        self,
        versions: Sequence[ModelVersion],
        outdated: Outdated,
        deployed: Collection[VersionId],
        changed_at: Mapping[VersionId, str],
    ) -> Verdicts:
        """Return what is wrong with these versions, and change nothing. For 10,000 versions it takes some 10 ms.

        Args:
            versions: All versions of the list.
            outdated: Those that pipelines run with an older config than their newest, and these uses.
            deployed: Those that a deployed pipeline runs, by GraphQL.
            changed_at: Times of their last change, as far as they are known.
        """
        verdicts = Verdicts(versions, SameFile(), outdated)
        for _ in self._judge_parts(verdicts, deployed, changed_at):
            pass
        return replace(verdicts, groups=self._groups_of(verdicts, self._troubled(verdicts)))

    async def judge_in_steps(
        self,
        versions: Sequence[ModelVersion],
        outdated: Outdated,
        deployed: Collection[VersionId],
        changed_at: Mapping[VersionId, str],
        *,
        between: Callable[[], Awaitable[None]],
    ) -> Verdicts:
        """As :meth:`judge`, in steps of a few milliseconds; ``between`` is awaited before and after each."""
        verdicts = Verdicts(versions, SameFile(), outdated)
        await between()
        for _ in self._judge_parts(verdicts, deployed, changed_at):
            await between()
        troubled = self._troubled(verdicts)
        await between()
        return replace(verdicts, groups=self._groups_of(verdicts, troubled))

    def _judge_parts(
        self, verdicts: Verdicts, deployed: Collection[VersionId], changed_at: Mapping[VersionId, str]
    ) -> Iterator[None]:
        """Fill ``verdicts`` part by part, and yield after each."""
        now = self._clock()
        yield from verdicts.same_file.fill(verdicts.versions, AT_ONCE)
        for start in range(0, len(verdicts.versions) if self.is_problems else 0, AT_ONCE):
            part = verdicts.versions[start : start + AT_ONCE]
            found = find_problems(part, now, outdated=verdicts.outdated, deployed=deployed, since=changed_at)
            verdicts.problems.update(found)
            yield

    @staticmethod
    def _troubled(verdicts: Verdicts) -> Sequence[ModelVersion]:
        """Return the versions with a problem, youngest first."""
        versions, problems = verdicts.versions, verdicts.problems
        found = [*compress(versions, map(problems.__contains__, map(attrgetter("id"), versions)))]
        return sorted(found, key=lambda version: _youngest_first(problems[version.id].since))

    @staticmethod
    def _groups_of(verdicts: Verdicts, troubled: Sequence[ModelVersion]) -> Sequence[Sequence[ModelVersion]]:
        """Return these versions with those together that have the same trouble, file and reason."""
        return tuple(map(tuple, group_equal(troubled, verdicts.problems)))

    def take(self, verdicts: Verdicts) -> None:
        """Show these versions."""
        self._verdicts = verdicts
        groups = verdicts.groups
        if self.unfolded:
            self._keep_unfolded(groups)
        self._groups = {group[0].id: group for group in groups if len(group) > 1}
        self._first = {version.id: first for first, group in self._groups.items() for version in group}
        self.rows = (
            tuple(
                [
                    version
                    for group in groups
                    for version in (group if group[0].id in self.unfolded else group[:1])
                ]
            )
            if self.is_problems
            else verdicts.versions
        )

    def _keep_unfolded(self, groups: Sequence[Sequence[ModelVersion]]) -> None:
        """Leave groups unfolded that have another first version now: one may have failed meanwhile, or been mended."""
        before = {first: first for first in self.unfolded} | {
            version: first for version, first in self._first.items() if first in self.unfolded
        }
        for group in groups:
            if found := {before[version.id] for version in group if version.id in before}:
                self.unfolded = (self.unfolded - found) | {group[0].id}

    @property
    def verdicts(self) -> Verdicts:
        """Return all versions, and what is wrong with them."""
        return self._verdicts

    @property
    def versions(self) -> Sequence[ModelVersion]:
        """Return all versions, whether they have a problem or not."""
        return self._verdicts.versions

    @property
    def problems(self) -> Mapping[VersionId, Problem]:
        """Return what is wrong with versions; nothing if not only problems are listed."""
        return self._verdicts.problems

    @property
    def kinds(self) -> Mapping[Trouble, int]:
        """Return how many versions have each kind of trouble."""
        return Counter(problem.trouble for problem in self.problems.values())

    # One version

    def group_of(self, version: ModelVersion) -> Sequence[ModelVersion]:
        """Return all versions with the same trouble, file and reason; empty if there is no other one."""
        return self._groups.get(self._first.get(version.id, version.id), ())

    def represented_by(self, version: ModelVersion) -> Sequence[ModelVersion]:
        """Return the versions that a row stands for: those of its group if it is the first of one."""
        return self._groups.get(version.id) or (version,)

    def versions_in(
        self, rows: Iterable[ModelVersion], text: str, facts: Callable[[ModelVersion], Sequence[Facts]]
    ) -> list[ModelVersion]:
        """Return the versions that rows stand for, in the order of the rows.

        Args:
            rows: The rows that match a filter.
            text: The filter; of a group with one row, only the versions that match it themselves are returned.
            facts: Returns what each version that a row stands for knows, in their order.
        """
        terms, now = parse(text).terms, self._clock().timestamp()
        found: list[ModelVersion] = []
        for row in rows:
            versions = (row,) if self.is_unfolded(row) else self.represented_by(row)
            if terms and len(versions) > 1:
                places = Search(Corpus.of((each,) for each in facts(row))).find(terms, now)
                versions = [versions[place] for place in places]
            found += versions
        forget_texts()
        return found

    def is_unfolded(self, version: ModelVersion) -> bool:
        """Return whether each version of this one's group has a row."""
        return self._first.get(version.id) in self.unfolded

    def fold(self, version: ModelVersion) -> VersionId:
        """Unfold the group of a version, or fold it; return the first version of the group."""
        first = self._first[version.id]
        self.unfolded ^= {first}
        return first

    def problem(self, version: ModelVersion) -> Problem | None:
        """Return what is wrong with a version, or None if nothing is, or if not only problems are listed."""
        return self.problems.get(version.id)

    def since(self, version: ModelVersion) -> datetime | None:
        """Return since when a version has its problem, or when it was uploaded if it has none; None if unknown."""
        problem = self.problems.get(version.id)
        return problem.since if problem else version.created

    def age(self, version: ModelVersion) -> str:
        """Return how long a version has had its problem, or how long ago it was uploaded; empty if unknown."""
        since = self.since(version)
        return age(self._clock() - since) if since else ""

    def age_order(self, version: ModelVersion) -> float | None:
        """Return a sort key for ages, the same for all versions of a group; None if the age is unknown."""
        problems = self._verdicts.problems
        if problems and (group := self.group_of(version)):
            version = group[0]
        problem = problems.get(version.id) if problems else None
        if problem is None:  # most of 100,000 versions that are sorted at once
            seconds = created_seconds(version)
            return None if seconds is None else -seconds
        return -problem.since.timestamp() if problem.since else None

    def same_file(self, version: ModelVersion) -> Sequence[ModelVersion]:
        """Return the versions with the file of this one that can explain its failure, two at most."""
        return self._verdicts.same_file.of(version)

    def why(self, version: ModelVersion) -> tuple[str, Role]:
        """Return in a line why a version needs attention, muted if not in the server's words; empty if it does not."""
        problem = self.problems.get(version.id)
        if problem is None and phase(version.status) is not Phase.ERROR:
            return "", Role.PLAIN
        if problem and problem.trouble is Trouble.OUTDATED:
            uses = self._verdicts.outdated.get(version.id, ())
            orders = (f"redeploy {use.pipeline_name}: it runs config {use.config_id}" for use in uses)
            return "; ".join(orders), Role.MUTED
        known = diagnose(version, siblings=self.same_file(version))
        if known.reason:
            return known.reason, Role.PLAIN
        if problem and problem.trouble is Trouble.STUCK and not known.cause:
            return f"{version.status} for {self.age(version)}", Role.MUTED
        if problem is None or problem.trouble is Trouble.FAILED:
            return known.cause or NO_REASON_SHORT, Role.MUTED
        return known.cause or MEANINGS[problem.trouble], Role.MUTED


def _youngest_first(since: datetime | None) -> float:
    return -since.timestamp() if since else inf
