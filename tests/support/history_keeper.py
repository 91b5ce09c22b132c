"""A process that records saves until it is killed: ``python -m tests.store.history_keeper FOLDER NAME [COUNT]``.

It says a line for each save that it has recorded: its number.
"""

import sys
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from wltui.config.edit import ConfigEdit
from wltui.core.records import ConfigId, ModelConfig, ModelVersion, Outcome, VersionId
from wltui.store.save_history import History

VERSION = ModelVersion(id=VersionId(16), model_name="model")


def main() -> None:
    folder, name, *numbers = sys.argv[1:]
    history = History(Path(folder), "owner", lambda: datetime.now(UTC))
    for number in range(int(numbers[0])) if numbers else count():
        base = ModelConfig(id=ConfigId(number + 1), batch_config="x" * 5_000)
        entry_id = history.begin(ConfigEdit(VERSION.id, base), VERSION, name)
        history.end(entry_id, Outcome.SAVED, ModelConfig(id=ConfigId(number + 2)))
        print(number, flush=True)


if __name__ == "__main__":
    main()
