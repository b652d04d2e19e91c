"""Texts, tokens and titles that try to be something else are shown as the texts that they are."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.reach import fits
from tests.browser.visit import Visit, plain
from tests.fixtures.hostile import HOSTILE, LONG_TOKEN, TEXTS, TITLE

TEXTUAL = [text for text in HOSTILE if text != LONG_TOKEN]
# What no text may have brought: elements, handlers, addresses. The page itself has two scripts.
INTRUDERS = """() => {
  const assets = new URL('assets/', document.baseURI).href;
  const kinds = 'img, iframe, object, embed, base, form, style:not(head > style)';
  const bad = [...document.querySelectorAll(kinds)];
  for (const script of document.scripts) {
    if (!script.src.startsWith(assets)) bad.push(script);
  }
  for (const e of document.querySelectorAll('*')) {
    if ([...e.attributes].some(({name}) => name.startsWith('on'))) bad.push(e);
    if (e.href && /^(javascript|data):/.test(e.href) && e.rel !== 'icon') bad.push(e);
  }
  return bad.map((e) => e.outerHTML.slice(0, 200));
}"""


def harmless(there: Visit) -> None:
    """Fails where a text has become markup. Dialogs, requests and refusals fail the visit
    itself."""
    assert there.page.evaluate(INTRUDERS) == []
    fits(there)


@pytest.fixture
def there(visit, hostile_report, over) -> Visit:
    return visit(hostile_report, over)


def test_titles_are_shown_as_they_are(there):
    there.open()
    assert there.text(".title") == plain(TITLE)
    assert there.page.title() == plain(TITLE)
    harmless(there)
    there.find(".provenance summary").click()
    there.says(".provenance", plain(TITLE))
    harmless(there)


def test_tokens_are_shown_as_they_are(there):
    there.open(view="document", doc=0, head="L1H2")
    for number in (0, 1):
        # Spaces within a token are made visible.
        tokens = there.find(f".text-panel >> nth={number} >> .token").all_inner_texts()
        words = [text.replace("·\u200b", " ") for text in tokens]
        assert [plain(text) for text in words[1:-2]] == [plain(text) for text in TEXTUAL]
        assert (words[0], words[-1]) == ("[CLS]", "[SEP]")
        assert "10,000 characters" in words[-2]
        assert len(words[-2]) < 200
    harmless(there)
    for at in range(len(HOSTILE)):
        there.find(f".text-panel >> nth=0 >> [data-token='{at + 1}']").click(
            position={"x": 3, "y": 5}
        )
        there.becomes(token=at + 1)
        name = there.text(".token-card .token-name")
        assert name.startswith(plain(HOSTILE[at])[:30])
        assert plain(there.find(".token-card code").first.inner_text()).startswith(
            plain(HOSTILE[at])[:1000]
        )
        there.says(".dock .partners", "%")
    harmless(there)


def test_lists_and_titles_of_documents_are_shown_as_they_are(there):
    there.open(view="document", doc=1)
    assert there.text(".picker-name").startswith(f"2 / 3 {plain(TITLE)[:40]}")
    there.find(".picker-open").click()
    assert all(plain(TITLE)[:40] in title for title in there.texts(".picker-title"))
    there.find(".picker-filter").fill("onerror=alert(1)")
    expect(there.find(".picker-item")).to_have_count(
        sum("onerror=alert(1)" in text for text in TEXTS)
    )
    harmless(there)


def test_points_of_a_map_tell_texts_as_they_are(there):
    there.open(view="head", head="L1H2")
    left, top, width, height = there.boxes(".map-host")[0]
    tooltips = set()
    for x in range(20, int(width), 30):
        for y in range(20, int(height), 120):
            there.page.mouse.move(left + x, top + y)
            if there.find(".tooltip").is_visible():
                tooltips.add(there.text(".tooltip"))
                fits(there)
    assert tooltips
    there.open(view="head", head="L1H2", doc=0, token=2)
    there.says(".lede", HOSTILE[1][:20])
    harmless(there)


def test_a_token_of_ten_thousand_characters_stays_inside(visit, hostile_report):
    for width in (390, 1280):
        there = visit(hostile_report, viewport={"width": width, "height": 800})
        for view in ("document", "head", "heads"):
            there.open(view=view, doc=2, token=1)
            harmless(there)
        there.open(view="document", doc=2, token=1)
        there.says(".token .cut", "10,000 characters")


def test_right_to_left_and_joined_signs_keep_to_their_tokens(visit, hostile_report):
    there = visit(hostile_report).open(view="document", doc=0)
    for text in ("مرحبا", "שלום", "👩‍🔬", "e\u0301"):
        token = there.find(f".text-panel >> nth=0 >> [data-token='{HOSTILE.index(text) + 1}']")
        assert token.inner_text() == text
        assert token.bounding_box()["width"] > 3


def test_a_link_cannot_bring_anything_in(visit, hostile_report):
    there = visit(hostile_report)
    there.open(
        head='"><img src=x onerror=alert(1)>',
        model="<script>alert(1)</script>",
        map="javascript:alert(1)",
    )
    there.says(".banner", "<script>alert(1)</script>")
    harmless(there)


@pytest.mark.parametrize("scripts", [True, False])
def test_pages_of_heads_show_texts_as_they_are(visit, hostile_report, over, scripts):
    there = visit(hostile_report, over, java_script_enabled=scripts).go("heads/hostile/L1H2.html")
    assert there.text(".report-title") == plain(TITLE)
    there.says(".provenance dd", plain(TITLE))
    assert there.find("img, iframe, script:not([src^='../../assets/'])").count() == 0
    if scripts:
        harmless(there)


def test_titles_and_pieces_beside_the_views_are_text(visit, hostile_report):
    there = visit(hostile_report).open(view="heads", head="L1H2")
    for name in ("documents", "pairs"):
        there.find(f".inspector details[data-list={name}] summary").click()
    titles = there.find("[data-list=documents] .partner-name")
    expect(titles.first).to_contain_text("<script>alert('title')</script>")
    assert all(len(text) <= 41 for text in there.find(".pairs bdi").all_inner_texts())
    assert there.find(".inspector script, .inspector img").count() == 0
