"""A process that keeps drafts as it is told, a JSON list a line: ``python -m tests.support.draft_keeper FOLDER``.

``["keep", VERSION, TEXT]``, ``["take", VERSION]``, ``["forget", VERSION]``, ``["all"]`` and ``["close"]``; each is
answered with a line: the texts of the drafts, or what was taken, once all is on disk.
"""

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from wltui.config.edit import ConfigEdit, Draft
from wltui.core.records import ConfigId, ModelConfig, ModelVersion, VersionId
from wltui.store.drafts import Drafts

ROOT = Path(__file__).parents[2]


class Keeper:
    """The process, from outside."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.draft_keeper", str(folder)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def send(self, *words: object) -> None:
        """Say what to do."""
        assert self.process.stdin
        self.process.stdin.write(json.dumps(words).encode() + b"\n")
        self.process.stdin.flush()

    def hear(self) -> object:
        """What it answers."""
        assert self.process.stdout
        return json.loads(self.process.stdout.readline())

    def ask(self, *words: object) -> object:
        self.send(*words)
        return self.hear()

    def drafts(self) -> list[tuple[str, bool]]:
        """Return the texts of the drafts, each with whether another process has it."""
        told = self.ask("all")
        assert isinstance(told, list)
        return [(text, elsewhere) for text, elsewhere in told]

    def kill(self) -> None:
        """As ``kill -9`` does."""
        self.process.kill()
        self.process.communicate()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()


def draft(version_id: int, text: str) -> Draft:
    """A draft that is told apart by a text that can't be read."""
    edit = ConfigEdit(VersionId(version_id), ModelConfig(id=ConfigId(1)))
    return Draft(edit.with_value("batch_config", "single"), {"filter_threshold": text})


def text(draft: Draft) -> str:
    return draft.refused["filter_threshold"]


def _main() -> None:
    drafts = Drafts(Path(sys.argv[1]), "owner", lambda: datetime.now(UTC))
    for line in sys.stdin:
        answer: object = None
        match json.loads(line):
            case ["keep", int(number), str(words)]:
                drafts.keep(ModelVersion(id=VersionId(number)), draft(number, words))
            case ["take", int(number)]:
                kept = drafts.take(VersionId(number))
                answer = text(kept.draft) if kept else None
            case ["forget", int(number)]:
                drafts.forget(VersionId(number))
            case ["all"]:
                answer = [[text(kept.draft), kept.elsewhere] for kept in drafts.all()]
            case _:
                drafts.close()
                return
        drafts.flush()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _main()
