"""Attention computed elsewhere becomes a report like any other, which says that no model ran; what
is no attention is refused in words."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import attnviz
from attnviz.audit.audit import audit
from attnviz.reader.check import inspect
from attnviz.score import Mask, ScoreRule, attention, mask_intervals

TOKENS = ["[CLS]", "The", "cat", "sat", "on", "it", ".", "[SEP]"]
FEW = {"maps": {"methods": ["attention"]}}


def softmax(seed: int, layers: int, heads: int, queries: int, keys: int | None = None):
    scores = np.random.default_rng(seed).normal(size=(layers, heads, queries, keys or queries)) * 2
    a = np.exp(scores)
    return a / a.sum(-1, keepdims=True)


def causal(a):
    a = np.tril(a)
    return a / a.sum(-1, keepdims=True)


@pytest.fixture
def build(tmp_path):
    def run(**gift):
        options = gift.pop("options", FEW)
        return attnviz.build(
            out=tmp_path / "report", cache=tmp_path / "cache", options=options, **gift
        )

    return run


def holds(report, layer, head, document, a, **place):
    certificate = report.certificate(layer, head, stack=place.get("stack"))
    stored = report.attention(layer, head, document, **place)
    assert np.abs(stored - a).max() <= certificate.max_error + 1e-6
    assert certificate.reference == "given"
    assert certificate.rows > 0


def whole(report):
    """Nothing is wrong with the report, by all that it says of itself."""
    findings = inspect(report.folder)
    recomputed = audit(report.folder, lambda name, parts: parts)
    return not findings.faults and not recomputed.differences


def test_an_array_of_one_document_is_a_report_that_says_no_model_ran(build):
    a = softmax(0, 2, 3, len(TOKENS))

    report = build(attention=a, tokens=TOKENS, by="my_script.py")

    for layer in range(2):
        for head in range(3):
            holds(report, layer, head, 0, a[layer, head])
    assert report.documents[0].text == "The cat sat on it ."
    assert report.documents[0].tokens == tuple(TOKENS)
    model = report.manifest.models[0]
    assert model.attention_by == "my_script.py"
    assert [stack.name for stack in model.stacks] == ["encoder"]
    notice = next(notice for notice in report.manifest.notices if notice.kind == "given")
    assert "no model ran" in notice.message
    page = (Path(report.folder) / "heads" / "given" / "L0H0.html").read_text("utf-8")
    assert "No model ran here" in page
    assert "as given by my_script.py" in page
    assert whole(report)


def test_tuples_of_tensors_as_transformers_returns_them(build):
    torch = pytest.importorskip("torch")
    a = causal(softmax(1, 2, 2, 5))
    layers = tuple(torch.tensor(layer)[None] for layer in a)  # (1, heads, T, T) each

    report = build(attention=layers, tokens=["Ġthe", "Ġcat", "Ġsat", "Ġdown", "ĊĊ"])

    holds(report, 1, 1, 0, a[1, 1])
    assert report.documents[0].text.startswith("the cat sat down")
    assert report.manifest.models[0].rules[0].mask.kind == "causal"


@pytest.mark.parametrize("form", ["documents", "batch"])
def test_several_documents_one_by_one_or_as_a_padded_batch(build, form):
    tokens = [["a", "b", "c"], ["a", "b", "c", "d", "e"]]
    of_each = [softmax(2, 2, 2, 3), softmax(3, 2, 2, 5)]
    padded = np.zeros((2, 2, 2, 5, 5))  # (layer, batch, head, query, key)
    padded[:, 0, :, :3, :3], padded[:, 1] = of_each
    attention = of_each if form == "documents" else tuple(padded)

    report = build(attention=attention, tokens=tokens, titles=["One", "Two"])

    assert [document.title for document in report.documents] == ["One", "Two"]
    for number, a in enumerate(of_each):
        holds(report, 1, 0, number, a[1, 0])


def test_an_encoder_decoder_has_its_three_stacks(build):
    tokens = {"source": ["one", "two", "three"], "target": ["eins", "zwei"]}
    given = {
        "encoder": softmax(4, 1, 2, 3),
        "decoder": causal(softmax(5, 1, 2, 2)),
        "cross": softmax(6, 1, 2, 2, 3),
    }

    report = build(attention=given, tokens=tokens)

    for stack, a in given.items():
        holds(report, 0, 1, 0, a[0, 1], stack=stack)
    assert whole(report)


def test_queries_and_keys_with_their_rule_have_maps_of_them(build):
    rng = np.random.default_rng(7)
    q, k = rng.normal(size=(2, 4, 9, 8)), rng.normal(size=(2, 2, 9, 8))  # two heads share keys
    tokens = [f"t{n}" for n in range(9)]

    report = build(
        queries=q,
        keys=k,
        tokens=tokens,
        rule={"mask": "causal"},
        options={"maps": {"methods": ["pca"]}, "vectors": True},
    )

    rule = ScoreRule(8**-0.5, Mask("causal"))
    expected = attention(q[1], k[1], rule, mask_intervals(rule.mask, 9, 9))
    holds(report, 1, 3, 0, expected[3])
    assert np.abs(report.queries(1, 3, 0) - q[1, 3]).max() < 0.1
    assert np.isfinite(report.map(1, 3, "pca")[0]).all()
    assert whole(report)


def test_queries_and_keys_beside_attention_are_held_against_it(build):
    rng = np.random.default_rng(8)
    q, k = rng.normal(size=(1, 2, 6, 4)), rng.normal(size=(1, 2, 6, 4))
    rule = ScoreRule(0.5, Mask("full"))
    a = attention(q[0], k[0], rule, mask_intervals(rule.mask, 6, 6))[None]
    tokens = list("abcdef")

    report = build(attention=a, queries=q, keys=k, tokens=tokens)

    assert report.manifest.models[0].self_check.rows == 12
    assert report.manifest.models[0].self_check.max_error < 1e-6
    with pytest.raises(attnviz.InputError, match=r"attention by the rule is off by up to 0\.\d+"):
        build(attention=a, queries=q * 2, keys=k, tokens=tokens)
    with pytest.raises(attnviz.InputError, match="rule: is lacking"):
        build(queries=q, keys=k, tokens=tokens)


def test_rows_of_which_only_the_strongest_are_kept_show_what_is_missing(build):
    a = softmax(9, 1, 2, 12)
    kept = np.where(a >= np.sort(a, -1)[..., -3:-2], a, 0)

    report = build(attention=kept, tokens=[f"t{n}" for n in range(12)], missing=True)

    stored = report.attention(0, 1, 0, sink=True)
    assert np.allclose(stored[:, -1], 1 - kept[0, 1].sum(-1), atol=0.01)
    assert "shown as missing" in " ".join(n.message for n in report.manifest.notices)
    assert whole(report)


def nan(a):
    a[0, 1, 2, 3] = np.nan
    return a


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda a: a[..., :-1], r"layer 0: has shape \(2, 8, 7\), and there are 8 tokens"),
        (lambda a: a[0, 0], r"has shape \(8, 8\)|has shape"),
        (lambda a: a * 0.5, r"head 0, query \d sums to 0\.5: 50 % is missing; expected 1"),
        (lambda a: a * 2, r"sums to 2, 100 % too much"),
        (lambda a: a * 0, r"sums to 0; expected 1: leave out padding"),
        (nan, r"layer 0: the row of head 1, query 2 holds NaN"),
        (lambda a: np.log(a), r"has the weight -.*after the softmax"),
        (lambda a: [[1, 2], [3]], r"is no array of numbers"),
        (lambda a: [], r"expected"),
    ],
)
def test_what_is_no_attention_is_refused_in_words(build, spoil, message):
    with pytest.raises(attnviz.InputError, match=message):
        build(attention=spoil(softmax(10, 2, 2, len(TOKENS))), tokens=TOKENS)


@pytest.mark.parametrize(
    ("tokens", "message"),
    [
        (TOKENS[1:-1], r"has shape \(2, 8, 8\), and there are 6 tokens.*special ones"),
        (None, "tokens: expected a list of texts"),
        ("a text", "tokens: expected a list of texts"),
        (["\ud800", *TOKENS[1:]], "tokens: holds half a character"),
        ([1, 2, 3], "document 0 is not a list of texts"),
        ({"source": ["a"]}, "expected source and target"),
    ],
)
def test_tokens_that_do_not_match_are_refused_in_words(build, tokens, message):
    with pytest.raises(attnviz.InputError, match=message):
        build(attention=softmax(11, 1, 2, len(TOKENS)), tokens=tokens)


def test_rows_that_sum_nearly_to_one_are_scaled_and_that_is_said(build):
    a = softmax(12, 1, 2, len(TOKENS)) * 1.004

    report = build(attention=a, tokens=TOKENS)

    holds(report, 0, 0, 0, a[0, 0] / 1.004)
    assert "within 0.004 only" in " ".join(n.message for n in report.manifest.notices)
