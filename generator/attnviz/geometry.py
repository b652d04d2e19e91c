"""Spaces in which a head's queries and keys lie together, and how well distance in them tells
attention.

Only keys may move: ⟨q, k + t⟩ = ⟨q, k⟩ + ⟨q, t⟩, and what is added to a whole row of scores is not
seen by its softmax. Nor does ⟨c·q, k / c⟩ change anything. AttentionViz (Yeh et al. 2023)
translates keys onto the queries' centre; the sphere below makes distance exactly monotone in the
score. Shapes: q and k are (points, d) of one query head; with grouped queries each query head moves
its kv head's keys by its own amount.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.stats import rankdata

from attnviz.score import Array

Metric = Literal["euclidean", "cosine"]

NEAREST: Final = 3
"""Keys that the top-3 mass compares; a query that may see no more says nothing and is left out."""

SCALES: Final = (0.2, 0.4, 0.8, 1.0, 1.25, 2.5, 5.0)
"""The scales that AttentionViz tries."""


@dataclass(frozen=True)
class Space:
    """Positions of queries and keys, (points, size) each, and the distance that is meant between
    them."""

    name: str
    queries: Array
    keys: Array
    metric: Metric

    def vectors(self) -> tuple[Array, Array]:
        """Queries and keys whose Euclidean distance is monotone in the space's own: unit vectors
        under cosine."""
        if self.metric == "euclidean":
            return self.queries, self.keys
        return unit(self.queries), unit(self.keys)


def translate_keys(q: Array, k: Array) -> Array:
    """k′ = k − mean(k) + mean(q), (points, d): the same attention, with queries and keys around one
    centre."""
    moved: Array = k - k.mean(0) + q.mean(0)
    return moved


def unit(x: Array) -> Array:
    """Rows of length 1; rows of zeros stay."""
    length = np.linalg.norm(x, axis=-1, keepdims=True)
    scaled: Array = x / np.where(length > 0, length, 1)
    return scaled


def closed_scale(q: Array, k: Array) -> float:
    """c = √(median‖k‖ / median‖q‖), after which the queries c·q and the keys k / c are typically of
    one length.

    1 where either cloud has no length.
    """
    lengths = [float(np.median(np.linalg.norm(x, axis=-1))) if len(x) else 0.0 for x in (q, k)]
    return float(np.sqrt(lengths[1] / lengths[0])) if min(lengths) > 0 else 1.0


def weighted_correlation(x: Array, y: Array, weight: Array) -> float:
    """Pearson's correlation with weights; 0 where either side does not vary."""
    total = weight.sum()
    if not total > 0:
        return 0.0
    a, b = x - (weight * x).sum() / total, y - (weight * y).sum() / total
    spread = np.sqrt((weight * a * a).sum() * (weight * b * b).sum())
    return float((weight * a * b).sum() / spread) if spread > 0 else 0.0


def scale_correlation(q: Array, k: Array, scale: float, near: float = 0.5) -> float:
    """Weighted correlation of q·k and the distance ‖c·q − k / c‖ over all pairs: −1 where distance
    tells attention.

    AttentionViz's weight (d* − d)² counts pairs nearer than d*, the `near` quantile of the
    distances.
    """
    dot = q.astype(np.float64) @ k.T.astype(np.float64)
    distance = np.sqrt(squared_distances(q * scale, k / scale))
    weight = (np.quantile(distance, near) - distance).clip(0) ** 2
    return weighted_correlation(dot.ravel(), distance.ravel(), weight.ravel())


def best_scale(
    q: Array, k: Array, scales: tuple[float, ...] = SCALES, near: float = 0.5
) -> tuple[float, float]:
    """The scale c whose weighted correlation is nearest to −1, and that correlation. q and k may be
    a sample."""
    found = [(scale_correlation(q, k, scale, near), scale) for scale in scales]
    correlation, scale = min(found)
    return scale, correlation


def translated_space(q: Array, k: Array, metric: Metric = "cosine", scale: float = 1.0) -> Space:
    """AttentionViz's space: queries c·q and keys k′ / c. Under cosine distance c changes
    nothing."""
    return Space(f"translated-{metric}", q * scale, translate_keys(q, k) / scale, metric)


def lifted_space(q: Array, k: Array) -> Space:
    """Keys on one sphere around the origin, (points, d + 1): exactly the nearer a key, the higher
    its score.

    With keys moved to their own centre and scaled by c, k̃ = (k, √(M² − ‖k‖²)) for M = max‖k‖ and
    q̃ = (q, 0), so that ‖q̃ − k̃‖² = ‖q‖² + M² − 2⟨q, k⟩ (Bachrach et al. 2014). Positions are
    float64: the identity is exact, and so is what is measured.
    """
    q, k = q.astype(np.float64), k.astype(np.float64)
    k = k - k.mean(0)
    scale = closed_scale(q, k)
    q, k = q * scale, k / scale
    squared = (k * k).sum(-1)
    height = np.sqrt((squared.max(initial=0) - squared).clip(0))
    flat = np.zeros((len(q), 1))
    return Space("lifted", np.hstack([q, flat]), np.hstack([k, height[:, None]]), "euclidean")


def squared_distances(x: Array, y: Array) -> Array:
    """‖x_i − y_j‖², (…, rows, keys) float64, of x (…, rows, d) and y (…, keys, d).

    In a plane or in space by differences, which keep the digits of near points that x² + y² − 2xy
    loses.
    """
    x, y = x.astype(np.float64), y.astype(np.float64)
    if x.shape[-1] > 3:
        product = x @ np.swapaxes(y, -1, -2)
        flat: Array = (x * x).sum(-1)[..., None] + (y * y).sum(-1)[..., None, :] - 2 * product
        return flat.clip(0)
    found = np.zeros((*x.shape[:-1], y.shape[-2]))
    for axis in range(x.shape[-1]):
        found += np.square(x[..., axis, None] - y[..., None, :, axis])
    return found


def top_mass(distance: Array, attention: Array, keys: int = NEAREST) -> Array:
    """Of each row, the attention on the `keys` nearest keys over that on the `keys` most attended,
    (…, rows).

    distance and attention are (…, rows, K); the keys that a row may not see have infinite distance.
    1 is perfect. NaN where a row has no attention, or may see no more keys than are compared.
    """
    if attention.shape[-1] <= keys:
        return np.full(attention.shape[:-1], np.nan)
    nearest = np.argpartition(distance, keys - 1, -1)[..., :keys]
    held = np.take_along_axis(attention, nearest, -1).sum(-1)
    best = np.partition(attention, -keys, -1)[..., -keys:].sum(-1)
    enough = (np.isfinite(distance).sum(-1) > keys) & (best > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(enough, held / best, np.nan)


def distance_ranks(distance: Array) -> Array:
    """Rank of each key in its row, (…, rows, K), ties shared: 1 is the nearest, forbidden
    (infinite) keys come last."""
    ranks: Array = rankdata(distance, axis=-1)
    return ranks


def score_ranks(score: Array, allowed: Array) -> Array:
    """Rank of each key's score in its row, ties shared: 1 is the *highest*, so that perfect
    agreement is easy to see.

    Forbidden keys come last, as in `distance_ranks`. Anything monotone in the score serves,
    attention too.
    """
    return distance_ranks(np.where(allowed, -score, np.inf))


def rank_correlation(of_distance: Array, of_score: Array, allowed: Array) -> Array:
    """Spearman's correlation of distance and score, row by row, (…, rows), from their ranks: −1 is
    perfect.

    NaN where a row may see three keys or fewer, or where either side is the same for all of them.
    """
    count = allowed.sum(-1)
    centre = (count[..., None] + 1) / 2
    a, b = np.where(allowed, of_distance - centre, 0), np.where(allowed, of_score - centre, 0)
    spread = np.sqrt((a * a).sum(-1) * (b * b).sum(-1))
    known = (spread > 0) & (count > NEAREST)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(known, -(a * b).sum(-1) / spread, np.nan)


def limits(*, bias: bool, softcap: bool, sink: bool, pre_rotary: bool = False) -> tuple[str, ...]:
    """What a head's score rule does that no space of its queries and keys can show, in words; empty
    where nothing.

    `pre_rotary`: the space is of queries and keys before rotary embedding. A map made from
    attention itself, such as the attention map, is not limited so.
    """
    words = (
        (
            bias,
            (
                "attention also follows a bias by position, so the nearest key need not be the most"
                " attended"
            ),
        ),
        (
            softcap,
            (
                "scores saturate under a soft cap: distance orders keys, but far overstates the"
                " highest scores"
            ),
        ),
        (
            pre_rotary,
            "rotary embedding then turns queries and keys by their places, which is left out here",
        ),
        (sink, "part of each row goes to a sink, which is no key and has no place here"),
    )
    return tuple(text for present, text in words if present)
