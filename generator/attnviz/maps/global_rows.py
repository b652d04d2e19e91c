"""Global rows: what queries would attend to among keys drawn from the whole corpus,
softmax(q·k·scaling) under the rule's soft cap, without mask or bias by position. They tie the
documents into one picture."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch

from attnviz.maps.row_blocks import Blocks
from attnviz.score import Array

ROWS: Final = 128
KEYS: Final = 512


def global_blocks(
    q: Array,
    k: Array,
    *,
    scaling: float,
    softcap: float | None,
    seed: int,
    shape: tuple[int, int] = (ROWS, KEYS),
) -> list[Blocks]:
    """Blocks of global rows of queries (heads, points, d) over random keys (kv heads, points, d):
    each query is in one, and a few of the last block in two. `shape` is most rows and keys of a
    block."""
    heads, points, _ = q.shape
    group = heads // len(k)
    rng = np.random.default_rng(seed)
    rows, count = min(shape[0], points), min(shape[1], k.shape[1])
    starts = sorted({*range(0, points - rows + 1, rows), points - rows})
    order = rng.permutation(points)
    queries_at = np.stack([order[start : start + rows] for start in starts])  # (n, row)
    keys_at = np.stack([rng.choice(k.shape[1], count, replace=False) for _ in starts])  # (n, key)
    target = torch.empty(len(starts), heads, rows, count)
    queries, keys = torch.from_numpy(q), torch.from_numpy(k)
    for i, (block_queries, block_keys) in enumerate(zip(queries_at, keys_at, strict=True)):
        by_head = keys[:, block_keys].repeat_interleave(group, 0)  # (head, key, d)
        scores = torch.bmm(queries[:, block_queries], by_head.transpose(1, 2)) * scaling
        if softcap is not None:
            scores = softcap * torch.tanh(scores / softcap)
        target[i] = torch.softmax(scores, -1)  # (head, row, key)
    return [
        Blocks(
            queries=torch.from_numpy(queries_at),
            keys=torch.from_numpy(keys_at)[:, None],
            target=target,
            weight=torch.ones(len(starts), heads, rows),
        )
    ]
