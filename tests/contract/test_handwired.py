"""Models wired by hand so that each head does one known thing, and attention and statistics have
exact answers."""

import math

import numpy as np
import pytest

import attnviz
from tests.fixtures import handwired
from tests.fixtures.models import sentences
from tests.fixtures.reports import build

EXACT = 1e-4
LENGTHS = [1, 2, 3, 7, 12, 20, 30]
MODELS = {"gpt2": handwired.GPT2, "bert": handwired.BERT}
HEADS = [
    (kind, layer, head)
    for kind, wired in MODELS.items()
    for layer in range(len(wired))
    for head in range(4)
]


@pytest.fixture(scope="session")
def handwired_report(shared):
    """`handwired_report(kind)`: the report of a model wired by hand, stored with a far smaller
    error than by default."""

    def make(kind, folder):
        {"gpt2": handwired.save_gpt2, "bert": handwired.save_bert}[kind](folder / "model")
        corpus = {
            "models": [{"name": kind, "source": str(folder / "model")}],
            "documents": [{"text": sentences(5, LENGTHS, handwired.WORDS)}],
            "fidelity": {"total_variation": 1e-5, "max_error": 5e-5},
        }
        (folder / "report").mkdir()
        build(corpus, folder / "report")

    return lambda kind: attnviz.open_report(
        shared(f"wired-{kind}", lambda folder: make(kind, folder)) / "report"
    )


def row_of(report, layer, head):
    """A head's statistics by name."""
    return next(
        row for row in report.heads.to_pylist() if (row["layer"], row["head"]) == (layer, head)
    )


def expectations(report, kind, layer, head):
    """Each document's attention as it was wired, and which of its tokens are separators."""
    separator = 3 if kind == "bert" else None
    for document in report.documents:
        ids = document.token_ids.tolist()
        pattern = MODELS[kind][layer][head]
        yield (
            handwired.expected(pattern, ids, kind == "gpt2", separator),
            [i == separator for i in ids],
        )


@pytest.mark.parametrize(("kind", "layer", "head"), HEADS)
def test_attention_is_as_wired(handwired_report, kind, layer, head):
    report = handwired_report(kind)
    for number, (wired, _) in enumerate(expectations(report, kind, layer, head)):
        assert np.abs(report.attention(layer, head, number) - wired).max() < EXACT


@pytest.mark.parametrize(("kind", "layer", "head"), HEADS)
def test_statistics_are_as_wired(handwired_report, kind, layer, head):
    report = handwired_report(kind)
    row = row_of(report, layer, head)
    for name, value in by_hand(
        list(expectations(report, kind, layer, head)), kind == "gpt2"
    ).items():
        assert row[name] == (None if value is None else pytest.approx(value, abs=EXACT)), name


def by_hand(documents, causal):
    """The statistics, entry by entry, as their descriptions say them."""
    values = {
        name: []
        for name in ("entropy", "distance", "previous", "next", "self", "first", "separator")
    }
    for a, separators in documents:
        for i, row in enumerate(a):
            visible = range(i + 1) if causal else range(len(a))
            values["entropy"].append(-sum(p * math.log(p) for p in row if p > 0))
            values["distance"].append(sum(p * abs(i - j) for j, p in enumerate(row)))
            for name, j in (("previous", i - 1), ("self", i), ("next", i + 1)):
                if j in visible:
                    values[name].append(row[j])
            if i > 0:
                values["first"].append(row[0])
            if any(separators[j] for j in visible):
                values["separator"].append(
                    sum(p for p, s in zip(row, separators, strict=True) if s)
                )
    return {name: sum(each) / len(each) if each else None for name, each in values.items()}


@pytest.mark.parametrize(
    ("kind", "layer", "head", "name"),
    [
        (kind, layer, head, pattern)
        for kind, layer, head in HEADS
        if (pattern := MODELS[kind][layer][head])
        in ("previous", "next", "self", "first", "separator")
    ],
)
def test_the_statistic_named_after_a_head_is_one(handwired_report, kind, layer, head, name):
    row = row_of(handwired_report(kind), layer, head)
    assert row[name] == pytest.approx(1, abs=EXACT)


def test_a_head_that_sees_all_alike_has_the_entropy_of_the_lengths(handwired_report):
    row = row_of(handwired_report("bert"), 1, 2)
    lengths = [length + 2 for length in LENGTHS]
    assert row["entropy"] == pytest.approx(
        sum(n * math.log(n) for n in lengths) / sum(lengths), abs=EXACT
    )
    assert row["self"] == pytest.approx(len(lengths) / sum(lengths), abs=EXACT)
