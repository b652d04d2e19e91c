"""Layers have the model's own numbers, whatever stands between them, and what has no softmax
attention is named."""

import json

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.capture.absences import absences
from attnviz.reader.check import check
from tests.fixtures import eager
from tests.fixtures.reports import build, short_corpus
from tests.fixtures.zoo import ZOO

BY_NAME = {architecture.name: architecture for architecture in ZOO}
HYBRIDS = {
    "qwen3_next": "layers.0.linear_attn: Qwen3NextGatedDeltaNet",
    "jamba": "layers.0.mamba: JambaMambaMixer",
}


def corpus_of(model, **entry):
    return short_corpus("tiny", model) | {
        "models": [{"name": "tiny", "source": str(model)} | entry]
    }


@pytest.mark.parametrize("family", HYBRIDS)
def test_the_only_attention_of_a_hybrid_has_the_model_s_own_number(
    family, hybrid_report, tiny_model
):
    report = attnviz.open_report(hybrid_report(family))
    (model,) = report.manifest.models
    assert [(head.layer, head.head) for head in model.heads] == [(3, head) for head in range(4)]
    assert [(capture.layer, capture.module) for capture in model.captures] == [
        (3, "layers.3.self_attn")
    ]
    assert model.stacks[0].layers == 4
    own = transformers.AutoModel.from_pretrained(
        tiny_model(family), attn_implementation="eager"
    ).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_model(family))
    inputs = tokenizer(report.documents[1].text, return_tensors="pt")
    with torch.inference_mode():
        weights = own(**inputs, output_attentions=True).attentions[-1][0].numpy()
    for head in range(4):
        np.testing.assert_allclose(report.attention(3, head, 1), weights[head], atol=0.01)
    with pytest.raises(attnviz.InputError, match=r"has no head L0H0 in decoder"):
        report.attention(0, 0, 0)
    assert check(report.folder) == []


@pytest.mark.parametrize(("family", "module"), HYBRIDS.items())
def test_layers_without_attention_are_named_in_report_and_probe(
    family, module, hybrid_report, tiny_model, attnviz_command
):
    reason = f"layers 0–2 have no softmax attention ({module})"
    notices = attnviz.open_report(hybrid_report(family)).manifest.notices
    assert [(notice.kind, notice.message, notice.model) for notice in notices] == [
        ("left-out", f"{family} is shown in part: {reason}", family)
    ]
    code, out, _ = attnviz_command("probe", tiny_model(family), "--json")
    answer = json.loads(out)
    assert (code, answer["complete"], answer["absent"]) == (0, True, [reason])
    assert [layer["layer"] for layer in answer["layers"]] == [3]
    _, out, _ = attnviz_command("probe", tiny_model(family))
    assert f"\nwithout attention to show:\n  {reason}\n" in out
    assert out.endswith("all softmax attention is captured: attnviz build shows it\n")
    assert "everything" not in out


def test_a_build_says_what_it_leaves_out(tiny_model, tmp_path, attnviz_command):
    command = [
        "build",
        "--model",
        tiny_model("jamba"),
        "--text",
        "the cat sat",
        "--out",
        tmp_path / "r",
    ]
    code, out, err = attnviz_command(*command)
    assert code == 0
    assert "is shown in part: layers 0–2 have no softmax attention (layers.0.mamba" in out + err


def test_strict_refuses_what_is_shown_in_part(tiny_model, tmp_path):
    with pytest.raises(attnviz.InputError, match=r"(?s)layers 0–2 have no softmax.*without strict"):
        build(corpus_of(tiny_model("jamba")) | {"strict": True}, tmp_path)


def test_every_head_has_its_page_under_its_own_number(hybrid_report):
    pages = {path.name for path in (hybrid_report("jamba") / "heads" / "jamba").iterdir()}
    assert pages == {f"L3H{head}.html" for head in range(4)}


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"layers": [0]}, "layers: 0 cannot be shown: no softmax attention is there; expected some"
         " of 3, counted from zero"),
        ({"layers": [3, 4]}, "layers: 4 cannot be shown: the model has 4 layers; expected some"),
        ({"heads": [3]}, "heads: in layer 3 (layers.3.self_attn) every 2 heads share their keys,"
         " and only some of those are named: add 2, which share theirs with those named"),
        ({"heads": [0, 1, 9]}, "heads: 9 cannot be shown: its layers have 4 heads; expected some"
         " of 0–3"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_refused_with_what_is(tiny_model, tmp_path, entry, message):
    with pytest.raises(attnviz.InputError) as refused:
        build(corpus_of(tiny_model("jamba"), **entry), tmp_path)
    assert f"model tiny: {message}" in str(refused.value)


def test_layers_and_heads_are_chosen_by_the_model_s_own_numbers(
    hybrid_report, tiny_model, tmp_path
):
    build(corpus_of(tiny_model("jamba"), layers=[3], heads=[2, 3]), tmp_path)
    report, complete = (attnviz.open_report(f) for f in (tmp_path, hybrid_report("jamba")))
    assert [(h.layer, h.head) for h in report.manifest.models[0].heads] == [(3, 2), (3, 3)]
    for head in (2, 3):
        np.testing.assert_allclose(
            report.attention(3, head, 0), complete.attention(3, head, 0), atol=0.01
        )


# ---- how numbers are read


def numbers_of(name, tmp_path, **options):
    architecture = BY_NAME[name]
    model = eager.build(architecture, **options)
    capture = eager.captured(architecture, model, eager.documents(architecture), tmp_path).capture
    return model, capture, [(layer.stack, layer.layer, layer.depth) for layer in capture.layers]


@pytest.mark.parametrize(
    ("name", "options", "numbers"),
    [
        ("T5", dict.fromkeys(("num_hidden_layers", "num_layers", "num_decoder_layers"), 1),
         [("encoder", 0, 1), ("decoder", 0, 1), ("cross", 0, 1)]),
        ("Albert", {"num_hidden_groups": 2, "num_hidden_layers": 4},
         [("encoder", number, 4) for number in range(4)]),
        ("Llama", {"num_hidden_layers": 1}, [("decoder", 0, 1)]),
        ("DiffLlama", {}, [("decoder", 0, 2), ("decoder", 1, 2)]),
        ("Lfm2", {}, [("decoder", 1, 2)]),
    ],
)  # fmt: skip
def test_numbers_are_those_of_the_model_s_lists(name, options, numbers, tmp_path):
    assert numbers_of(name, tmp_path, **options)[2] == numbers


def test_what_mixes_tokens_beside_attention_is_named(tmp_path):
    options = {"mamba_d_ssm": 64, "mamba_n_heads": 4, "mamba_d_head": 16, "mamba_d_state": 8}
    model, capture, numbers = numbers_of("Llama", tmp_path, of="FalconH1", **options)
    assert numbers == [("decoder", 0, 2), ("decoder", 1, 2)]
    assert absences(model, capture.batches[0].calls()) == [
        "layers 0–1 have something beside attention that mixes tokens"
        " (layers.0.mamba: FalconH1Mixer)"
    ]


def test_linear_attention_is_named_and_no_reason_to_refuse(tmp_path):
    """Its class is named after attention."""
    model, capture, numbers = numbers_of("Llama", tmp_path, of="MiniMax", block_size=16)
    assert numbers == [("decoder", 0, 2)]
    assert absences(model, capture.batches[0].calls()) == [
        "layer 1 has no softmax attention (layers.1.self_attn: MiniMaxLightningAttention)"
    ]


@pytest.mark.parametrize("name", ["Bert", "T5", "Albert", "LED", "Mvp", "XLM"])
def test_a_model_that_is_all_attention_lacks_nothing(name, tmp_path):
    model, capture, _ = numbers_of(name, tmp_path)
    assert absences(model, capture.batches[0].calls()) == []
