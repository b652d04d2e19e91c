"""Direct logit attribution against transformers' own logits, and against hidden states and weights
worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import transformers

import attnviz
from tests.fixtures.models import FAMILIES, save_tokenizer, sentences, with_biases

[TEXT] = sentences(7, (9,))
SIZES = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "max_position_embeddings": 64,
}  # fmt: skip


def random_model(kind, config, folder):
    """A seeded random model with biases, and its tokenizer."""
    return with_biases(kind, config), transformers.AutoTokenizer.from_pretrained(folder)


def expected_logits(model, tokenizer):
    ids = tokenizer(TEXT, return_tensors="pt")["input_ids"]
    with torch.no_grad():
        logits = model(ids).logits[0, :-1].double()
    return logits.gather(1, ids[0, 1:, None])[:, 0].numpy(), ids


@pytest.fixture
def gpt2(tmp_path):
    return random_model(
        transformers.GPT2LMHeadModel, FAMILIES["gpt2"](save_tokenizer(tmp_path)), tmp_path
    )


def test_the_parts_of_a_gpt2_sum_to_its_logits(gpt2):
    logits, _ = expected_logits(*gpt2)
    parts = attnviz.logit_attribution(*gpt2, TEXT)
    assert parts.left_out == ()
    np.testing.assert_allclose(parts.logits, logits, atol=1e-4)
    np.testing.assert_allclose(parts.total, logits, atol=1e-4)
    assert not parts.rest.any()
    assert not parts.between.any()
    assert min(abs(parts.heads).max(), abs(parts.feed_forward).max()) > 0.01


def test_a_heads_part_is_what_its_rows_of_the_projection_write(gpt2):
    model, _ = gpt2
    _, ids = expected_logits(*gpt2)
    parts = attnviz.logit_attribution(*gpt2, TEXT)
    model.set_attn_implementation("eager")
    streams = []
    model.transformer.ln_f.register_forward_pre_hook(lambda module, args: streams.append(args[0]))
    with torch.no_grad():
        output = model(ids, output_hidden_states=True, output_attentions=True)
        body = model.transformer
        block, x = body.h[1], output.hidden_states[1]
        values = block.attn.c_attn(block.ln_1(x))[0, :, 64:]
        stream = streams[0][0, :-1]
        scale = (stream.var(-1, unbiased=False) + body.ln_f.eps).sqrt()
        for head in range(4):
            part = slice(8 * head, 8 * head + 8)
            written = values[:, part] @ block.attn.c_proj.weight[part]  # (key, hidden)
            centred = (written - written.mean(-1, keepdim=True)) * body.ln_f.weight
            onto = model.lm_head.weight[ids[0, 1:]]  # (query, hidden)
            pairs = output.attentions[1][0, head, :-1] * (onto @ centred.T) / scale[:, None]
            np.testing.assert_allclose(parts.pairs(1, head), pairs, atol=1e-5)
            np.testing.assert_allclose(parts.heads[1, head], pairs.sum(-1), atol=1e-5)


@pytest.mark.parametrize("parallel", [True, False])
def test_the_parts_of_a_gpt_neox_sum_to_its_logits(tmp_path, parallel):
    config = transformers.GPTNeoXConfig(
        vocab_size=save_tokenizer(tmp_path), use_parallel_residual=parallel, **SIZES
    )
    model = random_model(transformers.GPTNeoXForCausalLM, config, tmp_path)
    parts = attnviz.logit_attribution(*model, TEXT)
    assert parts.left_out == ()
    np.testing.assert_allclose(parts.total, expected_logits(*model)[0], atol=1e-4)
    sums = [[parts.pairs(layer, head).sum(-1) for head in range(4)] for layer in range(2)]
    np.testing.assert_allclose(parts.heads, sums, atol=1e-5)


GRANITE = {"residual_multiplier": 0.3, "logits_scaling": 4.0, "embedding_multiplier": 2.0}


@pytest.mark.parametrize(("name", "factors"), [("Llama", {}), ("Granite", GRANITE)])
def test_the_parts_of_models_with_grouped_keys_and_factors_sum_to_their_logits(
    name, factors, tmp_path
):
    config = getattr(transformers, f"{name}Config")(
        vocab_size=save_tokenizer(tmp_path), num_key_value_heads=2, **factors, **SIZES
    )
    model = random_model(getattr(transformers, f"{name}ForCausalLM"), config, tmp_path)
    parts = attnviz.logit_attribution(*model, TEXT)
    assert parts.left_out == ()
    np.testing.assert_allclose(parts.total, expected_logits(*model)[0], atol=1e-4)


def test_blocks_that_norm_what_they_add_count_as_one_and_soft_caps_are_named(tmp_path):
    config = transformers.Gemma2Config(
        vocab_size=save_tokenizer(tmp_path), num_key_value_heads=2, head_dim=8,
        final_logit_softcapping=3.0, **SIZES,
    )  # fmt: skip
    model = random_model(transformers.Gemma2ForCausalLM, config, tmp_path)
    parts = attnviz.logit_attribution(*model, TEXT)
    assert np.isnan(parts.heads).all()
    assert abs(parts.rest).min() > 0
    np.testing.assert_allclose(parts.total, parts.logits, atol=1e-3)
    capped = 3 * np.tanh(parts.logits / 3)
    np.testing.assert_allclose(capped, expected_logits(*model)[0], atol=1e-3)
    assert [sentence.split(" does ")[0] for sentence in parts.left_out[1:]] == [
        "layers.0", "layers.1",
    ]  # fmt: skip
    assert parts.left_out[0].startswith("logits are changed after the unembedding")
    with pytest.raises(attnviz.InputError, match="norms or scales"):
        parts.pairs(0, 0)


def test_a_model_is_left_as_it_was(gpt2):
    model, tokenizer = gpt2
    model.train()
    before = dict(model.config.to_dict()), model.config._attn_implementation
    attnviz.logit_attribution(model, tokenizer, TEXT)
    assert model.training
    assert (model.config.to_dict(), model.config._attn_implementation) == before
    assert not any(module._forward_hooks for module in model.modules())


def test_what_has_no_logits_of_next_tokens_is_refused(gpt2, tmp_path):
    model, tokenizer = gpt2
    with pytest.raises(attnviz.InputError, match="GPT2Model predicts no next tokens"):
        attnviz.logit_attribution(model.transformer, tokenizer, TEXT)
    with pytest.raises(attnviz.InputError, match="the text has 1 tokens; expected 2 to"):
        attnviz.logit_attribution(model, tokenizer, "cat")
    with pytest.raises(attnviz.InputError, match="expected a text; got int"):
        attnviz.logit_attribution(model, tokenizer, 3)
    with pytest.raises(attnviz.InputError, match="no head 4 in layer 0; expected layers 0 to 1"):
        attnviz.logit_attribution(model, tokenizer, TEXT).pairs(0, 4)
