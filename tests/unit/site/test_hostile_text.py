"""Texts that try to be markup are texts on every page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnviz.site import render_pages, templates_folder
from tests.unit.site.page import Page, render
from tests.unit.site.small_manifest import manifest

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
