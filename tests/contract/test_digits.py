"""The report on handwritten digits: the corpus as it is, a vision transformer trained for less
time."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from transformers import AutoImageProcessor, AutoModel

import attnviz
from attnviz.config import load_config
from attnviz.format.shards import read_shard
from attnviz.reader.check import check
from corpora import make_digits

CORPORA = Path(__file__).parents[2] / "corpora"


@pytest.fixture(scope="module")
def digits(shared):
    return shared("digits", lambda folder: make_digits.save(make_digits.train(epochs=10), folder))


@pytest.fixture(scope="module")
def report(digits, tmp_path_factory):
    folder = tmp_path_factory.mktemp("digits")
    config = load_config(
        CORPORA / "digits.yaml", {"models": [{"name": "digits", "source": str(digits)}]}
    )
    return attnviz.build(config, out=folder / "report", cache=folder / "cache")


def test_every_digit_is_a_document_with_its_picture(report):
    images = sorted((CORPORA / "digits").glob("*.png"))
    assert [document.title for document in report.documents] == [path.stem for path in images]
    assert report.manifest.provenance.sources[0].name == "40 images in digits"
    (name,) = report.manifest.documents.images
    rows = read_shard(report.folder, report.manifest.shards[name]).to_pylist()
    assert [row["document"] for row in rows] == list(range(len(images)))
    assert {(row["width"], row["height"]) for row in rows} == {(8, 8)}
    assert check(report.folder) == []


def test_attention_is_the_model_s_own(report, digits):
    processor = AutoImageProcessor.from_pretrained(digits)
    eager = AutoModel.from_pretrained(digits, attn_implementation="eager").eval()
    pictures = [
        Image.open(path).convert("RGB") for path in sorted((CORPORA / "digits").glob("*.png"))
    ]
    with torch.inference_mode():
        truth = eager(
            **processor(images=pictures, return_tensors="pt"), output_attentions=True
        ).attentions
    for layer, head in np.ndindex(3, 4):
        certificate = report.certificate(layer, head)
        apart = [
            np.abs(report.attention(layer, head, d) - truth[layer][d, head].numpy())
            for d in range(len(pictures))
        ]
        assert max(difference.max() for difference in apart) <= certificate.max_error + 4e-6
        assert np.mean([difference.sum(1).mean() / 2 for difference in apart]) == pytest.approx(
            certificate.total_variation, rel=0.02
        )
