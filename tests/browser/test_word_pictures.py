"""Words and patches of one model in one view: for each word the picture as it looks at it, with the
report's own numbers."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import attnviz
from tests.browser.exports import Drawing, export, press_export
from tests.browser.panels import token
from tests.browser.reach import serious
from tests.browser.visit import eventually
from tests.fixtures.image_text_models import GRID, save_llava

AT = {"view": "document", "head": "decoder.L0H1", "doc": 0}


@pytest.fixture(scope="module")
def pictured(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictured")
    noise = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)
    Image.fromarray(noise).save(folder / "noise.png")
    corpus = {
        "models": [{"name": "llava", "source": str(save_llava(folder / "model"))}],
        "documents": [{"images": str(folder / "noise.png"), "text": ["what is in the image ?"]}],
        "maps": {"methods": ["pca"], "dimensions": [2]},
    }
    return attnviz.build(corpus, out=folder / "report", cache=folder / "cache")


def shares(there):
    script = "all => all.map(e => [Number(e.dataset.word), Number(e.dataset.share)])"
    return there.find(".word").evaluate_all(script)


def test_each_word_has_its_picture(visit, pictured):
    there = visit(pictured.folder).open(**AT)
    axis = pictured.documents[0].axes["text"]
    patches = np.flatnonzero(axis.row >= 0)
    words = np.flatnonzero((axis.row < 0) & ~axis.special)
    attention = pictured.attention(0, 1, 0, stack="decoder").astype(float)
    eventually(lambda: len(shares(there)) == len(words))
    expect(there.find(".word bdi")).to_have_text([axis.names[word] for word in words])
    assert [word for word, _ in shares(there)] == words.tolist()
    drawn = [share for _, share in shares(there)]
    assert drawn == pytest.approx(attention[np.ix_(words, patches)].sum(1), abs=1e-6)
    script = """e => Array.from(e.getContext('2d').getImageData(0, 0, e.width, e.height).data)
      .filter((_, i) => i % 4 === 3)"""
    for number, word in enumerate(words):
        alphas = np.array(there.find(".word canvas").nth(number).evaluate(script))
        assert alphas.shape == (GRID[0] * GRID[1],)
        order = np.argsort(attention[word, patches])
        assert (np.diff(alphas[order]) >= 0).all()
        assert alphas.max() > 0


def test_a_word_s_picture_pins_it_and_keys_move_among_them(visit, pictured):
    there = visit(pictured.folder).open(**AT)
    first = there.find(".word").first
    first.click()
    word = int(first.get_attribute("data-word"))
    there.becomes(token=word, side="query")
    expect(first).to_have_class("word active")
    expect(token(there, word)).to_have_attribute("aria-pressed", "true")
    first.focus()
    there.page.keyboard.press("ArrowRight")
    expect(there.find(".word").nth(1)).to_be_focused()
    there.page.keyboard.press("End")
    there.page.keyboard.press("Enter")
    there.becomes(token=shares(there)[-1][0])
    assert serious(there) == []


def test_what_is_left_out_is_left_out_of_the_pictures(visit, pictured):
    there = visit(pictured.folder).open(**AT, hide=1)
    axis = pictured.documents[0].axes["text"]
    attention = pictured.attention(0, 1, 0, stack="decoder").astype(float)
    keys = ~axis.special
    words = [word for word, _ in shares(there)]
    left = attention[words][:, keys] / attention[words][:, keys].sum(1, keepdims=True)
    expected = left[:, axis.row[keys] >= 0].sum(1)
    drawn = [share for _, share in shares(there)]
    assert drawn == pytest.approx(expected, abs=1e-6)


def test_pictures_and_words_are_exported(visit, pictured, tmp_path):
    there = visit(pictured.folder).open(**AT)
    eventually(lambda: shares(there))
    press_export(there)
    drawing = Drawing(export(there, "SVG", tmp_path))
    assert "Each word’s picture" in drawing.texts
    images = list(drawing.root.iter("{http://www.w3.org/2000/svg}image"))
    # Three scales, two panels, and of each word the picture and its shades.
    assert len(images) == 3 + 2 + 2 * len(shares(there))


def test_a_model_without_words_has_no_words_pictures(visit, bright_image):
    there = visit(bright_image.folder).open(view="document", head="L0H1", doc=0)
    expect(there.find(".word-pictures")).to_be_hidden()
