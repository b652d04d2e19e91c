"""What losing a head costs: heads replaced by attnviz against hooks written by hand on
transformers' own models."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
import transformers
from PIL import Image

from attnviz.config import parse_config
from attnviz.effects.model_effects import measure_effects
from attnviz.engine import engine, local_workers
from attnviz.engine.engine import Engine
from attnviz.pipeline import read_with_models
from tests.fixtures.files import tree
from tests.fixtures.models import FAMILIES, save_tokenizer, sentences

TEXTS = sentences(4, (9, 9, 14))
HEADS, SIZE, LAYERS = 4, 8, 2

# Of each shape its class, and the module that takes in what the heads of a layer bring, by stack.
GPT2 = (transformers.GPT2LMHeadModel, {"decoder": "transformer.h.{}.attn.c_proj"})
LLAMA = (transformers.LlamaForCausalLM, {"decoder": "model.layers.{}.self_attn.o_proj"})
BERT = (transformers.BertModel, {"encoder": "encoder.layer.{}.attention.output.dense"})
_IN_BERT = {"encoder": "bert.encoder.layer.{}.attention.output.dense"}
CLASSIFIER = (transformers.BertForSequenceClassification, _IN_BERT)
MASKED = (transformers.BertForMaskedLM, _IN_BERT)
T5 = (
    transformers.T5ForConditionalGeneration,
    {
        "encoder": "encoder.block.{}.layer.0.SelfAttention.o",
        "decoder": "decoder.block.{}.layer.0.SelfAttention.o",
        "cross": "decoder.block.{}.layer.1.EncDecAttention.o",
    },
)
VIT = (transformers.ViTForImageClassification, {"vision": "vit.layers.{}.attention.o_proj"})


def save(shape, family, folder):
    """A seeded random model of a shape with its tokenizer; it and its folder."""
    folder.mkdir()
    if family == "vit":
        config = transformers.ViTConfig(
            hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
            image_size=32, patch_size=8, num_labels=3,
        )  # fmt: skip
        size = {"height": 32, "width": 32}
        transformers.ViTImageProcessorPil(size=size).save_pretrained(folder)
    else:
        config = FAMILIES[family](save_tokenizer(folder, segments=family == "bert"))
        config.num_labels = 3
    if family == "t5":
        config.num_heads = HEADS
    torch.manual_seed(5)
    model = shape[0](config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.3)
    model.save_pretrained(folder)
    if shape is MASKED:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        tokenizer.mask_token = "[UNK]"
        tokenizer.save_pretrained(folder)
    return model


def effects_of(folder, documents, where, effects=True):
    """What attnviz measures: the documents as the model takes them, the layers, the effects."""
    corpus = {"models": [{"name": "m", "source": str(folder)}], "documents": documents}
    config = parse_config(corpus | {"effects": effects}, where, "effects")
    engine = Engine(where / "cache")
    model, captured, *_ = next(iter(read_with_models(config, engine).models))
    return model.inputs, captured.layers, measure_effects(model, captured, config, engine)


class ByHand:
    """A model of transformers, run on one document at a time with a head's part of what a
    projection takes in replaced."""

    def __init__(self, shape, model, inputs):
        self.model, self.paths = model, shape[1]
        self.inputs = [
            {name: torch.from_numpy(np.asarray(each.arrays[name]))[None] for name in each.arrays}
            for each in inputs
        ]

    def brought(self, number, stack, layer):
        """What the heads of a layer bring to a document, (T, heads, size)."""
        kept = []
        module = self.model.get_submodule(self.paths[stack].format(layer))
        hook = module.register_forward_pre_hook(lambda module, args: kept.append(args[0]))
        self.output(number)
        hook.remove()
        return kept[0][0].reshape(-1, HEADS, SIZE)

    def output(self, number):
        with torch.no_grad():
            return self.model(**self.inputs[number])

    def without(self, number, stack, layer, head, instead):
        """The output with a head's part put to `instead`, (T, size) or a number."""

        def hook(module, args):
            changed = args[0].clone()
            changed[0, :, SIZE * head : SIZE * (head + 1)] = instead
            return (changed, *args[1:])

        module = self.model.get_submodule(self.paths[stack].format(layer))
        handle = module.register_forward_pre_hook(hook)
        output = self.output(number)
        handle.remove()
        return output

    def change(self, number, measure, before, after):
        """By name, the means over a document's tokens."""
        if measure == "hidden state":
            states = [output.last_hidden_state[0].double() for output in (before, after)]
            return {"hidden": float((1 - torch.cosine_similarity(*states, dim=-1)).mean())}
        log_p, log_q = (output.logits[0].double().log_softmax(-1) for output in (before, after))
        if measure == "class":
            log_p, log_q = log_p[None], log_q[None]
            target = log_p.argmax(-1)
        else:
            inputs = self.inputs[number]
            ids = inputs["decoder_input_ids" if measure == "target token" else "input_ids"][0]
            log_p, log_q, target = log_p[:-1], log_q[:-1], ids[1:]
        rows = torch.arange(len(target))
        return {
            "loss": float((log_p - log_q)[rows, target].mean()),
            "kl": float((log_p.exp() * (log_p - log_q)).sum(-1).mean()),
        }


def compare(shape, model, results, instead):
    """Every figure against the same by hand; `instead(by_hand, document, stack, layer, head)` is
    what replaces a head."""
    inputs, layers, effects = results
    by_hand = ByHand(shape, model, inputs)
    row = 0
    for layer in layers:
        for head in range(HEADS):
            for place, number in enumerate(effects.documents):
                where = number, layer.stack, layer.layer, head
                after = by_hand.without(*where, instead(by_hand, *where))
                before = by_hand.output(number)
                expected = by_hand.change(number, effects.measure, before, after)
                assert set(effects.values) == set(expected)
                for name, value in expected.items():
                    found = effects.values[name][0, row, place]
                    assert found == pytest.approx(value, abs=1e-5), (where, name)
            row += 1
    assert row == len(layers) * HEADS == len(next(iter(effects.values.values()))[0])


def images(folder):
    """A glob of seeded pictures."""
    folder.mkdir()
    for number in range(2):
        pixels = np.random.default_rng(number).integers(0, 255, (32, 32, 3), np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    return f"{folder}/*.png"


def documents_for(family, where):
    if family == "vit":
        return [{"images": images(where / "images")}]
    if family == "t5":
        pairs = zip(TEXTS, sentences(5, (7, 7, 3)), strict=True)
        return [{"translate": [{"source": a, "target": b} for a, b in pairs]}]
    return [{"text": TEXTS}]


SHAPES = [
    ("gpt2", GPT2, "next token"),
    ("llama", LLAMA, "next token"),
    ("bert", BERT, "hidden state"),
    ("bert", CLASSIFIER, "class"),
    ("t5", T5, "target token"),
    ("vit", VIT, "class"),
]


@pytest.mark.parametrize(("family", "shape", "measure"), SHAPES)
def test_a_head_at_zero_is_a_hook_written_by_hand(family, shape, measure, tmp_path):
    model = save(shape, family, tmp_path / "model")
    results = effects_of(tmp_path / "model", documents_for(family, tmp_path), tmp_path)
    assert results[2].measure == measure
    compare(shape, model, results, lambda *where: 0.0)


def test_a_masked_token_is_predicted_where_a_model_is_trained_so(tmp_path):
    model = save(MASKED, "bert", tmp_path / "model")
    results = effects_of(tmp_path / "model", [{"text": ["cat", "house"]}], tmp_path)
    inputs, _, effects = results
    assert effects.measure == "masked tokens"
    assert effects.tokens.tolist() == [1, 1]  # of [CLS] cat [SEP]
    by_hand = ByHand(MASKED, model, inputs)
    for number, document in enumerate(by_hand.inputs):
        target = int(document["input_ids"][0, 1])
        document["input_ids"][0, 1] = 1  # [UNK], which this tokenizer masks with
        before, after = by_hand.output(number), by_hand.without(number, "encoder", 1, 2, 0.0)
        log_p, log_q = (x.logits[0, 1].double().log_softmax(-1) for x in (before, after))
        expected = float((log_p - log_q)[target])
        assert effects.values["loss"][0, HEADS + 2, number] == pytest.approx(expected, abs=1e-5)


def test_the_mean_of_a_place_is_that_over_the_corpus(tmp_path):
    model = save(GPT2, "gpt2", tmp_path / "model")
    results = effects_of(tmp_path / "model", [{"text": TEXTS}], tmp_path, {"method": "mean"})
    # The first token, then places 1, 2 and 3, 4 to 7, 8 to 15.
    octaves = np.array([0, 1, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 4, 4])

    def mean(by_hand, number, stack, layer, head):
        parts = [by_hand.brought(n, stack, layer)[:, head] for n in range(len(TEXTS))]
        places = np.concatenate([octaves[: len(part)] for part in parts])
        together = torch.cat(parts)
        means = torch.stack([together[places == octave].mean(0) for octave in range(5)])
        return means[octaves[: len(parts[number])]]

    compare(GPT2, model, results, mean)


def test_another_document_lends_what_its_heads_bring(tmp_path):
    model = save(GPT2, "gpt2", tmp_path / "model")
    texts = [{"text": TEXTS[1:]}]  # of 9 and 14 tokens: each takes from the other
    results = effects_of(tmp_path / "model", texts, tmp_path, {"method": "resample"})

    def other(by_hand, number, stack, layer, head):
        brought = by_hand.brought(1 - number, stack, layer)[:, head]
        length = by_hand.inputs[number]["input_ids"].shape[1]
        return brought[torch.arange(length) % len(brought)]

    compare(GPT2, model, results, other)


def test_two_processes_give_the_bytes_of_one_whatever_its_threads(tmp_path, monkeypatch):
    save(GPT2, "gpt2", tmp_path / "model")
    texts = [{"text": sentences(4, (5, 9, 14, 20))}]
    sent = []

    class Spied(local_workers.LocalWorkers):
        def send(self, job):
            sent.append(job.step)
            return super().send(job)

    def made(name):
        where = tmp_path / name
        where.mkdir()
        effects_of(tmp_path / "model", texts, where, {"method": "mean"})
        return {step: tree(where / "cache" / step) for step in ("effects", "effect means")}

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(2)
        alone = made("alone")
        torch.set_num_threads(1)
        monkeypatch.setattr(local_workers, "WORTH", 0.0)
        monkeypatch.setattr(engine, "LocalWorkers", Spied)
        together = made("together")
    finally:
        torch.set_num_threads(before)
    assert sent == ["effects"] * 3  # the first is made here
    assert together == alone
    assert len(alone["effects"]) > 4


def test_so_many_documents_are_drawn_and_no_more(tmp_path):
    save(GPT2, "gpt2", tmp_path / "model")
    effects = {"documents": 2}
    _, _, found = effects_of(tmp_path / "model", [{"text": TEXTS}], tmp_path, effects)
    assert len(found.documents) == 2
    assert found.taken == 3


def test_estimates_follow_the_gradient_and_say_how_far_off_they_are(tmp_path):
    model = save(GPT2, "gpt2", tmp_path / "model")
    texts = [{"text": TEXTS}]
    inputs, _, estimated = effects_of(tmp_path / "model", texts, tmp_path, {"estimate": True})
    _, _, measured = effects_of(tmp_path / "model", texts, tmp_path)
    # The gradient of what the heads of a layer bring, by transformers and torch alone.
    by_hand = ByHand(GPT2, model, inputs)
    for number, document in enumerate(by_hand.inputs):
        for layer in range(LAYERS):
            module = model.get_submodule(GPT2[1]["decoder"].format(layer))
            taken = []
            hook = module.register_forward_pre_hook(lambda m, args, to=taken: to.append(args[0]))
            ids = document["input_ids"]
            log_p = model(**document).logits[0, :-1].log_softmax(-1)
            hook.remove()
            loss = -log_p.gather(1, ids[0, 1:, None]).mean()
            (gradient,) = torch.autograd.grad(loss, taken)
            expected = -(gradient * taken[0])[0].reshape(-1, HEADS, SIZE).sum((0, 2))
            heads = slice(HEADS * layer, HEADS * (layer + 1))
            np.testing.assert_allclose(
                estimated.values["loss"][0, heads, number], expected.detach(), atol=1e-5
            )
    documents, error = estimated.checked
    off = np.abs(estimated.values["loss"][0] - measured.values["loss"][0])
    assert documents == len(TEXTS)
    assert error.mean == pytest.approx(off.mean())
    assert error.largest == pytest.approx(off.max())
    assert -1 <= error.rank <= 1
    assert f"{error.mean:.2g} nats on average" in estimated.notices[0].message
    assert set(estimated.values) == {"loss"}


def test_a_model_without_a_loss_is_measured_and_not_estimated(tmp_path):
    save(BERT, "bert", tmp_path / "model")
    _, _, effects = effects_of(
        tmp_path / "model", [{"text": TEXTS[:1]}], tmp_path, {"estimate": True}
    )
    assert effects.checked is None
    assert "no loss" in effects.notices[0].message


def test_heads_that_are_not_seen_one_by_one_are_left_out_with_a_notice(tiny_model, tmp_path):
    _, layers, effects = effects_of(tiny_model("deberta"), [{"text": TEXTS[:1]}], tmp_path)
    assert {layer.line for layer in layers} == {"tracer"}
    assert effects.values == {}
    assert "not measured in encoder layer 0, encoder layer 1" in effects.notices[0].message


def test_a_model_that_is_not_here_is_not_measured_and_it_says_so(tiny_model, tmp_path):
    corpus = {"models": [{"name": "m", "source": str(tiny_model("bert"))}]}
    config = parse_config(
        corpus | {"documents": [{"text": TEXTS[:1]}], "effects": True}, tmp_path, "effects"
    )
    engine = Engine(tmp_path / "cache")
    model, captured, *_ = next(iter(read_with_models(config, engine).models))
    effects = measure_effects(replace(model, running=None), captured, config, engine)
    assert effects.values == {}
    assert "build where the model is" in effects.notices[0].message
    assert effects.notices[0].message in engine.notes
