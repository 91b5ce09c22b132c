"""The verdicts on the versions of an instance, found at once or in steps."""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence

from wltui.core.records import ModelVersion, VersionId
from wltui.service.fleet import Fleet
from wltui.ui.text.fleet_rows import FleetRows, Outdated, Verdicts

Evidence = tuple[Sequence[ModelVersion], Outdated, Collection[VersionId], Mapping[VersionId, str]]


class Judge:
    """Finds and remembers what is wrong with the versions of an answer, on the basis that holds at that time."""

    def __init__(
        self, known: FleetRows, evidence: Callable[[Fleet], Evidence], basis: Callable[[], tuple[object, ...]]
    ) -> None:
        """
        Args:
            known: Judges versions.
            evidence: Returns the versions of an answer, and what verdicts on them rest on.
            basis: Returns what these rest on beside the answer; the user and other answers change it.
        """
        self._known, self._evidence, self._basis = known, evidence, basis
        self._judged: tuple[Fleet, tuple[object, ...], Verdicts] | None = None
        """The last verdicts, with the answer and the basis that they are about."""

    def verdicts(self, value: Fleet) -> Verdicts:
        """Return what is wrong with the versions of an answer; slow if they are many and were not prepared."""
        found = self._found(value)
        if found is None:
            found = self._known.judge(*self._evidence(value))
            self._judged = value, self._basis(), found
        return found

    async def prepare(self, value: Fleet, between: Callable[[], Awaitable[None]]) -> Verdicts:
        """Return the same, found in steps; ``between`` is awaited between them."""
        while (found := self._found(value)) is None:  # the basis may change meanwhile
            basis = self._basis()
            judged = await self._known.judge_in_steps(*self._evidence(value), between=between)
            self._judged = value, basis, judged
        return found

    def knows(self, value: Fleet) -> bool:
        """Return whether the last verdicts are about this answer, on the basis that holds now."""
        return self._found(value) is not None

    def _found(self, value: Fleet) -> Verdicts | None:
        judged = self._judged
        return judged[2] if judged and judged[0] is value and judged[1] == self._basis() else None
