"""A document shaded by the scores that its text came with: viz.py's colours, the numbers of Python,
hostile names and tokens as the texts that they are."""

from __future__ import annotations

import csv
import io
import math
import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import Normalize, to_rgb
from playwright.sync_api import expect

import attnviz
from tests.browser.exports import Drawing, export, press_export
from tests.browser.reach import fits, serious
from tests.browser.test_hostile_texts import INTRUDERS
from tests.conftest import Shared
from tests.fixtures import text_models
from tests.fixtures.reports import build

TOKENS = (
    "the",
    "cats",
    "<img src=x onerror=alert(1)>",
    "sat",
    "</script>",
    "on",
    "{{ 7 * 7 }}",
    "a",
)
SALIENCY = (0.1, 0.62, -0.25, 0.0, 0.9, -0.031, 0.33, 0.5)
HOSTILE = "<img src=x onerror=alert(1)>.txt"
ROWS = {"saliency.txt": ("RdBu", 0.0), HOSTILE: ("tab10", 1.0)}
"""The colour map and alpha of each row; each row is of a document of its own as well."""


@pytest.fixture(scope="module")
def scored(shared: Shared, tmp_path_factory):
    """Document 0 has no scores, 1 has saliency, 2 two rows."""
    folder = tmp_path_factory.mktemp("scored")

    def make(out):
        text_models.save_bert(folder / "bert")
        (folder / "tokens.txt").write_text("\n".join(TOKENS))
        (folder / "saliency.txt").write_text("\n".join(map(str, SALIENCY)))
        (folder / HOSTILE).write_text("\n".join(f"{abs(score)}" for score in SALIENCY))

        def item(names, cmap, alpha):
            paths = [str(folder / name) for name in names]
            text_path = str(folder / "tokens.txt")
            return {"text_path": text_path, "score_path": paths, "cmap": cmap, "alpha": alpha}

        scores = [item(["saliency.txt"], "RdBu", 0.0), item(list(ROWS), "tab10", 1.0)]
        models = [{"name": "bert", "source": str(folder / "bert")}]
        maps = {"methods": ["pca"], "dimensions": [2]}
        documents = [{"text": ["the dog ran"]}, {"scores": scores}]
        build({"models": models, "documents": documents, "maps": maps}, out)

    return shared("scored", make)


@pytest.fixture
def report(scored):
    return attnviz.open_report(scored)


def definition(scores, given, cmap, alpha):
    """viz.py: off = mean · alpha, Normalize(min − off, max + off), the colour map; None for NaN."""
    off = sum(given) / len(given) * alpha
    normalize = Normalize(vmin=min(given) - off, vmax=max(given) + off)
    return [
        None
        if math.isnan(score)
        else tuple(round(255 * part) for part in to_rgb(mpl.colormaps[cmap](normalize(score))))
        for score in scores
    ]


def colors(there):
    """The background of each token, None where it has none."""
    script = "all => all.map((e) => getComputedStyle(e).backgroundColor)"
    found = there.find(".text-panel:first-child .token").evaluate_all(script)
    return [
        None if "rgba" in text else tuple(int(part) for part in re.findall(r"\d+", text))
        for text in found
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("document", "row"), [(1, 0), (2, 1)])
def test_colors_are_those_of_the_definition(visit, scored, report, scheme, document, row):
    there = visit(scored, color_scheme=scheme).open(view="document", doc=document, scores=row)
    name = list(report.documents[document].scores)[row]
    given = [abs(score) for score in SALIENCY] if name == HOSTILE else SALIENCY
    cmap, alpha = ("RdBu", 0.0) if document == 1 else ("tab10", 1.0)
    scores = report.documents[document].scores[name].tolist()
    assert colors(there) == definition(scores, given, cmap, alpha)
    # The scale, with its numbers.
    legend = there.text(".score-legend").replace("−", "-")
    least, mean, most = (f"{value:.4g}" for value in (min(given), np.mean(given), max(given)))
    assert legend == f"least {least}, mean {mean}, most {most}"
    assert there.find(".score-legend").get_attribute("data-tip").startswith(f"{cmap} from ")
    assert serious(there) == []


def test_each_number_is_told_and_taken_away(visit, scored, report, tmp_path):
    there = visit(scored).open(view="document", doc=2, scores=0)
    tokens = there.find(".text-panel:first-child .token")
    tokens.nth(2).hover()  # a part of “cats”, which is no word of the model's
    there.says(".tooltip", re.compile(r"cats 0\.62"))
    there.says(".document .lede", "Token cats 0.62. Point at another")
    tokens.nth(0).hover()
    there.says(".tooltip", "[CLS] no score")
    press_export(there)
    rows = list(csv.DictReader(io.StringIO(export(there, "CSV", tmp_path).read_text("utf-8-sig"))))
    document = report.documents[2]
    # A sheet would count what begins as a formula does.
    assert [row["text"].removeprefix("'") for row in rows] == list(document.names)
    for name, scores in document.scores.items():
        told = [float(row[name]) if row[name] else math.nan for row in rows]
        np.testing.assert_array_equal(told, scores)


def test_the_figure_has_the_colors_and_the_caption_says_scores(visit, scored, tmp_path):
    there = visit(scored).open(view="document", doc=1, scores=0)
    shades = {color for color in colors(there) if color}
    press_export(there)
    drawing = Drawing(export(there, "SVG", tmp_path))
    fills = {mark.get("fill") for mark in drawing.marks("rect")}
    assert {f"rgb{color}" for color in shades} <= fills
    assert f"least −0.25, mean {np.mean(SALIENCY):.4g}, most 0.9" in " ".join(drawing.texts)
    assert "Scores that came with the text, on the tokens of bert" in drawing.source
    assert drawing.is_safe()


def test_the_switch_is_in_the_link_and_of_scored_documents_alone(visit, scored):
    there = visit(scored).open(view="document", doc=0)
    switch = there.find("select[aria-label='Shades']")
    expect(switch).to_be_hidden()
    there.find("button[aria-label='Next document']").click()
    there.becomes(doc=1)
    expect(switch).to_be_visible()
    assert there.texts("select[aria-label='Shades'] option") == ["attention", "saliency.txt"]
    expect(there.find("select[aria-label='Attention']")).to_be_visible()
    switch.select_option("saliency.txt")
    there.becomes(scores=0)
    assert "scores=0" in there.page.url
    # What is of attention alone is gone, and comes back with it.
    for selector in ("select[aria-label='Attention']", ".dock", ".text-panel:nth-child(2)"):
        expect(there.find(selector)).to_be_hidden()
    there.find(".text-panel:first-child .token").nth(1).click()
    there.becomes(token=1)
    there.page.go_back()
    there.becomes(token=None, scores=0)
    switch.select_option("attention")
    there.becomes(scores=None)
    expect(there.find(".dock")).to_be_visible()
    there.says(".document .lede", "in both directions")


def test_keys_go_through_the_scores(visit, scored):
    there = visit(scored).open(view="document", doc=1, scores=0)
    there.find(".text-panel:first-child .token.active").focus()
    there.page.keyboard.press("Home")
    there.says(".document .lede", "Token [CLS] no score")
    there.page.keyboard.press("ArrowRight")
    there.says(".document .lede", "Token the 0.1.")
    there.page.keyboard.press("Enter")
    there.becomes(token=1)
    there.says(".document .lede", "Pinned")
    there.says(".token-card", "saliency.txt")


def test_a_row_that_there_is_not_is_said(visit, scored):
    there = visit(scored).open(view="document", doc=1, scores=7)
    there.says(".banners", "row 7 of this document’s scores, which has 1")
    there.becomes(scores=None)


@pytest.mark.parametrize("width", [360, 1440])
def test_names_and_tokens_are_texts_at_every_width(visit, scored, width):
    there = visit(scored, viewport={"width": width, "height": 740})
    there.open(view="document", doc=2, scores=1)
    there.says(".instead", HOSTILE)
    assert there.page.evaluate(INTRUDERS) == []
    fits(there)
