"""How long the statuses behind a list take to be counted, beside what 16 requests at once would need at best.

    python -m benchmarks.walk [--json] [models [milliseconds]]

The embedded Wallaroo runs in a process of its own and waits so many milliseconds before each answer. ``models`` is
a workspace of an older server, which is asked once a model; ``workspaces`` are as many, summed up. Each is read as
the screens read it, after signing in, from the list's answer to the last result: the median of three. ``httpx`` is
that library alone with the first walk's requests, 16 at once.
"""

import argparse
import asyncio
import json
import math
from collections.abc import AsyncIterator
from statistics import median
from time import perf_counter, process_time

import httpx

from wltui.core.records import Model, WorkspaceId
from wltui.core.settings import Secret, Settings
from wltui.service.exchange import REQUESTS_AT_ONCE
from wltui.service.open import open_service
from wltui.service.service import Service

from .big_server import HOME, server

REPEATS = 3


async def walk_models(service: Service) -> tuple[float, float, tuple[Model, ...]]:
    """Seconds from the list to the last model's versions, those of the processor, and the models."""
    began, used = 0.0, 0.0
    models: tuple[Model, ...] = ()
    async for answer in service.models(WorkspaceId(HOME)):
        began, used = began or perf_counter(), used or process_time()
        models = answer.value
    return perf_counter() - began, process_time() - used, models


async def walk_workspaces(service: Service) -> tuple[float, float, int]:
    """Seconds until all workspaces are summed up, those of the processor, and how many there are."""
    workspaces: tuple[WorkspaceId, ...] = ()
    async for answer in service.workspaces():
        workspaces = tuple(workspace.id for workspace in answer.value)
    began, used = perf_counter(), process_time()
    async for _ in service.summaries(workspaces):
        pass
    return perf_counter() - began, process_time() - used, len(workspaces)


async def bare(url: str, token: str, models: tuple[Model, ...]) -> float:
    """Seconds that httpx alone takes to ask for the versions of each model."""
    gate = asyncio.Semaphore(REQUESTS_AT_ONCE)
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {token}"}) as client:

        async def ask(model: Model) -> None:
            async with gate:
                body = {"model_id": model.name, "models_pk_id": model.id}
                (await client.post("/v1/api/models/list_versions", json=body)).raise_for_status()

        began = perf_counter()
        await asyncio.gather(*map(ask, models))
        return perf_counter() - began


async def token_of(url: str) -> str:
    form = {"grant_type": "password", "client_id": "sdk-client", "username": "demo", "password": "demo"}
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{url}/auth/realms/master/protocol/openid-connect/token", data=form)
        return str(answer.raise_for_status().json()["access_token"])


def opened(url: str) -> Service:
    """A service without a cache, signed in."""
    return open_service(Settings(endpoint=url, login=("demo", Secret("demo")), profile="bench"), None)


async def run(models: int, latency: int) -> AsyncIterator[dict[str, object]]:
    def result(walk: str, requests: int, seconds: list[float], used: list[float]) -> dict[str, object]:
        ideal, took = math.ceil(requests / REQUESTS_AT_ONCE) * latency / 1000, median(seconds)
        told = {"walk": walk, "requests": requests, "seconds": took, "ideal": ideal, "ratio": took / ideal}
        return told | ({"processor": median(used)} if used else {})

    with server(models, models * 4, latency=latency, api="2023.4") as url:
        service = opened(url)
        await walk_workspaces(service)
        walks = [await walk_models(service) for _ in range(REPEATS)]
        found = walks[0][2]
        yield result("models", len(found), [walk[0] for walk in walks], [walk[1] for walk in walks])
        await service.close()
        token = await token_of(url)
        yield result("httpx", len(found), [await bare(url, token, found) for _ in range(REPEATS)], [])
    with server(models, models * 4, latency=latency, spread=models) as url:
        service = opened(url)
        sums = [await walk_workspaces(service) for _ in range(REPEATS)]
        yield result("workspaces", sums[0][2], [walk[0] for walk in sums], [walk[1] for walk in sums])
        await service.close()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="?", type=int, default=500)
    parser.add_argument("latency", nargs="?", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    async for told in run(asked.models, asked.latency):
        rounded = {
            name: round(value, 3) if isinstance(value, float) else value for name, value in told.items()
        }
        line = (
            json.dumps(rounded)
            if asked.json
            else "  ".join(f"{name} {value}" for name, value in rounded.items())
        )
        print(line, flush=True)


if __name__ == "__main__":
    asyncio.run(main())
