"""`attnviz probe corpus.yaml`: what a build takes, said before a model reads a document."""

from __future__ import annotations

import json

import pytest
import transformers

import attnviz
from attnviz.config import parse_config
from attnviz.engine.machine import LIGHT_PROCESS, PROCESS
from attnviz.errors import InputError
from attnviz.forecast import forecast, rates
from attnviz.models.loading import load_model
from attnviz.writer import kept_documents
from tests.fixtures.models import FAMILIES, save_model, save_tokenizer, sentences, with_biases
from tests.fixtures.reports import build

TEXTS = sentences(5, (30, 60, 45, 80, 20, 66, 51, 90))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_model("gemma2", tmp_path_factory.mktemp("gemma2"))


def corpus_of(model, **more):
    return {
        "models": [{"name": "tiny", "source": str(model)}],
        "documents": [{"text": TEXTS}],
        "maps": {"methods": ["pca"]},
    } | more


def foreseen(corpus, folder):
    probes, answer = forecast(parse_config(corpus, folder, "corpus"))
    assert all(probe.complete for probe in probes)
    return answer


def test_bytes_are_those_of_the_report_to_a_fifth(tmp_path, model):
    corpus = corpus_of(model)
    (of_model,) = (answer := foreseen(corpus, tmp_path)).models
    build(corpus, tmp_path / "report")
    manifest = attnviz.open_report(tmp_path / "report").manifest
    (entry,) = manifest.models
    sizes = dict.fromkeys(("attention", "map"), 0)
    for shard in manifest.shards.values():
        if shard.kind in sizes:
            sizes[shard.kind] += shard.bytes
    assert of_model.tokens == entry.axes[0].tokens
    assert (of_model.documents, of_model.kept, of_model.heads) == (8, 8, len(entry.heads))
    assert of_model.attention == pytest.approx(sizes["attention"], rel=0.2)
    # What heads a file of Arrow has its share in small ones.
    assert of_model.maps == pytest.approx(sizes["map"], rel=0.2, abs=20_000)
    assert answer.data == of_model.attention + of_model.maps + of_model.other


def test_no_document_is_read_by_a_model(tmp_path, model, monkeypatch):
    """A longer corpus makes no longer input of the model."""
    from transformers import Gemma2Model

    lengths = []
    forward = Gemma2Model.forward

    def counted(self, input_ids=None, **more):
        lengths.append(input_ids.shape[-1])
        return forward(self, input_ids=input_ids, **more)

    monkeypatch.setattr(Gemma2Model, "forward", counted)
    long = " ".join(TEXTS)
    foreseen(corpus_of(model, documents=[{"text": [long]}]), tmp_path)
    assert lengths
    assert max(lengths) < len(long.split())


def test_what_is_kept_is_what_a_build_keeps(tmp_path, model, monkeypatch):
    monkeypatch.setattr(kept_documents, "BUDGET", 40_000)
    corpus = corpus_of(model)
    (of_model,) = foreseen(corpus, tmp_path).models
    build(corpus, tmp_path / "report")
    report = attnviz.open_report(tmp_path / "report")
    assert 0 < of_model.kept == len(report.kept_documents()) < 8


def test_time_and_memory_grow_with_what_is_asked_for(tmp_path, model, monkeypatch):
    monkeypatch.setattr("attnviz.forecast.corpus.machine_speed", lambda: 1.0)

    def of(**more):
        answer = foreseen(corpus_of(model, **more), tmp_path)
        return answer.seconds, answer.memory, answer.report

    usual = of()
    for less in (of(maps={"methods": []}), of(documents=[{"text": TEXTS[:4]}])):
        assert all(a <= b for a, b in zip(less, usual, strict=True))
        assert less[0] < usual[0]
    more = of(maps={"methods": ["attention", "pca"]})
    assert all(a < b for a, b in zip(usual, more, strict=True))
    assert of(site={"open": "web"})[2] < usual[2]
    assert usual[0] < of(probe="needle")[0] < of(probe={"needle": {"texts": 64}})[0]
    measured = of(effects=True)
    assert usual[0] < of(effects={"documents": 2})[0] < measured[0]


def test_memory_counts_the_processes_that_share_the_work(tmp_path, model, monkeypatch):
    monkeypatch.setattr("attnviz.forecast.rates.usable_processes", lambda: 4)
    loaded = load_model(parse_config(corpus_of(model), tmp_path, "corpus").models[0])

    def of(method, tokens):
        config = parse_config(corpus_of(model, maps={"methods": [method]}), tmp_path, "corpus")
        work = rates.Work(loaded.parameters, 8, tokens, 100, 10 * tokens)
        return rates.memory_bytes(loaded, work, config)

    little = of("pca", 1000)
    assert of("pca", 10**6) == little + 4 * LIGHT_PROCESS
    assert of("attention", 1000) == of("attention", 10**6) == little + 4 * PROCESS


def test_the_machine_is_measured_alike_twice():
    assert 0 < rates.machine_speed() < 2 * rates.machine_speed()


def test_the_command_says_it_in_lines_and_as_json(tmp_path, model, attnviz_command):
    path = tmp_path / "corpus.yaml"
    path.write_text(json.dumps(corpus_of(model)), "utf-8")
    code, out, err = attnviz_command("probe", path)
    assert (code, err) == (0, "")
    assert f"a build of {path} takes about" in out
    for line in ("tiny: 8 documents, ", "data    ", "report  ", "cache   ", "memory  ", "time    "):
        assert line in out
    code, out, _ = attnviz_command("probe", path, "--json")
    answer = json.loads(out)
    assert code == 0
    assert answer["models"][0]["complete"]
    assert answer["build"]["models"][0]["documents"] == 8
    assert answer["build"]["data"] > 0


def test_what_a_model_writes_itself_is_said_to_be_uncounted(tmp_path, model):
    documents = [{"text": TEXTS[:2]}, {"prompts": ["the cat", "a dog"]}]
    answer = foreseen(corpus_of(model, documents=documents), tmp_path)
    assert answer.uncounted == ["tiny: what it writes of 2 documents itself"]
    assert answer.models[0].documents == 2


WRITTEN = ("writes", "composition", "attribution", "attribution-pairs")


def test_what_heads_write_is_counted_to_a_fifth(tmp_path):
    """Of a model that predicts next tokens, with pairs. The time is not."""
    (tmp_path / "model").mkdir()
    config = FAMILIES["gpt2"](save_tokenizer(tmp_path / "model"))
    with_biases(transformers.GPT2LMHeadModel, config).save_pretrained(tmp_path / "model")
    corpus = corpus_of(tmp_path / "model", probes=False)
    usual = foreseen(corpus, tmp_path)
    without = foreseen(corpus | {"writes": True}, tmp_path)
    answer = foreseen(corpus | {"writes": {"pairs": True}}, tmp_path)
    time = "tiny: the time of two passes more over all documents, for what heads write"
    assert answer.uncounted == [time]
    build(corpus | {"writes": {"pairs": True}}, tmp_path / "report")
    sizes = {kind: [] for kind in WRITTEN}
    for shard in attnviz.open_report(tmp_path / "report").manifest.shards.values():
        sizes.get(shard.kind, []).append(shard.bytes)
    pairs = sizes.pop("attribution-pairs")
    assert answer.data - without.data == pytest.approx(sum(pairs), rel=0.2)
    others = [size for of_kind in sizes.values() for size in of_kind]
    # What tables of a tiny model begin with has its share.
    assert without.data - usual.data == pytest.approx(sum(others), rel=0.2, abs=2000 * len(others))


def test_a_corpus_that_cannot_be_read_is_the_users_to_mend(tmp_path, model):
    with pytest.raises(InputError, match=r"keep\.documents: there is no document 9"):
        foreseen(corpus_of(model, keep={"documents": [9]}), tmp_path)
