"""Attention summed by the types of its tokens, in one pass, compiled."""

from __future__ import annotations

from typing import Any

from attnviz.engine.compiled import compiled


@compiled
def add_pairs(sums: Any, attention: Any, query: Any, key: Any) -> None:
    """Add attention (heads, rows, K) to the sums (heads, query types, key types) of its pairs;
    query (rows,) and key (K,) are numbers of types, below 0 for tokens that are left out."""
    heads, rows, keys = attention.shape
    for head in range(heads):
        for i in range(rows):
            if query[i] < 0:
                continue
            of_query = sums[head, query[i]]
            for j in range(keys):
                if key[j] >= 0:
                    of_query[key[j]] += attention[head, i, j]
