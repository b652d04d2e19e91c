"""The stories of the example corpora lead to what their reports have, and say what is so."""

import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from ruamel.yaml import YAML

import attnviz
from corpora import make_digits, make_induction
from tests.fixtures.reports import build

CORPORA = Path(__file__).parents[2] / "corpora"
NUMBERS = {3: "three", 4: "four", 16: "sixteen"}


def built(name, model, folder):
    """The report of an example corpus, with the maps that are made fastest."""
    corpus = YAML(typ="safe").load(CORPORA / f"{name}.yaml")
    corpus["models"][0]["source"] = str(model)
    corpus["story"] = str(CORPORA / corpus["story"])
    for entry in corpus["documents"]:
        key = "file" if "file" in entry else "images"
        entry[key] = str(CORPORA / entry[key])
    build(corpus | {"maps": {"methods": ["pca"]}}, folder)


@pytest.fixture(scope="module")
def induction(shared):
    model = shared("induction", make_induction.save)
    return attnviz.open_report(
        shared("story-of-induction", lambda folder: built("induction", model, folder))
    )


def test_the_story_of_induction_is_its_reports(induction):
    assert (induction.folder / "story.html").is_file()
    text = (CORPORA / "induction" / "story.md").read_text("utf-8")
    tokens, shuffled = (induction.documents[number].tokens for number in (0, 48))
    assert " ".join(tokens[1:]) in text
    assert len(induction.manifest.models[0].heads) == 8
    assert [tokens[at] for at in (1, 2, 9, 10)] == ["canvas", "flint", "canvas", "flint"]
    back, on = induction.attention(0, 2, 0), induction.attention(1, 1, 0)
    assert re.findall(r"([\d.]+)\u202f%", text) == [f"{100 * back[2, 1]:.1f}"]
    assert [int(on[at].argmax()) for at in range(9, 17)] == list(range(2, 10))
    assert on[9, 2] > 0.999
    assert (on[1:9, 0] > 0.999).all()
    other = induction.attention(1, 1, 48)
    assert (shuffled[9], shuffled[10]) == ("beacon", "canvas")
    assert shuffled[int(other[9].argmax())] == "arrow"


def test_the_story_of_digits_is_its_reports(shared):
    model = shared("digits", lambda folder: make_digits.save(make_digits.train(epochs=10), folder))
    report = attnviz.open_report(
        shared("story-of-digits", lambda folder: built("digits", model, folder))
    )
    (entry,) = report.manifest.models
    (stack,) = entry.stacks
    text = " ".join((CORPORA / "digits" / "story.md").read_text("utf-8").split())
    patches = report.documents[0].axes["image"]
    rows, columns = (1 + int(places.max()) for places in (patches.row, patches.column))
    said = {
        f"# {NUMBERS[int((patches.row >= 0).sum())].capitalize()} patches",
        f"cuts each picture into {NUMBERS[rows]} rows of {NUMBERS[columns]} patches",
        f"there are {len(patches)} of them",
        f"{NUMBERS[stack.layers].capitalize()} layers of {NUMBERS[stack.heads]} heads",
        f"The {report.manifest.documents.count} digits of this report were kept back in training",
    }
    assert {sentence for sentence in said if sentence not in text} == set()
    assert report.documents[0].tokens[0] == "[CLS]"
    trained, _, kept, _ = ({image.tobytes() for image in part} for part in make_digits.digits())
    shown = {np.asarray(Image.open(file)).tobytes() for file in CORPORA.glob("digits/*.png")}
    assert shown <= kept - trained
    assert (report.folder / "story.html").is_file()
