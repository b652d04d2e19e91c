"""What a report says of its documents: how many, of which source, in which groups, how many tokens,
and which of them maps show."""

from __future__ import annotations

import numpy as np

from attnviz.audit.findings import Findings
from attnviz.audit.stored_maps import head_map
from attnviz.format.manifest import AxisEntry, Model
from attnviz.maps.sample import sample_documents
from attnviz.reader.store import ShardStore
from attnviz.score import Array


def compare_corpus(store: ShardStore, findings: Findings) -> None:
    """Hold the manifest's numbers of documents, tokens and points against the shards."""
    manifest = store.manifest
    entries = store.column(manifest.documents.shards, "entry")
    groups = store.column(manifest.documents.shards, "group")
    documents = manifest.documents
    findings.compare("documents", "number", stated=documents.count, recomputed=len(entries))
    for source in manifest.provenance.sources:
        findings.compare(
            f"source {source.name}", "documents", stated=source.documents,
            recomputed=int((entries == source.entry).sum()),
        )  # fmt: skip
    lengths = np.array([len(text) for text in store.column(documents.shards, "text")])
    for number, group in enumerate(documents.groups):
        members = np.flatnonzero(groups == number)
        place = f"document group {number}"
        findings.compare(place, "documents", stated=group.documents, recomputed=len(members))
        for name, stated, again in (
            ("entry", group.entry, entries[members]),
            ("shortest text", group.shortest, lengths[members]),
        ):
            first = int(again.min()) if len(members) else None
            findings.compare(place, name, stated=stated, recomputed=first)
        longest = int(lengths[members].max()) if len(members) else None
        findings.compare(place, "longest text", stated=group.longest, recomputed=longest)
    for model in manifest.models:
        _axes(store, model, findings)
        _overview(store, model, findings)


def _axes(store: ShardStore, model: Model, findings: Findings) -> None:
    for axis in model.axes:
        place = f"{model.name}, axis {axis.name}"
        lengths = store.lengths(axis)
        sample = store.table(axis.sample.shard)["token"].to_numpy()
        findings.compare(place, "tokens", stated=axis.tokens, recomputed=int(lengths.sum()))
        findings.compare(place, "tokens on maps", stated=axis.sample.count, recomputed=len(sample))
        findings.compare(
            place, "the tokens on maps are those that the seed draws",
            stated=_is_drawn(sample, store, axis, lengths), recomputed=True,
        )  # fmt: skip


def _is_drawn(sample: Array, store: ShardStore, axis: AxisEntry, lengths: Array) -> bool:
    """Whether the seed draws this sample, by what documents say or, in a report from before, by
    their numbers."""
    seed = store.manifest.provenance.seed
    ids = np.split(store.column(axis.shards, "id"), np.cumsum(lengths)[:-1])
    samples = sample_documents(ids, len(sample), seed), _by_number(lengths, len(sample), seed)
    return any(np.array_equal(sample, again) for again in samples)


def _by_number(lengths: Array, points: int, seed: int) -> Array:
    """The sample of documents of these lengths, as it was once drawn."""
    rng = np.random.default_rng(seed)
    starts = np.concatenate([[0], np.cumsum(lengths)])
    sample: list[Array] = [np.empty(0, np.int64)]
    room = points
    for document in rng.permutation(len(lengths)):
        tokens = np.arange(starts[document], starts[document + 1])
        if len(tokens) <= room:
            sample.append(tokens)
            room -= len(tokens)
        elif len(sample) == 1:
            return rng.permutation(tokens[:points])
    return rng.permutation(np.concatenate(sample))


def _overview(store: ShardStore, model: Model, findings: Findings) -> None:
    """Each head's first points in the overview against its map."""
    rows = {
        (row["stack"], row["layer"], row["head"]): row
        for row in store.table(model.overview.shard).to_pylist()
    }
    for head in model.heads:
        row, name = rows.get((head.stack, head.layer, head.head)), model.overview.map
        if row is None or name not in head.maps:
            continue
        codes = head_map(store, model, head, name).overview_codes(model.overview.count)
        same = all(
            np.array_equal(points.ravel(), np.array(row[side], np.uint8))
            for side, points in zip(("queries", "keys"), codes, strict=True)
        )
        findings.compare(
            f"{model.name} {model.head_id(head)}, overview", "points are those of its map",
            stated=same, recomputed=True,
        )  # fmt: skip
