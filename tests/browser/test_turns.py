"""Of a conversation: how much each head's attention goes from one turn to another."""

from __future__ import annotations

import csv

import numpy as np
import pytest

import attnviz
from tests.browser.exports import export, press_export
from tests.fixtures.chat_models import save_chatty
from tests.fixtures.reports import build

TURNS = ["1 user", "2 assistant", "3 user"]


@pytest.fixture(scope="module")
def talk(shared):
    """A report of one conversation, and of a text."""

    def make(folder):
        contents = ["Name a river.", "The Rhine", "And a sea?"]
        roles = [turn.split()[1] for turn in TURNS]
        messages = [{"role": r, "content": c} for r, c in zip(roles, contents, strict=True)]
        corpus = {
            "models": [{"name": "chatty", "source": str(save_chatty(folder / "model"))}],
            "documents": [{"messages": [messages]}, {"text": ["no turns"]}],
            "maps": {"methods": ["pca"], "dimensions": [2]},
        }
        (folder / "report").mkdir()
        build(corpus, folder / "report")

    return attnviz.open_report(shared("talk", make) / "report")


def test_a_cell_has_the_attention_from_turn_to_turn(visit, talk, tmp_path):
    there = visit(talk.folder).open(view="patterns", doc=0)
    choice = there.find("select[aria-label=Show]")
    names = choice.locator("option").all_inner_texts()
    assert names[1:] == [f"{one} to {other}" for one in TURNS for other in TURNS]
    choice.select_option(label="3 user to 1 user")
    there.becomes(parts="ca")
    press_export(there)
    with export(there, "CSV", tmp_path).open(encoding="utf-8-sig", newline="") as table:
        shares = {row["head"]: float(row["share"]) for row in csv.DictReader(table)}
    turns = np.array(talk.documents[0].axes["text"].labels["turn"])
    for head in (0, 1):
        attention = talk.attention(0, head, 0)[turns == TURNS[2]][:, turns == TURNS[0]]
        assert shares[f"L0H{head}"] == pytest.approx(attention.sum(1).mean(), abs=1e-6)
    assert 0 < shares["L0H0"] < 1


def test_lines_are_between_turns_and_a_token_tells_its_own(visit, talk):
    there = visit(talk.folder).open(view="lines", doc=0, parts="ba", head="L0H0")
    turns = talk.documents[0].axes["text"].labels["turn"]
    counts = [turns.count(TURNS[1]), turns.count(TURNS[0])]
    for side, count in zip(("query", "key"), counts, strict=True):
        assert there.find(f".lines-column.{side} .lines-token").count() == count
    there.open(view="document", doc=0, head="L0H0", token=turns.index(TURNS[1]))
    assert TURNS[1] in there.text(".inspector")


def test_a_document_without_turns_shows_its_patterns(visit, talk):
    there = visit(talk.folder).open(view="patterns", doc=1, parts="ca")
    assert there.find("select[aria-label=Show]").count() == 0
    assert there.find(".pattern-share").count() == 0
