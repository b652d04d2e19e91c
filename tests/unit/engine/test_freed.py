"""Memory that one stage of a build freed is the system's again in the next."""

import ctypes
import subprocess
import sys

import pytest

SCRIPT = """
import json, sys
import numpy as np, psutil, pyarrow as pa
from attnviz.engine.engine import Engine
from attnviz.engine.step import step

held = {}

def resident():
    return psutil.Process().memory_info().rss >> 20

@step("fill")
def fill(number: int) -> int:
    # Too small to be given back alone, and every hundredth stays: what is free lies between.
    arrays = [np.ones(8_000) for _ in range(4_000)]
    held["kept"] = arrays[::100]
    held["table"] = pa.array(np.arange(10_000_000)).take(pa.array(np.arange(10_000_000)))
    held["full"] = resident()
    del arrays, held["table"]
    held["freed"] = resident()
    return number

engine = Engine(sys.argv[1])
before = resident()
list(engine.each("fill", [fill.of(1)], [1.0]))
print(json.dumps([before, held["full"], resident()]))
"""


@pytest.mark.skipif(
    not hasattr(ctypes.CDLL(None), "malloc_trim") if sys.platform == "linux" else True,
    reason="only glibc can be asked for what lies free between what is in use",
)
def test_what_a_stage_frees_is_given_back(tmp_path):
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path)], capture_output=True, text=True, check=True
    )
    before, full, after = map(int, run.stdout.strip("[]\n").split(","))
    assert full > before + 300
    assert after < before + 100
