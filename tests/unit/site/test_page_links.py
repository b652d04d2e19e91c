"""Where pages lead: to files of the report, to other heads, and into the viewer."""

import posixpath
from urllib.parse import parse_qs, unquote, urlsplit

from attnviz.site import render_pages, templates_folder
from tests.unit.site.small_manifest import manifest


def test_every_link_leads_to_something_in_the_report(pages):
    known = {*pages, "assets/page.css", "assets/boot.js"}
    for path, page in pages.items():
        for target in page.addresses:
            if target != "data:,":  # no icon: nothing is asked for
                way = unquote(urlsplit(target).path)
                assert posixpath.normpath(posixpath.join(posixpath.dirname(path), way)) in known, (
                    path,
                    target,
                )


def test_the_viewer_opens_at_this_head(pages):
    (link,) = [
        a for a in pages["heads/decoder/L1H0.html"].all("a") if a.get("class") == "open-viewer"
    ]
    assert parse_qs(urlsplit(link["href"]).fragment) == {
        "model": ["decoder"],
        "head": ["L1H0"],
        "view": ["document"],
    }


def test_neighbours(pages):
    links = [
        a
        for a in pages["heads/encoder/L1H0.html"].all("a")
        if a.get("class", "").startswith("neighbour-")
    ]
    assert [(a["class"], a["href"]) for a in links] == [
        ("neighbour-next", "L1H1.html"),
        ("neighbour-up", "L0H0.html"),
    ]
    head_links = [
        (link["rel"], link["href"]) for link in pages["heads/encoder/L1H0.html"].all("link")
    ]
    assert head_links == [
        ("icon", "data:,"),
        ("stylesheet", "../../assets/page.css"),
        ("next", "L1H1.html"),
    ]


def test_neighbours_stand_past_layers_without_attention():
    document = manifest()
    for head in document["models"][0]["heads"]:
        head["layer"] *= 3
    pages = render_pages(document, templates_folder())
    page = next(page for name, page in pages.items() if name.endswith("encoder/L3H0.html"))
    assert "L0H0.html" in (page if isinstance(page, str) else page.decode())


def test_preview_cards_only_where_the_address_is_known(pages, published):
    for page in pages.values():
        assert not any("property" in m for m in page.all("meta"))
        assert not any(link["rel"] == "canonical" for link in page.all("link"))
    index, cards = (
        {m["property"]: m["content"] for m in published[path].all("meta") if "property" in m}
        for path in ("index.html", "heads/encoder/L0H0.html")
    )
    assert (index["og:title"], index["og:url"]) == ("title plain", "https://example.org/a b/")
    assert (
        index["og:description"]
        == "Every attention head of model plain, model plain, reading 4 documents."
    )
    assert cards["og:title"] == "L0H0 · model plain · title plain"
    assert cards["og:url"] == "https://example.org/a b/heads/encoder/L0H0.html"
    assert cards["og:description"].startswith(
        "Layer 0, head 0 of model plain: no label. Stored attention is off by 0.22"
    )
