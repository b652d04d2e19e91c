"""Capture against a plain forward of the same batches with SDPA: the median over rounds that take turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import torch

from attnviz.capture import model_inputs, plan_batches
from attnviz.capture.runner import run_batch
from attnviz.config import load_config
from attnviz.documents import read_corpus, tokenise
from attnviz.models import load_model
from tests.benchmarks.stages import QUICKSTART

ROUNDS = 7
LIMIT = 1.2


def main() -> None:
    config = load_config(QUICKSTART)
    loaded = load_model(config.models[0])
    documents = read_corpus(config.documents, "quickstart").documents
    tokens, _ = tokenise(loaded.tokenizer, documents, loaded.limit, False, loaded.name)
    batches = plan_batches([len(own) for own in tokens], config.batch_tokens)

    def plain() -> None:
        loaded.model.set_attn_implementation("sdpa")
        with torch.inference_mode():
            for batch in batches:
                loaded.model(**model_inputs(loaded, batch, tokens))

    def captured() -> None:
        for batch in batches:
            run_batch(loaded, batch, tokens)

    ways: dict[str, Callable[[], None]] = {"plain SDPA": plain, "capture": captured}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(ROUNDS):
        for name, run in ways.items():
            since = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - since)
    typical = {name: statistics.median(times) for name, times in seconds.items()}
    for name, value in typical.items():
        print(f"  {name:12} {value:6.2f} s for {sum(len(own) for own in tokens):,} tokens")
    print(f"  {typical['capture'] / typical['plain SDPA']:6.2f} × plain SDPA; expected: at most {LIMIT} ×")
