"""One layer's maps by one method: the positions of queries and keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from attnviz import geometry
from attnviz.geometry import Space
from attnviz.maps.align import align
from attnviz.maps.attended_rows import document_blocks
from attnviz.maps.attention_map import attention_maps
from attnviz.maps.document_rows import DocumentRows
from attnviz.maps.earlier import EarlierMaps
from attnviz.maps.embedding import EMBEDDINGS
from attnviz.maps.global_rows import global_blocks
from attnviz.maps.pca import pca
from attnviz.maps.placing import Vectors, place_new
from attnviz.maps.quality import trustworthiness
from attnviz.maps.row_blocks import Blocks
from attnviz.maps.variants import Method, SpaceName
from attnviz.sampling import Estimate
from attnviz.score import Array

_JITTER: Final = 1e-3
"""Noise of a start, in standard deviations: points that coincide could never part."""


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
    """One head's map: queries and keys (points, dimensions), and what the method says of it.

    `explained` is the share of variance that PCA keeps; `vectors` (queries and keys, size) are what
    a method that keeps neighbours was given, for its trustworthiness.
    """

    queries: Array
    keys: Array
    explained: float | None = None
    vectors: Array | None = None

    @property
    def positions(self) -> Array:
        """Queries, then keys."""
        return np.concatenate([self.queries, self.keys])

    def trustworthiness(self, queries: Array, keys: Array, seed: int) -> Estimate:
        """That of these positions, as readers find them; no value for a method that keeps no
        neighbours."""
        if self.vectors is None:
            return Estimate(None)
        return trustworthiness(self.vectors, np.concatenate([queries, keys]), seed)


def can_make(points: LayerPoints, method: Method) -> bool:
    """Whether there is such a map: the attention map needs attention alone, the others queries and
    keys."""
    return min(points.sizes) > 0 and (method == "attention" or points.q is not None)


def make(
    points: LayerPoints,
    method: Method,
    sizes: Sequence[int],
    documents: Sequence[DocumentRows],
    device: str,
    earlier: EarlierMaps | None = None,
) -> dict[int, list[HeadMap]]:
    """A layer's maps by one method, head by head, by number of dimensions; each turned like the
    head's own PCA. Of attention maps, the points that `earlier` ones have stand as they stood."""
    if method == "attention" and earlier is not None and earlier.has(sizes):
        return _from_earlier(earlier, points, sizes, documents)
    if method == "attention":
        return _attention_maps(points, sizes, documents, device)
    by_size: dict[int, list[HeadMap]] = {size: [] for size in sizes}
    for head in range(points.heads):
        for size, head_map in _of_head(points, head, method, sizes).items():
            by_size[size].append(head_map)
    return by_size


def principal_axes(points: LayerPoints, head: int, size: int) -> HeadMap:
    """PCA of the head's space, mirrored by its signs."""
    space = points.space_of(head, "euclidean")
    queries, keys, explained = pca(space, size)
    signs = points.signs[head, :size]
    vectors = np.concatenate([space.queries, space.keys])
    return HeadMap(queries * signs, keys * signs, explained, vectors)


def _of_head(
    points: LayerPoints, head: int, method: Method, sizes: Sequence[int]
) -> dict[int, HeadMap]:
    """The head's maps by PCA, or by a method that starts from there, by number of dimensions."""
    principal = {size: principal_axes(points, head, size) for size in sizes}
    if method == "pca":
        return principal
    vectors = np.concatenate(points.space_of(head, "cosine").vectors()).astype(np.float32)
    starts = [start.positions for start in principal.values()]
    embedded = EMBEDDINGS[method].embed(vectors, starts, points.seed)
    maps = {}
    for size, start, positions in zip(sizes, starts, embedded, strict=True):
        queries, keys = np.split(align(positions, start), [points.sizes[0]])
        maps[size] = HeadMap(queries, keys, vectors=vectors)
    return maps


def _from_earlier(
    earlier: EarlierMaps,
    points: LayerPoints,
    sizes: Sequence[int],
    documents: Sequence[DocumentRows],
) -> dict[int, list[HeadMap]]:
    scored = points.scored
    vectors = None if scored is None else Vectors(*scored, points.scaling, points.softcap)
    maps = place_new(earlier, sizes, documents, vectors, points.seed)
    return {
        size: [HeadMap(*of_head) for of_head in zip(*positions, strict=True)]
        for size, positions in zip(sizes, maps, strict=True)
    }


def _attention_maps(
    points: LayerPoints, sizes: Sequence[int], documents: Sequence[DocumentRows], device: str
) -> dict[int, list[HeadMap]]:
    local = document_blocks(documents, points.seed)
    # One document needs nothing to tie it to others, and what its mask forbids should not draw
    # near.
    world: list[Blocks] = []
    if points.scored is not None and len(documents) > 1:
        q, k = points.scored
        world = global_blocks(
            q, k, scaling=points.scaling, softcap=points.softcap, seed=points.seed
        )
    fitted = [_start(points, size, device) for size in sizes]
    if local or world:
        fitted = attention_maps(
            documents=[blocks.to(device) for blocks in local],
            world=[blocks.to(device) for blocks in world],
            starts=fitted,
        )
    maps: dict[int, list[HeadMap]] = {}
    for size, (queries, keys) in zip(sizes, fitted, strict=True):
        positions = torch.cat([queries, keys], 1).cpu().numpy()  # (head, query and key, size)
        maps[size] = []
        for head, of_head in enumerate(positions):
            turned = _turned(points, head, of_head, size)
            queries_at, keys_at = np.split(turned, [points.sizes[0]])
            maps[size].append(HeadMap(queries_at, keys_at))
    return maps


def _turned(points: LayerPoints, head: int, positions: Array, size: int) -> Array:
    """A head's map, turned like its PCA where there is one."""
    if points.q is None:
        centred: Array = positions - positions.mean(0)
        return centred
    return align(positions, principal_axes(points, head, size).positions)


def _start(points: LayerPoints, size: int, device: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Every head's start, queries and keys (heads, points, size), on the device."""
    starts = [_start_of_head(points, head, size) for head in range(points.heads)]
    queries, keys = (np.stack(side).astype(np.float32) for side in zip(*starts, strict=True))
    return torch.from_numpy(queries).to(device), torch.from_numpy(keys).to(device)


def _start_of_head(points: LayerPoints, head: int, size: int) -> tuple[Array, Array]:
    """The head's PCA at a standard deviation of 1, with a little noise; noise alone where there is
    none."""
    random = np.random.default_rng((points.seed, head))
    noise = [random.normal(size=(count, size)) for count in points.sizes]
    if points.q is None:
        return noise[0], noise[1]
    start = principal_axes(points, head, size)
    spread = float(start.positions.std())
    if not spread > 0:
        return noise[0], noise[1]
    return start.queries / spread + _JITTER * noise[0], start.keys / spread + _JITTER * noise[1]
