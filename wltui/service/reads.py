"""How the service makes its answers from calls: lists filled up with versions, counts, a version with its config."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from wltui.api import calls
from wltui.api.graphql import config_rows
from wltui.api.graphql_tags import Tag, tags_of_version
from wltui.core.compact import replace_fields
from wltui.core.errors import NotFound
from wltui.core.records import (
    Model,
    ModelConfig,
    ModelId,
    ModelVersion,
    WorkspaceId,
    missing_records,
    partial_list,
)
from wltui.core.threads import run_in_thread
from wltui.store.save_history import History

from .answers import Answer, join_answers
from .background import fetch_all, fetch_both
from .deployments import Uses, cached_uses, fetch_uses
from .exchange import Exchange
from .graphql import Rows
from .session import Session

if TYPE_CHECKING:
    from wltui.config.detail import VersionDetail

GRACE = 0.15
"""Seconds that a version's detail waits for GraphQL, so that a screen is usually painted once and not twice."""


async def models(
    session: Session,
    workspace_id: WorkspaceId,
    first: Callable[[], Iterable[ModelId]],
    *,
    background: bool,
) -> AsyncIterator[Answer[tuple[Model, ...]]]:
    """Yield the models of a workspace; see ``Service.models``."""
    exchange, latest = session.exchange, session.latest
    async for answer in exchange.read(calls.list_models(workspace_id), background=background):
        filled = await _fill_from_cache(exchange, answer)
        yield latest.in_models(filled)
        if answer.live:
            async for more in _fill_in(exchange, filled, answer.value, first):
                yield latest.in_models(more)


async def whole_models(exchange: Exchange, workspace_id: WorkspaceId) -> Answer[tuple[Model, ...]]:
    """Fetch the models of a workspace in the background, with the versions that older servers list separately."""
    answer = await exchange.live(calls.list_models(workspace_id), background=True)
    whole = answer
    async for filled in _fill_in(exchange, answer, answer.value, tuple):
        whole = filled
    return whole


async def model(
    session: Session, workspace_id: WorkspaceId, model_id: ModelId
) -> AsyncIterator[Answer[Model]]:
    """Yield one model with its versions; see ``Service.model``."""
    exchange = session.exchange
    async for answer in exchange.read(calls.list_models(workspace_id)):
        found = next((model for model in answer.value if model.id == model_id), None)
        if found is None:
            if answer.live:
                raise NotFound(
                    f"Model {model_id} is gone",
                    f"workspace {workspace_id} no longer lists it",
                    "Go back with esc",
                )
        elif found.versions is not None:
            yield session.latest.in_model(answer.of(found))
        else:
            fill = _fetch_versions if answer.live else cached_versions
            if whole := await fill(exchange, found):
                sources, size = answer.sources + whole.sources, answer.size + whole.size
                yield session.latest.in_model(replace(whole, sources=sources, size=size))


async def version(session: Session, row: ModelVersion) -> "AsyncIterator[Answer[VersionDetail]]":
    """Yield a version and its newest config; see ``Service.version``.

    The live answer is yielded without the rows that GraphQL shows if these take longer, and again with them.
    """
    exchange, history = session.exchange, session.history
    uses = await cached_uses(session, row)
    if newest := await exchange.cached(calls.get_config(row.id)):
        whole = await exchange.cached(calls.get_version(row.id))
        rows = await session.graphql.cached(config_rows(row.id))
        tags = await session.graphql.cached(tags_of_version(row.id))
        known = _detail(history, row, whole, newest, rows=rows, uses=uses, tags=tags)
        yield known
        await run_in_thread(history.catch_up)
        if (more := _detail(history, row, whole, newest, rows=rows, uses=uses, tags=tags)) != known:
            yield more
    more_to_come = asyncio.create_task(
        fetch_both(
            fetch_both(session.graphql.ask(config_rows(row.id)), fetch_uses(session, row)),
            session.graphql.ask(tags_of_version(row.id)),
        )
    )
    try:
        whole, newest = await _fetch_detail(session, row)
        done, _ = await asyncio.wait({more_to_come}, timeout=GRACE)
        if not done:
            yield _detail(history, row, whole, newest, uses=uses)
        (rows, live_uses), tags = await more_to_come
        yield _detail(history, row, whole, newest, rows=rows, uses=live_uses or uses, tags=tags)
    finally:
        more_to_come.cancel()


async def live_detail(session: Session, row: ModelVersion) -> "tuple[Answer[VersionDetail], Rows]":
    """Fetch a version and its newest config, asked for now, and all its config rows if GraphQL shows them."""
    (whole, newest), rows = await fetch_both(
        _fetch_detail(session, row, fresh=True),
        session.graphql.ask(config_rows(row.id), fresh=True),
    )
    return _detail(session.history, row, whole, newest, rows=rows), rows.value if rows else ()


async def _fetch_detail(
    session: Session, row: ModelVersion, *, fresh: bool = False
) -> tuple[Answer[ModelVersion] | None, Answer[ModelConfig | None]]:
    """Fetch a version and its newest config; with ``fresh``, a request already under way will not do for the latter."""
    parts = await fetch_both(
        session.exchange.live_or_none(calls.get_version(row.id)),
        session.exchange.live(calls.get_config(row.id), fresh=fresh),
    )
    await run_in_thread(session.history.catch_up)
    return parts


async def cached_versions(exchange: Exchange, model: Model) -> Answer[Model] | None:
    """Return a model with the versions that the cache has of it, or None if it has none."""
    answer = await exchange.cached(calls.list_versions(model.id, model.name))
    return answer.of(_with_versions(model, answer.value)) if answer else None


async def _fetch_versions(exchange: Exchange, model: Model, *, background: bool = False) -> Answer[Model]:
    answer = await exchange.live(calls.list_versions(model.id, model.name), background=background)
    return answer.of(_with_versions(model, answer.value))


def _with_versions(model: Model, versions: tuple[ModelVersion, ...]) -> Model:
    """Return the model with its versions; those without a workspace get the model's."""

    def placed(version: ModelVersion) -> ModelVersion:
        if version.workspace_id or not model.workspace_id:
            return version
        return replace_fields(version, workspace_id=model.workspace_id)

    return replace(model, versions=partial_list(map(placed, versions), *missing_records(versions)))


async def _fill_in(
    exchange: Exchange,
    filled: Answer[tuple[Model, ...]],
    listed: Iterable[Model],
    first: Callable[[], Iterable[ModelId]],
) -> AsyncIterator[Answer[tuple[Model, ...]]]:
    """Yield the answer with ever more versions of the models that were ``listed`` without."""
    missing = {model.id: model for model in listed if model.versions is None}

    async def fetch(number: ModelId) -> Answer[Model]:
        return await _fetch_versions(exchange, missing[number], background=True)

    async for batch in fetch_all(missing, fetch, first):
        found = {one.value.id: one.value for one in batch}
        models = (found.get(model.id, model) for model in filled.value)
        value = partial_list(models, *missing_records(filled.value))
        sources = (source for one in batch for source in one.sources)
        size = filled.size + sum(one.size for one in batch)
        filled = replace(filled, value=value, sources=(*filled.sources, *sources), size=size)
        yield filled


async def _fill_from_cache(
    exchange: Exchange, answer: Answer[tuple[Model, ...]]
) -> Answer[tuple[Model, ...]]:
    """Return the answer with the versions that the cache has of models that were listed without."""
    known = {
        model.id: versions.value
        for model in answer.value
        if model.versions is None and (versions := await cached_versions(exchange, model))
    }
    if not known:
        return answer
    models = (known.get(model.id, model) for model in answer.value)
    return answer.of(partial_list(models, *missing_records(answer.value)))


def _detail(
    history: History,
    row: ModelVersion,
    whole: Answer[ModelVersion] | None,
    newest: Answer[ModelConfig | None],
    *,
    rows: Answer[Rows] | None = None,
    uses: Answer[Uses] | None = None,
    tags: Answer[tuple[Tag, ...]] | None = None,
) -> "Answer[VersionDetail]":
    from wltui.config.detail import combine_detail

    detail = combine_detail(
        row, whole.value if whole else None, newest.value, history.row, rows.value if rows else ()
    )
    detail = replace(
        detail,
        uses=uses.value if uses else None,
        tags=tuple(tag.text for tag in tags.value) if tags else None,
    )
    return join_answers(detail, whole, newest, rows, uses, tags, live=newest.live)
