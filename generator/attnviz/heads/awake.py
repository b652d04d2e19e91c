"""What heads do besides resting: statistics with sinks and special tokens left out.

Of row i, M_i is the attention on keys that it does not rest on (`heads.resting`), 1 − M_i what
rests; b_ij = a_ij / M_i is the row made to sum to 1 again. A mean over rows is weighted by M_i, so
Σ M_i x(b_i) / Σ M_i: a row that rests says little of what a head does besides, and the little that
is stored of it is true to fewer digits. For a sum over keys of some kind, this is the attention on
them over the attention that does not rest. Rows of special tokens are left out, as are rows that
may see nothing else than keys to rest on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar, Final

import numpy as np

from attnviz.heads.agreement import PREFIX, Agreement, agreement_column
from attnviz.heads.offset_profile import WeightedProfile
from attnviz.heads.offsets import at_offset, distance_sums
from attnviz.heads.pairs import Types
from attnviz.heads.positions import OFFSETS, Distances, Locality
from attnviz.heads.spread import LargestWeights, Spread, keys_for_most
from attnviz.heads.statistic import SeeingRows, StatisticColumn, StatisticGroup, where_rows
from attnviz.heads.sums import LEAST, ArraySums, Count, Mean, Ratio, Sums
from attnviz.heads.token_kinds import SameToken, TokenKinds
from attnviz.heads.waking import Waking, WakingTokens
from attnviz.score import Array

AWAKE: Final = "awake_"
"""What begins the names of statistics that leave out where a head rests."""
LEAST_AWAKE: Final = 0.01
"""The share of attention, in the rows that a statistic is over, that has to be on other keys: of
less, nothing is said."""
HALF: Final = 0.5
NARROW: Final = 1 / 64
"""Rows within this of one half may be asleep or awake by what storage has changed."""

_LEFT_OUT: Final = frozenset(("first", "separator"))
"""Statistics of keys that are left out."""


def awake_column(column: StatisticColumn) -> StatisticColumn:
    """The column of a statistic where sinks and special tokens are left out."""
    return StatisticColumn(
        f"{AWAKE}{column.name}",
        f"{column.title}, awake",
        column.unit,
        f"{column.description} Of what does not rest: rows are made to sum to 1 again, and count "
        "by what was left of them.",
    )


_BASES: Final = tuple(
    column
    for group in (Spread, Distances, TokenKinds, SameToken, Locality, LargestWeights)
    for column in group.COLUMNS
    if column.name not in _LEFT_OUT
)
_EVIDENCE: Final = ("evenness", *OFFSETS, "punctuation", "near")
_MEANS: Final = tuple(column.name for column in _BASES if column.name not in _EVIDENCE)


@dataclass(frozen=True)
class AwakeRows:
    """Rows with nothing on the keys that attention rests on: attention (heads, rows, K), 0 there;
    mass (heads, rows), what is left of each row; entropy (heads, rows), mass times the entropy of
    what is left, in nats; which of the other keys a row may see, (rows, K), and how many those are,
    (rows,); `at` (rows,), the queries' places."""

    attention: Array
    mass: Array
    entropy: Array
    allowed: Array
    visible: Array
    at: Array
    source: SeeingRows

    @classmethod
    def of(cls, rows: SeeingRows) -> AwakeRows | None:
        """None where no row may see a key that attention does not rest on."""
        traits = rows.traits
        resting = (
            np.zeros(rows.allowed.shape[1], bool) if traits.resting is None else (traits.resting)
        )
        allowed = rows.allowed & ~resting  # (row, key)
        visible = allowed.sum(-1)
        kept = visible > 0
        if traits.special_queries is not None:
            kept &= ~traits.special_queries[rows.at]
        if not kept.any():
            return None
        attention = rows.attention.compress(kept, 1)  # (head, row, key), a copy
        rest = attention[..., resting]
        mass = (attention.sum(-1) - rest.sum(-1)).clip(0)
        logs = np.log(rest, where=rest > 0, out=np.zeros_like(rest))
        # Σ a log a of all keys is summed once; of the few that rest it is taken off.
        spread = rows.entropy[:, kept] + np.einsum("hrk,hrk->hr", rest, logs)
        entropy = spread + mass * np.log(mass, where=mass > 0, out=np.zeros_like(mass))
        attention[..., resting] = 0
        return cls(
            attention=attention,
            mass=mass,
            entropy=entropy.clip(0),
            allowed=allowed[kept],
            visible=visible[kept],
            at=rows.at[kept],
            source=replace(rows, at=rows.at[kept]),
        )

    def weighted(self, weights: Array) -> Array:
        """Sums over keys, (heads, rows), of attention times weights (rows, K)."""
        sums: Array = np.einsum("hrk,rk->hr", self.attention, weights.astype(np.float64))
        return sums


class AwakeMeans(Sums):
    """Means by name over rows that count by their mass, and over those of them that see at least 8
    keys besides, which are evidence for labels."""

    def __init__(self, heads: int, names: tuple[str, ...], evidence: tuple[str, ...]) -> None:
        self._all = {name: RowRatio(heads) for name in (*names, *evidence)}
        self._evidence = {name: RowRatio(heads) for name in evidence}

    def add(self, name: str, parts: Array, rows: AwakeRows, where: Array | None = None) -> None:
        """Take in parts (heads, rows) of the mass of those rows `where` the name has a meaning,
        (rows,), by default all."""
        mass, visible = rows.mass, rows.visible
        if where is not None:
            parts, mass, visible = parts[:, where], mass[:, where], visible[where]
        self._all[name].add_rows(parts, mass)
        if name in self._evidence:
            enough = visible >= LEAST
            self._evidence[name].add_rows(parts[:, enough], mass[:, enough])

    def values(self) -> dict[str, Array]:
        return {name: ratio.value() for name, ratio in self._all.items()}

    def evidence(self) -> dict[str, Array]:
        return {name: ratio.value() for name, ratio in self._evidence.items()}

    def counts(self) -> dict[str, Count]:
        return {name: ratio.total for name, ratio in self._all.items()}

    def evidence_counts(self) -> dict[str, Count]:
        return {name: ratio.total for name, ratio in self._evidence.items()}

    def shares(self) -> dict[str, Array]:
        """Of the rows that each is over, how much is awake, (heads,)."""
        return {name: ratio.total / max(1, ratio.rows) for name, ratio in self._all.items()}


class RowRatio(Ratio):
    """One sum over another, and the rows that both are over."""

    SUMMED: ClassVar[tuple[str, ...]] = (*Ratio.SUMMED, "rows")
    rows: float = 0

    def add_rows(self, parts: Array, totals: Array) -> None:
        """Take in values (heads, rows)."""
        self.add(parts.sum(-1), totals.sum(-1))
        self.rows += totals.shape[-1]

    def value(self) -> Array:
        """(heads,), NaN where too little of the rows is awake."""
        return np.where(self.total >= LEAST_AWAKE * max(1, self.rows), super().value(), np.nan)


class RowsAtRest(ArraySums):
    """How many rows may see a key to rest on."""

    SUMMED = ("rows",)
    rows: float = 0


def _rest(beside: str) -> StatisticColumn:
    """The column of what rests, on keys and `beside` them."""
    return StatisticColumn(
        "rest",
        "Rests",
        "share",
        "Attention that rests: on special tokens, on separators, on the first token where rows see "
        f"no later ones, or {beside}. Mean over rows that may see another key, those of special "
        "tokens left out.",
    )


REST_GIVEN: Final = _rest("on no token, since it is missing")
"""What `rest` says of attention that was given, of which rows may lack a part."""


class Awake(StatisticGroup):
    """How much of attention rests, and the statistics of what does not. There are none where no
    row has anything to rest on."""

    COLUMNS = (
        _rest("on a learned sink"),
        StatisticColumn(
            "asleep",
            "Rows at rest",
            "share",
            "How many of these rows rest: more than half of their attention does.",
        ),
        *map(awake_column, _BASES),
    )

    def __init__(self, heads: int, sinks: bool = False, types: Types | None = None) -> None:
        self._heads, self._sinks = heads, sinks
        self._waking = None if types is None else WakingTokens(heads, types)
        self._at_rest = RowsAtRest()
        self._rest, self._asleep, self._narrow = Mean(heads), Mean(heads), Mean(heads)
        self._means = AwakeMeans(heads, _MEANS, _EVIDENCE)
        self._entropy_squares, self._distance_squares = RowRatio(heads), RowRatio(heads)
        self._profile = WeightedProfile(heads)
        self._agreement = Agreement(heads)

    def add(self, rows: SeeingRows) -> None:
        resting = rows.traits.resting
        if resting is not None:
            self._at_rest.rows += float((rows.allowed & resting).any(-1).sum())
        awake = AwakeRows.of(rows)
        if awake is None:
            return
        self._rest.add((1 - awake.mass).clip(0))
        asleep = awake.mass < HALF
        self._asleep.add(asleep)
        if self._waking is not None and rows.traits.types is not None:
            self._waking.add(rows.traits.types[0][awake.at], ~asleep)
        self._narrow.add(abs(awake.mass - HALF) <= NARROW)
        self._add_spread(awake)
        self._add_largest(awake)
        self._add_kinds(awake)
        if not rows.block.cross:
            self._add_places(awake)
            labels = rows.traits.labels
            self._agreement.add(awake.attention, awake.allowed, awake.at, labels)

    def _add_spread(self, rows: AwakeRows) -> None:
        self._means.add("entropy", rows.entropy, rows)
        squares = np.divide(
            rows.entropy**2, rows.mass, where=rows.mass > 0, out=np.zeros_like(rows.mass)
        )
        self._entropy_squares.add_rows(squares, rows.mass)
        several: Array = rows.visible > 1
        largest = np.log(rows.visible.clip(2))
        self._means.add("evenness", rows.entropy / largest, rows, several)

    def _add_largest(self, rows: AwakeRows) -> None:
        ascending = np.sort(rows.attention.astype(rows.source.stored.dtype), axis=-1)
        self._means.add("top", ascending[..., -1].astype(np.float64), rows)
        self._means.add("keys90", keys_for_most(ascending) * rows.mass, rows)

    def _add_kinds(self, rows: AwakeRows) -> None:
        traits = rows.source.traits
        marks, ids = traits.punctuation, traits.ids
        see = np.asarray(rows.allowed[:, marks].any(-1))
        self._means.add("punctuation", rows.attention[..., marks].sum(-1), rows, see)
        if ids is None:
            return
        same = (ids[rows.at][:, None] == ids) & (ids >= 0)  # (row, key)
        itself = np.arange(len(ids)) == rows.at[:, None]
        sees_itself = (rows.allowed & itself & same).any(-1)
        self._means.add("same_token", rows.weighted(same), rows, sees_itself)
        duplicates = same & ~itself
        sees_duplicate = (rows.allowed & duplicates).any(-1)
        self._means.add("duplicate", rows.weighted(duplicates), rows, sees_duplicate)

    def _add_places(self, rows: AwakeRows) -> None:
        sums = distance_sums(rows.attention, rows.at)
        self._means.add("distance", sums.distance, rows)
        self._distance_squares.add_rows(sums.square, rows.mass)
        for name, offset in OFFSETS.items():
            weights, there = at_offset(rows.attention, rows.allowed, rows.at, offset)
            self._means.add(name, weights, rows, there)
        self._means.add("near", sums.near, rows)
        enough = rows.visible >= LEAST
        attention, mass = (where_rows(each, enough) for each in (rows.attention, rows.mass))
        self._profile.add(attention, mass, rows.at[enough], rows.allowed[enough])

    def values(self) -> dict[str, Array]:
        if not self._present:
            return {}
        means = self._means.values()
        means["entropy_deviation"] = _deviation(self._entropy_squares, means["entropy"])
        means["distance_deviation"] = _deviation(self._distance_squares, means["distance"])
        columns = means | {"positional": self._explained()} | self._agreement.values()
        return {"rest": self._rest.value(), "asleep": self._asleep.value()} | {
            f"{AWAKE}{name}": column for name, column in columns.items()
        }

    @property
    def _present(self) -> bool:
        """Whether any row has something to rest on."""
        return bool(self._rest.rows) and (self._sinks or self._at_rest.rows > 0)

    def _explained(self) -> Array:
        too_little = np.isnan(self._means.values()["entropy"])
        return np.where(too_little, np.nan, self._profile.explained())

    def evidence(self) -> dict[str, Array]:
        if not self._present:
            return {}
        evidence = self._means.evidence() | {"positional": self._explained()}
        return {f"{AWAKE}{name}": column for name, column in evidence.items()}

    def counts(self) -> dict[str, Count]:
        counts = self._means.counts() | {"positional": self._profile.mass}
        counts |= dict.fromkeys(("entropy_deviation",), counts["entropy"])
        counts |= dict.fromkeys(("distance_deviation",), counts["distance"])
        counts |= self._agreement.counts()
        return {"rest": self._rest.rows, "asleep": self._asleep.rows} | {
            f"{AWAKE}{name}": count for name, count in counts.items()
        }

    def evidence_counts(self) -> dict[str, Count]:
        counts = self._means.evidence_counts() | {"positional": self._profile.mass}
        return {f"{AWAKE}{name}": count for name, count in counts.items()}

    def shares(self) -> dict[str, Array]:
        """By name, the share of attention that does not rest in the rows of a statistic,
        (heads,)."""
        return {f"{AWAKE}{name}": share for name, share in self._means.shares().items()}

    def waking(self) -> list[list[Waking]]:
        """For each head the query types that wake it."""
        if self._waking is None or not self._present:
            return [[] for _ in range(self._heads)]
        return self._waking.values()

    def wakes(self, head: int, token: str) -> tuple[float, int]:
        """How often rows of a query type are awake, and how many there are."""
        return (0.0, 0) if self._waking is None else self._waking.measured(head, token)

    @property
    def narrow(self) -> Array:
        """The share of rows of which about half rests, (heads,): they may be asleep or awake by
        what storage has changed."""
        return self._narrow.value()


def _deviation(squares: Ratio, mean: Array) -> Array:
    with np.errstate(invalid="ignore"):
        deviation: Array = np.sqrt((squares.value() - mean**2).clip(0))
    return deviation


def awake_agreement_column(name: str) -> StatisticColumn:
    """The column of a label's agreement with sinks and special tokens left out, by the statistic's
    name."""
    return awake_column(agreement_column(name.removeprefix(AWAKE)))


AGREEMENT: Final = f"{AWAKE}{PREFIX}"
