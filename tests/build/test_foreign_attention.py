"""Activations by other tools' names, and modules that are no models of transformers, become reports
whose attention is that of the activations and of the module itself."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import attnviz
from attnviz.reader.check import inspect

TOKENS = ["<|endoftext|>", "The", " cat", " sat", " on", " it"]


@pytest.fixture
def build(tmp_path):
    def run(**gift):
        options = {"maps": {"methods": ["pca"]}, "vectors": True}
        report = attnviz.build(out=tmp_path / "r", cache=tmp_path / "c", options=options, **gift)
        assert not inspect(report.folder).faults
        return report

    return run


def holds(report, layer, head, document, a):
    stored = report.attention(layer, head, document)
    assert np.abs(stored - a).max() <= report.certificate(layer, head).max_error + 1e-5


def activations(turned=False):
    """A cache as TransformerLens has it: patterns (1, heads, T, T), q and k (1, T, heads, d)."""
    rng = np.random.default_rng(0)
    cache = {"hook_embed": torch.zeros(1, 6, 32)}
    for layer in range(2):
        q, k = rng.normal(size=(2, 1, 6, 4, 8))
        scores = np.einsum("bqhd,bkhd->bhqk", q, k) / np.sqrt(8)
        scores = np.where(np.tril(np.ones((6, 6))) > 0, scores, -np.inf)
        pattern = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
        names = ("hook_rot_q", "hook_rot_k") if turned else ("hook_q", "hook_k")
        cache |= {
            f"blocks.{layer}.attn.hook_pattern": torch.tensor(pattern),
            f"blocks.{layer}.attn.{names[0]}": torch.tensor(q),
            f"blocks.{layer}.attn.{names[1]}": torch.tensor(k),
        }
        if turned:  # what was there before rotary embedding
            cache[f"blocks.{layer}.attn.hook_q"] = torch.tensor(q[..., ::-1].copy())
            cache[f"blocks.{layer}.attn.hook_k"] = torch.tensor(k)
    return cache


@pytest.mark.parametrize("turned", [False, True])
def test_a_cache_of_transformer_lens_has_maps_of_its_queries_and_keys(build, turned):
    cache = activations(turned)

    report = build(attention=cache, tokens=TOKENS, by="a cache of TransformerLens")

    for layer in range(2):
        pattern = cache[f"blocks.{layer}.attn.hook_pattern"][0].numpy()
        for head in range(4):
            holds(report, layer, head, 0, pattern[head])
    name = "hook_rot_q" if turned else "hook_q"
    q = cache[f"blocks.1.attn.{name}"][0, :, 2].numpy()
    assert np.abs(report.queries(1, 2, 0) - q).max() < 0.05
    assert report.documents[0].text == "The cat sat on it"
    assert report.manifest.models[0].self_check.rows == 2 * 4 * 6


def test_vectors_that_do_not_give_the_attention_are_left_out_and_said(build):
    cache = activations()
    for layer in range(2):
        cache[f"blocks.{layer}.attn.hook_q"] = cache[f"blocks.{layer}.attn.hook_q"] * 3

    report = build(attention=cache, tokens=TOKENS)

    holds(report, 0, 1, 0, cache["blocks.0.attn.hook_pattern"][0, 1].numpy())
    assert not report.manifest.models[0].captures[0].vectors
    assert any("off by up to" in notice.message for notice in report.manifest.notices)


def test_names_of_nnterp_and_files_of_activations(build, tmp_path):
    cache = activations()
    names = {
        f"layers.{layer}.self_attn.attention_probabilities": cache[
            f"blocks.{layer}.attn.hook_pattern"
        ]
        for layer in range(2)
    }
    file = tmp_path / "cache.npz"
    np.savez(file, tokens=np.array(TOKENS), **{name: a.numpy() for name, a in names.items()})

    for report in (
        build(attention=names, tokens=TOKENS),
        attnviz.build(file, out=tmp_path / "f", cache=tmp_path / "c"),
    ):
        holds(report, 1, 3, 0, cache["blocks.1.attn.hook_pattern"][0, 3].numpy())


class ByTorch(nn.Module):
    """Two blocks of torch's own attention, which returns the mean of its heads, or nothing."""

    def __init__(self):
        super().__init__()
        self.blocks = nn.ModuleList(
            nn.MultiheadAttention(16, 4, batch_first=True) for _ in range(2)
        )

    def forward(self, x):
        for block in self.blocks:
            x = x + block(x, x, x, need_weights=False)[0]
        return x

    def weights(self, x):
        of_layers = []
        for block in self.blocks:
            added, weights = block(x, x, x, need_weights=True, average_attn_weights=False)
            x, of_layers = x + added, [*of_layers, weights]
        return of_layers


class Mixer(nn.Module):
    """Attention as timm writes it, in a class that is not named after it."""

    def __init__(self, fused):
        super().__init__()
        self.qkv, self.proj, self.fused = nn.Linear(16, 48), nn.Linear(16, 16), fused

    def forward(self, x):
        batch, tokens, _ = x.shape
        q, k, v = self.qkv(x).reshape(batch, tokens, 3, 4, 4).permute(2, 0, 3, 1, 4)
        if self.fused:
            x = nn.functional.scaled_dot_product_attention(q, k, v)
        else:
            x = (q * 4**-0.5 @ k.transpose(-2, -1)).softmax(-1) @ v
        return self.proj(x.transpose(1, 2).reshape(batch, tokens, 16))

    def weights(self, x):
        q, k, _ = self.qkv(x).reshape(*x.shape[:2], 3, 4, 4).permute(2, 0, 3, 1, 4)
        return [(q * 4**-0.5 @ k.transpose(-2, -1)).softmax(-1)]


@pytest.mark.parametrize("make", [ByTorch, lambda: Mixer(True), lambda: Mixer(False)])
def test_a_module_that_is_no_model_of_transformers_runs_once_and_stays_as_it_was(build, make):
    torch.manual_seed(3)
    module, x = make().train(), torch.randn(2, 5, 16) * 3
    with torch.inference_mode():
        expected = [weights.numpy() for weights in module.eval().weights(x)]
        before = module(x).numpy().tobytes()
    module.train()

    report = build(model=module, inputs=x, tokens=[list("abcde"), list("fghij")], name="toy")

    for layer, weights in enumerate(expected):
        for document in range(2):
            holds(report, layer, 1, document, weights[document, 1])
    assert module.training
    with torch.inference_mode():
        assert module.eval()(x).numpy().tobytes() == before
    model = report.manifest.models[0]
    assert model.attention_by is None
    assert model.parameters == sum(p.numel() for p in module.parameters())
    assert report.certificate(0, 0).reference == "captured-float32"
    assert model.self_check.max_error < 1e-5
    assert np.isfinite(report.map(0, 0, "pca")[0]).all()


@pytest.mark.parametrize(
    ("gift", "message"),
    [
        ({"model": nn.Linear(4, 4), "inputs": torch.zeros(1, 4)}, "has no softmax from 3 tokens"),
        ({"model": ByTorch(), "inputs": torch.zeros(1, 4, 16)}, r"seen were \(1, 4, 4, 4\)"),
        ({"model": ByTorch(), "inputs": torch.zeros(1, 3)}, "fails on its inputs"),
        ({"model": "a name", "inputs": None}, "expected a torch.nn.Module"),
    ],
)
def test_a_module_without_such_attention_is_refused_in_words(build, gift, message):
    with pytest.raises(attnviz.InputError, match=message):
        build(tokens=["a", "b", "c"], **gift)
