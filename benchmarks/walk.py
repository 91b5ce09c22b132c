"""How long the statuses behind a list take to be counted, beside what 16 requests at once would need at best.

    python benchmarks/walk.py [--json] [models [milliseconds]]

The embedded Wallaroo runs in a process of its own and waits so many milliseconds before each answer. ``models``
is a workspace of an older server, which is asked once a model; ``workspaces`` is a summary of as many workspaces.
Each is read as the screens read it, after signing in: from the first request to the last result, the median of
three. ``bare`` is httpx alone with the same requests, 16 at once.
"""

import argparse
import asyncio
import json
import math
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

import httpx

from wltui.exchange import REQUESTS_AT_ONCE
from wltui.records import Model, ModelId, WorkspaceId
from wltui.service import Service, open_service
from wltui.settings import Secret, Settings

REPEATS = 3


@contextmanager
def server(*flags: str) -> Iterator[str]:
    """The address of an embedded Wallaroo in a process of its own."""
    command = [sys.executable, "-m", "wltui", "demo-server", *flags]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


async def count(stream: AsyncIterator[object]) -> tuple[float, float, int]:
    """Seconds until the last result, those of the processor, and how often something was told."""
    began, used, told = perf_counter(), process_time(), 0
    async for _ in stream:
        told += 1
    return perf_counter() - began, process_time() - used, told


async def bare(url: str, token: str, models: list[Model]) -> float:
    """Seconds that httpx alone takes to ask for the versions of each model."""
    gate = asyncio.Semaphore(REQUESTS_AT_ONCE)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers) as client:

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


async def largest(service: Service) -> tuple[list[WorkspaceId], list[Model], WorkspaceId]:
    """All workspaces, and the models of that with the most, after one sign-in."""
    workspaces: list[WorkspaceId] = []
    async for answer in service.workspaces():
        workspaces = [workspace.id for workspace in answer.value]
    found: list[Model] = []
    home = workspaces[0]
    for number in workspaces:
        async for listed in service.models(number):
            if len(listed.value) > len(found):
                found, home = [*listed.value], number
            break
    return workspaces, found, home


async def run(models: int, latency: int) -> list[dict[str, object]]:
    results: list[dict[str, object]] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        server("--api", "2023.4", "--models", str(models), "--latency", str(latency)) as url,
    ):
        settings = Settings(endpoint=url, login=("demo", Secret("demo")), profile="bench")
        service = open_service(settings, Path(folder))
        workspaces, found, _ = await largest(service)
        token = await token_of(url)

        async def everything() -> AsyncIterator[object]:
            """The versions of all models of the fleet, as if they stood in one workspace."""
            from wltui.behind import behind

            missing = {model.id: model for model in every}

            async def read(number: ModelId) -> object:
                return await service._with_versions(missing[number], behind=True)

            async for told in behind(missing, read, tuple):
                yield told

        every = [model for number in workspaces for model in await listed_in(service, number)]
        for name, size, stream in (
            ("models", len(every), everything),
            ("workspaces", len(workspaces), lambda: service.summaries(workspaces)),
        ):
            took = [await count(stream()) for _ in range(REPEATS)]
            ideal = math.ceil(size / REQUESTS_AT_ONCE) * latency / 1000
            seconds = median(one[0] for one in took)
            results.append(
                {
                    "walk": name,
                    "requests": size,
                    "seconds": round(seconds, 3),
                    "ideal": ideal,
                    "ratio": round(seconds / ideal, 2),
                    "processor": round(median(one[1] for one in took), 3),
                    "told": median(one[2] for one in took),
                }
            )
        seconds = median([await bare(url, token, every) for _ in range(REPEATS)])
        ideal = math.ceil(len(every) / REQUESTS_AT_ONCE) * latency / 1000
        results.append(
            {"walk": "bare httpx", "requests": len(every), "seconds": round(seconds, 3), "ideal": ideal,
             "ratio": round(seconds / ideal, 2)}
        )  # fmt: skip
        await service.close()
    return results


async def listed_in(service: Service, workspace_id: WorkspaceId) -> tuple[Model, ...]:
    """The models of a workspace without their versions."""
    stream = service.models(workspace_id)
    answers = [answer async for answer in stream]
    return answers[-1].value


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("models", nargs="?", type=int, default=500)
    parser.add_argument("latency", nargs="?", type=int, default=50)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    for result in asyncio.run(run(asked.models, asked.latency)):
        if asked.json:
            print(json.dumps(result))
        else:
            print("  ".join(f"{name} {value}" for name, value in result.items()))


if __name__ == "__main__":
    main()
