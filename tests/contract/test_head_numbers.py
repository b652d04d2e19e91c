"""What is wrong with a head is said of its number in the model, also where the corpus leaves others
out."""

import numpy as np
import pytest

from attnviz.errors import InputError
from attnviz.writer import certificates
from tests.fixtures.reports import build, tiny_corpus


def corpus_of(tiny_model, **more):
    """Of four heads, two by two on two key heads, only the last two."""
    corpus = tiny_corpus("llama", tiny_model("llama"), **more)
    return corpus | {"models": [corpus["models"][0] | {"layers": [1], "heads": [2, 3]}]}


@pytest.fixture
def spoil_eager(monkeypatch):
    """Changes the model's own attention of its last head, as certificates see it."""
    visit_eager = certificates.visit_eager_attention

    def install(change):
        def spoiled(*args, visit, **keys):
            def visit_changed(path, count, weights):
                weights = weights.clone()
                change(weights[:, 3])
                visit(path, count, weights)

            visit_eager(*args, visit=visit_changed, **keys)

        monkeypatch.setattr(certificates, "visit_eager_attention", spoiled)

    return install


def test_attention_that_is_not_a_number_is_of_the_models_own_head(
    tiny_model, tmp_path, spoil_eager
):
    spoil_eager(lambda weights: weights.fill_(np.nan))
    with pytest.raises(InputError, match=r"not a number in decoder L1H3, document"):
        build(corpus_of(tiny_model), tmp_path)


def test_a_certificate_over_the_bound_is_of_the_models_own_head(tiny_model, tmp_path, spoil_eager):
    spoil_eager(lambda weights: weights.add_(0.5))
    with pytest.raises(InputError, match=r"decoder L1H3: total variation"):
        build(corpus_of(tiny_model), tmp_path)


def test_no_encoding_is_named_with_the_models_own_key_head(tiny_model, tmp_path):
    bounds = {"total_variation": 1e-12, "max_error": 1e-12}
    with pytest.raises(InputError, match=r"decoder layer 1, kv head 1: no encoding"):
        build(corpus_of(tiny_model, fidelity=bounds), tmp_path)
