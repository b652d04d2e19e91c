"""The lengths of value vectors are captured beside queries and keys, where values are seen."""

import numpy as np
import pytest
import torch
import transformers

from attnviz import capture
from attnviz.capture import CapturedBatch
from attnviz.capture.batches import make_batch
from attnviz.config import parse_config
from attnviz.documents import read_corpus
from attnviz.inputs import family_of, prepare
from attnviz.models import load_model
from tests.fixtures.models import sentences

TEXTS = sentences(4, (9, 14))


def captured(folder, where):
    """The layers' documents of two texts, padded together."""
    config = parse_config({"models": [{"source": str(folder)}], "documents": [{"text": TEXTS}]}, where, "values")
    loaded = load_model(config.models[0])
    family = family_of(loaded)
    prepared, _ = prepare(loaded, family, read_corpus(config.documents, config.label).documents, True, False)
    batch = make_batch((0, 1), prepared)
    capture.write_batch(loaded, family, batch, prepared, where)
    found = capture.assemble([CapturedBatch(batch, where)])
    return [list(found.documents(layer)) for layer in found.layers]


# Where each family computes its values, and how many there are for 4 heads of size 8.
MODULES = {"gpt2": ("h.{}.attn.c_attn", 4), "llama": ("layers.{}.self_attn.v_proj", 2),
           "bert": ("encoder.layer.{}.attention.self.value", 4)}  # fmt: skip


@pytest.mark.parametrize("family", MODULES)
def test_lengths_are_those_of_the_models_own_values(tiny_model, tmp_path, family):
    folder = tiny_model(family)
    model = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    name, heads = MODULES[family]
    seen = {}
    for layer in range(2):
        module = model.get_submodule(name.format(layer))
        module.register_forward_hook(lambda m, a, output, layer=layer: seen.__setitem__(layer, output))
    layers = captured(folder, tmp_path)
    for number, text in enumerate(TEXTS):
        with torch.inference_mode():
            model(**tokenizer(text, return_tensors="pt"))
        for layer, documents in enumerate(layers):
            values = seen[layer][0, :, -8 * heads :].reshape(-1, heads, 8)  # the last third of GPT-2's projection
            own = next(d for d in documents if d.document == number)
            np.testing.assert_allclose(own.values, values.norm(dim=-1).T.numpy(), atol=1e-5)


@pytest.mark.parametrize("family", ["bloom", "deberta"])
def test_where_values_are_not_seen_there_are_none(tiny_model, tmp_path, family):
    assert {own.values is None for documents in captured(tiny_model(family), tmp_path) for own in documents} == {True}
