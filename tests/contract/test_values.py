"""The lengths of value vectors are captured beside queries and keys where values are seen, and
weight attention."""

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.capture.assembly import assemble
from attnviz.capture.batches import make_batch
from attnviz.capture.calls import CapturedBatch
from attnviz.capture.runner import record_batch, write_batch
from attnviz.config import parse_config
from attnviz.modalities.preparing import prepare
from attnviz.modalities.reading import read_corpus
from attnviz.modalities.registry import family_of
from attnviz.models.loading import load_model
from tests.fixtures import eager
from tests.fixtures.models import sentences
from tests.fixtures.reports import build
from tests.fixtures.zoo import ZOO

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
    write_batch(loaded, family, batch, prepared, folder=where)
    captured = assemble([CapturedBatch(batch, where)])
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


PROJECTIONS = ("v", "value", "v_proj", "value_proj")
"""What families call the module that makes values, within that of an attention call."""


@pytest.mark.parametrize(
    ("name", "line"),
    [("T5", "attention interface"), ("ViT", "attention interface"), ("GPTNeo", "tracer"),
     ("GPTJ", "tracer"), ("Deberta", "tracer"), ("Falcon", "tracer")],
)  # fmt: skip
def test_lengths_of_values_are_known_whatever_line_records_the_call(name, line):
    """Where it is traced, values are known from the product that follows the softmax."""
    architecture = next(a for a in ZOO if a.config == name)
    loaded = eager.loaded(architecture, eager.build(architecture))
    family, documents = family_of(loaded), eager.documents(architecture)[:2]
    outputs = {}
    for path, module in loaded.model.named_modules():
        if path.split(".")[-1] in (*PROJECTIONS, "query_key_value", "in_proj"):
            module.register_forward_hook(
                lambda m, a, output, path=path: outputs.__setitem__(path, output)
            )
    batch = make_batch((0, 1), documents, family.lengths)
    recorded = record_batch(loaded, family, batch, documents)
    assert {call.line for call in recorded.calls} == {line}
    for number, call in enumerate(recorded.calls):
        projected = next(y for path, y in outputs.items() if path.startswith(call.module + "."))
        values = _values_of(name, projected, call)  # (batch, tokens, heads, size)
        lengths = batch.lengths[call.key_axis]
        expected = torch.cat([v[:n].norm(dim=-1) for v, n in zip(values, lengths, strict=True)])
        assert call.values, call.module
        np.testing.assert_allclose(recorded.arrays[f"v{number}"], expected.T.numpy(), rtol=1e-5)


def _values_of(name, projected, call):
    """Values (batch, tokens, heads, size) of a projection's output."""
    rows = projected.shape[:2]
    if name == "Falcon":  # one key and one value for all heads, behind the queries
        return projected.reshape(*rows, call.heads + 2, -1)[:, :, -1:].expand(
            -1, -1, call.kv_heads, -1
        )
    if name == "Deberta":  # of each head: query, key, value
        return projected.reshape(*rows, call.heads, -1).chunk(3, -1)[2]
    return projected.reshape(*rows, call.kv_heads, -1)


def test_xlnet_writes_its_products_as_sums_over_letters():
    architecture = next(a for a in ZOO if a.config == "XLNet")
    loaded = eager.loaded(architecture, eager.build(architecture))
    family, documents = family_of(loaded), eager.documents(architecture)[:1]
    inputs = []
    for layer in loaded.model.layer:
        layer.rel_attn.register_forward_pre_hook(lambda m, a: inputs.append((a[0], m.v)))
    recorded = record_batch(loaded, family, make_batch((0,), documents), documents)
    for number, (hidden, v) in enumerate(inputs):
        with torch.inference_mode():
            expected = torch.einsum("ibh,hnd->bnid", hidden, v)[0].norm(dim=-1)
        np.testing.assert_allclose(recorded.arrays[f"v{number}"], expected.numpy(), rtol=1e-4)


@pytest.mark.parametrize("name", ["DiffLlama", "Longformer"])
def test_where_values_are_not_seen_there_are_none(name):
    """DiffLlama weighs two values by one attention; Longformer returns its attention alone."""
    architecture = next(a for a in ZOO if a.config == name)
    loaded = eager.loaded(architecture, eager.build(architecture))
    family, documents = family_of(loaded), eager.documents(architecture)[:1]
    recorded = record_batch(loaded, family, make_batch((0,), documents), documents)
    assert [call.values for call in recorded.calls] == [False] * len(recorded.calls)
    assert not [array for array in recorded.arrays if array.startswith("v")]
