"""Of which documents attention is stored, where the corpus or a budget says that it is not all:
every figure is of all documents in any case."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

import attnviz
from attnviz.audit.audit import audit
from attnviz.errors import InputError
from attnviz.reader.check import check
from attnviz.reader.store import ShardStore
from attnviz.writer import kept_documents
from tests.fixtures.models import save_model, sentences
from tests.fixtures.reports import build, short_corpus

TITLED = [
    {"text": text, "title": f"Text {i}"}
    for i, text in enumerate(sentences(8, (6, 11, 9, 24, 7, 12, 30, 5)))
]


MAPS = {"points": 40, "methods": ["pca"]}


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_model("gemma2", tmp_path_factory.mktemp("gemma2"))


@pytest.fixture(scope="module")
def built(model, tmp_path_factory):
    """`built(keep)`: the report of eight documents, of which maps show some, once for each."""
    folder, reports = tmp_path_factory.mktemp("kept"), {}

    def run(keep=None, **more):
        key = str((keep, more))
        if key not in reports:
            options = {"keep": keep} if keep else {}
            out = folder / str(len(reports))
            corpus = short_corpus(
                "tiny", model, documents=[{"text": TITLED}], maps=MAPS, **options, **more
            )
            build(corpus, out)
            reports[key] = attnviz.open_report(out)
        return reports[key]

    return run


@pytest.fixture(scope="module")
def all_kept(built):
    return built("all")


def test_figures_are_those_of_all_documents(built, all_kept):
    some = built({"documents": 3})
    assert len(some.kept_documents()) == 3
    assert all_kept.kept_documents() == list(range(8))
    assert all_kept.manifest.models[0].kept is None
    for of_some, of_all in zip(
        some.manifest.models[0].heads, all_kept.manifest.models[0].heads, strict=True
    ):
        alike = {"statistics", "labels", "pairs", "typical", "focus", "entropy_deciles", "maps"}
        assert of_some.model_dump(include=alike) == of_all.model_dump(include=alike)
        assert of_some.certificate.rows < of_all.certificate.rows


def test_attention_of_those_that_are_kept_is_the_same(built, all_kept):
    some = built({"documents": 3})
    for document in range(8):
        if document in some.kept_documents():
            expected = all_kept.attention(1, 2, document)
            assert np.allclose(some.attention(1, 2, document), expected, atol=0.01)
            continue
        with pytest.raises(InputError, match=r"keep: \{documents: \[") as error:
            some.attention(1, 2, document)
        assert f"document {document}: its attention is not in this report" in str(error.value)
        with pytest.raises(InputError, match="stores that of 3 documents"):
            some.queries(1, 2, document)
    expected = np.zeros((5, 5))
    counts = np.zeros((5, 5))
    for document in some.kept_documents():
        a = some.attention(1, 2, document)[:5, :5]
        expected[: len(a), : len(a)] += a
        counts[: len(a), : len(a)] += np.tri(len(a))
    means = some.attention_by_position(1, 2, 5)
    assert np.allclose(means[0, 0], expected[0, 0] / counts[0, 0], atol=1e-6)


def test_fewer_are_among_more_and_maps_come_first(built):
    shown = set(built("sample").kept_documents())
    assert 0 < len(shown) < 8
    by_count = [set(built({"documents": count}).kept_documents()) for count in (1, 3, 7)]
    assert [len(kept) for kept in by_count] == [1, 3, 7]
    assert all(few < more for few, more in pairwise(by_count))
    assert by_count[0] <= shown <= by_count[2]


def test_maps_show_documents_that_the_sample_keeps(built):
    report = built("sample")
    axis = report.manifest.models[0].axes[0]
    store = ShardStore(report.folder, report.manifest)
    ends = np.cumsum(store.lengths(axis))
    tokens = store.table(axis.sample.shard)["token"].to_numpy()
    assert set(np.searchsorted(ends, tokens, side="right")) == set(report.kept_documents())


def test_documents_are_named_as_those_of_vectors_are(built):
    assert built({"documents": ["Text 5", 2]}).kept_documents() == [2, 5]


def test_what_is_not_kept_is_said(built):
    (notice,) = [n for n in built({"documents": 3}).manifest.notices if n.kind == "kept"]
    assert notice.message.startswith(
        "tiny: the attention of 3 of 8 documents is stored, as the corpus says; statistics,"
    )
    assert notice.figures == {"stored": 3, "of": 8}
    assert not [n for n in built("all").manifest.notices if n.kind == "kept"]


def test_a_report_that_keeps_some_is_whole(built):
    report = built({"documents": 3})
    assert check(report.folder) == []
    findings = audit(report.folder, lambda name, layers: layers)
    assert findings.differences == []


def test_by_default_as_many_are_kept_as_fit(tmp_path, model, monkeypatch):
    monkeypatch.setattr(kept_documents, "BUDGET", 8_000)
    build(short_corpus("tiny", model, documents=[{"text": TITLED}], maps=MAPS), tmp_path / "report")
    report = attnviz.open_report(tmp_path / "report")
    assert 0 < len(report.kept_documents()) < 8
    (notice,) = [n for n in report.manifest.notices if n.kind == "kept"]
    assert "as many as fit into 8.0 kB" in notice.message


@pytest.mark.parametrize(
    ("keep", "message"),
    [
        ("some", "keep: “some” is none of its values; expected all, sample, or documents: with"),
        ({"documents": 0}, "keep: “{'documents': 0}” is none of its values; expected all, sample,"),
        (
            {"documents": ["Text 9"]},
            "keep.documents: there is no document “Text 9”; expected titles",
        ),
    ],
)
def test_what_keep_may_be_is_said(tmp_path, model, keep, message):
    with pytest.raises(InputError, match="keep") as error:
        build(
            short_corpus("tiny", model, documents=[{"text": TITLED}], keep=keep),
            tmp_path / "report",
        )
    assert message in error.value.problems[0]
