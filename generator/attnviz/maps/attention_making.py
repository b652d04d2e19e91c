"""One layer's attention maps: positions of queries and keys, from scratch or from earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch

from attnviz.engine.denormals import denormals_as_zero
from attnviz.maps.align import align
from attnviz.maps.attended_rows import document_blocks
from attnviz.maps.attention_map import RECIPE, Recipe, attention_maps
from attnviz.maps.document_rows import DocumentRows
from attnviz.maps.earlier import EarlierMaps
from attnviz.maps.global_rows import global_blocks
from attnviz.maps.making import HeadMap, LayerPoints, principal_axes
from attnviz.maps.placing import Vectors, place_new
from attnviz.maps.row_blocks import Blocks
from attnviz.score import Array

_JITTER: Final = 1e-3
"""Noise of a start, in standard deviations: points that coincide could never part."""


def make_attention_maps(
    points: LayerPoints,
    sizes: Sequence[int],
    documents: Sequence[DocumentRows],
    device: str,
    earlier: EarlierMaps | None = None,
) -> dict[int, list[HeadMap]]:
    """A layer's attention maps, head by head, by number of dimensions; each turned like the head's
    own PCA. The points that `earlier` ones have stand as they stood. They need attention alone;
    none where there are no points."""
    if not min(points.sizes):
        return {}
    with denormals_as_zero():
        if earlier is not None and earlier.has(sizes):
            return _from_earlier(earlier, points, sizes, documents)
        return _from_scratch(points, sizes, documents, device)


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


def _from_scratch(
    points: LayerPoints, sizes: Sequence[int], documents: Sequence[DocumentRows], device: str
) -> dict[int, list[HeadMap]]:
    starts = [_start(points, size, device) for size in sizes]
    fitted = fit_attention(points, documents, starts, device)
    maps: dict[int, list[HeadMap]] = {}
    for size, (queries, keys) in zip(sizes, fitted, strict=True):
        positions = torch.cat([queries, keys], 1).cpu().numpy()  # (head, query and key, size)
        maps[size] = []
        for head, of_head in enumerate(positions):
            turned = _turned(points, head, of_head, size)
            queries_at, keys_at = np.split(turned, [points.sizes[0]])
            maps[size].append(HeadMap(queries_at, keys_at))
    return maps


def fit_attention(
    points: LayerPoints,
    documents: Sequence[DocumentRows],
    starts: Sequence[tuple[torch.Tensor, torch.Tensor]],
    device: str,
    recipe: Recipe = RECIPE,
) -> Sequence[tuple[torch.Tensor, torch.Tensor]]:
    """For each start, queries and keys (heads, points, size) on the device, where the layer's
    attention moves it."""
    local = document_blocks(documents, points.seed)
    # One document needs nothing to tie it to others, and what its mask forbids should not draw
    # near.
    world: list[Blocks] = []
    if points.scored is not None and len(documents) > 1:
        q, k = points.scored
        world = global_blocks(
            q, k, scaling=points.scaling, softcap=points.softcap, seed=points.seed
        )
    if not (local or world):
        return starts
    return attention_maps(
        documents=[blocks.to(device) for blocks in local],
        world=[blocks.to(device) for blocks in world],
        starts=starts,
        recipe=recipe,
    )


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
