"""Heads as points: near each other where they attend alike.

The distance of two heads is the root of the mean Jensen–Shannon divergence of their rows, in bits
(Lin 1991): 0 is the same attention, 1 nothing in common. Its square roots embed in a Euclidean
space (Fuglede & Topsøe 2004), so classical scaling starts well; SMACOF (de Leeuw 1977) then lowers
the stress.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from attnviz.heads.sums import State, Sums
from attnviz.sampling import standard_error
from attnviz.score import Array

ALIKE: Final = 5
_AT_ONCE: Final = 1 << 18
"""Heads × entries of attention whose logarithms are held at once."""
_ROWS: Final = 32
"""Rows that are compared at once."""
_TINY: Final = float(np.finfo(np.float64).tiny)
"""What counts as 0: it times its logarithm is nothing beside 1."""


GROUPS: Final = 10
"""Of rows, for the errors of figures of a picture, each of which is left out once."""


class Divergences(Sums):
    """Sums of Jensen–Shannon divergences of every two of H heads over rows, in any order: 11 × H ×
    H numbers are held."""

    def __init__(self, heads: int) -> None:
        self._sums = np.zeros((GROUPS, heads, heads))
        self._squares = np.zeros((heads, heads))
        self._counts = np.zeros(GROUPS)

    @property
    def rows(self) -> int:
        """Rows that were taken in."""
        return int(self._counts.sum())

    def add(self, a: Array, groups: Array | None = None) -> None:
        """Take in rows of all heads, (heads, rows, K), the same rows of each; what is left of a row
        went to a sink. `groups` (rows,) are numbers below `GROUPS`, all 0 where left out."""
        of_row = np.zeros(a.shape[1], np.int64) if groups is None else groups
        for start in range(0, a.shape[1], _ROWS):
            part = slice(start, start + _ROWS)
            self._add(_attended(a[:, part]).astype(np.float64), of_row[part])

    def _add(self, a: Array, groups: Array) -> None:
        sink = (1 - a.sum(-1, keepdims=True)).clip(0)  # (head, row, 1)
        p = np.concatenate([a, sink], -1)  # (head, row, K + 1)
        # JS(p, q) = H((p + q) / 2) − (H(p) + H(q)) / 2 of each row, where −H is Σ p log p.
        # One head is compared with as many others as may be held.
        member = np.eye(GROUPS)[groups]  # (row, group)
        step = max(1, _AT_ONCE // max(1, p[0].size))
        means, logs = np.empty((2, min(step, len(p)), *p[0].shape))
        negentropy = np.concatenate(  # (head, row)
            [_negentropy(p[start : start + step].copy(), logs) for start in range(0, len(p), step)]
        )
        for head in range(len(p)):
            for start in range(head + 1, len(p), step):
                others = slice(start, start + step)
                count = len(p[others])
                mean = np.add(p[head], p[others], out=means[:count])
                mean *= 0.5
                of_mean = _negentropy(mean, logs)  # (other, row)
                divergence = (negentropy[head] + negentropy[others]) / 2 - of_mean
                for total, values in (
                    (self._sums, (divergence @ member).T),  # (group, other)
                    (self._squares, (divergence**2).sum(-1)),
                ):
                    total[..., head, others] += values
                    total[..., others, head] += values
        self._counts += member.sum(0)

    def state(self) -> dict[str, Array]:
        """The sums of each two heads, (groups, pairs) and (pairs,), and the rows, (groups,)."""
        first, second = np.triu_indices(len(self._squares), 1)
        return {
            "sums": self._sums[:, first, second],
            "squares": self._squares[first, second],
            "counts": self._counts,
        }

    def merge(self, state: State, documents: Array) -> None:
        pairs = np.triu_indices(len(self._squares), 1)
        for one, other in (pairs, pairs[::-1]):
            self._sums[:, one, other] += state["sums"]
            self._squares[one, other] += state["squares"]
        self._counts += state["counts"]

    def distances(self, without: int | None = None) -> Array:
        """(heads, heads): roots of the mean divergences, from 0 to 1, of all rows or of those
        outside one group."""
        sums, rows = self._sums.sum(0), self.rows
        if without is not None:
            sums, rows = sums - self._sums[without], rows - int(self._counts[without])
        distances: Array = np.sqrt((sums / max(rows, 1)).clip(0, 1))
        return distances

    def error(self, head: int, other: int, share: float) -> float | None:
        """The standard error of two heads' distance, where the rows are a sample that has this
        share of all: that of the mean divergence over twice its root. None where all were
        compared, or the two are the same."""
        total = float(self._sums[:, head, other].sum())
        squares = float(self._squares[head, other])
        error = standard_error(total, squares, self.rows, share)
        mean = total / max(self.rows, 1)
        return None if error is None or not mean > 0 else error / (2 * float(np.sqrt(mean)))

    def errors_of(self, places: Array, share: float) -> PictureFigures:
        """The standard errors of stress and rank of a picture, (heads, 2), where the rows are a
        sample that has this share of all: its places stay, and each group of rows is left out of
        the measured distances once (the jackknife; Efron & Tibshirani 1993, chapter 11). None where
        all rows were compared, where a figure has no value, or where fewer than two groups have
        rows."""
        groups = np.flatnonzero(self._counts)
        if share >= 1 or len(groups) < 2:
            return PictureFigures(None, None)
        figures = [measure(places, self.distances(group)) for group in groups.tolist()]
        return PictureFigures(
            _jackknifed([each.stress for each in figures], share),
            _jackknifed([each.rank for each in figures], share),
        )


def row_groups(content: int, rows: Array) -> Array:
    """The group of each of a document's rows, whoever measures them: neighbours are in others.
    `content` is the document's number by content."""
    groups: Array = (content % GROUPS + rows) % GROUPS
    return groups


def _jackknifed(values: Sequence[float | None], share: float) -> float | None:
    """The standard error of a figure from its values without each of the groups."""
    numbers = [value for value in values if value is not None]
    if len(numbers) < len(values):
        return None
    spread = float(np.var(numbers)) * (len(numbers) - 1)
    return float(np.sqrt(spread * (1 - share)))


def _attended(a: Array) -> Array:
    """Rows (heads, rows, K) without the keys at the end that none of them attends to, as those
    after causal rows."""
    attended = np.flatnonzero(a.any((0, 1)))
    return a[..., : int(attended[-1]) + 1] if len(attended) else a[..., :0]


def _negentropy(p: Array, logs: Array) -> Array:
    """Σ p log p over the last axis, in bits, 0 where p is not positive. Both arrays are written
    over: new ones of this size cost four times what is computed in them.
    docs/decisions/dependencies.md says why not SciPy's."""
    np.maximum(p, _TINY, out=p)
    log = np.log2(p, out=logs[: len(p)])
    sums: Array = np.einsum("hrk,hrk->hr", p, log)
    return sums


@dataclass(frozen=True)
class PictureFigures:
    """How far a picture of heads may be believed, or the standard errors of that.

    stress is Kruskal's stress-1; rank is Spearman's correlation of the places' distances with the
    measured ones. None where there are fewer than three heads or all are alike.
    """

    stress: float | None
    rank: float | None


@dataclass(frozen=True)
class HeadLayout:
    """Places of heads, (heads, 2), and how far they may be believed."""

    places: Array
    figures: PictureFigures


def measure(places: Array, distances: Array) -> PictureFigures:
    """How far places, (heads, 2), are as these distances, (heads, heads)."""
    count = len(distances)
    if count < 3 or not distances.max() > 1e-9:
        return PictureFigures(None, None)
    fitted, measured = pdist(places), distances[np.triu_indices(count, 1)]  # (pair of heads,)
    stress = float(np.sqrt(((fitted - measured) ** 2).sum() / (measured**2).sum()))
    vary = np.ptp(measured) > 0 and np.ptp(fitted) > 0
    return PictureFigures(stress, float(spearmanr(fitted, measured).statistic) if vary else None)


def lay_out(distances: Array) -> HeadLayout:
    """Places whose distances are most like these, (heads, heads); the same every time.

    The wider axis comes first; each is mirrored so that its largest coordinate is positive.
    """
    count = len(distances)
    if count < 3 or not distances.max() > 1e-9:
        line = np.zeros((count, 2))
        line[:, 0] = (np.arange(count) - (count - 1) / 2) * distances.max(initial=0.0)
        return HeadLayout(line, PictureFigures(None, None))
    from sklearn.manifold import smacof  # takes a second to import

    stressed, _ = smacof(
        distances,
        n_components=2,
        init=_classical(distances),
        n_init=1,
        max_iter=500,
        eps=1e-9,
        normalized_stress=False,
    )
    places = _upright(stressed)
    return HeadLayout(places, measure(places, distances))


def _classical(distances: Array) -> Array:
    """Classical scaling (Torgerson 1952) to two dimensions, (heads, 2)."""
    # Doubly centred, −½ of the squared distances are the inner products of the places.
    squares = distances**2
    centred = -(squares - squares.mean(0) - squares.mean(1)[:, None] + squares.mean()) / 2
    values, vectors = np.linalg.eigh(centred)
    start: Array = vectors[:, :-3:-1] * np.sqrt(values[:-3:-1].clip(1e-12))
    return start


def _upright(places: Array) -> Array:
    """Places around 0 on their principal axes, the wider first, mirrored so that each axis' largest
    coordinate is positive."""
    centred = places - places.mean(0)
    _, vectors = np.linalg.eigh(centred.T @ centred)
    turned = centred @ vectors[:, ::-1]
    largest = turned[np.abs(turned).argmax(0), np.arange(2)]
    upright: Array = turned * np.where(largest < 0, -1, 1)
    return upright


def most_alike(distances: Array) -> list[list[tuple[int, float]]]:
    """For each head up to five others, the nearest first, with their distances."""
    alike = []
    for head, row in enumerate(distances):
        others = [int(other) for other in np.argsort(row, kind="stable") if other != head]
        alike.append([(other, float(row[other])) for other in others[:ALIKE]])
    return alike
