"""Attention whose truth is known, as documents that maps are made of."""

import numpy as np

from attnviz.maps.attention_making import make_attention_maps
from attnviz.maps.document_rows import DocumentRows
from attnviz.maps.making import LayerPoints, make


def softmax(s):
    e = np.exp(s - s.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def document(attention, first=0, allowed=None, queries=None, keys=None, number=0):
    """A document of attention (heads, T, K), whose tokens are the map's points from `first` on."""
    attention = attention.astype(np.float32)
    _, rows, count = attention.shape
    visible = np.ones((rows, count), bool) if allowed is None else allowed
    return DocumentRows(
        number,
        np.arange(first, first + rows) if queries is None else queries,
        np.arange(first, first + count) if keys is None else keys,
        lambda part: attention[:, part],
        lambda part: visible[part],
        lambda part: attention[:, part],
    )


def points(heads, count, q=None, k=None, seed=0):
    scored = None if q is None else (q, k)
    return LayerPoints(
        heads=heads,
        sizes=(count, count),
        q=q,
        k=k,
        scaling=1.0,
        softcap=None,
        signs=np.ones((heads, 3)),
        space="translated",
        seed=seed,
        scored=scored,
    )


def from_vectors(lengths, heads=2, size=8, seed=0, causal=False):
    """Documents of random queries and keys, and the layer's points."""
    rng = np.random.default_rng(seed)
    total = sum(lengths)
    q, k = rng.normal(size=(2, heads, total, size)).astype(np.float32)
    documents, start = [], 0
    for number, length in enumerate(lengths):
        tokens = slice(start, start + length)
        s = q[:, tokens] @ k[:, tokens].transpose(0, 2, 1)
        allowed = np.tri(length, dtype=bool) if causal else np.ones((length, length), bool)
        attention = softmax(np.where(allowed, s, -np.inf))
        documents.append(document(attention, start, allowed, number=number))
        start += length
    return documents, points(heads, total, q, k)


def made(layer, method, size, documents):
    """A layer's maps by any method, head by head."""
    if method == "attention":
        return make_attention_maps(layer, [size], documents, "cpu")[size]
    return make(layer, method, [size])[size]
