"""How few keys hold most of a row, compiled: of long rows no running sums are written."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnviz.engine.compiled import compiled


@compiled
def fewest_keys(ascending: Any, rest: float) -> Any:
    """How few keys hold all of each row but this share of it, (heads, rows) int64, from attention
    in ascending order (heads, rows, K). Sums are float64, from the least on."""
    heads, rows, keys = ascending.shape
    counts = np.empty((heads, rows), np.int64)
    for head in range(heads):
        for i in range(rows):
            total = 0.0
            for j in range(keys):
                total += ascending[head, i, j]
            least, left_out = 0.0, 0
            while left_out < keys:
                least += ascending[head, i, left_out]
                if least > rest * total:
                    break
                left_out += 1
            counts[head, i] = keys - left_out
    return counts
