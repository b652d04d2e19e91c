"""After a change of documents attention maps start from the positions of the last build: points
that were there stay, new ones find their place, and the report says so."""

from __future__ import annotations

import shutil

import numpy as np
import pytest

import attnviz
from attnviz.reader.check import check
from tests.fixtures.command import run_apart, write_corpus
from tests.fixtures.files import tree
from tests.fixtures.models import sentences

TEXTS = sentences(7, [9, 14, 11, 16, 12, 10, 13, 15])
NEW = sentences(8, [12])[0]
MORE = (*TEXTS[:3], NEW, *TEXTS[3:])
KIND = "map-start"


class Place:
    """A corpus of a tiny model, a cache and a folder for reports."""

    def __init__(self, folder, model):
        self.folder, self.model, self.cache = folder, model, folder / "cache"

    def build(self, *texts, cache=None, **options):
        """The report of these texts."""
        corpus = write_corpus(self.folder / "corpus.yaml", self.model, *texts)
        out = self.folder / f"out{len(list(self.folder.glob('out*')))}"
        return attnviz.build(corpus, out, cache or self.cache, **options)


@pytest.fixture
def place(tmp_path, tiny_model):
    return Place(tmp_path, tiny_model("llama"))


@pytest.fixture(scope="module")
def grown(tmp_path_factory, tiny_model):
    """A place where a report was built, and one with a document more, with copies of the cache
    after each; both reports, and the second from an empty cache."""
    there = Place(tmp_path_factory.mktemp("grown"), tiny_model("llama"))
    before = there.build(*TEXTS)
    shutil.copytree(there.cache, there.folder / "cache-before")
    after = there.build(*MORE)
    fresh = there.build(*MORE, cache=there.folder / "cache-fresh")
    return there, before, after, fresh


@pytest.fixture
def cache(grown, tmp_path):
    """`cache(name)`: a copy of one of the caches, to be used and changed."""
    return lambda name: shutil.copytree(grown[0].folder / name, tmp_path / name)


def start_of(report):
    """What a report says that its attention maps started from: documents it had, of all."""
    kind = next(kind for kind in report.manifest.models[0].maps if kind.method == "attention")
    return None if kind.start is None else (kind.start.documents, kind.start.of)


def notices(report):
    return [each.message for each in report.manifest.notices if each.kind == KIND]


def points(report, head, text):
    """The queries and keys of a text on a head's attention map, (2, tokens, 2)."""
    lengths = [len(document) for document in report.documents]
    number = [document.text for document in report.documents].index(text)
    first = sum(lengths[:number])
    return np.stack([side[first : first + lengths[number]] for side in report.map(*head)])


def error_of(*reports):
    """How far storage moves a coordinate of any of these maps."""
    return sum(
        figures.quantisation_error
        for report in reports
        for head in report.manifest.models[0].heads
        for figures in head.maps.values()
    )


def test_the_report_says_where_its_maps_started(grown):
    _, before, after, _ = grown
    assert (start_of(before), notices(before)) == (None, [])
    assert start_of(after) == (8, 9)
    (message,) = notices(after)
    assert "which had 8 of these 9 documents" in message
    page = next((after.folder / "heads").rglob("L0H0.html")).read_text("utf-8")
    assert "started from the positions of an earlier build, which had 8 of these 9" in page
    assert check(after.folder) == []


def test_the_same_start_gives_the_same_bytes_in_another_process(grown, cache):
    there, _, after, _ = grown
    corpus = write_corpus(there.folder / "corpus.yaml", there.model, *MORE)
    out = there.folder / "again"
    end = run_apart("build", corpus, "--out", out, "--cache", cache("cache-before"))
    assert end.code == 0, end.err
    assert "started from the positions of an earlier build" in end.err
    assert tree(out) == tree(after.folder)


def test_a_build_of_the_same_again_changes_nothing(grown, cache):
    there, _, after, _ = grown
    assert tree(there.build(*MORE, cache=cache("cache")).folder) == tree(after.folder)


def test_from_scratch_is_what_an_empty_cache_gives(grown, cache):
    there, _, after, fresh = grown
    used = cache("cache")
    scratch = there.build(*MORE, cache=used, from_scratch=True)
    assert tree(scratch.folder) == tree(fresh.folder) != tree(after.folder)
    # What follows from the corpus alone is taken before what started elsewhere.
    assert tree(there.build(*MORE, cache=used).folder) == tree(fresh.folder)


def test_points_that_were_there_stay_where_they_were(grown, cache):
    there, before, after, _ = grown
    less = there.build(*TEXTS[:3], NEW, *TEXTS[4:], cache=cache("cache"))
    assert start_of(less) == (8, 8)
    for report, texts in ((after, TEXTS), (less, [*TEXTS[:3], *TEXTS[4:]])):
        for text in texts:
            assert np.allclose(
                points(report, (1, 2), text),
                points(before, (1, 2), text),
                atol=error_of(report, before),
            )


def test_new_points_are_as_true_as_in_a_map_from_scratch(grown):
    _, _, after, fresh = grown
    heads = [(layer, head) for layer in (0, 1) for head in range(4)]
    masses, ranks = (
        [
            np.mean([getattr(report.map_figures(*head), name) for head in heads])
            for report in (after, fresh)
        ]
        for name in ("top3_mass", "rank")
    )
    assert masses[0] > masses[1] - 0.02
    assert ranks[0] < ranks[1] + 0.02


@pytest.mark.parametrize("damage", ["gone", "changed"])
def test_without_the_positions_maps_are_from_scratch(grown, cache, damage):
    there, _, _, fresh = grown
    used = cache("cache-before")
    for file in used.glob("attention-maps/*/positions-2.npz"):
        file.unlink() if damage == "gone" else file.write_bytes(b"no positions")
    assert tree(there.build(*MORE, cache=used).folder) == tree(fresh.folder)


def test_maps_start_anew_where_too_little_was_fitted_together(place):
    place.build(*TEXTS)
    few = (*TEXTS[:3], *sentences(9, [12, 13, 14, 15]))
    corpus = write_corpus(place.folder / "corpus.yaml", place.model, *few)
    end = run_apart("build", corpus, "--out", place.folder / "few", "--cache", place.cache)
    assert "attention maps are made from scratch: of " in end.err, end.err
    assert start_of(attnviz.open_report(place.folder / "few")) is None


def test_another_report_with_the_same_cache_is_no_start(place):
    place.build(*TEXTS)
    other = write_corpus(place.folder / "other.yaml", place.model, *TEXTS, NEW)
    assert start_of(attnviz.build(other, place.folder / "other", place.cache)) is None
