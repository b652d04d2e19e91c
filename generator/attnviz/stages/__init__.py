"""The stages of a build, each a value in and a value out, remembered by what it depends on.

One model at a time: capture → maps → statistics → attention shards → certificates. Every stage
streams over batches, layers or blocks of rows, so memory is bounded by those and not by the corpus.
"""

from __future__ import annotations

import torch

from attnviz.config import Config
from attnviz.documents import Corpus
from attnviz.engine.versions import reported_versions
from attnviz.format import manifest as schema
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
    "provenance",
    "resolve",
    "run_attention",
    "run_capture",
    "run_certificates",
    "run_maps",
    "run_statistics",
    "size_estimate",
]


def provenance(
    config: Config, corpus: Corpus, devices: list[str], generator: str
) -> schema.Provenance:
    """Where everything in the report came from."""
    return schema.Provenance(
        generator=generator,
        versions=reported_versions(),
        device=", ".join(dict.fromkeys(devices)),
        threads=torch.get_num_threads(),
        seed=config.seed,
        corpus=schema.CorpusFile(
            name=config.path.name if config.path else config.name, sha256=config.sha256
        ),
        sources=[schema.Source(**vars(source)) for source in corpus.sources],
    )
