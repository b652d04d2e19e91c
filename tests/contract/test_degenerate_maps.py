"""Whole builds of input with nothing to show on a map: a report that checks, and no number that is
none."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.reader.check import check
from attnviz.reader.report import Report
from tests.fixtures.models import save_model
from tests.fixtures.reports import build
from tests.fixtures.spoiled import manifest_of

METHODS = ("attention", "pca", "umap", "tsne")
LONGER = " ".join(["the cat sat on a mat and dog ran to old red house while rain fell"] * 2)
TEXTS = {
    "one token": ["the"],
    "fewer points than neighbours": ["the cat"],
    "one token a document": ["the", "cat", "sat", "the"],
    "twice the same text": [LONGER, LONGER],
    "one token in two hundred places": ["the " * 60, "the " * 60, "the " * 60],
}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """GPT-2 of four heads a layer. In layer 0 all queries are equal in heads 0 and 1, all keys in
    heads 1 and 2."""
    folder = save_model("gpt2", tmp_path_factory.mktemp("model"))
    model = transformers.AutoModel.from_pretrained(folder)
    with torch.no_grad():
        weight = model.h[0].attn.c_attn.weight.view(32, 3, 4, 8)  # a Conv1D holds (in, out)
        weight[:, 0, :2] = 0
        weight[:, 1, 1:3] = 0
    model.save_pretrained(folder)
    return folder


def numbers(value: Any) -> Iterator[float]:
    """Every number of a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, float):
        yield value


@pytest.mark.parametrize("case", TEXTS)
def test_a_report_all_the_same(case: str, model: Path, tmp_path: Path) -> None:
    corpus = {
        "models": [{"name": "gpt2", "source": str(model)}],
        "documents": [{"text": TEXTS[case]}],
        "maps": {"methods": list(METHODS), "dimensions": [2, 3]},
    }
    build(corpus, tmp_path)
    assert check(tmp_path) == []
    report = attnviz.open_report(tmp_path)
    assert all(math.isfinite(value) for value in numbers(manifest_of(tmp_path)))
    for head in report.manifest.models[0].heads:
        assert len(head.maps) == 8
        for method in METHODS:
            for size in (2, 3):
                assert_a_map(report, head.layer, head.head, method, size)


def assert_a_map(report: Report, layer: int, head: int, method: str, size: int) -> None:
    queries, keys = report.map(layer, head, method, size)
    assert queries.shape == keys.shape == (sum(map(len, report.documents)), size)
    assert np.isfinite(queries).all()
    assert np.isfinite(keys).all()
