"""Texts longer than a configuration says: taken where positions are rotary, else refused."""

import pytest
import torch
import transformers

import attnviz
from attnviz.errors import InputError
from tests.fixtures.text_models import LIMIT, WORDS, save_bert, save_gpt2, tokenizer

TEXT = " ".join(WORDS[number % len(WORDS)] for number in range(2 * LIMIT))


@pytest.fixture
def rotary(tmp_path):
    folder = tmp_path / "rotary"
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer(folder, "$A")),
        hidden_size=16,
        intermediate_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        max_position_embeddings=LIMIT,
    )
    torch.manual_seed(0)
    transformers.LlamaModel(config).save_pretrained(folder)
    return folder


def test_rotary_positions_go_on(rotary, tmp_path):
    corpus = {
        "models": [{"source": str(rotary), "max_length": 2 * LIMIT}],
        "documents": [{"text": [TEXT]}],
    }
    report = attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    assert [len(document) for document in report.documents] == [2 * LIMIT]
    assert "rotary positions go on" in report.manifest.notices[0].message
    ids = torch.tensor([report.documents[0].token_ids.tolist()])
    eager = transformers.AutoModel.from_pretrained(rotary, attn_implementation="eager")
    truth = eager(input_ids=ids, output_attentions=True).attentions[0][0, 1].detach().numpy()
    assert abs(report.attention(0, 1, 0) - truth).max() < 0.02


@pytest.mark.parametrize("save", [save_bert, save_gpt2])
def test_positions_of_a_table_do_not(save, tmp_path):
    corpus = {
        "models": [{"name": "m", "source": str(save(tmp_path / "m")), "max_length": LIMIT + 1}],
        "documents": [{"text": [TEXT]}],
    }
    with pytest.raises(InputError, match=f"max_length: 41 is more than the {LIMIT} positions"):
        attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
