"""What a layer's maps are made of, read back from batches: the right tokens, and of the documents
one at a time."""

import weakref
from collections import ChainMap

import numpy as np
import pytest

from attnviz import geometry
from attnviz.capture.batches import Batch
from attnviz.capture.calls import AttentionCall, CapturedBatch, Recorded
from attnviz.capture.captured_layer import CapturedLayer
from attnviz.capture.result import Capture, Layer, LayerBatch, LayerDocument
from attnviz.maps import measuring, ranked_rows
from attnviz.maps.earlier import EarlierSums
from attnviz.maps.full_spaces import SPACES, full_spaces
from attnviz.maps.layer_job import LayerJob, Points
from attnviz.maps.quality import MapPositions, Measurement, measure, measure_together
from attnviz.maps.row_sample import draw_rows
from attnviz.score import Mask, ScoreRule, mask_intervals
from attnviz.writer.layer_attention_maps import write_layer_attention_maps
from attnviz.writer.layer_maps import write_layer_maps
from attnviz.writer.layer_measures import MadeMaps, measure_layer_maps
from attnviz.writer.maps import read_maps
from tests.unit.maps.planted import softmax

HEADS, SIZE = 2, 4
BATCHES = ({5: 6, 3: 6}, {1: 4, 4: 8, 0: 7}, {2: 9})
"""Lengths of documents by their numbers, whose order is not that of the batches."""

RULE = ScoreRule(0.5, Mask("intervals"))
CALL = AttentionCall(
    module="m", module_call=0, line="tracer", stack="decoder", query_axis="text", key_axis="text",
    heads=HEADS, kv_heads=1, head_size=SIZE, scaling=0.5, softcap=None, sinks=None, mask=0,
    bias=None, bias_kind=None,
)  # fmt: skip


@pytest.fixture
def captured(tmp_path):
    """A causal layer of two query heads that share a key head, in three batches."""
    rng = np.random.default_rng(0)
    batches = []
    for place, lengths in enumerate(BATCHES):
        count = sum(lengths.values())
        masks = [mask_intervals(Mask("causal"), length, length) for length in lengths.values()]
        arrays = {
            "q0": rng.normal(size=(HEADS, count, SIZE)).astype(np.float32),
            "k0": rng.normal(size=(1, count, SIZE)).astype(np.float32),
            "lo0": np.concatenate([mask.lo for mask in masks]),
            "hi0": np.concatenate([mask.hi for mask in masks]),
        }
        folder = tmp_path / str(place)
        folder.mkdir()
        Recorded([CALL], arrays).save(folder)
        batch = Batch(tuple(lengths), {"text": (*lengths.values(),)}, {"text": 9})
        batches.append(CapturedBatch(batch, folder))
    layer = Layer(
        stack="decoder", layer=0, depth=1, query_axis="text", key_axis="text",
        calls=((batches[0].batch.axes, 0),), module="m", module_call=0, line="tracer", rule=0,
        sinks=None, bias=None, heads=HEADS, kv_heads=1, head_size=SIZE, numbers=(0, 1),
        vectors=True, reason=None,
    )  # fmt: skip
    return CapturedLayer(layer, Capture((layer,), (RULE,), tuple(batches)))


@pytest.fixture
def job(captured):
    """Maps of all tokens but the first of each document."""
    lengths = ChainMap(*BATCHES)
    start = np.cumsum([0, *(lengths[number] for number in range(6))])
    place = np.full(start[-1], -1)
    shown = np.setdiff1d(np.arange(start[-1]), start)
    place[shown] = np.arange(len(shown))
    points = Points(place, start, len(shown))
    return LayerJob(captured, points, points, "translated", 0, np.ones((HEADS, 3)))


def test_points_and_rows_are_of_the_documents_own_tokens(job, captured):
    """The measure: each document by itself, as it was captured."""
    points = job.points()
    rows = {document.document: document for document in job.rows()}
    assert sorted(rows) == list(range(6))
    for document in captured.documents():
        row = rows[document.document]
        np.testing.assert_array_equal(points.q[:, row.queries[1:]], document.q[:, 1:])
        np.testing.assert_array_equal(points.k[:, row.keys[1:]], document.k[:, 1:])
        scored = 0.5 * document.q @ document.k.swapaxes(-1, -2)
        np.testing.assert_allclose(row.score(slice(None)), scored, atol=1e-5)
        allowed = np.tri(len(row.queries), dtype=bool)
        assert (row.allowed(slice(None)) == allowed).all()
        expected = softmax(np.where(allowed, scored, -np.inf))
        np.testing.assert_allclose(row.attention(slice(2, 5)), expected[:, 2:5], atol=1e-6)


def test_documents_are_read_once_and_let_go_of(job, monkeypatch):
    """What measures maps holds one document, whatever the corpus."""
    read, before = [], []
    document_at = LayerBatch.document

    def watched(batch, row):
        document = document_at(batch, row)
        read.append(document.document)
        assert sum(one() is not None for one in before) <= 1
        before.append(weakref.ref(document))
        return document

    monkeypatch.setattr(LayerBatch, "document", watched)
    positions = np.random.default_rng(1).normal(size=(2, HEADS, job.queries.count, 2))
    measure({"map": MapPositions(*positions)}, job.rows(), seed=0)
    assert read == [5, 3, 4, 0, 2]  # a document of three keys says nothing


METHODS = {"attention": [2, 3], "pca": [2, 3]}
PAIRS = 60
"""On so many pairs spaces are measured, so on some of the rows that maps are."""


@pytest.fixture
def made(job, tmp_path):
    """The layer's maps by two methods, as steps of a build make them."""
    maps = []
    for method, sizes in METHODS.items():
        (folder := tmp_path / method).mkdir()
        if method == "attention":
            of_layer = write_layer_attention_maps(folder, job, sizes, "cpu", "tiny")
        else:
            of_layer = write_layer_maps(folder, job, method, sizes, "tiny")
        maps.append(MadeMaps(method, folder, of_layer.figures, of_layer.shards))
    return maps


@pytest.fixture
def computed(monkeypatch):
    """The rows of attention that are computed, by document, and how often scores are ranked."""
    rows, ranked = [], []
    attention, in_order = LayerDocument.attention, ranked_rows.in_order

    def attention_of(document, block):
        rows.append((document.document, block.start, block.stop))
        return attention(document, block)

    def ordered(values, allowed, falling=False):
        ranked.extend([1] * falling)
        return in_order(values, allowed, falling)

    monkeypatch.setattr(LayerDocument, "attention", attention_of)
    monkeypatch.setattr(ranked_rows, "in_order", ordered)
    return rows, ranked


def test_a_layers_attention_is_read_once_for_all_its_maps_and_spaces(
    job, made, computed, tmp_path, monkeypatch
):
    monkeypatch.setattr(measuring, "SPACE_PAIRS", PAIRS)
    rows, ranked = computed
    figures = measure_layer_maps(tmp_path, job, made)
    lengths = ChainMap(*BATCHES)
    # The first token is on no map, and a document of three keys says nothing.
    assert rows == [(number, 1, lengths[number]) for number in (5, 3, 4, 0, 2)]
    assert len(ranked) == len(rows)
    assert list(figures.maps) == ["attention-2d", "attention-3d", "pca-2d", "pca-3d"]
    assert all(list(of_head) == list(SPACES) for of_head in figures.spaces)


def test_what_is_measured_together_is_as_if_each_were_alone(job, made, tmp_path, monkeypatch):
    monkeypatch.setattr(measuring, "SPACE_PAIRS", PAIRS)
    figures = measure_layer_maps(tmp_path, job, made)
    of_spaces = {name: [of_head[name] for of_head in figures.spaces] for name in figures.spaces[0]}
    points = job.points()
    alone = [(full_spaces(points.q, points.k, 0)[0], PAIRS, of_spaces)]
    for maps in made:
        stored = read_maps(maps.folder, maps.shards, maps.figures)
        for name, of_name in stored.items():
            sides = zip(*(each.positions() for each in of_name.maps), strict=True)
            alone.append(({name: MapPositions(*map(np.stack, sides))}, 1 << 22, figures.maps))
    for positions, pairs, together in alone:
        measured = measure(positions, job.rows(), 0, pairs)
        for name in positions:
            for figure, truth in zip(together[name], measured.truths(name), strict=True):
                assert (figure.rows, figure.sampled) == (truth.rows, pairs == PAIRS)
                assert figure.top3_mass == pytest.approx(truth.top3_mass.value, abs=1e-6)
                assert figure.rank == pytest.approx(truth.rank.value, abs=1e-6)
                assert figure.rank_standard_error == pytest.approx(truth.rank.error, abs=1e-6)


def test_attention_maps_that_stand_are_not_measured_again(job, made, computed, tmp_path):
    """No row is computed for what an earlier build measured, and the figures are the same."""
    before = measure_layer_maps(tmp_path, job, made[:1])
    here = np.arange(job.queries.count)
    documents = job.rows()
    known = EarlierSums(tmp_path, here, here).of(documents)
    assert sorted(known) == list(range(6))
    stored = read_maps(made[0].folder, made[0].shards, made[0].figures)
    positions = {name: measuring.StoredPositions.of(each.maps) for name, each in stored.items()}
    again = Measurement(positions, draw_rows(documents, 1 << 22, 0), known)
    computed[0].clear()
    measure_together([again], documents)
    assert computed[0] == []
    for name, of_name in before.maps.items():
        masses = [truth.top3_mass.value for truth in again.truths(name)]
        assert masses == [figures.top3_mass for figures in of_name]
    # Where a point of a document has moved, its rows are measured again.
    moved = np.where(here == 0, -1, here)
    assert sorted(EarlierSums(tmp_path, moved, here).of(documents)) == list(range(1, 6))


@pytest.mark.parametrize("name", SPACES)
def test_where_points_lie_in_a_full_space_is_as_in_the_whole_of_it(name):
    rng = np.random.default_rng(2)
    q, k = rng.normal(size=(4, 30, 5)).astype(np.float32), rng.normal(size=(2, 40, 5)) + 1
    k = k.astype(np.float32)
    spaces, scales = full_spaces(q, k, 0)
    some = np.array([3, 17, 4])
    places = spaces[name].queries_at(some), spaces[name].keys_at(some[::-1])
    for head, scale in enumerate(scales):
        whole = {
            "translated-cosine": geometry.translated_space(q[head], k[head // 2]),
            "translated-euclidean": geometry.translated_space(
                q[head], k[head // 2], "euclidean", scale
            ),
            "lifted": geometry.lifted_space(q[head], k[head // 2]),
        }[name].vectors()
        for side, of_whole, tokens in zip(places, whole, (some, some[::-1]), strict=True):
            np.testing.assert_allclose(side[head], of_whole[tokens], rtol=1e-6, atol=1e-6)
