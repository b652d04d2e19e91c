"""Masks that are passed to models, and the intervals they become: padding on the left, packed
texts, chunks, images."""

import numpy as np
import pytest
import torch
from transformers import LlamaConfig, LlamaModel

from attnviz.capture.interface import recording
from attnviz.capture.masks import NotARule, NotOfTokens, document_intervals
from attnviz.score import Mask, ScoreRule, attention

TOKENS, PADDING = 12, 3
FORBIDDEN = torch.finfo(torch.float32).min


def causal():
    return np.tri(TOKENS, dtype=bool)


def left_padded():
    return causal() & (np.arange(TOKENS) >= PADDING)


def packed():
    text = np.array([0] * 5 + [1] * 7)
    return causal() & np.equal.outer(text, text)


def chunked():
    chunk = np.arange(TOKENS) // 4
    return causal() & np.equal.outer(chunk, chunk)


def image_block():
    patch = (np.arange(TOKENS) >= 4) & (np.arange(TOKENS) < 9)
    return causal() | np.logical_and.outer(patch, patch)


class Calls:
    """A recorder that keeps the operands of every call."""

    def __init__(self):
        self.calls = []

    def record(self, module, operands):
        self.calls.append(operands)


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=40,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        attn_implementation="eager",
    )
    model = LlamaModel(config).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if "q_proj" in name or "k_proj" in name:
                weight.normal_(0, 0.6)  # peaked, so that a wrong mask shows
    return model


def run(model, **mask):
    """The model's own attention by layer, and the operands of its calls."""
    inputs = {
        "input_ids": torch.arange(TOKENS)[None],
        "position_ids": torch.arange(TOKENS)[None],
        **mask,
    }
    recorder = Calls()
    with torch.no_grad():
        attentions = model(**inputs, output_attentions=True).attentions
        with recording(model, recorder):
            model(**inputs)
    return [layer[0].numpy() for layer in attentions], recorder.calls


def intervals_of(operands, tokens=TOKENS):
    """The intervals of the call's mask, if the first tokens alone are no padding."""
    return document_intervals(
        operands.mask,
        causal=operands.causal,
        row=0,
        queries=tokens,
        keys=tokens,
        padded_keys=TOKENS,
    )


def by_rule(operands):
    """Attention by the score rule, with the intervals of the call's mask."""
    intervals = intervals_of(operands)
    rule = ScoreRule(operands.scaling, Mask("intervals"), operands.softcap)
    return attention(operands.q[0].numpy(), operands.k[0].numpy(), rule, intervals), intervals


@pytest.mark.parametrize(
    "mask", [causal, left_padded, packed, chunked, image_block], ids=lambda mask: mask.__name__
)
def test_a_mask_as_it_is_passed_becomes_intervals(model, mask):
    allowed = mask()
    additive = torch.where(torch.from_numpy(allowed), 0.0, FORBIDDEN)[None, None]
    layers, calls = run(model, attention_mask=additive)
    assert len(calls) == 2
    for truth, call in zip(layers, calls, strict=True):
        a, intervals = by_rule(call)
        assert np.array_equal(intervals.allowed(), allowed)
        rows = allowed.any(1)
        assert np.abs(a - truth)[:, rows].max() < 1e-5


def test_padding_on_the_left_as_tokenizers_mark_it(model):
    marks = (torch.arange(TOKENS) >= PADDING).long()[None]
    layers, calls = run(model, attention_mask=marks)
    for truth, call in zip(layers, calls, strict=True):
        a, intervals = by_rule(call)
        assert (intervals.lo[PADDING:] == PADDING).all()
        assert np.abs(a - truth)[:, PADDING:].max() < 1e-5


def test_a_mask_with_holes_is_no_interval(model):
    allowed = causal()
    allowed[8, 2] = False
    additive = torch.where(torch.from_numpy(allowed), 0.0, FORBIDDEN)[None, None]
    _, calls = run(model, attention_mask=additive)
    with pytest.raises(NotARule, match="holes"):
        by_rule(calls[0])


def test_a_mask_that_shows_padding_is_refused(model):
    _, calls = run(model, attention_mask=torch.zeros(1, 1, TOKENS, TOKENS))
    with pytest.raises(NotOfTokens, match="padding"):
        intervals_of(calls[0], TOKENS - 2)
