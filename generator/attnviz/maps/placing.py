"""New points on an attention map that stands: they move, and all others stay where they are.

Attention goes from a token to tokens of its own document, so a document's points have no part in
how true the map is of others. New ones are fitted as in a whole map, to the rows of their documents
and to global rows, which are of them and of a sample of the points that stand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import torch

from attnviz.geometry import squared_distances
from attnviz.maps.attended_rows import document_blocks
from attnviz.maps.attention_map import RECIPE, Recipe, attention_maps
from attnviz.maps.document_rows import DocumentRows
from attnviz.maps.earlier import EarlierMaps
from attnviz.maps.global_rows import global_blocks
from attnviz.score import Array

_COMPANIONS: Final = 256
"""Queries and keys that stand, among which new ones find their place."""
_SHAPE: Final = (64, 256)
"""Rows and keys of a block of global rows."""
_PLACING: Final = replace(RECIPE, pairs=1 << 15, plain=100, longest=300, check=100, cooling=250)
_JITTER: Final = 1e-3


@dataclass(frozen=True)
class Vectors:
    """What scores are made of: q (heads, points, d) and k (kv heads, points, d), and how."""

    q: Array
    k: Array
    scaling: float
    softcap: float | None


def place_new(
    earlier: EarlierMaps,
    sizes: Sequence[int],
    documents: Sequence[DocumentRows],
    vectors: Vectors | None,
    seed: int,
) -> list[tuple[Array, Array]]:
    """Queries and keys (heads, points, size) float32 in each number of dimensions, of which those
    that are not new stand where they stood. `vectors` are None where only attention was
    captured."""
    maps = [earlier.positions(size) for size in sizes]
    new = earlier.new
    if not (new[0].any() or new[1].any()):
        return maps
    touched = [rows for rows in documents if _has(rows.queries, new[0]) or _has(rows.keys, new[1])]
    used = [_used(side, [getattr(rows, name) for rows in touched]) for side, name in
            zip(new, ("queries", "keys"), strict=True)]  # fmt: skip
    starts = [_start(positions, used, new, vectors, seed) for positions in maps]
    places = [_renumbered(of_side, len(side)) for of_side, side in zip(used, new, strict=True)]
    local = document_blocks(
        [replace(rows, queries=places[0][rows.queries], keys=places[1][rows.keys])
         for rows in touched], seed,
    )  # fmt: skip
    world = []
    if vectors is not None and len(documents) > 1:
        world = global_blocks(
            vectors.q[:, used[0]],
            vectors.k[:, used[1]],
            scaling=vectors.scaling,
            softcap=vectors.softcap,
            seed=seed,
            shape=_SHAPE,
        )
    if local or world:
        rows = sum(float(blocks.weight.sum()) for blocks in local) / len(maps[0][0])
        free = [torch.from_numpy(side[at]) for side, at in zip(new, used, strict=True)]
        pairs = sum(blocks.pairs for blocks in local)
        recipe = _recipe(rows, len(used[0]), pairs)
        starts = attention_maps(local, world, starts, recipe, (free[0], free[1]))
    for positions, fitted in zip(maps, starts, strict=True):
        for into, side, at, moved in zip(positions, new, used, fitted, strict=True):
            into[:, at[side[at]]] = moved.numpy()[:, side[at]]
    return maps


def _has(points: Array, new: Array) -> bool:
    return bool(new[points[points >= 0]].any())


def _used(new: Array, of_documents: Sequence[Array]) -> Array:
    """The points that take part: those of documents with new ones, and the first that stand, which
    are a fair sample."""
    standing = np.flatnonzero(~new)[:_COMPANIONS]
    points = np.concatenate([np.flatnonzero(new), standing, *of_documents])
    used: Array = np.unique(points[points >= 0])
    return used


def _renumbered(used: Array, points: int) -> Array:
    """The number of each point among those that take part; −1 for −1, too."""
    numbers = np.full(points + 1, -1)
    numbers[used] = np.arange(len(used))
    return numbers


def _recipe(document_rows: float, points: int, pairs: int) -> Recipe:
    """A row of either kind counts what it counts in a whole map; `pairs` are all of the documents'
    own."""
    share = RECIPE.global_share * points
    return replace(
        _PLACING,
        pairs=min(max(pairs, _PLACING.pairs), RECIPE.pairs),
        global_share=share / (share + (1 - RECIPE.global_share) * max(document_rows, 1)),
    )


def _start(
    positions: tuple[Array, Array],
    used: Sequence[Array],
    new: tuple[Array, Array],
    vectors: Vectors | None,
    seed: int,
) -> tuple[torch.Tensor, torch.Tensor]:
    """Where the points stand that take part; a new one where the point stands whose vector is
    nearest to its own."""
    random = np.random.default_rng(seed)
    of_sides = (None, None) if vectors is None else (vectors.q, vectors.k)
    starts = []
    for at, points, fresh, of_side in zip(positions, used, new, of_sides, strict=True):
        start = at[:, points]  # (head, point, size)
        unplaced = fresh[points]
        standing = np.flatnonzero(~unplaced)[:_COMPANIONS]
        noise = random.normal(size=start[:, unplaced].shape)
        if of_side is None or not len(standing):
            start[:, unplaced] = noise
        else:
            group = len(start) // len(of_side)
            for head, here in enumerate(start):
                x = of_side[head // group][points]
                near = squared_distances(x[unplaced], x[standing]).argmin(-1)
                here[unplaced] = here[standing[near]]
            start[:, unplaced] += (_JITTER * noise * start[:, standing].std()).astype(np.float32)
        starts.append(torch.from_numpy(np.ascontiguousarray(start)))
    return starts[0], starts[1]
