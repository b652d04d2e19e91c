"""One layer's maps of its queries and keys as vectors: by PCA, and by what starts from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attnviz import geometry
from attnviz.geometry import Space
from attnviz.maps.align import align
from attnviz.maps.embedding import EMBEDDINGS
from attnviz.maps.pca import pca
from attnviz.maps.variants import Method, SpaceName
from attnviz.score import Array


@dataclass(frozen=True)
class LayerPoints:
    """What a layer's maps are made of, beside its attention.

    `sizes` are the numbers of queries and of keys on the map; q (heads, points, d) and k (kv heads,
    points, d) are None where only attention was captured; signs (heads, 3) mirror the principal
    axes. `scored` are the queries and keys that scores are made of, which q and k are not where
    these are from before rotary embedding.
    """

    heads: int
    sizes: tuple[int, int]
    q: Array | None
    k: Array | None
    scaling: float
    softcap: float | None
    signs: Array
    space: SpaceName
    seed: int
    scored: tuple[Array, Array] | None = None

    @property
    def has_vectors(self) -> bool:
        """Whether there are queries and keys, and some of each on the map."""
        return min(self.sizes) > 0 and self.q is not None

    def space_of(self, head: int, metric: geometry.Metric) -> Space:
        """A head's space: AttentionViz's, or keys on a sphere. ValueError where there are no
        queries and keys."""
        if self.q is None or self.k is None:
            raise ValueError(
                "only attention was captured, so there is no space of queries and keys"
            )
        q, k = self.q[head], self.k[head // (self.heads // len(self.k))]
        if self.space == "lifted":
            return geometry.lifted_space(q, k)
        return geometry.translated_space(q, k, metric)


@dataclass(frozen=True)
class HeadMap:
    """One head's map: queries and keys (points, dimensions), and the share of variance that PCA
    keeps."""

    queries: Array
    keys: Array
    explained: float | None = None

    @property
    def positions(self) -> Array:
        """Queries, then keys."""
        return np.concatenate([self.queries, self.keys])


def map_of(points: LayerPoints, positions: Array) -> HeadMap:
    """A map of queries, then keys (points, dimensions)."""
    queries = points.sizes[0]
    return HeadMap(positions[:queries], positions[queries:])


def make(points: LayerPoints, method: Method, sizes: Sequence[int]) -> dict[int, list[HeadMap]]:
    """A layer's maps of its vectors by one method, head by head, by number of dimensions; each
    turned like the head's own PCA. None where there are no points, or no queries and keys."""
    by_size: dict[int, list[HeadMap]] = {size: [] for size in sizes}
    if not points.has_vectors:
        return {}
    for head in range(points.heads):
        for size, head_map in _of_head(points, head, method, sizes).items():
            by_size[size].append(head_map)
    return by_size


def principal_axes(points: LayerPoints, head: int, size: int) -> HeadMap:
    """PCA of the head's space, mirrored by its signs."""
    space = points.space_of(head, "euclidean")
    queries, keys, explained = pca(space, size)
    signs = points.signs[head, :size]
    return HeadMap(queries * signs, keys * signs, explained)


def vectors_of(points: LayerPoints, head: int, method: Method) -> Array:
    """Queries, then keys (points, size), as a method that keeps neighbours is given them."""
    if method != "pca":
        return directions(points, head)
    space = points.space_of(head, "euclidean")
    return np.concatenate([space.queries, space.keys])


def directions(points: LayerPoints, head: int) -> Array:
    """Queries, then keys (points, size) float32, as embeddings are made of them."""
    return np.concatenate(points.space_of(head, "cosine").vectors()).astype(np.float32)


def _of_head(
    points: LayerPoints, head: int, method: Method, sizes: Sequence[int]
) -> dict[int, HeadMap]:
    """The head's maps by PCA, or by a method that starts from there, by number of dimensions."""
    principal = {size: principal_axes(points, head, size) for size in sizes}
    if method == "pca":
        return principal
    starts = [start.positions for start in principal.values()]
    embedded = EMBEDDINGS[method].embed(directions(points, head), starts, points.seed)
    maps = {}
    for size, start, positions in zip(sizes, starts, embedded, strict=True):
        queries, keys = np.split(align(positions, start), [points.sizes[0]])
        maps[size] = HeadMap(queries, keys)
    return maps
