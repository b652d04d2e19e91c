"""Which token types a head connects: attention summed by the types of query and key, over the whole
corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.documents import Tokens
from attnviz.score import Array

TYPES: Final = 384
"""Types that are told apart on an axis, the most frequent ones: a table of all would grow with the
vocabulary."""

SHOWN: Final = 10
_ABOVE: Final = 1.05


@dataclass(frozen=True)
class Types:
    """The most frequent token types of an axis: their ids, ascending (n,), and their pieces of the
    vocabulary."""

    ids: Array
    texts: tuple[str, ...]

    def of(self, ids: Array) -> Array:
        """The number of each token's type, −1 for those not among them."""
        if not len(self.ids):
            return np.full(len(ids), -1)
        place = np.searchsorted(self.ids, ids).clip(max=len(self.ids) - 1)
        return np.where(self.ids[place] == ids, place, -1)


def frequent_types(documents: Iterable[Tokens | None]) -> Types:
    """The types of an axis; of those as frequent the smaller ids. Patches have none."""
    counts: Counter[int] = Counter()
    texts: dict[int, str] = {}
    for tokens in documents:
        if tokens is not None:
            own = tokens.ids.tolist()
            counts.update(own)
            texts |= dict(zip(own, tokens.texts, strict=True))
    counts.pop(-1, None)
    chosen = sorted(sorted(counts, key=lambda token: (-counts[token], token))[:TYPES])
    return Types(np.array(chosen, np.int64), tuple(texts[token] for token in chosen))


@dataclass(frozen=True)
class Pair:
    """Token types, the share of a head's attention between them, and how many times what equal
    attention would give."""

    query: str
    key: str
    share: float
    lift: float


class PairSums:
    """Attention by types of query and key: tables (heads, query types, key types), and what equal
    attention gives."""

    def __init__(self, heads: int, queries: Types, keys: Types) -> None:
        self.queries, self.keys = queries, keys
        size = len(queries.ids), len(keys.ids)
        self._sums = np.zeros((heads, *size))
        self._even = np.zeros((1, *size))
        self._total = np.zeros(heads)
        self._rows = 0

    def add(self, a: Array, allowed: Array, query: Array, key: Array) -> None:
        """Take in attention (heads, rows, K), what may be seen (rows, K), and types of rows (rows,)
        and keys (K,)."""
        self._total += a.sum((1, 2))
        self._rows += len(allowed)
        for table, weights in (
            (self._sums, a),
            (self._even, (allowed / allowed.sum(-1, keepdims=True))[None]),
        ):
            down, queries = _by_type(weights, query, 1)  # rows lie together, so they go first
            across, keys = _by_type(down, key, 2)
            table[:, queries[:, None], keys] += across

    def values(self) -> list[list[Pair]]:
        """For each head the pairs that say most of where it attends: by share · log(share / share
        if all were alike), which is their part in the divergence of its attention from equal
        attention."""
        found = []
        for own, total in zip(self._sums, self._total, strict=True):
            with np.errstate(invalid="ignore", divide="ignore"):
                share = own / total
                lift = share / (self._even[0] / self._rows)
                gain = np.where(lift > _ABOVE, share * np.log(lift), 0)
            best = np.argsort(-gain, axis=None, kind="stable")[:SHOWN]
            places = zip(*np.unravel_index(best, gain.shape), strict=True)
            found.append([self._pair(q, k, share, lift) for q, k in places if gain[q, k] > 0])
        return found

    def _pair(self, q: int, k: int, share: Array, lift: Array) -> Pair:
        return Pair(
            self.queries.texts[q], self.keys.texts[k], float(share[q, k]), float(lift[q, k])
        )


def _by_type(weights: Array, types: Array, axis: int) -> tuple[Array, Array]:
    """Sums of weights over tokens of the same type on an axis, and the types; tokens without one
    are left out."""
    kept = np.flatnonzero(types >= 0)
    order = kept[np.argsort(types[kept], kind="stable")]
    found, starts = np.unique(types[order], return_index=True)
    sorted_weights = weights.take(order, axis)
    return (np.add.reduceat(sorted_weights, starts, axis) if len(found) else sorted_weights), found


def pair_rows(pairs: Sequence[Sequence[Pair]]) -> list[list[tuple[str, str, float, float]]]:
    """The pairs of each head as JSON has them."""
    return [[(own.query, own.key, own.share, own.lift) for own in listed] for listed in pairs]
