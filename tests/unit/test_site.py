"""The pages of a report: what they say, that they say it as text, and that they lead somewhere."""

import base64
import dataclasses
import hashlib
import json
import posixpath
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import Environment, FileSystemLoader, meta

from attnviz.format.manifest import Certificate, Manifest
from attnviz.site import render_pages, templates_folder
from attnviz.site.contexts import HeadPage, IndexPage
from attnviz.site.wording import at_most, certificate_sentences, measure, percent, verdict

CERTIFICATES = Path(__file__).parents[1] / "fixtures" / "certificates.json"

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script></style></title><!--",
    "' onmouseover='alert(1)",
    "javascript:alert(1)",
    "{{ 7 * 7 }} {% raw %}",
    "&lt;b&gt; &amp;",
    "مرحبا \u202eevil\u202c",
    "👩‍🔬 Ġ ##ly ▁",
    "x" * 10_000,
]


def manifest(text="plain", url=None, notices=()):
    """A small manifest in which every free text is `text`: an encoder of 2 × 2 heads and a decoder
    with shared keys."""
    return {
        "format": "attnviz-report",
        "format_version": 1,
        "title": f"title {text}",
        "site": {"url": url, "theme": "dark"},
        "viewer": {"script": "assets/viewer-00.js", "style": "assets/viewer-00.css"},
        "provenance": {
            "generator": f"generator {text}",
            "versions": {"torch": text},
            "device": text,
            "threads": 2,
            "seed": 0,
            "corpus": {"name": f"corpus {text}", "sha256": "0" * 64},
            "sources": [
                {
                    "entry": 0,
                    "name": f"file {text}",
                    "sha256": "0" * 64,
                    "documents": 3,
                    "source": f"source {text}",
                    "licence": f"licence {text}",
                },
                {
                    "entry": 1,
                    "name": "unknown",
                    "sha256": "0" * 64,
                    "documents": 1,
                    "source": None,
                    "licence": None,
                },
            ],
        },
        "fidelity": {"total_variation": 0.005, "max_error": 0.02},
        "notices": list(notices)
        or [{"kind": "truncated", "message": f"notice {text}", "document": 2}],
        "documents": {"count": 4, "groups": [], "shards": []},
        "models": [model("encoder", text), model("decoder", text, causal=True)],
        "shards": {},
    }


def model(name, text, causal=False):
    rule = {
        "scaling": 0.125,
        "mask": {"kind": "causal" if causal else "full"},
        "softcap": 50 if causal else None,
    }
    return {
        "name": name,
        "title": f"model {text}",
        "source": f"owner {text}",
        "revision": f"revision {text}",
        "weights_sha256": "a" * 64,
        "architecture": f"architecture {text}",
        "dtype": "float32",
        "parameters": 1_234_567,
        "axes": [],
        "rules": [rule],
        "stacks": [
            {
                "name": "encoder",
                "kind": "self",
                "layers": 2,
                "heads": 2,
                "kv_heads": 1 if causal else 2,
                "head_size": 64,
                "query_axis": "text",
                "key_axis": "text",
            }
        ],
        "captures": [
            {
                "stack": "encoder",
                "layer": layer,
                "module": f"module {layer} {text}",
                "line": f"line {text}",
                "rule": 0,
            }
            for layer in range(2)
        ],
        "self_check": {"max_error": 1e-6, "rows": 10},
        "statistics": [
            {
                "name": "entropy",
                "title": f"Entropy {text}",
                "unit": "nats",
                "description": f"How spread {text}",
            },
            {
                "name": "first",
                "title": "First token",
                "unit": "share",
                "description": "Attention on the first token",
            },
        ],
        "maps": [],
        "overview": {"shard": "o", "map": "pca-2d", "count": 1},
        "heads": [head(layer, index, causal) for layer in range(2) for index in range(2)],
    }


def head(layer, index, causal):
    return {
        "stack": "encoder",
        "layer": layer,
        "head": index,
        "kv_head": 0 if causal else index,
        "rule": 0,
        "sink": 1.5 if causal else None,
        "statistics": {"entropy": 1.86, "first": None if index else 0.4183},
        "encodings": ["dense-uint8", "query-key-int8", "dense-uint8"],
        "certificate": {
            "total_variation": 0.002101,
            "worst_total_variation": 0.0041,
            "max_error": 0.00301,
            "top1": 0.99987,
            "rows": 4312,
            "sampled": causal,
            "reference": "eager-float32",
        },
        "maps": {},
    }


class Page(HTMLParser):
    """The parsed page: its elements with their attributes, its text, and the text of its style
    blocks."""

    def __init__(self, content):
        super().__init__(convert_charrefs=True)
        self.elements, self.texts, self.styles, self.inside = [], [], [], None
        self.feed(content.decode())
        self.close()

    def handle_starttag(self, tag, attributes):
        assert len(attributes) == len(dict(attributes)), f"{tag} has an attribute twice"
        self.elements.append((tag, dict(attributes)))
        self.inside = tag
        if tag not in ("bdi", "span"):
            self.texts.append(" ")

    def handle_endtag(self, tag):
        self.inside = None

    def handle_data(self, data):
        (self.styles if self.inside == "style" else self.texts).append(data)

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self):
        return " ".join("".join(self.texts).split())

    @property
    def shape(self):
        """What no text of the manifest may change."""
        return [(tag, sorted(attributes)) for tag, attributes in self.elements]

    @property
    def addresses(self):
        """The addresses that the page loads or links to."""
        return [
            attributes[name]
            for _, attributes in self.elements
            for name in ("href", "src")
            if name in attributes
        ]

    @property
    def policy(self):
        (policy,) = [
            element["content"]
            for element in self.all("meta")
            if element.get("http-equiv") == "Content-Security-Policy"
        ]
        return dict(part.strip().split(" ", 1) for part in policy.split(";"))


def render(**options):
    pages = render_pages(manifest(**options), templates_folder())
    return {path: Page(content) for path, content in pages.items()}


@pytest.fixture(scope="module")
def pages():
    return render()


@pytest.fixture(scope="module")
def published():
    return render(url="https://example.org/a b/")


# ---- which pages there are, and that they are the same each time


def test_a_page_for_every_head_and_one_for_the_viewer(pages):
    heads = [
        f"heads/{name}/L{layer}H{index}.html"
        for name in ("encoder", "decoder")
        for layer in (0, 1)
        for index in (0, 1)
    ]
    assert list(pages) == ["index.html", *heads]


def test_pages_depend_on_the_manifest_alone():
    content = json.dumps(manifest())
    assert Manifest.model_validate_json(content)
    assert render_pages(manifest(), templates_folder()) == render_pages(
        json.loads(content), templates_folder()
    )


# ---- text stays text


@pytest.mark.parametrize("text", HOSTILE, ids=[text[:20] for text in HOSTILE])
def test_hostile_text_stays_text(pages, text):
    hostile = render(text=text)
    for path, page in hostile.items():
        assert page.shape == pages[path].shape, path
        assert page.addresses == pages[path].addresses, path
        assert not any(
            name.startswith("on") for _, attributes in page.elements for name in attributes
        )
    page = hostile["heads/encoder/L0H0.html"]
    parts = ["title", "model", "Entropy", "How spread", "module 0", "line", "notice", "file"]
    parts += ["source", "licence", "owner", "revision", "architecture", "corpus", "generator"]
    for part in parts:
        assert " ".join(f"{part} {text}".split()) in page.text
    assert hostile["index.html"].all("title")
    assert " ".join(f"title {text}".split()) in hostile["index.html"].text


@settings(max_examples=50)
@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"])))
def test_any_text_keeps_the_page_as_it_is(text):
    path = "heads/encoder/L0H0.html"
    given_page = Page(render_pages(manifest(text=text), templates_folder())[path])
    assert given_page.shape == Page(render_pages(manifest(), templates_folder())[path]).shape


def test_half_a_surrogate_pair_does_not_stop_the_build():
    assert "title ?" in render(text="\ud800")["index.html"].text


# ---- the policy


def test_every_page_has_a_policy_that_allows_nothing_remote(pages):
    for path, page in pages.items():
        policy = page.policy
        assert policy["default-src"] == "'none'", path
        for directive in ("base-uri", "form-action", "object-src", "frame-src"):
            assert policy[directive] == "'none'"
        allowed = {source for sources in policy.values() for source in sources.split()}
        hashes = {source for source in allowed if source.startswith("'sha256-")}
        assert allowed - hashes <= {"'none'", "'self'", "file:", "data:", "blob:"}
        first = [tag for tag, _ in page.elements][:4]
        assert first == ["html", "head", "meta", "meta"]
        assert page.elements[2][1] == {"charset": "utf-8"}
        assert page.elements[3][1]["http-equiv"] == "Content-Security-Policy"


def test_pages_of_heads_have_no_scripts(pages):
    for path, page in pages.items():
        if path != "index.html":
            assert page.all("script") == [] == page.all("style")
            assert "script-src" not in page.policy


def test_the_viewers_page_has_its_own_script_and_one_style_of_known_hash(pages):
    page = pages["index.html"]
    assert [script["src"] for script in page.all("script")] == ["assets/boot.js"]
    digest = base64.b64encode(hashlib.sha256("".join(page.styles).encode()).digest()).decode()
    assert page.policy["style-src"].split() == ["'self'", "file:", f"'sha256-{digest}'"]
    assert len(page.all("style")) == 1
    assert not any("style" in attributes for _, attributes in page.elements)


# ---- what a head's page says


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


# ---- where it leads


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


def test_heads_of_several_stacks_are_told_apart():
    document = manifest()
    first = document["models"][0]
    first["stacks"].append({**first["stacks"][0], "name": "cross"})
    first["heads"].append({**first["heads"][0], "stack": "cross"})
    pages = render_pages(document, templates_folder())
    page = Page(pages["heads/encoder/cross.L0H0.html"])
    assert "cross.L0H0 Cross, layer 0, head 0" in page.text
    assert "heads/encoder/encoder.L0H0.html" in pages


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
        "Layer 0, head 0 of model plain: Stored attention is off by 0.22"
    )


# ---- numbers


@given(st.floats(1e-6, 1))
def test_a_bound_is_never_rounded_below_the_truth(share):
    bound = float(at_most(share).removesuffix("\u202f%")) / 100
    assert bound >= share * (1 - 1e-9)
    assert bound <= share * 1.1 + 1e-8


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0"),
        (1, "100"),
        (0.99999, "99.99"),
        (0.998, "99.8"),
        (0.5, "50.0"),
        (0.0123, "1.23"),
        (1e-7, "under 0.001"),
    ],
)
def test_percentages(share, text):
    assert percent(share) == f"{text}\u202f%"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12345.6, "tokens", "12,346\u202ftokens"),
        (-0.6, "nats", "−0.600\u202fnats"),
        (0, "nats", "0\u202fnats"),
        (0.0000012, "nats", "0.000001\u202fnats"),
        (None, "nats", "not defined"),
        (0.25, "share", "25.0\u202f%"),
    ],
)
def test_measures(value, unit, text):
    assert measure(value, unit) == text


@pytest.mark.parametrize("case", json.loads(CERTIFICATES.read_text("utf-8")))
def test_a_certificate_has_the_words_of_both_languages(case):
    certificate = Certificate(**case["certificate"])
    assert [verdict(certificate), *certificate_sentences(certificate)] == case["sentences"]


# ---- templates


@pytest.mark.parametrize(
    ("template", "context"), [("index.html.j2", IndexPage), ("head.html.j2", HeadPage)]
)
def test_a_template_uses_its_whole_context_and_nothing_else(template, context):
    source = FileSystemLoader(templates_folder()).get_source(
        Environment(autoescape=True), template
    )[0]
    used = meta.find_undeclared_variables(Environment(autoescape=True).parse(source))
    assert used == {field.name for field in dataclasses.fields(context)}
