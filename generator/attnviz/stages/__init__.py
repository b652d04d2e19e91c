"""The stages of a build, each a value in and a value out, remembered by what it depends on.

One model at a time: capture → maps → statistics → attention shards → certificates. Every stage
streams over batches, layers or blocks of rows, so memory is bounded by those and not by the corpus.
"""

from __future__ import annotations

import torch
from threadpoolctl import threadpool_limits

from attnviz.config import Config
from attnviz.documents import Corpus
from attnviz.engine.environment import versions
from attnviz.format import manifest as schema
from attnviz.models import hush
from attnviz.resolution.resolve import resolve
from attnviz.stages.captures import run_capture
from attnviz.stages.corpus import corpus_shards, model_shards
from attnviz.stages.maps import run_maps
from attnviz.stages.shards import run_attention, run_certificates, size_estimate
from attnviz.stages.statistics import run_statistics
from attnviz.stages.work import Shards, Work

__all__ = [
    "Shards",
    "Work",
    "corpus_shards",
    "model_shards",
    "prepare",
    "provenance",
    "resolve",
    "run_attention",
    "run_capture",
    "run_certificates",
    "run_maps",
    "run_statistics",
    "size_estimate",
]


def prepare(seed: int) -> None:
    """One seed for whatever draws random numbers, one thread for NumPy's products, and quiet
    libraries.

    Our products are many and small: on a busy machine threads that wait for each other made them
    ten times slower, and a fixed number of threads keeps the low bits the same.
    """
    torch.manual_seed(seed)
    threadpool_limits(1, "blas")
    hush()


def provenance(
    config: Config, corpus: Corpus, devices: list[str], generator: str
) -> schema.Provenance:
    """Where everything in the report came from."""
    return schema.Provenance(
        generator=generator,
        versions=versions(),
        device=", ".join(dict.fromkeys(devices)),
        threads=torch.get_num_threads(),
        seed=config.seed,
        corpus=schema.CorpusFile(
            name=config.path.name if config.path else config.name, sha256=config.sha256
        ),
        sources=[schema.Source(**vars(source)) for source in corpus.sources],
    )
