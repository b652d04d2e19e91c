"""Ways in which capture goes wrong silently: each happened to somebody, and none happens here."""

import copy

import numpy as np
import pytest
import torch
import transformers
from transformers import AttentionInterface

from attnviz.capture import interface
from attnviz.capture.selfcheck import examine
from attnviz.config import parse_config
from attnviz.modalities.registry import family_of
from attnviz.models.loading import load_model
from tests.fixtures import eager
from tests.fixtures.zoo import ZOO

BY_NAME = {architecture.name: architecture for architecture in ZOO}


class Counter:
    """A recorder that only counts."""

    def __init__(self):
        self.calls = 0

    def record(self, module, operands):
        self.calls += 1


def zoo_model(name):
    """An architecture of the zoo with its model, two documents, and those as a batch."""
    architecture = BY_NAME[name]
    model, prepared = eager.build(architecture), eager.documents(architecture)
    return architecture, model, prepared, eager.inputs_of(prepared, torch.float32)


def spec(model, **more):
    """A model as its entry in a corpus."""
    entry = {"source": str(model), "name": "tiny"} | more
    return parse_config({"models": [entry], "documents": [{"text": ["a"]}]}, model, "test").models[
        0
    ]


# ---- a custom implementation named while a model is loaded


def named_at_load_time(model):
    config = copy.deepcopy(model.config)
    twin = type(model)._from_config(config, attn_implementation=interface.INTERFACE).eval()
    twin.load_state_dict(model.state_dict())
    return twin


@pytest.mark.parametrize(("name", "wrong"), [("Bloom", True), ("XLNet", False)])
def test_a_name_passed_at_load_time_would_be_ignored_silently(name, wrong):
    """Why it is set on the loaded model. BLOOM then computes something else, too."""
    _, model, _, inputs = zoo_model(name)
    counter = Counter()
    with interface.showing(counter):
        output = eager.run(named_at_load_time(model), inputs)[0]
    assert counter.calls == 0
    assert (float((output - eager.run(model, inputs)[0])[0].abs().max()) > 0.1) == wrong


def test_a_name_passed_at_load_time_would_break_others():
    with pytest.raises(KeyError, match=interface.INTERFACE):
        named_at_load_time(zoo_model("GPTNeo")[1])


def test_no_name_is_passed_at_load_time(tiny_model, monkeypatch):
    options = []
    load = transformers.PreTrainedModel.from_pretrained.__func__
    monkeypatch.setattr(
        transformers.PreTrainedModel,
        "from_pretrained",
        classmethod(lambda cls, *args, **more: (options.append(more), load(cls, *args, **more))[1]),
    )
    loaded = load_model(spec(tiny_model("llama")))
    assert options != []
    assert all("attn_implementation" not in more for more in options)
    assert loaded.model.config._attn_implementation == "sdpa"


# ---- the mask function


@pytest.mark.parametrize("name", ["Mistral", "Bert"])
def test_without_its_mask_function_a_model_would_compute_something_else(name):
    _, model, _, inputs = zoo_model(name)
    expected = eager.run(model, inputs)[0]
    AttentionInterface.register("attnviz-without-masks", interface._attend)
    with interface.implementation(model, "attnviz-without-masks"):
        without = eager.run(model, inputs)[0]
    with interface.implementation(model, interface.INTERFACE):
        ours = eager.run(model, inputs)[0]
    # The second document is the padded one.
    assert float((without - expected)[1, :14].abs().max()) > 1e-2
    assert torch.equal(ours, expected)


# ---- shared modules, caches, groups


def test_a_shared_module_is_counted_by_its_calls(tmp_path):
    architecture, model, prepared, _ = zoo_model("Albert")
    layers = eager.captured(architecture, model, prepared, tmp_path).capture.layers
    assert [(layer.layer, layer.module_call) for layer in layers] == [(0, 0), (1, 1)]
    assert len({layer.module for layer in layers}) == 1


def test_a_sliding_cache_does_not_cut_the_keys(tmp_path):
    """A cache of this model keeps 5 keys; a captured pass has all of them, and each row sees its
    last 6."""
    architecture, model, prepared, _ = zoo_model("Mistral")
    model.config.use_cache = True
    captured = eager.captured(architecture, model, prepared, tmp_path).capture
    for layer in captured.layers:
        for document, length in zip(captured.documents(layer), (23, 14), strict=True):
            assert document.k.shape == (2, length, 16)
            row = np.arange(length)
            assert document.intervals.lo.tolist() == np.maximum(row - 5, 0).tolist()
            assert document.intervals.hi.tolist() == (row + 1).tolist()


def test_grouped_queries_read_their_own_keys(tmp_path):
    """Heads 0 and 1 read kv head 0, heads 2 and 3 kv head 1: a kv head of zeros makes its own
    group's rows even."""
    architecture, model, prepared, _ = zoo_model("Llama")
    with torch.no_grad():
        model.layers[0].self_attn.k_proj.weight[:16] = 0
    captured = eager.captured(architecture, model, prepared, tmp_path).capture
    a = next(captured.documents(captured.layers[0])).attention()
    even = np.tril(np.ones((23, 23))) / np.arange(1, 24)[:, None]
    assert [bool(np.allclose(head, even, atol=1e-6)) for head in a] == [True, True, False, False]


# ---- what a model is asked for beside


@pytest.mark.parametrize("name", ["Bert", "Llama", "GptOss", "DebertaV2", "T5", "ViT"])
def test_a_model_that_is_set_to_return_attention_is_captured_as_ever(name, tmp_path):
    architecture, model, prepared, inputs = zoo_model(name)
    _, truth = eager.own_attention(architecture, model, inputs)
    model.config._output_attentions = True
    capture = eager.captured(architecture, model, prepared, tmp_path).capture
    assert max(eager.differences(architecture, capture, truth).values()) <= 1e-5
    loaded = eager.loaded(architecture, model)
    assert examine(loaded, family_of(loaded), prepared).problems == []


def test_a_mask_with_holes_is_no_rule_and_its_attention_is_kept(tmp_path):
    """Every third key is hidden from all later tokens."""
    architecture, model, prepared, inputs = zoo_model("Llama")
    twin = eager.eager_copy(architecture, model)

    def scatter(module, args, kwargs):
        mask = kwargs["attention_mask"]
        size = mask.shape[-1]
        row, key = np.indices((size, size))
        hidden = torch.from_numpy((key % 3 == 1) & (row > key))
        forbidden = False if mask.dtype == torch.bool else torch.finfo(mask.dtype).min
        return args, kwargs | {"attention_mask": mask.masked_fill(hidden, forbidden)}

    for each in (model, twin):
        for layer in each.layers:
            layer.self_attn.register_forward_pre_hook(scatter, with_kwargs=True)
    truth = {
        "text": [a.numpy() for a in eager.run(twin, inputs, output_attentions=True).attentions]
    }
    assert float(truth["text"][0][0, :, 8, 4].max()) == 0
    capture = eager.captured(architecture, model, prepared, tmp_path).capture
    line = (False, "attention interface")
    assert [(layer.vectors, layer.line) for layer in capture.layers] == [line] * 2
    assert {layer.reason for layer in capture.layers} == {
        "its mask has holes: a row's keys are not one interval"
    }
    assert max(eager.differences(architecture, capture, truth).values()) <= 1e-5


def test_rows_that_see_no_key_have_no_attention(tmp_path):
    """SDPA and eager attention fill such a row differently: neither is attention. Token 2 sees no
    key in layer 1."""
    architecture, model, prepared, inputs = zoo_model("Llama")
    twin = eager.eager_copy(architecture, model)

    def blind(module, args, kwargs):
        mask = kwargs["attention_mask"].clone()
        mask[:, :, 2] = False if mask.dtype == torch.bool else torch.finfo(mask.dtype).min
        return args, kwargs | {"attention_mask": mask}

    for each in (model, twin):
        each.layers[1].self_attn.register_forward_pre_hook(blind, with_kwargs=True)
    truth = eager.run(twin, inputs, output_attentions=True).attentions[1].numpy()
    capture = eager.captured(architecture, model, prepared, tmp_path).capture
    for document in capture.documents(capture.layers[1]):
        a, length = document.attention(), document.intervals.keys
        defined = np.arange(length) != 2
        expected = truth[document.document, :, :length, :length]
        assert np.isnan(a[:, ~defined]).all()
        assert np.abs(a - expected)[:, defined].max() <= 1e-5
        assert document.intervals.defined.tolist() == defined.tolist()
        blocks = np.concatenate([block for _, block in document.blocks()], 1)
        assert np.isnan(blocks).all((0, 2)).tolist() == (~defined).tolist()
