"""Attention of several heads at once, as the page computes it: against the formula on Python's
numbers, and as seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

import attnviz
from tests.browser.damage import copied, remove, rewrite
from tests.browser.reach import serious
from tests.browser.visit import Visit
from tests.fixtures.spoiled import manifest_of

Matrix = NDArray[np.float64]

ROWS = """async ([kind, document, queries, how]) => {
  const rows = [];
  for (const query of queries) {
    rows.push(Array.from(await attnviz.aggregate(kind, document, query, how)));
  }
  return rows;
}"""


def layers(folder: Path, document: int) -> Matrix:
    """Mean attention of each layer, (layers, queries, keys)."""
    report = attnviz.open_report(folder)
    matrices: dict[int, list[Matrix]] = {}
    for head in report.manifest.models[0].heads:
        attention = report.attention(head.layer, head.head, document).astype(np.float64)
        matrices.setdefault(head.layer, []).append(attention)
    return np.stack([np.mean(matrices[layer], axis=0) for layer in sorted(matrices)])


def rolled(means: Matrix, residual: float, discard: float, causal: bool) -> Matrix:
    """Rollout as Abnar & Zuidema (2020) define it, with the least weights of each row left out."""
    joined = np.eye(means.shape[1])
    for mean in means:
        weights = mean.copy()
        for i, row in enumerate(weights):
            allowed = i + 1 if causal else len(row)
            row[np.argsort(row[:allowed], kind="stable")[: int(discard * allowed)]] = 0
        weights /= weights.sum(1, keepdims=True)
        joined = ((1 - residual) * weights + residual * np.eye(len(mean))) @ joined
    return joined


def computed(there: Visit, kind: str, document: int, count: int, **how: Any) -> Matrix:
    return np.array(there.page.evaluate(ROWS, [kind, document, list(range(count)), how]))


@pytest.mark.parametrize("over", ["file", "http"])
def test_means_and_rollout_of_minilm(visit, quickstart_report, over):
    document = 17
    means = layers(quickstart_report, document)
    there = visit(quickstart_report, over).open(view="document", doc=document)
    count = means.shape[1]
    assert np.abs(computed(there, "layer", document, count, layer=3) - means[3]).max() < 1e-6
    # Layers have equally many heads: the mean of all is the mean of the layers.
    assert np.abs(computed(there, "all", document, count) - means.mean(0)).max() < 1e-6
    for residual, discard in [(0.5, 0), (0, 0), (0.25, 0.5)]:
        got = computed(there, "rollout", document, count, residual=residual, discard=discard)
        assert np.abs(got - rolled(means, residual, discard, causal=False)).max() < 1e-6
        assert np.abs(got.sum(1) - 1).max() < 1e-9


@pytest.mark.parametrize("family", ["bert", "mistral", "gpt_oss", "t5"])
def test_python_has_the_same_means_and_rollout(visit, request, tiny_report, family):
    folder = request.getfixturevalue("translated") if family == "t5" else tiny_report(family)
    report = attnviz.open_report(folder)
    stacks = report.manifest.models[0].stacks
    there = visit(report.folder).open(view="document")
    for document in (0, len(report.documents) - 1):
        for stack in stacks:
            mean = report.mean_attention(document, stack=stack.name)
            got = computed(there, "all", document, len(mean), stack=stack.name)
            assert np.abs(got - mean).max() < 1e-6
            if stack.kind == "cross":
                continue
            for how in ({"residual": 0.5, "discard": 0}, {"residual": 0.2, "discard": 0.3}):
                expected = report.rollout(document, stack=stack.name, **how)
                got = computed(there, "rollout", document, len(mean), stack=stack.name, **how)
                assert np.abs(got - expected).max() < 1e-6


@pytest.mark.parametrize("family", ["gpt2", "llama", "gpt_oss"])
def test_rollout_keeps_to_the_mask(visit, tiny_report, family):
    report = tiny_report(family)
    lengths = [len(document.tokens) for document in attnviz.open_report(report).documents]
    document = int(np.argmax(lengths))
    means = layers(report, document)
    count = means.shape[1]
    there = visit(report).open(view="document", doc=document)
    got = computed(there, "rollout", document, count)
    assert np.abs(got - rolled(means, 0.5, 0, causal=True)).max() < 1e-6
    assert np.triu(got, 1).max() == 0


def test_a_link_leads_to_rollout_and_what_is_seen_is_its_row(visit, quickstart_report):
    there = visit(quickstart_report).open(
        view="document", head="L3H7", doc=17, token=5, aggregate="rollout", residual=0.25
    )
    row = rolled(layers(quickstart_report, 17), 0.25, 0, causal=False)[5]
    there.says(".kind-note", "how much of a token after layer 5 comes from each token of the input")
    there.says(".text-panel h2", "what of the input it comes from")
    first = there.text(".partner")
    assert f"{100 * row.max():.1f}" in first
    assert there.find(".whose select").input_value() == "rollout"
    assert there.page.get_by_label("Residual").input_value() == "0.25"


def test_whose_attention_is_chosen_and_parameters_follow(visit, quickstart_report):
    there = visit(quickstart_report).open(view="document", head="L3H7", doc=17, token=5)
    expect(there.find(".kind-note")).to_be_hidden()
    expect(there.page.get_by_label("Residual")).to_be_hidden()
    choose = there.page.get_by_label("Attention", exact=True)
    choose.select_option(label="mean of layer 3")
    there.becomes(aggregate="layer")
    there.says(".kind-note", "Shown is the mean over the 12 heads of layer 3")
    before = there.texts(".partner-share")
    there.page.keyboard.press("Shift+ArrowRight")  # another head of the layer: the same mean
    there.becomes(head="L3H8", aggregate="layer")
    assert there.texts(".partner-share") == before
    choose.select_option(label="mean of all 72 heads")
    there.becomes(aggregate="all")
    assert there.texts(".partner-share") != before
    choose.select_option(label="rollout")
    there.becomes(aggregate="rollout")
    before = there.texts(".partner-share")
    there.page.get_by_label("Discard").fill("0.9")
    there.page.get_by_label("Discard").press("Enter")
    there.becomes(aggregate="rollout", discard=0.9)
    assert there.texts(".partner-share") != before
    there.says(".kind-note", "without the least attended 90")
    there.page.get_by_label("Residual").fill("7")
    there.page.get_by_label("Residual").press("Enter")
    there.becomes(residual=0.99)
    assert serious(there) == []


def test_a_very_long_document_says_so_and_leads_back(visit, quickstart_report, tmp_path):
    def deepen(manifest: dict[str, Any]) -> None:
        """So many layers that 429 tokens are too many."""
        head = manifest["models"][0]["heads"][0]
        manifest["models"][0]["heads"] = [head | {"layer": layer} for layer in range(200)]

    report = copied(quickstart_report, tmp_path / "deep")
    rewrite(report, deepen)
    there = visit(report).open(view="document", doc=125, head="L0H0", aggregate="all")
    there.says(".problem", "This document has 429 tokens.")
    there.says(".problem", "for documents of up to 409.")
    there.page.get_by_role("button", name="Show the attention of L0H0").click()
    there.becomes(aggregate="head")
    expect(there.find(".problem")).to_have_count(0)
    assert len(there.texts(".partner")) > 0


def test_a_lost_file_takes_only_the_means_that_need_it(visit, quickstart_report, tmp_path):
    report = copied(quickstart_report, tmp_path / "lost")
    shards = manifest_of(report)["shards"].values()
    lost = [
        s["path"]
        for s in shards
        if s["kind"] == "attention" and s["layer"] == 4 and s["documents"][0] <= 17
    ]
    for path in lost:
        remove(report, path)
    there = visit(report, tolerate="ERR_FILE_NOT_FOUND").open(
        view="document", head="L3H7", doc=17, aggregate="layer"
    )
    assert len(there.texts(".partner")) > 0
    there.page.get_by_label("Attention", exact=True).select_option(label="mean of all 72 heads")
    there.becomes("error", aggregate="all")
    there.says(".problem", "cannot be shown")
    assert any(path in there.text(".problem") for path in lost)
    there.page.get_by_label("Attention", exact=True).select_option(label="L3H7")
    there.becomes(aggregate="head")
    assert len(there.texts(".partner")) > 0


def test_words_are_joined_and_special_tokens_hidden_in_means_too(visit, quickstart_report):
    there = visit(quickstart_report).open(
        view="document", head="L3H7", doc=17, token=5, aggregate="all"
    )
    before = there.texts(".partner-name")
    assert "[CLS]" in before
    there.page.get_by_label("Hide special tokens").check()
    there.becomes(hide=True)
    assert "[CLS]" not in there.texts(".partner-name")
    there.page.get_by_label("Words merged").check()
    there.becomes(words=True)
    assert "giddy" in there.text(".texts")


def test_rollout_is_not_offered_from_axis_to_axis(visit, translated):
    there = visit(translated).open(view="document", head="cross.L0H0", doc=0)
    offered = there.find(".whose option").all_inner_texts()
    assert [text for text in offered if text.startswith("mean")]
    assert "rollout" not in offered
    there.page.evaluate("location.hash = 'view=document&head=cross.L0H0&doc=0&aggregate=rollout'")
    there.becomes(aggregate="rollout")
    there.says(".problem", "these heads attend from one sequence to another")
    expect(there.find(".kind-note")).to_be_hidden()
    expect(there.page.get_by_label("Residual")).to_be_hidden()
    there.find(".whose select").select_option("head")
    there.becomes(aggregate="head")
    assert len(there.texts(".partner")) > 0
