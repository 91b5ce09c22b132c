"""What a letter of a filter costs in a list of versions that know all they can, and how much memory that takes.

    python -m benchmarks.filter [versions]

Medians in milliseconds of this thread's own time, and of the clock's in parentheses: other work of the machine is in
the latter alone.
"""

import random
import sys
import tracemalloc
from collections.abc import Callable
from functools import partial
from statistics import median
from time import perf_counter, thread_time

from wltui.core.records import ConfigId, ModelConfig, ModelId, ModelVersion, VersionId
from wltui.ui.text.corpus import Corpus
from wltui.ui.text.facts import Facts
from wltui.ui.text.query import parse
from wltui.ui.text.record_facts import forget_texts, version_facts
from wltui.ui.text.search import Search
from wltui.ui.widgets.table.columns import Column
from wltui.ui.widgets.table.rows import Rows

REPEATS = 5
TYPED = (
    "e", "er", "err", "error", "c", "card-velocity-1", "4", "46", "f59", "f5999fe0-0d0b", "status:error",
    "!error", "!error cuda", "age<24h", "error 24h", "image:mac-deploy !tag:v2023.4.0-4103", "~crdvl", "qqqq",
)  # fmt: skip
REASON = (
    "Could not pip install the requirements: ResolutionImpossible, conflicting dependencies of numpy 1.26.4"
)
IMAGE = "proxy.replicated.com/proxy/wallaroo/ghcr.io/wallaroolabs/mac-deploy:v2023.4.0-41"


def versions(count: int) -> list[ModelVersion]:
    """Return made-up versions, twenty to a model."""
    chance = random.Random(7)  # noqa: S311
    made = []
    for number in range(1, count + 1):
        model = number // 20
        digits = f"{chance.getrandbits(384):096x}"
        status = chance.choice(["ready"] * 8 + ["error", "pending_load_native"])
        made.append(ModelVersion(
            id=VersionId(number), model_id=ModelId(model), model_name=f"card-velocity-{model}", status=status,
            uuid="-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:32])), sha=digits[32:],
            error_summary=REASON if status == "error" else None, file_name=f"card-velocity-{model}.onnx",
            image_path=f"{IMAGE}{model % 20:02}" if status == "ready" else None, arch="x86", framework="onnx",
            accel=("none", "cuda")[model % 2], created_by=f"{model % 30:08x}-5f0e-4b53-9c1d-2c9b7a445f0e",
            created_at=f"2026-03-{1 + number % 28:02}T12:{number % 60:02}:00.{number:06}+00:00",
            created_on_version="2025.1.0", config=ModelConfig(id=ConfigId(number), runtime="flight"),
        ))  # fmt: skip
    return made


def timed(call: Callable[[], object], before: Callable[[], object] = lambda: None) -> str:
    own, all_of_it = [], []
    for _ in range(REPEATS):
        before()
        start, clock = thread_time(), perf_counter()
        call()
        own.append((thread_time() - start) * 1e3)
        all_of_it.append((perf_counter() - clock) * 1e3)
    return f"{median(own):7.1f} ({median(all_of_it):.0f})"


def facts_of(version: ModelVersion) -> tuple[Facts]:
    return (version_facts(version, ("ws", "Fraud lab"), ("ws", "10")),)


def main() -> None:
    count = int(sys.argv[1]) if sys.argv[1:] else 100_000
    records = versions(count)
    tracemalloc.start()
    before, _ = tracemalloc.get_traced_memory()
    corpus = Corpus.of(map(facts_of, records))
    forget_texts()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    print(
        f"{count:,} versions take {(after - before) / 1e6:.1f} MB to search, {(after - before) / count:.0f} bytes each"
    )
    print(f"{'made in':40} {timed(lambda: Corpus.of(map(facts_of, records)), forget_texts)}")
    rows = Rows([Column[ModelVersion]("id", "ID", lambda version: str(version.id))], None, False, facts_of)
    rows.load(records)
    rows.filter_by("e")  # makes the facts
    for text in TYPED:
        searches = [Search(corpus)]

        def begin(text: str = text) -> None:
            rows.filter_by("qq")
            rows.filter_by(text[:-1])

        typed = timed(partial(rows.filter_by, text), begin)
        fresh = timed(
            lambda text=text, s=searches: s[0].find(parse(text).terms, 0),  # type: ignore[misc]
            lambda s=searches: s.__setitem__(0, Search(corpus)),  # type: ignore[misc]
        )
        print(f"{text:40} last letter {typed}   from nothing {fresh}   {len(rows.matching):,} found")


if __name__ == "__main__":
    main()
