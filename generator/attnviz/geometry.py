"""Spaces in which a head's queries and keys lie together, and measures of how well distance in a
space tells attention.

Two changes leave attention as it is. All keys may move by one t: ⟨q, k + t⟩ = ⟨q, k⟩ + ⟨q, t⟩, and
softmax does not see a constant added to a row of scores. Queries may be scaled by c and keys by
1 / c. AttentionViz (Yeh et al. 2023) moves keys onto the queries' centre; the sphere of
`lifted_space` makes distance exactly monotone in the score.

Shapes: q and k are (points, d) of one query head. With grouped queries each query head moves the
keys of its kv head by a different amount. Everything here is NumPy on arrays; maps, which flatten a
space to 2 or 3 dimensions, are made elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.spatial.distance import cdist

from attnviz.score import Array

Metric = Literal["euclidean", "cosine"]

QUANTILE_PAIRS: Final = 1 << 15
"""Pairs, at least, that a quantile of distances is taken from, where there are more."""

NEAREST: Final = 3
"""Number of keys that the top-3 mass compares; rows that see no more keys are left out."""

SCALES: Final = (0.2, 0.4, 0.8, 1.0, 1.25, 2.5, 5.0)
"""The scales that AttentionViz tries."""


@dataclass(frozen=True)
class Space:
    """Positions of queries and keys, (points, size) each, and the distance to use between them."""

    name: str
    queries: Array
    keys: Array
    metric: Metric

    def vectors(self) -> tuple[Array, Array]:
        """Queries and keys whose Euclidean distance is monotone in that of the space: under cosine
        these are unit vectors."""
        if self.metric == "euclidean":
            return self.queries, self.keys
        return unit(self.queries), unit(self.keys)


def translate_keys(q: Array, k: Array) -> Array:
    """k′ = k − mean(k) + mean(q), (points, d): the same attention, and queries and keys have one
    centre.

    >>> translate_keys(np.array([[0.0, 2.0]]), np.array([[5.0, 5.0], [7.0, 5.0]])).tolist()
    [[-1.0, 2.0], [1.0, 2.0]]
    """
    moved: Array = k - k.mean(0) + q.mean(0)
    return moved


def unit(x: Array) -> Array:
    """Rows scaled to length 1; rows of zeros stay."""
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    scaled: Array = x / np.where(length > 0, length, 1)
    return scaled


def closed_scale(q: Array, k: Array) -> float:
    """c = √(median‖k‖ / median‖q‖): queries c·q and keys k / c have the same median length.

    1 if either median is 0.
    """
    lengths = [float(np.median(np.linalg.norm(x, axis=-1))) if len(x) else 0.0 for x in (q, k)]
    return float(np.sqrt(lengths[1] / lengths[0])) if min(lengths) > 0 else 1.0


def weighted_correlation(x: Array, y: Array, weight: Array) -> float:
    """Pearson's correlation with weights; 0 if either side does not vary."""
    total = weight.sum()
    if not total > 0:
        return 0.0
    a, b = x - np.vdot(weight, x) / total, y - np.vdot(weight, y) / total
    weighted = weight * a
    spread = np.sqrt(np.vdot(weighted, a) * np.vdot(weight * b, b))
    return float(np.vdot(weighted, b) / spread) if spread > 0 else 0.0


def scale_correlation(q: Array, k: Array, scale: float, near: float = 0.5) -> float:
    """Weighted correlation of q·k and the distance ‖c·q − k / c‖ over all pairs.

    −1 means that distance tells attention. A pair weighs (d* − d)², as in AttentionViz, where d* is
    the `near` quantile of the distances, and nothing if it is farther apart than d*.
    """
    q, k = q.astype(np.float32), k.astype(np.float32)
    dot, square = q @ k.T, np.float32(scale**2)  # (query, key)
    squared = square * (q * q).sum(-1, keepdims=True) + (k * k).sum(-1) / square - 2 * dot
    distance = np.sqrt(squared.clip(0))
    # Of very many pairs the quantile is that of some, evenly among all queries and keys.
    step = max(1, distance.size // QUANTILE_PAIRS) | 1
    farthest = np.quantile(distance.ravel()[::step], near)
    counts = distance < farthest  # all others weigh nothing
    dot, distance = (side[counts].astype(np.float64) for side in (dot, distance))
    return weighted_correlation(dot, distance, (farthest - distance) ** 2)


@dataclass(frozen=True)
class Translation:
    """How queries and keys are placed in AttentionViz's space: queries c·q and keys k′ / c. Under
    cosine distance c has no effect.

    `centre` and `onto` are the means of all keys and of all queries, `scale` is c; each has one
    entry, or one for each head (heads, 1, …) where vectors are of many heads.
    """

    metric: Metric
    centre: Array
    onto: Array
    scale: Array

    @classmethod
    def of(cls, q: Array, k: Array, metric: Metric = "cosine", scale: float = 1.0) -> Translation:
        """That of a head's queries and keys, (points, d) each."""
        return cls(metric, k.mean(0), q.mean(0), np.asarray(scale, q.dtype))

    def queries(self, q: Array) -> Array:
        """Some of the queries, (…, points, d), in the space."""
        placed: Array = q * self.scale
        return placed

    def keys(self, k: Array) -> Array:
        """Some of the keys, (…, points, d), in the space."""
        placed: Array = (k - self.centre + self.onto) / self.scale
        return placed


@dataclass(frozen=True)
class Lift:
    """How queries and keys are placed (…, points, d + 1) so that a key is the nearer the higher its
    score, exactly.

    Keys lie on a sphere around the origin. With keys moved to their centre, both scaled by c, and
    M = max‖k‖, k̃ = (k, √(M² − ‖k‖²)) and q̃ = (q, 0), so that ‖q̃ − k̃‖² = ‖q‖² + M² − 2⟨q, k⟩
    (Bachrach et al. 2014). Positions are float64, so that the identity holds to rounding.

    `centre` is the mean of all keys, `scale` is c, `farthest` M²; each has one entry, or one for
    each head (heads, 1, …) where vectors are of many heads.
    """

    centre: Array
    scale: Array
    farthest: Array
    metric: Metric = "euclidean"

    @classmethod
    def of(cls, q: Array, k: Array) -> Lift:
        """That of a head's queries and keys, (points, d) each."""
        q, k = q.astype(np.float64), k.astype(np.float64)
        centre = k.mean(0)
        k = k - centre
        scale = closed_scale(q, k)
        farthest = np.square(k / scale).sum(-1).max(initial=0)
        return cls(centre, np.asarray(scale), np.asarray(farthest))

    def queries(self, q: Array) -> Array:
        """Some of the queries, (…, points, d + 1) float64, in the space."""
        placed = q.astype(np.float64) * self.scale
        return np.concatenate([placed, np.zeros((*placed.shape[:-1], 1))], -1)

    def keys(self, k: Array) -> Array:
        """Some of the keys, (…, points, d + 1) float64, in the space."""
        placed = (k.astype(np.float64) - self.centre) / self.scale
        squared = np.square(placed).sum(-1, keepdims=True)
        return np.concatenate([placed, np.sqrt((self.farthest - squared).clip(0))], -1)


def translated_space(q: Array, k: Array, metric: Metric = "cosine", scale: float = 1.0) -> Space:
    """AttentionViz's space of a head's queries and keys, (points, d) each."""
    placed = Translation.of(q, k, metric, scale)
    return Space(f"translated-{metric}", placed.queries(q), placed.keys(k), metric)


def lifted_space(q: Array, k: Array) -> Space:
    """The space of a `Lift`, of a head's queries and keys, (points, d) each."""
    placed = Lift.of(q, k)
    return Space("lifted", placed.queries(q), placed.keys(k), placed.metric)


_BY_DIFFERENCES: Final = 3
"""Dimensions up to which distances are made of differences."""


def squares_of_keys(y: Array) -> Array | None:
    """‖y_j‖², (…, keys) float64, of y (…, keys, d), where `squared_distances` is made of it."""
    if y.shape[-1] <= _BY_DIFFERENCES:
        return None
    y = y.astype(np.float64)
    squares: Array = (y * y).sum(-1)
    return squares


def squared_distances(x: Array, y: Array, squares: Array | None = None) -> Array:
    """‖x_i − y_j‖², (…, rows, keys) float64, of x (…, rows, d) and y (…, keys, d); `squares` are
    `squares_of_keys` of y, where they are known.

    In 2 or 3 dimensions it is computed by differences, which keep the digits of near points that
    x² + y² − 2xy loses.
    """
    squares = squares_of_keys(y) if squares is None else squares
    x, y = x.astype(np.float64), y.astype(np.float64)
    if squares is not None:
        product = x @ np.swapaxes(y, -1, -2)
        expanded: Array = (x * x).sum(-1)[..., None] + squares[..., None, :] - 2 * product
        return expanded.clip(0)
    squared = np.empty((*x.shape[:-1], y.shape[-2]))
    for head in np.ndindex(x.shape[:-2]):
        squared[head] = cdist(x[head], y[head], "sqeuclidean")
    return squared


def top_mass(distance: Array, attention: Array, keys: int = NEAREST) -> Array:
    """Attention on the `keys` nearest keys over that on the `keys` most attended, (…, rows).

    distance and attention are (…, rows, K); keys that a row may not see have infinite distance. 1
    is perfect. NaN for rows that have no attention or see no more keys than are compared.
    """
    if attention.shape[-1] <= keys:
        return np.full(attention.shape[:-1], np.nan)
    nearest = np.argpartition(distance, keys - 1, -1)[..., :keys]
    near = np.take_along_axis(attention, nearest, -1).sum(-1)
    best = np.partition(attention, -keys, -1)[..., -keys:].sum(-1)
    enough = (np.isfinite(distance).sum(-1) > keys) & (best > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(enough, near / best, np.nan)


def distance_ranks(distance: Array) -> Array:
    """Rank of each key in its row, (…, rows, K): 1 is the nearest, and ties share their mean rank.

    Forbidden keys, whose distance is infinite, come last.
    """
    from scipy.stats import rankdata  # takes half a second to import

    ranks: Array = rankdata(distance, axis=-1)
    return ranks


def score_ranks(score: Array, allowed: Array) -> Array:
    """Rank of each key in its row by score, (…, rows, K): 1 is the *highest*, as in
    `distance_ranks` 1 is the nearest.

    Ties share their mean rank, and forbidden keys come last. Attention has the same ranks as the
    score.
    """
    return distance_ranks(np.where(allowed, -score, np.inf))


def rank_correlation(of_distance: Array, of_score: Array, allowed: Array) -> Array:
    """Spearman's correlation of distance and score per row, (…, rows), from their ranks.

    −1 is perfect. NaN for rows that see three keys or fewer, or whose keys all have the same
    distance or the same score.
    """
    count = allowed.sum(-1)
    centre = (count[..., None] + 1) / 2  # the mean rank of the allowed keys, which come first
    a, b = np.where(allowed, of_distance - centre, 0), np.where(allowed, of_score - centre, 0)
    spread = np.sqrt((a * a).sum(-1) * (b * b).sum(-1))
    known = (spread > 0) & (count > NEAREST)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(known, -(a * b).sum(-1) / spread, np.nan)


def limits(*, bias: bool, softcap: bool, sink: bool, pre_rotary: bool = False) -> tuple[str, ...]:
    """What a head's score rule does that no space of its queries and keys can show, in words.

    `pre_rotary` says that the space is of pre-rotary queries and keys. A map made from attention
    itself, such as the attention map, has no such limits.
    """
    texts = (
        (
            bias,
            "attention also follows a bias by position, so the nearest key need not be the most"
            " attended",
        ),
        (
            softcap,
            "scores saturate under a soft cap: distance orders keys, but far overstates the highest"
            " scores",
        ),
        (
            pre_rotary,
            "rotary embedding then turns queries and keys by their places, which is left out here",
        ),
        (sink, "part of each row goes to a sink, which is no key and has no place here"),
    )
    return tuple(text for applies, text in texts if applies)
