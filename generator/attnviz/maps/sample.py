"""Which tokens a map shows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from attnviz.score import Array


def sample_documents(lengths: Array, points: int, seed: int) -> Array:
    """Indices, in corpus order, of the tokens that maps show: at most `points`, int64, in one
    seeded random order.

    Documents are taken whole, in a seeded random order, as long as they fit; the first is cut if it
    alone does not. Any prefix of the result is a fair sample of it.
    """
    rng = np.random.default_rng(seed)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    sample: list[Array] = []
    room = points
    for document in rng.permutation(len(lengths)):
        tokens = np.arange(starts[document], starts[document + 1])
        if len(tokens) <= room:
            sample.append(tokens)
            room -= len(tokens)
        elif not sample:
            return rng.permutation(tokens[:points])
    return rng.permutation(np.concatenate(sample)) if sample else np.empty(0, np.int64)


def sample_axes(lengths: Mapping[str, Array], points: int, seed: int) -> dict[str, Array]:
    """The tokens that maps show, by axis, from the documents' lengths on each; see
    `sample_documents`."""
    return {name: sample_documents(of_axis, points, seed) for name, of_axis in lengths.items()}
