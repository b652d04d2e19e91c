"""How far two models' attention of the same heads lies apart, on the same documents.

The divergence of two rows of attention p and q is that of Jensen and Shannon (Lin 1991), in nats:

    JS(p, q) = H((p + q) / 2) − (H(p) + H(q)) / 2,    0 ≤ JS ≤ ln 2.

What a head leaves to a sink is one more entry of a row. A head's divergence is the mean over the
rows that see two keys or more: a row of one key can be nothing else. Nothing is sampled.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import entr

from attnviz.capture.captured_layer import CapturedLayer
from attnviz.capture.result import LayerDocument
from attnviz.engine.step import step
from attnviz.score import Array


@dataclass(frozen=True)
class LayerDivergence:
    """Of a layer's heads: the mean divergence of each, (heads,) nats, None without rows; whether
    every number of its attention is the same, (heads,); and how many rows were compared in how many
    documents."""

    means: list[float | None]
    same: list[bool]
    rows: int
    documents: int


@step("divergence")
def diverge_layer(
    here: CapturedLayer, other: CapturedLayer, among: frozenset[int] | None = None
) -> LayerDivergence:
    """How far a layer's attention lies from that of another model's layer of the same shape, over
    all documents or those `among` these."""
    totals, rows, documents = np.zeros(here.layer.heads), 0, 0
    same = np.ones(here.layer.heads, bool)
    for document, counterpart in _pairs(here, other, among):
        documents += 1
        for block in document.intervals.blocks(2 * here.layer.heads):
            a, b = document.attention(block), counterpart.attention(block)
            same &= (a == b).all((1, 2), where=~(np.isnan(a) & np.isnan(b)))
            counted = comparable(a, b, document, counterpart, block)
            totals += row_divergences(a[:, counted], b[:, counted]).sum(-1)
            rows += int(counted.sum())
    return LayerDivergence(
        means=(totals / rows).tolist() if rows else [None] * len(totals),
        same=same.tolist(),
        rows=rows,
        documents=documents,
    )


def row_divergences(a: Array, b: Array) -> Array:
    """The divergence of each two rows of attention (heads, rows, K), (heads, rows) in nats, 0 to
    ln 2; what is left of a row went to a sink. Exactly 0 where the rows are the same.

    >>> p = np.array([[[1.0, 0.0], [0.5, 0.5]]])
    >>> row_divergences(p, p[..., ::-1]).round(4).tolist()
    [[0.6931, 0.0]]
    """
    p, q = (_with_rest(attention.astype(np.float64)) for attention in (a, b))
    entropies = (entr(p).sum(-1) + entr(q).sum(-1)) / 2
    divergences: Array = (entr((p + q) / 2).sum(-1) - entropies).clip(0, np.log(2))
    return divergences


def _with_rest(a: Array) -> Array:
    """Rows with what they leave to a sink as one more entry, (heads, rows, K + 1)."""
    return np.concatenate([a, (1 - a.sum(-1, keepdims=True)).clip(0)], -1)


def comparable(
    a: Array, b: Array, document: LayerDocument, counterpart: LayerDocument, block: slice
) -> Array:
    """Which rows of a block of both are compared, (rows,) bool: those that see a key in both, and
    two or more in either."""
    seen = np.maximum(
        *(of.intervals.hi[block] - of.intervals.lo[block] for of in (document, counterpart))
    )
    rows: Array = np.isfinite(a).all((0, 2)) & np.isfinite(b).all((0, 2)) & (seen > 1)
    return rows


def _pairs(
    here: CapturedLayer, other: CapturedLayer, among: frozenset[int] | None
) -> Iterator[tuple[LayerDocument, LayerDocument]]:
    """Each document of both. The order is that of batches, and nearly always the same in both."""
    waiting: dict[int, LayerDocument] = {}
    others = other.documents(among)
    for document in here.documents(among):
        while document.document not in waiting:
            counterpart = next(others)
            waiting[counterpart.document] = counterpart
        yield document, waiting.pop(document.document)
