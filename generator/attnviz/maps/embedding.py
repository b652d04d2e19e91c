"""UMAP and t-SNE of a space.

Each takes vectors (points, size), starts (points, dimensions), one for each number of dimensions,
and a seed, and returns a map for each start, (points, dimensions) float64. Each is seeded and on
one thread, so the same input gives the same maps. Where a neighbourhood says nothing, which is
with fewer than 8 points or where all coincide, the start is the map.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from attnviz.score import Array

NEIGHBOURS: Final = 15
_NEAR: Final = 0.1
_WORK: Final = 1_250_000
"""UMAP's epochs × points; between 125 epochs, which are enough for 10,000 points, and 500."""

_PERPLEXITY: Final = 30.0
_FEW: Final = 8


def umap(vectors: Array, starts: Sequence[Array], seed: int) -> list[Array]:
    """UMAP (McInnes et al. 2018) under Euclidean distance, with exact neighbours and a min_dist of
    0.1."""
    if _has_no_neighbourhoods(vectors):
        return list(starts)
    neighbours = nearest(vectors)
    return [_umap(vectors, start, neighbours, seed) for start in starts]


def _umap(vectors: Array, start: Array, neighbours: tuple[Array, Array], seed: int) -> Array:
    # Imported here: it compiles for seconds, and a build without UMAP should not wait for it.
    from umap import UMAP

    fit = UMAP(
        n_neighbors=neighbours[0].shape[1],
        n_components=start.shape[1],
        min_dist=_NEAR,
        n_epochs=int(np.clip(_WORK / len(vectors), 125, 500)),
        # A spectral start stalls where the graph is disconnected, as it is in positional heads.
        init=_scaled(start),
        random_state=seed,
        n_jobs=1,
        precomputed_knn=neighbours,
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a missing search index, which only new points need
        positions = np.asarray(fit.fit_transform(vectors), np.float64)
    # Where most points coincide, forces between them have no direction.
    return positions if np.isfinite(positions).all() else start


def nearest(vectors: Array) -> tuple[Array, Array]:
    """Of each point itself and its 14 nearest others, nearest first: indices and Euclidean
    distances, (points, 15) each, or as many columns as there are points. Exact."""
    from sklearn.neighbors import NearestNeighbors  # takes a second to import

    points = len(vectors)
    search = NearestNeighbors(n_neighbors=min(NEIGHBOURS, points) - 1, algorithm="brute")
    # Asked for no points in particular, it leaves each out of its own neighbours.
    distances, others = search.fit(vectors).kneighbors()  # (point, neighbour)
    itself = np.arange(points)[:, None]
    return np.hstack([itself, others]), np.hstack([np.zeros((points, 1)), distances])


def _has_no_neighbourhoods(vectors: Array) -> bool:
    return len(vectors) < _FEW or not np.ptp(vectors, 0).any()


def _scaled(start: Array) -> Array:
    """Each axis from 0 to 10, as UMAP scales its starts; an axis without extent stays where it
    is."""
    span = np.ptp(start, 0)
    scaled: Array = (10 * (start - start.min(0)) / np.where(span > 0, span, 1)).astype(np.float32)
    return scaled


def tsne(vectors: Array, starts: Sequence[Array], seed: int) -> list[Array]:
    """t-SNE (van der Maaten & Hinton 2008) by scikit-learn's Barnes–Hut."""
    if _has_no_neighbourhoods(vectors):
        return list(starts)
    return [_tsne(vectors, start, seed) for start in starts]


def _tsne(vectors: Array, start: Array, seed: int) -> Array:
    from sklearn.manifold import TSNE

    spread = float(start[:, 0].std())
    fit = TSNE(
        start.shape[1],
        perplexity=min(_PERPLEXITY, (len(vectors) - 1) / 3),
        init=(start / (spread if spread > 0 else 1) * 1e-4).astype(np.float32),
        random_state=seed,
        n_jobs=1,
        method="barnes_hut",
    )
    with threadpool_limits(1):
        return np.asarray(fit.fit_transform(vectors.astype(np.float32)), np.float64)


@dataclass(frozen=True)
class Embedding:
    """A method that keeps neighbours: its title, about how many seconds it takes for a token of a
    head in 2 and 3 dimensions, and the function."""

    title: str
    seconds: float
    embed: Callable[[Array, Sequence[Array], int], list[Array]]


EMBEDDINGS: Final = {
    "umap": Embedding("UMAP", 8e-4, umap),
    "tsne": Embedding("t-SNE", 2e-2, tsne),
}
"""The methods that keep neighbours, by the names that config/options.py lists."""
