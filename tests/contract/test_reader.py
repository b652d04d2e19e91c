"""`attnviz.open_report`: documents, tokens, vectors and maps are the model's and the corpus's
own."""

import json

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.errors import InputError, ReportError
from tests.fixtures.reports import LONG, SHORT, build, tiny_corpus

LONGEST = len(SHORT) + len(LONG) - 1


@pytest.fixture
def report(tiny_report):
    return attnviz.open_report(tiny_report("gpt2"))


@pytest.fixture(scope="session")
def vectors(tiny_model):
    """Each document's queries and keys in GPT-2, (layers, heads, T, d), from the model's own
    projections."""
    folder = tiny_model("gpt2")
    model = transformers.AutoModel.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)

    def run(text):
        projections = []
        hooks = [
            block.attn.c_attn.register_forward_hook(lambda m, a, out: projections.append(out[0]))
            for block in model.h
        ]
        with torch.inference_mode():
            model(**tokenizer(text, return_tensors="pt"))
        for hook in hooks:
            hook.remove()
        q, k, _ = torch.stack(projections).reshape(2, -1, 3, 4, 8).permute(2, 0, 3, 1, 4).numpy()
        return q, k

    return run


def test_documents_are_the_corpus_in_order(report, tiny_model):
    corpus = tiny_corpus("gpt2", tiny_model("gpt2"))
    texts = [text for entry in corpus["documents"] for text in entry["text"]]
    assert [document.text for document in report.documents] == texts
    assert [document.entry for document in report.documents] == [0] * len(SHORT) + [1] * len(LONG)
    assert [len(document) for document in report.documents] == [*SHORT, *LONG]
    assert report.documents[-1].index == LONGEST
    assert [document.index for document in report.documents[1:4]] == [1, 2, 3]
    for document in report.documents:
        spans = zip(document.start, document.end, strict=True)
        assert [document.text[start:end] for start, end in spans] == list(document.tokens)
    with pytest.raises(IndexError):
        report.documents[LONGEST + 1]


def test_heads_are_a_table(report):
    rows = report.heads.to_pylist()
    assert [(row["layer"], row["head"]) for row in rows] == [
        (layer, head) for layer in (0, 1) for head in range(4)
    ]
    assert {row["model"] for row in rows} == {"gpt2"}
    assert all(0 <= row["previous"] <= 1 and row["entropy"] >= 0 for row in rows)
    assert report.certificate(1, 2) == report.manifest.models[0].heads[6].certificate


@pytest.mark.parametrize(("layer", "head"), [(0, 1), (1, 3)])
def test_queries_and_keys_are_the_models(report, vectors, layer, head):
    q, k = vectors(report.documents[LONGEST].text)
    for stored, truth in (
        (report.queries(layer, head, LONGEST), q),
        (report.keys(layer, head, LONGEST), k),
    ):
        assert stored.dtype == np.float32
        assert np.abs(stored - truth[layer, head]).max() < 0.02 * np.abs(truth[layer, head]).max()


def test_vectors_that_are_not_stored_are_not_made_up(report):
    with pytest.raises(InputError, match=r"document 0 .* not in this report"):
        report.queries(0, 0, 0)


@pytest.mark.parametrize(("layer", "head"), [(0, 1), (1, 3)])
def test_a_map_is_the_pca_of_translated_keys(report, vectors, layer, head):
    pairs = [vectors(document.text) for document in report.documents]
    q, k = (
        np.concatenate([pair[side][layer, head] for pair in pairs]).astype(np.float64)
        for side in (0, 1)
    )
    joint = np.concatenate([q, k - k.mean(0) + q.mean(0)])
    centred = joint - joint.mean(0)
    _, _, axes = np.linalg.svd(centred, full_matrices=False)
    projection = centred @ axes[:2].T
    points = np.concatenate(report.map(layer, head, "pca"))
    signs = np.sign((points * projection).sum(0))
    error = report.manifest.models[0].heads[4 * layer + head].maps["pca-2d"].quantisation_error
    assert np.abs(points * signs - projection).max() < 1.01 * error + 1e-4
    assert error < np.ptp(projection, 0).max() / 60_000


def test_tokens_that_a_map_leaves_out_are_not_numbers(tiny_model, tmp_path):
    build(tiny_corpus("gpt2", tiny_model("gpt2"), maps={"points": 30}), tmp_path)
    report = attnviz.open_report(tmp_path)
    masks = [~np.isnan(side).any(1) for side in report.map(1, 0)]
    assert np.array_equal(*masks)
    assert 0 < masks[0].sum() <= 30
    starts = np.cumsum([0, *(len(document) for document in report.documents)])
    for document in report.documents:  # whole documents, or none of them
        mask = masks[0][starts[document.index] : starts[document.index + 1]]
        assert mask.all() or not mask.any()
    with pytest.raises(InputError, match=r"no map umap-3d; it has attention-2d, pca-2d"):
        report.map(0, 0, "umap", 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layer": 2}, "no head L2H0"),
        ({"head": 4}, "no head L0H4"),
        ({"head": -1}, "no head L0H-1"),
        ({"document": LONGEST + 1}, f"document {LONGEST + 1}: this report has {LONGEST + 1}"),
        ({"document": -1}, "document -1"),
        ({"model": "bert"}, "has the models gpt2"),
        ({"stack": "encoder"}, "in encoder"),
    ],
)
def test_what_is_not_there_is_refused_by_name(report, arguments, message):
    place = {"layer": 0, "head": 0, "document": 0} | arguments
    with pytest.raises(InputError, match=message):
        report.attention(**place)


def test_two_models_are_told_apart(tiny_model, tmp_path):
    models = [{"name": name, "source": str(tiny_model(name))} for name in ("gpt2", "bert")]
    build(tiny_corpus("gpt2", tiny_model("gpt2"), models=models), tmp_path)
    report = attnviz.open_report(tmp_path)
    with pytest.raises(InputError, match="has the models gpt2, bert"):
        report.attention(0, 0, 0)
    assert report.attention(0, 0, 0, model="gpt2").shape == (SHORT[0], SHORT[0])
    assert report.attention(0, 0, 0, model="bert").shape == (SHORT[0] + 2, SHORT[0] + 2)
    assert report.documents_of("bert")[0].tokens[0] == "[CLS]"
    assert report.heads.num_rows == 16


def test_a_report_is_opened_by_any_of_its_files(tiny_report, tmp_path):
    folder = tiny_report("gpt2")
    for path in (folder, str(folder), folder / "index.html", folder / "manifest.json"):
        assert attnviz.open_report(path).manifest.title == "A tiny gpt2"
    with pytest.raises(ReportError, match="there is no report here"):
        attnviz.open_report(tmp_path)


def test_building_from_python_gives_the_report(tiny_model, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    corpus = tiny_corpus("gpt2", tiny_model("gpt2"))
    report = attnviz.build(corpus, out="mine")
    assert report.folder.name == "mine"
    assert (
        json.loads((tmp_path / "mine" / "manifest.json").read_bytes())["title"]
        == report.manifest.title
    )
    again = attnviz.build(corpus)
    assert again.folder.parent.name == "build"
    assert np.array_equal(report.attention(1, 1, 3), again.attention(1, 1, 3))
