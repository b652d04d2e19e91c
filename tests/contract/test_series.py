"""Models of one shape as a series: heads compared from step to step, and maps that follow."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import peft
import pyarrow as pa
import pytest
import torch
import transformers

import attnviz
from attnviz.audit.audit import audit
from attnviz.errors import InputError
from tests.fixtures.checkpoints import WAYS
from tests.fixtures.models import save_model
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
            stated = row_of(report, "planted", layer, head)
            expected = mean_js(before[layer][head], after[layer][head])
            assert stated["divergence"] == pytest.approx(expected, abs=1e-6)
            assert stated["divergence_first"] == stated["divergence"]


def eager(folder):
    """Attention by layer, head and document, (T, T), of a model as transformers runs it."""
    model = transformers.AutoModel.from_pretrained(
        folder, attn_implementation="eager", dtype=torch.float32
    ).eval()
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


def mean_js(before, after):
    """Over the rows of documents that see more than one key."""
    rows = [
        js(p[i, : i + 1], q[i, : i + 1])
        for p, q in zip(before, after, strict=True)
        for i in range(1, len(p))
    ]
    return np.mean(rows)


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


@pytest.mark.parametrize(
    ("sizes", "message"),
    [
        ({"n_layer": 1}, "1 layers, not 2;"),
        ({"n_head": 2}, "2 heads in a layer, not 4;"),
        # Which heads a layer has is told by nothing but its run.
        ({}, "decoder layer 0 has 3 heads, not 4;"),
    ],
)
def test_other_shapes_are_refused(
    folder: Path, tmp_path: Path, sizes: dict[str, int], message: str
) -> None:
    config = transformers.AutoConfig.from_pretrained(folder / "start", **sizes)
    shutil.copytree(folder / "start", tmp_path / "other")
    transformers.AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path / "other")
    if sizes:  # it is refused before its weights are looked for
        next((tmp_path / "other").glob("*.safetensors")).write_bytes(b"")
    heads = "" if sizes else ", heads: [0, 1, 2]"
    corpus = tmp_path / "corpus.yaml"
    corpus.write_text(
        "models:\n"
        f"- {{source: {folder / 'start'}, step: 0}}\n"
        f"- {{source: {tmp_path / 'other'}, step: 1{heads}}}\n"
        "documents: [{text: [a cat sat]}]\nmaps: {methods: []}\nnoise_floor: 0\n"
    )
    with pytest.raises(InputError) as error:
        attnviz.build(corpus, tmp_path / "out", cache=tmp_path / "cache")
    words = str(error.value)
    assert "corpus.yaml:3: models[1]: step: other is not of the shape of start" in words
    assert message in words


@pytest.fixture(scope="module")
def changed(tmp_path_factory):
    """A model, the same with an adapter on one layer's queries, and the same in eight bits."""
    folder = tmp_path_factory.mktemp("changed")
    base = save_model("llama", folder / "base")
    torch.manual_seed(3)
    queries = r".*layers\.1\..*q_proj"
    settings = peft.LoraConfig(r=2, init_lora_weights=False, target_modules=queries)
    adapted = peft.get_peft_model(transformers.AutoModel.from_pretrained(base), settings)
    adapted.save_pretrained(folder / "lora")
    adapted.merge_and_unload().save_pretrained(folder / "merged")
    shutil.copytree(base, folder / "eight-bits")
    next(way for way in WAYS if way.title == "quantised, FP8").save(folder / "eight-bits")
    for file in base.glob("token*"):
        shutil.copy(file, folder / "merged")
    models = [
        {"source": str(base), "step": 0},
        {"name": "merged", "source": str(base), "adapter": str(folder / "lora"), "step": 1},
        {"source": str(folder / "eight-bits"), "step": 2},
    ]
    corpus = {"models": models, "documents": [{"text": TEXTS}], "maps": {"methods": ["pca"]}}
    return folder, attnviz.build(corpus, folder / "report", cache=folder / "cache")


@pytest.mark.parametrize("name", ["merged", "eight-bits"])
def test_an_adapter_and_eight_bits_are_steps(changed: tuple[Path, attnviz.Report], name: str):
    """Each is as far from the model as eager attention of its merged or unpacked weights is."""
    folder, report = changed
    before, after = eager(folder / "base"), eager(folder / name)
    for layer, head in np.ndindex(2, HEADS):
        stated = row_of(report, name, layer, head)
        expected = mean_js(before[layer][head], after[layer][head])
        assert stated["divergence_first"] == pytest.approx(expected, abs=1e-6)
        assert 0 < stated["divergence_floor"] < 0.001
    moved = [row for row in report.series.to_pylist() if row["model"] == "merged"]
    assert [row["layer"] for row in moved] == [1] * HEADS + [0] * HEADS
    assert all(row["divergence"] == 0 for row in moved[HEADS:])
