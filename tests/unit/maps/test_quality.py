"""What is said of a map's truth: by the definition, from stored coordinates, on all rows or a fair
sample."""

import subprocess
import sys

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.manifold import trustworthiness as reference

from attnviz.maps import quantise
from attnviz.maps.quality import (
    MapPositions,
    measure,
    trustworthiness,
    trustworthiness_of_maps,
)
from attnviz.maps.row_sample import draw_rows, runs
from attnviz.sampling import standard_error
from tests.unit.maps.planted import document, from_vectors, softmax

ALL = 1 << 40


def truths(positions, documents, pairs=ALL, seed=0):
    return measure({"map": MapPositions(*positions)}, documents, seed, pairs).truths("map")


@pytest.mark.parametrize("causal", [False, True])
def test_truths_are_by_the_definition(causal):
    documents, _layer = from_vectors([3, 12, 20], causal=causal)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 2, 35, 2))
    masses, ranks = [], []
    for rows in documents:
        a, allowed = rows.attention(slice(None)), rows.allowed(slice(None))
        for i, at in enumerate(rows.queries):
            keys = np.flatnonzero(allowed[i])
            if len(keys) <= 3:
                continue
            distance = ((x[1, at] - y[1, rows.keys[keys]]) ** 2).sum(-1)
            row = a[1, i, keys]
            masses.append(row[np.argsort(distance)[:3]].sum() / np.sort(row)[-3:].sum())
            ranks.append(spearmanr(distance, row).statistic)
    truth = truths((x, y), documents)[1]
    assert truth.top3_mass.value == pytest.approx(np.mean(masses))
    assert truth.rank.value == pytest.approx(np.mean(ranks))
    assert truth.rows == len(masses)


def test_a_perfect_map_is_perfect():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 1, 30, 2))
    a = np.exp(-((x[:, :, None] - y[:, None]) ** 2).sum(-1))
    truth = truths((x, y), [document(a / a.sum(-1, keepdims=True))])[0]
    assert truth.top3_mass.value == pytest.approx(1)
    assert truth.rank.value == pytest.approx(-1)


def test_it_is_measured_where_readers_find_the_points():
    documents, _ = from_vectors([30, 30], heads=1)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 1, 60, 2))
    x[0, 0] = 1e6  # one far point leaves few of the codes to all others
    stored = quantise(x[0], y[0])
    queries, keys = stored.positions()
    assert np.abs(queries - x[0]).max() <= stored.quantisation_error * (1 + 1e-9)
    truth = truths((queries[None], keys[None]), documents)[0]
    assert truth.top3_mass.value < truths((x, y), documents)[0].top3_mass.value + 0.2
    assert np.unique(keys[:, 0]).size < 5


def long_and_short(seed=0):
    """One document of 300 tokens, whose map is true, and fifty of 12, whose map is not: the
    documents and the positions of their tokens."""
    rng = np.random.default_rng(seed)
    lengths = [300] + [12] * 50
    x, y = rng.normal(size=(2, 1, sum(lengths), 2))
    documents, start = [], 0
    for number, length in enumerate(lengths):
        at = slice(start, start + length)
        there = x[0, at], y[0, at] if number == 0 else rng.normal(size=(length, 2))
        squared = ((there[0][:, None] - there[1][None]) ** 2).sum(-1)
        documents.append(document(softmax(-3 * squared)[None], start, number=number))
        start += length
    return documents, (x, y)


def test_a_sample_favours_neither_short_documents_nor_long_ones():
    documents, positions = long_and_short()
    full = truths(positions, documents)[0]
    estimates = [truths(positions, documents, 20_000, seed)[0] for seed in range(60)]
    masses = np.array([truth.top3_mass.value for truth in estimates])
    # Rows of the long document are half of all; of short documents alone it would be 0.3 lower.
    assert abs(masses.mean() - full.top3_mass.value) < 3 * masses.std() / np.sqrt(len(masses))
    assert masses.std() < 0.03


def test_the_stated_error_covers_the_truth_as_often_as_it_should():
    documents, positions = long_and_short()
    full = truths(positions, documents)[0]
    samples = [truths(positions, documents, 20_000, seed)[0] for seed in range(120)]
    for name in ("top3_mass", "rank"):
        estimates = [getattr(sample, name) for sample in samples]
        off = np.array([(e.value - getattr(full, name).value) / e.error for e in estimates])
        assert 0.88 <= (abs(off) < 1.96).mean() <= 0.99
        assert 0.85 < off.std() < 1.2


def test_no_order_of_documents_makes_another_sample():
    documents, positions = long_and_short()
    forward = truths(positions, documents, 20_000, 1)[0]
    backward = truths(positions, documents[::-1], 20_000, 1)[0]
    assert forward.rows == backward.rows
    assert forward.top3_mass.value == pytest.approx(backward.top3_mass.value, rel=1e-12)
    assert forward != truths(positions, documents, 20_000, 2)[0]


def test_what_is_measured_on_all_rows_has_no_error():
    documents, positions = long_and_short()
    full = truths(positions, documents)[0]
    assert (full.sampled, full.top3_mass.error, full.rank.error) == (False, None, None)
    assert full.rows == 900
    assert truths(positions, documents, 20_000)[0].sampled


def test_the_standard_error_is_that_of_sampling_without_replacement():
    values = np.random.default_rng(0).normal(size=40)
    expected = values.std(ddof=1) / np.sqrt(40) * np.sqrt(1 - 0.4)
    assert standard_error(values.sum(), (values**2).sum(), 40, 0.4) == pytest.approx(expected)
    assert standard_error(1.0, 1.0, 1, 0.4) is None


def test_documents_that_say_nothing_leave_nothing():
    documents, _ = from_vectors([2, 3], heads=1)
    truth = truths((np.zeros((1, 5, 2)), np.zeros((1, 5, 2))), documents)[0]
    assert (truth.top3_mass.value, truth.rank.value, truth.rows) == (None, None, 0)


def test_tokens_that_are_not_on_the_map_are_not_measured():
    documents, _ = from_vectors([20], heads=1)
    rows = documents[0]
    place = np.where(np.arange(20) < 12, np.arange(20), -1)
    cut = type(rows)(0, place, place, rows.attention, rows.allowed, rows.score)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 1, 12, 2))
    assert truths((x, y), [cut])[0].rows == 12


@pytest.mark.parametrize("points", [60, 400])
def test_trustworthiness_is_scikit_learns(points):
    rng = np.random.default_rng(0)
    space = rng.normal(size=(points, 8))
    positions = space[:, :2] + 0.3 * rng.normal(size=(points, 2))
    estimate = trustworthiness(space, positions, 0)
    assert estimate.value == pytest.approx(reference(space, positions, n_neighbors=15), abs=1e-9)
    assert estimate.error is None


def test_trustworthiness_of_many_points_is_that_of_a_sample():
    rng = np.random.default_rng(0)
    space = rng.normal(size=(3000, 8))
    positions = space[:, :2]
    full = reference(space, positions, n_neighbors=15)
    estimates = [trustworthiness(space, positions, seed) for seed in range(8)]
    off = [(estimate.value - full) / estimate.error for estimate in estimates]
    assert max(map(abs, off)) < 3.5
    assert max(estimate.error for estimate in estimates) < 0.01


def test_too_few_points_have_no_trustworthiness():
    assert trustworthiness(np.eye(20), np.eye(20)[:, :2], 0).value is None


def test_a_point_is_never_its_own_neighbour_where_many_coincide():
    rng = np.random.default_rng(0)
    space = np.concatenate([np.zeros((40, 2)), 9 + rng.normal(size=(20, 2))])
    assert trustworthiness(space, space, 0).value == 1


@pytest.mark.parametrize("scale", [1e-320, 1e-30, 1.0, 1e30])
def test_points_that_coincide_at_zero_end_no_process_that_has_no_denormals(scale):
    """SciPy's tree is told so by a segmentation fault, so another process tries it."""
    program = f"""
import numpy as np
from attnviz.engine.denormals import denormals_as_zero
from attnviz.maps.quality import trustworthiness
others = 9 + np.random.default_rng(0).normal(size=(20, 2))
places = np.concatenate([np.zeros((40, 2)), others]) * {scale}
with denormals_as_zero():
    print(trustworthiness(places / {scale}, places, 0).value)
"""
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert 0 <= float(run.stdout) <= 1


def test_maps_of_a_head_share_what_they_were_made_of():
    rng = np.random.default_rng(0)
    space = rng.normal(size=(700, 8))
    positions = [space[:, :size] + 0.3 * rng.normal(size=(700, size)) for size in (2, 3)]
    alone = [trustworthiness(space, each, 5) for each in positions]
    assert trustworthiness_of_maps(space, positions, 5) == alone


def test_a_document_is_asked_once_where_its_keys_lie():
    documents, _ = from_vectors([90], heads=1)
    rng = np.random.default_rng(0)
    asked = []

    class Counted(MapPositions):
        def keys_at(self, keys):
            asked.append(len(keys))
            return super().keys_at(keys)

    positions = Counted(*rng.normal(size=(2, 1, 90, 2)))
    rows = draw_rows(documents, 90 * 9, 0).rows[0]
    assert len(list(runs(rows, 90))) > 1  # which are measured apart
    measure({"map": positions}, documents, 0, 90 * 9)
    assert asked == [90]
