"""What is taken away of a view: a second program draws the SVG alike, numbers are the report's, and
words say what is shown."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.browser.exports import (
    Drawing,
    copied,
    difference,
    export,
    pixels,
    press_export,
    read_csv,
)
from tests.browser.test_share import NO_CLIPBOARD, NO_COPYING

VIEWS = {
    "matrix": {"view": "matrix", "head": "L5H3", "doc": 11},
}


@pytest.fixture(params=VIEWS)
def view(request):
    return request.param


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_second_program_draws_the_figure_as_the_browser_does(
    visit, quickstart_report, tmp_path, view, scheme
):
    there = visit(quickstart_report, color_scheme=scheme).open(**VIEWS[view])
    press_export(there)
    drawing = Drawing(export(there, "SVG", tmp_path))
    image = Image.open(export(there, "PNG", tmp_path))
    assert drawing.is_safe()
    assert image.size == tuple(2 * side for side in drawing.size)
    off = difference(drawing.rendered(2), pixels(image))
    assert (off > 60).mean() < 0.02, "fonts may differ, marks may not"
    assert pixels(image)[0, 0].tolist() == [255, 255, 255]


def test_the_matrix_is_taken_away(visit, quickstart_report, quickstart, tmp_path):
    there = visit(quickstart_report).open(**VIEWS["matrix"])
    press_export(there)
    drawing = Drawing(export(there, "SVG", tmp_path))
    assert drawing.path.name == "minilm-L5H3-doc12-matrix.svg"
    attention = quickstart.attention(5, 3, 11)
    names, rows = read_csv(export(there, "CSV", tmp_path))
    assert names[:3] == ["query", "token", "0 [CLS]"]
    numbers = np.array([row[2:] for row in rows], float)
    assert np.abs(numbers - attention).max() < 1e-6

    # Each token stands beside its row and above its column, the strongest cell is the darkest.
    tokens = [row[1].removeprefix("'") for row in rows]
    assert [text for text in drawing.texts if "%" not in text and text != "0"] == 2 * tokens
    ((left, top, image),) = [
        place for place in drawing.places("image") if float(place[2].attrib["height"]) > 50
    ]
    side = float(image.attrib["width"]) / len(tokens)
    middles = (np.arange(len(tokens)) + 0.5) * side
    drawn = drawing.rendered()[np.ix_((top + middles).astype(int), (left + middles).astype(int))]
    darkness = 255 - drawn[..., 0]
    strongest = np.unravel_index(attention.argmax(), attention.shape)
    assert darkness[strongest] == darkness.max()
    assert np.corrcoef(darkness.ravel(), attention.ravel() ** 0.55)[0, 1] > 0.99


def test_the_caption_says_what_it_is(visit, quickstart_report, quickstart):
    there = visit(quickstart_report)
    for script in (NO_CLIPBOARD, NO_COPYING):
        there.context.add_init_script(script)
    there.open(**VIEWS["matrix"])
    press_export(there)
    caption = copied(there, "Caption")
    manifest = json.loads((quickstart_report / "manifest.json").read_text(encoding="utf-8"))
    model = manifest["models"][0]
    for fact in (
        "L5H3 (layer 5, head 3",
        model["title"],
        model["weights_sha256"][:12],
        "document 12",
        "28 queries down",
        "Stored attention is off by",
        manifest["provenance"]["generator"],
        "index.html#model=minilm&head=L5H3&doc=11",
    ):
        assert fact in caption
    assert "file:" not in caption
    bibtex = copied(there, "BibTeX")
    assert bibtex.count("@") == 2
    assert manifest["provenance"]["corpus"]["sha256"] in bibtex


def test_the_menu_by_keyboard(visit, quickstart_report):
    there = visit(quickstart_report).open(**VIEWS["matrix"])
    button = there.find(".export > button")
    press_export(there)
    expect(there.find(".export-item", has_text="SVG")).to_be_focused()
    there.page.keyboard.press("ArrowUp")
    expect(there.find(".export-item", has_text="BibTeX")).to_be_focused()
    there.page.keyboard.press("Home")
    there.page.keyboard.press("ArrowDown")
    expect(there.find(".export-item", has_text="PNG")).to_be_focused()
    there.page.keyboard.press("Escape")
    expect(there.find(".export-panel")).to_be_hidden()
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-expanded", "false")
