"""The lengths of value vectors are captured beside queries and keys where values are seen, and
weight attention."""

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz import capture
from attnviz.capture import CapturedBatch
from attnviz.capture.batches import make_batch
from attnviz.config import parse_config
from attnviz.modalities import family_of, prepare, read_corpus
from attnviz.models import load_model
from tests.fixtures.models import sentences
from tests.fixtures.reports import build

TEXTS = sentences(4, (9, 14))


def captured(folder, where):
    """The layers' documents of two texts, padded together."""
    config = parse_config(
        {"models": [{"source": str(folder)}], "documents": [{"text": TEXTS}]}, where, "values"
    )
    loaded = load_model(config.models[0])
    family = family_of(loaded)
    prepared, _ = prepare(
        loaded, family, read_corpus(config.documents, config.label).documents, True, False
    )
    batch = make_batch((0, 1), prepared)
    capture.write_batch(loaded, family, batch, prepared, folder=where)
    captured = capture.assemble([CapturedBatch(batch, where)])
    return [list(captured.documents(layer)) for layer in captured.layers]


# Where each family computes its values, and how many there are for 4 heads of size 8.
MODULES = {"gpt2": ("h.{}.attn.c_attn", 4), "llama": ("layers.{}.self_attn.v_proj", 2),
           "bert": ("encoder.layer.{}.attention.self.value", 4)}  # fmt: skip


def of_transformers(folder, family):
    """Each text's eager attention (heads, T, T) and lengths of values (kv heads, T), by layer."""
    options = {"dtype": torch.float32, "attn_implementation": "eager"}
    model = transformers.AutoModel.from_pretrained(folder, **options).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    name, heads = MODULES[family]
    outputs = {}
    for layer in range(2):
        module = model.get_submodule(name.format(layer))
        module.register_forward_hook(
            lambda m, a, output, layer=layer: outputs.__setitem__(layer, output)
        )
    for text in TEXTS:
        with torch.inference_mode():
            a = model(**tokenizer(text, return_tensors="pt"), output_attentions=True).attentions
        # the last third of GPT-2's projection
        values = [outputs[layer][0, :, -8 * heads :].reshape(-1, heads, 8) for layer in range(2)]
        yield [
            (layer[0].numpy(), v.norm(dim=-1).T.numpy()) for layer, v in zip(a, values, strict=True)
        ]


@pytest.mark.parametrize("family", MODULES)
def test_lengths_are_those_of_the_models_own_values(tiny_model, tmp_path, family):
    layers = captured(tiny_model(family), tmp_path)
    for number, expected in enumerate(of_transformers(tiny_model(family), family)):
        for documents, (_, lengths) in zip(layers, expected, strict=True):
            document = next(d for d in documents if d.document == number)
            np.testing.assert_allclose(document.values, lengths, atol=1e-5)


@pytest.mark.parametrize("family", MODULES)
def test_statistics_are_of_attention_weighted_by_them(tiny_model, tmp_path, family):
    maps = {"methods": ["pca"], "dimensions": [2]}
    build(
        {
            "models": [{"source": str(tiny_model(family))}],
            "documents": [{"text": TEXTS}],
            "maps": maps,
        },
        tmp_path,
    )
    expected = list(of_transformers(tiny_model(family), family))
    for head in attnviz.open_report(tmp_path).manifest.models[0].heads:
        first, lengths = [], []
        for a, values in (layers[head.layer] for layers in expected):
            norms = values[head.head * len(values) // 4]
            weighted = a[head.head] * norms
            first += (weighted[1:, 0] / weighted[1:].sum(1)).tolist()
            lengths += norms.tolist()
        assert head.statistics["first_value"] == pytest.approx(np.mean(first), abs=1e-5)
        assert head.statistics["value_norm"] == pytest.approx(np.mean(lengths), abs=1e-5)


@pytest.mark.parametrize("family", ["bloom", "deberta"])
def test_where_values_are_not_seen_there_are_none(tiny_model, tmp_path, family):
    assert {
        document.values is None
        for documents in captured(tiny_model(family), tmp_path)
        for document in documents
    } == {True}
