"""Copying scores: of circuits wired by hand, and worked out anew from a model's own weights and
hidden states."""

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.config import parse_config
from attnviz.heads import copying_score
from attnviz.heads.repeated_text import probe_texts
from attnviz.models.loading import load_model
from corpora import make_induction
from tests.fixtures.models import save_model, save_tokenizer
from tests.fixtures.reports import build

SEED = 0
TEXTS = ["one two three four", "two one four three"]


def corpus(folder, where):
    return parse_config(
        {
            "models": [{"name": "m", "source": str(folder)}],
            "documents": [{"text": TEXTS}],
            "seed": SEED,
        },
        where,
        "copying",
    )


def scores_of(folder, where):
    """What the report says, by (layer, head); none where it has no such column."""
    build(corpus(folder, where), where / "report")
    table = attnviz.open_report(where / "report").heads
    if "copying" not in table.column_names:
        return {}
    return {(row["layer"], row["head"]): row["copying"] for row in table.to_pylist()}


def test_the_head_that_is_wired_to_copy_copies_and_its_neighbours_do_not(tmp_path):
    make_induction.save(tmp_path / "model")
    scores = scores_of(tmp_path / "model", tmp_path)
    assert scores.pop((1, 1)) == 1
    assert set(scores.values()) == {0}


def gpt2(folder, tied=True):
    """A seeded random GPT-2 that predicts tokens."""
    size = save_tokenizer(folder, make_induction.WORDS, False, None)
    config = transformers.GPT2Config(
        vocab_size=size, n_embd=32, n_layer=2, n_head=4, n_positions=128, tie_word_embeddings=tied
    )
    torch.manual_seed(3)
    model = transformers.GPT2LMHeadModel(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    model.save_pretrained(folder)
    return folder


def worked_out_anew(folder, where):
    """From hidden states and weight matrices, the norm's centring and gain written out."""
    model = transformers.GPT2LMHeadModel.from_pretrained(folder).eval()
    loaded = load_model(corpus(folder, where).models[0])
    logits = {(layer, head): [] for layer in range(2) for head in range(4)}
    for text in probe_texts(loaded, SEED):
        ids = text.axes["text"].ids
        tokens = np.flatnonzero(~text.axes["text"].special)
        first = tokens[: len(tokens) // 2]
        with torch.no_grad():
            states = model(torch.from_numpy(ids)[None], output_hidden_states=True).hidden_states
            rows = model.lm_head.weight[ids[first]]
            for layer, block in enumerate(model.transformer.h):
                values = block.attn.c_attn(block.ln_1(states[layer]))[0, :, 64:]
                for head in range(4):
                    part = slice(8 * head, 8 * head + 8)
                    added = values[first][:, part] @ block.attn.c_proj.weight[part]
                    normed = (added - added.mean(-1, keepdim=True)) * model.transformer.ln_f.weight
                    logits[layer, head].append((normed @ rows.T).numpy())
    return {place: np.stack(texts) for place, texts in logits.items()}


@pytest.mark.parametrize("tied", [True, False])
def test_scores_follow_from_the_models_own_weights(tmp_path, tied):
    folder = gpt2(tmp_path / "model", tied)
    scores = scores_of(folder, tmp_path)
    for place, logits in worked_out_anew(folder, tmp_path).items():
        of_itself = np.diagonal(logits, axis1=1, axis2=2)[:, :, None]
        count = logits.shape[-1]
        expected = ((of_itself > logits).sum() - (of_itself < logits).sum()) / (
            len(logits) * count * (count - 1)
        )
        assert scores[place] == pytest.approx(expected, abs=1e-3)
    assert max(map(abs, scores.values())) > 0.02


def test_a_model_without_a_head_for_tokens_has_no_scores(tmp_path):
    assert scores_of(save_model("gpt2", tmp_path / "base"), tmp_path / "1") == {}
    assert scores_of(save_model("bert", tmp_path / "bert"), tmp_path / "2") == {}


def test_a_block_that_norms_what_attention_writes_has_no_scores(tmp_path):
    size = save_tokenizer(tmp_path / "model", make_induction.WORDS, False, None)
    config = transformers.Gemma2Config(
        vocab_size=size,
        hidden_size=32,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=128,
    )
    transformers.Gemma2ForCausalLM(config).save_pretrained(tmp_path / "model")
    assert scores_of(tmp_path / "model", tmp_path) == {}


def test_a_block_that_norms_the_sum_after_it_has_no_scores(tmp_path):
    size = save_tokenizer(tmp_path / "model", make_induction.WORDS, False, None)
    config = transformers.OPTConfig(
        vocab_size=size,
        hidden_size=32,
        ffn_dim=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        word_embed_proj_dim=32,
        max_position_embeddings=128,
        do_layer_norm_before=False,
    )
    transformers.OPTForCausalLM(config).save_pretrained(tmp_path / "model")
    assert scores_of(tmp_path / "model", tmp_path) == {}


def test_the_score_is_a_rank():
    best = np.eye(5)[None]
    assert copying_score(best) == 1
    assert copying_score(-7 * best) == -1
    assert copying_score(np.zeros((2, 5, 5))) == 0
    rng = np.random.default_rng(0)
    logits = rng.normal(size=(3, 6, 6))
    scale = rng.uniform(0.1, 9, (3, 6, 1))
    assert copying_score(logits) == pytest.approx(copying_score(logits * scale))


def test_values_of_a_gpt_neox_are_sliced_head_by_head(tmp_path):
    """Its fused projection has queries, keys and values of each head side by side."""
    folder = tmp_path / "model"
    size = save_tokenizer(folder, make_induction.WORDS, False, None)
    config = transformers.GPTNeoXConfig(
        vocab_size=size,
        hidden_size=32,
        intermediate_size=48,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=128,
    )
    torch.manual_seed(3)
    model = transformers.GPTNeoXForCausalLM(config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(0, 0.3)
    model.save_pretrained(folder)
    scores = scores_of(folder, tmp_path)
    loaded = load_model(corpus(folder, tmp_path).models[0])
    block, norm = model.gpt_neox.layers[1], model.gpt_neox.final_layer_norm
    expected = {head: [] for head in range(4)}
    for text in probe_texts(loaded, SEED):
        ids = text.axes["text"].ids
        tokens = np.flatnonzero(~text.axes["text"].special)
        first = tokens[: len(tokens) // 2]
        with torch.no_grad():
            states = model(torch.from_numpy(ids)[None], output_hidden_states=True).hidden_states[1]
            fused = block.attention.query_key_value(block.input_layernorm(states))[0, first]
            values = fused.reshape(len(first), 4, 3, 8)[:, :, 2]
            for head in range(4):
                part = slice(8 * head, 8 * head + 8)
                added = values[:, head] @ block.attention.dense.weight[:, part].T
                normed = (added - added.mean(-1, keepdim=True)) * norm.weight
                expected[head].append((normed @ model.lm_head.weight[ids[first]].T).numpy())
    for head, logits in expected.items():
        assert scores[1, head] == pytest.approx(copying_score(np.stack(logits)), abs=1e-3)
    assert max(abs(scores[1, head]) for head in range(4)) > 0.02
