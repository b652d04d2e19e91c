"""Masks that models are handed, and the intervals they become: padding on the left, packed texts,
chunks, images."""

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
    """A recorder that keeps what it is shown."""

    def __init__(self):
        self.seen = []

    def record(self, module, seen):
        self.seen.append(seen)


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
    made = LlamaModel(config).eval()
    with torch.no_grad():
        for name, weight in made.named_parameters():
            if "q_proj" in name or "k_proj" in name:
                weight.normal_(0, 0.6)  # peaked, so that a wrong mask shows
    return made


def run(model, **mask):
    """The model's own attention, and its calls as the recorder sees them."""
    inputs = {
        "input_ids": torch.arange(TOKENS)[None],
        "position_ids": torch.arange(TOKENS)[None],
        **mask,
    }
    calls = Calls()
    with torch.no_grad():
        own = model(**inputs, output_attentions=True).attentions
        with recording(model, calls):
            model(**inputs)
    return [layer[0].numpy() for layer in own], calls.seen


def told(seen):
    """Attention by the score rule, with the intervals that the mask became."""
    intervals = document_intervals(seen.mask, seen.causal, 0, TOKENS, TOKENS, TOKENS)
    rule = ScoreRule(seen.scaling, Mask("intervals"), seen.softcap)
    return attention(seen.q[0].numpy(), seen.k[0].numpy(), rule, intervals), intervals


@pytest.mark.parametrize(
    "mask", [causal, left_padded, packed, chunked, image_block], ids=lambda own: own.__name__
)
def test_a_mask_as_handed_over_is_told_by_intervals(model, mask):
    allowed = mask()
    additive = torch.where(torch.from_numpy(allowed), 0.0, FORBIDDEN)[None, None]
    own, seen = run(model, attention_mask=additive)
    assert len(seen) == 2
    for layer, call in zip(own, seen, strict=True):
        found, intervals = told(call)
        assert np.array_equal(intervals.allowed(), allowed)
        rows = allowed.any(1)
        assert np.abs(found - layer)[:, rows].max() < 1e-5


def test_padding_on_the_left_as_tokenizers_mark_it(model):
    marks = (torch.arange(TOKENS) >= PADDING).long()[None]
    own, seen = run(model, attention_mask=marks)
    for layer, call in zip(own, seen, strict=True):
        found, intervals = told(call)
        assert (intervals.lo[PADDING:] == PADDING).all()
        assert np.abs(found - layer)[:, PADDING:].max() < 1e-5


def test_a_mask_with_holes_is_no_interval(model):
    allowed = causal()
    allowed[8, 2] = False
    additive = torch.where(torch.from_numpy(allowed), 0.0, FORBIDDEN)[None, None]
    _, seen = run(model, attention_mask=additive)
    with pytest.raises(NotARule, match="holes"):
        told(seen[0])


def test_a_mask_that_shows_padding_is_refused(model):
    _, seen = run(model, attention_mask=torch.zeros(1, 1, TOKENS, TOKENS))
    with pytest.raises(NotOfTokens, match="padding"):
        document_intervals(seen[0].mask, False, 0, TOKENS - 2, TOKENS - 2, TOKENS)
