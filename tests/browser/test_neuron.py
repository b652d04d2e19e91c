"""Scores term by term: what the page says of a pair is the report's, from the vectors to the
weight."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.reach import serious

DOCUMENT = 1


def _number(text: str) -> float:
    text = re.sub(r"[\s\u202f]|under", "", text.replace("−", "-"))
    return float(text[:-1]) / 100 if text.endswith("%") else float(text)


def _terms(there) -> dict[str, float]:
    """The value of each line of the pair's terms."""
    rows = there.find(".terms tr")
    names = rows.evaluate_all("rows => rows.map((row) => row.dataset.term)")
    return dict(zip(names, map(_number, there.texts(".terms .number")), strict=True))


def _head(report, model, layer, head):
    about = next(m for m in report.manifest.models if m.name == model)
    entry = next(h for h in about.heads if (h.layer, h.head) == (layer, head))
    return entry, about.rules[entry.rule]


@pytest.mark.parametrize(
    ("model", "layer", "head", "query", "key"),
    [
        ("gemma2", 0, 1, 9, 6),  # soft cap, grouped queries, rotary embedding, sliding window
        ("gpt_oss", 0, 3, 12, 12),  # sinks
        ("bloom", 0, 2, 14, 3),  # a bias by distance
    ],
)
def test_terms_are_the_report_s_and_end_in_its_attention(
    visit, vectors, model, layer, head, query, key
):
    there = visit(vectors.folder).open(
        view="neuron", model=model, head=f"L{layer}H{head}", doc=DOCUMENT, token=query, key=key
    )
    terms, (entry, rule) = _terms(there), _head(vectors, model, layer, head)
    q = vectors.queries(layer, head, DOCUMENT, model=model)[query].astype(float)
    k = vectors.keys(layer, head, DOCUMENT, model=model)[key].astype(float)
    attention = vectors.attention(layer, head, DOCUMENT, model=model)[query]
    assert terms["dot"] == pytest.approx(q @ k, rel=1e-3)
    assert terms["scaled"] == pytest.approx(q @ k * rule.scaling, rel=1e-3)
    last = terms["scaled"]
    if rule.softcap is not None:
        last = terms["capped"]
        assert last == pytest.approx(
            rule.softcap * np.tanh(terms["scaled"] / rule.softcap), rel=1e-3
        )
    last = terms.get("score", last)
    assert ("capped" in terms, "score" in terms) == (model == "gemma2", model == "bloom")
    assert ("sink" in there.text(".terms")) == (entry.sink is not None)
    assert terms["weight"] == pytest.approx(np.exp(terms["lse"]), abs=1e-3)
    assert terms["weight"] == pytest.approx(attention[key], abs=6e-4 + entry.certificate.max_error)
    weights = [_number(text) for text in there.texts(".of-key .neuron-weight") if "%" in text]
    assert len(weights) > 3
    assert sum(weights) == pytest.approx(attention.sum(), abs=0.01)


def test_products_stand_in_a_table_and_sum_to_the_score(visit, vectors):
    there = visit(vectors.folder).open(view="neuron", head="L0H2", doc=DOCUMENT, token=5)
    there.find(".neuron-pair summary").click()
    rows = np.array([_number(text) for text in there.texts(".elements td")]).reshape(-1, 3)
    q = vectors.queries(0, 2, DOCUMENT, model="gemma2")[5]
    assert rows[:, 0] == pytest.approx(q, rel=1e-3, abs=1e-6)
    assert rows[:, 0] * rows[:, 1] == pytest.approx(rows[:, 2], rel=5e-3, abs=1e-6)
    assert rows[:, 2].sum() == pytest.approx(_terms(there)["dot"], abs=5e-3)
    there.find("select[aria-label=Channels]").select_option("product")
    there.becomes(elements="product")
    products = [_number(text) for text in there.texts(".elements td:last-child")]
    assert products == sorted(rows[:, 2], reverse=True)


def test_the_strongest_key_is_chosen_until_another_is(visit, vectors):
    there = visit(vectors.folder).open(view="neuron", head="L0H0", doc=DOCUMENT)
    there.find(".of-query [data-token='7']").click()
    there.becomes(token=7, key=None, side="query")
    strongest = int(vectors.attention(0, 0, DOCUMENT, model="gemma2")[7].argmax())
    chosen = there.find(".of-key [aria-selected=true]")
    expect(chosen).to_have_attribute("data-token", str(strongest))
    there.find(".of-key [data-token='6']").click()
    there.becomes(token=7, key=6)
    press = there.page.keyboard.press
    press("ArrowDown")
    there.becomes(key=7)
    press("ArrowLeft")
    press("ArrowUp")
    there.becomes(token=6, key=7)
    expect(there.find(".terms [data-term=weight]")).to_contain_text("mask forbids")
    press("Escape")
    there.becomes(token=6, key=None)


def test_a_document_without_vectors_says_what_to_write(visit, vectors):
    there = visit(vectors.folder).open(view="neuron", doc=0)
    there.says(".problem", 'vectors: ["Text 0"]')
    there.find(".problem button").click()
    there.becomes(doc=DOCUMENT)
    expect(there.find(".terms")).to_be_visible()


def test_a_layer_of_which_only_attention_is_known_says_why(visit, vectors):
    there = visit(vectors.folder).open(view="neuron", model="deberta", head="L0H0", doc=DOCUMENT)
    there.says(".problem", "are not known")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_readers_out_of_the_terms(visit, vectors, scheme):
    there = visit(vectors.folder, color_scheme=scheme).open(
        view="neuron", head="L0H0", doc=DOCUMENT, token=7
    )
    there.find(".neuron-pair summary").click()
    assert serious(there) == []
