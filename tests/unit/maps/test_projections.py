"""PCA, UMAP and t-SNE, their neighbours, and how maps are turned: against scikit-learn, and the
same every time."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from attnviz import geometry
from attnviz.maps.align import align, same_signs
from attnviz.maps.embedding import nearest, tsne, umap
from attnviz.maps.making import make
from attnviz.maps.pca import pca
from attnviz.maps.quality import trustworthiness
from tests.unit.maps.planted import from_vectors, made


@pytest.mark.parametrize("size", [2, 3])
def test_pca_is_scikit_learns_up_to_sign(size):
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(2, 50, 8)) @ np.diag(np.arange(1, 9))
    space = geometry.translated_space(q, k, "euclidean")
    queries, keys, explained = pca(space, size)
    fitted = PCA(size, svd_solver="full")
    expected = fitted.fit_transform(np.concatenate([space.queries, space.keys]))
    positions = np.concatenate([queries, keys])
    assert np.allclose(positions * same_signs(positions, expected), expected, atol=1e-9)
    assert explained == pytest.approx(fitted.explained_variance_ratio_.sum())


def test_neighbours_are_exact_and_a_point_is_its_own_first():
    points = np.random.default_rng(0).normal(size=(500, 8)).astype(np.float32)
    index, distances = nearest(points)
    apart = np.linalg.norm(points[:, None].astype(np.float64) - points, axis=-1)
    expected = np.argsort(apart, -1)[:, :15]
    assert np.array_equal(index, expected)
    assert np.allclose(distances, np.take_along_axis(apart, expected, -1), atol=1e-6)


def test_points_that_coincide_are_each_others_neighbours():
    points = np.repeat(np.eye(3, dtype=np.float32), 30, 0)
    index, distances = nearest(points)
    assert (distances == 0).all()
    assert (index // 30 == np.arange(90)[:, None] // 30).all()
    assert (index[:, 0] == np.arange(90)).all()
    assert (index[:, 1:] != np.arange(90)[:, None]).all()


def test_few_points_have_few_neighbours():
    assert nearest(np.eye(9, dtype=np.float32))[0].shape == (9, 9)


def clusters(points=200):
    rng = np.random.default_rng(0)
    return (np.repeat(np.eye(4, 8) * 6, points // 4, 0) + rng.normal(size=(points, 8))).astype(
        np.float32
    )


@pytest.mark.parametrize("size", [2, 3])
def test_umap_keeps_neighbours_and_repeats_itself(size):
    vectors = clusters()
    start = PCA(size).fit_transform(vectors)
    first, second = (umap(vectors, [start], seed=0)[0] for _ in range(2))
    assert np.array_equal(first, second)
    assert first.shape == (200, size)
    assert trustworthiness(vectors, first, 0).value > 0.85
    assert not np.array_equal(first, umap(vectors, [start], seed=1)[0])


def test_tsne_keeps_neighbours_and_repeats_itself():
    vectors = clusters()
    start = PCA(2).fit_transform(vectors)
    first, second = (tsne(vectors, [start], seed=0)[0] for _ in range(2))
    assert np.array_equal(first, second)
    assert trustworthiness(vectors, first, 0).value > 0.85


def test_a_turned_map_keeps_its_distances_and_lies_on_its_reference():
    rng = np.random.default_rng(0)
    reference = rng.normal(size=(30, 3))
    turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]
    turned = align(reference @ turn + 5, reference)
    assert np.allclose(turned, reference - reference.mean(0))


def test_maps_are_turned_like_the_heads_pca():
    documents, layer = from_vectors([30, 30], heads=1)
    principal, attended = (
        made(layer, method, 2, documents)[0].positions for method in ("pca", "attention")
    )
    assert np.allclose(align(attended, principal), attended - attended.mean(0), atol=1e-6)


def test_a_layers_signs_mirror_its_axes():
    _, layer = from_vectors([30], heads=1)
    mirrored = type(layer)(**(vars(layer) | {"signs": -layer.signs}))
    plain, other = (make(points, "pca", [3])[3][0].positions for points in (layer, mirrored))
    assert np.allclose(plain, -other)


def test_the_lifted_space_has_maps_too():
    _, layer = from_vectors([30, 30], heads=1)
    lifted = type(layer)(**(vars(layer) | {"space": "lifted"}))
    plain, other = (make(points, "pca", [2])[2][0].positions for points in (layer, lifted))
    assert np.isfinite(other).all()
    assert not np.allclose(plain, other)
