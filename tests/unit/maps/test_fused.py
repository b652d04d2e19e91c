"""The compiled gradients are those of the formulas, and of tensors; compiled sharpening is that by
bisection."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import torch

from attnviz.maps.adam import AdamParameter
from attnviz.maps.attended_rows import document_blocks
from attnviz.maps.gradients import Parameters, add_by_tensors, add_gradients, points_of
from attnviz.maps.row_blocks import sharpen
from tests.unit.maps.planted import document, from_vectors, softmax


def parameters(size, heads, points, spread=1.0, width=0.3):
    draw = torch.Generator().manual_seed(0)
    x, y = spread * torch.randn(2, heads, size, points, generator=draw)
    return Parameters(x, y, width * torch.randn(heads, points, generator=draw))


def zeros(like):
    return Parameters(*map(torch.zeros_like, (like.x, like.y, like.width)))


def plain(blocks, scale, at):
    """The gradients in NumPy, float64, by the formulas of `attention_map`."""
    total = [np.zeros(tuple(t.shape)) for t in (at.x, at.y, at.width)]
    x, y, width = (t.double().numpy() for t in (at.x, at.y, at.width))
    n, heads, _, _ = blocks.target.shape
    for i in range(n):
        for h in range(heads):
            rows = blocks.queries[i].numpy()
            keys = blocks.keys[i, h % blocks.keys.shape[1]].numpy()
            sigma = np.exp(width[h, rows])[:, None]
            apart = x[h][:, rows][:, :, None] - y[h][:, keys][:, None]  # (size, row, key)
            squared = (apart**2).sum(0)
            s = -sigma * squared
            if blocks.offset is not None:
                s = s + blocks.offset[i, h % blocks.offset.shape[1]].numpy()
            if blocks.forbidden is not None:
                s = np.where(blocks.forbidden[i, h % blocks.forbidden.shape[1]], -np.inf, s)
            g = softmax(s) - blocks.target[i, h].double().numpy()
            g *= blocks.weight[i, h].double().numpy()[:, None] * float(scale[h])
            np.add.at(total[0][h].T, rows, (-2 * g * sigma * apart).sum(2).T)
            np.add.at(total[1][h].T, keys, (2 * g * sigma * apart).sum(1).T)
            np.add.at(total[2][h], rows, -(g * sigma * squared).sum(1))
    return total


@pytest.mark.parametrize("size", [2, 3])
@pytest.mark.parametrize("lengths", [[9, 14, 5], [40, 33], [700]])
@pytest.mark.parametrize("causal", [False, True])
def test_compiled_gradients_are_those_of_the_formulas(size, lengths, causal):
    documents, _ = from_vectors(lengths, causal=causal)
    at, scale = parameters(size, 2, sum(lengths)), torch.tensor([0.7, 1.3])
    for blocks in document_blocks(documents, 0):
        total = zeros(at)
        add_gradients(blocks, slice(0, len(blocks)), scale, at, total)
        for gradient, right in zip(
            (total.x, total.y, total.width), plain(blocks, scale, at), strict=True
        ):
            assert np.abs(gradient.numpy() - right).max() < 3e-6 * np.abs(right).max()


def test_tensors_give_the_same():
    documents, _ = from_vectors([9, 14, 5], causal=True)
    at, scale = parameters(2, 2, 28), torch.ones(2)
    for blocks in document_blocks(documents, 0):
        total, other = zeros(at), zeros(at)
        add_gradients(blocks, slice(0, len(blocks)), scale, at, total)
        add_by_tensors(points_of(blocks, slice(0, len(blocks)), at), scale, other)
        for a, b in ((total.x, other.x), (total.y, other.y), (total.width, other.width)):
            assert torch.allclose(a, b, rtol=1e-5, atol=1e-6)


def test_rows_whose_keys_are_all_far_away_have_a_gradient():
    documents, _ = from_vectors([20])
    blocks = document_blocks(documents, 0)[0]
    at, scale = parameters(2, 2, 20, spread=100.0), torch.ones(2)
    total = zeros(at)
    add_gradients(blocks, slice(0, 1), scale, at, total)
    right = plain(blocks, scale, at)
    assert np.abs(total.x.numpy() - right[0]).max() < 1e-5 * np.abs(right[0]).max()


def test_a_width_that_has_grown_without_end_leaves_numbers():
    documents, _ = from_vectors([20])
    blocks = document_blocks(documents, 0)[0]
    at = parameters(2, 2, 20)
    at = replace(at, width=at.width + 200)
    total = zeros(at)
    add_gradients(blocks, slice(0, 1), torch.ones(2), at, total)
    assert all(torch.isfinite(t).all() for t in (total.x, total.y, total.width))


def test_a_compiled_step_is_adams():
    draw = torch.Generator().manual_seed(0)
    start = torch.randn(3, 2, 50, generator=draw)
    reference = start.clone().requires_grad_()
    options = {"lr": 0.2, "betas": (0.9, 0.99), "eps": 1e-12}
    adam, fitted = torch.optim.Adam([reference], **options), AdamParameter(start.clone(), 0.2)
    for step in range(20):
        gradient = torch.randn(3, 2, 50, generator=draw) * (step > 0)
        share = 1 - step / 40
        reference.grad = gradient.clone()
        adam.param_groups[0]["lr"] = 0.2 * share
        adam.step()
        fitted.step(gradient, share)
    assert torch.allclose(fitted.value, reference.detach(), atol=1e-5)


@pytest.mark.parametrize("perplexity", [1.5, 5.0, 100.0])
@pytest.mark.parametrize("keys", [9, 40, 300])
def test_compiled_sharpening_is_that_by_bisection(keys, perplexity):
    rng = np.random.default_rng(0)
    spread = rng.uniform(0.01, 5, size=(2, keys, 1))
    attention = softmax(spread * rng.normal(size=(2, keys, keys)))
    blocks = document_blocks([document(attention)], 0)[0]
    counts = blocks.weight[..., None] > 0
    expected = torch.where(counts, sharpen(blocks.target, perplexity), 0)
    blocks.sharpen(perplexity)
    assert torch.allclose(blocks.target, expected, atol=2e-5)


def test_nothing_is_compiled_before_a_map_is_made():
    code = "import sys, attnviz.pipeline; sys.exit('numba' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_it_is_compiled_where_nothing_can_be_written(tmp_path):
    code = (
        "from numba.core import caching\n"
        "caching.CacheImpl._locator_classes = []\n"
        "from attnviz.maps import fused\n"
        "import numpy as np\n"
        "logs = np.log2(np.full((1, 4), 0.25, np.float32))\n"
        "fused.sharpen(logs, np.ones(1, np.float32), 3.0)\n"
        "assert np.allclose(logs, 0.25)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


BYTES = """
import hashlib
import numpy as np
from attnviz.maps import fused

rng = np.random.default_rng(0)
def draw(*shape): return rng.random(shape, dtype=np.float32)
result = hashlib.sha256()
x, y, of_x, of_y = draw(2, 2, 50), draw(2, 2, 50), *np.zeros((2, 2, 2, 50), np.float32)
width, of_width = 9 * draw(2, 50), np.zeros((2, 50), np.float32)
logs = np.log2(draw(30, 40))
fused.sharpen(logs, np.ones(30, np.float32), 2.0)
target = np.broadcast_to(logs, (3, 2, 30, 40)).copy()
at = rng.integers(0, 50, (3, 30)), rng.integers(0, 50, (3, 1, 40))
nothing = np.empty((0, 1, 1, 1), np.float32), np.empty((0, 1, 1, 1), bool)
blocks = (*at, target, draw(3, 2, 30), *nothing)
gradients = of_x, of_y, of_width
fused.add_gradients(blocks, 0, 3, np.ones(2, np.float32), (x, y, width), gradients)
numbers = (0.9, 0.99, 0.1, 0.5, 1e-12)
fused.adam(x.ravel(), y.ravel(), draw(x.size), of_x.ravel(), numbers)
for array in (logs, *gradients, x):
    result.update(array.tobytes())
print(result.hexdigest())
"""


def test_the_bytes_do_not_depend_on_a_processors_registers():
    plain = {"NUMBA_CPU_NAME": "generic", "NUMBA_CPU_FEATURES": ""}
    results = {
        subprocess.run(
            [sys.executable, "-c", BYTES],
            env=os.environ | settings,
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for settings in ({}, plain)
    }
    assert len(results) == 1
