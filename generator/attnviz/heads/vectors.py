"""Lengths of queries and keys, and how many dimensions their scores use."""

from __future__ import annotations

from typing import Final

import numpy as np

from attnviz.heads.statistic import SeeingRows, StatisticColumn, VectorGroup
from attnviz.heads.sums import Mean, State
from attnviz.score import Array

_MOMENTS: Final = ("queries", "keys", "key_sum")


class VectorStatistics(VectorGroup):
    """Sums over tokens; with grouped queries each head reads its kv head's keys."""

    COLUMNS = (
        StatisticColumn(
            "query_norm", "Query length", "", "Length of query vectors, averaged over tokens."
        ),
        StatisticColumn(
            "key_norm", "Key length", "", "Length of key vectors, averaged over tokens."
        ),
        StatisticColumn(
            "effective_rank",
            "Effective rank",
            "dimensions",
            "How many dimensions scores use: the exponential of the entropy of the singular values "
            "of Q Kᵀ over the whole corpus, keys around their mean (Roy & Vetterli 2007).",
        ),
    )

    def __init__(self, heads: int) -> None:
        self.heads = heads
        # None until the number of kv heads is known.
        self._lengths: tuple[Mean, Mean] | None = None
        self._moments: tuple[Array, Array, Array] | None = None  # QᵀQ, KᵀK, ΣK

    def add(self, rows: SeeingRows) -> None:
        """Attention says nothing of these."""

    def add_vectors(self, q: Array, k: Array) -> None:
        q, k = q.astype(np.float64), k.astype(np.float64)
        if self._lengths is None or self._moments is None:
            size = q.shape[-1]
            self._lengths = Mean(len(q)), Mean(len(k))
            self._moments = (
                np.zeros((len(q), size, size)),
                np.zeros((len(k), size, size)),
                np.zeros((len(k), size)),
            )
        for mean, vectors in zip(self._lengths, (q, k), strict=True):
            mean.add(np.linalg.norm(vectors, axis=-1))
        sums = (q.transpose(0, 2, 1) @ q, k.transpose(0, 2, 1) @ k, k.sum(1))
        for moment, document in zip(self._moments, sums, strict=True):
            moment += document

    def state(self) -> dict[str, Array]:
        """Nothing where there were no vectors."""
        return super().state() | dict(zip(_MOMENTS, self._moments or (), strict=False))

    def merge(self, state: State, documents: Array) -> None:
        if not state:
            return
        queries, keys, key_sum = (state[name] for name in _MOMENTS)
        if self._moments is None:
            self._lengths = Mean(len(queries)), Mean(len(keys))
            self._moments = np.zeros_like(queries), np.zeros_like(keys), np.zeros_like(key_sum)
        super().merge(state, documents)
        for moment, of_part in zip(self._moments, (queries, keys, key_sum), strict=True):
            moment += of_part

    def values(self) -> dict[str, Array]:
        if self._lengths is None or self._moments is None:
            return {}
        queries, keys, key_sum = self._moments
        group = self.heads // len(keys)
        # Σ (k − mean)(k − mean)ᵀ = Σ k kᵀ − (Σ k)(Σ k)ᵀ / n.
        count = max(self._lengths[1].rows, 1)
        centred = keys - key_sum[:, :, None] * key_sum[:, None, :] / count  # (kv head, d, d)
        ranks = [
            _effective_rank(queries[head], centred[head // group]) for head in range(self.heads)
        ]
        return {
            "query_norm": self._lengths[0].value(),
            "key_norm": np.repeat(self._lengths[1].value(), group),
            "effective_rank": np.array(ranks),
        }


def _effective_rank(queries: Array, keys: Array) -> float:
    """exp of the entropy of the singular values of Q Kᵀ, from QᵀQ and KᵀK, (d, d) each (Roy &
    Vetterli 2007); NaN where all are 0."""
    # The singular values of Q Kᵀ are the roots of the eigenvalues of (QᵀQ)^½ KᵀK (QᵀQ)^½.
    values, vectors = np.linalg.eigh(queries)
    root = (vectors * np.sqrt(values.clip(0))) @ vectors.T
    singular = np.sqrt(np.linalg.eigvalsh(root @ keys @ root).clip(0))
    total = singular.sum()
    if not total > 0:
        return float("nan")
    share = singular[singular > 0] / total
    return float(np.exp(-(share * np.log(share)).sum()))
