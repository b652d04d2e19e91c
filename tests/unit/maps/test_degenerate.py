"""Input with nothing to show: a map, or no map, and never a number that is none."""

import numpy as np
import pytest

from attnviz.maps import quantise
from attnviz.maps.attention_making import make_attention_maps
from attnviz.maps.making import make, vectors_of
from attnviz.maps.quality import trustworthiness
from tests.unit.maps.planted import document, from_vectors, made, points, softmax

METHODS = ("attention", "pca", "umap", "tsne")


def all_equal(count):
    q = np.ones((1, count, 4), np.float32)
    return [document(np.full((1, count, count), 1 / count))], points(1, count, q, q)


def equal_queries():
    k = np.random.default_rng(0).normal(size=(1, 30, 4)).astype(np.float32)
    q = np.ones_like(k)
    return [document(softmax(q @ k.transpose(0, 2, 1)))], points(1, 30, q, k)


def twice_the_same_text():
    documents, layer = from_vectors([20], heads=1)
    q, k = (np.concatenate([side, side], 1) for side in (layer.q, layer.k))
    a = documents[0].attention(slice(None))
    return [document(a), document(a, first=20)], points(1, 40, q, k)


CASES = {
    "one token": lambda: all_equal(1),
    "two tokens": lambda: all_equal(2),
    "fewer points than neighbours": lambda: all_equal(5),
    "no variance": lambda: all_equal(40),
    "all queries equal": equal_queries,
    "two documents with the same text": twice_the_same_text,
}


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("case", CASES)
def test_a_map_of_numbers(case, method, size):
    documents, layer = CASES[case]()
    head_map = made(layer, method, size, documents)[0]
    assert head_map.queries.shape == (layer.sizes[0], size)
    assert np.isfinite(head_map.positions).all()
    stored = quantise(head_map.queries, head_map.keys)
    assert np.isfinite(np.concatenate(stored.positions())).all()
    if method != "attention":
        vectors, positions = vectors_of(layer, 0, method), np.concatenate(stored.positions())
        trust = trustworthiness(vectors, positions, 0).value
        assert trust is None or np.isfinite(trust)


def test_rows_without_attention_alone():
    nothing = np.full((1, 6, 6), np.nan)
    head_map = made(points(1, 6), "attention", 2, [document(nothing)])[0]
    assert np.isfinite(head_map.positions).all()


def test_where_only_attention_is_known_there_is_no_other_map():
    layer = points(1, 6)
    assert not any(make(layer, method, [2]) for method in METHODS[1:])
    empty = type(layer)(**(vars(layer) | {"sizes": (0, 6)}))
    assert not make_attention_maps(empty, [2], [], "cpu")
