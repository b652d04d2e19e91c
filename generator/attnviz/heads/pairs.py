"""Which token types a head connects: attention summed by the types of query and key, over the whole
corpus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.documents import Tokens
from attnviz.documents.token_names import name_type
from attnviz.heads.sums import State, Sums
from attnviz.score import Array

TYPES: Final = 384
"""Types that are told apart on an axis, the most frequent ones: a table of all would grow with the
vocabulary."""

MOST: Final = 1024
"""Types that are told apart in a part of a corpus, beside those that are frequent in all of it."""

SHOWN: Final = 10
_ABOVE: Final = 1.05
"""The lift from which a pair counts."""


@dataclass(frozen=True)
class Types:
    """The most frequent token types of an axis: their ids (n,), ascending, and the characters that
    they stand for."""

    ids: Array
    texts: tuple[str, ...]

    def of(self, ids: Array) -> Array:
        """The number of each token's type, int64, −1 for tokens of other types."""
        if not len(self.ids):
            return np.full(len(ids), -1)
        place = np.searchsorted(self.ids, ids).clip(max=len(self.ids) - 1)
        return np.where(self.ids[place] == ids, place, -1)


def frequent_types(documents: Iterable[Tokens | None]) -> Types:
    """The most frequent types of an axis; among those as frequent the smaller ids. Patches have
    none."""
    counts: Counter[int] = Counter()
    readings: dict[int, tuple[str, str]] = {}  # piece, and characters of an occurrence
    names: dict[int, set[str]] = {}
    for tokens in documents:
        if tokens is not None:
            ids = tokens.ids.tolist()
            counts.update(ids)
            pairs = zip(tokens.texts, tokens.characters, strict=True)
            readings |= dict(zip(ids, pairs, strict=True))
            for token, name in zip(ids, tokens.names, strict=True):
                if name is not None:
                    names.setdefault(token, set()).add(name)
    counts.pop(-1, None)
    frequent = sorted(sorted(counts, key=lambda token: (-counts[token], token))[:TYPES])
    texts = (name_type(*readings[token], names.get(token, ())) for token in frequent)
    return Types(np.array(frequent, np.int64), tuple(texts))


@dataclass(frozen=True)
class Pair:
    """Two token types, the share of a head's attention from one to the other, and how many times
    that is what equal attention would give."""

    query: str
    key: str
    share: float
    lift: float


def types_in(documents: Iterable[Tokens | None], frequent: Types) -> Array:
    """The ids of the types to tell apart in a part of a corpus, ascending: all that it has, so that
    they do not depend on other parts; of more than `MOST` the most frequent there, and those that
    are frequent in the corpus."""
    counts: Counter[int] = Counter()
    for tokens in documents:
        if tokens is not None:
            counts.update(tokens.ids.tolist())
    counts.pop(-1, None)
    most = sorted(counts, key=lambda token: (-counts[token], token))[:MOST]
    return np.array(sorted({*most, *(counts.keys() & set(frequent.ids.tolist()))}), np.int64)


class PairSums(Sums):
    """Attention by types of query and key, (heads, query types, key types), and what equal
    attention would give, (1, query types, key types)."""

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
        from attnviz.heads.pair_counting import add_pairs  # numba takes half a second to import

        self._total += a.sum((1, 2))
        self._rows += len(allowed)
        even = (allowed / allowed.sum(-1, keepdims=True))[None]  # (1, row, key)
        for sums, weights in ((self._sums, a), (self._even, even)):
            add_pairs(sums, np.ascontiguousarray(weights), query, key)

    def state(self) -> dict[str, Array]:
        """The sums of the pairs that there were, (heads, pairs) float32, and of equal attention,
        (pairs,); `pairs` are places in a table of the types of `queries` by those of `keys`, which
        are ids."""
        pairs = np.flatnonzero(self._even)
        return {
            "queries": self.queries.ids,
            "keys": self.keys.ids,
            "pairs": pairs.astype(np.int32),
            "sums": self._sums.reshape(len(self._sums), -1)[:, pairs].astype(np.float32),
            "even": self._even.ravel()[pairs],
            "total": self._total,
            "rows": np.array(float(self._rows)),
        }

    def merge(self, state: State, documents: Array) -> None:
        keys = state["keys"]
        query = self.queries.of(state["queries"])[state["pairs"] // max(1, len(keys))]
        key = self.keys.of(keys)[state["pairs"] % max(1, len(keys))]
        both = (query >= 0) & (key >= 0)
        self._sums[:, query[both], key[both]] += state["sums"][:, both]
        self._even[0, query[both], key[both]] += state["even"][both]
        self._total += state["total"]
        self._rows += int(state["rows"])

    def values(self) -> list[list[Pair]]:
        """For each head at most ten pairs, those that say most of where it attends first: by
        share · log(share / share if all keys were alike), which is a pair's part in the divergence
        of the head's attention from equal attention."""
        pairs = []
        for sums, total in zip(self._sums, self._total, strict=True):
            with np.errstate(invalid="ignore", divide="ignore"):
                share = sums / total  # (query type, key type)
                lift = share / (self._even[0] / self._rows)
                gain = np.where(lift > _ABOVE, share * np.log(lift), 0)
            best = np.argsort(-gain, axis=None, kind="stable")[:SHOWN]
            places = zip(*np.unravel_index(best, gain.shape), strict=True)
            pairs.append([self._pair(q, k, share, lift) for q, k in places if gain[q, k] > 0])
        return pairs

    def measured(self, head: int, query: str, key: str) -> tuple[float, float]:
        """The share and the lift of one head's attention between two types, by their texts; 0 where
        there are none such."""
        if query not in self.queries.texts or key not in self.keys.texts:
            return 0.0, 0.0
        place = self.queries.texts.index(query), self.keys.texts.index(key)
        share = float(self._sums[head][place] / self._total[head])
        even = float(self._even[0][place] / self._rows)
        return share, share / even if even else 0.0

    def _pair(self, q: int, k: int, share: Array, lift: Array) -> Pair:
        return Pair(
            self.queries.texts[q], self.keys.texts[k], float(share[q, k]), float(lift[q, k])
        )


def pair_rows(pairs: Sequence[Sequence[Pair]]) -> list[list[tuple[str, str, float, float]]]:
    """The pairs of each head as JSON has them."""
    return [
        [(pair.query, pair.key, pair.share, pair.lift) for pair in of_head] for of_head in pairs
    ]
