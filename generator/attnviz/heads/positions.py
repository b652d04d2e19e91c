"""Where a head looks, by the positions of query and key. Not defined under cross-attention, whose
queries and keys are of different sequences."""

from __future__ import annotations

from typing import Final

import numpy as np

from attnviz.heads.offset_profile import OffsetProfile
from attnviz.heads.offsets import at_offset
from attnviz.heads.statistic import (
    SeeingRows,
    StatisticColumn,
    StatisticGroup,
    where_rows,
)
from attnviz.heads.sums import LEAST, Count, EvidenceMeans, Mean
from attnviz.score import Array

OFFSETS: Final = {"previous": -1, "self": 0, "next": 1}
"""j − i of the keys that statistics are about."""


class Distances(StatisticGroup):
    """How far rows look, and what goes to the tokens beside the query."""

    COLUMNS = (
        StatisticColumn(
            "distance",
            "Mean distance",
            "tokens",
            "How far a row looks: Σ a |i − j| in tokens, averaged over rows.",
        ),
        StatisticColumn(
            "distance_deviation",
            "Distance, deviation",
            "tokens",
            "Standard deviation of |i − j| over all attention.",
        ),
        StatisticColumn(
            "previous",
            "Previous token",
            "share",
            "Attention on the token before: mean over rows that may see it.",
        ),
        StatisticColumn(
            "next",
            "Next token",
            "share",
            "Attention on the token after: mean over rows that may see it.",
        ),
        StatisticColumn(
            "self",
            "Same position",
            "share",
            "Attention on the token itself: mean over rows that may see it.",
        ),
    )

    def __init__(self, heads: int) -> None:
        self._distance, self._square = Mean(heads), Mean(heads)
        self._at_offset = EvidenceMeans(heads, OFFSETS)

    def add(self, rows: SeeingRows) -> None:
        if rows.block.cross:
            return
        self._distance.add(rows.distances.distance)
        self._square.add(rows.distances.square)
        for name, offset in OFFSETS.items():
            weights, there = at_offset(rows.attention, rows.allowed, rows.at, offset)
            self._at_offset.add(name, weights[:, there], rows.visible[there])

    def values(self) -> dict[str, Array]:
        distance = self._distance.value()
        with np.errstate(invalid="ignore"):
            variance = (self._square.value() - distance**2).clip(0)
        return {
            "distance": distance,
            "distance_deviation": np.sqrt(variance),
        } | self._at_offset.values()

    def evidence(self) -> dict[str, Array]:
        return self._at_offset.evidence()

    def counts(self) -> dict[str, Count]:
        return dict.fromkeys(("distance", "distance_deviation"), self._distance.rows) | (
            self._at_offset.counts()
        )

    def evidence_counts(self) -> dict[str, Count]:
        return self._at_offset.evidence_counts()


class Locality(StatisticGroup):
    """What goes to tokens nearby, and how much of attention follows from position alone."""

    COLUMNS = (
        StatisticColumn(
            "near",
            "Nearby",
            "share",
            "Attention on tokens at most 3 places away, averaged over rows.",
        ),
        StatisticColumn(
            "positional",
            "Positional",
            "share",
            "How much of attention follows from relative position alone: the share of its variance "
            "around equal attention that the mean attention at each offset j − i explains, over "
            "rows that may see at least 8 keys.",
        ),
    )

    def __init__(self, heads: int) -> None:
        self._near = EvidenceMeans(heads, ("near",))
        self.profile = OffsetProfile(heads)

    def add(self, rows: SeeingRows) -> None:
        if rows.block.cross:
            return
        self._near.add("near", rows.distances.near, rows.visible)
        enough = rows.visible >= LEAST
        attention = where_rows(rows.attention, enough)
        self.profile.add(attention, rows.at[enough], rows.allowed[enough])

    def values(self) -> dict[str, Array]:
        return self._near.values() | {"positional": self.profile.explained()}

    def evidence(self) -> dict[str, Array]:
        return self._near.evidence() | {"positional": self.profile.explained()}

    def counts(self) -> dict[str, Count]:
        return self._near.counts()

    def evidence_counts(self) -> dict[str, Count]:
        return self._near.evidence_counts()
