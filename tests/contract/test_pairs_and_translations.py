"""Sentence pairs, and the three stacks of encoder–decoders, against transformers' own eager
attention."""

import tempfile

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.errors import InputError
from tests.fixtures import text_models
from tests.fixtures.reports import build

PAIRS = [
    ("the cat sat", "on a mat and"),
    ("rain fell over old hills", "no one saw"),
    ("dog", "ran to the red house"),
]
TRANSLATIONS = [
    {"source": "the cat sat on a mat", "target": "dog ran to"},
    {
        "source": "rain fell over hills that no one saw but birds",
        "target": "the old red house while rain",
    },
]
NEAR = {"total_variation": 1e-4, "max_error": 1e-4}
SAVE = {"t5": text_models.save_t5, "bart": text_models.save_bart}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """`folder(kind)`: a tiny model, made once."""
    saved = {}

    def make(kind):
        if kind not in saved:
            save = {"bert": text_models.save_bert, "gpt2": text_models.save_gpt2} | SAVE
            saved[kind] = save[kind](tmp_path_factory.mktemp(kind))
        return saved[kind]

    return make


@pytest.fixture(scope="module")
def report(folder, tmp_path_factory):
    """`report(kind, documents, **more)`: its report on one entry of documents."""

    def make(kind, documents, **more):
        out = tmp_path_factory.mktemp("report")
        build(
            {
                "models": [{"name": kind, "source": str(folder(kind))}],
                "documents": [documents],
                **more,
            },
            out,
        )
        return attnviz.open_report(out)

    return make


# ---- pairs


@pytest.fixture(scope="module")
def pairs(report):
    texts = [{"text": first, "pair": second} for first, second in PAIRS] + ["the cat"]
    return report("bert", {"text": texts}, fidelity=NEAR)


def test_a_pair_is_one_document_of_two_segments(pairs):
    document = pairs.documents[0]
    assert document.text == "the cat sat\non a mat and"
    assert document.tokens == tuple("[CLS] the cat sat [SEP] on a mat and [SEP]".split())
    assert document.axes["text"].segment.tolist() == [0, 0, 0, 0, 0, 1, 1, 1, 1, 0]
    words = [
        document.text[a:b] for a, b in zip(document.start, document.end, strict=True) if a >= 0
    ]
    assert words == "the cat sat on a mat and".split()
    assert pairs.documents[3].axes["text"].segment.tolist() == [0, 0, 0, 0]


def test_attention_over_a_pair_is_the_model_s_own(pairs, folder):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder("bert"))
    model = transformers.AutoModel.from_pretrained(
        folder("bert"), attn_implementation="eager"
    ).eval()
    for number, (first, second) in enumerate(PAIRS):
        inputs = tokenizer(first, second, return_tensors="pt")
        assert inputs["token_type_ids"].max() == 1
        with torch.inference_mode():
            truth = model(**inputs, output_attentions=True).attentions
        for layer, head in np.ndindex(2, 4):
            assert (
                np.abs(pairs.attention(layer, head, number) - truth[layer][0, head].numpy()).max()
                < 1e-4
            )


def test_a_pair_that_is_too_long_is_cut_with_a_notice(report):
    texts = [{"text": "the cat sat " * 10, "pair": "on a mat " * 10, "title": "Long"}]
    built = report("bert", {"text": texts})
    (notice,) = built.manifest.notices
    assert (
        notice.message
        == "“Long” has 63 tokens; bert takes 40: 23 at the ends of its texts were left out"
    )
    assert len(built.documents[0].tokens) == 40


# ---- translations


def truth(folder, source, target):
    """Eager attention by stack, each a list of (heads, T, K) by layer, and the decoder's input."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    ids = tokenizer(target)["input_ids"]
    decoder = [model.config.decoder_start_token_id, *ids[:-1]]
    with torch.inference_mode():
        output = model(
            **tokenizer(source, return_tensors="pt"),
            decoder_input_ids=torch.tensor([decoder]),
            output_attentions=True,
        )
    stacks = {"encoder": output.encoder_attentions, "decoder": output.decoder_attentions}
    stacks["cross"] = output.cross_attentions
    return {
        name: [layer[0].numpy() for layer in layers] for name, layers in stacks.items()
    }, decoder


@pytest.mark.parametrize("kind", SAVE)
def test_all_three_stacks_are_the_model_s_own(report, folder, kind):
    built = report(kind, {"translate": TRANSLATIONS}, fidelity=NEAR)
    stacks = {
        stack.name: (stack.query_axis, stack.key_axis) for stack in built.manifest.models[0].stacks
    }
    expected = {
        "encoder": ("source", "source"),
        "decoder": ("target", "target"),
        "cross": ("target", "source"),
    }
    assert stacks == expected
    for number, texts in enumerate(TRANSLATIONS):
        eager, decoder = truth(folder(kind), **texts)
        assert built.documents[number].axes["target"].ids.tolist() == decoder
        for name, layer, head in [
            (n, layer, h) for n in expected for layer in range(2) for h in range(4)
        ]:
            attention = built.attention(layer, head, number, stack=name)
            assert np.abs(attention - eager[name][layer][head]).max() < 1e-4, (name, layer, head)


def test_source_and_target_stand_in_the_text(report):
    document = report("bart", {"translate": TRANSLATIONS}).documents[0]
    assert document.text == "the cat sat on a mat\ndog ran to"
    target = document.axes["target"]
    assert target.texts == ("</s>", "[CLS]", "dog", "ran", "to")
    assert [
        document.text[a:b] for a, b in zip(target.start, target.end, strict=True) if a >= 0
    ] == ["dog", "ran", "to"]
    assert target.special.tolist() == [True, True, False, False, False]


@pytest.mark.parametrize("kind", SAVE)
def test_a_target_that_is_left_out_is_the_model_s_own(report, folder, kind):
    source = "rain fell over hills that no one saw"
    built = report(
        kind, {"translate": [{"source": source}], "generate": {"max_new_tokens": 9}}, fidelity=NEAR
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder(kind))
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(folder(kind)).eval()
    ids = model.generate(
        **tokenizer(source, return_tensors="pt"), max_new_tokens=9, num_beams=1, do_sample=False
    )[0].tolist()
    ids = ids[:-1] if ids[-1] == model.config.eos_token_id else ids
    document = built.documents[0]
    assert document.axes["target"].ids.tolist() == ids
    assert document.text == f"{source}\n{tokenizer.decode(ids, skip_special_tokens=True)}"
    assert built.attention(0, 0, 0, stack="cross").shape == (len(ids), len(document.axes["source"]))


# ---- what cannot be


def test_a_target_nobody_can_write(report):
    with pytest.raises(InputError) as caught:
        report("bert", {"translate": [{"source": "the cat"}]})
    assert caught.value.problems == [
        "report: documents[0].translate: no model of the corpus generates what follows “the cat”; "
        "expected an encoder–decoder among the models"
    ]


def test_each_model_reads_what_it_takes_and_says_what_not(folder, tmp_path):
    models = [{"name": name, "source": str(folder(name))} for name in ("bert", "t5")]
    documents = [{"text": ["the cat sat"]}, {"translate": TRANSLATIONS[:1]}]
    with tempfile.TemporaryDirectory() as cache:
        built = attnviz.build(
            {"models": models, "documents": documents}, out=tmp_path / "out", cache=cache
        )
    assert {(n.model, n.document): n.message for n in built.manifest.notices} == {
        ("bert", 1): "“the cat sat on a mat” was left out: bert takes texts",
        ("t5", 0): "“the cat sat” was left out: t5 takes translations (source and target)",
    }
    assert attnviz.open_report(tmp_path / "out").documents_of("t5")[0].axes["source"].texts == ()
