"""What is said of a map's truth: by the definition, from stored coordinates, on all rows or a fair
sample."""

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.manifold import trustworthiness as reference

from attnviz.maps import quantise
from attnviz.maps.quality import Measurement, trustworthiness
from tests.unit.maps.planted import document, from_vectors


def measure(positions, documents, **options):
    measured = Measurement({"map": positions}, **options)
    for rows in documents:
        measured.add(rows)
    return measured.truths("map")


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
    truth = measure((x, y), documents)[1]
    assert truth.top3_mass == pytest.approx(np.mean(masses))
    assert truth.rank == pytest.approx(np.mean(ranks))
    assert truth.rows == len(masses)


def test_a_perfect_map_is_perfect():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 1, 30, 2))
    a = np.exp(-((x[:, :, None] - y[:, None]) ** 2).sum(-1))
    truth = measure((x, y), [document(a / a.sum(-1, keepdims=True))])[0]
    assert truth.top3_mass == pytest.approx(1)
    assert truth.rank == pytest.approx(-1)


def test_it_is_measured_where_readers_find_the_points():
    documents, _ = from_vectors([30, 30], heads=1)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 1, 60, 2))
    x[0, 0] = 1e6  # one far point leaves few of the codes to all others
    stored = quantise(x[0], y[0])
    queries, keys = stored.positions()
    assert np.abs(queries - x[0]).max() <= stored.quantisation_error * (1 + 1e-9)
    truth = measure((queries[None], keys[None]), documents)[0]
    assert truth.top3_mass < measure((x, y), documents)[0].top3_mass + 0.2
    assert np.unique(keys[:, 0]).size < 5


def test_a_sample_of_rows_is_fair_and_seeded():
    documents, _ = from_vectors([200, 200], heads=1)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 1, 400, 2))
    full = measure((x, y), documents)[0]
    part = measure((x, y), documents, share=0.4, seed=1)[0]
    assert part == measure((x, y), documents, share=0.4, seed=1)[0]
    assert part.rows == pytest.approx(160, abs=70)
    assert part.top3_mass == pytest.approx(full.top3_mass, abs=0.1)


def test_documents_that_say_nothing_leave_nothing():
    documents, _ = from_vectors([2, 3], heads=1)
    truth = measure((np.zeros((1, 5, 2)), np.zeros((1, 5, 2))), documents)[0]
    assert (truth.top3_mass, truth.rank, truth.rows) == (None, None, 0)


def test_tokens_that_are_not_on_the_map_are_not_measured():
    documents, _ = from_vectors([20], heads=1)
    rows = documents[0]
    place = np.where(np.arange(20) < 12, np.arange(20), -1)
    cut = type(rows)(place, place, rows.attention, rows.allowed, rows.score)
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 1, 12, 2))
    assert measure((x, y), [cut])[0].rows == 12


@pytest.mark.parametrize("points", [60, 400])
def test_trustworthiness_is_scikit_learns(points):
    rng = np.random.default_rng(0)
    space = rng.normal(size=(points, 8))
    positions = space[:, :2] + 0.3 * rng.normal(size=(points, 2))
    assert trustworthiness(space, positions, 0) == pytest.approx(
        reference(space, positions, n_neighbors=15), abs=1e-9
    )


def test_trustworthiness_of_many_points_is_that_of_a_sample():
    rng = np.random.default_rng(0)
    space = rng.normal(size=(3000, 8))
    positions = space[:, :2]
    assert trustworthiness(space, positions, 0) == pytest.approx(
        reference(space, positions, n_neighbors=15), abs=0.01
    )


def test_too_few_points_have_no_trustworthiness():
    assert trustworthiness(np.eye(20), np.eye(20)[:, :2], 0) is None


def test_a_point_is_never_its_own_neighbour_where_many_coincide():
    rng = np.random.default_rng(0)
    space = np.concatenate([np.zeros((40, 2)), 9 + rng.normal(size=(20, 2))])
    assert trustworthiness(space, space, 0) == 1
