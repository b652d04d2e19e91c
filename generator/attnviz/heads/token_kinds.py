"""Which kinds of tokens a head looks at: the first, separators, punctuation, and those of the
query's own id."""

from __future__ import annotations

import numpy as np

from attnviz.heads.statistic import SeeingRows, StatisticColumn, StatisticGroup
from attnviz.heads.sums import Count, EvidenceMeans, Mean
from attnviz.score import Array


class TokenKinds(StatisticGroup):
    """Attention on the first token, on separators and on punctuation, over rows that may see
    one."""

    COLUMNS = (
        StatisticColumn(
            "first",
            "First token",
            "share",
            "Attention on the first token: mean over later rows that may see it.",
        ),
        StatisticColumn(
            "separator",
            "Separators",
            "share",
            "Attention on separator tokens such as [SEP], averaged over rows that may see one.",
        ),
        StatisticColumn(
            "punctuation",
            "Punctuation",
            "share",
            "Attention on punctuation, averaged over rows that may see some.",
        ),
    )

    def __init__(self, heads: int) -> None:
        self._means = EvidenceMeans(heads, ("first", "separator", "punctuation"))

    def add(self, rows: SeeingRows) -> None:
        later = rows.allowed[:, 0] & (rows.at > 0)
        self._means.add("first", rows.attention[:, later, 0], rows.visible[later])
        for name in ("separator", "punctuation"):
            keys: Array = getattr(rows.traits, name)
            see = (rows.allowed & keys).any(-1)  # (row,)
            self._means.add(name, rows.attention[:, see][..., keys].sum(-1), rows.visible[see])

    def values(self) -> dict[str, Array]:
        return self._means.values()

    def evidence(self) -> dict[str, Array]:
        return self._means.evidence()

    def counts(self) -> dict[str, Count]:
        return self._means.counts()

    def evidence_counts(self) -> dict[str, Count]:
        return self._means.evidence_counts()


class SameToken(StatisticGroup):
    """Attention on tokens of the query's own id; not defined under cross-attention."""

    COLUMNS = (
        StatisticColumn(
            "same_token",
            "Same token",
            "share",
            "Attention on tokens of the query's own id, itself included, averaged over rows that "
            "may see itself.",
        ),
        StatisticColumn(
            "duplicate",
            "Duplicates",
            "share",
            "Attention on other tokens of the query's own id, averaged over rows that may see one.",
        ),
    )

    def __init__(self, heads: int) -> None:
        self._same, self._duplicate = Mean(heads), Mean(heads)

    def add(self, rows: SeeingRows) -> None:
        ids = rows.traits.ids
        if ids is None:
            return
        same = (ids[rows.at][:, None] == ids) & (ids >= 0)  # (row, key)
        itself = np.arange(len(ids)) == rows.at[:, None]
        sees_itself = (rows.allowed & itself & same).any(-1)  # (row,)
        self._same.add(rows.weighted(same)[:, sees_itself])
        duplicates = same & ~itself
        sees_duplicate = (rows.allowed & duplicates).any(-1)
        self._duplicate.add(rows.weighted(duplicates)[:, sees_duplicate])

    def values(self) -> dict[str, Array]:
        return {"same_token": self._same.value(), "duplicate": self._duplicate.value()}

    def counts(self) -> dict[str, Count]:
        return {"same_token": self._same.rows, "duplicate": self._duplicate.rows}
