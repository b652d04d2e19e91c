"""A build where one of many documents changed: the report of a build from nothing, and little work.
Work is counted by the steps that ran, not timed."""

import shutil
from collections import Counter
from pathlib import Path

import pytest

import attnviz
from tests.fixtures.files import tree
from tests.fixtures.models import sentences

LENGTHS = [5 + (7 * n) % 44 for n in range(120)]
ADDED, PLACE = "the cat sat on a mat and then it ran to the river", 31
SHARE = 0.2
BY_BATCH = (
    "capture",
    "statistics of a batch",
    "sizes of a batch",
    "codes of a batch",
    "certificates",
    "likeness in a batch",
)
"""Steps that run once a batch."""
ONCE = ("self-check", "probe", "copying")
"""Steps of which a document is no input."""


def corpus(model, texts):
    return {
        "models": [{"name": "tiny", "source": str(model)}],
        "documents": [{"text": texts}],
        "maps": {"methods": ["pca"], "points": 64},
    }


def pieces(cache: Path) -> Counter[str]:
    """How many results of each step a cache has."""
    return Counter(folder.parent.name for folder in cache.glob("*/*"))


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    from tests.fixtures.text_models import save_gpt2

    folder = tmp_path_factory.mktemp("model")
    save_gpt2(folder)
    return folder


@pytest.fixture(scope="module")
def texts():
    return sentences(7, LENGTHS)


CHANGES = {
    "added": lambda texts: [*texts[:PLACE], ADDED, *texts[PLACE:]],
    "edited": lambda texts: [*texts[:PLACE], ADDED, *texts[PLACE + 1 :]],
    "removed": lambda texts: [*texts[:PLACE], *texts[PLACE + 1 :]],
}


@pytest.fixture(scope="module")
def counts(model, texts, tmp_path_factory):
    """How many results of each step a build from nothing makes, and each of the changes after
    it; with the folders of the reports."""
    folder = tmp_path_factory.mktemp("reports")
    cache = folder / "cache"
    attnviz.build(corpus(model, texts), out=folder / "before", cache=cache)
    whole, made = pieces(cache), {}
    for name, change in CHANGES.items():
        after = shutil.copytree(cache, folder / f"cache-{name}")
        attnviz.build(corpus(model, change(texts)), out=folder / name, cache=after)
        made[name] = pieces(after) - whole
    return whole, made, folder


@pytest.mark.parametrize("change", CHANGES)
def test_only_batches_about_the_document_are_made_anew(counts, change):
    whole, made, _ = counts
    assert whole["capture"] >= 10
    for step in BY_BATCH:
        assert whole[step] == whole["capture"], step
        assert 1 <= made[change][step] <= SHARE * whole[step], step
    tried = "errors of a batch"
    assert whole["capture"] <= whole[tried]
    assert 1 <= made[change][tried] <= SHARE * whole[tried]
    assert not set(ONCE) & set(made[change])


def test_the_bytes_are_those_of_a_build_from_nothing(counts, model, texts, tmp_path):
    _, _, folder = counts
    fresh = corpus(model, CHANGES["added"](texts))
    attnviz.build(fresh, out=tmp_path / "fresh", cache=tmp_path / "cache")
    assert tree(folder / "added") == tree(tmp_path / "fresh")
