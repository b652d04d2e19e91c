"""Time and memory of a build's stages: rates that were measured on the quickstart
(docs/decisions/build.md), and how fast this machine is."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from attnviz.config import Config
from attnviz.effects.measured_model import SMALL
from attnviz.engine.local_workers import WORTH
from attnviz.engine.machine import LIGHT_PROCESS, PROCESS, usable_processes
from attnviz.models.loaded import LoadedModel


@dataclass(frozen=True)
class Work:
    """What stages go by: the model's parameters; heads; tokens; points of a map; pairs of query
    and key, of all heads; passes of the model over all tokens, for the effects of heads; tokens
    of long texts with a needle."""

    parameters: int
    heads: int
    tokens: int
    points: int
    entries: int
    passes: float = 0.0
    needle: int = 0


_START: Final = 6.2
_PAGES: Final = 0.06
"""Processor seconds of a head's page and its part of the report."""
_MAP: Final = {"attention": 1.07e-4, "pca": 1.9e-5, "umap": 4.2e-4, "tsne": 7.2e-4}
"""Processor seconds of a point of a head's map, its measurement included."""
_SPACES: Final = 1.8e-5
_OF_TOKENS: Final = {"statistics": 9.4e-6, "likeness": 8.9e-6, "encode": 1.4e-5}
"""Processor seconds of a token of a head, where documents are short."""
_PASSES: Final = {"capture": 2.1e-11, "certify": 6e-11}
"""Processor seconds of a token and a parameter, where the model runs."""
_EFFECTS: Final = 1.2e-11
"""The same of the passes that effects take: they compute no more than the model does."""
_NEEDLE: Final = 1.9e-11
"""The same of long texts with a needle, of which the last rows are read."""
_OF_ENTRIES: Final = 1.2e-7
"""Processor seconds of a pair of query and key of a head, in all stages that read attention: what
long documents cost."""


def stage_seconds(work: Work, config: Config) -> dict[str, float]:
    """Processor seconds of each stage on the machine that the rates were measured on."""
    points = work.heads * work.points
    seconds = {"start": _START, "pages": _PAGES * work.heads}
    for method in config.maps.methods:
        seconds[f"{method} maps"] = _MAP[method] * points * len(config.maps.dimensions)
    if config.maps.methods:
        seconds["spaces"] = _SPACES * points
    for stage, rate in _OF_TOKENS.items():
        seconds[stage] = rate * work.heads * work.tokens
    for stage, rate in _PASSES.items():
        seconds[stage] = rate * work.parameters * work.tokens
    if work.passes:
        seconds["effects"] = _EFFECTS * work.passes * work.parameters * work.tokens
    if work.needle:
        seconds["needle"] = _NEEDLE * work.parameters * work.needle
    return seconds | {"reading attention": _OF_ENTRIES * work.entries}


_BASE: Final = 600_000_000
_POINT: Final = 200_000


def memory_bytes(loaded: LoadedModel, work: Work, config: Config) -> int:
    """Bytes: libraries, weights, what maps are measured by, and the processes that share the work
    where there is much."""
    weights: int = sum(part.numel() * part.element_size() for part in loaded.model.parameters())
    held = _BASE + weights + _POINT * work.points
    if "attention" in config.maps.methods or (work.passes > 0 and weights <= SMALL):
        return held + usable_processes() * PROCESS
    seconds = stage_seconds(work, config)
    shared = seconds["statistics"] + seconds["reading attention"] >= WORTH
    return held + (usable_processes() * LIGHT_PROCESS if shared else 0)


_USUAL: Final = 0.0226
"""Seconds of `_small_work` on the machine that the rates were measured on."""


def machine_speed() -> float:
    """How many times the processor time of the measured machine this one takes: the best of seven
    rounds of a small piece of work, on one thread."""
    with threadpool_limits(1):
        return min(_small_work() for _ in range(7)) / _USUAL


def _small_work() -> float:
    """Processor seconds of softmaxes over products, as every stage has them."""
    vectors = np.random.default_rng(0).standard_normal((512, 32)).astype(np.float32)
    start = time.process_time()
    for _ in range(20):
        scores = vectors @ vectors.T
        weights = np.exp(scores - scores.max(-1, keepdims=True))
        vectors = (weights / weights.sum(-1, keepdims=True)) @ vectors + vectors
        vectors /= np.linalg.norm(vectors, axis=-1, keepdims=True)
    return time.process_time() - start
