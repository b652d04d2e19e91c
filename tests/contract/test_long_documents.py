"""A long document is built, certified and read without anything of tokens × tokens."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.reader.check import check
from tests.fixtures.long import HEADS, save_long_model

TOKENS = 4096
BLOCK = 256


@pytest.fixture(scope="session")
def long_model(shared):
    return shared("model-long", save_long_model)


@pytest.fixture(scope="session")
def long_build(shared, long_model):
    """`long_build(tokens)`: the folder of the report, and bytes held beyond what a short document
    holds."""

    def build(tokens):
        def make(folder):
            command = [
                sys.executable,
                "-m",
                "tests.fixtures.long",
                str(long_model),
                str(tokens),
                str(folder),
            ]
            root = Path(__file__).parents[2]
            done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=root)
            start, peak = map(int, done.stdout.split())
            (folder / "held.txt").write_text(str(peak - start))
            shutil.rmtree(folder / "cache")

        folder = shared(f"long-{tokens}", make)
        return folder / "report", int((folder / "held.txt").read_text())

    return build


def test_memory_grows_no_faster_than_the_document(long_build):
    memory, quarter = (long_build(tokens)[1] for tokens in (TOKENS, TOKENS // 4))
    assert memory <= 4 * quarter
    one_layer = HEADS * TOKENS**2 * 4
    assert memory < one_layer, "more than one layer's attention in float32"


def test_its_certificate_is_a_sample_and_says_so(long_build):
    report = attnviz.open_report(long_build(TOKENS)[0])
    certificates = [head.certificate for head in report.manifest.models[0].heads]
    assert len(certificates) == 2 * HEADS
    assert {(c.sampled, c.reference) for c in certificates} == {(True, "captured-float32")}
    assert {c.rows for c in certificates} == {512}
    assert all(0 < c.total_variation_standard_error < c.total_variation / 10 for c in certificates)
    assert max(c.total_variation for c in certificates) <= report.manifest.fidelity.total_variation


def test_its_maps_and_spaces_are_measured_on_a_sample_and_say_how_far_they_may_be_off(long_build):
    report = attnviz.open_report(long_build(TOKENS)[0])
    for head in report.manifest.models[0].heads:
        for figures in (*head.maps.values(), *head.spaces.values()):
            assert figures.sampled
            # On a sphere distance tells scores exactly, in every row alike.
            assert 0 <= figures.rank_standard_error < 0.2
        (maps,) = head.maps.values()
        assert 0 < maps.top3_mass_standard_error < 0.05
    messages = [n.message for n in report.manifest.notices if n.kind == "sampled"]
    assert [message.split(" were")[0].split(" was")[0] for message in messages] == [
        f"{report.manifest.models[0].name}: {what}"
        for what in (
            "top-3 mass and rank of maps",
            "top-3 mass and rank of spaces",
            "trustworthiness of maps",
            "certificates",
            "distances between heads",
        )
    ]
    assert report.map_figures(0, 0, "pca").sampled


def test_the_check_finds_it_whole(long_build):
    assert check(long_build(TOKENS)[0]) == []


def eager_blocks(model, ids):
    """Eager attention of every layer, `BLOCK` rows at a time: (first row, [(heads, rows, keys so
    far)]).

    A decoder with a cache computes a block of rows from its own tokens and the keys before them.
    """
    eager = transformers.AutoModel.from_pretrained(
        model, attn_implementation="eager", dtype=torch.float32
    ).eval()
    cache = transformers.DynamicCache()
    for start in range(0, len(ids), BLOCK):
        block = torch.tensor([ids[start : start + BLOCK]])
        with torch.inference_mode():
            output = eager(block, past_key_values=cache, use_cache=True, output_attentions=True)
        yield start, [layer[0].numpy() for layer in output.attentions]


def test_its_rows_are_the_models_own(long_build, long_model):
    report = attnviz.open_report(long_build(TOKENS)[0])
    ids = report.documents[0].token_ids.tolist()
    assert len(ids) == TOKENS
    stored = {
        (layer, head): report.attention(layer, head, 0)
        for layer in range(2)
        for head in (0, 3, HEADS - 1)
    }
    variation = dict.fromkeys(stored, 0.0)
    for start, layers in eager_blocks(long_model, ids):
        for (layer, head), a in stored.items():
            truth = layers[layer][head]
            rows = a[start : start + BLOCK]
            assert not rows[:, truth.shape[1] :].any(), "a row sees what comes after it"
            apart = np.abs(rows[:, : truth.shape[1]] - truth)
            assert apart.max() <= report.manifest.fidelity.max_error
            variation[layer, head] += apart.sum() / 2
    for (layer, head), total in variation.items():
        estimate = report.certificate(layer, head).total_variation
        assert total / TOKENS == pytest.approx(estimate, rel=0.25), "the sample is a fair one"
