"""A document's attention is what a fresh copy of the model does with it alone: neither what stands
in its batch nor what ran before counts."""

import numpy as np
import pytest

import attnviz
from tests.fixtures.by_length import alone, save_by_length
from tests.fixtures.models import sentences

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
