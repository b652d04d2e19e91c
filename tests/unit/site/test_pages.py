"""Which pages a report has, and what they say without scripts."""

import json

from attnviz.format.manifest import Manifest
from attnviz.site import render_pages, templates_folder
from tests.unit.site.page import Page, render
from tests.unit.site.small_manifest import manifest


def test_a_page_for_every_head_and_one_for_the_viewer(pages):
    heads = [
        f"heads/{name}/L{layer}H{index}.html"
        for name in ("encoder", "decoder")
        for layer in (0, 1)
        for index in (0, 1)
    ]
    assert list(pages) == ["index.html", "heads.html", *heads]


def test_pages_depend_on_the_manifest_alone():
    content = json.dumps(manifest())
    assert Manifest.model_validate_json(content)
    assert render_pages(manifest(), templates_folder()) == render_pages(
        json.loads(content), templates_folder()
    )


def test_a_heads_page_says_all_without_scripts(pages):
    text = pages["heads/encoder/L1H0.html"].text.replace("\u202f", " ")
    for sentence in (
        "L1H0 Layer 1, head 0",
        "Stored attention is off by 0.22 % on average.",
        "0.22 % of a query’s attention lies on other keys than in the model",
        "0.41 % in the document where it is worst",
        "off by more than 0.31 percentage points",
        "the strongest key is the same for 99.98 % of queries.",
        "All 4,312 queries were measured against the model’s own attention (eager, float32).",
        "The corpus allows 0.5 % on average and 2 percentage points.",
        "Entropy plain 1.86 nats How spread plain",
        "First token 41.8 % Attention on the first token",
        "Module module 1 plain",
        "softmax of 0.125 · q·k; every token sees every token",
        "Stored as dense-uint8, query-key-int8",
        "owner plain, revision revision plain (architecture plain, 1,234,567 parameters)",
        "file plain 3 documents; source plain; licence: licence plain",
        "unknown 1 document; source not stated; licence: not stated",
        "Made by generator plain, on plain With torch plain",
    ):
        assert sentence in text


def test_a_decoder_with_shared_keys_a_sink_and_a_sample(pages):
    text = pages["heads/decoder/L0H1.html"].text.replace("\u202f", " ")
    for sentence in (
        (
            "capped softly at ±50.0; a token sees itself and what comes before; a sink of 1.50"
            " takes part of each row"
        ),
        "Keys shared: kv head 0 of 1",
        "on a sample of 4,312 queries: an estimate, no bound",
        "No measured weight",
        "First token not defined",
    ):
        assert sentence in text


def test_notices_are_the_models_own_and_only_the_first_few():
    notices = [
        {"kind": "truncated", "message": f"cut {number}", "model": "encoder"} for number in range(8)
    ]
    pages = render(notices=notices)
    text = pages["heads/encoder/L0H0.html"].text
    assert "cut 4 3 more in manifest.json" in text
    assert "cut 5" not in text
    assert "Notices" not in pages["heads/decoder/L0H0.html"].text


def test_the_theme_of_the_corpus_is_on_every_page(pages):
    assert {page.all("html")[0]["data-theme"] for page in pages.values()} == {"dark"}


def test_headings_and_landmarks(pages):
    page = pages["heads/encoder/L0H0.html"]
    assert page.all("html")[0]["lang"] == "en"
    assert [len(page.all(tag)) for tag in ("h1", "main", "header", "footer", "nav")] == [
        1,
        1,
        1,
        1,
        1,
    ]
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    labelled = [
        attributes["aria-labelledby"]
        for _, attributes in page.elements
        if "aria-labelledby" in attributes
    ]
    assert sorted(ids) == sorted(set(ids)) == sorted(labelled)


def test_heads_of_several_stacks_are_told_apart():
    document = manifest()
    first = document["models"][0]
    first["stacks"].append({**first["stacks"][0], "name": "cross"})
    first["heads"].append({**first["heads"][0], "stack": "cross"})
    pages = render_pages(document, templates_folder())
    page = Page(pages["heads/encoder/cross.L0H0.html"])
    assert "cross.L0H0 Cross, layer 0, head 0" in page.text
    assert "heads/encoder/encoder.L0H0.html" in pages
