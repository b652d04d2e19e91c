"""Statistics of each head, streamed over the whole corpus in blocks of rows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.heads.agreement import Agreement
from attnviz.heads.carried import CarriedStatistics
from attnviz.heads.catalogue import SINK, TEXT
from attnviz.heads.deciles import Deciles
from attnviz.heads.grid import GridStatistics
from attnviz.heads.offset_profile import OffsetProfile
from attnviz.heads.pairs import Pair, PairSums, Types
from attnviz.heads.sums import Mean
from attnviz.heads.traits import Traits
from attnviz.heads.vectors import VectorStatistics
from attnviz.score import Array, Intervals

LEAST: Final = 8
"""Keys that a row must see to be evidence for a label: with few keys every pattern is every
other."""

REACH: Final = 3
_HELD: Final = 0.9

EVIDENCE: Final = (
    "previous",
    "next",
    "self",
    "first",
    "separator",
    "punctuation",
    "near",
    "evenness",
)


@dataclass(frozen=True)
class Block:
    """Rows of one document: attention (heads, rows, K), what they may see, and the document's
    traits; lengths of the keys' values (kv heads, K) where they are known.

    In cross-attention (`cross`) positions of queries and keys are of different sequences, so what
    compares them is not defined.
    """

    document: int
    attention: Array
    intervals: Intervals
    traits: Traits
    cross: bool = False
    values: Array | None = None


class HeadStatistics:
    """Collects the statistics of one layer's heads: `add` blocks and vectors, then ask for what was
    found.

    `types` are those of queries and of keys that pairs are counted of.
    """

    def __init__(
        self, heads: int, sinks: bool = False, types: tuple[Types, Types] | None = None
    ) -> None:
        self.heads = heads
        names = [statistic.name for statistic in TEXT] + ([SINK.name] if sinks else [])
        self._means = {name: Mean(heads) for name in names}
        self._squared_distance = Mean(heads)
        self._evidence = {name: Mean(heads) for name in EVIDENCE}
        self._profile = OffsetProfile(heads)
        self._grid = GridStatistics(heads)
        self._vectors = VectorStatistics(heads)
        self._carried = CarriedStatistics(heads)
        self._agreement = Agreement(heads)
        self._deciles = Deciles(heads)
        self._pairs = PairSums(heads, *types) if types else None
        self._focus: dict[int, Mean] = {}

    def add_vectors(self, q: Array, k: Array) -> None:
        """Take in a document's queries (heads, T, d) and keys (kv heads, K, d)."""
        self._vectors.add(q, k)

    def add_values(self, norms: Array) -> None:
        """Take in the lengths of a document's values, (kv heads, K)."""
        self._carried.add_values(norms)

    def add(self, block: Block) -> None:
        """Take in a document or a block of its rows."""
        rows = np.flatnonzero(block.intervals.defined)
        if not len(rows):
            return
        a = block.attention[:, rows].astype(np.float64)
        allowed = block.intervals.allowed()[rows]
        at = rows + block.intervals.first
        seen = allowed.sum(-1)
        self._add_spread(a, seen, block.document)
        self._add_largest(np.sort(block.attention[:, rows], axis=-1))
        if not block.cross:
            self._add_places(a, allowed, at, seen)
            self._grid.add(a, at, block.traits)
            self._agreement.add(a, allowed, at, block.traits.labels)
        self._add_kinds(a, allowed, at, block)
        if block.traits.ids is not None:
            self._add_same(a, allowed, at, block.traits.ids)
        if self._pairs is not None and block.traits.types is not None:
            query, key = block.traits.types
            self._pairs.add(a, allowed, query[at], key)
        if SINK.name in self._means:
            self._means[SINK.name].add(1 - a.sum(-1))

    def _add_kinds(self, a: Array, allowed: Array, at: Array, block: Block) -> None:
        """Attention on the first token, separators and punctuation, and that weighted by values."""
        seen, separator = allowed.sum(-1), block.traits.separator
        later: Array = allowed[:, 0] & (at > 0)
        some: Array = np.any(allowed & separator, axis=-1)
        marked: Array = np.any(allowed & block.traits.punctuation, axis=-1)
        self._take("first", a[:, later, 0], seen[later])
        self._take("separator", a[:, some][..., separator].sum(-1), seen[some])
        self._take("punctuation", a[:, marked][..., block.traits.punctuation].sum(-1), seen[marked])
        if block.values is not None:
            self._carried.add(a, block.values, later, separator, some)

    def _take(self, name: str, values: Array, seen: Array) -> None:
        """Values (heads, rows) of a statistic that is evidence too, of rows that may see so many
        keys."""
        self._means[name].add(values)
        self._evidence[name].add(values[:, seen >= LEAST])

    def _add_spread(self, a: Array, seen: Array, document: int) -> None:
        """Entropy and evenness."""
        entropy = -np.einsum("hrk,hrk->hr", a, np.log(a, where=a > 0, out=np.zeros_like(a)))
        several = seen > 1
        even = entropy[:, several] / np.log(seen[several])
        self._means["entropy"].add(entropy)
        self._deciles.add(entropy)
        self._take("evenness", even, seen[several])
        self._focus.setdefault(document, Mean(self.heads)).add(1 - even)

    def _add_largest(self, ascending: Array) -> None:
        """The largest weight, and how few keys hold most: those that are left without the least
        that hold the rest."""
        self._means["top"].add(ascending[..., -1].astype(np.float64))
        least = ascending.astype(np.float64)
        np.cumsum(least, axis=-1, out=least)
        self._means["keys90"].add((least > (1 - _HELD) * least[..., -1:]).sum(-1))

    def _add_places(self, a: Array, allowed: Array, at: Array, seen: Array) -> None:
        """What compares the places of queries and keys."""
        offset = np.arange(a.shape[-1]) - at[:, None]  # (rows, K): j − i
        apart = np.abs(offset)
        self._means["distance"].add(_weighted(a, apart))
        self._squared_distance.add(_weighted(a, apart**2))
        for name, wanted in (("previous", -1), ("self", 0), ("next", 1)):
            row, key = np.nonzero(allowed & (offset == wanted))
            self._take(name, a[:, row, key], seen[row])
        self._take("near", _weighted(a, apart <= REACH), seen)
        enough = seen >= LEAST
        self._profile.add(a[:, enough], at[enough], allowed[enough])

    def _add_same(self, a: Array, allowed: Array, at: Array, ids: Array) -> None:
        """Attention on tokens of the query's own id."""
        same = (ids[at][:, None] == ids) & (ids >= 0)
        itself = np.arange(len(ids)) == at[:, None]
        own = (allowed & itself & same).any(-1)
        self._means["same_token"].add(_weighted(a, same)[:, own])
        other = same & ~itself
        twice = (allowed & other).any(-1)
        self._means["duplicate"].add(_weighted(a, other)[:, twice])

    def values(self) -> list[dict[str, float | None]]:
        """One mapping a head, in nats, tokens and shares; None where no row defines a statistic."""
        columns = {name: mean.value() for name, mean in self._means.items()}
        columns["entropy_deviation"] = self._means["entropy"].deviation()
        with np.errstate(invalid="ignore"):
            spread = self._squared_distance.value() - columns["distance"] ** 2
            columns["distance_deviation"] = np.sqrt(spread.clip(0))
        columns["positional"] = self._profile.explained()
        columns |= (
            self._vectors.values()
            | self._grid.values()
            | self._carried.values()
            | self._agreement.values()
        )
        return by_head(columns, self.heads)

    def evidence(self) -> list[dict[str, float | None]]:
        """What labels are given by: the same over rows that may see at least 8 keys, one mapping a
        head."""
        columns = {name: mean.value() for name, mean in self._evidence.items()}
        return by_head(columns | {"positional": self._profile.explained()}, self.heads)

    def profiles(self) -> list[list[float | None]]:
        """Mean attention at each offset j − i from −16 to 16, one list a head."""
        return self._profile.values()

    def deciles(self) -> list[list[float]]:
        """For each head the least entropy of a row, by tenths of all rows, to the largest, in
        nats."""
        return self._deciles.values()

    def pairs(self) -> list[list[Pair]]:
        """For each head the token types that it connects."""
        return [[] for _ in range(self.heads)] if self._pairs is None else self._pairs.values()

    def typical(self) -> tuple[list[list[int]], list[list[float | None]]]:
        """For each head eleven documents, from the one it is most focused in down by tenths to the
        least, and how focused it is in each: 1 − evenness, averaged over rows."""
        documents = sorted(self._focus)
        if not documents:
            return [[] for _ in range(self.heads)], [[] for _ in range(self.heads)]
        focus = np.stack(
            [self._focus[document].value() for document in documents]
        )  # (documents, heads)
        order = np.argsort(-np.nan_to_num(focus, nan=-1.0), 0, kind="stable")
        steps = np.rint(np.linspace(0, len(documents) - 1, 11)).astype(int)
        chosen = order[steps]  # (11, heads)
        values = np.take_along_axis(focus, chosen, 0)
        return (
            [[documents[i] for i in chosen[:, head]] for head in range(self.heads)],
            [
                [None if np.isnan(x) else float(x) for x in values[:, head]]
                for head in range(self.heads)
            ],
        )


def _weighted(a: Array, by: Array) -> Array:
    """Sums over keys, (heads, rows), of attention times what is the same for all heads, (rows,
    K)."""
    sums: Array = np.einsum("hrk,rk->hr", a, by.astype(np.float64))
    return sums


def by_head(columns: dict[str, Array], heads: int) -> list[dict[str, float | None]]:
    """Columns (heads,) as one mapping a head, None for what is not a number."""
    return [
        {
            name: None if np.isnan(column[head]) else float(column[head])
            for name, column in columns.items()
        }
        for head in range(heads)
    ]
