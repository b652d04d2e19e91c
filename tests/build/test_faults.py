"""A few tries of each kind of the campaign of faults, which `make bench BENCH=faults` makes in
full: nothing lost, nothing shown that is not so, no trace, no hang."""

import json
import os
import subprocess
import sys
from pathlib import Path

COUNTS = {
    "kills": 4,
    "flips": 30,
    "inputs": 10,
    "strings": 3,
    "cache": 3,
    "two-builds": 2,
    "full-disk": 3,
    "read-only": 4,
}


def test_a_few_of_each_kind_hold(tmp_path):
    counts = [f"--{kind}={count}" for kind, count in COUNTS.items()]
    figures = tmp_path / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.faults", "--json", figures, *counts],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert figures.exists(), done.stderr
    kinds = json.loads(figures.read_text("utf-8"))["kinds"]
    assert {kind["kind"]: kind["tried"] for kind in kinds} == COUNTS
    assert [kind["faults"] for kind in kinds if kind["failed"]] == [], done.stdout
    assert done.returncode == 0
