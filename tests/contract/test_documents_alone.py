"""A document's attention is what a fresh copy of the model does with it alone: neither what stands
in its batch nor what ran before counts."""

import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from transformers.integrations.sdpa_attention import repeat_kv
from transformers.models.llama import modeling_llama

import attnviz
from attnviz.capture import corpus as capture_corpus
from attnviz.capture.batches import Batch
from attnviz.encoding import Errors
from attnviz.writer.alone import AloneReader, drawn_rows
from tests.fixtures.by_length import alone, save_by_length
from tests.fixtures.models import sentences
from tests.fixtures.text_models import save_led

EAGER = modeling_llama.eager_attention_forward

# A length on each side of where the model reads otherwise, and two that could share a batch.
LENGTHS = {
    "phi3": (279, 23, 23),
    "llama": (279, 100, 23),
    "big_bird": (202, 206, 230, 23),
    "conv_bert": (60, 20, 60, 9),
}


def corpus(model, texts, **more):
    return {
        "models": [{"name": "tiny", "source": str(model), "max_length": 400}],
        "documents": [{"text": texts}],
        "maps": {"methods": ["pca"], "points": 64},
    } | more


@pytest.mark.parametrize("order", [1, -1])
@pytest.mark.parametrize("name", LENGTHS)
def test_attention_is_that_of_the_document_alone(tmp_path, name, order):
    model, texts = save_by_length(name, tmp_path / "model"), sentences(3, LENGTHS[name])[::order]
    report = attnviz.build(corpus(model, texts), out=tmp_path / "out", cache=tmp_path / "cache")
    for document, text in enumerate(texts):
        for layer, truth in enumerate(alone(model, text)):
            ours = np.stack([report.attention(layer, head, document) for head in range(len(truth))])
            assert np.abs(ours - truth).max() < 0.02, (text.count(" ") + 1, layer)
            assert np.abs(ours - truth).sum(-1).mean() / 2 < 0.005, (text.count(" ") + 1, layer)


def test_what_a_pass_changes_is_named_in_report_and_probe(tmp_path, attnviz_command):
    model = save_by_length("big_bird", tmp_path / "model")
    short = corpus(model, sentences(3, [9]))
    report = attnviz.build(short, out=tmp_path / "out", cache=tmp_path / "cache")
    message = "reading a document changes attention_type, encoder.attention_type, "
    assert [n.message for n in report.manifest.notices if message in n.message]
    code, out, _ = attnviz_command("probe", model)
    assert (code, message in out) == (0, True)


# ---- what no rule of lengths knows is caught


@pytest.fixture
def batched_by_length_alone(monkeypatch):
    """Batches as if models read alike at all lengths."""
    plan = capture_corpus.plan_batches
    monkeypatch.setattr(
        capture_corpus, "plan_batches", lambda inputs, tokens, _: plan(inputs, tokens)
    )


@pytest.mark.parametrize(
    ("dtype", "lengths"),
    [("float32", (279, 23, 23)), ("float32", (530, 23)), ("bfloat16", (279, 23))],
)
def test_a_batch_that_changes_a_document_stops_the_build(
    tmp_path, batched_by_length_alone, dtype, lengths
):
    """By eager attention, by capture where that is too large, and in half precision."""
    model, texts = save_by_length("phi3", tmp_path / "model"), sentences(3, lengths)
    read = corpus(model, texts)
    read["models"][0] |= {"max_length": 600, "dtype": dtype}
    with pytest.raises(attnviz.InputError) as raised:
        attnviz.build(read, out=tmp_path / "out", cache=tmp_path / "cache")
    assert re.search(
        rf"model tiny: document [12] is read otherwise alone than in its batch of {len(lengths)}: "
        r"decoder L0H\d differs by 0\.\d+ in total variation .* set batch_tokens: 1",
        str(raised.value),
    )
    assert not (tmp_path / "out").exists()
    attnviz.build(read | {"batch_tokens": 1}, out=tmp_path / "out", cache=tmp_path / "cache")


@pytest.mark.parametrize(
    ("dtype", "bound"), [(torch.float32, 0.005), (torch.float16, 0.03), (torch.bfloat16, 0.1)]
)
def test_more_than_rounding_stops_the_build_in_each_precision(dtype, bound):
    loaded = SimpleNamespace(name="tiny", model=SimpleNamespace(dtype=dtype))
    batch = SimpleNamespace(batch=Batch((4, 7), {"text": (9, 12)}, {"text": 12}))
    layer = SimpleNamespace(stack="decoder", layer=0, numbers=[0, 1])
    reader = AloneReader(loaded, None, batch, [], {}, {}, bounds=(0.005, 0.02), numbers=(4, 7))
    apart = replace(Errors.none(2), rows=np.full(2, 100.0))
    reader.refuse(layer, 1, replace(apart, total_variation=np.array([0, 99 * bound])))
    with pytest.raises(attnviz.InputError, match=r"document 7 is .* decoder L0H1 differs by 0\.\d"):
        reader.refuse(layer, 1, replace(apart, total_variation=np.array([0, 101 * bound])))


def test_longest_shortest_and_a_few_of_each_batch_are_compared():
    lengths = [3, 3, 5, 9, 9, 12, 14, 14, 20]
    batch = Batch(tuple(range(9)), {"text": tuple(lengths)}, {"text": 20})
    draws = {tuple(drawn_rows(batch, seed)) for seed in range(20)}
    assert all((draw[0], draw[-1], len(draw)) == (0, 8, 4) for draw in draws)
    assert len(draws) > 5
    assert drawn_rows(batch, 3) == drawn_rows(batch, 3)
    assert drawn_rows(Batch((7,), {"text": (4,)}, {"text": 4}), 0) == [0]


def wrong(change):
    """Llama's eager attention with other weights: `change(weights, module)`."""

    def attend(module, query, key, value, attention_mask, **options):
        _, weights = EAGER(module, query, key, value, attention_mask, **options)
        weights = change(weights, module)
        return (weights @ repeat_kv(value, module.num_key_value_groups)).transpose(1, 2), weights

    return attend


def only_short_ones_right(weights, module):
    """As the self-check's sample would not show."""
    return weights if weights.shape[-1] <= 48 else weights.flip(-2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda weights, _: weights.flip(-2), r"the self-check failed"),
        (only_short_ones_right, r"document \d is read otherwise .* decoder L0H\d differs by"),
    ],
)
def test_another_eager_attention_stops_the_build(
    tmp_path, tiny_model, monkeypatch, change, message
):
    monkeypatch.setattr(modeling_llama, "eager_attention_forward", wrong(change))
    texts = sentences(3, (100, 23))
    with pytest.raises(attnviz.InputError, match=rf"(?s){message}"):
        attnviz.build(
            corpus(tiny_model("llama"), texts), out=tmp_path / "out", cache=tmp_path / "cache"
        )
    assert not (tmp_path / "out").exists()


def test_a_model_that_goes_by_chance_stops_the_build(tmp_path, tiny_model, monkeypatch):
    generator = torch.Generator().manual_seed(0)

    def permuted(weights, module):
        order = torch.randperm(weights.shape[1], generator=generator)
        return weights if weights.shape[-1] <= 48 else weights[:, order]

    monkeypatch.setattr(modeling_llama, "eager_attention_forward", wrong(permuted))
    texts = sentences(3, (100,))
    with pytest.raises(attnviz.InputError, match=r"document 0 is read otherwise from pass to pass"):
        attnviz.build(
            corpus(tiny_model("llama"), texts), out=tmp_path / "out", cache=tmp_path / "cache"
        )


# ---- a model that fills texts up to whole windows


def translation(model, words):
    source, target = " ".join(["cat"] * words), "the cat sat on a mat"
    return {
        "models": [{"name": "led", "source": str(model)}],
        "documents": [{"translate": [{"source": source, "target": target}]}],
        "maps": {"methods": ["pca"], "points": 64},
    }


def test_led_takes_as_many_tokens_as_whole_windows_have_positions(tmp_path):
    """200 positions, windows of 64: the 195th token would be filled up to the 256th."""
    model = save_led(tmp_path / "model", positions=200, window=64)
    for words, tokens in ((198, 192), (100, 102)):
        report = attnviz.build(
            translation(model, words), out=tmp_path / str(words), cache=tmp_path / "cache"
        )
        assert report.attention(1, 2, 0, stack="encoder").shape == (tokens, tokens)
        cut = [notice.message for notice in report.manifest.notices if notice.kind == "truncated"]
        assert [message.split(";")[1] for message in cut] == (
            [" led takes 192: the last 8 were left out"] if words == 198 else []
        )


def test_a_window_larger_than_the_positions_is_refused_with_both(tmp_path):
    model = save_led(tmp_path / "model", positions=200, window=512)
    with pytest.raises(attnviz.InputError, match=r"attention_window.*512.* 200 positions"):
        attnviz.build(translation(model, 20), out=tmp_path / "out", cache=tmp_path / "cache")
