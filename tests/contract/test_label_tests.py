"""Labels as tests: precision, recall, the rates of other heads and of the held-out half, and
counter-examples, as counted pair by pair over the model's own eager attention."""

import hashlib
import json
from itertools import pairwise

import numpy as np
import pytest

import attnviz
from attnviz.audit.audit import audit
from tests.fixtures.models import sentences
from tests.fixtures.reports import build
from tests.fixtures.truth import eager_attention

EXACT = 2e-5
WORDS = "the cat sat on a mat , and the dog ran . a red cat".split()
PARTS = {"cat": "noun", "mat": "noun", "dog": "noun", "sat": "verb", "ran": "verb"}
DECLARED = [
    {"name": "noun-before", "title": "Noun before", "key": {"part": "noun"}, "offset": "..-1"},
    {"name": "short-verbs", "query": ["sat", "ran"], "key": "/^[a-m]/", "offset": "-4..2"},
    {"name": "ends", "query_place": "2..-2", "key_place": -1, "sinks": True},
    {"name": "again", "same": True},
    {"name": "around", "offset": "-5..5"},
    {
        "name": "noun-at-home",
        "key": {"part": "noun"},
        "documents": {"topic": ["home", 2], "long": True},
    },
    {"name": "away", "documents": {"topic": "away"}, "sinks": True},
]
LABELS = [
    {"topic": "home", "long": False},
    {"topic": "away", "long": True},
    {"topic": 2, "long": True},
    {"topic": "home", "long": True},
    {"topic": None, "long": True},
]


class Document:
    """What a test asks of a document: its tokens as the model has them."""

    def __init__(self, document, words, labels):
        self.topic, self.long = labels["topic"], labels["long"]
        self.ids = document.token_ids.tolist()
        self.special = document.special.tolist()
        self.words = words
        content = f"{len(self.ids)} ".encode() + np.array(self.ids, "<i4").tobytes()
        number = int.from_bytes(hashlib.sha256(content).digest()[:8], "little")
        self.held_out = number >= 2**63


def holds(label, document, i, j):
    """Whether a label holds for a pair, in words of Python."""
    ids, words, last = document.ids, document.words, len(document.ids) - 1
    return {
        "previous-token": j == i - 1,
        "next-token": j == i + 1,
        "self": j == i,
        "first-token": j == 0,
        "separator": ids[j] == ids[last],
        "punctuation": words[j] in (",", "."),
        "duplicate-token": ids[i] == ids[j] and j < i,
        "induction": 0 < j <= i and ids[j - 1] == ids[i],
        "local": abs(i - j) <= 3,
        "noun-before": j < i and PARTS.get(words[j]) == "noun",
        "short-verbs": words[i] in ("sat", "ran")
        and words[j] != "[CLS]"
        and words[j][0] in "abcdefghijklm"
        and -4 <= j - i <= 2,
        "ends": 2 <= i <= last - 1 and j == last,
        "again": ids[i] == ids[j],
        "around": abs(i - j) <= 5,
        "noun-at-home": PARTS.get(words[j]) == "noun"
        and document.topic in ("home", 2)
        and document.long,
        "away": document.topic == "away",
    }[label]


SINKS = ("first-token", "separator", "ends", "away")


def count(label, documents, attention):
    """Precision and recall of one head, and the pairs that it does not hold for, by their
    attention: plain loops."""
    held = total = hits = seeing = 0
    against = []
    for number, (document, a) in enumerate(zip(documents, attention, strict=True)):
        counts = [label in SINKS or not special for special in document.special]
        for i in filter(counts.__getitem__, range(len(a))):
            keys = [j for j in range(len(a)) if counts[j]]
            fits = [j for j in keys if holds(label, document, i, j)]
            total += sum(a[i][j] for j in keys)
            held += sum(a[i][j] for j in fits)
            seeing += bool(fits)
            hits += max(keys, key=lambda j: a[i][j]) in fits
            against += [(a[i][j], number, i, j) for j in keys if j not in fits]
    return held / total, hits / seeing if seeing else None, sorted(against, reverse=True)


@pytest.fixture(scope="module")
def corpus(tiny_model, tmp_path_factory):
    folder = tmp_path_factory.mktemp("label-tests")
    texts = sentences(4, (7, 12, 9, 15, 6), WORDS)
    rows = [
        {"text": t, "part": [PARTS.get(word) for word in t.split()]} | labels
        for t, labels in zip(texts, LABELS, strict=True)
    ]
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return {
        "models": [{"name": "bert", "source": str(tiny_model("bert"))}],
        "documents": [
            {
                "file": str(folder / "rows.jsonl"),
                "labels": ["topic", "long"],
                "token_labels": ["part"],
            }
        ],
        "maps": {"methods": []},
        "probes": False,
        "head_labels": DECLARED,
    }


@pytest.fixture(scope="module")
def report(corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("label-tests-report")
    build(corpus, folder)
    return attnviz.open_report(folder)


@pytest.fixture(scope="module")
def documents(report):
    return [
        Document(document, ["[CLS]", *document.text.split(), "[SEP]"], labels)
        for document, labels in zip(report.documents, LABELS, strict=True)
    ]


@pytest.fixture(scope="module")
def eager(report, tiny_model):
    """By document and layer, (heads, T, T)."""
    texts = [document.text for document in report.documents]
    return list(eager_attention(tiny_model("bert"), texts))


@pytest.fixture(scope="module")
def counted(documents, eager):
    """Precision, recall and pairs against each label, over all documents and the held-out ones, by
    layer, head and label."""
    held_out = [number for number, document in enumerate(documents) if document.held_out]
    assert 0 < len(held_out) < len(documents)
    figures = {}
    for layer in range(len(eager[0])):
        for head in range(len(eager[0][layer])):
            of_head = [a[layer][head].astype(np.float64).tolist() for a in eager]
            for label in TESTED:
                figures[layer, head, label] = (
                    count(label, documents, of_head),
                    count(label, [documents[n] for n in held_out], [of_head[n] for n in held_out]),
                )
    return figures


TESTED = (
    "previous-token", "next-token", "self", "first-token", "separator", "punctuation",
    "duplicate-token", "induction", "local", *(label["name"] for label in DECLARED),
)  # fmt: skip


def near(value):
    return None if value is None else pytest.approx(value, abs=EXACT)


def test_precision_and_recall_are_those_of_a_count_by_hand(report, counted):
    heads = report.manifest.models[0].heads
    assert [of.label for of in heads[0].label_figures] == list(TESTED)
    for head in heads:
        for of in head.label_figures:
            (precision, recall, _), held_out = counted[head.layer, head.head, of.label]
            place = head.layer, head.head, of.label
            assert (place, of.precision, of.recall) == (place, near(precision), near(recall))
            assert (of.held_out_precision, of.held_out_recall) == (
                near(held_out[0]),
                near(held_out[1]),
            )


def test_others_are_the_mean_over_all_other_heads(report, counted):
    heads = report.manifest.models[0].heads
    for head in heads:
        for of in head.label_figures:
            others = [
                counted[other.layer, other.head, of.label][0] for other in heads if other != head
            ]
            assert of.others_precision == near(np.mean([each[0] for each in others]))
            recalls = [each[1] for each in others if each[1] is not None]
            assert of.others_recall == near(np.mean(recalls) if recalls else None)


def test_counter_examples_are_the_strongest_pairs_against_a_label(report, counted):
    compared = 0
    for head in report.manifest.models[0].heads:
        names = {label.name for label in (*head.labels, *head.awake_labels)}
        assert {of.label for of in head.counter_examples} <= names
        for label in names & set(TESTED):
            against = counted[head.layer, head.head, label][0][2][:3]
            stated = [
                (of.attention, of.document, of.query, of.key)
                for of in head.counter_examples
                if of.label == label
            ]
            compared += len(stated)
            assert [each[0] for each in stated] == [near(each[0]) for each in against]
            if all(a[0] - b[0] > EXACT for a, b in pairwise(against)):
                assert [each[1:] for each in stated] == [each[1:] for each in against]
    assert compared >= 9


def test_a_head_has_a_declared_label_from_one_half_on(report, counted):
    names = [label["name"] for label in DECLARED]
    for head in report.manifest.models[0].heads:
        scores = {name: counted[head.layer, head.head, name][0][0] for name in names}
        earned = {name: near(score) for name, score in scores.items() if score >= 0.5}
        declared = {of.name: of.score for of in head.awake_labels if of.name in names}
        assert declared == earned
        assert {name: head.statistics[f"fits:{name}"] for name in names} == {
            name: near(score) for name, score in scores.items()
        }


def test_the_deep_check_counts_again(report):
    findings = audit(report.folder, lambda _name, layers: layers)
    assert [str(difference) for difference in findings.differences] == []
