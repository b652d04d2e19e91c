"""Models of one shape as a series: heads compared from step to step, and maps that follow."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
import torch
import transformers

import attnviz
from attnviz.audit.audit import audit
from attnviz.errors import InputError
from tests.fixtures.spoiled import manifest_of
from tests.fixtures.text_models import save_gpt2

HEADS, SIZE, PLANTED = 4, 8, (1, 2)
TEXTS = [
    "the cat sat on the mat",
    "a dog and the cat and the dog sat",
    "red green blue red green blue red green",
]
STEPS = {"start": 0, "same": 1000, "planted": 2000}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A model, its copy, and one with other query weights of one head."""
    folder = tmp_path_factory.mktemp("series")
    save_gpt2(folder / "start")
    shutil.copytree(folder / "start", folder / "same")
    shutil.copytree(folder / "start", folder / "planted")
    model = transformers.AutoModelForCausalLM.from_pretrained(folder / "start")
    layer, head = PLANTED
    with torch.no_grad():
        weights = model.transformer.h[layer].attn.c_attn.weight  # (channel, q and k and v)
        queries = weights[:, SIZE * head : SIZE * (head + 1)]
        queries += 0.1 * torch.randn(queries.shape, generator=torch.Generator().manual_seed(1))
    model.save_pretrained(folder / "planted")
    return folder


def corpus_of(folder, **more):
    return {
        "models": [{"source": str(folder / name), "step": step} for name, step in STEPS.items()],
        "documents": [{"text": TEXTS}],
    } | more


@pytest.fixture(scope="module")
def report(folder):
    corpus = corpus_of(folder, maps={"methods": ["attention", "pca", "tsne"]})
    return attnviz.build(corpus, folder / "report", cache=folder / "cache")


def row_of(report, model, layer, head):
    return next(
        row
        for row in report.series.to_pylist()
        if (row["model"], row["layer"], row["head"]) == (model, layer, head)
    )


def test_equal_models_differ_in_no_byte(report: attnviz.Report) -> None:
    """Every table of the copy is that of the model before but for the name in its metadata."""
    assert {
        (row["divergence"], row["divergence_first"])
        for row in report.series.to_pylist()
        if row["model"] == "same"
    } == {(0.0, 0.0)}
    shards = report.manifest.shards
    compared = [name for name, shard in shards.items() if shard.model == "start"]
    for name in compared:
        if shards[name].kind not in ("heads", "head-details"):  # which have the figures above
            tables = [table_of(report, n) for n in (name, name.replace("-start", "-same", 1))]
            assert tables[0].equals(tables[1]), name
    assert {"map", "attention", "tokens", "overview"} <= {shards[name].kind for name in compared}


def table_of(report, name):
    path = report.folder / report.manifest.shards[name].path
    with pa.OSFile(str(path)) as file:
        return pa.ipc.open_file(file).read_all().replace_schema_metadata(None)


def test_a_planted_change_is_found_first(report: attnviz.Report) -> None:
    rows = [row for row in report.series.to_pylist() if row["model"] == "planted"]
    assert (rows[0]["layer"], rows[0]["head"]) == PLANTED
    assert rows[0]["divergence"] > 5 * rows[0]["divergence_floor"] > 0
    assert all(row["divergence"] < row["divergence_floor"] for row in rows[1:])


def test_divergence_is_that_of_eager_attention(report: attnviz.Report, folder: Path) -> None:
    """By Lin's sum over keys of two relative entropies, on the models' own attention."""
    before, after = (eager(folder / name) for name in ("start", "planted"))
    for layer in range(2):
        for head in range(HEADS):
            rows = [
                js(p[i, : i + 1], q[i, : i + 1])
                for p, q in zip(before[layer][head], after[layer][head], strict=True)
                for i in range(1, len(p))
            ]
            stated = row_of(report, "planted", layer, head)
            assert stated["divergence"] == pytest.approx(np.mean(rows), abs=1e-6)
            assert stated["divergence_first"] == stated["divergence"]


def eager(folder):
    """Attention by layer, head and document, (T, T), of a model as transformers runs it."""
    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    documents = []
    with torch.no_grad():
        for text in TEXTS:
            inputs = tokenizer(text, return_tensors="pt")
            documents.append(model(**inputs, output_attentions=True).attentions)
    return [
        [[of[layer][0, head].double().numpy() for of in documents] for head in range(HEADS)]
        for layer in range(len(documents[0]))
    ]


def js(p, q):
    middle = (p + q) / 2
    return (relative_entropy(p, middle) + relative_entropy(q, middle)) / 2


def relative_entropy(p, q):
    return float(sum(a * np.log(a / b) for a, b in zip(p, q, strict=True) if a > 0))


@pytest.mark.parametrize("method", ["attention", "pca", "tsne"])
def test_points_move_only_where_the_model_did(report: attnviz.Report, method: str) -> None:
    moved = {}
    for layer in range(2):
        for head in range(HEADS):
            before, after = (
                np.concatenate(report.map(layer, head, method, model=model))
                for model in ("same", "planted")
            )
            spread = np.sqrt(((before - before.mean(0)) ** 2).sum(-1).mean())
            moved[layer, head] = float(np.sqrt(((after - before) ** 2).sum(-1)).mean() / spread)
    change = moved.pop(PLANTED)
    assert change > 0.005
    assert max(moved.values()) == 0


def test_a_statistic_over_steps(report: attnviz.Report) -> None:
    table = report.over_steps("entropy", *PLANTED).to_pylist()
    assert [(row["model"], row["step"]) for row in table] == list(STEPS.items())
    assert table[0]["value"] == table[1]["value"] != table[2]["value"]
    with pytest.raises(InputError, match="this report has entropy"):
        report.over_steps("entropie", *PLANTED)


def test_figures_follow_from_the_shards(report: attnviz.Report, tmp_path: Path) -> None:
    assert differences(report.folder) == []
    shutil.copytree(report.folder, tmp_path / "report")
    content = manifest_of(report.folder)
    for head in content["models"][2]["heads"]:
        if (head["layer"], head["head"]) == PLANTED:
            head["statistics"]["divergence"] *= 2
    (tmp_path / "report" / "manifest.json").write_text(json.dumps(content))
    (tmp_path / "report" / "index.html").unlink()  # which proves the manifest
    spoiled = differences(tmp_path / "report")
    assert any("planted L1H2: statistic divergence: " in each for each in spoiled)


def differences(folder: Path) -> list[str]:
    return [str(each) for each in audit(folder, lambda _name, layers: layers).differences]


@pytest.mark.parametrize(
    ("steps", "message"),
    [
        ([1], "corpus.yaml:2: models[0].step: no other model has a step"),
        ([2, 2], "corpus.yaml:3: models[1].step: 2 comes after step 2"),
        ([2, 1], "corpus.yaml:3: models[1].step: 1 comes after step 2"),
    ],
)
def test_steps_that_are_no_series(
    folder: Path, tmp_path: Path, steps: list[int], message: str
) -> None:
    lines = [
        f"- {{source: {folder / name}, step: {step}}}"
        for name, step in zip(STEPS, steps, strict=False)
    ]
    corpus = tmp_path / "corpus.yaml"
    corpus.write_text("\n".join(["models:", *lines, "documents: [{text: [a cat]}]"]))
    with pytest.raises(InputError) as error:
        attnviz.build(corpus, tmp_path / "out", cache=tmp_path / "cache")
    assert message in str(error.value)


def test_other_shapes_are_refused(folder: Path, tmp_path: Path) -> None:
    config = transformers.AutoConfig.from_pretrained(folder / "start", n_layer=1)
    shutil.copytree(folder / "start", tmp_path / "shallow")
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path / "shallow")
    corpus = tmp_path / "corpus.yaml"
    corpus.write_text(
        "models:\n"
        f"- {{source: {folder / 'start'}, step: 0}}\n"
        f"- {{source: {tmp_path / 'shallow'}, step: 1}}\n"
        "documents: [{text: [a cat sat]}]\nmaps: {methods: []}\nnoise_floor: 0\n"
    )
    with pytest.raises(InputError, match=r"corpus\.yaml:3: models\[1\]: step: shallow is not of"):
        attnviz.build(corpus, tmp_path / "out", cache=tmp_path / "cache")
