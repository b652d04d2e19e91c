"""Copying from a needle in long texts: of a head wired by hand, by eager attention, and where it
cannot be tried."""

import json

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.config import parse_config
from attnviz.errors import InputError
from attnviz.heads.needle_texts import KEY, VALUE, needle_texts
from attnviz.modalities.preparing import prepare
from attnviz.modalities.reading import read_corpus
from attnviz.modalities.registry import family_of
from attnviz.models.loading import load_model
from corpora import make_induction
from tests.fixtures import handwired
from tests.fixtures.models import save_model, sentences
from tests.fixtures.reports import build

COLUMNS = ["retrieval", "retrieval_strongest", "retrieval_control"]
DEPTHS = [0.0, 0.4, 1.0]


def corpus(folder, texts, **more):
    return {
        "models": [{"name": "m", "source": str(folder)}],
        "documents": [{"text": texts}],
        "maps": {"methods": []},
        "probes": False,
        "probe": {"needle": {"length": 160, "depths": DEPTHS, "texts": 2}},
    } | more


def by_head(report):
    model = report.manifest.models[0]
    return {model.head_id(head): head for head in model.heads}


def labels(report):
    return {
        name: [label.name for label in (*head.labels, *head.awake_labels)]
        for name, head in by_head(report).items()
    }


# ---- a head that copies


@pytest.fixture(scope="module")
def induction(tmp_path_factory):
    folder = tmp_path_factory.mktemp("needle-induction")
    make_induction.save(folder / "model")
    build(corpus(folder / "model", [" ".join(make_induction.WORDS)]), folder / "report")
    return attnviz.open_report(folder / "report")


def test_the_wired_induction_head_alone_copies_from_every_depth(induction):
    heads = by_head(induction)
    assert [name for name, names in labels(induction).items() if "retrieval" in names] == ["L1H1"]
    assert [heads["L1H1"].statistics[name] for name in COLUMNS] == pytest.approx(
        [1, 1, 0], abs=1e-3
    )
    for name, head in heads.items():
        if name != "L1H1":
            assert head.statistics["retrieval"] < 0.05, name
            assert head.statistics["retrieval_strongest"] == 0, name
    even = heads["L1H0"].statistics  # attends to all tokens alike, so by how many it sees
    seen = 160 - np.arange(VALUE, 0, -1)
    assert even["retrieval"] == pytest.approx(np.mean(1 / seen), abs=1e-6)
    assert even["retrieval_control"] == pytest.approx(np.mean(1 / seen), abs=1e-6)


def test_figures_by_depth_average_to_the_statistics(induction):
    table = induction.retrieval(1, 1)
    assert table["depth"].to_pylist() == DEPTHS
    for name, value in (("retrieval", 1), ("strongest", 1), ("control", 0)):
        assert table[name].to_pylist() == pytest.approx([value] * 3, abs=1e-3), name
    for head in by_head(induction).values():
        depths = induction.retrieval(head.layer, head.head)
        for name, column in zip(("retrieval", "strongest", "control"), COLUMNS, strict=True):
            mean = np.mean(depths[name].to_numpy())
            assert mean == pytest.approx(head.statistics[column], abs=1e-6), name


# ---- by eager attention


def texts_of(options):
    """The texts that a build draws, by depth."""
    loaded = load_model(options.models[0])
    documents = read_corpus(options.documents, options.label).documents
    inputs, _ = prepare(loaded, family_of(loaded), documents, refuse=False)
    return needle_texts(loaded, inputs, options.probe.needle, options.seed)


def ids_of(document):
    return document.arrays["input_ids"].tolist()


def eager_rows(model, document, needle):
    """(layer, head, VALUE, T): the rows before each token of the value."""
    with torch.inference_mode():
        output = model(torch.tensor([ids_of(document)]), output_attentions=True)
    rows = slice(needle.query, needle.query + VALUE)
    return np.stack([layer[0, :, rows].double().numpy() for layer in output.attentions])


@pytest.fixture(scope="module", params=["gpt2", "bert"])
def random_model(request, tmp_path_factory):
    """The corpus of a random model of 16 heads with peaked attention, and its report."""
    folder = tmp_path_factory.mktemp(f"needle-{request.param}")
    save_model(request.param, folder / "model", layers=4)
    options = corpus(folder / "model", sentences(4, (30, 60, 90)))
    build(options, folder / "report")
    config = parse_config(options, folder, "needle")
    return config, folder / "model", attnviz.open_report(folder / "report")


def test_figures_are_those_of_eager_attention_at_the_places_of_the_needle(random_model):
    config, folder, report = random_model
    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    sums = {name: [] for name in COLUMNS}
    by_depth = []
    for needle in texts_of(config):
        for document in needle.texts:
            rows = eager_rows(model, document, needle)
            gold = [rows[:, :, n, needle.gold + n] for n in range(VALUE)]
            sums["retrieval"].append(np.mean(gold, 0))
            right = [rows[:, :, n].argmax(-1) == needle.gold + n for n in range(VALUE)]
            sums["retrieval_strongest"].append(np.mean(right, 0))
        by_depth.append(np.mean(sums["retrieval"][-len(needle.texts) :], 0))
        for document in needle.controls:
            rows = eager_rows(model, document, needle)
            gold = [rows[:, :, n, needle.gold + n] for n in range(VALUE)]
            sums["retrieval_control"].append(np.mean(gold, 0))
    for head in report.manifest.models[0].heads:
        stated = report.retrieval(head.layer, head.head)["retrieval"].to_pylist()
        expected = [float(of[head.layer, head.head]) for of in by_depth]
        assert stated == pytest.approx(expected, abs=2e-6)
    for name, values in sums.items():
        expected = np.mean(values, 0)  # (layer, head)
        stated = [head.statistics[name] for head in report.manifest.models[0].heads]
        assert stated == pytest.approx(expected.ravel().tolist(), abs=2e-6), name


def test_no_random_head_has_the_label(random_model):
    _, _, report = random_model
    assert not [name for name, names in labels(report).items() if "retrieval" in names]
    assert max(head.statistics["retrieval"] for head in by_head(report).values()) < 0.2


def test_the_end_says_the_needle_again_and_a_control_what_stands_nowhere(random_model):
    config, _, _ = random_model
    for needle in texts_of(config):
        end = slice(needle.query - KEY + 1, needle.query + VALUE + 1)
        for document in needle.texts:
            ids = ids_of(document)
            assert len(ids) == 160
            place = needle.gold - KEY
            assert ids[place : place + KEY + VALUE] == ids[end]
            assert all(ids.count(token) == 2 for token in ids[end])
        for document in needle.controls:
            ids = ids_of(document)
            assert all(ids.count(token) == 1 for token in ids[end])


def test_a_capture_keeps_what_was_measured(induction, tmp_path, attnviz_command):
    folder = induction.folder.parent / "model"
    options = corpus(str(folder), [" ".join(make_induction.WORDS)])
    (tmp_path / "corpus.yaml").write_text(json.dumps(options), "utf-8")
    cache = ("--cache", tmp_path / "cache")
    capture = tmp_path / "capture"
    code, _, err = attnviz_command("extract", tmp_path / "corpus.yaml", "-o", capture, *cache)
    assert code == 0, err
    code, _, err = attnviz_command("build", capture, "--out", tmp_path / "report", *cache)
    assert code == 0, err
    again = attnviz.open_report(tmp_path / "report")
    assert again.retrieval(1, 1) == induction.retrieval(1, 1)
    assert labels(again)["L1H1"] == labels(induction)["L1H1"]
    notices = [
        [n.message for n in report.manifest.notices if n.kind == "needle"]
        for report in (again, induction)
    ]
    assert notices[0] == notices[1] != []


# ---- where it is not asked for, or cannot be had


def test_a_model_of_short_texts_says_why_it_is_left_out(tmp_path):
    folder = handwired.save_gpt2(tmp_path / "model")
    build(corpus(folder, sentences(5, (12, 20), handwired.WORDS)), tmp_path / "report")
    report = attnviz.open_report(tmp_path / "report")
    (notice,) = [n for n in report.manifest.notices if n.kind == "needle"]
    assert "takes 32 tokens, and the shortest such text has 56" in notice.message
    with pytest.raises(InputError, match="build with probe: needle"):
        report.retrieval(0, 0)
    assert "retrieval" not in report.heads.column_names
    assert "retrieval" not in [kind.name for kind in report.manifest.models[0].labels]
