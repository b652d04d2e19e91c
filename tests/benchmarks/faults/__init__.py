"""What a build and a report stand: kills, flipped bits, broken inputs, hostile texts, damaged
caches, two builds at once, full disks, folders that may not be written."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.figures import Figure, Result


def measure(*options: str) -> Result:
    """the campaign of faults: how many of each kind were tried, held and failed, against all"""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "figures.json")
        command = [sys.executable, "-m", "tests.benchmarks.faults", "--json", str(file), *options]
        subprocess.run(command, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"})
        kinds = json.loads(file.read_text("utf-8"))["kinds"]
    rows = [
        (kind["kind"], kind["tried"], kind["held"], kind["failed"], kind["seconds"])
        for kind in kinds
    ]
    figures = [
        Figure(f"{kind['kind']}, held", kind["held"], "", "tried", kind["tried"], 1, at_least=True)
        for kind in kinds
    ]
    return Result(("kind", "tried", "held", "failed", "seconds"), rows, figures)
