"""The stages of a build, each a value in and a value out, remembered by what it depends on.

One model at a time: capture → statistics → maps → attention shards → certificates. Every stage streams over batches
or layers, so memory is bounded by those and not by the corpus.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from transformers.utils import logging as transformers_logging

from attnviz import capture, encoding, heads, maps, score
from attnviz.cache import Cache, key_of
from attnviz.capture import Capture, CapturedBatch, Layer, SelfCheck, plan_batches, self_check, write_batch
from attnviz.capture import attention as capture_attention
from attnviz.capture import batches as capture_batches
from attnviz.capture import masks as capture_masks
from attnviz.capture import runner as capture_runner
from attnviz.capture import selfcheck as capture_selfcheck
from attnviz.config import Config
from attnviz.documents import Corpus, Tokens
from attnviz.maps import MapKind, pca_map, sample_documents
from attnviz.models import LoadedModel
from attnviz.progress import Progress
from attnviz.report import attention as report_attention
from attnviz.report import certify, map_shards, schema, shards
from attnviz.report import corpus_shards as corpus_tables
from attnviz.report.attention import AttentionTable, LayerSource
from attnviz.report.schema import Certificate, Shard
from attnviz.report.shards import ShardFolder, read_shard
from attnviz.score import Array, Intervals

PACKAGES: Final = ("torch", "transformers", "numpy", "pyarrow", "scikit-learn")


def versions() -> dict[str, str]:
    """The versions that a report's bytes depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def environment() -> dict[str, Any]:
    return {"versions": versions(), "threads": torch.get_num_threads(), "platform": platform.machine()}


@dataclass(frozen=True)
class Shards:
    """Finished shards: the folder that holds them and their manifest entries by id."""

    folder: Path
    entries: dict[str, Shard]


def _keep_shards(cache: Cache, stage: str, key: str, write: Any) -> tuple[Shards, Any]:
    """Shards written once by `write(ShardFolder)`, with the JSON value it returns."""

    def make(folder: Path) -> None:
        own = ShardFolder(folder)
        value = write(own)
        entries = {name: shard.model_dump(mode="json", exclude_none=True) for name, shard in own.shards.items()}
        (folder / "shards.json").write_text(json.dumps({"shards": entries, "value": value}), "utf-8")

    folder = cache.folder(stage, key, make)
    kept = json.loads((folder / "shards.json").read_text("utf-8"))
    return Shards(folder, {name: Shard.model_validate(entry) for name, entry in kept["shards"].items()}), kept["value"]


def run_capture(
    loaded: LoadedModel, tokens: list[Tokens], config: Config, cache: Cache, progress: Progress
) -> tuple[Capture, SelfCheck, str]:
    """Self-check, then every batch; returns the capture, the check and a key of all that was captured."""
    code = (capture_attention, capture_batches, capture_masks, capture_runner, score)
    base = key_of(loaded.weights_sha256, loaded.architecture, loaded.model.config.to_diff_dict(), environment(), *code)
    batches = plan_batches([len(t) for t in tokens], config.batch_tokens)
    keys = [key_of(base, [tokens[d].ids.tolist() for d in batch.documents]) for batch in batches]
    checked = cache.value("self-check", key_of(keys, capture_selfcheck), lambda: asdict(self_check(loaded, tokens)))
    captured = []
    work = list(zip(batches, keys, strict=True))
    for batch, key in progress.steps(f"capture {loaded.name}", work, [float(b.tokens) for b in batches]):
        folder = cache.folder("capture", key, lambda into, batch=batch: write_batch(loaded, batch, tokens, into))  # type: ignore[misc]
        captured.append(CapturedBatch(batch, folder))
    return capture.assemble(captured), SelfCheck(**checked), key_of(keys)


def run_statistics(
    loaded: LoadedModel, tokens: list[Tokens], captured: Capture, key: str, cache: Cache, progress: Progress
) -> list[list[dict[str, float | None]]]:
    """Statistics of every head, by layer."""
    separators = [t.ids == loaded.separator for t in tokens]

    def documents(layer: Layer) -> Iterator[tuple[Array, Intervals, Array]]:
        rule = captured.rules[layer.rule]
        for own in captured.documents(layer):
            a = score.attention(own.q, own.k, rule, own.intervals, layer.sinks)
            yield a, own.intervals, separators[own.document]

    found = []
    for layer in progress.steps(f"statistics {loaded.name}", captured.layers, [1.0] * len(captured.layers)):
        own_key = key_of(key, layer.call, loaded.separator, heads, score)

        def measure(layer: Layer = layer) -> list[dict[str, float | None]]:
            return heads.layer_statistics(documents(layer), layer.heads)

        found.append(cache.value("statistics", own_key, measure))
    return found


def run_maps(
    loaded: LoadedModel, tokens: list[Tokens], captured: Capture, key: str, kinds: list[MapKind],
    config: Config, cache: Cache, progress: Progress,
) -> tuple[list[dict[str, list[dict[str, float]]]], Array, list[Shards]]:  # fmt: skip
    """Maps of every head: figures by layer and map id, the sample, and the shards with the overview."""
    lengths = np.array([len(t) for t in tokens])
    sample = sample_documents(lengths, config.maps.points, config.seed)
    figures, kept = [], []
    overview: list[dict[str, Any]] = []
    for layer in progress.steps(f"maps {loaded.name}", captured.layers, [1.0] * len(captured.layers)):
        own_key = key_of(
            key, layer.call, loaded.name, sample.tolist(), [k.id for k in kinds], maps, map_shards, schema, shards
        )

        def write(into: ShardFolder, layer: Layer = layer) -> Any:
            return _write_maps(loaded.name, captured, layer, lengths, sample, kinds, into)

        done, value = _keep_shards(cache, "maps", own_key, write)
        figures.append(value["figures"])
        overview += value["overview"]
        kept.append(done)
    overview_key = key_of(overview, loaded.name, map_shards, schema, shards)
    kept.append(
        _keep_shards(
            cache, "overview", overview_key, lambda into: map_shards.write_overview(loaded.name, overview, into)
        )[0]
    )
    return figures, sample, kept


def _sampled(captured: Capture, layer: Layer, lengths: Array, sample: Array) -> tuple[Array, Array]:
    """Queries (heads, points, d) and keys (kv heads, points, d) of a layer at the sampled tokens."""
    starts = np.concatenate([[0], np.cumsum(lengths)])
    place = np.full(starts[-1], -1)
    place[sample] = np.arange(len(sample))
    q = np.empty((layer.heads, len(sample), layer.head_size), np.float32)
    k = np.empty((layer.kv_heads, len(sample), layer.head_size), np.float32)
    for own in captured.documents(layer):
        to = place[starts[own.document] : starts[own.document + 1]]
        q[:, to[to >= 0]] = own.q[:, to >= 0]
        k[:, to[to >= 0]] = own.k[:, to >= 0]
    return q, k


def _write_maps(
    model: str, captured: Capture, layer: Layer, lengths: Array, sample: Array, kinds: list[MapKind], into: ShardFolder
) -> dict[str, Any]:
    """All kinds of maps of a layer's heads; their figures, and the overview's rows by the first kind."""
    q, k = _sampled(captured, layer, lengths, sample)
    place = {"model": model, "stack": layer.stack, "layer": layer.layer}
    figures: dict[str, list[dict[str, float]]] = {}
    overview: list[dict[str, Any]] = []
    for kind in kinds:
        made = [pca_map(q[h], k[h // layer.group], kind.dimensions) for h in range(layer.heads)]
        figures[kind.id] = [{"quantisation_error": m.quantisation_error, "explained": m.explained} for m in made]
        map_shards.write_maps(made, kind, f"map-{model}-{layer.stack}-L{layer.layer}", into, **place)
        overview = overview or map_shards.overview_rows(made, layer.stack, layer.layer)
    return {"figures": figures, "overview": overview}


def run_attention(
    loaded: LoadedModel, captured: Capture, groups: Array, key: str, config: Config, cache: Cache, progress: Progress
) -> tuple[list[list[list[str]]], list[Shards], list[str]]:
    """Attention shards: encodings by layer, group and kv head; the shards by layer; a key for each layer."""
    bounds = (config.fidelity.total_variation, config.fidelity.max_error)
    chosen, kept, keys = [], [], []
    for layer in progress.steps(f"encode {loaded.name}", captured.layers, [1.0] * len(captured.layers)):
        source = layer_source(loaded, captured, layer)
        own_key = key_of(
            key, layer.call, loaded.name, groups.tolist(), bounds, encoding, report_attention, score, schema, shards
        )

        def write(into: ShardFolder, layer: Layer = layer, source: LayerSource = source) -> Any:
            own = report_attention.choose(source, groups, bounds)
            stem = f"attention-{loaded.name}-{layer.stack}-L{layer.layer}"
            place = {"model": loaded.name, "stack": layer.stack, "layer": layer.layer}
            report_attention.write_layer(source, groups, own, into, stem, **place)
            return own

        done, value = _keep_shards(cache, "attention", own_key, write)
        chosen.append(value)
        kept.append(done)
        keys.append(own_key)
    return chosen, kept, keys


def layer_source(loaded: LoadedModel, captured: Capture, layer: Layer) -> LayerSource:
    """A captured layer as the encoder takes it."""

    def documents() -> Iterable[tuple[int, Array, Array, Intervals]]:
        return ((d.document, d.q, d.k, d.intervals) for d in captured.documents(layer))

    name = f"model {loaded.name}, {layer.stack} layer {layer.layer}"
    rule = captured.rules[layer.rule]
    return LayerSource(name, rule, layer.kv_heads, layer.group, layer.head_size, layer.sinks, documents)


def run_certificates(
    loaded: LoadedModel, tokens: list[Tokens], captured: Capture, chosen: list[list[list[str]]],
    kept: list[Shards], keys: list[str], groups: Array, config: Config, cache: Cache, progress: Progress,
) -> list[list[Certificate]]:  # fmt: skip
    """Certificates of every head, by layer, from the shards as they will be read. InputError over the bound."""
    stored: dict[int, certify.Stored] = {}

    def measure(batch: CapturedBatch) -> dict[str, list[list[float]]]:
        if not stored:
            for layer, own, names in zip(captured.layers, kept, chosen, strict=True):
                stored[layer.call] = captured.rules[layer.rule], _open(own), names
        errors = certify.measure_batch(loaded, batch, tokens, captured.layers, stored, groups)
        return {str(call): [column.tolist() for column in asdict(e).values()] for call, e in errors.items()}

    parts: list[dict[int, encoding.Errors]] = []
    sizes = [float(b.batch.tokens) for b in captured.batches]
    for batch in progress.steps(f"certify {loaded.name}", captured.batches, sizes):
        own_key = key_of(keys, batch.folder.name, certify, report_attention, encoding)
        value = cache.value("certificates", own_key, lambda batch=batch: measure(batch))  # type: ignore[misc]
        parts.append({int(call): encoding.Errors(*(np.array(c) for c in columns)) for call, columns in value.items()})
    bounds = (config.fidelity.total_variation, config.fidelity.max_error)
    found = []
    for layer in captured.layers:
        own = certify.certificates(certify.merge([part[layer.call] for part in parts]))
        certify.refuse_over_bound(layer, own, bounds, loaded.name)
        found.append(own)
    return found


def _open(own: Shards) -> list[AttentionTable]:
    return [AttentionTable(entry.encoding or "", read_shard(own.folder, entry)) for entry in own.entries.values()]


def size_estimate(captured: Capture, sample: Array) -> str:
    """About how many bytes the report will take: int16 vectors or dense uint8, whichever is smaller, and the maps."""
    total = 0
    for layer in captured.layers:
        for own in captured.documents(layer):
            costs = (
                encoding.stored_bytes(name, own.intervals, layer.group, layer.head_size)
                for name in ("dense-uint8", "query-key-int16")
            )
            total += min(costs) * layer.kv_heads
        total += layer.heads * len(sample) * 8
    return f"about {total / 1e6:.1f} MB of data to come, {total * 7 / 3e6:.1f} MB with the file:// twins"


def prepare(seed: int) -> None:
    """One seed for whatever draws random numbers."""
    torch.manual_seed(seed)
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]


def corpus_shards(corpus: Corpus, member: Array, cache: Cache) -> tuple[Shards, list[str]]:
    """The documents' shards and their ids."""
    key = key_of([asdict(d) for d in corpus.documents], member.tolist(), corpus_tables, schema, shards)
    return _keep_shards(
        cache, "documents", key, lambda into: corpus_tables.write_documents(corpus.documents, member, into)
    )


def axis_shards(
    loaded: LoadedModel, tokens: list[Tokens], captured: Capture, sample: Array, key: str, cache: Cache
) -> tuple[schema.Axis, dict[int, list[str]], Shards]:
    """Tokens, lengths, sample and irregular masks of a model: its axis, the mask shards by rule, the shards."""
    spans = [(t.texts, t.start.tolist(), t.end.tolist(), t.special.tolist()) for t in tokens]
    own_key = key_of(key, loaded.name, sample.tolist(), spans, corpus_tables, schema, shards)

    def write(into: ShardFolder) -> Any:
        axis = corpus_tables.write_axis(loaded.name, tokens, sample, into)
        irregular = [number for number, rule in enumerate(captured.rules) if rule.mask.kind == "intervals"]
        masks = {
            str(number): corpus_tables.write_masks(loaded.name, number, len(tokens), captured.intervals(number), into)
            for number in irregular
        }
        return {"axis": axis.model_dump(mode="json"), "masks": masks}

    kept, value = _keep_shards(cache, "tokens", own_key, write)
    return schema.Axis.model_validate(value["axis"]), {int(n): names for n, names in value["masks"].items()}, kept


def provenance(config: Config, corpus: Corpus, generator: str) -> schema.Provenance:
    """Where everything in the report came from."""
    return schema.Provenance(
        generator=generator,
        versions=versions(),
        device="cpu",
        threads=torch.get_num_threads(),
        seed=config.seed,
        corpus=schema.CorpusFile(name=config.path.name if config.path else config.name, sha256=config.sha256),
        sources=[schema.Source(**asdict(source)) for source in corpus.sources],
    )
