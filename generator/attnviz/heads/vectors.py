"""Lengths of queries and keys, and how many dimensions their scores use."""

from __future__ import annotations

import numpy as np

from attnviz.heads.sums import Mean
from attnviz.score import Array


class VectorStatistics:
    """Sums over tokens; with grouped queries each head reads its kv head's."""

    def __init__(self, heads: int) -> None:
        self.heads = heads
        self._lengths: tuple[Mean, Mean] | None = None
        self._moments: tuple[Array, Array, Array] | None = None  # QᵀQ, KᵀK, ΣK

    def add(self, q: Array, k: Array) -> None:
        """Take in queries (heads, T, d) and keys (kv heads, K, d)."""
        q, k = q.astype(np.float64), k.astype(np.float64)
        if self._lengths is None or self._moments is None:
            self._lengths = Mean(len(q)), Mean(len(k))
            size = q.shape[-1]
            self._moments = (
                np.zeros((len(q), size, size)),
                np.zeros((len(k), size, size)),
                np.zeros((len(k), size)),
            )
        for mean, vectors in zip(self._lengths, (q, k), strict=True):
            mean.add(np.linalg.norm(vectors, axis=-1))
        for moment, own in zip(
            self._moments,
            (q.transpose(0, 2, 1) @ q, k.transpose(0, 2, 1) @ k, k.sum(1)),
            strict=True,
        ):
            moment += own

    def values(self) -> dict[str, Array]:
        """Columns (heads,); none where no vectors were taken in."""
        if self._lengths is None or self._moments is None:
            return {}
        queries, keys, key_sum = self._moments
        group = self.heads // len(keys)
        count = self._lengths[1].rows
        centred = keys - key_sum[:, :, None] * key_sum[:, None, :] / max(count, 1)
        ranks = [
            _effective_rank(queries[head], centred[head // group]) for head in range(self.heads)
        ]
        return {
            "query_norm": self._lengths[0].value(),
            "key_norm": np.repeat(self._lengths[1].value(), group),
            "effective_rank": np.array(ranks),
        }


def _effective_rank(queries: Array, keys: Array) -> float:
    """exp of the entropy of the singular values of Q Kᵀ, from QᵀQ and KᵀK (Roy & Vetterli 2007);
    NaN for zeros."""
    values, vectors = np.linalg.eigh(queries)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    singular = np.sqrt(np.linalg.eigvalsh(root @ keys @ root).clip(0))
    total = singular.sum()
    if not total > 0:
        return float("nan")
    share = singular[singular > 0] / total
    return float(np.exp(-(share * np.log(share)).sum()))
