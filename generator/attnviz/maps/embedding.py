"""UMAP and t-SNE of a space, each from PCA, seeded and on one thread, so that the same input gives
the same map."""

from __future__ import annotations

import warnings
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
"""With fewer points than this, or points that all coincide, a neighbourhood says nothing, and the
start is the map."""


def umap(vectors: Array, start: Array, neighbours: tuple[Array, Array], seed: int) -> Array:
    """UMAP (McInnes et al. 2018), (points, dimensions) float64, from `start` and exact `neighbours`
    of the vectors.

    min_dist is 0.1. A spectral start stalls where the neighbour graph is disconnected, as it is in
    positional heads.
    """
    points = len(vectors)
    if points < _FEW or not np.ptp(vectors, 0).any():
        return start
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of seeds and threads, which are as meant
        # Imported here: it compiles for seconds, and a build without UMAP should not wait for it.
        from umap.umap_ import find_ab_params, fuzzy_simplicial_set, simplicial_set_embedding

        own = np.arange(points, dtype=np.int32)[:, None]
        index = np.hstack([own, neighbours[0][:, : NEIGHBOURS - 1].astype(np.int32)])
        apart = np.hstack([np.zeros((points, 1), np.float32), neighbours[1][:, : NEIGHBOURS - 1]])
        random = np.random.RandomState(seed)
        graph, _, _ = fuzzy_simplicial_set(
            vectors, index.shape[1], random, "euclidean", knn_indices=index, knn_dists=apart
        )
        epochs = int(np.clip(_WORK / points, 125, 500))
        spread = find_ab_params(1.0, _NEAR)
        placed, _ = simplicial_set_embedding(
            vectors,
            graph,
            start.shape[1],
            1.0,
            *spread,
            1.0,
            5,
            epochs,
            _scaled(start),
            random,
            "euclidean",
            {},
            False,
            {},
            False,
            parallel=False,
        )
    # Where most points coincide, forces between them have no direction.
    return np.asarray(placed, np.float64) if np.isfinite(placed).all() else start


def _scaled(start: Array) -> Array:
    """Each axis from 0 to 10, as UMAP scales its starts; an axis without extent stays where it
    is."""
    span = np.ptp(start, 0)
    scaled: Array = (10 * (start - start.min(0)) / np.where(span > 0, span, 1)).astype(np.float32)
    return scaled


def tsne(vectors: Array, start: Array, seed: int) -> Array:
    """t-SNE (van der Maaten & Hinton 2008; scikit-learn's Barnes–Hut), (points, dimensions)
    float64, from `start`."""
    from sklearn.manifold import TSNE

    points = len(vectors)
    if points < _FEW or not np.ptp(vectors, 0).any():
        return start
    spread = float(start[:, 0].std())
    small = (start / (spread if spread > 0 else 1) * 1e-4).astype(np.float32)
    perplexity = min(_PERPLEXITY, (points - 1) / 3)
    fit = TSNE(
        start.shape[1],
        perplexity=perplexity,
        init=small,
        random_state=seed,
        n_jobs=1,
        method="barnes_hut",
    )
    with threadpool_limits(1):
        return np.asarray(fit.fit_transform(vectors.astype(np.float32)), np.float64)
