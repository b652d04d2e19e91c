"""Maps: the joint picture of one head's queries and keys.

The space is AttentionViz's (Yeh et al. 2023): keys are moved by a constant, k′ = k − mean(k) + mean(q), which changes
no attention, since softmax does not see a constant added to a row's scores; queries and keys then share one centre.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from sklearn.decomposition import PCA

from attnviz.score import Array

LEVELS: Final = 65535
FRAME_SHARE: Final = 0.94
_MARGIN: Final = 0.06


@dataclass(frozen=True)
class MapKind:
    """A way to make maps. `id` names it in links and in the report."""

    method: str
    dimensions: int

    @property
    def id(self) -> str:
        return f"{self.method}-{self.dimensions}d"

    @property
    def title(self) -> str:
        return f"{self.method.upper()}, {self.dimensions}-D"


def kinds_of(methods: Sequence[str], dimensions: Sequence[int]) -> list[MapKind]:
    """Every method in every number of dimensions; the first is the one that the overview shows."""
    return [MapKind(method, size) for method in methods for size in dimensions]


@dataclass(frozen=True)
class HeadMap:
    """One head's map as it is stored.

    queries and keys are uint16 codes (points, dimensions); coordinate = lo + code / 65535 · (hi − lo); the frame is a
    square around the middle 94 % of the points; `quantisation_error` is the largest error of a coordinate.
    """

    queries: Array
    keys: Array
    lo: Array
    hi: Array
    frame_lo: Array
    frame_hi: Array
    quantisation_error: float
    explained: float


def sample_documents(lengths: Array, points: int, seed: int) -> Array:
    """Indices, in corpus order, of the tokens that maps show: at most `points`, int64, in one seeded random order.

    Documents are taken whole, in a seeded random order, as long as they fit; the first is cut if it alone does not.
    Any prefix of the result is a fair sample of it.
    """
    rng = np.random.default_rng(seed)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    chosen: list[Array] = []
    room = points
    for document in rng.permutation(len(lengths)):
        own = np.arange(starts[document], starts[document + 1])
        if len(own) <= room:
            chosen.append(own)
            room -= len(own)
        elif not chosen:
            return rng.permutation(own[:points])
    return rng.permutation(np.concatenate(chosen)) if chosen else np.empty(0, np.int64)


def translate_keys(q: Array, k: Array) -> Array:
    """k′ = k − mean(k) + mean(q), (points, d): the same attention, with queries and keys around one centre."""
    moved: Array = k - k.mean(0) + q.mean(0)
    return moved


def pca_map(q: Array, k: Array, dimensions: int) -> HeadMap:
    """Joint PCA of queries (points, d) and translated keys (points, d) of one head.

    Deterministic: full singular value decomposition, signs fixed by scikit-learn's rule. A head whose points span
    fewer dimensions gets zeros in the others.
    """
    joint = np.concatenate([q, translate_keys(q, k)]).astype(np.float64)
    possible = min(dimensions, *joint.shape)
    placed = np.zeros((len(joint), dimensions))
    explained = 0.0
    if np.ptp(joint, 0).max(initial=0) > 0:
        pca = PCA(possible, svd_solver="full")
        placed[:, :possible] = pca.fit_transform(joint)
        explained = float(pca.explained_variance_ratio_.sum())
    return _quantise(placed, len(q), explained)


def _quantise(placed: Array, queries: int, explained: float) -> HeadMap:
    lo, hi = placed.min(0), placed.max(0)
    span = np.where(hi > lo, hi - lo, 1)
    codes = np.rint((placed - lo) / span * LEVELS).astype(np.uint16)
    error = float((span / LEVELS / 2).max())
    frame_lo, frame_hi = frame(placed)
    return HeadMap(codes[:queries], codes[queries:], lo, lo + span, frame_lo, frame_hi, error, explained)


def frame(placed: Array) -> tuple[Array, Array]:
    """Corners of a square (cube) around the middle 94 % of the points in each dimension, with a margin.

    Special tokens lie far out; a frame around everything would shrink the rest to a dot.
    """
    tail = (1 - FRAME_SHARE) / 2
    edges: Array = np.quantile(placed, [tail, 1 - tail], axis=0)
    side = float(np.ptp(edges, 0).max()) * (1 + 2 * _MARGIN)
    side = side if side > 0 else 1.0
    centre: Array = edges.mean(0)
    return centre - side / 2, centre + side / 2


def overview_codes(head_map: HeadMap, count: int) -> tuple[Array, Array]:
    """The first `count` queries and keys as uint8 (points, 2) in the frame; points outside stand on its rim."""

    def place(codes: Array) -> Array:
        coordinate = head_map.lo + codes[:count].astype(np.float64) / LEVELS * (head_map.hi - head_map.lo)
        inside = (coordinate - head_map.frame_lo) / (head_map.frame_hi - head_map.frame_lo)
        rim: Array = np.rint(inside.clip(0, 1) * 255).astype(np.uint8)[:, :2]
        return rim

    return place(head_map.queries), place(head_map.keys)
