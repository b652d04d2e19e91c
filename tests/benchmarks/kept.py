"""What of the attention a report keeps, and in how many bytes, beside the rule of HeadVis: the
eight strongest keys of a row, of those with at least 0.005.

HeadVis writes JSON. Here its entries are counted as if they were packed as tightly as query, key
and weight can be: five bytes. So its bytes are a bound from below.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.processes import run

CORPORA = Path(__file__).parents[2] / "corpora"
MODELS = {"MiniLM, an encoder": "quickstart.yaml", "induction, causal": "induction.yaml"}


def measure() -> Result:
    """attention that is kept and its bytes, against the eight strongest keys of each row: MiniLM on
    the quickstart's texts, and a small causal model"""
    rows, figures = [], []
    for model, corpus in MODELS.items():
        with tempfile.TemporaryDirectory() as folder:
            kept = run("kept", corpus=str(CORPORA / corpus), folder=folder).result
        rows += [
            (f"{model}: attnviz", kept["ours"], kept["our_bytes"] / 1e6, None),
            (f"{model}: top 8", kept["top"], kept["top_bytes"] / 1e6, kept["top_longest"]),
        ]
        figures += [
            Figure(f"{model}, kept", kept["ours"], "", "top 8", kept["top"], 1, at_least=True),
            Figure(
                f"{model}, bytes",
                *(kept["our_bytes"] / 1e6, "MB", "top 8", kept["top_bytes"] / 1e6),
                expected=2,
            ),
        ]
    columns = ("", "share kept", "MB of attention", "kept in the longest document")
    return Result(columns, rows, figures)
