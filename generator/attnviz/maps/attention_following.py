"""Attention maps that follow those of a model before: points move by what the new attention moves
them, and not by chance.

A head whose queries, keys and attention are the same to the last bit has the same map.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import torch

from attnviz.engine.denormals import denormals_as_zero
from attnviz.maps.align import align
from attnviz.maps.attention_making import fit_attention
from attnviz.maps.attention_map import RECIPE, Recipe
from attnviz.maps.document_rows import DocumentRows
from attnviz.maps.former import FormerMaps
from attnviz.maps.making import HeadMap, LayerPoints, map_of
from attnviz.score import Array

FOLLOWING: Final = replace(
    RECIPE, rate=0.02, plain=0, settling=100, longest=100, check=100, cooling=200
)
FAR: Final = 0.01
"""Nats of divergence from which on a head's attention map is fitted as one from scratch is, from
the former positions: small steps would not get there."""


def follow_attention(
    former: FormerMaps,
    points: LayerPoints,
    sizes: Sequence[int],
    documents: Sequence[DocumentRows],
    device: str,
) -> dict[int, list[HeadMap]] | None:
    """A layer's attention maps, head by head, by number of dimensions; None where the model before
    has none to start from."""
    starts = former.starts(sizes)
    if starts is None or not min(points.sizes):
        return None
    if former.held(points, "attention").all():
        return {size: [map_of(points, x) for x in of_heads] for size, of_heads in starts.items()}
    with denormals_as_zero():
        return _attention_maps(former, starts, points, documents, device)


def _attention_maps(
    former: FormerMaps,
    starts: dict[int, Array],
    points: LayerPoints,
    documents: Sequence[DocumentRows],
    device: str,
) -> dict[int, list[HeadMap]]:
    """Each point moves by what the new attention moves it more than the former would have; those of
    heads that moved far, to where a whole fit brings them."""
    before = list(starts.values())
    former_points, former_documents = former.job.points(), former.job.rows()
    here = _fitted(points, documents, before, device)
    there = _fitted(former_points, former_documents, before, device)
    followed = [
        was + (moved - still) for was, moved, still in zip(before, here, there, strict=True)
    ]
    far = np.flatnonzero(former.moved > FAR)
    if len(far):
        anew = _fitted(points, documents, [_scaled(was) for was in before], device, RECIPE)
        for positions, was, of_heads in zip(followed, before, anew, strict=True):
            for head in far:
                positions[head] = align(of_heads[head], was[head])
    return {
        size: [map_of(points, of_head) for of_head in positions]
        for size, positions in zip(starts, followed, strict=True)
    }


def _scaled(positions: Array) -> Array:
    """Each head's positions at a standard deviation of 1, as those of a start."""
    spread = positions.std((1, 2), keepdims=True)
    scaled: Array = positions / np.where(spread > 0, spread, 1)
    return scaled


def _fitted(
    points: LayerPoints,
    documents: Sequence[DocumentRows],
    before: Sequence[Array],
    device: str,
    recipe: Recipe = FOLLOWING,
) -> list[Array]:
    """Queries, then keys (heads, points, size) of each map, where the steps of a recipe bring
    them."""
    cut = points.sizes[0]
    starts = [torch.from_numpy(positions.astype(np.float32)).to(device) for positions in before]
    sides = [(both[:, :cut].contiguous(), both[:, cut:].contiguous()) for both in starts]
    ends = fit_attention(points, documents, sides, device, recipe)
    return [torch.cat(both, 1).cpu().numpy().astype(np.float64) for both in ends]
