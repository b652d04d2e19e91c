"""Models of many languages: texts carry the codes that the corpus says, targets begin as the
model's own generation does, and nothing is read as English unasked."""

import json
import re
import string
from importlib.util import find_spec

import numpy as np
import pytest
import torch
import transformers
from transformers.models.mbart.modeling_mbart import shift_tokens_right

import attnviz
from tests.fixtures.models import WORDS, save_model

SOURCE, TARGET = "the cat sat on a mat", "the dog ran to old red house"
SHAPE = {
    "d_model": 32, "encoder_layers": 1, "decoder_layers": 1, "encoder_attention_heads": 2,
    "decoder_attention_heads": 2, "encoder_ffn_dim": 48, "decoder_ffn_dim": 48,
    "max_position_embeddings": 64,
}  # fmt: skip


def nllb():
    start = ["<s>", "<pad>", "</s>", "<unk>", "▁", *string.ascii_lowercase]
    vocabulary = {token: number for number, token in enumerate(start)}
    tokenizer = transformers.NllbTokenizer(vocab=vocabulary, merges=[])
    return tokenizer, transformers.M2M100Config(vocab_size=len(tokenizer), **SHAPE)


def of_words(kind, **config):
    start = [(token, 0.0) for token in ("<s>", "<pad>", "</s>", "<unk>")]
    tokenizer = kind(vocab=[*start, *((f"▁{word}", -1.0) for word in WORDS)])
    return tokenizer, transformers.MBartConfig(vocab_size=len(tokenizer), **config, **SHAPE)


def mbart():
    return of_words(transformers.MBartTokenizer, decoder_start_token_id=None)


def mbart50():
    return of_words(transformers.MBart50Tokenizer, decoder_start_token_id=2)


CODES = {
    "nllb": (nllb, "deu_Latn", "fra_Latn"),
    "mbart": (mbart, "de_DE", "fr_XX"),
    "mbart50": (mbart50, "de_DE", "fr_XX"),
}


@pytest.fixture(scope="module")
def save(tmp_path_factory):
    """Saves a tiny model of a kind; its folder."""
    folders = {}

    def make(name):
        if name not in folders:
            tokenizer, config = CODES[name][0]()
            folder = tmp_path_factory.mktemp(name)
            torch.manual_seed(3)
            model = transformers.AutoModelForSeq2SeqLM.from_config(config)
            with torch.no_grad():
                for parameter in model.parameters():
                    if parameter.dim() > 1:
                        parameter.normal_(0, 0.4)
            model.save_pretrained(folder)
            tokenizer.save_pretrained(folder)
            folders[name] = folder
        return folders[name]

    return make


def build(tmp_path, folder, *pairs, **options):
    corpus = {
        "models": [{"name": "tiny", "source": str(folder)} | options],
        "documents": [{"translate": list(pairs), "generate": {"max_new_tokens": 6}}],
        "maps": {"methods": ["pca"]},
    }
    return attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")


def tokens_of(folder, source, target):
    """Ids of a source and of the labels of its target, by the tokenizer itself."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokenizer.src_lang, tokenizer.tgt_lang = source, target
    ids = tokenizer(SOURCE, text_target=TARGET, return_tensors="pt")
    return tokenizer, ids["input_ids"], ids["labels"]


def axes_of(report, number=0):
    document = report.documents[number]
    return [list(document.axes[name].texts) for name in ("source", "target")]


@pytest.mark.parametrize("name", CODES)
def test_texts_carry_their_codes_and_attention_is_the_models(save, tmp_path, name):
    folder, (_, source, target) = save(name), CODES[name]
    pair = {"source": SOURCE, "target": TARGET, "source_lang": source, "target_lang": target}
    report = build(tmp_path, folder, pair)
    tokenizer, ids, labels = tokens_of(folder, source, target)
    decoder = shift_tokens_right(labels, tokenizer.pad_token_id)
    expected = [tokenizer.convert_ids_to_tokens(each[0]) for each in (ids, decoder)]
    assert axes_of(report) == expected
    assert source in expected[0]
    assert target in expected[1]
    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    with torch.inference_mode():
        output = model(input_ids=ids, decoder_input_ids=decoder, output_attentions=True)
    stacks = {
        "encoder": output.encoder_attentions, "decoder": output.decoder_attentions,
        "cross": output.cross_attentions,
    }  # fmt: skip
    for stack, (weights,) in stacks.items():
        for head in range(2):
            ours = report.attention(0, head, 0, stack=stack)
            assert np.abs(ours - weights[0, head].numpy()).max() < 0.02


@pytest.mark.parametrize("name", CODES)
def test_a_target_is_made_in_its_language(save, tmp_path, name):
    folder, (_, source, target) = save(name), CODES[name]
    report = build(tmp_path, folder, {"source": SOURCE}, source_lang=source, target_lang=target)
    tokenizer, ids, _ = tokens_of(folder, source, target)
    code = tokenizer.convert_tokens_to_ids(target)
    begin = {"decoder_start_token_id": code} if name == "mbart" else {"forced_bos_token_id": code}
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
    answer = model.generate(ids, max_new_tokens=6, num_beams=1, do_sample=False, **begin)[0]
    expected = tokenizer.convert_ids_to_tokens(answer)
    ours = axes_of(report)[1]
    assert ours == expected[: len(ours)]
    assert len(ours) >= len(expected) - 1
    assert target in ours[:2]


def test_a_documents_own_languages_come_first(save, tmp_path):
    pairs = [
        {"source": SOURCE, "target": TARGET},
        {"source": SOURCE, "target": TARGET, "target_lang": "ron_Latn"},
    ]
    report = build(tmp_path, save("nllb"), *pairs, source_lang="deu_Latn", target_lang="fra_Latn")
    assert axes_of(report, 0)[1][:2] == ["</s>", "fra_Latn"]
    assert axes_of(report, 1)[1][:2] == ["</s>", "ron_Latn"]
    assert axes_of(report, 1)[0][0] == "deu_Latn"


REFUSED = {
    "none": ({}, {}, "has no source_lang, and the model reads each text in a language"),
    "one": ({"source_lang": "deu_Latn"}, {}, "has no target_lang"),
    "another model's": (
        {"source_lang": "de", "target_lang": "fra_Latn"}, {},
        "source_lang: the model has no code de; expected source_lang beside the document or the",
    ),
    "misspelt": (
        {"source_lang": "deu_Latn"}, {"target_lang": "fra_Latin"}, "did you mean fra_Latn?",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("of_document", "of_model", "words"), REFUSED.values(), ids=REFUSED)
@pytest.mark.parametrize("target", [{"target": TARGET}, {}], ids=["with a target", "without"])
def test_a_language_that_is_not_known_is_refused(
    save, tmp_path, of_document, of_model, words, target
):
    pair = {"source": SOURCE} | target | of_document
    with pytest.raises(attnviz.InputError, match=re.escape(words)):
        build(tmp_path, save("nllb"), pair, **of_model)


def test_a_model_without_codes_takes_none(tmp_path):
    folder = save_model("t5", tmp_path / "t5")
    with pytest.raises(attnviz.InputError, match=r"source_lang and target_lang: .* left out"):
        build(tmp_path, folder, {"source": SOURCE, "target": TARGET}, source_lang="en")


def test_probe_needs_no_languages(save, attnviz_command):
    code, out, _ = attnviz_command("probe", save("nllb"))
    assert code == 0
    assert "everything is captured" in out


@pytest.mark.skipif(find_spec("sentencepiece") is not None, reason="nothing is missing")
def test_a_tokenizer_whose_package_is_missing_names_it(tmp_path):
    """M2M100's own tokenizer reads by sentencepiece."""
    config = transformers.M2M100Config(vocab_size=50, **SHAPE)
    transformers.M2M100Model(config).save_pretrained(tmp_path)
    kind = {"tokenizer_class": "M2M100Tokenizer"}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(kind), "utf-8")
    (tmp_path / "vocab.json").write_text(json.dumps({"<s>": 0, "a": 1}), "utf-8")
    (tmp_path / "sentencepiece.bpe.model").write_bytes(b"a")
    corpus = {
        "models": [{"source": str(tmp_path), "source_lang": "en", "target_lang": "de"}],
        "documents": [{"translate": [{"source": "a", "target": "a"}]}],
    }
    message = "M2M100Tokenizer, needs sentencepiece, which is not installed: pip install"
    with pytest.raises(attnviz.InputError, match=message):
        attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
