"""What a build holds at one time."""

import gc
import weakref

import pytest

import attnviz
from attnviz import pipeline
from attnviz.heads import batch_statistics
from attnviz.resolution import generation
from tests.fixtures.text_models import save_bert, save_gpt2


@pytest.fixture
def lent(monkeypatch):
    """Weak references to all models whose weights are loaded; each load finds the earlier ones
    gone."""
    known, crowded = [], []

    def watch(module, name, model_of):
        load = getattr(module, name)

        def loading(*args):
            crowded.extend(type(model()).__name__ for model in known if model() is not None)
            loaded = load(*args)
            known.append(weakref.ref(model_of(loaded)))
            return loaded

        monkeypatch.setattr(module, name, loading)

    watch(pipeline, "load_weights", lambda loaded: loaded.model)
    watch(generation, "load_writer", lambda writer: writer[0])
    yield known, crowded
    gc.collect()


def test_one_model_at_a_time_is_in_memory(lent, tmp_path):
    known, crowded = lent
    models = [
        save_gpt2(tmp_path / "one"),
        save_gpt2(tmp_path / "two"),
        save_bert(tmp_path / "three"),
    ]
    corpus = {
        "models": [{"source": str(model)} for model in models],
        "documents": [
            {"text": ["the cat sat"]},
            {"prompts": ["the cat"], "generate": {"max_new_tokens": 3}},
        ],
    }
    report = attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    assert [model.name for model in report.manifest.models] == ["one", "two", "three"]
    assert len(known) == 5, "two that write, three that are looked into"
    assert crowded == []
    gc.collect()
    assert [model() for model in known] == [None] * 5


def test_looking_at_a_model_takes_none_of_its_memory(tmp_path):
    from attnviz.config import parse_config
    from attnviz.models.loading import look_at

    folder = save_bert(tmp_path / "bert")
    mapping = {"models": [{"source": str(folder)}], "documents": [{"text": ["a"]}]}
    skeleton = look_at(parse_config(mapping, tmp_path, "corpus").models[0])
    assert {parameter.device.type for parameter in skeleton.model.parameters()} == {"meta"}


def test_eager_attention_is_made_of_short_documents_alone(monkeypatch, tmp_path):
    """Of 600 tokens every row is measured, against the captured queries and keys: nothing of 600 ×
    600 is made."""
    from attnviz.writer import alone, certificates
    from tests.fixtures.long import corpus, save_long_model

    sizes = []
    visit_eager_attention = certificates.visit_eager_attention

    def visiting(*args, visit, **more):
        def looking(path, count, weights):
            sizes.append(weights.shape[-1])
            visit(path, count, weights)

        return visit_eager_attention(*args, visit=looking, **more)

    for module in (alone, certificates):
        monkeypatch.setattr(module, "visit_eager_attention", visiting)
    model = save_long_model(tmp_path)
    for tokens, reference in ((500, "eager-float32"), (600, "captured-float32")):
        sizes.clear()
        report = attnviz.build(
            corpus(model, tokens), tmp_path / f"report-{tokens}", tmp_path / "cache"
        )
        assert set(sizes) == ({tokens} if tokens == 500 else set())
        certificates = [head.certificate for head in report.manifest.models[0].heads]
        assert {(c.reference, c.rows, c.sampled) for c in certificates} == {
            (reference, tokens, False)
        }


def test_sums_of_one_layer_at_a_time_are_in_memory(tmp_path, monkeypatch):
    known, crowded = [], []

    class Watched(batch_statistics.HeadStatistics):
        def __init__(self, *args):
            crowded.extend(sums for sums in known if sums() is not None)
            known.append(weakref.ref(self))
            super().__init__(*args)

    monkeypatch.setattr(batch_statistics, "HeadStatistics", Watched)
    corpus = {
        "models": [{"source": str(save_gpt2(tmp_path / "model"))}],
        "documents": [{"text": ["the cat sat"]}],
        "maps": {"methods": []},
    }
    attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    assert len(known) == 2, "layers"
    assert crowded == []
