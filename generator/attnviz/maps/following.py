"""Maps of queries and keys as vectors that follow those of a model before: every point starts where
the same token of the same head stood, so that points move where the model did.

A head whose queries and keys are the same to the last bit has the same map. PCA has principal axes
of its own, turned together onto the former map, as UMAP and t-SNE are, which start from there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from attnviz.maps.align import align
from attnviz.maps.embedding import EMBEDDINGS
from attnviz.maps.former import FormerMaps
from attnviz.maps.making import HeadMap, LayerPoints, directions, map_of, principal_axes
from attnviz.maps.variants import Method
from attnviz.score import Array


def follow(
    former: FormerMaps, points: LayerPoints, method: Method, sizes: Sequence[int]
) -> dict[int, list[HeadMap]] | None:
    """A layer's maps by one method, head by head, by number of dimensions; None where there are no
    queries and keys, or the model before has no maps to start from."""
    starts = former.starts(sizes)
    if starts is None or not points.has_vectors:
        return None
    held = former.held(points, method)
    by_size: dict[int, list[HeadMap]] = {size: [] for size in sizes}
    for head in range(points.heads):
        of_head = {size: positions[head] for size, positions in starts.items()}
        for size, head_map in _of_head(points, head, method, of_head, bool(held[head])).items():
            by_size[size].append(head_map)
    return by_size


def _of_head(
    points: LayerPoints, head: int, method: Method, before: dict[int, Array], held: bool
) -> dict[int, HeadMap]:
    """One head's maps of a space, which start from those before, by number of dimensions."""
    made = {size: principal_axes(points, head, size) for size in before}
    if method != "pca":
        starts = list(before.values())
        embedded = (
            starts
            if held
            else EMBEDDINGS[method].embed(directions(points, head), starts, points.seed)
        )
        made = {
            size: map_of(points, positions)
            for size, positions in zip(before, embedded, strict=True)
        }
    maps = {}
    for size, head_map in made.items():
        turned = before[size] if held else align(head_map.positions, before[size])
        queries, keys = np.split(turned, [points.sizes[0]])
        maps[size] = replace(head_map, queries=queries, keys=keys)
    return maps
