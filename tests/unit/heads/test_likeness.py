"""Heads as points: true distances, the same picture every time, and figures that say how true it
is."""

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon, squareform

from attnviz.heads import Divergences, lay_out, most_alike
from attnviz.heads.compared_rows import sample_rows
from attnviz.heads.likeness import GROUPS, PictureFigures, measure


def rows(heads=5, count=30, keys=12, seed=0):
    return np.random.default_rng(seed).dirichlet(np.full(keys, 0.3), (heads, count))


def distances(*parts):
    divergences = Divergences(len(parts[0]))
    for part in parts:
        divergences.add(part)
    return divergences.distances()


def test_distances_are_roots_of_mean_divergences():
    a = rows()
    measured = distances(a)
    for i in range(5):
        for j in range(5):
            each = jensenshannon(a[i], a[j], axis=1, base=2) ** 2
            assert measured[i, j] == pytest.approx(np.sqrt(each.mean()) if i != j else 0, abs=1e-12)


def test_any_order_and_any_parts_give_the_same(monkeypatch):
    a, b = rows(), rows(keys=7, seed=1)
    together = distances(a, b)
    monkeypatch.setattr("attnviz.heads.likeness._AT_ONCE", 1)
    assert distances(b[:, 10:], a, b[:, :10]) == pytest.approx(together, abs=1e-12)


def test_keys_that_no_row_attends_to_at_the_end_have_no_logarithms(monkeypatch):
    """Of causal rows about half, in blocks of rows; the distances are the same."""
    a = np.tril(rows(heads=3, count=200, keys=200))
    a /= a.sum(-1, keepdims=True)
    counted, log2 = [], np.log2
    expected = squareform(
        [
            np.sqrt((jensenshannon(a[i], a[j], axis=1, base=2) ** 2).mean())
            for i, j in ((0, 1), (0, 2), (1, 2))
        ]
    )
    monkeypatch.setattr(np, "log2", lambda p, out: counted.append(p.size) or log2(p, out=out))
    assert distances(a) == pytest.approx(expected, abs=1e-9)
    assert sum(counted) <= 0.65 * (3 + 3) * 200 * 200


def test_a_sink_is_one_more_key():
    a = rows(heads=2) * np.array([1.0, 0.25])[:, None, None]
    with_sink = np.concatenate([a, 1 - a.sum(-1, keepdims=True)], -1)
    assert distances(a) == pytest.approx(distances(with_sink), abs=1e-12)
    apart = np.stack([np.eye(3), np.zeros((3, 3))])
    assert distances(apart)[0, 1] == pytest.approx(1), "nothing in common"


def test_points_in_the_plane_are_found_again():
    places = np.random.default_rng(3).normal(size=(20, 2)) / 10
    apart = np.linalg.norm(places[:, None] - places, axis=-1)
    layout = lay_out(apart)
    fitted = np.linalg.norm(layout.places[:, None] - layout.places, axis=-1)
    assert fitted == pytest.approx(apart, abs=1e-4)
    assert layout.figures.stress == pytest.approx(0, abs=1e-3)
    assert layout.figures.rank == pytest.approx(1, abs=1e-4)


def test_the_figures_are_those_of_the_picture():
    apart = distances(rows(heads=15))
    layout = lay_out(apart)
    fitted = np.linalg.norm(layout.places[:, None] - layout.places, axis=-1)
    assert layout.figures.stress == pytest.approx(
        np.sqrt(((fitted - apart) ** 2).sum() / (apart**2).sum())
    )
    rank = [np.argsort(np.argsort(squareform(d, checks=False))) for d in (fitted, apart)]
    assert layout.figures.rank == pytest.approx(np.corrcoef(*rank)[0, 1])
    assert layout.figures.rank < 0.99
    assert np.array_equal(layout.places, lay_out(apart).places)
    assert layout.places[:, 0].std() > layout.places[:, 1].std()


def test_mirrored_input_is_the_same_picture():
    """Heads in another order stand in the same places."""
    apart = distances(rows(heads=12))
    order = np.random.default_rng(0).permutation(12)
    again = lay_out(apart[np.ix_(order, order)])
    assert again.places == pytest.approx(lay_out(apart).places[order], abs=1e-3)


@pytest.mark.parametrize("heads", [1, 2, 3])
def test_few_heads_and_heads_that_are_alike_have_a_place(heads):
    same = lay_out(distances(np.repeat(rows(heads=1), heads, 0)))
    assert np.isfinite(same.places).all()
    assert same.figures == PictureFigures(None, None)
    two = lay_out(np.array([[0, 0.4], [0.4, 0]]))
    assert np.abs(two.places[0, 0] - two.places[1, 0]) == pytest.approx(0.4)


def test_three_heads_of_which_two_are_alike():
    a = rows(heads=3)
    a[1] = a[0]
    layout = lay_out(distances(a))
    assert np.isfinite(layout.places).all()
    assert np.linalg.norm(layout.places[0] - layout.places[1]) == pytest.approx(0, abs=1e-3)


def test_those_most_alike_come_nearest_first():
    alike = most_alike(np.array([[0, 0.3, 0.1], [0.3, 0, 0.2], [0.1, 0.2, 0]]))
    assert alike[0] == [(2, 0.1), (1, 0.3)]
    assert len(most_alike(distances(rows(heads=9)))[0]) == 5


def test_rows_are_drawn_evenly_from_long_and_short_documents():
    """Half of all rows are of one long document, so half of the sample is."""
    lengths = np.array([0, 3000, *[12] * 250, 1])
    keys = np.array([0, 3000, *[12] * 250, 1])
    contents = list(range(1000, 1000 + len(lengths)))
    samples = [sample_rows(lengths, keys, contents, heads=100, seed=seed) for seed in range(20)]
    assert all((sample.total, sample.share < 1) == (6000, True) for sample in samples)
    assert all(sample.drawn == sum(map(len, sample.rows.values())) for sample in samples)
    long = sum(len(sample.rows[1]) for sample in samples)
    assert long / sum(sample.drawn for sample in samples) == pytest.approx(0.5, abs=0.06)
    again = sample_rows(lengths, keys, contents, heads=100, seed=3)
    assert all((samples[3].rows[number] == again.rows[number]).all() for number in again.rows)


def test_another_document_leaves_the_rows_of_others_as_they_are():
    rng = np.random.default_rng(0)
    lengths = rng.integers(8, 200, 300)
    contents = rng.integers(0, 2**63, 300).tolist()
    before = sample_rows(lengths, lengths, contents, heads=72, seed=0)
    longer, others = np.insert(lengths, 7, 90), [*contents[:7], 5, *contents[7:]]
    after = sample_rows(longer, longer, others, heads=72, seed=0)
    assert before.share < 0.5
    for number, rows in before.rows.items():
        assert (after.rows[number + (number >= 7)] == rows).all()


def test_sums_of_parts_put_together_are_those_of_all():
    a, groups = rows(), np.arange(30) % GROUPS
    whole, together = Divergences(5), Divergences(5)
    whole.add(a, groups)
    for part in (slice(10, 30), slice(0, 10)):
        divergences = Divergences(5)
        divergences.add(a[:, part], groups[part])
        together.merge(divergences.state(), np.arange(0))
    assert together.distances() == pytest.approx(whole.distances(), abs=1e-12)
    assert together.error(1, 3, 0.5) == pytest.approx(whole.error(1, 3, 0.5))
    assert together.distances(2) == pytest.approx(whole.distances(2), abs=1e-12)


def test_the_stated_error_of_a_distance_covers_the_truth():
    a = np.random.default_rng(0).dirichlet(np.full(6, 0.4), (2, 600))
    full = Divergences(2)
    full.add(a)
    assert full.error(0, 1, 1.0) is None
    off = []
    for seed in range(100):
        drawn = np.random.default_rng(seed).choice(600, 150, replace=False)
        part = Divergences(2)
        part.add(a[:, drawn])
        error = part.error(0, 1, 0.25)
        off.append((part.distances()[0, 1] - full.distances()[0, 1]) / error)
    assert 0.88 <= (np.abs(off) < 1.96).mean() <= 1.0
    assert 0.8 < np.std(off) < 1.2


@pytest.mark.parametrize("share", [1e-6, 0.5])
def test_errors_of_a_picture_are_its_figures_spread_over_samples(share):
    """Samples of 500 rows from a population of heads that differ from row to row."""
    rng = np.random.default_rng(4)
    population = rows(heads=8, count=500 if share == 0.5 else 4000, seed=9)
    population[4:] = population[4:] ** 2 + 1e-9
    population /= population.sum(-1, keepdims=True)
    if share == 0.5:
        population = np.concatenate([population, rows(heads=8, count=500, seed=10)], 1)
    places = lay_out(distances(population)).places
    figures, errors = [], []
    for _ in range(40):
        drawn = rng.permutation(population.shape[1])[:500]
        divergences = Divergences(8)
        divergences.add(population[:, drawn], rng.permutation(500) % GROUPS)
        figure = measure(places, divergences.distances())
        error = divergences.errors_of(places, share)
        figures.append((figure.stress, figure.rank))
        errors.append((error.stress, error.rank))
    assert np.mean(errors, 0) == pytest.approx(np.std(figures, 0), rel=0.35)


def test_figures_of_all_rows_have_no_error():
    divergences = Divergences(5)
    divergences.add(rows(), np.arange(30) % GROUPS)
    places = lay_out(divergences.distances()).places
    assert divergences.errors_of(places, 1.0) == PictureFigures(None, None)
