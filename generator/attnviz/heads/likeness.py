"""Heads as points: near each other where they attend alike.

The distance of two heads is the root of the mean Jensen–Shannon divergence of their rows, in bits
(Lin 1991): 0 is the same attention, 1 nothing in common. Its square roots embed in a Euclidean
space (Fuglede & Topsøe 2004), so classical scaling starts well; SMACOF (de Leeuw 1977) then lowers
the stress.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.spatial.distance import pdist
from scipy.stats import spearmanr

from attnviz.sampling import standard_error
from attnviz.score import Array

ALIKE: Final = 5
_AT_ONCE: Final = 1 << 21
"""Heads × entries of attention whose logarithms are held at once."""


class Divergences:
    """Sums of Jensen–Shannon divergences of every two of H heads over rows, in any order: H × H
    numbers are held."""

    def __init__(self, heads: int) -> None:
        self._sums, self._squares = np.zeros((heads, heads)), np.zeros((heads, heads))
        self.rows = 0

    def add(self, a: Array) -> None:
        """Take in rows of all heads, (heads, rows, K), the same rows of each; what is left of a row
        went to a sink."""
        a = a.astype(np.float64)
        sink = (1 - a.sum(-1, keepdims=True)).clip(0)  # (head, row, 1)
        p = np.concatenate([a, sink], -1)  # (head, row, K + 1)
        # JS(p, q) = H((p + q) / 2) − (H(p) + H(q)) / 2 of each row, where −H is Σ p log p.
        # One head is compared with as many others as may be held.
        negentropy = _x_log_x(p).sum(-1)  # (head, row)
        step = max(1, _AT_ONCE // max(1, p[0].size))
        for head in range(len(p)):
            for start in range(head + 1, len(p), step):
                others = slice(start, start + step)
                of_mean = _x_log_x((p[head] + p[others]) / 2).sum(-1)  # (other, row)
                divergence = (negentropy[head] + negentropy[others]) / 2 - of_mean
                for total, values in (
                    (self._sums, divergence.sum(-1)),
                    (self._squares, (divergence**2).sum(-1)),
                ):
                    total[head, others] += values
                    total[others, head] += values
        self.rows += a.shape[1]

    def distances(self) -> Array:
        """(heads, heads): roots of the mean divergences, from 0 to 1."""
        distances: Array = np.sqrt((self._sums / max(self.rows, 1)).clip(0, 1))
        return distances

    def error(self, head: int, other: int, share: float) -> float | None:
        """The standard error of two heads' distance, where the rows are a sample that has this
        share of all: that of the mean divergence over twice its root. None where all were
        compared, or the two are the same."""
        total, squares = float(self._sums[head, other]), float(self._squares[head, other])
        error = standard_error(total, squares, self.rows, share)
        mean = total / max(self.rows, 1)
        return None if error is None or not mean > 0 else error / (2 * float(np.sqrt(mean)))


def _x_log_x(p: Array) -> Array:
    """In bits, 0 where p is not positive. docs/decisions/dependencies.md says why not SciPy's."""
    with np.errstate(divide="ignore", invalid="ignore"):
        products: Array = np.where(p > 0, p * np.log2(p), 0)
    return products


@dataclass(frozen=True)
class HeadLayout:
    """Places of heads, (heads, 2), and how far they may be believed.

    stress is Kruskal's stress-1; rank is Spearman's correlation of the places' distances with the
    measured ones. None where there are fewer than three heads or all are alike.
    """

    places: Array
    stress: float | None
    rank: float | None


def lay_out(distances: Array) -> HeadLayout:
    """Places whose distances are most like these, (heads, heads); the same every time.

    The wider axis comes first; each is mirrored so that its largest coordinate is positive.
    """
    count = len(distances)
    if count < 3 or not distances.max() > 1e-9:
        line = np.zeros((count, 2))
        line[:, 0] = (np.arange(count) - (count - 1) / 2) * distances.max(initial=0.0)
        return HeadLayout(line, None, None)
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
    fitted, measured = pdist(places), distances[np.triu_indices(count, 1)]  # (pair of heads,)
    stress = float(np.sqrt(((fitted - measured) ** 2).sum() / (measured**2).sum()))
    vary = np.ptp(measured) > 0 and np.ptp(fitted) > 0
    rank = float(spearmanr(fitted, measured).statistic) if vary else None
    return HeadLayout(places, stress, rank)


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
