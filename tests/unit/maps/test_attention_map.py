"""The attention map: gradients as autograd has them, planted positions found again, and the same
map every time."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from attnviz.maps.attended_rows import document_blocks
from attnviz.maps.attention_making import make_attention_maps
from attnviz.maps.attention_map import Recipe, _Fit, attention_maps
from attnviz.maps.global_rows import global_blocks
from attnviz.maps.quality import MapPositions, measure
from tests.unit.maps.planted import document, from_vectors, made, points, softmax

SHORT = Recipe(plain=20, longest=50, check=50, gain=-1, cooling=20)


def loss(blocks, x, y, width):
    """Cross-entropy by the definition, entry by entry, for autograd; x (heads, points, d)."""
    total = 0.0
    for of_shape in blocks:
        n, heads, _rows, _ = of_shape.target.shape
        for i in range(n):
            for h in range(heads):
                key = of_shape.keys[i, h if of_shape.keys.shape[1] > 1 else 0]
                s = (
                    -width[h][of_shape.queries[i]].exp()[:, None]
                    * torch.cdist(x[h][of_shape.queries[i]], y[h][key]) ** 2
                )
                if of_shape.offset is not None:
                    s = s + of_shape.offset[i, h if of_shape.offset.shape[1] > 1 else 0]
                if of_shape.forbidden is not None:
                    s = s.masked_fill(
                        of_shape.forbidden[i, h if of_shape.forbidden.shape[1] > 1 else 0], -1e9
                    )
                rows_loss = -(of_shape.target[i, h] * torch.log_softmax(s, -1)).sum(-1)
                share = of_shape.weight[i, h] / sum(other.weight[:, h].sum() for other in blocks)
                total = total + (share * rows_loss).sum()
    return total


@pytest.mark.parametrize("causal", [False, True])
def test_gradients_are_those_of_the_cross_entropy(causal):
    documents, _layer = from_vectors([9, 14, 5], causal=causal)
    blocks = document_blocks(documents, 0)
    for of_shape in blocks:
        of_shape.sharpen(4.0)
    torch.manual_seed(0)
    x, y = torch.randn(2, 2, 28, 2, dtype=torch.float32)
    fit = _Fit(blocks, [], x, y, Recipe(pairs=1 << 30))
    width = torch.randn(2, 28) * 0.3
    fit.kinds[0].width.value.copy_(width)
    gradients = []
    for parameter in (fit.x, fit.y, fit.kinds[0].width):
        parameter.step = lambda gradient, share: gradients.append(gradient)
    fit.step(1.0)
    leaves = [t.clone().double().requires_grad_() for t in (x, y, width)]
    double = [
        replace(of_shape, target=of_shape.target.double(), weight=of_shape.weight.double())
        for of_shape in blocks
    ]
    loss(double, *leaves).backward()
    expected = leaves[0].grad.transpose(1, 2), leaves[1].grad.transpose(1, 2), leaves[2].grad
    for gradient, right in zip(gradients, expected, strict=True):
        assert torch.allclose(gradient.double(), right, atol=1e-6)


def procrustes(positions, truth):
    """Root mean square distance after the best shift, turn and scale, in units of the truth's
    spread."""
    a, b = positions - positions.mean(0), truth - truth.mean(0)
    u, s, v = np.linalg.svd(a.T @ b)
    fitted = a @ (u @ v) * s.sum() / (a * a).sum()
    return np.sqrt(((fitted - b) ** 2).sum() / (b * b).sum())


@pytest.mark.parametrize(("size", "count"), [(2, 100), (3, 150)])
def test_planted_positions_are_found_again(size, count):
    """Attention softmax(−2‖x − y‖²) as a head would have it: q = (4x, −2), k = (y, ‖y‖²)."""
    rng = np.random.default_rng(0)
    x, y = rng.uniform(-2, 2, size=(2, count, size))
    q = np.hstack([4 * x, np.full((count, 1), -2)]).astype(np.float32)[None]
    k = np.hstack([y, (y * y).sum(1, keepdims=True)]).astype(np.float32)[None]
    attention = softmax(-2 * ((x[:, None] - y) ** 2).sum(-1))[None]
    maps = make_attention_maps(points(1, count, q, k), [size], [document(attention)], "cpu")
    head_map = maps[size][0]
    assert procrustes(head_map.positions, np.concatenate([x, y])) < 0.03


def test_a_sink_is_the_nearest_key_of_nearly_every_query():
    rng = np.random.default_rng(0)
    attention = softmax(rng.normal(size=(1, 40, 40)) + 6 * (np.arange(40) == 0))
    head_map = make_attention_maps(points(1, 40), [2], [document(attention)], "cpu")[2][0]
    nearest = ((head_map.queries[:, None] - head_map.keys) ** 2).sum(-1).argmin(1)
    assert (nearest == 0).mean() > 0.95


def top_mass(maps, documents):
    positions = MapPositions(
        np.stack([head_map.queries for head_map in maps]),
        np.stack([head_map.keys for head_map in maps]),
    )
    truths = measure({"map": positions}, documents, seed=0).truths("map")
    return np.array([truth.top3_mass.value for truth in truths])


@pytest.mark.parametrize("causal", [False, True])
def test_it_is_truer_than_pca(causal):
    documents, layer = from_vectors([20, 25, 30], causal=causal)
    maps = {method: made(layer, method, 2, documents) for method in ("attention", "pca")}
    attention, principal = (top_mass(maps[method], documents) for method in ("attention", "pca"))
    assert (attention > principal + 0.2).all()


def test_the_same_input_gives_the_same_map():
    documents, layer = from_vectors([20, 25])
    first, second = (make_attention_maps(layer, [2], documents, "cpu")[2] for _ in range(2))
    assert all(np.array_equal(a.positions, b.positions) for a, b in zip(first, second, strict=True))


def test_heads_do_not_see_each_other():
    documents, _layer = from_vectors([20, 25])
    both = document_blocks(documents, 0)
    start = torch.randn(2, 2, 45, 2, generator=torch.Generator().manual_seed(0))
    alone = [
        type(b)(
            b.queries,
            b.keys,
            b.target[:, :1].clone(),
            b.weight[:, :1].clone(),
            b.offset,
            b.forbidden,
        )
        for b in both
    ]
    together = attention_maps(both, [], [tuple(start)], SHORT)[0]
    alone_map = attention_maps(alone, [], [tuple(start[:, :1])], SHORT)[0]
    assert torch.allclose(together[0][:1], alone_map[0], atol=1e-3)


def test_attention_without_queries_and_keys_has_its_map():
    documents, _ = from_vectors([20, 25])
    maps = make_attention_maps(points(2, 45), [2], documents, "cpu")[2]
    assert (top_mass(maps, documents) > 0.8).all()


def test_cross_attention_has_its_map():
    rng = np.random.default_rng(0)
    attention = softmax(3 * rng.normal(size=(1, 12, 30)))
    layer = points(1, 0)
    layer = type(layer)(1, (12, 30), None, None, 1.0, None, layer.signs, "translated", 0)
    head_map = make_attention_maps(layer, [2], [document(attention)], "cpu")[2][0]
    assert (head_map.queries.shape, head_map.keys.shape) == ((12, 2), (30, 2))
    assert top_mass([head_map], [document(attention)])[0] > 0.8


def test_global_rows_tie_documents_together():
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(4, 8)) * 3
    which = np.tile(np.arange(4), 40)
    q = k = (centres[which] + 0.1 * rng.normal(size=(160, 8))).astype(np.float32)[None]
    parts = [slice(s, s + 16) for s in range(0, 160, 16)]
    documents = [document(softmax(q[0, p] @ k[0, p].T)[None], p.start) for p in parts]
    head_map = make_attention_maps(points(1, 160, q, k), [2], documents, "cpu")[2][0]
    centre = np.stack([head_map.keys[which == c].mean(0) for c in range(4)])
    nearest = ((head_map.queries[:, None] - centre) ** 2).sum(-1).argmin(1)
    assert (nearest == which).mean() > 0.95


def test_global_blocks_hold_each_query_and_the_rules_scores():
    _documents, layer = from_vectors([150, 150], heads=4)
    shared = layer.k[::2]
    blocks = global_blocks(layer.q, shared, scaling=2.0, softcap=9.0, seed=0)[0]
    assert set(blocks.queries.flatten().tolist()) == set(range(300))
    at, near = blocks.queries[1], blocks.keys[1, 0]
    s = 9 * np.tanh(2 * layer.q[3][at] @ shared[1][near].T / 9)
    assert np.allclose(blocks.target[1, 3].numpy(), softmax(s), atol=1e-3)
    assert blocks.keys.shape[-1] == 300
