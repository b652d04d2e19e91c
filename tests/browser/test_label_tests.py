"""Labels as tests in a head's panel: their figures in words, and counter-examples that lead to
their document."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

import attnviz
from tests.fixtures import handwired
from tests.fixtures.models import sentences
from tests.fixtures.reports import build


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("label-tests")
    handwired.save_resting_gpt2(folder / "model")
    (folder / "report").mkdir()
    corpus = {
        "models": [{"name": "gpt2", "source": str(folder / "model")}],
        "documents": [{"text": sentences(5, (9, 14, 20, 30), handwired.WORDS)}],
        "maps": {"methods": []},
        "probes": False,
        "head_labels": [
            {"name": "rests", "title": "Rests", "key_place": 0, "sinks": True},
        ],
    }
    build(corpus, folder / "report")
    return attnviz.open_report(folder / "report")


def in_words(share):
    return f"{round(100 * share)}\u202f%"


def test_a_label_is_said_with_its_figures_beside_others(visit, report):
    there = visit(report.folder).open(view="atlas", head="L0H0")
    for label, title in (("previous-token", "Previous token"), ("rests", "Rests")):
        (row,) = [each for each in report.labels(0, 0).to_pylist() if each["label"] == label]
        shown = there.find(f".label-test[data-label={label}] > p").first
        expect(shown).to_contain_text(f"{title} holds for {in_words(row['precision'])} of its")
        expect(shown).to_contain_text(
            f"(other heads {in_words(row['others_precision'])},"
            f" held out {in_words(row['held_out_precision'])})"
        )
        expect(shown).to_contain_text(f"strongest key of {in_words(row['recall'])} of rows")


def test_a_counter_example_leads_to_its_tokens(visit, report):
    there = visit(report.folder).open(view="atlas", head="L0H0")
    pairs = report.counter_examples(0, 0, "rests").to_pylist()
    summary = there.find("[data-list=against-rests] summary")
    expect(summary).to_have_text("3 counter-examples")
    summary.focus()
    summary.press("Enter")
    expect(there.find("[data-list=against-rests] .example")).to_have_count(len(pairs))
    there.find("[data-list=against-rests] .example").first.press("Enter")
    first = pairs[0]
    there.becomes(
        view="document", doc=first["document"], token=first["query"], side="query",
        key=first["key"],
    )  # fmt: skip


def test_a_declared_label_filters_the_heads(visit, report):
    there = visit(report.folder).open(view="heads", show="table", labels="rests")
    heads = [head for head in report.manifest.models[0].heads if head.labels]
    had = [h for h in heads if "rests" in {label.name for label in h.labels}]
    expect(there.find(".label-chip[data-label=rests]")).to_have_attribute("aria-pressed", "true")
    expect(there.find(".label-chip[data-label=rests]")).to_contain_text(f"Rests {len(had)}")
