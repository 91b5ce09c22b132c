"""The company around the guide's data: a believable history, made by a seeded generator."""

import gc
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import cycle
from typing import Any, NamedTuple

from .failures import OF_CUSTOM, OF_OTHERS
from .fleet import add_fleet
from .guide import add_guide
from .metadata import stored_conversion
from .recipes import ODD_IMAGES, PROXY, RECIPES, RELEASES, Recipe
from .roster import HOMES, LIVE, MODELS, NATIVE, PEOPLE, WORKSPACES, Live
from .world import Build, Config, Model, Version, Workspace, World, random_uuid, stamp

USUAL_VERSIONS = 190
DAY = 86_400.0
OLDEST = 700 * DAY
"""Seconds; no upload is older, but for the guide's."""
FIRST_WORKSPACE, FIRST_MODEL, FIRST_VERSION, FIRST_CONFIG = 11, 16, 20, 40
"""Each kind counts on by itself where the guide ends: most models share a number with a foreign version."""


class Upload(NamedTuple):
    """An upload that will become a version."""

    age: float
    """Seconds before the world's anchor."""
    model: int
    """Position in the list of the company's models."""
    live: Live | None = None


class Sketch(NamedTuple):
    """A model before it has a number."""

    name: str
    workspace_id: int
    recipe: Recipe


def build_world(seed: int, anchor: datetime, models: int | None = None, versions: int | None = None) -> World:
    """Return the guide's data and the company's: a pure function of its arguments.

    Args:
        seed: Picks one of many companies.
        anchor: When the company's history ends, in UTC; ages count back from here.
        models: How many there are in all; the guide's are always among them.
        versions: Likewise; each model has at least one.
    """
    world = World(seed)
    add_guide(world)
    versions = versions if versions is not None else USUAL_VERSIONS if models is None else 4 * models
    models = models if models is not None else max(len(world.models) + len(MODELS), versions // 25)
    generator = _Generator(world, random.Random(seed), anchor)
    with _uncollected():
        generator.run(models - len(world.models), versions - len(world.versions))
    return world


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector from walking, over and over, through data that only grows."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class _Generator:
    def __init__(self, world: World, rng: random.Random, anchor: datetime) -> None:
        self.world, self.rng, self.anchor = world, rng, anchor
        self.version_id = FIRST_VERSION
        self.config_id = FIRST_CONFIG
        # Taken in turn, not by chance, so that every company knows them all.
        self.failures = {True: cycle(OF_CUSTOM), False: cycle(OF_OTHERS)}
        self.odd_images = cycle(image for odd in ODD_IMAGES for image in (odd, *[None] * 9))

    def run(self, models: int, versions: int) -> None:
        if models <= 0:
            return
        self._add_workspaces(len(WORKSPACES) + models // 60)
        sketches = list(self._sketches(models))
        numbers: dict[int, Model] = {}
        for upload in self._uploads(sketches, versions):
            sketch = sketches[upload.model]
            created = self.anchor - timedelta(seconds=upload.age)
            if upload.model not in numbers:
                numbers[upload.model] = self._add_model(sketch, FIRST_MODEL + len(numbers), created)
            self._add_version(numbers[upload.model], sketch.recipe, created, upload.live)
        deployed = [version for model in numbers.values() if (version := self._pick_deployed(model))]
        add_fleet(self.world, deployed, self.anchor)

    def _add_workspaces(self, count: int) -> None:
        for position in range(count):
            name, archived = WORKSPACES[position % len(WORKSPACES)]
            if position >= len(WORKSPACES):
                name = f"{name} {position // len(WORKSPACES) + 1}"
            email, uuid = self.rng.choice(PEOPLE)
            age = OLDEST * (1 + self.rng.random() / 10)
            self.rng.sample(range(3, 400), self.rng.randrange(5))  # keeps the later numbers of each seed
            self.world.add_workspace(
                Workspace(
                    id=FIRST_WORKSPACE + position,
                    name=name,
                    created_at=stamp(self.anchor - timedelta(seconds=age)),
                    created_by=email if position % 3 else uuid,
                    archived=archived,
                )
            )

    def _sketches(self, count: int) -> Iterator[Sketch]:
        for position in range(count):
            name, home, recipe = MODELS[position % len(MODELS)]
            lap = position // len(MODELS)
            if lap:
                name = f"{name[:55]}-{lap + 1}"
                home = position % (len(self.world.workspaces) - 2)
            yield Sketch(name, FIRST_WORKSPACE + home, RECIPES[recipe])

    def _uploads(self, sketches: list[Sketch], count: int) -> list[Upload]:
        """Oldest first. Every model has one, and some have many."""
        rng = self.rng
        known = {name: position for position, (name, _, _) in reversed(list(enumerate(MODELS)))}
        first = [Upload(rng.uniform(30 * DAY, OLDEST), position) for position in range(len(sketches))]
        live = [
            Upload(live.age, known[live.model], live)
            for live in LIVE[: max(0, count - len(first))]
            if known[live.model] < len(sketches)
        ]
        weights = [rng.paretovariate(1.1) for _ in sketches]
        chosen = rng.choices(range(len(sketches)), weights, k=max(0, count - len(first) - len(live)))
        # The square makes recent uploads likelier, as in a growing company.
        rest = [Upload(3600 + rng.random() ** 2 * (first[model].age - 3600), model) for model in chosen]
        return sorted((*first, *live, *rest), key=lambda upload: -upload.age)

    def _add_model(self, sketch: Sketch, number: int, created: datetime) -> Model:
        time = stamp(created)
        model = Model(
            id=number, name=sketch.name, workspace_id=sketch.workspace_id, created_at=time, updated_at=time
        )
        self.world.add_model(model)
        return model

    def _add_version(self, model: Model, recipe: Recipe, created: datetime, live: Live | None) -> None:
        rng = self.rng
        email, uuid = PEOPLE[int(rng.random() * len(PEOPLE))]
        release, tag = next(
            (name, tag) for days, name, tag in RELEASES if (self.anchor - created).days < days
        )
        failed = live.outcome == "error" if live else rng.random() < 0.12
        failure = next(self.failures[recipe.framework == "custom"]) if failed else None
        older = model.versions[-1] if model.versions and rng.random() < 0.15 else None
        changed = created + timedelta(
            seconds=rng.uniform(20, 400) if rng.random() < 0.75 else rng.uniform(0, DAY)
        )
        time = stamp(created)
        version = Version(
            id=self.version_id,
            model_id=model.id,
            uuid=random_uuid(rng),
            sha=older.sha if older else rng.randbytes(32).hex(),
            file_name=older.file_name if older else self._file_name(recipe.file),
            size=older.size if older else int(recipe.size * rng.uniform(0.95, 1.05)),
            build=(
                Build(created, live.stages, live.outcome, live.period)
                if live
                else Build(created, outcome="error" if failed else "ready")
            ),
            configs=list(self._configs(recipe)),
            image_path=self._image(recipe.image, tag),
            error_summary=failure.summary if failure else (None, None, "", "null")[int(rng.random() * 4)],
            logs=failure.logs if failure else recipe.logs,
            conversion=self._conversion(recipe, complete=live is not None),
            visibility="private" if rng.random() < 0.9 else "public",
            owner_id=uuid,
            created_at=time if live or rng.random() < 0.98 else None,
            created_by=email if rng.random() < 0.95 else None,
            created_on_version=release,
            updated_at=stamp(min(changed, self.anchor)),
            task_id=random_uuid(rng) if recipe.image or live else None,
        )
        if live and live.stages is NATIVE:
            version.task_id = None  # only the route that converts makes a task
        if version.conversion:
            version.conversion = stored_conversion(version.conversion, version.file_name)
        self.version_id += 1
        model.updated_at = time
        self.world.add_version(version)

    def _file_name(self, name: str) -> str:
        return name if self.rng.random() < 0.8 else HOMES[int(self.rng.random() * len(HOMES))] + name

    def _image(self, name: str | None, tag: str) -> str | None:
        return None if name is None else next(self.odd_images) or f"{PROXY}{name}:{tag}"

    def _conversion(self, recipe: Recipe, *, complete: bool) -> dict[str, Any] | None:
        """Return a conversion; uploads by REST may leave arch and accel out, and old native ones have none at all."""
        rng = self.rng
        conversion: dict[str, Any] = {
            "framework": recipe.framework,
            "requirements": recipe.requirements,
            "python_version": "3.8" if rng.random() < 0.8 else "3.9",
        }
        if (luck := rng.random()) < 0.06 and not complete:
            return None if recipe.image is None else conversion
        arch = recipe.archs[int(luck * len(recipe.archs))]
        accel = recipe.accels[int(rng.random() * len(recipe.accels))]
        return {**conversion, "arch": arch, "accel": accel, "framework_config": recipe.framework_config}

    def _configs(self, recipe: Recipe) -> Iterator[Config]:
        """Return the row of the upload, which may carry all settings, and the rows of later changes."""
        tuned, rows = recipe.tuned, 1
        luck = self.rng.random()
        if luck < 0.25 and tuned:
            rows = 2 + (luck < 0.05)
        for row in range(rows):
            yield Config(
                id=self.config_id,
                model_version_id=self.version_id,
                runtime=recipe.runtime,
                input_schema=recipe.inputs and recipe.inputs.base64,
                output_schema=recipe.outputs and recipe.outputs.base64,
                **(tuned if row or luck > 0.7 else {}),
            )
            self.config_id += 1

    def _pick_deployed(self, model: Model) -> Version | None:
        """Return the newest version that is ready, for every other model: it is deployed."""
        ready = [version for version in model.versions if version.build.status(self.anchor) == "ready"]
        return ready[-1] if ready and self.rng.random() < 0.5 else None
