"""GraphQL for one session: used if the instance answers it, and done without otherwise."""

from typing import TypeVar

from wltui.api.graphql import Column, Query
from wltui.core.errors import (
    ApiFormatError,
    Forbidden,
    NoSuchEndpoint,
    NotSignedIn,
    QueryRefused,
    TimedOut,
    WltuiError,
)
from wltui.core.records import ModelConfig

from .answers import Answer
from .exchange import Exchange

T = TypeVar("T")
Rows = tuple[ModelConfig, ...]
"""Config rows of one version, newest first."""

TIMEOUTS = 2
"""Queries in a row that may take too long before no more are sent."""


class GraphQl:
    """Asks queries, and remembers which columns, tables and queries the instance does not answer.

    No failure of it reaches a screen: the answer is None, and :attr:`off_reason` says why.
    """

    def __init__(self, exchange: Exchange, *, is_on: bool = True) -> None:
        self._exchange = exchange
        self.off_reason = "" if is_on else "switched off by graphql = false"
        """Why no query is sent any more; empty while they are."""
        self._without: set[Column] = set()
        self._refused: dict[str, str] = {}
        self._timeouts = 0
        self._refused_at: tuple[int, bool] | None = None
        """The state of the sign-in when GraphQL last refused it."""

    @property
    def limits(self) -> tuple[str, ...]:
        """Return the columns and queries that the instance does not answer, as sentences."""
        columns = (f"it does not know {kind}.{name}" for kind, name in sorted(self._without))
        return (*([self.off_reason] if self.off_reason else ()), *columns, *self._refused.values())

    async def ask(self, query: Query[T], *, fresh: bool = False) -> Answer[T] | None:
        """Return the answer to a query, or None if this instance gives none.

        With ``fresh``, the answer to a request that is already under way will not do.
        """
        while self._can_answer(query):
            without = frozenset(self._without)  # others may learn of more columns while this is under way
            try:
                answer = await self._exchange.live(query.call(without), fresh=fresh)
            except QueryRefused as error:
                self._learn(query, error, without)
            except NotSignedIn:
                self._refused_at = self._exchange.auth_state
                return None
            except (NoSuchEndpoint, Forbidden, ApiFormatError) as error:
                self.off_reason = error.why
            except TimedOut as error:
                self._timeouts += 1
                if self._timeouts >= TIMEOUTS:
                    self.off_reason = error.why
                return None
            except WltuiError:  # the calls of the REST API say what is wrong, if it is wrong with them too
                return None
            else:
                self._timeouts = 0
                return answer
        return None

    async def cached(self, query: Query[T]) -> Answer[T] | None:
        """Return the last answer to a query that the cache holds."""
        return await self._exchange.cached(query.call())

    def _can_answer(self, query: Query[T]) -> bool:
        return (
            not self.off_reason
            and self._refused_at != self._exchange.auth_state  # a new sign-in may be good for GraphQL too
            and query.name not in self._refused
            and not any(query.needs(column) for column in self._without)
        )

    def _learn(self, query: Query[T], error: QueryRefused, without: frozenset[Column]) -> None:
        """Remember the column or table that a refusal names, or else this query, which was sent without some."""
        if error.unknown is None or error.unknown in without:
            self._refused[query.name] = f"{query.name} is refused: {error.why}"
        else:
            self._without.add(error.unknown)
