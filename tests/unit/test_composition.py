"""Composition at random, and the norms that it folds in."""

from __future__ import annotations

import torch

from attnviz.writes.composition import chance, composition, head_matrices
from attnviz.writes.norms import linear_norm


def random_heads(generator, hidden=48, size=6, heads=8):
    q, k, v, o = (torch.randn(heads, hidden, size, generator=generator) for _ in range(4))
    return head_matrices(q, k, v, o.mT)


def test_random_matrices_compose_by_one_over_the_root_of_the_hidden_size():
    generator = torch.Generator().manual_seed(0)
    tables = [composition(random_heads(generator), random_heads(generator)) for _ in range(6)]
    measured = torch.cat(tables).square().mean().sqrt()
    assert abs(float(measured) / chance(48) - 1) < 0.02


def test_a_head_that_reads_just_what_another_writes_composes_more():
    generator = torch.Generator().manual_seed(0)
    o = torch.linalg.qr(torch.randn(1, 48, 6, generator=generator))[0].mT
    v = torch.linalg.qr(torch.randn(1, 48, 6, generator=generator))[0]
    k = torch.randn(1, 48, 6, generator=generator)
    writer, reader = head_matrices(k, k, v, o), head_matrices(o.mT, k, v, o)
    q_composition = float(composition(writer, reader)[0, 0, 0])
    assert q_composition > 2 * chance(48)


def test_gain_bias_and_centring_of_norms_are_found():
    torch.manual_seed(0)
    layer, rms = torch.nn.LayerNorm(33), torch.nn.RMSNorm(33)
    x = torch.randn(5, 33) + 1.0
    with torch.no_grad():
        for parameter in (layer.weight, layer.bias, rms.weight):
            parameter.normal_()
        for module, centred in ((layer, True), (rms, False)):
            norm = linear_norm(module, x)
            assert norm.centred is centred
            assert norm.error(x, module(x)) < 1e-5
            torch.testing.assert_close(norm.gain.float(), module.weight, atol=1e-4, rtol=1e-4)
