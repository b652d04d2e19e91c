"""What a report says of its documents: how many, of which source, in which groups, how many tokens,
and which of them maps show."""

from __future__ import annotations

import numpy as np

from attnviz.audit.findings import Findings
from attnviz.audit.stored_maps import head_map
from attnviz.format.manifest import Model
from attnviz.maps.sample import sample_documents
from attnviz.reader.store import ShardStore


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
        again = sample_documents(lengths, len(sample), store.manifest.provenance.seed)
        findings.compare(
            place, "the tokens on maps are those that the seed draws",
            stated=bool(np.array_equal(sample, again)), recomputed=True,
        )  # fmt: skip


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
