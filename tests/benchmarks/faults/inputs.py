"""Inputs that are broken: models' folders, corpora, arguments. A build ends in words or a
report."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from attnviz.reader.check import check
from tests.benchmarks.faults.ground import (
    FAMILIES,
    MEMORY,
    SECONDS,
    Ground,
    fault_of_end,
    write_corpus,
)
from tests.fixtures.broken import break_arguments, break_corpus, break_model
from tests.fixtures.forked import run_forked


def broken_input(ground: Ground, number: int, chance: random.Random) -> str | None:
    """Three models' folders, then a corpus, then arguments."""
    with ground.folder(f"input-{number}") as folder:
        family = chance.choice(FAMILIES)
        entry, model = {}, ground.models[family]
        way = ""
        if number % 5 < 3:
            model = folder / "model"
            way = break_model(ground.models[family], model, number // 5 * 3 + number % 5, chance)
            entry = {"allow_pickle": True} if "pickled" in way else {}
        corpus = write_corpus(folder / "corpus.yaml", model, _documents(folder, family), **entry)
        args = ["build", str(corpus), "--out", str(folder / "out"), "--cache", str(folder / "c")]
        if number % 5 == 3:
            way = break_corpus(corpus, chance)
        elif number % 5 == 4:
            args, way = break_arguments(args, folder, chance)
        end = run_forked(args, folder, seconds=SECONDS, memory=MEMORY)
        fault = fault_of_end(end, (0, 2))
        if fault is None and end.code == 2 and (folder / "out").exists():
            fault = "something was written"
        if fault is None and end.code == 0 and (folder / "out").exists():
            fault = "; ".join(check(folder / "out")[:2]) or None
        return fault and f"{family}, {way}: {fault}"


def _documents(folder: Path, family: str) -> list[dict[str, Any]]:
    """What a family reads."""
    if family == "vit":
        pixels = np.random.default_rng(0).integers(0, 256, (32, 32, 3), np.uint8)
        Image.fromarray(pixels).save(folder / "squares.png")
        return [{"images": "squares.png"}]
    if family == "t5":
        return [{"translate": [{"source": "the cat sat", "target": "a mat"}]}]
    if family == "gpt2":
        return [{"prompts": ["the cat sat"], "generate": {"max_new_tokens": 3}}]
    return [{"text": ["the cat sat", "on a mat and dog ran to old red house"]}]
