"""What is taken away of a view: a second program draws the SVG alike, numbers are the report's, and
words say what is shown."""

from __future__ import annotations

import re
from datetime import UTC, datetime

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
from tests.fixtures.hostile import FORMULA
from tests.fixtures.spoiled import manifest_of

VIEWS = {
    "matrix": {"view": "matrix", "head": "L5H3", "doc": 11},
    "lines": {"view": "lines", "head": "L1H8", "doc": 11, "heads": "L1H8,L1H3", "token": 8},
    "patterns": {"view": "patterns", "head": "L1H8", "doc": 11},
    "text": {"view": "document", "head": "L1H8", "doc": 11, "token": 9},
    "map": {"view": "head", "head": "L1H8", "doc": 11, "token": 9},
    "atlas": {"view": "atlas"},
    "table": {"view": "heads", "filter": "L3", "sort": "-entropy"},
    "points": {"view": "heads", "show": "points"},
    "compare": {"view": "compare", "head": "L5H3", "doc": 11, "with": "L5H4"},
    "neuron": {"view": "neuron", "head": "L5H3", "doc": 124, "token": 9, "key": 4},
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
    manifest = manifest_of(quickstart_report)
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
    written = datetime.fromtimestamp((quickstart_report / "index.html").stat().st_mtime, UTC)
    assert f"year = {{{written.year}}}" in bibtex
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


def test_lines_are_taken_away_with_their_weights(visit, quickstart_report, quickstart, tmp_path):
    there = visit(quickstart_report).open(**VIEWS["lines"])
    press_export(there)
    drawing = Drawing(export(there, "SVG", tmp_path))
    assert drawing.path.name == "minilm-L1H3-L1H8-doc12-lines.svg"
    assert {"L1H3", "L1H8", "Cheshire"} <= set(drawing.texts)
    _, rows = read_csv(export(there, "CSV", tmp_path))
    expected = {
        (name, key): weight
        for name, head in (("L1H3", 3), ("L1H8", 8))
        for key, weight in enumerate(quickstart.attention(1, head, 11)[8])
        if weight >= 0.01
    }
    assert {(row[0], int(row[3])): float(row[5]) for row in rows} == pytest.approx(
        expected, abs=1e-6
    )
    strokes = [mark for mark in drawing.marks("path") if mark.get("stroke")]
    assert sum(mark["d"].count("M") for mark in strokes) == len(expected)


def test_a_text_is_taken_away_with_its_shares(visit, quickstart_report, quickstart, tmp_path):
    there = visit(quickstart_report).open(**VIEWS["text"])
    press_export(there)
    drawing = Drawing(export(there, "SVG", tmp_path))
    names, rows = read_csv(export(there, "CSV", tmp_path))
    assert names == ["token", "text", "looks_at", "looked_at_by"]
    attention = quickstart.attention(1, 8, 11)
    shares = np.array([row[2:] for row in rows], float).T
    assert np.abs(shares - [attention[9], attention[:, 9]]).max() < 1e-6
    words = "".join(drawing.texts).replace(" ", "")
    assert words.count("CheshirecatsalwaysgrinnedI"[:-1]) == 2, "both directions"


def test_all_patterns_are_taken_away(visit, quickstart_report, quickstart, tmp_path):
    there = visit(quickstart_report).open(**VIEWS["patterns"])
    press_export(there)
    drawing = Drawing(export(there, "SVG", tmp_path))
    assert len(drawing.marks("image")) == 72
    assert {"L0", "L5", "H0", "H11"} <= set(drawing.texts)
    _, rows = read_csv(export(there, "CSV", tmp_path))
    numbers = np.array([row[2:] for row in rows if row[0] == "L2H7"], float)
    assert np.abs(numbers - quickstart.attention(2, 7, 11)).max() < 1e-6


def test_a_comparison_is_taken_away(visit, quickstart_report, quickstart, tmp_path):
    there = visit(quickstart_report).open(**VIEWS["compare"])
    press_export(there)
    drawing = Drawing(export(there, "SVG", tmp_path))
    assert {"L5H3", "L5H4", "Difference"} <= set(drawing.texts)
    big = [mark for mark in drawing.marks("image") if float(mark["height"]) > 50]
    assert len(big) == 3
    names, rows = read_csv(export(there, "CSV", tmp_path))
    assert names == ["query", "query_token", "key", "key_token", "L5H3", "L5H4", "difference"]
    first, second = (quickstart.attention(5, head, 11) for head in (3, 4))
    assert len(rows) == first.size
    for row in rows:
        cell = int(row[0]), int(row[2])
        expected = [first[cell], second[cell], first[cell] - second[cell]]
        assert [float(value) for value in row[4:]] == pytest.approx(expected, abs=1e-6)


def test_a_pair_s_channels_are_taken_away(visit, quickstart_report, quickstart, tmp_path):
    there = visit(quickstart_report).open(**VIEWS["neuron"])
    press_export(there)
    drawing = Drawing(export(there, "SVG", tmp_path))
    assert "Sum of 32 products, q·k" in drawing.texts
    bars = [mark for mark in drawing.marks("rect") if re.match(r"\d{1,2}(\.|$)", mark["width"])]
    assert len(bars) >= 3 * 32, "each channel is a mark"
    names, rows = read_csv(export(there, "CSV", tmp_path))
    assert names == ["channel", "q", "k", "product"]
    q, k = quickstart.queries(5, 3, 124)[9], quickstart.keys(5, 3, 124)[4]
    numbers = np.array(rows, float)
    assert np.abs(numbers[:, 1:] - np.stack([q, k, q * k], -1)).max() < 1e-5


def test_what_is_too_much_for_a_table_is_said(visit, quickstart_report, quickstart):
    there = visit(quickstart_report).open(view="patterns", doc=124)
    press_export(there)
    entry = there.find(".export-item", has_text="CSV")
    expect(entry).to_have_attribute("aria-disabled", "true")
    numbers = 72 * len(quickstart.documents[124].tokens) ** 2
    assert there.text(".export-item[aria-disabled]") == (
        f"CSV {numbers:,} numbers are too many for a file; the matrix of one head can be saved."
    )


def test_a_map_s_points_are_marks_and_rows(visit, quickstart_report, quickstart, tmp_path):
    there = visit(quickstart_report).open(**VIEWS["map"])
    press_export(there)
    drawing = Drawing(export(there, "SVG", tmp_path))
    names, rows = read_csv(export(there, "CSV", tmp_path))
    assert names == ["kind", "document", "token", "text", "x", "y", "weight"]
    queries = [row for row in rows if row[0] == "query"]
    # As many dots as queries in sight, and those of the document that lie above and in the legend.
    assert len(queries) <= len(drawing.marks("circle")) < len(queries) + 60
    shown = [row for row in rows if row[1] == "11" and row[0] == "key"]
    weights = quickstart.attention(1, 8, 11)[9]
    assert shown
    for row in shown:
        assert float(row[6]) == pytest.approx(weights[int(row[2])], abs=1e-6)


def test_printing_makes_a_page_of_the_figure_and_its_caption(visit, quickstart_report):
    there = visit(quickstart_report).open(**VIEWS["matrix"])
    there.find(".export-items").wait_for(state="attached")  # once the page has nothing else to do
    there.page.emulate_media(media="print")
    there.page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    expect(there.find(".print-sheet svg")).to_be_visible()
    there.says(".print-sheet figcaption", "Stored attention is off by")
    expect(there.find("#app")).to_be_hidden()
    there.page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(there.find("#app")).to_be_visible()
    pdf = there.page.pdf()
    assert pdf.startswith(b"%PDF")


@pytest.mark.parametrize("view", ["matrix", "lines", "document", "patterns", "compare"])
def test_no_hostile_text_becomes_markup_or_a_formula(visit, hostile_report, tmp_path, view):
    there = visit(hostile_report).open(view=view, doc=1)
    press_export(there)
    assert Drawing(export(there, "SVG", tmp_path)).is_safe()
    names, rows = read_csv(export(there, "CSV", tmp_path))
    numbers = re.compile(r"-?[\d.]+(e-?\d+)?")
    for value in [*names, *(value for row in rows for value in row)]:
        assert numbers.fullmatch(value) or not re.match(r"\s*[=+\-@\t\r]", value), value
    if view != "patterns":  # its table has numbers of tokens, not their names
        assert any("'" + FORMULA in value for row in rows for value in row)
