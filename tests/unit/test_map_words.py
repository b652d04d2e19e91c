"""A head's page says of each map how far it may be believed, and why distance cannot tell attention
where it cannot."""

from __future__ import annotations

import pytest

from attnviz import geometry
from attnviz.site import render_pages, templates_folder
from tests.unit.site.page import Page
from tests.unit.site.small_manifest import head, manifest

SPHERE = {"lifted": {"top3_mass": 1.0, "rank": -1.0, "scale": None}}
MAP = {
    "quantisation_error": 0.00012,
    "top3_mass": 0.9312,
    "rank": -0.581,
    "rows": 90,
    "trustworthiness": None,
}


def page_of(**properties):
    """The page of a head that is as told."""
    content = manifest()
    sample = {"shard": "s", "count": properties.pop("sample_tokens", 50)}
    content["models"][0]["axes"] = [
        {
            "name": "text",
            "kind": "text",
            "tokens": 50,
            "lengths": "l",
            "shards": [],
            "sample": sample,
        }
    ]
    content["models"][0]["maps"] = [
        {
            "id": "attention-2d",
            "method": "attention",
            "dimensions": 2,
            "title": "Attention map, 2-D",
        }
    ]
    content["models"][0]["heads"] = [
        head(0, 0, False) | {"maps": {"attention-2d": MAP}, "spaces": SPHERE} | properties
    ]
    return Page(render_pages(content, templates_folder())["heads/encoder/L0H0.html"]).text


def test_every_map_and_space_has_its_figures():
    text = page_of()
    assert "Attention map, 2-D 93.1 % −0.581 – 0.000120" in text
    assert "All channels, keys on one sphere 100 % −1.00 – –" in text


def test_on_the_sphere_distance_is_exact_and_the_page_says_so():
    assert "distance tells this head's scores exactly" in page_of()
    assert "exactly" not in page_of(spaces={"lifted": SPHERE["lifted"] | {"rank": -0.9}})


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("bias", "a bias by position"),
        ("softcap", "saturate under a soft cap"),
        ("sink", "a sink, which is no key"),
    ],
)
def test_where_a_rule_adds_something_the_page_says_what_no_space_shows(rule, words):
    rules = dict.fromkeys(("bias", "softcap", "sink"), False) | {rule: True}
    text = page_of(limits=list(geometry.limits(**rules)))
    assert "No space of its queries and keys shows all of this head's attention: " in text
    assert words in text
    assert "exactly" not in text


def test_attention_alone_has_no_space():
    assert "there is no space of queries and keys" in page_of(spaces={})


def test_a_sample_is_said_to_be_one():
    assert "Maps show" not in page_of()
    assert (
        "Maps show 30 of the 50 tokens (text): whole documents, drawn at random by the report's"
        " seed." in page_of(sample_tokens=30)
    )


def test_a_head_without_maps_has_no_such_section():
    assert "Top-3 mass" not in page_of(maps={}, spaces={})


SAMPLED = MAP | {
    "sampled": True,
    "top3_mass_standard_error": 0.00412,
    "rank_standard_error": 0.0121,
    "trustworthiness": 0.91,
    "trustworthiness_standard_error": 0.002,
}


def test_a_figure_of_a_sample_has_its_standard_error_beside_it():
    text = page_of(maps={"attention-2d": SAMPLED})
    assert "93.1 % ± 0.42 −0.581 ± 0.013 0.910 ± 0.0020" in text
    assert "Maps were measured on a seeded sample of 90 queries" in text
    assert "± is the standard error" in text


def test_what_is_measured_on_all_queries_is_said_to_be_exact():
    text = page_of(maps={"attention-2d": MAP | {"sampled": False}})
    assert "Maps were measured on all 90 queries, so top-3 mass and rank are exact." in text
    assert "±" not in text
    assert "exact." not in page_of(spaces={})
