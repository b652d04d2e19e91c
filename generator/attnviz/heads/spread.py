"""How spread attention is over the keys that a row may see."""

from __future__ import annotations

from typing import Final

import numpy as np

from attnviz.heads.deciles import Deciles
from attnviz.heads.statistic import SeeingRows, StatisticColumn, StatisticGroup
from attnviz.heads.sums import Count, EvidenceMeans, Mean
from attnviz.heads.typical import TypicalDocuments
from attnviz.score import Array


class Spread(StatisticGroup):
    """Entropy and evenness of rows; also the deciles of the entropy, and the documents that a head
    is most and least focused in."""

    COLUMNS = (
        StatisticColumn(
            "entropy",
            "Entropy",
            "nats",
            "How spread a row is: −Σ a log a, averaged over rows. 0 is one key; log K is K keys "
            "alike.",
        ),
        StatisticColumn(
            "entropy_deviation",
            "Entropy, deviation",
            "nats",
            "Standard deviation of the entropy over rows.",
        ),
        StatisticColumn(
            "evenness",
            "Evenness",
            "share",
            "Entropy over its largest value, log K, averaged over rows that may see K > 1 keys. 1 "
            "is all keys alike.",
        ),
    )

    def __init__(self, heads: int) -> None:
        self._entropy = Mean(heads)
        self._evenness = EvidenceMeans(heads, ("evenness",))
        self.deciles = Deciles(heads)
        self.typical = TypicalDocuments(heads)

    def add(self, rows: SeeingRows) -> None:
        entropy = rows.entropy  # (head, row)
        self._entropy.add(entropy)
        self.deciles.add(entropy)
        # One key is neither even nor uneven.
        several = rows.visible > 1
        evenness = entropy[:, several] / np.log(rows.visible[several])
        self._evenness.add("evenness", evenness, rows.visible[several])
        self.typical.add(rows.block.document, 1 - evenness)

    def values(self) -> dict[str, Array]:
        return {
            "entropy": self._entropy.value(),
            "entropy_deviation": self._entropy.deviation(),
        } | self._evenness.values()

    def evidence(self) -> dict[str, Array]:
        return self._evenness.evidence()

    def counts(self) -> dict[str, Count]:
        return dict.fromkeys(("entropy", "entropy_deviation"), self._entropy.rows) | (
            self._evenness.counts()
        )

    def evidence_counts(self) -> dict[str, Count]:
        return self._evenness.evidence_counts()


MOST: Final = 0.9
"""The share of a row that `keys90` counts the keys of."""
TIE: Final = 1e-6
"""How near to the rest sums of least keys count as it: of 20 keys alike, two hold a tenth, whatever
rounding makes of them."""


def keys_for_most(ascending: Array) -> Array:
    """How few keys hold `MOST` of each row, (heads, rows), of attention in ascending order
    (heads, rows, K): those left without the least, which together hold the rest."""
    from attnviz.heads.fewest_keys import fewest_keys  # numba takes half a second to import

    counts: Array = fewest_keys(np.ascontiguousarray(ascending), (1 - MOST) * (1 + TIE))
    return counts


class LargestWeights(StatisticGroup):
    """The largest weight of a row, and how few keys hold most of it."""

    COLUMNS = (
        StatisticColumn(
            "top", "Largest weight", "share", "The largest attention of a row, averaged over rows."
        ),
        StatisticColumn(
            "keys90",
            "Keys for 90 %",
            "keys",
            "How few keys hold 90 % of a row's attention, averaged over rows.",
        ),
    )

    def __init__(self, heads: int) -> None:
        self._top, self._keys90 = Mean(heads), Mean(heads)

    def add(self, rows: SeeingRows) -> None:
        ascending = np.sort(rows.stored, axis=-1)  # (head, row, key)
        self._top.add(ascending[..., -1].astype(np.float64))
        self._keys90.add(keys_for_most(ascending))

    def values(self) -> dict[str, Array]:
        return {"top": self._top.value(), "keys90": self._keys90.value()}

    def counts(self) -> dict[str, Count]:
        return {"top": self._top.rows, "keys90": self._keys90.rows}


MISSING: Final = StatisticColumn(
    "sink",
    "Missing",
    "share",
    "Attention that was not given, averaged over rows: it is shown on no token.",
)
"""What `sink` says of attention that was given, of which rows lack a part."""


class SinkShare(StatisticGroup):
    """Attention on no key, where a head has a learned sink."""

    COLUMNS = (
        StatisticColumn(
            "sink",
            "Sink",
            "share",
            "Attention that goes to the head's learned sink, averaged over rows.",
        ),
    )

    def __init__(self, heads: int) -> None:
        self._sink = Mean(heads)

    def add(self, rows: SeeingRows) -> None:
        self._sink.add(1 - rows.attention.sum(-1))

    def values(self) -> dict[str, Array]:
        return {"sink": self._sink.value()}

    def counts(self) -> dict[str, Count]:
        return {"sink": self._sink.rows}
