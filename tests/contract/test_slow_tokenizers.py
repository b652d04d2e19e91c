"""Tokenizers that tell no offsets: their tokens still stand in the text, with segments and
labels."""

import json

import pytest
import torch
import transformers

import attnviz


@pytest.fixture(scope="module")
def esm(tmp_path_factory):
    """A tiny model of proteins, a token an amino acid; takes 60 tokens."""
    folder = tmp_path_factory.mktemp("esm")
    (folder / "vocab.txt").write_text(
        "\n".join(["<cls>", "<pad>", "<eos>", "<unk>", *"ACDEFGHIKLMNPQRSTVWY", "<mask>"])
    )
    transformers.EsmTokenizer(str(folder / "vocab.txt")).save_pretrained(folder)
    config = transformers.EsmConfig(
        vocab_size=25,
        pad_token_id=1,
        mask_token_id=24,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=48,
        max_position_embeddings=60,
        position_embedding_type="rotary",
    )
    transformers.EsmModel(config).save_pretrained(folder)
    return folder


@pytest.fixture
def build(tmp_path):
    def run(model, document, **more):
        corpus = {
            "models": [{"name": "slow", "source": str(model), **more}],
            "documents": [document],
        }
        return attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")

    return run


def test_tokens_have_offsets_segments_and_labels(build, esm, tmp_path):
    row = {"text": "MKT", "next": "AYIMKT", "fold": [[1, 3, "helix"]]}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    table = {"file": str(tmp_path / "rows.jsonl"), "pair_column": "next", "token_labels": ["fold"]}
    document = build(esm, table).documents[0]
    axis = document.axes["text"]
    assert axis.texts == ("<cls>", *"MKT", "<eos>", *"AYIMKT", "<eos>")
    texts = [document.text[a:b] for a, b in zip(axis.start, axis.end, strict=True) if a >= 0]
    assert "".join(texts) == "MKTAYIMKT"
    assert axis.segment.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 0]
    assert axis.labels["fold"] == (None, None, "helix", "helix", *[None] * 8)


def test_long_texts_are_cut_into_windows(build, esm):
    report = build(esm, {"text": ["MKTAYIAKQR" * 12]}, max_length=50)
    assert [len(document) for document in report.documents] == [50, 50, 50, 50]
    assert report.documents[1].text.startswith(report.documents[0].text[-24:])


def test_a_target_of_bytes(build, tmp_path):
    folder = tmp_path / "byt5"
    transformers.ByT5Tokenizer().save_pretrained(folder)
    config = transformers.T5Config(
        vocab_size=384,
        d_model=32,
        d_kv=8,
        d_ff=48,
        num_layers=2,
        num_heads=4,
        decoder_start_token_id=0,
    )
    torch.manual_seed(0)
    transformers.T5ForConditionalGeneration(config).save_pretrained(folder)
    document = build(
        folder, {"translate": [{"source": "Käse", "target": "fromage frais"}]}
    ).documents[0]
    source, target = document.axes["source"], document.axes["target"]
    assert [document.text[a:b] for a, b in zip(source.start, source.end, strict=True)][:5] == [
        "K",
        "ä",
        "ä",
        "s",
        "e",
    ]
    assert [document.text[a:b] for a, b in zip(target.start, target.end, strict=True)][1:8] == list(
        "fromage"
    )
