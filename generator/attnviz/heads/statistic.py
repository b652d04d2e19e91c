"""What a statistic is: columns that people read, and a group of sums over rows that makes them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, replace
from functools import cached_property
from typing import ClassVar

import numpy as np

from attnviz.heads.offsets import DistanceSums, distance_sums
from attnviz.heads.sums import Count, Sums
from attnviz.heads.traits import Traits
from attnviz.score import Array, Intervals


@dataclass(frozen=True)
class StatisticColumn:
    """A column of every head's statistics, with what it means for people."""

    name: str
    title: str
    unit: str
    description: str


@dataclass(frozen=True)
class Block:
    """Rows of one document: attention (heads, rows, K), what they may see, and the document's
    traits; lengths of the keys' values (kv heads, K) where they are known; and `content`, a number
    that follows from what the document holds, by which examples are drawn.

    In cross-attention (`cross`) positions of queries and keys are of different sequences, so what
    compares them is not defined.
    """

    document: int
    attention: Array
    intervals: Intervals
    traits: Traits
    cross: bool = False
    values: Array | None = None
    content: int = 0

    def near(self) -> Block:
        """The same rows without the keys after the last one that any of them may see, as far as
        these stand after the rows too: half of all, in long causal documents."""
        intervals = self.intervals.near()
        keys = max(intervals.keys, 0 if self.cross else intervals.first + len(intervals.lo))
        if keys >= self.intervals.keys:
            return self
        return replace(
            self,
            attention=self.attention[..., :keys],
            intervals=replace(intervals, keys=keys),
            traits=self.traits.near(keys),
            values=None if self.values is None else self.values[..., :keys],
        )


@dataclass(frozen=True)
class SeeingRows:
    """The rows of a block that may see a key.

    attention (heads, rows, K) is float64, stored the same as it came, float32 where it can be (it
    is sorted in half the time); allowed (rows, K) says which keys a row may see, visible
    (rows,) how many those are; at (rows,) are the queries' positions in the document, ascending.
    """

    attention: Array
    stored: Array
    allowed: Array
    visible: Array
    at: Array
    block: Block

    @classmethod
    def of(cls, block: Block) -> SeeingRows | None:
        """None where no row of the block may see a key."""
        rows = np.flatnonzero(block.intervals.defined)
        if not len(rows):
            return None
        allowed = block.intervals.allowed()[rows]  # (row, key)
        stored = block.attention.take(rows, 1)  # (head, row, key), as it lies in memory
        return cls(
            attention=stored.astype(np.float64),
            stored=stored,
            allowed=allowed,
            visible=allowed.sum(-1),
            at=rows + block.intervals.first,
            block=block,
        )

    @property
    def traits(self) -> Traits:
        """Those of the document."""
        return self.block.traits

    @cached_property
    def entropy(self) -> Array:
        """−Σ a log a over the keys of each row, (heads, rows), in nats."""
        a = self.attention
        logs = np.log(a, where=a > 0, out=np.zeros_like(a))
        entropy: Array = -np.einsum("hrk,hrk->hr", a, logs)
        return entropy

    @cached_property
    def distances(self) -> DistanceSums:
        """Sums by how far keys are from their queries."""
        return distance_sums(self.attention, self.at)

    def weighted(self, weights: Array) -> Array:
        """Sums over keys, (heads, rows), of attention times weights that are the same for all
        heads, (rows, K)."""
        sums: Array = np.einsum("hrk,rk->hr", self.attention, weights.astype(np.float64))
        return sums


def where_rows(array: Array, rows: Array) -> Array:
    """An array (heads, rows, …) at these rows (rows,) bool: itself, if that is all of them."""
    return array if rows.all() else array.compress(rows, 1)


class StatisticGroup(Sums, ABC):
    """Statistics that are summed up together, over rows in any order. What it sums up stands in
    attributes that are sums themselves, so that batches can be put together."""

    COLUMNS: ClassVar[tuple[StatisticColumn, ...]]

    @abstractmethod
    def __init__(self, heads: int) -> None: ...

    @abstractmethod
    def add(self, rows: SeeingRows) -> None:
        """Take in rows of a document."""

    @abstractmethod
    def values(self) -> dict[str, Array]:
        """The columns by name, (heads,) float64 each: NaN where no row defines a statistic. A
        column that does not apply may be left out."""

    def evidence(self) -> dict[str, Array]:
        """What labels go by, by name, (heads,): statistics over rows that see at least 8 keys."""
        return {}

    def counts(self) -> dict[str, Count]:
        """By name, what the columns are means over, as far as they are: how much one changes if
        attention does follows from it."""
        return {}

    def evidence_counts(self) -> dict[str, Count]:
        """The same of what labels go by."""
        return {}


class VectorGroup(StatisticGroup):
    """Statistics that need more than attention; they have no columns where they are not given
    it."""

    def add_vectors(self, q: Array, k: Array) -> None:
        """Take in a document's queries (heads, T, d) and keys (kv heads, K, d)."""

    def add_values(self, norms: Array) -> None:
        """Take in the lengths of a document's values, (kv heads, K)."""
