"""Cross-attention: keys are tokens of the source, by a model whose decoder attends to one word of
it."""

import numpy as np
import pytest
import torch
import transformers

import attnviz
from tests.fixtures.text_models import tokenizer

HEADS, SIZE = 4, 8
SOUGHT = "red"
PAIRS = [
    ("the red cat sat", "a dog ran to the old house"),
    ("over hills that no one saw a red dog", "rain fell"),
]


def save_seeker(folder):
    """A BART whose encoder does not mix tokens, and whose decoder attends to one word wherever it
    is."""
    wrapped = tokenizer(folder, "$A </s>")
    width = HEADS * SIZE
    config = transformers.BartConfig(
        vocab_size=len(wrapped),
        d_model=width,
        encoder_layers=2,
        decoder_layers=2,
        encoder_attention_heads=HEADS,
        decoder_attention_heads=HEADS,
        encoder_ffn_dim=16,
        decoder_ffn_dim=16,
        max_position_embeddings=64,
        decoder_start_token_id=2,
        pad_token_id=0,
        bos_token_id=2,
        eos_token_id=4,
        forced_eos_token_id=4,
    )
    torch.manual_seed(8)
    model = transformers.BartModel(config).eval()
    first = torch.arange(HEADS) * SIZE
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            writes = name.startswith("encoder.") and name.rsplit(".", 2)[-2] in ("out_proj", "fc2")
            if "embed_positions" in name or writes:
                parameter.zero_()
        model.shared.weight[:, 0] = 0
        model.shared.weight[wrapped.convert_tokens_to_ids(SOUGHT)] = torch.eye(width)[0] * 9
        for layer in model.decoder.layers:
            query, key = layer.encoder_attn.q_proj, layer.encoder_attn.k_proj
            for parameter in (query.weight, query.bias, key.weight, key.bias):
                parameter.zero_()
            key.weight[first, 0] = 1  # the first channel of a key, which only the word has
            query.bias[first] = 20
    model.save_pretrained(folder)
    return folder


@pytest.mark.parametrize("document", range(len(PAIRS)))
def test_every_query_of_the_target_looks_at_the_word_in_the_source(tmp_path, document):
    corpus = {
        "models": [{"name": "seeker", "source": str(save_seeker(tmp_path / "model"))}],
        "documents": [
            {"translate": [{"source": source, "target": target} for source, target in PAIRS]}
        ],
    }
    report = attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    source, target = (report.documents[document].axes[name] for name in ("source", "target"))
    place = PAIRS[document][0].split().index(SOUGHT)
    assert source.texts[place] == SOUGHT
    for layer, head in np.ndindex(2, HEADS):
        a = report.attention(layer, head, document, stack="cross")
        assert a.shape == (len(target), len(source))
        assert (a[:, place] > 0.9).all(), "queries down, keys across"
