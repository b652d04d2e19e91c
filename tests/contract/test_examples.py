"""Examples of attention in bands of strength: of a model wired by hand as it was wired, of others
as eager attention has it, and of all documents, whichever are stored."""

from __future__ import annotations

import hashlib
import shutil

import numpy as np
import pyarrow as pa
import pytest
import torch
import transformers

import attnviz
from attnviz.audit.audit import audit
from attnviz.errors import InputError, ReportError
from attnviz.format.shards import table_file
from attnviz.reader.check import check
from tests.fixtures import handwired
from tests.fixtures.models import save_model, sentences
from tests.fixtures.reports import build, short_corpus
from tests.fixtures.spoiled import FROZEN, manifest_of, write_manifest

LENGTHS = (6, 11, 40, 9, 23)
TEXTS = sentences(8, LENGTHS)
LOWS = [0.5, 0.1, 0.01, 0.001, 0.0]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_model("gemma2", tmp_path_factory.mktemp("gemma2"))


@pytest.fixture(scope="module")
def built(model, tmp_path_factory):
    """`built(texts, …)`: the report of these texts, once for each."""
    folder, reports = tmp_path_factory.mktemp("examples"), {}

    def run(texts=TEXTS, **more):
        key = str((texts, more))
        if key not in reports:
            out = folder / str(len(reports))
            build(short_corpus("tiny", model, documents=[{"text": list(texts)}], **more), out)
            reports[key] = attnviz.open_report(out)
        return reports[key]

    return run


@pytest.fixture(scope="module")
def eager(model, built):
    """By document the model's own attention, (layers, heads, T, T)."""
    running = transformers.AutoModelForCausalLM.from_pretrained(
        model, attn_implementation="eager"
    ).eval()
    attention = []
    for document in built().documents:
        ids = torch.tensor(document.token_ids[None].astype(np.int64))
        with torch.no_grad():
            layers = running(ids, output_attentions=True).attentions
        attention.append(np.stack([layer[0].float().numpy() for layer in layers]))
    return attention


def heads_of(report):
    return [(head.layer, head.head) for head in report.manifest.models[0].heads]


def test_counts_attention_and_weights_are_those_of_eager_attention(built, eager):
    """A window leaves out keys: only pairs that a query may see are counted."""
    report = built()
    for layer, head in heads_of(report):
        table = report.examples(layer, head).to_pylist()
        visible = [a[layer, head][a[layer, head] > 0] for a in eager]
        weights = np.concatenate(visible)
        for row in table:
            high = row["high"] if row["band"] else np.inf  # the first reaches to 1, that among it
            of_band = weights[(weights >= row["low"]) & (weights < high)]
            near = sum(np.count_nonzero(abs(weights - end) < 1e-5) for end in (row["low"], high))
            assert abs(row["count"] - len(of_band)) <= near
            assert row["share"] == pytest.approx(row["count"] / len(weights), abs=1e-9)
            if not near:
                assert row["attention"] == pytest.approx(of_band.sum() / weights.sum(), abs=1e-5)
            truth = eager[row["document"]][layer, head, row["query"], row["key"]]
            assert row["weight"] == pytest.approx(truth, abs=1e-5)
            assert row["low"] <= row["weight"] < high
        drawn = [(row["document"], row["query"], row["key"]) for row in table]
        assert len(set(drawn)) == len(drawn)
        for band in {row["band"] for row in table}:
            rows = [row for row in table if row["band"] == band]
            assert (rows[0]["low"], len(rows)) == (LOWS[band], min(8, rows[0]["count"]))


def test_bands_of_wired_heads_are_as_wired(tmp_path):
    """A head that looks at itself has one pair per query in the strongest band and all others in
    the weakest; one that looks at all keys alike has 1 / T of each."""
    handwired.save_bert(tmp_path / "model")
    texts = sentences(5, [3, 7, 20], handwired.WORDS)
    corpus = {
        "models": [{"name": "bert", "source": str(tmp_path / "model")}],
        "documents": [{"text": texts}],
        "maps": {"methods": ["pca"], "dimensions": [2]},
    }
    (tmp_path / "report").mkdir()
    build(corpus, tmp_path / "report")
    report = attnviz.open_report(tmp_path / "report")
    lengths = [len(document.token_ids) for document in report.documents]
    wired = handwired.BERT
    itself = report.examples(0, wired[0].index("self")).to_pylist()
    bands = {row["band"]: row for row in itself}
    assert bands.keys() == {0, 4}
    assert bands[0]["count"] == sum(lengths)
    assert bands[4]["count"] == sum(n * n for n in lengths) - sum(lengths)
    assert bands[0]["attention"] == pytest.approx(1, abs=1e-6)
    assert all(row["query"] == row["key"] for row in itself if row["band"] == 0)
    assert all(row["query"] != row["key"] for row in itself if row["band"] == 4)
    alike = report.examples(1, wired[1].index("uniform")).to_pylist()
    expected = dict.fromkeys(range(5), 0)
    for n in lengths:
        expected[next(b for b, low in enumerate(LOWS) if 1 / n >= low)] += n * n
    counted = {row["band"]: row["count"] for row in alike}
    assert counted == {band: count for band, count in expected.items() if count}
    for row in alike:
        assert row["weight"] == pytest.approx(1 / lengths[row["document"]], abs=1e-4)


def test_documents_that_are_not_stored_are_drawn_from_all_the_same(built):
    everything, some = built(), built(keep={"documents": 1}, maps={"points": 8, "methods": ["pca"]})
    assert len(some.kept_documents()) < len(TEXTS)
    documents = set()
    for place in heads_of(some):
        assert some.examples(*place).equals(everything.examples(*place))
        documents |= set(some.examples(*place)["document"].to_pylist())
    assert documents == set(range(len(TEXTS)))


def test_the_order_of_the_corpus_changes_numbers_of_documents_alone(built):
    first, turned = built(), built(TEXTS[::-1])
    last = len(TEXTS) - 1
    for place in heads_of(first):
        rows, others = first.examples(*place).to_pylist(), turned.examples(*place).to_pylist()
        moved = [row | {"document": last - row["document"]} for row in others]
        for row, other in zip(rows, moved, strict=True):
            near = {name: pytest.approx(other[name], abs=1e-6) for name in ("weight", "attention")}
            assert row == other | near


def test_another_seed_draws_others(built):
    first, seeded = built(), built(seed=5)
    place = (0, 0)
    names = ["document", "query", "key"]
    assert first.examples(*place).select(names) != seeded.examples(*place).select(names)
    assert set(first.examples(*place)["count"].to_pylist()) == set(
        seeded.examples(*place)["count"].to_pylist()
    )


def test_reports_from_before_have_none():
    report = attnviz.open_report(FROZEN)
    head = report.manifest.models[0].heads[0]
    with pytest.raises(InputError, match=r"no examples of it.* build it again"):
        report.examples(
            head.layer, head.head, stack=head.stack, model=report.manifest.models[0].name
        )


def changed(report, folder, column, change):
    """A copy of a report in whose first shard of examples a column of the first head is changed,
    with hashes that are right."""
    shutil.copytree(report.folder, folder)
    for twin in [folder / "manifest.js", *folder.glob("data/*.arrow.js")]:
        twin.unlink()
    content = manifest_of(folder)
    name = content["models"][0]["examples"]["shards"][0]
    entry = content["shards"][name]
    table = pa.ipc.open_file(folder / entry["path"]).read_all()
    rows = table.to_pylist()
    rows[0][column] = change(rows[0][column])
    raw = table_file(pa.Table.from_pylist(rows, schema=table.schema))
    digest = hashlib.sha256(raw).hexdigest()
    path = f"data/{name}-{digest[:16]}.arrow"
    (folder / entry["path"]).unlink()
    (folder / path).write_bytes(raw)
    entry |= {"path": path, "bytes": len(raw), "sha256": digest}
    write_manifest(folder, content)
    return folder


def first_to(value):
    return lambda column: [value(column[0]), *column[1:]]


@pytest.mark.parametrize(
    ("column", "change", "named"),
    [
        ("pairs", first_to(lambda n: n + 90), "pairs of band 0"),
        ("attention", first_to(lambda a: a + 40), "attention of band 0"),
        ("weight", first_to(lambda w: 0.5 if w > 0.6 else w + 0.05), "attention of example"),
        ("key", first_to(lambda k: k - 1 if k else k + 1), "that the seed draws"),
    ],
)
def test_an_audit_names_what_is_not_so(built, tmp_path, column, change, named):
    report = built()
    honest = audit(report.folder, lambda _name, layers: layers).differences
    assert [str(each) for each in honest] == []
    spoiled = changed(report, tmp_path / "copy", column, change)
    found = [str(each) for each in audit(spoiled, lambda _name, layers: layers).differences]
    assert any(named in line and line.startswith("data/examples-") for line in found), found


def test_an_audit_recounts_what_is_stored(built):
    some = built(keep={"documents": 1}, maps={"points": 8, "methods": ["pca"]})
    findings = audit(some.folder, lambda _name, layers: layers)
    assert [str(each) for each in findings.differences] == []
    skipped = [reason for reason in findings.skipped if "bands of attention" in reason]
    assert findings.skipped[skipped[0]] == 2 * 5 * len(heads_of(some))


@pytest.mark.parametrize(
    ("column", "change", "words"),
    [
        ("pairs", lambda pairs: pairs[1:], "other than 5 bands"),
        ("band", first_to(lambda _: 9), "not in order of the bands"),
        ("document", first_to(lambda _: 99), "documents that there are not"),
        ("query", first_to(lambda _: 10**6), "tokens that there are not"),
        ("weight", first_to(lambda _: 0.2), "not of their band"),
        ("key", lambda keys: keys[1:], "not equally long"),
        ("pairs", lambda pairs: [0.0] * len(pairs), "more pairs than may be drawn"),
    ],
)
def test_what_does_not_fit_is_refused_and_found(built, tmp_path, column, change, words):
    spoiled = changed(built(), tmp_path / "copy", column, change)
    with pytest.raises(ReportError, match=f"data/examples-.*: L0H0: .*{words}"):
        attnviz.open_report(spoiled).examples(0, 0)
    assert any(words in fault for fault in check(spoiled))
