"""Python imports this when it starts: delays what ``tests/support/stress.py`` delays, if the environment says so."""

import importlib.util
import os
import sys
from pathlib import Path

seed = os.environ.get("WLTUI_TEST_STRESS")
if seed:
    found = importlib.util.spec_from_file_location("stress", Path(__file__).parents[1] / "stress.py")
    assert found is not None
    assert found.loader is not None
    stress = importlib.util.module_from_spec(found)
    sys.modules["stress"] = stress
    found.loader.exec_module(stress)
    stress.begin(int(seed), " ".join(sys.orig_argv))
    stress.install(int(seed))
