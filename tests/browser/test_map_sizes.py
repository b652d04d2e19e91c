"""Sizes of a map's points: areas by the lengths of queries and keys, or of values, in both
renderers and in the figure that is taken away; and the switch of sinks above the map."""

from __future__ import annotations

import csv
import re

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.exports import Drawing, export, press_export
from tests.browser.screenshot import colors, marked, part, screenshot
from tests.browser.visit import plain
from tests.conftest import Shared
from tests.fixtures.models import sentences
from tests.fixtures.reports import build

HEAD = "L1H3"


@pytest.fixture(scope="module")
def vectors(shared: Shared, tiny_model):
    """A report that has queries and keys of every document; heads share keys and values."""

    def make(folder):
        build(
            {
                "title": "Sizes",
                "models": [{"name": "llama", "source": str(tiny_model("llama"))}],
                "documents": [{"text": sentences(3, (8, 40))}],
                "maps": {"methods": ["pca"], "dimensions": [2]},
                "vectors": True,
            },
            folder,
        )

    return shared("sizes", make)


def _lengths(folder, size):
    """Lengths of queries and of keys in corpus order; NaN where the size says nothing."""
    report = attnviz.open_report(folder)
    queries, keys = [], []
    for document in range(2):
        if size == "norm":
            queries += np.linalg.norm(report.queries(1, 3, document), axis=1).tolist()
            keys += np.linalg.norm(report.keys(1, 3, document), axis=1).tolist()
        else:
            norms = report.value_norms(1, 3, document)
            queries += [np.nan] * len(norms)
            keys += norms.tolist()
    return np.array(queries), np.array(keys)


def _factors(lengths, of):
    """Radii of points of some lengths, where `of` are all of their kind."""
    if np.isnan(of).all():
        return np.ones(len(lengths))
    median = np.sort(of)[len(of) // 2]
    return np.sqrt(lengths / median).clip(0.5, 2.5)


@pytest.mark.parametrize("size", ["norm", "value"])
def test_areas_go_by_lengths(visit, vectors, tmp_path, size):
    there = visit(vectors).open(view="head", head=HEAD, size=size, bare="1")
    there.says(".size-words", "area by the length of " + {"norm": "vec", "value": "val"}[size])
    press_export(there)
    figure = Drawing(export(there, "SVG", tmp_path))
    queries, keys = _lengths(vectors, size)
    with export(there, "CSV", tmp_path).open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.DictReader(table))
    stated = {
        kind: np.array([float(row["length"] or "nan") for row in rows if row["kind"] == kind])
        for kind in ("query", "key")
    }
    assert len(stated["key"]) >= 0.9 * len(keys), "nearly all points are in sight"
    assert {f"{length:.4g}" for length in stated["key"]} <= {f"{length:.4g}" for length in keys}
    # Queries are the dots; a radius is the root of a length over the median of all.
    radii = np.sort([float(mark["r"]) for mark in figure.marks("circle")])[-len(stated["query"]) :]
    expected = np.sort(_factors(stated["query"], queries))
    assert radii / radii[0] == pytest.approx(expected / expected[0], rel=0.05)
    caption = plain(there.find(".size-words").inner_text())
    assert re.search(rf"keys {np.sort(keys)[len(keys) // 2]:.2g}", caption)


@pytest.mark.parametrize("renderer", ["webgl", "canvas"])
def test_both_renderers_draw_sizes(visit, vectors, renderer):
    def ink(**how):
        there = visit(vectors).open(
            view="head", head=HEAD, renderer=renderer, bare="1", color="length", **how
        )
        (box,) = there.boxes(".map-host")
        return there, marked(part(screenshot(there), box, inset=40), colors(there)["page"]).sum()

    there, alike = ink()
    _, sized = ink(size="norm")
    factors = np.concatenate([_factors(of, of) for of in _lengths(vectors, "norm")])
    assert sized / alike == pytest.approx((factors**2).mean(), rel=0.25)
    there.find("label.chip:has-text('Size') select").select_option("norm")
    there.becomes(size="norm")
    expect(there.find(".size-words")).to_be_visible()


def test_the_switch_of_sinks_stands_above_the_map(visit, tiny_model, tmp_path):
    build(
        {
            "models": [{"name": "bert", "source": str(tiny_model("bert"))}],
            "documents": [{"text": sentences(3, (8, 20))}],
            "maps": {"methods": ["pca"], "dimensions": [2]},
        },
        tmp_path,
    )
    report = attnviz.open_report(tmp_path)
    special = np.concatenate([report.documents[n].special for n in range(2)])
    assert not {"first-token", "separator"} & set(report.heads["labels"].to_pylist()[7])
    there = visit(tmp_path).open(view="head", head=HEAD)
    there.find(".view.head .hide-switch input").check()
    there.becomes(hide=True)
    there.says(".view.head .left-out", f"{100 * special.mean():.1f} % of the points of {HEAD}")
