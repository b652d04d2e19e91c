"""What losing a head costs, in a report: of a circuit wired by hand, whose heads are known."""

from __future__ import annotations

import json

import numpy as np
import pytest

import attnviz
from attnviz.errors import InputError
from corpora import make_induction
from tests.fixtures.reports import build


def labelled(text):
    """A phrase said twice: a label for each time that a word is said. None for the word that begins
    the second time, which nothing foretells."""
    middle = len(text) // 2
    again = text.index(" ", middle + 1) + 1
    return {"text": text, "time": [[0, middle, "first"], [again, len(text), "again"]]}


@pytest.fixture(scope="module")
def induction(tmp_path_factory):
    """The report of the circuit on random phrases said twice."""
    where = tmp_path_factory.mktemp("induction")
    make_induction.save(where / "model")
    rows = [labelled(text) for text in make_induction.texts()["repeated.txt"][:6]]
    (where / "texts.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    documents = {"jsonl": str(where / "texts.jsonl"), "text_column": "text"}
    corpus = {
        "models": [{"name": "m", "source": str(where / "model")}],
        "documents": [documents | {"token_labels": ["time"]}],
        "maps": {"methods": []},
        "effects": True,
        "probes": False,
    }
    build(corpus, where / "report")
    return attnviz.open_report(where / "report")


def test_the_induction_head_and_the_head_it_reads_matter_and_no_other_does(induction):
    heads = {(row["layer"], row["head"]): row for row in induction.heads.to_pylist()}
    loss = {place: row["effect:time=again"] for place, row in heads.items()}
    others = [value for place, value in loss.items() if place not in ((1, 1), (0, 2))]
    assert loss[1, 1] > 4  # nats per token: of 64 words each is then as likely
    assert loss[1, 1] > 1000 * max(map(abs, others))
    # Without the head for previous tokens the induction head finds nothing, and rests elsewhere.
    assert loss[0, 2] > loss[1, 1]
    assert abs(heads[1, 1]["effect_control:time=again"]) < 0.01
    # Words that are said for the first time are no better for it.
    assert heads[1, 1]["effect:time=first"] < 0


def test_statistics_are_means_over_the_tokens_of_documents(induction):
    table = induction.effects.to_pylist()
    for row in induction.heads.to_pylist():
        mine = [r for r in table if (r["layer"], r["head"]) == (row["layer"], row["head"])]
        assert [r["document"] for r in mine] == list(range(6))
        tokens = np.array([r["tokens"] for r in mine])
        for name in ("loss", "loss_control", "kl", "kl_control"):
            values = np.array([r[name] for r in mine])
            mean = (values * tokens).sum() / tokens.sum()
            assert row[f"effect_{name}"] == pytest.approx(mean, abs=1e-5)
            assert induction.effect(row["layer"], row["head"])[name] == pytest.approx(mean)
            of_one = induction.effect(row["layer"], row["head"], 2)[name]
            assert of_one == pytest.approx(values[2])


def test_the_report_says_how_it_was_measured(induction):
    entry = induction.manifest.models[0].effects
    assert (entry.method, entry.measure) == ("zero", "next token")
    assert (entry.documents, entry.sampled) == (6, False)


def test_effects_are_not_there_unless_asked_for(tiny_report):
    report = attnviz.open_report(tiny_report("gpt2"))
    assert report.effects.num_rows == 0
    with pytest.raises(InputError, match="effects: true"):
        report.effect(0, 0)
